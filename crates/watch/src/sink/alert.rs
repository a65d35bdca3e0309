//! What is delivered of an alert: as a hunt writes it, and as a row of `SecurityAlert`.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::SinkError;

/// An alert on its way out.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct AlertBody<'a> {
    /// As `quarry hunt --format jsonl` has it.
    #[serde(borrow)]
    pub(crate) alert: &'a RawValue,
    /// As `SecurityAlert` has it.
    #[serde(borrow)]
    pub(crate) row: &'a RawValue,
}

impl<'a> AlertBody<'a> {
    /// Reads what was kept.
    pub(crate) fn read(body: &'a str) -> Result<Self, SinkError> {
        serde_json::from_str(body).map_err(SinkError::new)
    }

    /// Writes what is to be kept, of two JSON objects.
    pub(crate) fn written(alert: &str, row: &str) -> String {
        format!("{{\"alert\":{},\"row\":{}}}", alert.trim_end(), row.trim_end())
    }
}
