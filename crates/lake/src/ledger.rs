//! The account of what was ingested: a row for each file or archive member, with what became of its records.
//!
//! It is what makes that nothing is in twice: a file is ingested when its rows stand here.

pub(crate) mod offer;

use std::{cmp::Ordering, collections::BTreeMap, path::Path, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, StringViewArray},
    compute::cast,
    datatypes::{DataType, Int64Type, TimestampMicrosecondType},
};
use bytes::Bytes;
use kql_types::{
    KqlType, Ticks,
    datetime::UNIX_EPOCH,
    schema::{ColumnSchema, TableSchema},
};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde::{Deserialize, Serialize};
use sources::{MemberSummary, RecordTimes, TimeSpan, row_schema};

use self::offer::{Cursor, Identity};
use crate::{
    error::LakeError,
    layout::{LEDGER, Layout},
};

/// A row of the ledger: a file, or a member of an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerRow {
    /// When it was ingested.
    pub ingested: Ticks,
    /// The number by which rows of the lake name it.
    pub source: i64,
    /// The file's path, as it was given.
    pub file: String,
    /// The member of the archive.
    pub member: Option<String>,
    /// Its place among the members of the file.
    pub place: i64,
    /// The name of its format; of several the first.
    pub format: String,
    /// The tables its records are of, and which of their columns the export's head has.
    pub heads: BTreeMap<String, Option<Vec<String>>>,
    /// Records found.
    pub read: u64,
    /// Records that are in the lake.
    pub stored: u64,
    /// Records that could not be read.
    pub rejected: u64,
    /// Why, and what else was wrong.
    pub reasons: Vec<Reason>,
    /// What records that were read have lost.
    pub losses: Vec<Reason>,
    /// Columns of the export that its table does not have.
    pub ignored_columns: Vec<String>,
    /// Columns in a local time whose zone nobody names: they were read as UTC.
    pub assumed_utc: Vec<String>,
    /// The times of its records.
    pub times: RecordTimes,
    /// The file's SHA-256, in hexadecimal digits.
    pub digest: String,
    /// The file's length.
    pub bytes: u64,
    /// Which commit it came with.
    pub batch: String,
    /// The stream that it is a piece of; empty if it is of none.
    pub stream: String,
    /// Where the stream goes on behind it.
    pub cursor: Cursor,
}

/// A reason, and how often it held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// What was wrong.
    pub reason: String,
    /// How often.
    pub count: u64,
    /// The 1-based index of the first record that it held for, if it is of a record.
    pub first: Option<u64>,
    /// What stood there.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub example: String,
}

/// Causes of which one member tells; further ones are counted together.
const MOST_REASONS: usize = 20;

impl LedgerRow {
    /// Starts with what an offer says of itself.
    pub(crate) fn of_identity(identity: &Identity) -> Self {
        match identity {
            Identity::Content | Identity::Name(_) => Self::default(),
            Identity::Behind { stream, start, end } => Self {
                stream: stream.clone(),
                cursor: end.clone(),
                // Pieces of a stream have its order.
                place: i64::try_from(*start).unwrap_or(i64::MAX),
                ..Self::default()
            },
        }
    }

    /// Tells whether what was offered is in, so that it does not come in again.
    pub(crate) fn is_in(&self) -> bool {
        // Of a stream also what could not be read has been passed.
        self.stored > 0 || !self.stream.is_empty()
    }

    /// Adds what became of the records of one table.
    pub(crate) fn add(&mut self, summary: MemberSummary) {
        if self.format.is_empty() {
            summary.format.clone_into(&mut self.format);
        }
        self.read = self.read.saturating_add(summary.read);
        self.stored = self.stored.saturating_add(summary.emitted);
        self.rejected = self.rejected.saturating_add(summary.rejected);
        self.times.append(&summary.times, 0);
        self.ignored_columns.extend(summary.ignored_columns);
        self.assumed_utc.extend(summary.assumed_utc);
        for (cause, loss) in summary.losses.iter() {
            self.losses.push(Reason {
                reason: cause.to_string(),
                count: loss.count,
                first: Some(loss.first),
                example: loss.example.clone(),
            });
        }
        if let Some(table) = summary.table {
            self.heads.insert(table, summary.head);
        }
    }

    /// Puts files in the order in which folders are walked, and members in that of their archive.
    pub(crate) fn by_place(&self, other: &Self) -> Ordering {
        let place = |row: &Self| (row.place, row.source);
        // Folder by folder, not as texts: `a/x` comes before `a-b/x`.
        let files = Path::new(&self.file).cmp(Path::new(&other.file));
        files.then_with(|| place(self).cmp(&place(other)))
    }

    /// Takes note of what was wrong.
    pub(crate) fn note(&mut self, reason: String, line: Option<u64>) {
        let is_full = self.reasons.len() >= MOST_REASONS;
        let known = self.reasons.iter_mut().find(|known| known.reason == reason);
        match known {
            Some(known) => known.count = known.count.saturating_add(1),
            None if is_full => {
                if let Some(last) = self.reasons.last_mut() {
                    last.count = last.count.saturating_add(1);
                    "further reasons".clone_into(&mut last.reason);
                }
            }
            None => {
                self.reasons.push(Reason { reason, count: 1, first: line, example: String::new() });
            }
        }
    }
}

/// The columns, in the order of the table.
const COLUMNS: [(&str, KqlType); 21] = [
    ("TimeGenerated", KqlType::Datetime),
    ("Source", KqlType::Long),
    ("File", KqlType::String),
    ("Member", KqlType::String),
    ("Place", KqlType::Long),
    ("Format", KqlType::String),
    ("Tables", KqlType::Dynamic),
    ("RecordsRead", KqlType::Long),
    ("RecordsStored", KqlType::Long),
    ("RecordsRejected", KqlType::Long),
    ("Reasons", KqlType::Dynamic),
    ("Losses", KqlType::Dynamic),
    ("IgnoredColumns", KqlType::Dynamic),
    ("AssumedUtc", KqlType::Dynamic),
    ("Times", KqlType::Dynamic),
    ("Digest", KqlType::String),
    ("Bytes", KqlType::Long),
    ("Batch", KqlType::String),
    ("Stream", KqlType::String),
    ("Position", KqlType::Long),
    ("Cursor", KqlType::Dynamic),
];

/// Returns the ledger as a table of KQL.
pub(crate) fn schema() -> TableSchema {
    let column = |(name, ty): (&str, KqlType)| ColumnSchema { name: name.to_owned(), ty };
    TableSchema { name: LEDGER.to_owned(), columns: COLUMNS.into_iter().map(column).collect() }
}

/// Returns how the ledger lies in its table.
pub(crate) fn layout() -> Arc<Layout> {
    Arc::new(Layout::of_ledger(schema().columns))
}

/// Returns rows as the engine would have them, with the lines that files of a lake do not have.
pub(crate) fn batch(rows: &[LedgerRow]) -> Result<RecordBatch, LakeError> {
    let text = |of: &dyn Fn(&LedgerRow) -> String| -> ArrayRef {
        Arc::new(rows.iter().map(|row| Some(of(row))).collect::<StringViewArray>())
    };
    let number = |of: &dyn Fn(&LedgerRow) -> u64| -> ArrayRef {
        let number = |row| Some(i64::try_from(of(row)).unwrap_or(i64::MAX));
        Arc::new(rows.iter().map(number).collect::<Int64Array>())
    };
    let long = |of: &dyn Fn(&LedgerRow) -> i64| -> ArrayRef {
        Arc::new(rows.iter().map(of).collect::<Int64Array>())
    };
    let columns = vec![
        long(&|row| row.ingested),
        long(&|row| row.source),
        text(&|row| row.file.clone()),
        text(&|row| row.member.clone().unwrap_or_default()),
        long(&|row| row.place),
        text(&|row| row.format.clone()),
        text(&|row| json(&row.heads)),
        number(&|row| row.read),
        number(&|row| row.stored),
        number(&|row| row.rejected),
        text(&|row| json(&row.reasons)),
        text(&|row| json(&row.losses)),
        text(&|row| json(&row.ignored_columns)),
        text(&|row| json(&row.assumed_utc)),
        text(&|row| json(&spans(&row.times))),
        text(&|row| row.digest.clone()),
        number(&|row| row.bytes),
        text(&|row| row.batch.clone()),
        text(&|row| row.stream.clone()),
        number(&|row| row.cursor.position),
        text(&|row| {
            if row.stream.is_empty() { "null".to_owned() } else { row.cursor.state.clone() }
        }),
        long(&|_| 1),
    ];
    Ok(RecordBatch::try_new(row_schema(&schema().columns), columns)?)
}

fn json(value: &impl Serialize) -> String {
    // Nothing in these values can fail to be written.
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

/// Number of records, oldest, newest, and the line of the newest.
type Span = (u64, Ticks, Ticks, Option<u64>);

fn spans(times: &RecordTimes) -> Vec<Span> {
    times.spans().map(|it| (it.records, it.oldest, it.newest, it.line)).collect()
}

/// Reads the rows of a file of the ledger.
///
/// # Errors
///
/// If it is not one.
pub(crate) fn read(name: &str, bytes: Bytes) -> Result<Vec<LedgerRow>, LakeError> {
    let mut rows = Vec::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(bytes)?.build()? {
        let columns = Columns { file: name, batch: batch? };
        for row in 0..columns.batch.num_rows() {
            rows.push(columns.row(row)?);
        }
    }
    Ok(rows)
}

/// The columns of a batch of the ledger.
struct Columns<'a> {
    file: &'a str,
    batch: RecordBatch,
}

impl Columns<'_> {
    fn row(&self, row: usize) -> Result<LedgerRow, LakeError> {
        let mut times = RecordTimes::default();
        for (records, oldest, newest, line) in self.json::<Vec<Span>>("Times", row)? {
            times.add(TimeSpan { records, oldest, newest, line });
        }
        let member = self.text("Member", row)?;
        // Files that were written before there were streams, alone or put together with others.
        let streams = self.batch.column_by_name("Stream");
        let has_streams = streams.is_some_and(|streams| streams.is_valid(row));
        Ok(LedgerRow {
            ingested: self.time("TimeGenerated", row)?,
            source: self.long("Source", row)?,
            file: self.text("File", row)?,
            member: Some(member).filter(|member| !member.is_empty()),
            place: self.long("Place", row)?,
            format: self.text("Format", row)?,
            heads: self.json("Tables", row)?,
            read: self.count("RecordsRead", row)?,
            stored: self.count("RecordsStored", row)?,
            rejected: self.count("RecordsRejected", row)?,
            reasons: self.json("Reasons", row)?,
            losses: self.json("Losses", row)?,
            ignored_columns: self.json("IgnoredColumns", row)?,
            assumed_utc: self.json("AssumedUtc", row)?,
            times,
            digest: self.text("Digest", row)?,
            bytes: self.count("Bytes", row)?,
            batch: self.text("Batch", row)?,
            stream: if has_streams { self.text("Stream", row)? } else { String::new() },
            cursor: if has_streams { self.cursor(row)? } else { Cursor::default() },
        })
    }

    fn cursor(&self, row: usize) -> Result<Cursor, LakeError> {
        Ok(Cursor { position: self.count("Position", row)?, state: self.text("Cursor", row)? })
    }

    fn damaged(&self, reason: String) -> LakeError {
        LakeError::Damaged { file: format!("{LEDGER}/{}", self.file), reason }
    }

    fn column(&self, name: &str) -> Result<&ArrayRef, LakeError> {
        let column = self.batch.column_by_name(name);
        column.ok_or_else(|| self.damaged(format!("no column `{name}`")))
    }

    fn text(&self, name: &str, row: usize) -> Result<String, LakeError> {
        let column = cast(self.column(name)?, &DataType::Utf8View)?;
        let texts = column.as_string_view_opt();
        let text = texts.filter(|it| it.is_valid(row)).map(|it| it.value(row).to_owned());
        text.ok_or_else(|| self.damaged(format!("`{name}` is missing")))
    }

    fn long(&self, name: &str, row: usize) -> Result<i64, LakeError> {
        let numbers = self.column(name)?.as_primitive_opt::<Int64Type>();
        let number = numbers.filter(|it| it.is_valid(row)).map(|it| it.value(row));
        number.ok_or_else(|| self.damaged(format!("`{name}` has no number")))
    }

    fn count(&self, name: &str, row: usize) -> Result<u64, LakeError> {
        u64::try_from(self.long(name, row)?).map_err(|_| self.damaged(format!("`{name}` < 0")))
    }

    fn time(&self, name: &str, row: usize) -> Result<Ticks, LakeError> {
        let micros = self.column(name)?.as_primitive_opt::<TimestampMicrosecondType>();
        let micros = micros.filter(|it| it.is_valid(row)).map(|it| it.value(row));
        let time = micros.and_then(|it| it.checked_mul(10)?.checked_add(UNIX_EPOCH));
        time.ok_or_else(|| self.damaged(format!("`{name}` is not a time")))
    }

    fn json<T: for<'de> Deserialize<'de>>(&self, name: &str, row: usize) -> Result<T, LakeError> {
        let text = self.text(name, row)?;
        serde_json::from_str(&text).map_err(|error| self.damaged(format!("`{name}`: {error}")))
    }
}
