//! Results and alerts as text: one file per output format.
//!
//! In: a result's columns and its Arrow batches, or alerts. Out: bytes on a writer that the caller
//! gives. Streams: what it keeps in memory is one batch, and for a table a sample of rows. Asks
//! nothing of the environment: terminal width and colour are passed in.

mod alert;
pub mod alerts;
pub mod bundle;
mod cell;
mod error;
pub mod findings;
mod format;
mod grid;
mod html;
mod overview;
pub mod package;
mod paths;
pub mod simulation;
mod text;
pub mod validation;

pub use crate::{
    error::WriteError,
    format::{
        Format, Options, ResultWriter, UnknownFormat, begin,
        csv::CsvOptions,
        rows::{Dynamics, JsonRows},
    },
    grid::TableOptions,
};

/// Appends an alert as a JSON object, as `jsonl` has it.
pub fn alert_object(alert: &detection::alert::Alert, out: &mut String) {
    alert::object::write_alert(alert, out);
}
