//! What is read of one Parquet file for a request, part by part.

use std::{collections::BTreeSet, num::NonZeroU64, ops::Range, sync::Arc};

use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch};
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::filter::filter_record_batch;
use kql_types::{
    KqlType,
    schema::{ColumnSchema, TableSchema},
};
use parquet::{
    arrow::arrow_reader::{
        ArrowPredicateFn, ParquetRecordBatchReader, RowFilter, RowSelection, RowSelector,
    },
    errors::Result,
};

use super::{
    convert::{convert, missing, times, unconverted},
    file::ParquetFile,
    first::FirstRows,
    forms::Forms,
    json::write_text,
    plain::plain,
    row_numbers::{line_of, lines, no_line},
    test::{Place, PlacedTest, passing},
};
use crate::{
    dates::TimeForm,
    known::KnownTables,
    losses::{Cause, Losses},
    request::{Allowed, ColumnTest, TableRequest},
    rows::{batch::row_schema, time::TimeNotes},
};

/// Rows that are decoded at a time.
const BATCH_ROWS: usize = 8192;

/// How many blocks of text a part of a row group may be as large as: its columns share a lot, such as
/// dictionaries, that is read again for each part.
const BLOCKS_OF_PART: NonZeroU64 = NonZeroU64::MIN.saturating_add(63);

/// Some rows of a row group: what a thread reads at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    group: usize,
    rows: Range<usize>,
    /// Whether that is all of the group.
    is_whole: bool,
}

/// What a request wants of a file: its parts can be read one by one.
pub(crate) struct TablePlan<'f> {
    file: &'f ParquetFile,
    /// The parts in which something may be wanted, in the order of the file.
    pub(crate) parts: Vec<Part>,
    /// Rows that are left out though they are wanted: others come before them.
    pub(crate) passed_over: u64,
    /// The rows that suffice.
    first: Option<FirstRows>,
    /// The tests of rows.
    alternatives: Arc<Vec<Vec<PlacedTest>>>,
    columns: Vec<ColumnSchema>,
    /// Where each of the columns is.
    sources: Vec<Place>,
    /// Rows, counted from 1, that are none.
    rejected: Arc<BTreeSet<i64>>,
}

impl<'f> TablePlan<'f> {
    /// Plans to read what a request wants of a table, but for the rows `rejected`, counted from 1.
    ///
    /// - `block_bytes`: bytes that a thread works on at a time where it reads text.
    pub(crate) fn new(
        file: &'f ParquetFile,
        table: &TableSchema,
        request: &TableRequest,
        known: &KnownTables,
        rejected: BTreeSet<i64>,
        block_bytes: usize,
    ) -> Self {
        let place = |column: &ColumnSchema| file.place(known, table, column);
        let alternatives = placed_tests(file, &place, request);
        let statistics = file.statistics();
        let groups = file.parquet_metadata().row_groups().iter().enumerate();
        let wanted = groups.filter(|(_, group)| statistics.may_pass(group, &alternatives));
        let groups = wanted.map(|(at, _)| at).collect();
        let sources = request.columns.iter().map(place).collect();
        // What rows of other groups are is not known here.
        let is_whole = alternatives.is_empty() && rejected.is_empty();
        let first = request.first.as_ref().filter(|_| is_whole);
        let first = first.and_then(|first| FirstRows::new(file, first, &place(&first.column)));
        let block = u64::try_from(block_bytes).unwrap_or(u64::MAX);
        let part_bytes = NonZeroU64::new(block).unwrap_or(NonZeroU64::MIN);
        let plan = Self {
            file,
            parts: Vec::new(),
            passed_over: 0,
            first,
            alternatives: Arc::new(alternatives),
            columns: request.columns.clone(),
            sources,
            rejected: Arc::new(rejected),
        };
        plan.in_parts(groups, part_bytes.saturating_mul(BLOCKS_OF_PART))
    }

    /// Sets out to read row groups in parts.
    ///
    /// - `part_bytes`: bytes of a group's columns, before compression, that a thread may decode and hold
    ///   until it is their turn.
    fn in_parts(mut self, mut groups: Vec<usize>, part_bytes: NonZeroU64) -> Self {
        if let Some(first) = &mut self.first {
            let by_statistics = first.leave_out(self.file, &mut groups);
            let by_values = first.leave_out_by_values(self.file, &mut groups);
            self.passed_over = by_statistics.saturating_add(by_values);
        }
        let parts = groups.into_iter().flat_map(|group| self.parts_of(group, part_bytes));
        self.parts = parts.collect();
        self
    }

    /// Divides a row group so that a thread need not hold too much of it.
    ///
    /// Where few of its rows are wanted, a group is not divided: each part would read a page of each
    /// column for them.
    fn parts_of(&self, group: usize, part_bytes: NonZeroU64) -> Vec<Part> {
        let rows = self.file.parquet_metadata().row_groups().get(group);
        let rows = rows.map_or(0, |group| usize::try_from(group.num_rows()).unwrap_or(0));
        let parts = match self.first {
            Some(_) => 1,
            None => {
                usize::try_from(self.bytes(group).div_ceil(part_bytes.get())).unwrap_or(1).max(1)
            }
        };
        let step = rows.div_ceil(parts).next_multiple_of(BATCH_ROWS).max(BATCH_ROWS);
        let is_whole = step >= rows;
        let part = |start: usize| {
            let rows = start..start.saturating_add(step).min(rows);
            Part { group, rows, is_whole }
        };
        (0..rows).step_by(step).map(part).collect()
    }

    /// Starts to read a part.
    ///
    /// # Errors
    ///
    /// Those of opening the file, or of reading the column by which rows come first.
    pub(crate) fn read(&self, part: &Part) -> Result<TableReader> {
        let mut builder = self
            .file
            .builder()?
            .with_row_groups(vec![part.group])
            .with_projection(self.file.mask(self.sources.iter()))
            .with_batch_size(BATCH_ROWS);
        let mut passed_over = 0;
        if let Some(first) = &self.first {
            let rows = first.among(self.file, part.group)?;
            passed_over = part.rows.len().saturating_sub(rows.row_count());
            builder = builder.with_row_selection(rows);
        } else if !part.is_whole {
            builder = builder.with_row_selection(RowSelection::from(vec![
                RowSelector::skip(part.rows.start),
                RowSelector::select(part.rows.len()),
            ]));
        }
        if !self.alternatives.is_empty() {
            let mask = self.file.mask(self.alternatives.iter().flatten().map(|test| &test.column));
            let alternatives = Arc::clone(&self.alternatives);
            let test = ArrowPredicateFn::new(mask, move |batch: RecordBatch| {
                passing(&alternatives, &batch)
            });
            builder = builder.with_row_filter(RowFilter::new(vec![Box::new(test)]));
        }
        Ok(TableReader {
            reader: builder.build()?,
            schema: row_schema(&self.columns),
            columns: self.columns.clone(),
            sources: self.sources.clone(),
            forms: self.file.forms.clone(),
            notes: TimeNotes::default(),
            rejected: Arc::clone(&self.rejected),
            losses: Losses::default(),
            passed_over: u64::try_from(passed_over).unwrap_or(u64::MAX),
        })
    }

    /// Returns how many bytes the wanted columns of a row group have before compression.
    fn bytes(&self, group: usize) -> u64 {
        let Some(group) = self.file.parquet_metadata().row_groups().get(group) else { return 0 };
        let mask = self.file.mask(self.sources.iter());
        let wanted = group.columns().iter().enumerate().filter(|(at, _)| mask.leaf_included(*at));
        let sizes = wanted.map(|(_, column)| u64::try_from(column.uncompressed_size()));
        sizes.map(Result::unwrap_or_default).fold(0, u64::saturating_add)
    }
}

/// The rows of a part that a request wants, batch by batch.
pub(crate) struct TableReader {
    reader: ParquetRecordBatchReader,
    schema: SchemaRef,
    columns: Vec<ColumnSchema>,
    sources: Vec<Place>,
    rejected: Arc<BTreeSet<i64>>,
    losses: Losses,
    forms: Forms,
    notes: TimeNotes,
    /// Rows of the part that others come before.
    pub(crate) passed_over: u64,
}

impl TableReader {
    /// Takes the account of values that did not convert.
    pub(crate) fn take_losses(&mut self) -> Losses {
        std::mem::take(&mut self.losses)
    }

    /// Takes the columns whose times were taken for UTC.
    pub(crate) fn take_zoneless(&mut self) -> Vec<String> {
        self.notes.take_zoneless()
    }

    fn rows(&mut self, batch: &RecordBatch) -> std::result::Result<RecordBatch, ArrowError> {
        let batch = &self.without_rejected(batch)?;
        let rows = batch.num_rows();
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(self.columns.len().saturating_add(1));
        let lines = lines(batch);
        for (column, source) in self.columns.iter().zip(&self.sources) {
            let found = match source {
                Place::File(name) => batch.column_by_name(name),
                Place::Constant(_) | Place::Nowhere => None,
            };
            let array = match (found, source) {
                (Some(array), _) => {
                    let times = match source {
                        Place::File(name) if column.ty == KqlType::Datetime => {
                            let form = self.forms.of(name);
                            let (notes, losses) = (&mut self.notes, &mut self.losses);
                            let mut counted = Ok(());
                            let times = times(array, form, &mut |row, time, text| {
                                notes.see(name, time, text);
                                match line_of(&lines, row) {
                                    Ok(line) => notes.count(line, losses),
                                    Err(error) => counted = Err(error),
                                }
                            })?;
                            counted?;
                            times
                        }
                        _ => None,
                    };
                    let converted = match times {
                        Some(times) => times,
                        None => convert(array, column.ty)?,
                    };
                    count_unconverted(&mut self.losses, column, array, &converted, &lines)?;
                    converted
                }
                (None, Place::Constant(value)) => repeated(value, rows)?,
                (None, _) => missing(column.ty, rows),
            };
            arrays.push(array);
        }
        arrays.push(Arc::new(lines));
        RecordBatch::try_new(Arc::clone(&self.schema), arrays)
    }
}

impl TableReader {
    fn without_rejected(
        &self,
        batch: &RecordBatch,
    ) -> std::result::Result<RecordBatch, ArrowError> {
        if self.rejected.is_empty() {
            return Ok(batch.clone());
        }
        let lines = lines(batch);
        let is_kept: Vec<bool> =
            lines.values().iter().map(|line| !self.rejected.contains(line)).collect();
        filter_record_batch(batch, &BooleanArray::from(is_kept))
    }
}

impl Iterator for TableReader {
    type Item = std::result::Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = match self.reader.next()? {
            Ok(batch) => batch,
            Err(error) => return Some(Err(error)),
        };
        Some(self.rows(&batch))
    }
}

/// Returns what the request demands of rows, each test with the place of its column.
fn placed_tests(
    file: &ParquetFile,
    place: &dyn Fn(&ColumnSchema) -> Place,
    request: &TableRequest,
) -> Vec<Vec<PlacedTest>> {
    let time = request.time.as_ref().map(|range| ColumnTest {
        column: ColumnSchema { name: "TimeGenerated".to_owned(), ty: KqlType::Datetime },
        allowed: Allowed::Numbers(range.start..=range.end.saturating_sub(1)),
    });
    let mut alternatives = request.alternatives.clone();
    if alternatives.is_empty() && time.is_some() {
        alternatives.push(Vec::new());
    }
    let placed = |test: ColumnTest| {
        let column = place(&test.column);
        let form = match &column {
            Place::File(name) => file.forms.of(name),
            Place::Constant(_) | Place::Nowhere => TimeForm::default(),
        };
        PlacedTest { test, column, form }
    };
    alternatives
        .into_iter()
        .map(|tests| tests.into_iter().chain(time.clone()).map(placed).collect())
        .collect()
}

/// Counts the values of a column that became null on the way.
fn count_unconverted(
    losses: &mut Losses,
    column: &ColumnSchema,
    array: &ArrayRef,
    converted: &ArrayRef,
    lines: &Int64Array,
) -> std::result::Result<(), ArrowError> {
    for row in unconverted(array, converted, column.ty)? {
        let mut text = String::new();
        write_text(&plain(array)?, row, &mut text)?;
        let cause = Cause::NotConverted { column: column.name.clone(), ty: column.ty };
        let line = line_of(lines, row)?;
        let line = u64::try_from(line).map_err(|_| no_line(row))?;
        losses.add(cause, line, &text);
    }
    Ok(())
}

/// Returns a column of one value as often as there are rows.
fn repeated(value: &ArrayRef, rows: usize) -> std::result::Result<ArrayRef, ArrowError> {
    let places = arrow_array::UInt32Array::from(vec![0; rows]);
    arrow_select::take::take(value, &places, None)
}
