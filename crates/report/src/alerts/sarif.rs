//! `sarif`: one log of alerts for code scanning and editors.
//!
//! Source: OASIS, SARIF 2.1.0. An alert is a result, the first record it rests on its location and
//! the others related ones; a record's number stands for a line.

use std::{fmt::Write, io};

use detection::alert::{Alert, Evidence, Severity};
use serde_json::{Value, json};

use crate::{
    WriteError,
    alert::{
        facts::Facts,
        json_value::{iso, without_empty, write_pretty},
    },
    findings::{Findings, RuleFacts},
};

/// Related locations of one result; how many records there are stands beside.
const MAX_RELATED: usize = 50;

/// Writes the log.
pub(super) fn write(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    let rules: Vec<Value> = findings.rules.iter().map(rule).collect();
    let results: Vec<Value> = findings.alerts.iter().map(|alert| result(findings, alert)).collect();
    let notices = findings
        .problems
        .iter()
        .map(|problem| json!({"level": "warning", "message": {"text": problem}}));
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "Quarry",
                "version": findings.versions.quarry,
                "semanticVersion": findings.versions.quarry,
                "rules": rules,
            }},
            "invocations": [{
                "executionSuccessful": true,
                "toolExecutionNotifications": notices.collect::<Vec<_>>(),
            }],
            "results": results,
            "columnKind": "unicodeCodePoints",
        }],
    });
    write_pretty(&log, out)
}

fn rule(rule: &RuleFacts) -> Value {
    let description = without_empty(json!({"text": rule.description}));
    let mut value = json!({
        "id": rule.id,
        "name": rule.name,
        "shortDescription": {"text": rule.name},
        "defaultConfiguration": {"level": level(rule.severity)},
        "properties": {
            "tags": rule.techniques.iter().chain(&rule.behaviours).collect::<Vec<_>>(),
            "security-severity": score(rule.severity),
        },
    });
    if description.as_object().is_some_and(|text| !text.is_empty())
        && let Some(value) = value.as_object_mut()
    {
        value.insert("fullDescription".to_owned(), description);
    }
    value
}

fn result(findings: &Findings, alert: &Alert) -> Value {
    let index = findings.rules.iter().position(|rule| rule.id == alert.rule.id);
    let mut locations = alert.evidence.iter().map(location);
    let first = locations.next();
    let related: Vec<Value> = (1u64..)
        .zip(locations.take(MAX_RELATED))
        .map(|(id, mut location)| {
            if let Some(location) = location.as_object_mut() {
                location.insert("id".to_owned(), id.into());
            }
            location
        })
        .collect();
    let mut value = json!({
        "ruleId": alert.rule.id,
        "level": level(alert.severity),
        "message": {"text": Facts::new(alert, None).message},
        "locations": first.into_iter().collect::<Vec<_>>(),
        "partialFingerprints": {"quarryAlert/v1": alert.id},
        "properties": {
            "severity": alert.severity.name(),
            "time": iso(alert.time),
            "behaviours": alert.rule.behaviours,
            "evidenceCount": alert.evidence.len(),
        },
    });
    if let Some(value) = value.as_object_mut() {
        if let Some(index) = index {
            value.insert("ruleIndex".to_owned(), index.into());
        }
        if !related.is_empty() {
            value.insert("relatedLocations".to_owned(), related.into());
        }
    }
    value
}

fn location(record: &Evidence) -> Value {
    let place = match &record.origin.member {
        Some(member) => format!("{}/{member}", record.origin.file),
        None => record.origin.file.clone(),
    };
    let event = record.event_id.map(|event| format!(", event {event}")).unwrap_or_default();
    let host = record.origin.host.as_ref().map(|host| format!(" of {host}")).unwrap_or_default();
    json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri(&place)},
            "region": {"startLine": record.line.max(1)},
        },
        "message": {"text": format!("record {}{event}{host}", record.line)},
    })
}

/// Returns a path as a URI reference: separators are slashes, everything unusual is escaped.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'\\' => uri.push('/'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                uri.push(char::from(byte));
            }
            other => {
                let written = write!(uri, "%{other:02X}");
                debug_assert!(written.is_ok(), "writing to a string cannot fail");
            }
        }
    }
    uri
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Informational => "note",
    }
}

/// What code scanning sorts by.
const fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "8.0",
        Severity::Medium => "5.0",
        Severity::Low => "3.0",
        Severity::Informational => "1.0",
    }
}
