//! What is read of a file of kept rows for one request: which columns, of which row groups, tested how.

use std::{collections::BTreeSet, sync::Arc};

use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array, RecordBatch};
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::filter::filter_record_batch;
use kql_types::Ticks;
use parquet::{
    arrow::{
        ProjectionMask,
        arrow_reader::{
            ArrowPredicateFn, ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
            ParquetRecordBatchReaderBuilder, RowFilter,
        },
    },
    errors::{ParquetError, Result},
    file::{metadata::RowGroupMetaData, statistics::Statistics},
};

use super::column::numbers;
use crate::input::chunks::Chunks;
use crate::input::kept::{KeptMembers, LINE_COLUMN, SOURCE_COLUMN, empty_columns};

/// Rows that are decoded at a time.
const BATCH_ROWS: usize = 8192;

/// What one request wants of a file.
pub(super) trait Wanted: Send + Sync {
    /// Returns the columns of the file that tests read.
    fn tested(&self) -> Vec<String>;

    /// Tells which rows pass; `batch` has the columns tested.
    fn passing(&self, batch: &RecordBatch) -> std::result::Result<BooleanArray, ArrowError>;

    /// Tells whether a row group may have rows that pass.
    fn may_pass(&self, bounds: &Bounds<'_>) -> bool;

    /// Returns the columns of the file that rows are made of.
    fn read(&self) -> Vec<String>;

    /// Makes the request's columns of those of the file.
    fn rows(&self, batch: &RecordBatch) -> std::result::Result<Vec<ArrayRef>, ArrowError>;

    /// Returns the schema of the request's columns, the lines behind them.
    fn schema(&self) -> SchemaRef;
}

/// What a row group says of its columns of numbers, times and texts.
pub(super) struct Bounds<'a> {
    file: &'a OpenFile,
    group: &'a RowGroupMetaData,
}

/// A file that has been opened.
pub(super) struct OpenFile {
    chunks: Chunks,
    metadata: ArrowReaderMetadata,
    /// Columns that the file would have if any of its rows had a value.
    empty: BTreeSet<String>,
}

impl OpenFile {
    /// Reads what the file says of itself.
    pub(super) fn new(chunks: Chunks) -> Result<Self> {
        let metadata = ArrowReaderMetadata::load(&chunks, ArrowReaderOptions::default())?;
        let empty = empty_columns(metadata.metadata().file_metadata());
        Ok(Self { chunks, metadata, empty })
    }

    /// Returns the number of row groups.
    pub(super) fn groups(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    /// Tells whether the file has a column.
    pub(super) fn has(&self, name: &str) -> bool {
        self.metadata.schema().index_of(name).is_ok()
    }

    /// Tells whether no row of the file has a value in a column that the file therefore does not have.
    pub(super) fn is_empty(&self, name: &str) -> bool {
        self.empty.contains(name)
    }

    /// Tells whether a row group may have rows that a request wants.
    pub(super) fn may_pass(&self, group: usize, wanted: &dyn Wanted) -> bool {
        let group = self.metadata.metadata().row_groups().get(group);
        group.is_some_and(|group| wanted.may_pass(&Bounds { file: self, group }))
    }

    /// Starts to read the rows of a row group that a request wants.
    pub(super) fn read(
        &self,
        group: usize,
        wanted: &Arc<dyn Wanted>,
    ) -> Result<ParquetRecordBatchReader> {
        let chunks =
            self.chunks.reopen().map_err(|error| ParquetError::External(Box::new(error)))?;
        let metadata = self.metadata.clone();
        let own = [SOURCE_COLUMN, LINE_COLUMN].map(str::to_owned);
        let read = wanted.read().into_iter().chain(own);
        let mut builder = ParquetRecordBatchReaderBuilder::new_with_metadata(chunks, metadata)
            .with_row_groups(vec![group])
            .with_projection(self.mask(read))
            .with_batch_size(BATCH_ROWS);
        let tested = wanted.tested();
        if !tested.is_empty() {
            let wanted = Arc::clone(wanted);
            let test = move |batch: RecordBatch| wanted.passing(&batch);
            let test = ArrowPredicateFn::new(self.mask(tested.into_iter()), test);
            builder = builder.with_row_filter(RowFilter::new(vec![Box::new(test)]));
        }
        builder.build()
    }

    fn mask(&self, names: impl Iterator<Item = String>) -> ProjectionMask {
        let roots = names.filter_map(|name| self.metadata.schema().index_of(&name).ok());
        let schema = self.metadata.metadata().file_metadata().schema_descr();
        ProjectionMask::roots(schema, roots)
    }
}

impl Bounds<'_> {
    /// Returns the least and the greatest number of a column; `None` if nothing is said.
    pub(super) fn numbers(&self, name: &str) -> Option<(i64, i64)> {
        match self.statistics(name)? {
            Statistics::Int32(it) => Some((i64::from(*it.min_opt()?), i64::from(*it.max_opt()?))),
            Statistics::Int64(it) => Some((*it.min_opt()?, *it.max_opt()?)),
            _ => None,
        }
    }

    /// Returns a range that the times of a column lie in, in ticks; `None` if nothing is said.
    pub(super) fn times(&self, name: &str) -> Option<(Ticks, Ticks)> {
        use kql_types::datetime::UNIX_EPOCH;
        let (least, greatest) = self.numbers(name)?;
        let ticks = |micros: i64| micros.checked_mul(10)?.checked_add(UNIX_EPOCH);
        // What a microsecond leaves stands elsewhere.
        Some((ticks(least)?, ticks(greatest)?.checked_add(9)?))
    }

    /// Returns bounds of a column's texts, and whether rows may have none; `None` if nothing is said.
    pub(super) fn texts(&self, name: &str) -> Option<(&[u8], &[u8], bool)> {
        let Statistics::ByteArray(texts) = self.statistics(name)? else { return None };
        let has_nulls = texts.null_count_opt() != Some(0);
        Some((texts.min_opt()?.data(), texts.max_opt()?.data(), has_nulls))
    }

    /// Tells whether the file has a column.
    pub(super) fn has(&self, name: &str) -> bool {
        self.file.has(name)
    }

    fn statistics(&self, name: &str) -> Option<&Statistics> {
        let schema = self.file.metadata.metadata().file_metadata().schema_descr();
        let is_it = |column: &parquet::schema::types::ColumnDescPtr| matches!(column.path().parts(), [only] if only == name);
        self.group.column(schema.columns().iter().position(is_it)?).statistics()
    }
}

/// The rows of a batch as a request wants them, and how many are of members that nobody knows.
///
/// Their last column but one has the places of their members.
pub(super) fn rows(
    batch: &RecordBatch,
    wanted: &dyn Wanted,
    members: &KeptMembers,
) -> std::result::Result<(RecordBatch, u64), ArrowError> {
    let places: Int64Array =
        numbers(batch, SOURCE_COLUMN)?.iter().map(|it| members.place(it?)).collect();
    let strangers = places.null_count();
    let (batch, places) = if strangers > 0 {
        let is_known = places.iter().map(|place| Some(place.is_some())).collect::<BooleanArray>();
        let known = places.iter().flatten().collect::<Int64Array>();
        (filter_record_batch(batch, &is_known)?, known)
    } else {
        (batch.clone(), places)
    };
    let mut columns = wanted.rows(&batch)?;
    columns.push(Arc::new(places));
    columns.push(Arc::new(numbers(&batch, LINE_COLUMN)?.clone()));
    let rows = RecordBatch::try_new(wanted.schema(), columns)?;
    Ok((rows, u64::try_from(strangers).unwrap_or(u64::MAX)))
}
