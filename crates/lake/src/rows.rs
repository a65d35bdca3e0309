//! Rows on their way into files: gathered, put in order, divided by day.
//!
//! Within a file events stand by their id and then by time, others by time: what one view reads lies
//! together, and what a row group says of its ids and times leaves most of the others out.

mod encode;

use std::{collections::BTreeSet, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, Int32Array, Int64Array, StringViewArray},
    compute::interleave,
    datatypes::{Field, Int32Type, Int64Type, SchemaRef},
    record_batch::RecordBatch,
};
use deltalake::kernel::Add;
use kql_types::{KqlType, Ticks};

use self::encode::{decode, encode, micros};
use crate::{
    error::LakeError,
    file::{self, Day, FileWriter, Range, Ranges, day_of},
    layout::{LINE, Layout},
    store::Store,
};

/// Rows that are put in order at a time.
const STEP: usize = 16 << 10;
/// Bytes of a file, about.
const FILE_BYTES: usize = 128 << 20;
/// What a row takes while it is put in order.
const ROW_BYTES: usize = size_of::<Row>();

/// Where rows were read from.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// The number of the file or member in the lake.
    pub(crate) source: i64,
    pub(crate) file: Arc<str>,
    pub(crate) member: Option<Arc<str>>,
    /// Which of those gathered it is.
    pub(crate) order: u32,
}

/// Rows of one table.
#[derive(Debug)]
pub(crate) struct Rows {
    layout: Arc<Layout>,
    schema: SchemaRef,
    parts: Vec<Part>,
    /// For each column of the schema.
    values: Vec<Values>,
    bytes: usize,
}

/// What is known of the values of a column. Of several parts the greatest holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Values {
    /// It is a field's, and no row has one.
    None,
    /// Rows may have some.
    Some,
    /// It is a field's, and of some rows nobody has asked their data for it: it was no column when they were
    /// written.
    Unknown,
}

/// A batch, and by what its rows are put in order.
#[derive(Debug)]
struct Part {
    columns: Vec<ArrayRef>,
    times: Option<Int64Array>,
    ids: Option<Int32Array>,
    lines: Int64Array,
    order: u32,
}

/// A row: day, id, time, order and line of its record, then its batch and its place there.
type Row = (Day, Option<i32>, Option<Ticks>, u32, i64, u32, u32);

impl Rows {
    /// Starts without any.
    pub(crate) fn new(layout: &Arc<Layout>) -> Self {
        let schema = layout.arrow();
        let fields = layout.fields();
        let is_field = |field: &Arc<Field>| fields.contains(field.name().as_str());
        let values = |field| if is_field(field) { Values::None } else { Values::Some };
        let values = schema.fields().iter().map(values).collect();
        Self { layout: Arc::clone(layout), schema, parts: Vec::new(), values, bytes: 0 }
    }

    /// Returns about how many bytes of memory they take.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds rows of one place.
    ///
    /// - `batch`: the table's columns as the engine has them, then the lines.
    ///
    /// # Errors
    ///
    /// If a column has another encoding than its type, or a value does not fit.
    pub(crate) fn push(
        &mut self,
        batch: &RecordBatch,
        origin: &Origin,
        ingested: Ticks,
    ) -> Result<(), LakeError> {
        let rows = batch.num_rows();
        let (lines, own) = batch.columns().split_last().ok_or(SHAPE)?;
        if own.len() != self.layout.columns.len() {
            return Err(SHAPE);
        }
        let lines = lines.as_primitive_opt::<Int64Type>().ok_or(SHAPE)?.clone();
        let mut columns = Vec::with_capacity(self.schema.fields().len());
        for (at, (column, values)) in self.layout.columns.iter().zip(own).enumerate() {
            let is_field = at >= self.layout.fields_from;
            let has_ticks = self.layout.has_ticks(column);
            columns.extend(encode(column, values, is_field, has_ticks)?);
        }
        if self.layout.is_telemetry {
            columns.push(Arc::new(Int64Array::from_value(origin.source, rows)));
            columns.push(repeated(Some(&origin.file), rows));
            columns.push(repeated(origin.member.as_deref(), rows));
            columns.push(Arc::new(lines.clone()));
            columns.push(times_of(ingested, rows)?);
        }
        self.see(&columns);
        let column = |at: Option<usize>| at.and_then(|at| own.get(at));
        let times = column(self.layout.time().filter(|_| self.layout.is_telemetry));
        let times = times.and_then(|times| times.as_primitive_opt::<Int64Type>().cloned());
        let ids = column(self.layout.first_order());
        let ids = ids.and_then(|ids| ids.as_primitive_opt::<Int32Type>().cloned());
        let bytes = columns.iter().map(Array::get_array_memory_size);
        let bytes = bytes.fold(rows.saturating_mul(ROW_BYTES), usize::saturating_add);
        self.bytes = self.bytes.saturating_add(bytes);
        self.parts.push(Part { columns, times, ids, lines, order: origin.order });
        Ok(())
    }

    /// Adds rows as the lake has them.
    ///
    /// - `unknown`: columns of fields that are null here, and in the rows' data may be something else.
    ///
    /// # Errors
    ///
    /// If they are not of the table's form.
    pub(crate) fn push_kept(
        &mut self,
        batch: &RecordBatch,
        unknown: &BTreeSet<String>,
    ) -> Result<(), LakeError> {
        if batch.schema() != self.schema {
            return Err(SHAPE);
        }
        let columns = batch.columns().to_vec();
        self.see(&columns);
        for (values, field) in self.values.iter_mut().zip(self.schema.fields()) {
            if unknown.contains(field.name()) {
                *values = Values::Unknown;
            }
        }
        let name = |at: Option<usize>| at.and_then(|at| self.layout.kept_name(at));
        let times = name(self.layout.time().filter(|_| self.layout.is_telemetry));
        let times = times.map(|name| decode(batch, name)).transpose()?;
        let ids = name(self.layout.first_order()).and_then(|name| batch.column_by_name(name));
        let ids = ids.and_then(|ids| ids.as_primitive_opt::<Int32Type>().cloned());
        let lines = batch.column_by_name(LINE);
        let lines = lines.and_then(|lines| lines.as_primitive_opt::<Int64Type>().cloned());
        let lines = lines.unwrap_or_else(|| Int64Array::from_value(1, batch.num_rows()));
        let bytes = columns.iter().map(Array::get_array_memory_size);
        self.bytes = bytes.fold(self.bytes, usize::saturating_add);
        self.parts.push(Part { columns, times, ids, lines, order: 0 });
        Ok(())
    }

    /// Takes note of which columns have values.
    fn see(&mut self, columns: &[ArrayRef]) {
        for (values, column) in self.values.iter_mut().zip(columns) {
            if column.null_count() < column.len() {
                *values = (*values).max(Values::Some);
            }
        }
    }

    /// Writes all rows to files, and returns what the log is to say of them.
    ///
    /// - `name`: what the files' names start with, which no others do.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub(crate) fn write(
        self,
        store: &Store,
        name: &str,
        now_ms: i64,
    ) -> Result<Vec<Add>, LakeError> {
        let mut rows = self.in_order();
        rows.sort_unstable();
        let mut adds = Vec::new();
        for day in rows.chunk_by(|one, other| one.0 == other.0) {
            let mut rest = day;
            while !rest.is_empty() {
                let number = adds.len();
                let (add, written) = self.write_file(store, name, number, rest, now_ms)?;
                adds.push(add);
                rest = rest.get(written..).ok_or(SHAPE)?;
            }
        }
        Ok(adds)
    }

    fn in_order(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (number, part) in (0_u32..).zip(&self.parts) {
            for (row, line) in (0_u32..).zip(part.lines.values()) {
                let at = usize::try_from(row).unwrap_or(usize::MAX);
                let time = part.times.as_ref().filter(|it| it.is_valid(at)).map(|it| it.value(at));
                let id = part.ids.as_ref().filter(|it| it.is_valid(at)).map(|it| it.value(at));
                rows.push((time.map(day_of), id, time, part.order, *line, number, row));
            }
        }
        rows
    }

    /// Writes the first of some rows of one day to a file; returns how many those were.
    fn write_file(
        &self,
        store: &Store,
        name: &str,
        number: usize,
        rows: &[Row],
        now_ms: i64,
    ) -> Result<(Add, usize), LakeError> {
        let (schema, places) = self.written()?;
        let mut writer = FileWriter::new(&schema, &self.empty())?;
        let (mut times, mut ids) = (Range::default(), Range::default());
        let mut written: usize = 0;
        for step in rows.chunks(STEP) {
            writer.write(self.columns_of(step, &places)?)?;
            for (_, id, time, ..) in step {
                times.see(*time);
                ids.see(id.map(i64::from));
            }
            written = written.saturating_add(step.len());
            if writer.bytes() >= FILE_BYTES {
                break;
            }
        }
        let day = rows.first().and_then(|row| row.0);
        let (bytes, rows) = writer.finish()?;
        let folder = if self.layout.is_telemetry { file::folder(day) + "/" } else { String::new() };
        let path = format!("{folder}{name}-{number}.parquet");
        let column = |at: Option<usize>| self.layout.kept_name(at?).map(str::to_owned);
        // Of what was not looked at, nothing is said: others take it for the truth.
        let time = self.layout.time().filter(|_| self.layout.is_telemetry);
        let ranges = Ranges {
            times: column(time).map(|name| (name, times)).into_iter().collect(),
            numbers: column(self.layout.first_order())
                .map(|name| (name, ids))
                .into_iter()
                .collect(),
        };
        let day = self.layout.is_telemetry.then_some(day);
        let add = file::add(path, day, bytes.len(), rows, &ranges, now_ms);
        store.put(&format!("{}/{}", self.layout.table, add.path), bytes)?;
        Ok((add, written))
    }

    /// Returns the columns that files have, and their places among all. A column without values costs a file
    /// as much as one with them, and most fields are of few events.
    fn written(&self) -> Result<(SchemaRef, Vec<usize>), LakeError> {
        let has_some = |(at, values): (usize, &Values)| (*values == Values::Some).then_some(at);
        let places: Vec<usize> = self.values.iter().enumerate().filter_map(has_some).collect();
        Ok((Arc::new(self.schema.project(&places)?), places))
    }

    /// Returns the columns that files do not have because no row has a value there.
    fn empty(&self) -> Vec<&str> {
        let fields = self.schema.fields().iter().zip(&self.values);
        let none = fields.filter(|(_, values)| **values == Values::None);
        none.map(|(field, _)| field.name().as_str()).collect()
    }

    /// - `columns`: the places of the columns wanted.
    fn columns_of(&self, rows: &[Row], columns: &[usize]) -> Result<Vec<ArrayRef>, LakeError> {
        let place = |number: u32| usize::try_from(number).map_err(|_| SHAPE);
        let places: Vec<(usize, usize)> = rows
            .iter()
            .map(|(.., part, row)| Ok((place(*part)?, place(*row)?)))
            .collect::<Result<_, LakeError>>()?;
        let column = |at: &usize| {
            let parts = self.parts.iter().map(|part| part.columns.get(*at).map(|it| &**it));
            let parts: Option<Vec<&dyn Array>> = parts.collect();
            Ok(interleave(&parts.ok_or(SHAPE)?, &places)?)
        };
        columns.iter().map(column).collect()
    }
}

const SHAPE: LakeError = LakeError::Internal { invariant: "a batch has the columns of its table" };

fn repeated(text: Option<&str>, rows: usize) -> ArrayRef {
    match text {
        Some(text) => Arc::new(StringViewArray::from_iter_values(std::iter::repeat_n(text, rows))),
        None => Arc::new(StringViewArray::new_null(rows)),
    }
}

fn times_of(time: Ticks, rows: usize) -> Result<ArrayRef, LakeError> {
    let micros = micros(time).ok_or(LakeError::Internal { invariant: "now is a time" })?;
    let times = arrow::array::TimestampMicrosecondArray::from_value(micros, rows);
    debug_assert_eq!(
        crate::layout::arrow_type(KqlType::Datetime),
        *times.clone().with_timezone("UTC").data_type()
    );
    Ok(Arc::new(times.with_timezone("UTC")))
}
