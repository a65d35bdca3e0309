//! An alert, made again of the text that the state has of it.

use std::{collections::BTreeMap, sync::Arc};

use detection::alert::{Alert, Evidence, Origin, RuleRef, Severity};
use kql_types::Value;
use serde::Deserialize;
use serde_json::Value as Json;

use crate::book::AlertRow;

/// A record, as alerts name it.
#[derive(Deserialize)]
struct StoredEvidence {
    file: String,
    member: Option<String>,
    line: u64,
    record_id: Option<i64>,
    event_id: Option<i32>,
    channel: Option<String>,
    host: Option<String>,
}

/// Returns an alert's columns.
pub(super) fn columns(alert: &Json) -> impl Iterator<Item = (&String, &Json)> {
    alert.get("columns").and_then(Json::as_object).into_iter().flatten()
}

/// Returns a value as people read it.
pub(super) fn text(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Returns the records that an alert rests on, in order.
///
/// # Errors
///
/// If the text is not that of an alert.
pub(super) fn evidence(alert: &Json) -> Result<Vec<Evidence>, serde_json::Error> {
    let stored = alert.get("evidence").cloned().unwrap_or(Json::Array(Vec::new()));
    let stored: Vec<StoredEvidence> = serde_json::from_value(stored)?;
    let evidence = |it: StoredEvidence| Evidence {
        origin: Arc::new(Origin {
            file: it.file,
            member: it.member,
            channel: it.channel,
            host: it.host,
        }),
        line: it.line,
        record_id: it.record_id,
        event_id: it.event_id,
    };
    Ok(stored.into_iter().map(evidence).collect())
}

/// Returns what exceptions compare of an alert: its rule, its behaviours and its columns.
///
/// What had no value is `""`, as in the text of a value that is null; a time is text that reads like it.
pub(super) fn alert(row: &AlertRow) -> Alert {
    let behaviours = row.alert.pointer("/rule/behaviours").and_then(Json::as_array);
    let behaviours = behaviours.into_iter().flatten().filter_map(Json::as_str);
    let rule = RuleRef {
        id: row.rule.clone(),
        name: row.title.clone(),
        behaviours: behaviours.map(str::to_owned).collect(),
        methods: BTreeMap::new(),
        techniques: Vec::new(),
    };
    let column = |(name, value): (&String, &Json)| {
        let value = match value {
            Json::Array(_) | Json::Object(_) => Value::Dynamic(Some(value.to_string())),
            value => Value::String(text(value)),
        };
        (Arc::from(name.as_str()), value)
    };
    Alert {
        id: row.id.clone(),
        rule: Arc::new(rule),
        severity: Severity::parse(&row.severity).unwrap_or(Severity::Informational),
        time: row.time,
        entities: Vec::new(),
        columns: columns(&row.alert).map(column).collect(),
        evidence: Vec::new(),
    }
}
