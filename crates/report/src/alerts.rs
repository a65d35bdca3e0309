//! Alerts as text: the lines that machines read, the table that people read.
//!
//! In: [`Alert`]s, one at a time, in the order they are to appear. Out: bytes on a writer.

mod jsonl;
mod summary;
mod table;

use std::{fmt, io, str::FromStr};

use detection::alert::Alert;

use self::{jsonl::JsonlAlertWriter, table::TableAlertWriter};
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
    /// One JSON object per alert
    Jsonl,
}

impl AlertFormat {
    /// Every format, in the order of the help text.
    pub const ALL: [Self; 2] = [Self::Table, Self::Jsonl];

    /// Returns the name that `--format` takes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Jsonl => "jsonl",
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
#[error("unknown format, expected `table` or `jsonl`")]
pub struct UnknownAlertFormat;

/// Returns the writer of a format; `options` concern the table alone.
pub fn begin<'w>(
    format: AlertFormat,
    options: TableOptions,
    out: impl io::Write + 'w,
) -> Box<dyn AlertWriter + 'w> {
    match format {
        AlertFormat::Table => Box::new(TableAlertWriter::new(options, out)),
        AlertFormat::Jsonl => Box::new(JsonlAlertWriter::new(out)),
    }
}
