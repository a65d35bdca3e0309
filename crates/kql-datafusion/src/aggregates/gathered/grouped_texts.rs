//! What gathers texts, for all groups at once.
//!
//! DataFusion would sort the rows of each batch by group and hand every group a slice of its own, which
//! costs more than what is done with the few rows in it.

use std::mem::size_of;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray};
use datafusion_common::{Result, ScalarValue, exec_datafusion_err, internal_err};
use datafusion_expr::{Accumulator, EmitTo, GroupsAccumulator};

use super::texts::texts_of;

/// An accumulator that takes the texts of its group one at a time.
pub(in crate::aggregates) trait OfTexts: Accumulator + Default {
    /// Takes a text, or null.
    fn add_text(&mut self, text: Option<&str>) -> Result<()>;

    /// Takes note of further arguments, or of a state behind its list, which are the same in every row.
    fn learn(&mut self, further: &[ArrayRef]);
}

/// The accumulators of all groups.
#[derive(Debug)]
pub(in crate::aggregates) struct GroupedTexts<A> {
    groups: Vec<A>,
    make: fn() -> A,
    /// What the groups take.
    bytes: usize,
}

impl<A: OfTexts> GroupedTexts<A> {
    /// Starts without groups.
    pub(in crate::aggregates) fn new(make: fn() -> A) -> Self {
        Self { groups: Vec::new(), make, bytes: 0 }
    }

    /// Calls `add` for each row that the filter accepts, with the row's group.
    fn for_each(
        &mut self,
        groups: &[usize],
        filter: Option<&BooleanArray>,
        all_groups: usize,
        further: &[ArrayRef],
        mut add: impl FnMut(usize, &mut A) -> Result<()>,
    ) -> Result<()> {
        while self.groups.len() < all_groups {
            let mut group = (self.make)();
            group.learn(further);
            self.bytes = self.bytes.saturating_add(group.size());
            self.groups.push(group);
        }
        for (row, group) in groups.iter().enumerate() {
            if filter.is_some_and(|filter| !filter.is_valid(row) || !filter.value(row)) {
                continue;
            }
            let Some(group) = self.groups.get_mut(*group) else {
                return internal_err!("a row is of a group that there is not");
            };
            let before = group.size();
            add(row, group)?;
            self.bytes = self.bytes.saturating_sub(before).saturating_add(group.size());
        }
        Ok(())
    }

    fn take(&mut self, emit_to: EmitTo) -> Vec<A> {
        let taken = emit_to.take_needed(&mut self.groups);
        self.bytes = self.groups.iter().map(Accumulator::size).fold(0, usize::saturating_add);
        taken
    }
}

impl<A: OfTexts + 'static> GroupsAccumulator for GroupedTexts<A> {
    fn update_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        opt_filter: Option<&BooleanArray>,
        total_num_groups: usize,
    ) -> Result<()> {
        let [texts, further @ ..] = values else { return internal_err!("texts are missing") };
        let texts = texts
            .as_string_view_opt()
            .ok_or_else(|| exec_datafusion_err!("texts of type {}", texts.data_type()))?;
        self.for_each(group_indices, opt_filter, total_num_groups, further, |row, group| {
            group.add_text(texts.is_valid(row).then(|| texts.value(row)))
        })
    }

    fn merge_batch(
        &mut self,
        values: &[ArrayRef],
        group_indices: &[usize],
        total_num_groups: usize,
    ) -> Result<()> {
        let [lists, further @ ..] = values else { return internal_err!("states are missing") };
        let lists = lists
            .as_list_opt::<i32>()
            .ok_or_else(|| exec_datafusion_err!("states of type {}", lists.data_type()))?;
        self.for_each(group_indices, None, total_num_groups, further, |row, group| {
            if lists.is_null(row) {
                return Ok(());
            }
            texts_of(&lists.value(row))?.try_for_each(|text| group.add_text(text))
        })
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let values = self.take(emit_to).into_iter().map(|mut group| group.evaluate());
        ScalarValue::iter_to_array(values.collect::<Result<Vec<_>>>()?)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        let mut columns: Vec<Vec<ScalarValue>> = Vec::new();
        for mut group in self.take(emit_to) {
            for (number, value) in group.state()?.into_iter().enumerate() {
                match columns.get_mut(number) {
                    Some(column) => column.push(value),
                    None => columns.push(vec![value]),
                }
            }
        }
        columns.into_iter().map(ScalarValue::iter_to_array).collect()
    }

    /// Each row by itself.
    fn convert_to_state(
        &self,
        values: &[ArrayRef],
        opt_filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        let rows = values.first().map_or(0, Array::len);
        let mut each = Self::new(self.make);
        each.update_batch(values, &(0..rows).collect::<Vec<_>>(), opt_filter, rows)?;
        each.state(EmitTo::All)
    }

    fn size(&self) -> usize {
        self.groups.capacity().saturating_mul(size_of::<A>()).saturating_add(self.bytes)
    }
}
