//! What is known of a table whose columns and rows stand apart, and of the frames of Azure Data
//! Explorer's answers, which tell of tables one after the other.
//!
//! Source: <https://learn.microsoft.com/kusto/api/rest/response-v2>

use super::{
    columns::Columns,
    cursor::Cursor,
    envelope::{Array, kind_of_array},
    probe::Probe,
};
use crate::problem::Reason;

/// The kind of table that is the result.
const RESULT: &str = "PrimaryResult";

/// Keys of the rows of a table.
const ROWS: [&str; 2] = ["Rows", "rows"];

/// Tells whether a member's key says that it holds the rows of a table.
pub(crate) fn is_rows(key: &str) -> bool {
    ROWS.contains(&key)
}

/// Returns why the rows of a table, a member with its key, are not read.
///
/// - `has_columns`: whether the columns of rows that stand before it are known.
pub(crate) fn unread_rows(member: &str, has_columns: bool) -> Option<Reason> {
    let mut cursor = Cursor::new(member);
    let key = cursor.string().ok()?;
    if !is_rows(key) || !cursor.take(b':') || cursor.peek() != Some(b'[') {
        return None;
    }
    Some(if has_columns {
        let message = "rows that were given before are replaced; ask without progressive results";
        Reason::Service { message: message.to_owned() }
    } else {
        Reason::Json { expected: "the names of the columns of these rows" }
    })
}

/// An envelope's members that tell of a table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frame {
    /// The kind of frame, `""` for an envelope that is none.
    kind: String,
    table_kind: Option<String>,
    table: Option<String>,
    replaces: bool,
    has_errors: bool,
    /// How many rows the table has had, as its last frame says.
    row_count: Option<u64>,
    columns: Option<Columns>,
}

/// The tables that frames have told of.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    headers: Vec<Frame>,
    /// The tables that rows have been taken of, with how many rows there were.
    given: Vec<(String, u64)>,
    /// The one among them whose rows are being read.
    current: Option<usize>,
}

/// What a frame means for the reader of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It has rows.
    Rows,
    /// It has told all that it has.
    Told,
    /// It tells of an error.
    Error,
}

/// What is to be made of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// They are the result's, with these columns.
    Result(Columns),
    /// They tell of the result.
    Beside,
    /// They take the place of rows that have been taken already.
    Replacing,
    /// Nobody has told their columns.
    Unknown,
}

impl Frame {
    /// Returns the frame that a whole object is.
    pub(crate) fn of(object: &str) -> Option<Self> {
        let probe = Probe::new(object)?;
        probe.has(&["FrameType"]).then(|| {
            let mut frame = Self::default();
            probe.members().for_each(|(key, value)| frame.note(&key, value));
            frame
        })
    }

    /// Takes note of a member with its whole value.
    pub(crate) fn note(&mut self, key: &str, value: &str) {
        let text = || value.trim_matches('"').to_owned();
        match key {
            "FrameType" => self.kind = text(),
            "TableKind" => self.table_kind = Some(text()),
            "TableId" => self.table = Some(text()),
            "TableFragmentType" => self.replaces = text() == "DataReplace",
            "HasErrors" | "Cancelled" => self.has_errors |= value == "true",
            "RowCount" => self.row_count = value.parse().ok(),
            "OneApiErrors" => self.has_errors |= !matches!(value, "null" | "[]"),
            _ if value.starts_with('[') => {
                let is_list = kind_of_array(value) != Array::OfArrays;
                let columns = is_list.then(|| Columns::of(key, value)).flatten();
                self.columns = columns.or(self.columns.take());
            }
            _ => {}
        }
    }

    /// Takes note of the columns that stand behind the rows; `false` if the object goes on behind
    /// what is there.
    pub(crate) fn look_ahead(&mut self, behind: &str) -> bool {
        let mut cursor = Cursor::new(behind);
        while cursor.take(b',') {
            let Ok(key) = cursor.string() else { return false };
            if !cursor.take(b':') {
                return false;
            }
            let Ok(value) = cursor.value() else { return false };
            self.note(key, value);
        }
        cursor.peek() == Some(b'}')
    }
}

impl Frames {
    /// Takes note of a whole frame.
    pub(crate) fn see(&mut self, frame: &Frame) -> Seen {
        match frame.kind.as_str() {
            _ if frame.has_errors => Seen::Error,
            "DataTable" | "TableFragment" => Seen::Rows,
            "TableHeader" => {
                self.headers.push(frame.clone());
                Seen::Told
            }
            "TableCompletion" if !self.has_all_rows(frame) => Seen::Error,
            "DataSetHeader" | "TableProgress" | "TableCompletion" | "DataSetCompletion" => {
                Seen::Told
            }
            _ => Seen::Error,
        }
    }

    /// Returns what is to be made of the rows of a table, of which `frame` has been read so far.
    pub(crate) fn rows(&mut self, frame: &Frame) -> Rows {
        let is_its = |header: &&Frame| header.table.is_some() && header.table == frame.table;
        let header = self.headers.iter().rev().find(is_its);
        let told = frame.table_kind.as_ref().or_else(|| header?.table_kind.as_ref());
        let columns = frame.columns.as_ref().or_else(|| header?.columns.as_ref());
        let Some(columns) = columns else { return Rows::Unknown };
        if told.is_some_and(|kind| kind != RESULT) || columns.are_beside_the_result() {
            return Rows::Beside;
        }
        let columns = columns.clone();
        if let Some(table) = &frame.table {
            let known = self.given.iter().position(|(given, _)| given == table);
            if frame.replaces && known.is_some() {
                return Rows::Replacing;
            }
            self.current = known.or(Some(self.given.len()));
            if known.is_none() {
                self.given.push((table.clone(), 0));
            }
        }
        Rows::Result(columns)
    }

    /// Counts a row of the table whose rows are being read.
    pub(crate) fn count_row(&mut self) {
        let given = self.current.and_then(|at| self.given.get_mut(at));
        if let Some((_, rows)) = given {
            *rows = rows.saturating_add(1);
        }
    }

    /// Tells whether a table has had as many rows as its last frame says.
    fn has_all_rows(&self, frame: &Frame) -> bool {
        let given = self.given.iter().find(|(given, _)| Some(given) == frame.table.as_ref());
        let (Some((_, rows)), Some(expected)) = (given, frame.row_count) else { return true };
        *rows == expected
    }
}
