//! `hops`: one JSON object per hop, with all that is known of it.

use std::io;

use kql_types::datetime;
use lateral::{Hop, Place};
use serde_json::{Value, json};

use crate::{
    WriteError, alert::json_value::record_members, cell::push_escaped, findings::Findings,
};

/// Writes one line per hop, in order of time.
pub(crate) fn write(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    for number in 0..findings.movement.hops.len() {
        let Some(hop) = hop_value(findings, number) else { continue };
        let mut line = String::new();
        push_escaped(&hop.to_string(), &mut line);
        line.push('\n');
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

/// Returns a hop as a JSON object; `hop` and `after` count from 1.
pub(crate) fn hop_value(findings: &Findings, number: usize) -> Option<Value> {
    let hop = findings.movement.hops.get(number)?;
    let parent = findings.movement.forest.parent(number);
    let time = |ticks| datetime::format(ticks).to_string();
    let alerts = hop.alerts.iter().filter_map(|alert| findings.alerts.get(*alert));
    Some(json!({
        "hop": number.saturating_add(1),
        "source": place(&hop.source),
        "source_ip": hop.source_address.map(|address| address.to_string()),
        "source_named_by": hop.source_named_by.map(lateral::NamedBy::name),
        "target": place(&hop.target),
        "target_ip": hop.target_address.map(|address| address.to_string()),
        "account": hop.account.as_ref().map(ToString::to_string),
        "account_sid": hop.account.as_ref().map(|account| account.sid.as_str()).filter(|sid| !sid.is_empty()),
        "method": hop.method.name(),
        "context": hop.is_context,
        "sessions": hop.sessions.iter().map(|id| format!("{id:#x}")).collect::<Vec<_>>(),
        "first": time(hop.first),
        "last": time(hop.last),
        "severity": hop.severity.name(),
        "confidence": hop.confidence.name(),
        "reasons": hop.reasons,
        "seen_by": hop.seen_by.name(),
        "after": parent.map(|(parent, _)| parent.saturating_add(1)),
        "after_because": parent.map(|(_, link)| link.name()),
        "behaviours": hop.behaviours,
        "shares": hop.artefacts.shares,
        "files": hop.artefacts.files,
        "services": hop.artefacts.services,
        "tasks": hop.artefacts.tasks,
        "pipes": hop.artefacts.pipes,
        "processes": hop.artefacts.processes,
        "alerts": alerts.map(|alert| alert.id.as_str()).collect::<Vec<_>>(),
        "evidence": evidence(hop),
    }))
}

fn place(place: &Place) -> Option<String> {
    place.is_known().then(|| place.to_string())
}

fn evidence(hop: &Hop) -> Vec<Value> {
    hop.evidence.iter().map(|record| Value::Object(record_members(record))).collect()
}
