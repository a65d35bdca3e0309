//! Results and alerts as text: one file per output format.
//!
//! In: a result's columns and its Arrow batches, or alerts. Out: bytes on a writer that the caller
//! gives. Streams: what it keeps in memory is one batch, and for a table a sample of rows. Asks
//! nothing of the environment: terminal width and colour are passed in.

pub mod alerts;
mod attack;
pub mod bundle;
mod cell;
mod csv;
mod error;
pub mod findings;
mod format;
mod grid;
mod html;
mod json;
mod jsonl;
mod overview;
mod paths;
pub mod simulation;
mod table;
pub mod test_report;
pub mod validation;
mod visible;
mod xml;

pub use crate::{
    csv::CsvOptions,
    error::WriteError,
    format::{Format, Options, ResultWriter, UnknownFormat, begin},
    grid::TableOptions,
};
