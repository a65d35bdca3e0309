//! The rows of one block as one leaf has them.

use std::{ops::RangeInclusive, sync::Arc};

use arrow::{
    array::{Array, AsArray, BooleanArray, BooleanBufferBuilder, Int64Array, UInt32Array},
    buffer::BooleanBuffer,
    compute::FilterBuilder,
    datatypes::Int64Type,
    record_batch::RecordBatch,
};
use kql_types::Ticks;

use super::{
    Runs,
    block::{Block, Selection},
    column::StoredColumn,
};
use crate::{arrival::Arrived, error::EngineError, evidence::MemberId, plan::layout::LeafLayout};

/// Rows that are handed on at a time, where they stand several times.
const SPREAD_ROWS: usize = 8_192;

/// The rows of a block that a leaf wants.
#[derive(Clone, Debug)]
pub(crate) struct LeafBlock {
    block: Arc<Block>,
    selection: Arc<Selection>,
}

/// Rows that several runs see, once for each, and the times of those runs.
pub(super) type OfRuns = (RecordBatch, Vec<Ticks>);

impl LeafBlock {
    /// Returns for each leaf that has rows in a block the leaf's number and what it has there.
    pub(super) fn all(mut block: Block) -> impl Iterator<Item = (usize, Self)> {
        let selections = block.take_selections();
        let block = Arc::new(block);
        selections.into_iter().filter(|selection| selection.count > 0).map(move |selection| {
            let (block, leaf) = (Arc::clone(&block), selection.leaf.leaf);
            (leaf, Self { block, selection: Arc::new(selection) })
        })
    }

    /// Returns how many rows it has.
    pub(crate) fn rows(&self) -> usize {
        self.selection.count
    }

    /// Tells whether a row may lie within a window, as far as that is known without reading.
    pub(crate) fn may_have_rows(&self, window: Option<&RangeInclusive<Ticks>>) -> bool {
        let Some(window) = window else { return true };
        let overlap = |times: &RangeInclusive<Ticks>| {
            times.end() >= window.start() && window.end() >= times.start()
        };
        self.selection.times.as_ref().is_some_and(overlap)
    }

    /// Returns the rows, or those within a window; `None` without reading any if there are none.
    ///
    /// # Errors
    ///
    /// If a temporary file cannot be read.
    pub(crate) fn read(
        &self,
        window: Option<&RangeInclusive<Ticks>>,
    ) -> Result<Option<RecordBatch>, EngineError> {
        self.read_arrived(window, None)
    }

    /// Returns the rows within a window, or those of them that have arrived.
    ///
    /// # Errors
    ///
    /// If a temporary file cannot be read.
    pub(super) fn read_arrived(
        &self,
        window: Option<&RangeInclusive<Ticks>>,
        arrived: Option<&Arrived>,
    ) -> Result<Option<RecordBatch>, EngineError> {
        let Selection { leaf: layout, rows, .. } = &*self.selection;
        if window.is_some() && !layout.is_timed() {
            return Err(EngineError::Internal {
                what: "rows whose times nobody kept are in no window",
            });
        }
        if !self.may_have_rows(window) {
            return Ok(None);
        }
        let columns = self.block.columns(layout.wanted())?;
        let rows = match window {
            Some(window) => {
                let times = times(layout, &columns)?;
                let rows = within(times.as_ref(), rows, window);
                match (times, arrived) {
                    (Some(times), Some(arrived)) => self.arrived(&times, &rows, arrived)?,
                    _ => rows,
                }
            }
            None => rows.clone(),
        };
        let filter = FilterBuilder::new(&BooleanArray::new(rows, None)).optimize().build();
        let filtered = columns.iter().map(|column| column.filter(&filter));
        let columns = filtered.collect::<Result<Vec<_>, _>>().map_err(EngineError::Batch)?;
        layout.rows(&columns, filter.count()).map(Some).map_err(EngineError::Batch)
    }

    /// Returns those of some rows, all of which have a time, that have arrived.
    fn arrived(
        &self,
        times: &Int64Array,
        rows: &BooleanBuffer,
        arrived: &Arrived,
    ) -> Result<BooleanBuffer, EngineError> {
        const NO_RECORD: EngineError =
            EngineError::Internal { what: "rows whose records nobody kept have not arrived" };
        const NEGATIVE_LINE: EngineError =
            EngineError::Internal { what: "a record has a negative place in its file" };
        let columns = self.block.columns(&self.selection.leaf.record().ok_or(NO_RECORD)?)?;
        let [lines, members] = columns.as_slice() else { return Err(NO_RECORD) };
        let long = |column: &StoredColumn| {
            let values = column.values().map_err(EngineError::Batch)?;
            values.as_primitive_opt::<Int64Type>().cloned().ok_or(NO_RECORD)
        };
        let (lines, members) = (long(lines)?, long(members)?);
        let mut has_arrived = BooleanBufferBuilder::new(rows.len());
        for row in 0..rows.len() {
            let sees = rows.value(row) && {
                let line = u64::try_from(lines.value(row)).map_err(|_| NEGATIVE_LINE)?;
                arrived.sees(MemberId::decode(members.value(row)), line, times.value(row))
            };
            has_arrived.append(sees);
        }
        Ok(has_arrived.finish())
    }

    /// Returns the times of the rows' records that have one.
    ///
    /// # Errors
    ///
    /// If a temporary file cannot be read.
    pub(crate) fn times(&self) -> Result<Vec<Ticks>, EngineError> {
        let Selection { leaf: layout, rows, .. } = &*self.selection;
        let column = layout.time().and_then(|place| layout.wanted().get(place));
        let Some(column) = column else { return Ok(Vec::new()) };
        let columns = self.block.columns(std::slice::from_ref(column))?;
        let times = columns.first().map(StoredColumn::values).transpose();
        let times = times.map_err(EngineError::Batch)?;
        let times = times.as_ref().and_then(|it| it.as_primitive_opt::<Int64Type>());
        let times = times.ok_or(EngineError::Internal { what: "stored times are not numbers" })?;
        let valid = rows.set_indices().filter(|row| times.is_valid(*row));
        Ok(valid.map(|row| times.value(row)).collect())
    }

    /// Returns all rows, with the times of their records.
    ///
    /// # Errors
    ///
    /// If a temporary file cannot be read, or the times of the rows were not stored.
    pub(crate) fn read_with_times(&self) -> Result<(RecordBatch, Int64Array), EngineError> {
        const NO_TIMES: EngineError = EngineError::Internal { what: "rows have no stored times" };
        let Selection { leaf: layout, rows, .. } = &*self.selection;
        let columns = self.block.columns(layout.wanted())?;
        let times = times(layout, &columns)?.ok_or(NO_TIMES)?;
        let rows = BooleanArray::new(rows.clone(), None);
        let times = arrow::compute::filter(&times, &rows).map_err(EngineError::Batch)?;
        let times = times.as_primitive_opt::<Int64Type>().cloned().ok_or(NO_TIMES)?;
        let rows = self.read(None)?.ok_or(EngineError::Internal { what: "a block has no rows" })?;
        Ok((rows, times))
    }

    /// Returns the rows, each for every run that sees it, with the runs' times.
    ///
    /// # Errors
    ///
    /// If a temporary file cannot be read, or the times of the rows were not stored.
    ///
    /// - `block`: the number of this block among those of the leaf.
    pub(super) fn of_runs(&self, runs: &Runs, block: usize) -> Result<Vec<OfRuns>, EngineError> {
        let mut all = Vec::new();
        let Selection { leaf: layout, rows, .. } = &*self.selection;
        if !layout.is_timed() {
            return Err(EngineError::Internal {
                what: "rows whose times nobody kept are in no run",
            });
        }
        if !runs.all().is_some_and(|all| self.may_have_rows(Some(&all))) {
            return Ok(all);
        }
        let columns = self.block.columns(layout.wanted())?;
        let Some(times) = times(layout, &columns)? else { return Ok(all) };
        let (mut places, mut of_runs) = (Vec::new(), Vec::new());
        let mut hand_on = |places: &mut Vec<u32>, of_runs: &mut Vec<Ticks>| {
            let places = UInt32Array::from(std::mem::take(places));
            let taken = columns.iter().map(|column| column.take(&places));
            let taken: Vec<_> = taken.collect::<Result<_, _>>().map_err(EngineError::Batch)?;
            let taken = layout.rows(&taken, places.len()).map_err(EngineError::Batch)?;
            all.push((taken, std::mem::take(of_runs)));
            Ok::<_, EngineError>(())
        };
        let seeing = runs.seeing(layout.leaf, block)?;
        for (number, row) in rows.set_indices().enumerate().filter(|(_, row)| times.is_valid(*row))
        {
            let place = u32::try_from(row)
                .map_err(|_| EngineError::Internal { what: "a block has too many rows" })?;
            for run in seeing.runs(number, times.value(row)) {
                places.push(place);
                of_runs.push(run);
            }
            if places.len() >= SPREAD_ROWS {
                hand_on(&mut places, &mut of_runs)?;
            }
        }
        if !places.is_empty() {
            hand_on(&mut places, &mut of_runs)?;
        }
        Ok(all)
    }
}

/// Returns the times of the rows' records.
fn times(layout: &LeafLayout, columns: &[StoredColumn]) -> Result<Option<Int64Array>, EngineError> {
    let Some(times) = layout.time().and_then(|place| columns.get(place)) else { return Ok(None) };
    let times = times.values().map_err(EngineError::Batch)?;
    Ok(times.as_primitive_opt::<Int64Type>().cloned())
}

/// Returns those of some rows that lie within a window. One without a time lies in none.
fn within(
    times: Option<&Int64Array>,
    rows: &BooleanBuffer,
    window: &RangeInclusive<Ticks>,
) -> BooleanBuffer {
    let Some(times) = times else { return BooleanBuffer::new_unset(rows.len()) };
    let is_inside = |row: usize| times.is_valid(row) && window.contains(&times.value(row));
    let inside = BooleanBuffer::collect_bool(times.len(), is_inside);
    rows & &inside
}
