//! Alerts as text: the lines that machines read, the table that people read.
//!
//! In: [`Alert`]s, one at a time, in the order they are to appear. Out: bytes on a writer.

mod csv;
mod json;
mod jsonl;
mod object;
mod summary;
mod table;

use std::{fmt, io, str::FromStr};

use detection::alert::Alert;

use self::{
    csv::CsvAlertWriter, json::JsonAlertWriter, jsonl::JsonlAlertWriter, table::TableAlertWriter,
};
use crate::{TableOptions, WriteError};

/// Writes alerts.
pub trait AlertWriter {
    /// Writes one alert.
    ///
    /// # Errors
    ///
    /// Fails if the writer does.
    fn alert(&mut self, alert: &Alert) -> Result<(), WriteError>;

    /// Writes what closes the list.
    ///
    /// # Errors
    ///
    /// Fails if the writer does.
    fn finish(self: Box<Self>) -> Result<(), WriteError>;
}

/// A format alerts can be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertFormat {
    /// A table for a terminal, with a summary
    Table,
    /// One JSON array
    Json,
    /// One JSON object per alert
    Jsonl,
    /// One line per alert, RFC 4180
    Csv,
}

impl AlertFormat {
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

impl fmt::Display for AlertFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for AlertFormat {
    type Err = UnknownAlertFormat;

    fn from_str(name: &str) -> Result<Self, UnknownAlertFormat> {
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or(UnknownAlertFormat)
    }
}

/// The text is no name of a format for alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown format, expected `table`, `json`, `jsonl` or `csv`")]
pub struct UnknownAlertFormat;

/// Writes what opens the list and returns the writer of its alerts; `options` concern the table
/// alone.
///
/// # Errors
///
/// Fails if `out` does.
pub fn begin<'w>(
    format: AlertFormat,
    options: TableOptions,
    out: impl io::Write + 'w,
) -> Result<Box<dyn AlertWriter + 'w>, WriteError> {
    Ok(match format {
        AlertFormat::Table => Box::new(TableAlertWriter::new(options, out)),
        AlertFormat::Json => Box::new(JsonAlertWriter::new(out)),
        AlertFormat::Jsonl => Box::new(JsonlAlertWriter::new(out)),
        AlertFormat::Csv => Box::new(CsvAlertWriter::begin(out)?),
    })
}
