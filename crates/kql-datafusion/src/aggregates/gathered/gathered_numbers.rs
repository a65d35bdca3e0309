//! Gathers the numbers of a group for their ranks: those that come often once, with how often.
//!
//! Most columns that people rank have few values that differ, ports or durations say, however many rows
//! there are. A group begins with its numbers as they come, and counts them when that takes less.

use std::{
    mem::size_of,
    num::NonZeroUsize,
    sync::{Arc, LazyLock},
};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, ListArray},
    buffer::OffsetBuffer,
    compute::cast,
    datatypes::{DataType, Field, FieldRef, Float64Type, Int64Type},
};
use datafusion_common::{Result, ScalarValue, exec_datafusion_err, exec_err, internal_err};
use datafusion_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility,
    function::{AccumulatorArgs, StateFieldsArgs},
};
use hashbrown::HashMap;

use super::list_states::each_list;
use crate::functions::math_kernels::{Ranks, key_of_real};

/// Numbers of a group after which it is seen for the first time whether counting takes less.
const FIRST_LOOK: usize = 1 << 14;
/// How many times as many there are when it is looked at again.
const LOOK_AGAIN: usize = 4;
/// What a number takes that is counted, beside one that is not.
const COUNTED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(2);

/// Returns the aggregate function: longs to what [`Ranks`] reads; null is left out.
pub(in crate::aggregates) fn all_longs() -> Arc<AggregateUDF> {
    static FUNCTION: LazyLock<Arc<AggregateUDF>> =
        LazyLock::new(|| function("kql_longs", DataType::Int64));
    Arc::clone(&FUNCTION)
}

/// Returns the aggregate function: reals to what [`Ranks`] reads; null is left out.
pub(in crate::aggregates) fn all_reals() -> Arc<AggregateUDF> {
    static FUNCTION: LazyLock<Arc<AggregateUDF>> =
        LazyLock::new(|| function("kql_reals", DataType::Float64));
    Arc::clone(&FUNCTION)
}

fn function(name: &'static str, number: DataType) -> Arc<AggregateUDF> {
    let signature = Signature::exact(vec![number], Volatility::Immutable);
    Arc::new(AggregateUDF::new_from_impl(GatheredNumbers { name, signature }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct GatheredNumbers {
    name: &'static str,
    signature: Signature,
}

fn list_type() -> DataType {
    DataType::new_list(DataType::Int64, true)
}

impl AggregateUDFImpl for GatheredNumbers {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(list_type())
    }

    fn accumulator(&self, _args: AccumulatorArgs<'_>) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(Numbers::default()))
    }

    fn groups_accumulator_supported(&self, _args: AccumulatorArgs<'_>) -> bool {
        true
    }

    fn create_groups_accumulator(
        &self,
        _args: AccumulatorArgs<'_>,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(GroupedNumbers::default()))
    }

    fn state_fields(&self, args: StateFieldsArgs<'_>) -> Result<Vec<FieldRef>> {
        Ok(vec![Arc::new(Field::new(format!("{}[numbers]", args.name), list_type(), true))])
    }
}

/// The numbers of a group so far, as keys that have their order.
#[derive(Debug, Default)]
struct Numbers {
    plain: Vec<i64>,
    /// How often those have come that are counted.
    counted: HashMap<i64, i64>,
    is_counting: bool,
    /// How many numbers there were when it was last seen whether counting takes less.
    looked_at: usize,
}

impl Numbers {
    fn add(&mut self, number: i64) {
        if self.is_counting {
            self.count(number, 1);
            return;
        }
        self.plain.push(number);
        if self.plain.len() >= self.looked_at.saturating_mul(LOOK_AGAIN).max(FIRST_LOOK) {
            self.looked_at = self.plain.len();
            self.count_if_that_takes_less();
        }
    }

    fn count_if_that_takes_less(&mut self) {
        let most = self.plain.len() / COUNTED;
        let mut counted: HashMap<i64, i64> = HashMap::new();
        for number in &self.plain {
            let count = counted.entry(*number).or_insert(0);
            *count = count.saturating_add(1);
            if counted.len() > most {
                return;
            }
        }
        self.is_counting = true;
        self.plain = Vec::new();
        // States of other parts of the group may have been counted before.
        for (number, times) in counted {
            self.count(number, times);
        }
    }

    fn count(&mut self, number: i64, times: i64) {
        let count = self.counted.entry(number).or_insert(0);
        *count = count.saturating_add(times);
    }

    /// Adds what the state of another part of the group has.
    fn merge(&mut self, state: &dyn Array) -> Result<()> {
        let state = state
            .as_primitive_opt::<Int64Type>()
            .ok_or_else(|| exec_datafusion_err!("numbers of type {}", state.data_type()))?;
        let ranks = Ranks::of(state.values())?;
        for (number, times) in ranks.counted() {
            self.count(number, times);
        }
        ranks.plain().iter().for_each(|number| self.add(*number));
        Ok(())
    }

    /// Writes the numbers in the form that [`Ranks`] reads, and forgets them.
    fn write(&mut self, to: &mut Vec<i64>) {
        let Self { plain, counted, .. } = std::mem::take(self);
        let mut counted: Vec<(i64, i64)> = counted.into_iter().collect();
        counted.sort_unstable();
        Ranks::write(&counted, &plain, to);
    }

    fn take_list(&mut self) -> Result<ScalarValue> {
        let mut written = Vec::new();
        self.write(&mut written);
        let all = written.len();
        Ok(ScalarValue::List(Arc::new(lists_of(written, &[all])?)))
    }

    /// Returns the bytes that they take, and writing them will.
    fn bytes(&self) -> usize {
        let plain = self.plain.capacity().saturating_add(self.plain.len());
        let counted = self.counted.capacity().saturating_add(self.counted.len()).saturating_mul(2);
        plain.saturating_add(counted).saturating_mul(size_of::<i64>())
    }
}

/// Divides numbers into lists of these lengths.
fn lists_of(numbers: Vec<i64>, lengths: &[usize]) -> Result<ListArray> {
    if i32::try_from(numbers.len()).is_err() {
        return exec_err!("more than {} numbers to be ranked at a time", i32::MAX);
    }
    let offsets = OffsetBuffer::from_lengths(lengths.iter().copied());
    let field = Arc::new(Field::new_list_field(DataType::Int64, true));
    Ok(ListArray::try_new(field, offsets, Arc::new(Int64Array::from(numbers)), None)?)
}

/// Returns the keys of an argument's numbers.
fn keys(numbers: &ArrayRef) -> Result<Int64Array> {
    if let Some(reals) = numbers.as_primitive_opt::<Float64Type>() {
        return Ok(reals.unary(key_of_real));
    }
    Ok(cast(numbers, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
}

impl Accumulator for Numbers {
    fn update_batch(&mut self, values: &[ArrayRef]) -> Result<()> {
        for numbers in values {
            keys(numbers)?.iter().flatten().for_each(|number| self.add(number));
        }
        Ok(())
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        self.take_list()
    }

    fn size(&self) -> usize {
        size_of::<Self>().saturating_add(self.bytes())
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.take_list()?])
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        each_list(states, |numbers| self.merge(numbers))
    }
}

/// The numbers of all groups so far.
#[derive(Debug, Default)]
struct GroupedNumbers {
    groups: Vec<Numbers>,
    /// What the groups take.
    bytes: usize,
}

impl GroupedNumbers {
    fn make_room(&mut self, groups: usize) {
        if self.groups.len() < groups {
            self.groups.resize_with(groups, Numbers::default);
        }
    }

    fn add_to(&mut self, group: usize, add: impl FnOnce(&mut Numbers) -> Result<()>) -> Result<()> {
        let Some(group) = self.groups.get_mut(group) else {
            return internal_err!("a row is of a group that there is not");
        };
        let before = group.bytes();
        add(group)?;
        self.bytes = self.bytes.saturating_sub(before).saturating_add(group.bytes());
        Ok(())
    }

    fn take_lists(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let (mut written, mut lengths) = (Vec::new(), Vec::new());
        for mut group in emit_to.take_needed(&mut self.groups) {
            let before = written.len();
            group.write(&mut written);
            lengths.push(written.len().saturating_sub(before));
        }
        self.bytes = self.groups.iter().map(Numbers::bytes).fold(0, usize::saturating_add);
        Ok(Arc::new(lists_of(written, &lengths)?))
    }
}

impl GroupsAccumulator for GroupedNumbers {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        let [numbers] = values else { return internal_err!("numbers are missing") };
        let numbers = keys(numbers)?;
        self.make_room(total_num_groups);
        for (row, group) in group_indices.iter().enumerate() {
            let is_filtered = |filter: &BooleanArray| !filter.is_valid(row) || !filter.value(row);
            if numbers.is_valid(row) && !opt_filter.is_some_and(is_filtered) {
                self.add_to(*group, |of_group| {
                    of_group.add(numbers.value(row));
                    Ok(())
                })?;
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
        let [lists] = values else { return internal_err!("states are missing") };
        let lists = lists
            .as_list_opt::<i32>()
            .ok_or_else(|| exec_datafusion_err!("states of type {}", lists.data_type()))?;
        self.make_room(total_num_groups);
        for (row, group) in group_indices.iter().enumerate() {
            if lists.is_valid(row) {
                self.add_to(*group, |of_group| of_group.merge(&lists.value(row)))?;
            }
        }
        Ok(())
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        self.take_lists(emit_to)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.take_lists(emit_to)?])
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
        let groups = self.groups.capacity().saturating_mul(size_of::<Numbers>());
        groups.saturating_add(self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns the ranks of numbers that come in parts, each of which is a state in between.
    fn ranks(parts: &[Vec<i64>]) -> Vec<i64> {
        let mut whole = Numbers::default();
        for part in parts {
            let mut numbers = Numbers::default();
            for number in part {
                numbers.add(*number);
            }
            let mut state = Vec::new();
            numbers.write(&mut state);
            assert!(numbers.plain.is_empty() && numbers.counted.is_empty());
            whole.merge(&Int64Array::from(state)).unwrap();
        }
        let mut written = Vec::new();
        whole.write(&mut written);
        let ranks = Ranks::of(&written).unwrap();
        let mut all = ranks.plain().to_vec();
        for (number, times) in ranks.counted() {
            all.extend(std::iter::repeat_n(number, usize::try_from(times).unwrap()));
        }
        all.sort_unstable();
        all
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Whether they are counted or not, and however often they are merged.
        #[test]
        fn no_number_is_lost(
            few in proptest::collection::vec(-3..4_i64, 0..50_000),
            many in proptest::collection::vec(any::<i64>(), 0..20_000),
        ) {
            let mut expected: Vec<i64> = few.iter().chain(&many).copied().collect();
            expected.sort_unstable();
            prop_assert_eq!(ranks(&[few.clone(), many.clone()]), expected.clone());
            prop_assert_eq!(ranks(&[many, few]), expected);
        }
    }

    #[test]
    fn numbers_that_repeat_themselves_take_little() {
        let mut numbers = Numbers::default();
        (0..1_000_000).for_each(|row| numbers.add(row % 1_000));
        assert!(numbers.bytes() < 100_000, "{}", numbers.bytes());
        // Only after a while do they turn out to.
        let mut later = Numbers::default();
        (0..1_000_000).for_each(|row| later.add(row % 15_000));
        assert!(later.bytes() < 1_000_000, "{}", later.bytes());
        let mut others = Numbers::default();
        (0..100_000).for_each(|row| others.add(row));
        assert!(others.bytes() < 100_000 * 8 * 4, "{}", others.bytes());
    }
}
