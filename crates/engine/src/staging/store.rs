//! The batches of all branches, under one memory budget.

use std::{
    num::NonZeroUsize,
    ops::RangeInclusive,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array},
    buffer::Buffer,
    compute::filter_record_batch,
    datatypes::{DataType, Int64Type, SchemaRef},
    record_batch::RecordBatch,
};

use kql_types::Ticks;

use super::spill::SpillFile;
use crate::{
    duplicates,
    error::EngineError,
    evidence::{self, MemberId},
};

/// Rows that use less than this part of the buffers behind them get buffers of their own.
const LEAST_USED_PART: NonZeroUsize = NonZeroUsize::MIN.saturating_add(1);

/// Where a batch stands in the input: the input's index, then the batch's number within it.
pub(crate) type Place = (usize, u64);

/// The branches' batches.
#[derive(Debug)]
pub(crate) struct Staging {
    budget_bytes: usize,
    spill_folder: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    branches: Vec<Staged>,
    memory_bytes: usize,
}

/// What one branch has so far.
#[derive(Debug)]
struct Staged {
    schema: SchemaRef,
    segments: Vec<(Place, StagedBatch)>,
    memory_bytes: usize,
}

/// One batch and the times of its records.
#[derive(Clone, Debug)]
pub(crate) struct StagedBatch {
    /// The first and the last time; `None` if the rows carry no evidence, or no record has a time.
    pub(crate) times: Option<RangeInclusive<Ticks>>,
    /// How many rows it has.
    pub(crate) rows: usize,
    /// Where the rows come from.
    member: MemberId,
    segment: Segment,
    /// Columns of the rows themselves; what tells records apart stands behind.
    columns: usize,
    /// The rows that are no copies, if some are.
    kept: Option<BooleanArray>,
}

/// A batch, wherever it is.
#[derive(Clone, Debug)]
enum Segment {
    /// In memory.
    Memory(RecordBatch),
    /// In a temporary file, by its index there.
    Spilled(Arc<SpillFile>, usize),
}

impl StagedBatch {
    fn new(member: MemberId, batch: RecordBatch) -> Self {
        let schema = batch.schema();
        let names = duplicates::fields().map(|field| field.name().clone());
        let own = schema.fields().iter().take_while(|field| !names.contains(field.name()));
        Self {
            times: times(&batch),
            rows: batch.num_rows(),
            member,
            columns: own.count(),
            segment: Segment::Memory(batch),
            kept: None,
        }
    }

    /// Returns the rows.
    ///
    /// # Errors
    ///
    /// If the temporary file cannot be read.
    pub(crate) fn read(&self) -> Result<RecordBatch, EngineError> {
        let batch = self.stored()?;
        let own: Vec<usize> = (0..self.columns).collect();
        let batch = batch.project(&own).map_err(EngineError::Batch)?;
        match &self.kept {
            Some(kept) => filter_record_batch(&batch, kept).map_err(EngineError::Batch),
            None => Ok(batch),
        }
    }

    /// Tells whether a row may lie within a window, as far as that is known without reading.
    pub(crate) fn may_have_rows(&self, window: Option<&RangeInclusive<Ticks>>) -> bool {
        let Some(window) = window else { return self.rows > 0 };
        let overlap = |times: &RangeInclusive<Ticks>| {
            times.end() >= window.start() && window.end() >= times.start()
        };
        self.rows > 0 && self.times.as_ref().is_some_and(overlap)
    }

    /// Returns where the rows come from.
    pub(crate) fn member(&self) -> MemberId {
        self.member
    }

    /// Returns what tells the rows' records apart, `None` if nothing does.
    ///
    /// # Errors
    ///
    /// If the temporary file cannot be read.
    pub(crate) fn keys(&self) -> Result<Option<[Int64Array; 2]>, EngineError> {
        let batch = self.stored()?;
        let key =
            |index: usize| batch.columns().get(index)?.as_primitive_opt::<Int64Type>().cloned();
        let second = self.columns.saturating_add(1);
        Ok(key(self.columns).zip(key(second)).map(|(first, second)| [first, second]))
    }

    /// Leaves only these rows.
    pub(crate) fn keep(&mut self, rows: BooleanArray) {
        self.rows = rows.true_count();
        self.kept = Some(rows);
    }

    fn stored(&self) -> Result<RecordBatch, EngineError> {
        match &self.segment {
            Segment::Memory(batch) => Ok(batch.clone()),
            Segment::Spilled(file, index) => file.read(*index),
        }
    }
}

impl Staging {
    /// Makes an empty store; `schemas` has one entry for each branch.
    pub(crate) fn new(
        schemas: impl Iterator<Item = SchemaRef>,
        budget_bytes: usize,
        spill_folder: PathBuf,
    ) -> Self {
        let branches = schemas
            .map(|schema| Staged { schema, segments: Vec::new(), memory_bytes: 0 })
            .collect();
        Self { budget_bytes, spill_folder, state: Mutex::new(State { branches, memory_bytes: 0 }) }
    }

    /// Adds rows to a branch, and writes the largest branch to disk if the budget is exceeded.
    ///
    /// # Errors
    ///
    /// If a temporary file cannot be written.
    pub(crate) fn push(
        &self,
        branch: usize,
        place: Place,
        member: MemberId,
        batch: &RecordBatch,
    ) -> Result<(), EngineError> {
        let batch = compact(batch)?;
        let bytes = batch.get_array_memory_size();
        let mut state = self.lock();
        let Some(staged) = state.branches.get_mut(branch) else { return Ok(()) };
        staged.memory_bytes = staged.memory_bytes.saturating_add(bytes);
        staged.segments.push((place, StagedBatch::new(member, batch)));
        state.memory_bytes = state.memory_bytes.saturating_add(bytes);
        if state.memory_bytes > self.budget_bytes {
            self.spill_largest(&mut state)?;
        }
        Ok(())
    }

    /// Ends the pass: each branch's batches, in input order.
    pub(crate) fn finish(self) -> Vec<Vec<StagedBatch>> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        state
            .branches
            .into_iter()
            .map(|mut staged| {
                staged.segments.sort_by_key(|(place, _)| *place);
                staged.segments.into_iter().map(|(_, batch)| batch).collect()
            })
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spill_largest(&self, state: &mut State) -> Result<(), EngineError> {
        let Some(staged) = state.branches.iter_mut().max_by_key(|staged| staged.memory_bytes)
        else {
            return Ok(());
        };
        let in_memory = staged.segments.iter().filter_map(|(_, batch)| match &batch.segment {
            Segment::Memory(batch) => Some(batch),
            Segment::Spilled(..) => None,
        });
        let file = SpillFile::write(&self.spill_folder, &staged.schema, in_memory)?;
        let memory = staged.segments.iter_mut().map(|(_, batch)| &mut batch.segment);
        for (index, segment) in memory.filter(|s| matches!(s, Segment::Memory(_))).enumerate() {
            *segment = Segment::Spilled(Arc::clone(&file), index);
        }
        state.memory_bytes = state.memory_bytes.saturating_sub(staged.memory_bytes);
        staged.memory_bytes = 0;
        Ok(())
    }
}

fn times(batch: &RecordBatch) -> Option<RangeInclusive<Ticks>> {
    let times = evidence::times(batch)?;
    Some(arrow::compute::min(times)?..=arrow::compute::max(times)?)
}

/// Copies what a filtered batch still shares with its reader's buffers, if it uses little of them, so
/// that a few rows kept do not keep megabytes alive.
fn compact(batch: &RecordBatch) -> Result<RecordBatch, EngineError> {
    let columns = batch.columns().iter().map(compact_array).collect();
    let options =
        arrow::record_batch::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(batch.schema(), columns, &options).map_err(EngineError::Batch)
}

fn compact_array(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Utf8View => {
            let texts = array.as_string_view();
            let held = texts.data_buffers().iter().map(Buffer::capacity);
            let held = held.fold(0, usize::saturating_add);
            // Texts of a dictionary, which many rows share, would become more by a copy.
            if texts.total_buffer_bytes_used() < held / LEAST_USED_PART {
                Arc::new(texts.gc())
            } else {
                Arc::clone(array)
            }
        }
        DataType::Struct(_) => {
            let (fields, columns, nulls) = array.as_struct().clone().into_parts();
            let columns = columns.iter().map(compact_array).collect();
            Arc::new(arrow::array::StructArray::new(fields, columns, nulls))
        }
        _ => Arc::clone(array),
    }
}

#[cfg(test)]
mod tests {
    use arrow::{
        array::StringViewArray,
        datatypes::{Field, Schema},
    };

    use super::*;

    fn batch(text: &str) -> RecordBatch {
        let schema = Arc::new(Schema::new(vec![Field::new("t", DataType::Utf8View, false)]));
        RecordBatch::try_new(schema, vec![Arc::new(StringViewArray::from(vec![text]))]).unwrap()
    }

    fn texts(staging: Staging) -> Vec<String> {
        let batches = staging.finish().pop().unwrap();
        batches
            .iter()
            .map(|batch| batch.read().unwrap().column(0).as_string_view().value(0).to_owned())
            .collect()
    }

    fn staging(budget_bytes: usize) -> (Staging, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let schema = batch("").schema();
        (Staging::new([schema].into_iter(), budget_bytes, folder.path().to_owned()), folder)
    }

    #[test]
    fn rows_come_in_input_order_not_in_order_of_arrival() {
        let (staging, _folder) = staging(usize::MAX);
        staging.push(0, (1, 0), MemberId::default(), &batch("third")).unwrap();
        staging.push(0, (0, 1), MemberId::default(), &batch("second")).unwrap();
        staging.push(0, (0, 0), MemberId::default(), &batch("first")).unwrap();
        assert_eq!(texts(staging), ["first", "second", "third"]);
    }

    #[test]
    fn above_the_budget_rows_go_to_disk_and_keep_their_place() {
        let (staging, folder) = staging(0);
        staging
            .push(0, (0, 1), MemberId::default(), &batch("a text longer than a view holds inline"))
            .unwrap();
        staging.push(0, (0, 0), MemberId::default(), &batch("first")).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2);
        assert_eq!(texts(staging), ["first", "a text longer than a view holds inline"]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_is_gone_is_an_error_that_names_it() {
        let (staging, folder) = staging(0);
        let path = folder.path().to_owned();
        drop(folder);
        let error = staging.push(0, (0, 0), MemberId::default(), &batch("x")).unwrap_err();
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    }
}
