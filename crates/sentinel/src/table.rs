//! The rows that Sentinel writes: tables with their columns, by name.
//!
//! Every column of a table is there. What only a workspace knows, such as `TenantId`, links and what is
//! billed, has no value.

mod security_alert;
mod security_incident;
mod sentinel_health;

use kql_types::{Value, dynamic};

pub use self::{
    security_alert::security_alert,
    security_incident::{Standing, security_incident, security_incident_now},
    sentinel_health::{RunHealth, sentinel_health},
};

/// The tables that Sentinel writes itself.
pub const OWN: [&str; 3] = ["SecurityAlert", "SecurityIncident", "SentinelHealth"];

/// A row: its columns in the order of the table, each with its value.
pub type TableRow = Vec<(&'static str, Value)>;

/// Appends a row as a JSON object on a line of its own; what holds nothing is left out.
pub fn json_line(row: &TableRow, out: &mut String) {
    out.push('{');
    let cells = row.iter().filter(|(_, value)| !value.to_text().is_empty());
    for (at, (name, value)) in cells.enumerate() {
        if at > 0 {
            out.push(',');
        }
        dynamic::quote(name, out);
        out.push(':');
        dynamic::encode(value, out);
    }
    out.push_str("}\n");
}

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
