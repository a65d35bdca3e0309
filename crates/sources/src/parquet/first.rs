//! Which rows of a file come first by one of its columns, found by reading that column alone.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
};

use arrow_array::{ArrayRef, Int64Array, cast::AsArray, types::Int64Type};
use arrow_cast::cast;
use arrow_schema::DataType;
use kql_types::KqlType;
use parquet::{arrow::arrow_reader::RowSelection, errors::Result};

use super::{convert::convert, file::ParquetFile, test::Place};
use crate::request::First;

/// The rows that suffice of a file.
#[derive(Clone, Debug)]
pub(crate) struct FirstRows {
    first: First,
    /// The column's name in the file.
    name: String,
    /// The rank of the last of them, once it is known.
    least: Option<i64>,
}

impl FirstRows {
    /// Returns which rows suffice; `None` where that cannot be told by numbers, so that all have to be
    /// read.
    pub(super) fn new(file: &ParquetFile, first: &First, place: &Place) -> Option<Self> {
        let Place::File(name) = place else { return None };
        let stored = file.schema.field_with_name(name).ok()?.data_type();
        let is_number = match first.column.ty {
            KqlType::Datetime => matches!(stored, DataType::Timestamp(..)),
            KqlType::Int | KqlType::Long => stored.is_signed_integer(),
            _ => false,
        };
        is_number.then(|| Self { first: first.clone(), name: name.clone(), least: None })
    }

    /// Leaves out row groups that have none of the rows, as far as statistics tell; returns how many
    /// rows they have.
    pub(super) fn leave_out(&self, file: &ParquetFile, groups: &mut Vec<usize>) -> u64 {
        let statistics = file.statistics();
        let bounds = |group: &usize| {
            let group = file.parquet_metadata().row_groups().get(*group)?;
            let bounds = statistics.bounds(group, &self.name, self.first.column.ty)?;
            let rows = u64::try_from(group.num_rows()).ok()?;
            // The least row is the one that comes last.
            let (min, max) = (self.rank(bounds.min), self.rank(bounds.max));
            Some((min.min(max), min.max(max), rows, bounds.nulls))
        };
        let mut known: Vec<_> = groups.iter().filter_map(bounds).collect();
        known.sort_unstable();
        let mut left = self.first.rows;
        // So many rows come at least as early as the least of these groups.
        let mut least = None;
        for (lowest, _, rows, nulls) in known.into_iter().rev() {
            let values = rows.saturating_sub(nulls.unwrap_or(rows));
            left = left.saturating_sub(usize::try_from(values).unwrap_or(usize::MAX));
            if left == 0 {
                least = Some(lowest);
                break;
            }
        }
        let Some(least) = least else { return 0 };
        let mut passed_over = 0_u64;
        groups.retain(|group| match bounds(group) {
            Some((_, highest, rows, nulls))
                if highest < least && !(self.first.has_nulls_first && nulls != Some(0)) =>
            {
                passed_over = passed_over.saturating_add(rows);
                false
            }
            _ => true,
        });
        passed_over
    }

    /// Leaves out row groups that have none of the rows, as their values of the column tell; returns how
    /// many rows they have. A column that cannot be read tells nothing: who reads the rows will be told.
    pub(super) fn leave_out_by_values(
        &mut self,
        file: &ParquetFile,
        groups: &mut Vec<usize>,
    ) -> u64 {
        if groups.len() < 2 {
            return 0;
        }
        let mut first: BinaryHeap<Reverse<i64>> = BinaryHeap::new();
        let mut of_groups = BTreeMap::new();
        for group in groups.iter() {
            let Ok(ranks) = self.ranks(file, *group) else { return 0 };
            for rank in ranks.iter().flatten() {
                if first.len() < self.first.rows {
                    first.push(Reverse(*rank));
                } else if let Some(mut last) = first.peek_mut()
                    && last.0 < *rank
                {
                    last.0 = *rank;
                }
            }
            let highest = ranks.iter().flatten().max().copied();
            of_groups.insert(*group, (highest, ranks.contains(&None), ranks.len()));
        }
        let least = first.peek().filter(|_| first.len() == self.first.rows).map(|last| last.0);
        self.least = least;
        let mut passed_over = 0_u64;
        groups.retain(|group| match (of_groups.get(group), least) {
            (Some((highest, has_nulls, rows)), Some(least))
                if *highest < Some(least) && !(self.first.has_nulls_first && *has_nulls) =>
            {
                passed_over = passed_over.saturating_add(u64::try_from(*rows).unwrap_or(u64::MAX));
                false
            }
            _ => true,
        });
        passed_over
    }

    /// Returns those rows of a row group that may be among the first of the file, those that are equal
    /// to the last of them included.
    pub(super) fn among(&self, file: &ParquetFile, group: usize) -> Result<RowSelection> {
        let ranks = self.ranks(file, group)?;
        let rows = first_rows(&ranks, self.first.rows, self.first.has_nulls_first);
        let is_early = |row: &&usize| {
            let rank = ranks.get(**row).copied().flatten();
            self.least.is_none_or(|least| rank.is_none_or(|rank| rank >= least))
        };
        let rows = rows.iter().filter(is_early).map(|row| *row..row.saturating_add(1));
        Ok(RowSelection::from_consecutive_ranges(rows, ranks.len()))
    }

    /// Reads how early the rows of a row group come.
    fn ranks(&self, file: &ParquetFile, group: usize) -> Result<Vec<Option<i64>>> {
        let place = Place::File(self.name.clone());
        let reader = file
            .builder()?
            .with_row_groups(vec![group])
            .with_projection(file.mask([place].iter()))
            .build()?;
        let mut ranks = Vec::new();
        for batch in reader {
            let batch = batch?;
            let Some(column) = batch.column_by_name(&self.name) else { continue };
            let column = self.numbers(file, column)?;
            ranks.extend(column.iter().map(|value| value.map(|value| self.rank(value))));
        }
        Ok(ranks)
    }

    fn numbers(&self, file: &ParquetFile, column: &ArrayRef) -> Result<Int64Array> {
        let column = match self.first.column.ty {
            KqlType::Datetime => file.forms.times(&self.name, column)?,
            ty => convert(column, ty)?,
        };
        Ok(cast(&column, &DataType::Int64)?.as_primitive::<Int64Type>().clone())
    }

    /// Returns a number that is the greater the earlier a row with this value comes.
    const fn rank(&self, value: i64) -> i64 {
        // Not the negative: the least number has none.
        if self.first.is_descending { value } else { !value }
    }
}

/// Returns the rows that may be among the first, by their keys: the greatest comes first.
fn first_rows(keys: &[Option<i64>], wanted: usize, has_nulls_first: bool) -> Vec<usize> {
    let mut values: Vec<i64> = keys.iter().flatten().copied().collect();
    let nulls = keys.len().saturating_sub(values.len());
    let wanted = if has_nulls_first { wanted.saturating_sub(nulls) } else { wanted };
    let least = match wanted.checked_sub(1) {
        None => None,
        Some(last) if last < values.len() => {
            let (_, least, _) = values.select_nth_unstable_by(last, |a, b| b.cmp(a));
            Some(*least)
        }
        // There are not as many.
        Some(_) => return (0..keys.len()).collect(),
    };
    let is_first = |key: &Option<i64>| match key {
        None => has_nulls_first,
        Some(key) => least.is_some_and(|least| *key >= least),
    };
    keys.iter().enumerate().filter(|(_, key)| is_first(key)).map(|(row, _)| row).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever the order among equals, the first rows are among those that are found.
        #[test]
        fn the_first_rows_are_found(
            keys in proptest::collection::vec(proptest::option::weighted(0.8, -3..4_i64), 0..40),
            wanted in 0..12_usize,
            has_nulls_first: bool,
        ) {
            let found = first_rows(&keys, wanted, has_nulls_first);
            // Nulls are less than any key, or greater.
            let rank = |row: &usize| (keys[*row].is_none() == has_nulls_first, keys[*row]);
            let mut order: Vec<usize> = (0..keys.len()).collect();
            order.sort_by_key(|row| std::cmp::Reverse(rank(row)));
            let last = order.get(wanted.wrapping_sub(1).min(order.len().wrapping_sub(1)));
            for row in 0..keys.len() {
                let is_first = wanted > 0 && last.is_none_or(|last| rank(&row) >= rank(last));
                prop_assert!(!is_first || found.contains(&row), "{row} of {keys:?}: {found:?}");
            }
            prop_assert!(found.is_sorted() && (wanted > 0 || has_nulls_first || found.is_empty()));
        }
    }
}
