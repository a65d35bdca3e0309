//! `splunk`: one event per line for Splunk's HTTP Event Collector.
//!
//! Source: Splunk, "Format events for HTTP Event Collector".

use std::io;

use detection::alert::Alert;
use serde_json::{Value, json};

use crate::{
    WriteError,
    alert::{
        json_value::{unix_ms, without_empty, write_line},
        object::write_alert,
        summary,
    },
    findings::Findings,
};

/// Writes one event per alert.
pub(super) fn write(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    findings.alerts.iter().try_for_each(|alert| write_line(&event(alert), out))
}

fn event(alert: &Alert) -> Value {
    let mut text = String::new();
    write_alert(alert, &mut text);
    let event: Value = serde_json::from_str(&text).unwrap_or(Value::String(text));
    let seconds = alert.time.map(|ticks| {
        let ms = unix_ms(ticks);
        // As text, since a number of this size loses its milliseconds in some readers.
        format!("{}.{:03}", ms.div_euclid(1_000), ms.rem_euclid(1_000))
    });
    let mut envelope = without_empty(json!({
        "time": seconds,
        "host": summary::host(alert),
        "source": alert.evidence.first().map(|record| record.origin.file.as_str()),
        "sourcetype": "quarry:alert",
        "fields": {
            "severity": alert.severity.name(),
            "rule": alert.rule.name,
            "behaviour": alert.rule.behaviours,
        },
    }));
    if let Some(envelope) = envelope.as_object_mut() {
        envelope.insert("event".to_owned(), event);
    }
    envelope
}
