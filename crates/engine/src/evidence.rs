//! Which record a row comes from, as a column that operators carry along.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, Int32Array, Int64Array, StringViewArray, StructArray},
    datatypes::{DataType, Field, Fields, Int32Type, Int64Type},
    record_batch::RecordBatch,
};
use kql_datafusion::EVIDENCE;
use kql_types::Ticks;

/// A record that a row rests on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordRef {
    /// The file or archive member it stands in.
    pub member: MemberId,
    /// The 1-based index of the record in its file or archive member.
    pub line: u64,
    /// The event's own record id; absent where the format has none.
    pub record_id: Option<i64>,
    /// The event id; absent for rows of native tables.
    pub event_id: Option<i32>,
    /// The channel, `""` if there is none.
    pub channel: Arc<str>,
    /// The host, `""` if there is none.
    pub host: Arc<str>,
    /// The event's time in ticks; absent if it has none.
    pub time: Option<Ticks>,
}

/// A file or archive member of a run; orders as the input does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberId {
    input: u32,
    index: u32,
}

impl MemberId {
    /// Makes the id of the `index`-th member of the `input`-th input.
    pub(crate) fn new(input: usize, index: usize) -> Self {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { input: number(input), index: number(index) }
    }

    /// Returns the number of the input, from 0.
    pub(crate) fn input(self) -> usize {
        usize::try_from(self.input).unwrap_or(usize::MAX)
    }

    /// Returns the id as a column's value.
    pub(crate) fn encode(self) -> i64 {
        i64::from(self.input) << 32 | i64::from(self.index)
    }

    pub(crate) fn decode(code: i64) -> Self {
        let number = |n: i64| u32::try_from(n & i64::from(u32::MAX)).unwrap_or_default();
        Self { input: number(code >> 32), index: number(code) }
    }
}

/// Returns the fields of the evidence struct.
pub(crate) fn fields() -> Vec<Field> {
    vec![
        Field::new("member", DataType::Int64, false),
        Field::new("line", DataType::Int64, false),
        Field::new("record_id", DataType::Int64, true),
        Field::new("event_id", DataType::Int32, true),
        Field::new("channel", DataType::Utf8View, false),
        Field::new("host", DataType::Utf8View, false),
        Field::new(TIME, DataType::Int64, true),
    ]
}

/// The columns of a table that may have a record's time; the first that there is has it.
pub(crate) const TIME_COLUMNS: [&str; 2] = ["TimeGenerated", "Timestamp"];

/// The name of the field that holds a record's time.
const TIME: &str = "time";

/// Returns the times of the records of a batch of stored rows, if it has evidence.
pub(crate) fn times(batch: &RecordBatch) -> Option<&Int64Array> {
    let evidence = batch.column_by_name(EVIDENCE)?.as_struct_opt()?;
    evidence.column_by_name(TIME)?.as_primitive_opt::<Int64Type>()
}

/// Yields where the records of a batch of stored rows stand, if it has evidence.
pub(crate) fn places(batch: &RecordBatch) -> Option<impl Iterator<Item = (MemberId, u64)>> {
    let evidence = batch.column_by_name(EVIDENCE)?.as_struct_opt()?;
    let number = |name: &str| evidence.column_by_name(name)?.as_primitive_opt::<Int64Type>();
    let (members, lines) = (number("member")?, number("line")?);
    let places = members.values().iter().zip(lines.values());
    Some(places.map(|(member, line)| (MemberId::decode(*member), line.cast_unsigned())))
}

/// Tells whether every column of a batch that may have its records' times has them.
pub(crate) fn times_agree(batch: &RecordBatch) -> bool {
    let Some(times) = times(batch) else { return true };
    let columns = TIME_COLUMNS.into_iter().filter_map(|name| batch.column_by_name(name));
    columns.filter_map(|column| column.as_primitive_opt::<Int64Type>()).all(|it| it == times)
}

/// Returns the type of a row's record.
pub(crate) fn data_type() -> DataType {
    DataType::Struct(Fields::from(fields()))
}

/// The columns of a batch that evidence is made of; those a table lacks are absent.
pub(crate) struct EvidenceColumns {
    pub(crate) line: ArrayRef,
    pub(crate) record_id: Option<ArrayRef>,
    pub(crate) event_id: Option<ArrayRef>,
    pub(crate) channel: Option<ArrayRef>,
    pub(crate) host: Option<ArrayRef>,
    pub(crate) time: Option<ArrayRef>,
}

/// Makes the evidence column of rows.
///
/// - `members`: the numbers of the members that they stand in.
pub(crate) fn column(members: ArrayRef, columns: EvidenceColumns) -> ArrayRef {
    let rows = columns.line.len();
    let no_text = || Arc::new(StringViewArray::from_iter_values(std::iter::repeat_n("", rows)));
    let arrays: Vec<ArrayRef> = vec![
        members,
        columns.line,
        columns.record_id.unwrap_or_else(|| Arc::new(Int64Array::new_null(rows))),
        columns.event_id.unwrap_or_else(|| Arc::new(Int32Array::new_null(rows))),
        columns.channel.unwrap_or_else(|| no_text()),
        columns.host.unwrap_or_else(|| no_text()),
        columns.time.unwrap_or_else(|| Arc::new(Int64Array::new_null(rows))),
    ];
    Arc::new(StructArray::new(Fields::from(fields()), arrays, None))
}

/// Returns the records of each row of an evidence column (a list of evidence structs), in order
/// and without repetition.
pub fn records(column: &dyn Array) -> Vec<Vec<RecordRef>> {
    let Some(lists) = column.as_list_opt::<i32>() else { return vec![Vec::new(); column.len()] };
    lists
        .iter()
        .map(|list| {
            let mut records = list.map(|list| structs(&list)).unwrap_or_default();
            records.sort();
            records.dedup();
            records
        })
        .collect()
}

fn structs(list: &ArrayRef) -> Vec<RecordRef> {
    let Some(structs) = list.as_struct_opt() else { return Vec::new() };
    let long = |name: &str| {
        structs.column_by_name(name).and_then(|c| c.as_primitive_opt::<Int64Type>().cloned())
    };
    let text =
        |name: &str| structs.column_by_name(name).and_then(|c| c.as_string_view_opt().cloned());
    let (Some(member), Some(line)) = (long("member"), long("line")) else { return Vec::new() };
    let (record_id, time) = (long("record_id"), long(TIME));
    let (channel, host) = (text("channel"), text("host"));
    let event_id =
        structs.column_by_name("event_id").and_then(|c| c.as_primitive_opt::<Int32Type>().cloned());
    let (mut channels, mut hosts) = (Texts::new(channel.as_ref()), Texts::new(host.as_ref()));
    (0..structs.len())
        .filter(|row| structs.is_valid(*row))
        .map(|row| RecordRef {
            member: MemberId::decode(member.value(row)),
            line: u64::try_from(line.value(row)).unwrap_or(0),
            record_id: record_id.as_ref().filter(|a| a.is_valid(row)).map(|a| a.value(row)),
            event_id: event_id.as_ref().filter(|a| a.is_valid(row)).map(|a| a.value(row)),
            channel: channels.at(row),
            host: hosts.at(row),
            time: time.as_ref().filter(|a| a.is_valid(row)).map(|a| a.value(row)),
        })
        .collect()
}

/// The texts of a column, of which one is mostly the same as the one before, and then shares its bytes.
struct Texts<'a> {
    texts: Option<&'a StringViewArray>,
    last: Arc<str>,
}

impl<'a> Texts<'a> {
    fn new(texts: Option<&'a StringViewArray>) -> Self {
        Self { texts, last: Arc::from("") }
    }

    /// Returns the text of a row, or `""` if the column is missing.
    fn at(&mut self, row: usize) -> Arc<str> {
        if let Some(texts) = self.texts
            && *self.last != *texts.value(row)
        {
            self.last = Arc::from(texts.value(row));
        }
        Arc::clone(&self.last)
    }
}
