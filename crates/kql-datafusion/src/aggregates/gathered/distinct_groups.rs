//! The different texts of each group, counted for all groups at once.
//!
//! A text that many groups have is kept once, and has a number; a group keeps the numbers of its texts. So
//! a row costs one look into a table of all texts, which is small where texts repeat themselves, and one
//! into a table of four bytes a text for its group, instead of several into places that each group has far
//! from those of the others.

use std::{hash::BuildHasher, mem::size_of, str, sync::Arc};

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array};
use datafusion_common::{
    Result, ScalarValue, exec_datafusion_err, internal_datafusion_err, internal_err,
};
use datafusion_expr::{EmitTo, GroupsAccumulator};
use hashbrown::{DefaultHashBuilder, HashTable, hash_table::Entry};

use super::texts::{Texts, texts_of};

/// What a text takes in a state beside its bytes.
const STATE_BYTES: usize = size_of::<i64>();

/// The groups, and the texts of all of them.
#[derive(Debug, Default)]
pub(super) struct DistinctGroups {
    texts: Numbered,
    groups: Vec<HashTable<u32>>,
    /// What the groups' tables take.
    table_bytes: usize,
    /// What their texts would take as states, each group's by themselves.
    state_bytes: usize,
}

impl DistinctGroups {
    /// Adds a text to a group.
    fn add(&mut self, group: usize, text: &str) -> Result<()> {
        let number = self.texts.number(text)?;
        let Some(table) = self.groups.get_mut(group) else {
            return internal_err!("a row is of a group that there is not");
        };
        let before = table.allocation_size();
        let entry = table.entry(spread(number), |known| *known == number, |it| spread(*it));
        if let Entry::Vacant(place) = entry {
            place.insert(number);
            let after = table.allocation_size();
            self.table_bytes = self.table_bytes.saturating_sub(before).saturating_add(after);
            let state_bytes = text.len().saturating_add(STATE_BYTES);
            self.state_bytes = self.state_bytes.saturating_add(state_bytes);
        }
        Ok(())
    }

    /// Takes the first groups out.
    fn take(&mut self, emit_to: EmitTo) -> Vec<HashTable<u32>> {
        let taken = emit_to.take_needed(&mut self.groups);
        for table in &taken {
            self.table_bytes = self.table_bytes.saturating_sub(table.allocation_size());
            for number in table {
                let state_bytes = self.texts.get(*number).len().saturating_add(STATE_BYTES);
                self.state_bytes = self.state_bytes.saturating_sub(state_bytes);
            }
        }
        taken
    }

    /// Forgets the texts if no group is left that has them.
    fn forget(&mut self) {
        if self.groups.is_empty() {
            *self = Self::default();
        }
    }
}

impl GroupsAccumulator for DistinctGroups {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        let [texts] = values else { return internal_err!("the texts are one column") };
        let texts = texts
            .as_string_view_opt()
            .ok_or_else(|| exec_datafusion_err!("texts of type {}", texts.data_type()))?;
        self.groups.resize_with(total_num_groups.max(self.groups.len()), HashTable::new);
        let accepts = |filter: &BooleanArray, row| filter.is_valid(row) && filter.value(row);
        for (row, group) in group_indices.iter().enumerate() {
            if texts.is_valid(row) && opt_filter.is_none_or(|it| accepts(it, row)) {
                self.add(*group, texts.value(row))?;
            }
        }
        Ok(())
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        let [lists] = values else { return internal_err!("the states are one column") };
        let lists = lists
            .as_list_opt::<i32>()
            .ok_or_else(|| exec_datafusion_err!("states of type {}", lists.data_type()))?;
        self.groups.resize_with(total_num_groups.max(self.groups.len()), HashTable::new);
        for (row, group) in group_indices.iter().enumerate() {
            if lists.is_valid(row) {
                let texts = lists.value(row);
                texts_of(&texts)?.flatten().try_for_each(|text| self.add(*group, text))?;
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let counts = self.take(emit_to).into_iter().map(|table| i64::try_from(table.len()).ok());
        let counts: Int64Array = counts.collect();
        self.forget();
        Ok(Arc::new(counts))
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let mut states = Vec::new();
        for table in self.take(emit_to) {
            let mut texts = Texts::default();
            for number in &table {
                let text = str::from_utf8(self.texts.get(*number));
                let text = text.map_err(|_| internal_datafusion_err!("a text is cut in two"))?;
                texts.push(Some(text))?;
            }
            states.push(texts.take_state()?);
        }
        self.forget();
        Ok(vec![ScalarValue::iter_to_array(states)?])
    }

    /// Each row by itself.
    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, Array::len);
        let mut each = Self::default();
        each.update_batch(values, &(0..rows).collect::<Vec<_>>(), opt_filter, rows)?;
        each.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        let groups = self.groups.capacity().saturating_mul(size_of::<HashTable<u32>>());
        [self.texts.size(), groups, self.table_bytes, self.state_bytes]
            .into_iter()
            .fold(0, usize::saturating_add)
    }
}

/// Returns the hash of a number: numbers of one group are few of those that follow each other.
fn spread(number: u32) -> u64 {
    u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32)
}

/// Different texts, each with a number from 0, in the order in which they came.
#[derive(Debug, Default)]
struct Numbered {
    bytes: Vec<u8>,
    /// Where each text ends.
    ends: Vec<usize>,
    table: HashTable<u32>,
    /// Its keys are random: logs are not to choose which texts fall into one place.
    hasher: DefaultHashBuilder,
}

impl Numbered {
    /// Returns a text's number.
    ///
    /// # Errors
    ///
    /// If there are more texts than numbers.
    fn number(&mut self, text: &str) -> Result<u32> {
        let Self { bytes, ends, table, hasher } = self;
        let hash_of = |number: &u32| hasher.hash_one(bytes_of(bytes, ends, *number));
        let is_same = |number: &u32| bytes_of(bytes, ends, *number) == text.as_bytes();
        match table.entry(hasher.hash_one(text.as_bytes()), is_same, hash_of) {
            Entry::Occupied(known) => Ok(*known.get()),
            Entry::Vacant(place) => {
                let next = u32::try_from(ends.len())
                    .map_err(|_| exec_datafusion_err!("more than 4,294,967,295 different texts"))?;
                place.insert(next);
                bytes.extend_from_slice(text.as_bytes());
                ends.push(bytes.len());
                Ok(next)
            }
        }
    }

    /// Returns the bytes of a number's text.
    fn get(&self, number: u32) -> &[u8] {
        bytes_of(&self.bytes, &self.ends, number)
    }

    fn size(&self) -> usize {
        let ends = self.ends.capacity().saturating_mul(size_of::<usize>());
        let bytes = self.bytes.capacity().saturating_add(ends);
        bytes.saturating_add(self.table.allocation_size())
    }
}

/// Returns the bytes of a number's text; those of a number that there is not are none.
fn bytes_of<'a>(bytes: &'a [u8], ends: &[usize], number: u32) -> &'a [u8] {
    let number = number as usize;
    let end = |number: usize| ends.get(number).copied();
    let start = number.checked_sub(1).map_or(Some(0), end);
    start.zip(end(number)).and_then(|(start, end)| bytes.get(start..end)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use arrow::array::StringViewArray;
    use proptest::prelude::*;

    use super::*;

    /// What is done to an accumulator.
    #[derive(Clone, Debug)]
    enum Step {
        /// Rows: the group, the text, and whether the filter accepts it, if it says.
        Rows(Vec<(usize, Option<String>, Option<bool>)>),
        /// The first groups leave, as their counts.
        Leave(usize),
        /// All groups go to disk and come back.
        Return,
    }

    fn step() -> impl Strategy<Value = Step> {
        let text =
            proptest::option::weighted(0.9, "[ab\u{e9}]{0,2}|a longer text than fits a view[0-9]");
        let row =
            (0..6_usize, text, proptest::option::weighted(0.9, proptest::bool::weighted(0.8)));
        prop_oneof![
            4 => proptest::collection::vec(row, 0..40).prop_map(Step::Rows),
            1 => (0..4_usize).prop_map(Step::Leave),
            1 => Just(Step::Return),
        ]
    }

    fn counts(array: &ArrayRef) -> Vec<i64> {
        array.as_primitive::<arrow::datatypes::Int64Type>().values().to_vec()
    }

    fn length(set: &HashSet<String>) -> i64 {
        i64::try_from(set.len()).unwrap()
    }

    proptest! {
        #[test]
        fn counts_are_those_of_sets(steps in proptest::collection::vec(step(), 0..12)) {
            let mut groups = DistinctGroups::default();
            let mut sets: Vec<HashSet<String>> = Vec::new();
            for step in steps {
                match step {
                    Step::Rows(rows) => {
                        let all = rows.iter().map(|row| row.0.saturating_add(1)).max().unwrap_or(0);
                        sets.resize_with(all.max(sets.len()), HashSet::new);
                        for (group, text, accepted) in &rows {
                            if let (Some(text), Some(true)) = (text, accepted) {
                                sets[*group].insert(text.clone());
                            }
                        }
                        let of: Vec<usize> = rows.iter().map(|row| row.0).collect();
                        let texts: StringViewArray = rows.iter().map(|row| row.1.as_deref()).collect();
                        let filter: BooleanArray = rows.iter().map(|row| row.2).collect();
                        let texts: [ArrayRef; 1] = [Arc::new(texts)];
                        groups.update_batch(&texts, &of, Some(&filter), sets.len()).unwrap();
                    }
                    Step::Leave(first) => {
                        let first = first.min(sets.len());
                        let left: Vec<i64> = sets.drain(..first).map(|set| length(&set)).collect();
                        let found = groups.evaluate(EmitTo::First(first)).unwrap();
                        prop_assert_eq!(counts(&found), left);
                    }
                    Step::Return => {
                        if sets.is_empty() {
                            continue;
                        }
                        let states = groups.state(EmitTo::All).unwrap();
                        prop_assert_eq!(groups.size(), DistinctGroups::default().size());
                        let of: Vec<usize> = (0..sets.len()).collect();
                        groups.merge_batch(&states, &of, sets.len()).unwrap();
                    }
                }
            }
            let found = groups.evaluate(EmitTo::All).unwrap();
            prop_assert_eq!(counts(&found), sets.iter().map(length).collect::<Vec<_>>());
            prop_assert_eq!(groups.state_bytes, 0);
            prop_assert_eq!(groups.table_bytes, 0);
        }
    }
}
