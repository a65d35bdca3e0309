//! `csv`: RFC 4180 with a header row; lines end in CR LF.
//!
//! A datetime is `yyyy-MM-ddTHH:mm:ss.fffffffZ`, a dynamic its text, null the empty cell. Text that a
//! spreadsheet would take for a formula gets an apostrophe and a tab in front, which readers of ours take
//! away again ([`formula`]). Everything else is as it is in the data, control characters too: CSV has
//! no escapes.

use std::{borrow::Cow, io};

use arrow_array::RecordBatch;
use kql_types::{
    dynamic::{self, Kind},
    formula,
    schema::ColumnSchema,
};

use crate::{
    WriteError,
    cell::{Cell, Rows},
    format::ResultWriter,
};

/// How CSV is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CsvOptions {
    /// Puts an apostrophe and a tab in front of text that a spreadsheet would run. Numbers, timespans and
    /// a sign alone are as they are.
    pub guards_formulas: bool,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self { guards_formulas: true }
    }
}

/// Writes one line per row.
pub(crate) struct CsvWriter<W> {
    out: W,
    columns: Vec<ColumnSchema>,
    options: CsvOptions,
}

impl<W: io::Write> CsvWriter<W> {
    /// Writes the header row.
    pub(crate) fn begin(
        columns: &[ColumnSchema],
        options: CsvOptions,
        out: W,
    ) -> Result<Self, WriteError> {
        let mut writer = Self { out, columns: columns.to_vec(), options };
        let mut text = String::new();
        // A name can come from data, by way of `bag_unpack` and `pivot`.
        writer.line(columns.iter().map(|column| Cell::String(&column.name)), &mut text);
        writer.out.write_all(text.as_bytes())?;
        Ok(writer)
    }

    /// Writes one row.
    pub(crate) fn row<'a>(
        &mut self,
        cells: impl IntoIterator<Item = Cell<'a>>,
    ) -> Result<(), WriteError> {
        let mut text = String::new();
        self.line(cells.into_iter(), &mut text);
        Ok(self.out.write_all(text.as_bytes())?)
    }

    fn line<'a>(&self, cells: impl Iterator<Item = Cell<'a>>, out: &mut String) {
        for (position, cell) in cells.enumerate() {
            if position > 0 {
                out.push(',');
            }
            let (field, is_text) = field(cell);
            let is_guarded =
                is_text && self.options.guards_formulas && formula::needs_guard(&field);
            // An empty line would be no row at all to many readers.
            let is_whole_line_empty = self.columns.len() == 1 && field.is_empty();
            write_field(&field, is_guarded, is_whole_line_empty, out);
        }
        out.push_str("\r\n");
    }
}

impl<W: io::Write> ResultWriter for CsvWriter<W> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), WriteError> {
        let rows = Rows::new(batch, &self.columns)?;
        let mut text = String::new();
        for row in 0..rows.count {
            self.line(rows.row(row), &mut text);
        }
        Ok(self.out.write_all(text.as_bytes())?)
    }

    fn finish(mut self: Box<Self>) -> Result<(), WriteError> {
        Ok(self.out.flush()?)
    }
}

/// Returns a cell's text and whether somebody else's words are in it.
fn field(cell: Cell<'_>) -> (Cow<'_, str>, bool) {
    match cell {
        Cell::Dynamic(json) => (cell.text(), dynamic::kind(json) == Kind::String),
        Cell::String(_) => (cell.text(), true),
        _ => (cell.text(), false),
    }
}

fn write_field(field: &str, is_guarded: bool, is_always_quoted: bool, out: &mut String) {
    let needs_quotes = is_always_quoted
        || is_guarded
        // A spreadsheet of another country may take these for ends of fields.
        || field.contains([',', ';', '\t', '"', '\r', '\n'])
        || field.starts_with(' ')
        || field.ends_with(' ');
    if needs_quotes {
        out.push('"');
    }
    if is_guarded {
        out.push_str(formula::GUARD);
    }
    if needs_quotes {
        out.push_str(&field.replace('"', "\"\""));
        out.push('"');
    } else {
        out.push_str(field);
    }
}
