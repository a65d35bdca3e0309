//! The list of output formats, and what all of them do.

pub(crate) mod csv;
mod json;
mod jsonl;
pub(crate) mod rows;
mod table;

use std::{fmt, io, str::FromStr};

use arrow_array::RecordBatch;
use kql_types::schema::ColumnSchema;

use self::{
    csv::{CsvOptions, CsvWriter},
    json::JsonWriter,
    jsonl::JsonlWriter,
    table::TableWriter,
};
use crate::{error::WriteError, grid::TableOptions};

/// Writes one result, batch by batch.
pub trait ResultWriter {
    /// Writes the rows of a batch whose columns are the result's, in order and encoding.
    ///
    /// # Errors
    ///
    /// Fails if the writer does, or if the batch does not have the columns of the result.
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), WriteError>;

    /// Writes what closes the result. Without it a JSON document is not complete.
    ///
    /// # Errors
    ///
    /// Fails if the writer does.
    fn finish(self: Box<Self>) -> Result<(), WriteError>;
}

/// A format a result can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// An aligned table for a terminal
    Table,
    /// One JSON object with columns and rows
    Json,
    /// One JSON object per row
    Jsonl,
    /// RFC 4180
    Csv,
}

impl Format {
    /// Every format, in the order of the help text.
    pub const ALL: [Self; 4] = [Self::Table, Self::Json, Self::Jsonl, Self::Csv];

    /// Returns the name that `--format` takes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or(UnknownFormat)
    }
}

/// The text is no name of a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown format, expected `table`, `json`, `jsonl` or `csv`")]
pub struct UnknownFormat;

/// What the formats can be told; each reads its own part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// For [`Format::Table`].
    pub table: TableOptions,
    /// For [`Format::Csv`].
    pub csv: CsvOptions,
}

/// Writes what opens a result in `format` and returns the writer of its batches.
///
/// # Errors
///
/// Fails if `out` does.
pub fn begin<'w>(
    format: Format,
    columns: &[ColumnSchema],
    options: &Options,
    out: impl io::Write + 'w,
) -> Result<Box<dyn ResultWriter + 'w>, WriteError> {
    Ok(match format {
        Format::Table => Box::new(TableWriter::begin(columns, options.table, out)),
        Format::Json => Box::new(JsonWriter::begin(columns, out)?),
        Format::Jsonl => Box::new(JsonlWriter::begin(columns, out)),
        Format::Csv => Box::new(CsvWriter::begin(columns, options.csv, out)?),
    })
}
