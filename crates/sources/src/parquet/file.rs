//! One Parquet file as the rows of a native table.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use arrow_array::{
    Array, ArrayRef, BooleanArray, Int64Array, RecordBatch, cast::AsArray, types::Int64Type,
};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema, SchemaRef};
use arrow_select::filter::filter_record_batch;
use evtx_arrow::{RecordTimes, TimeSpan};
use kql_types::{
    KqlType,
    schema::{ColumnSchema, TableSchema},
};
use parquet::{
    arrow::{
        ProjectionMask, RowNumber,
        arrow_reader::{
            ArrowPredicateFn, ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
            ParquetRecordBatchReaderBuilder, RowFilter,
        },
    },
    errors::{ParquetError, Result},
    file::metadata::ParquetMetaData,
};

use super::{
    chunks::Chunks,
    convert::{convert, missing, plain, times, unconverted},
    forms::{self, Forms},
    json::write_text,
    partition,
    row_numbers::{ROW_NUMBER, line_of, lines, no_line},
    statistics::FileStatistics,
    test::{Place, PlacedTest, passing},
};
use crate::{
    dates::{
        TimeForm,
        order::{Evidence, Settled},
    },
    known::KnownTables,
    losses::{Cause, Losses},
    request::{Allowed, ColumnTest, ScanRequest, TableRequest},
    rows::{
        batch::row_schema,
        cell::Cell,
        column::Column,
        time::{TIME_COLUMNS, TimeNotes},
    },
};

/// Rows that are decoded at a time.
const BATCH_ROWS: usize = 8192;

/// A Parquet file that has been opened.
pub(crate) struct ParquetFile {
    chunks: Chunks,
    metadata: ArrowReaderMetadata,
    /// The columns of the file itself.
    schema: SchemaRef,
    partitions: Vec<(String, String)>,
    /// How the texts of columns are read that may hold times.
    forms: Forms,
}

impl ParquetFile {
    /// Reads what a file says of itself; its folders say the rest.
    pub(crate) fn open(chunks: Chunks, path: &Path) -> Result<Self> {
        let number = Field::new(ROW_NUMBER, DataType::Int64, false).with_extension_type(RowNumber);
        let options = ArrowReaderOptions::new().with_virtual_columns(vec![Arc::new(number)])?;
        let metadata = ArrowReaderMetadata::load(&chunks, options.clone())?;
        let fields = metadata.schema().fields().iter().filter(|field| field.name() != ROW_NUMBER);
        let schema = Arc::new(Schema::new(fields.map(texts_as_views).collect::<Vec<_>>()));
        let options = options.with_schema(Arc::clone(&schema));
        let metadata = ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options)?;
        let partitions = partition::of_path(path);
        Ok(Self { chunks, metadata, schema, partitions, forms: Forms::default() })
    }

    /// Settles how the times are read that the file has as texts, by the values of their columns.
    ///
    /// # Errors
    ///
    /// Those of reading these columns.
    pub(crate) fn settle(&mut self, known: &KnownTables, request: &ScanRequest) -> Result<()> {
        for name in forms::candidates(&self.schema, known) {
            let settled = match request.date_order {
                Some(order) => Settled::Given(order),
                None => self.evidence(&name)?.settled(),
            };
            self.forms.add(name, settled, request);
        }
        Ok(())
    }

    fn evidence(&self, name: &str) -> Result<Evidence> {
        let mut evidence = Evidence::default();
        let mask = self.mask([Place::File(name.to_owned())].iter());
        for batch in self.builder()?.with_projection(mask).build()? {
            let batch = batch?;
            let Some(column) = batch.column_by_name(name) else { continue };
            let column = plain(column)?;
            let texts = column.as_string_view_opt().into_iter().flatten().flatten();
            texts.for_each(|text| evidence.see(text));
        }
        Ok(evidence)
    }

    /// Returns the names of the columns.
    pub(crate) fn columns(&self) -> Vec<&str> {
        self.schema.fields().iter().map(|field| field.name().as_str()).collect()
    }

    /// Returns the number of rows.
    pub(crate) fn rows(&self) -> u64 {
        let groups = self.parquet_metadata().row_groups().iter();
        groups
            .map(|group| u64::try_from(group.num_rows()).unwrap_or(0))
            .fold(0, u64::saturating_add)
    }

    /// Returns a reader of all columns of all rows.
    pub(crate) fn read_all(&self) -> Result<ParquetRecordBatchReader> {
        self.builder()?.build()
    }

    /// Plans to read what a request wants of a table, but for the rows `rejected`, counted from 1.
    pub(crate) fn plan(
        &self,
        table: &TableSchema,
        request: &TableRequest,
        known: &KnownTables,
        rejected: BTreeSet<i64>,
    ) -> TablePlan<'_> {
        let place = |column: &ColumnSchema| self.place(known, table, column);
        let alternatives = self.alternatives(&place, request);
        let statistics = self.statistics();
        let groups = self.parquet_metadata().row_groups().iter().enumerate();
        let wanted = groups.filter(|(_, group)| statistics.may_pass(group, &alternatives));
        let groups = wanted.map(|(at, _)| at).collect();
        let sources = request.columns.iter().map(place).collect();
        let columns = request.columns.clone();
        TablePlan {
            file: self,
            groups,
            alternatives: Arc::new(alternatives),
            columns,
            sources,
            rejected: Arc::new(rejected),
        }
    }

    /// Returns the column that the rows' times are in.
    pub(crate) fn time_column(&self) -> Option<&'static str> {
        TIME_COLUMNS.into_iter().find(|name| self.schema.index_of(name).is_ok())
    }

    /// Returns the rows, counted from 1, without a time that can be read, and what stands there.
    ///
    /// # Errors
    ///
    /// Those of reading the column.
    pub(crate) fn rows_without_time(&self) -> Result<BTreeMap<i64, String>> {
        let mut found = BTreeMap::new();
        let Some(name) = self.time_column() else { return Ok(found) };
        let mask = self.mask([Place::File(name.to_owned())].iter());
        let statistics = self.statistics();
        let groups = self.parquet_metadata().row_groups().iter().enumerate();
        let groups = groups.filter(|(_, group)| !statistics.has_all_times(group, name));
        let groups = groups.map(|(at, _)| at).collect();
        for batch in self.builder()?.with_row_groups(groups).with_projection(mask).build()? {
            let batch = batch?;
            let Some(array) = batch.column_by_name(name) else { continue };
            let times = self.forms.times(name, array)?;
            if times.logical_null_count() == 0 {
                continue;
            }
            let (lines, array) = (lines(&batch), plain(array)?);
            for row in (0..times.len()).filter(|row| times.is_null(*row)) {
                let mut text = String::new();
                if array.is_valid(row) {
                    write_text(&array, row, &mut text)?;
                }
                found.insert(line_of(&lines, row)?, text);
            }
        }
        Ok(found)
    }

    /// Returns the times of all rows: of a row group what the file's statistics say, unless they say
    /// nothing or that a few of its times may be far from the others.
    pub(crate) fn times(&self) -> RecordTimes {
        let mut times = RecordTimes::default();
        let Some(name) = self.time_column() else { return times };
        let statistics = self.statistics();
        let mut lines_before = 0_u64;
        for (at, group) in self.parquet_metadata().row_groups().iter().enumerate() {
            let rows = u64::try_from(group.num_rows()).unwrap_or(0);
            match statistics.times(group, name) {
                _ if rows == 0 => {}
                Some((oldest, newest)) if newest.saturating_sub(oldest) <= RecordTimes::SPAN => {
                    times.add(TimeSpan { records: rows, oldest, newest, line: None });
                }
                _ => self.see_times(at, name, lines_before, &mut times),
            }
            lines_before = lines_before.saturating_add(rows);
        }
        times
    }

    /// Takes note of the times of a row group, as far as they can be read.
    fn see_times(&self, group: usize, name: &str, lines_before: u64, times: &mut RecordTimes) {
        let projection = self.mask([Place::File(name.to_owned())].iter());
        let builder = self.builder().map(|builder| builder.with_row_groups(vec![group]));
        let reader = builder.and_then(|builder| builder.with_projection(projection).build());
        let mut line = lines_before;
        for batch in reader.into_iter().flatten().map_while(std::result::Result::ok) {
            let column = batch.column_by_name(name);
            let converted = column.and_then(|column| self.forms.times(name, column).ok());
            let Some(column) = converted else { return };
            let Some(column) = column.as_primitive_opt::<Int64Type>() else { return };
            for time in column {
                line = line.saturating_add(1);
                if let Some(time) = time {
                    times.saw(time, line);
                }
            }
        }
    }

    fn builder(&self) -> Result<ParquetRecordBatchReaderBuilder<Chunks>> {
        let chunks =
            self.chunks.reopen().map_err(|error| ParquetError::External(Box::new(error)))?;
        Ok(ParquetRecordBatchReaderBuilder::new_with_metadata(chunks, self.metadata.clone()))
    }

    fn parquet_metadata(&self) -> &ParquetMetaData {
        self.metadata.metadata()
    }

    fn statistics(&self) -> FileStatistics<'_> {
        FileStatistics { metadata: self.parquet_metadata(), schema: &self.schema }
    }

    fn mask<'p>(&self, places: impl Iterator<Item = &'p Place>) -> ProjectionMask {
        let roots = places.filter_map(|place| match place {
            Place::File(name) => self.schema.index_of(name).ok(),
            Place::Constant(_) | Place::Nowhere => None,
        });
        let schema = self.parquet_metadata().file_metadata().schema_descr();
        ProjectionMask::roots(schema, roots)
    }

    /// Returns where a column of a table is: in the file under one of its names, or in the folders'.
    fn place(&self, known: &KnownTables, table: &TableSchema, column: &ColumnSchema) -> Place {
        let names = known.aliases(table, &column.name);
        if let Some(name) = names.into_iter().find(|name| self.schema.index_of(name).is_ok()) {
            return Place::File(name);
        }
        if column.name == "Type" {
            return constant(&table.name, column.ty);
        }
        let partition = self.partitions.iter().find(|(key, _)| *key == column.name);
        partition.map_or(Place::Nowhere, |(_, value)| constant(value, column.ty))
    }

    /// Returns what the request demands of rows, each test with the place of its column.
    fn alternatives(
        &self,
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
                Place::File(name) => self.forms.of(name),
                Place::Constant(_) | Place::Nowhere => TimeForm::default(),
            };
            PlacedTest { test, column, form }
        };
        alternatives
            .into_iter()
            .map(|tests| tests.into_iter().chain(time.clone()).map(placed).collect())
            .collect()
    }
}

fn constant(value: &str, ty: KqlType) -> Place {
    let mut column = Column::new(ty);
    column.append(Cell::Text(value));
    Place::Constant(column.finish())
}

/// Has texts that share one copy of what a dictionary says often.
fn texts_as_views(field: &FieldRef) -> FieldRef {
    match field.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 => {
            Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8View))
        }
        _ => Arc::clone(field),
    }
}

/// What a request wants of a file: its row groups can be read one by one.
pub(crate) struct TablePlan<'f> {
    file: &'f ParquetFile,
    /// The row groups in which something may be wanted.
    pub(crate) groups: Vec<usize>,
    alternatives: Arc<Vec<Vec<PlacedTest>>>,
    columns: Vec<ColumnSchema>,
    /// Where each of the columns is.
    sources: Vec<Place>,
    rejected: Arc<BTreeSet<i64>>,
}

impl TablePlan<'_> {
    /// Starts to read some of the row groups.
    pub(crate) fn read(&self, groups: Vec<usize>) -> Result<TableReader> {
        let mut builder = self
            .file
            .builder()?
            .with_row_groups(groups)
            .with_projection(self.file.mask(self.sources.iter()))
            .with_batch_size(BATCH_ROWS);
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
        })
    }

    /// Returns how many bytes the wanted columns of a row group have before compression.
    pub(crate) fn bytes(&self, group: usize) -> u64 {
        let Some(group) = self.file.parquet_metadata().row_groups().get(group) else { return 0 };
        let mask = self.file.mask(self.sources.iter());
        let wanted = group.columns().iter().enumerate().filter(|(at, _)| mask.leaf_included(*at));
        let sizes = wanted.map(|(_, column)| u64::try_from(column.uncompressed_size()));
        sizes.map(Result::unwrap_or_default).fold(0, u64::saturating_add)
    }
}

/// The rows of row groups that a request wants, batch by batch.
pub(crate) struct TableReader {
    reader: ParquetRecordBatchReader,
    schema: SchemaRef,
    columns: Vec<ColumnSchema>,
    sources: Vec<Place>,
    rejected: Arc<BTreeSet<i64>>,
    losses: Losses,
    forms: Forms,
    notes: TimeNotes,
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
