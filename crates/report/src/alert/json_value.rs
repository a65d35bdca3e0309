//! JSON values of alerts, for formats that have a schema of their own.

use std::io;

use detection::alert::{Alert, Evidence, Origin};
use kql_types::{Ticks, Value, datetime};
use serde_json::{Map, json};

use crate::{
    WriteError,
    cell::{Cell, push_escaped},
};

/// Writes a value and a line break; what acts on a terminal is escaped.
pub(crate) fn write_line(
    value: &serde_json::Value,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    let mut line = String::new();
    push_escaped(&value.to_string(), &mut line);
    line.push('\n');
    Ok(out.write_all(line.as_bytes())?)
}

/// Writes a value over several lines, for formats that people look into.
pub(crate) fn write_pretty(
    value: &serde_json::Value,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    let mut text = String::new();
    push_escaped(&format!("{value:#}"), &mut text);
    text.push('\n');
    Ok(out.write_all(text.as_bytes())?)
}

/// Returns a column's value in the form of Kusto's results.
pub(crate) fn json_value(value: &Value) -> serde_json::Value {
    let mut json = String::new();
    Cell::from(value).write_json(&mut json);
    serde_json::from_str(&json).unwrap_or(serde_json::Value::String(json))
}

/// Returns the columns that hold something, by name.
pub(crate) fn filled_columns(alert: &Alert) -> Map<String, serde_json::Value> {
    let columns = alert.columns.iter().filter(|(_, value)| !value.to_text().is_empty());
    columns.map(|(name, value)| (name.to_string(), json_value(value))).collect()
}

/// Returns where a record stands and what it is, whether or not that is known.
pub(crate) fn record_members(record: &Evidence) -> Map<String, serde_json::Value> {
    let Origin { file, member, channel, host } = &*record.origin;
    let members = [
        ("file", json!(file)),
        ("member", json!(member)),
        ("line", json!(record.line)),
        ("record_id", json!(record.record_id)),
        ("event_id", json!(record.event_id)),
        ("channel", json!(channel)),
        ("host", json!(host)),
    ];
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Returns milliseconds since 1970.
pub(crate) fn unix_ms(ticks: Ticks) -> i64 {
    const EPOCH: Ticks = 621_355_968_000_000_000;
    ticks.saturating_sub(EPOCH).div_euclid(10_000)
}

/// Returns the time as ISO text, or null.
pub(crate) fn iso(time: Option<Ticks>) -> serde_json::Value {
    time.map_or(serde_json::Value::Null, |ticks| datetime::format(ticks).to_string().into())
}

/// Takes members out whose value says nothing: null, `""`, empty lists and objects, at any depth.
pub(crate) fn without_empty(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    let is_empty = |value: &Value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    };
    match value {
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| (name, without_empty(value)));
            Value::Object(members.filter(|(_, value)| !is_empty(value)).collect())
        }
        Value::Array(items) => {
            let items = items.into_iter().map(without_empty);
            Value::Array(items.filter(|value| !is_empty(value)).collect())
        }
        other => other,
    }
}
