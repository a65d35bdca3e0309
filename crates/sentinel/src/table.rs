//! The rows that Sentinel writes: tables with their columns, by name.
//!
//! Every column of a table is there. What only a workspace knows, such as `TenantId`, links and what is
//! billed, has no value.

mod security_alert;
mod security_incident;
mod sentinel_health;

use kql_types::Value;

pub use self::{
    security_alert::security_alert,
    security_incident::security_incident,
    sentinel_health::{RunHealth, sentinel_health},
};

/// A row: its columns in the order of the table, each with its value.
pub type TableRow = Vec<(&'static str, Value)>;

fn text(text: impl Into<String>) -> Value {
    Value::String(text.into())
}

/// Returns an empty text, for what only a workspace knows.
const fn unknown() -> Value {
    Value::String(String::new())
}

fn json(value: &serde_json::Value) -> Value {
    Value::Dynamic(Some(value.to_string()))
}
