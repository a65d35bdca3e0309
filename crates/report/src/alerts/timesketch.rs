//! `timesketch`: JSON lines for Timesketch, one per alert.
//!
//! Source: Timesketch, "Import from JSON or CSV": `message`, `datetime` and `timestamp_desc` have to be
//! there; everything else becomes a field.

use std::io;

use detection::alert::Alert;
use lateral::Hop;
use serde_json::{Value, json};

use crate::{
    WriteError,
    alert::{
        facts::Facts,
        json_value::{iso, without_empty, write_line},
        summary,
    },
    findings::Findings,
};

/// Writes one line per alert.
pub(super) fn write(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    let hops = findings.hop_of_alert();
    findings.alerts.iter().enumerate().try_for_each(|(position, alert)| {
        write_line(&line(findings, alert, hops.get(&position).copied()), out)
    })
}

fn line(findings: &Findings, alert: &Alert, hop: Option<&Hop>) -> Value {
    let facts = Facts::new(alert, hop);
    // What has no time of its own stands where the logs end: left out, it would be lost.
    let time = alert.time.or(findings.newest);
    let described = if alert.time.is_some() { "Alert" } else { "Alert without a time" };
    let mut line = without_empty(json!({
        "severity": alert.severity.name(),
        "rule_id": alert.rule.id,
        "rule_name": alert.rule.name,
        "behaviours": alert.rule.behaviours,
        "alert_id": alert.id,
        "hostname": facts.host,
        "username": facts.user,
        "source_host": facts.source_host,
        "source_ip": facts.source_ip,
        "target_host": facts.target_host,
        "target_ip": facts.target_ip,
        "command_line": facts.command_line,
        "share": facts.share,
        "service": facts.service,
        "evidence": summary::evidence(alert),
        "tag": ["quarry"],
    }));
    if let Some(line) = line.as_object_mut() {
        line.insert("message".to_owned(), facts.message.into());
        let epoch = || "1970-01-01T00:00:00Z".into();
        line.insert("datetime".to_owned(), time.map_or_else(epoch, |time| iso(Some(time))));
        line.insert("timestamp_desc".to_owned(), described.into());
    }
    line
}
