//! One Parquet file as the rows of a native table.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use arrow_array::{Array, cast::AsArray, types::Int64Type};
use arrow_schema::{DataType, Field, FieldRef, Schema, SchemaRef};
use evtx_arrow::{RecordTimes, TimeSpan};
use kql_types::{
    KqlType,
    schema::{ColumnSchema, TableSchema},
};
use parquet::{
    arrow::{
        ProjectionMask, RowNumber,
        arrow_reader::{
            ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
            ParquetRecordBatchReaderBuilder,
        },
    },
    errors::{ParquetError, Result},
    file::metadata::ParquetMetaData,
};

use super::{
    forms::{self, Forms},
    json::write_text,
    partition,
    plain::plain,
    row_numbers::{ROW_NUMBER, line_of, lines},
    statistics::FileStatistics,
    test::Place,
};
use crate::{
    dates::order::{Evidence, Settled},
    input::chunks::Chunks,
    known::KnownTables,
    request::ScanRequest,
    rows::{cell::Cell, column::Column, time::TIME_COLUMNS},
};

/// A Parquet file that has been opened.
pub(crate) struct ParquetFile {
    chunks: Chunks,
    metadata: ArrowReaderMetadata,
    /// The columns of the file itself.
    pub(super) schema: SchemaRef,
    partitions: Vec<(String, String)>,
    /// How the texts of columns are read that may hold times.
    pub(super) forms: Forms,
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

    pub(super) fn builder(&self) -> Result<ParquetRecordBatchReaderBuilder<Chunks>> {
        let chunks =
            self.chunks.reopen().map_err(|error| ParquetError::External(Box::new(error)))?;
        Ok(ParquetRecordBatchReaderBuilder::new_with_metadata(chunks, self.metadata.clone()))
    }

    pub(super) fn parquet_metadata(&self) -> &ParquetMetaData {
        self.metadata.metadata()
    }

    pub(super) fn statistics(&self) -> FileStatistics<'_> {
        FileStatistics { metadata: self.parquet_metadata(), schema: &self.schema }
    }

    pub(super) fn mask<'p>(&self, places: impl Iterator<Item = &'p Place>) -> ProjectionMask {
        let roots = places.filter_map(|place| match place {
            Place::File(name) => self.schema.index_of(name).ok(),
            Place::Constant(_) | Place::Nowhere => None,
        });
        let schema = self.parquet_metadata().file_metadata().schema_descr();
        ProjectionMask::roots(schema, roots)
    }

    /// Returns where a column of a table is: in the file under one of its names, or in the folders'.
    pub(super) fn place(
        &self,
        known: &KnownTables,
        table: &TableSchema,
        column: &ColumnSchema,
    ) -> Place {
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
