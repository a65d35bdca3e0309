//! `ecs`: alerts in the Elastic Common Schema, as the body of a `_bulk` request.
//!
//! Two lines per alert: what to do, with the alert's id, so that sending it twice stores it once; and
//! the document. The index is that of the request's path. Source: ECS 8.17, bulk API.

use std::io;

use detection::alert::{Alert, Severity};
use lateral::Hop;
use serde_json::{Value, json};

use super::attack::{tactic_id, tactic_name, technique_name};
use crate::{
    WriteError,
    alert::{
        facts::Facts,
        json_value::{filled_columns, iso, record_members, without_empty, write_line},
    },
    findings::Findings,
};

/// Writes an action and a document per alert.
pub(super) fn write(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    let hops = findings.hop_of_alert();
    findings.alerts.iter().enumerate().try_for_each(|(position, alert)| {
        write_line(&json!({"create": {"_id": alert.id}}), out)?;
        write_line(&document(findings, alert, hops.get(&position).copied()), out)
    })
}

fn document(findings: &Findings, alert: &Alert, hop: Option<&Hop>) -> Value {
    let facts = Facts::new(alert, hop);
    let rule = findings.rule(alert);
    let of_rule = |pick: fn(&crate::findings::RuleFacts) -> &Vec<String>| {
        rule.map_or(&[][..], |rule| pick(rule).as_slice())
    };
    let (tactics, techniques) = (of_rule(|rule| &rule.tactics), of_rule(|rule| &rule.techniques));
    let (sub, whole): (Vec<&String>, Vec<&String>) =
        techniques.iter().partition(|technique| technique.contains('.'));
    let document = json!({
        "@timestamp": iso(alert.time.or(findings.newest)),
        "ecs": {"version": "8.17.0"},
        "message": facts.message,
        "event": {
            "id": alert.id,
            "kind": "alert",
            "category": ["intrusion_detection"],
            "type": ["info"],
            "module": "quarry",
            "dataset": "quarry.alert",
            "provider": "quarry",
            "severity": severity(alert.severity),
            "start": iso(alert.time),
        },
        "rule": {
            "id": alert.rule.id,
            "name": alert.rule.name,
            "version": rule.map(|rule| rule.version.as_str()),
            "description": rule.map(|rule| rule.description.as_str()),
            "ruleset": findings.versions.package,
        },
        "threat": {
            "framework": "MITRE ATT&CK",
            "tactic": {
                "id": names(tactics.iter().map(|tactic| tactic_id(tactic))),
                "name": names(tactics.iter().map(|tactic| tactic_name(tactic))),
            },
            "technique": {
                "id": whole,
                "name": names(whole.iter().map(|id| technique_name(id))),
                "subtechnique": {
                    "id": sub,
                    "name": names(sub.iter().map(|id| technique_name(id))),
                },
            },
        },
        "host": {"name": facts.host},
        "source": {"ip": facts.source_ip, "domain": facts.source_host},
        "destination": {"ip": facts.target_ip, "domain": facts.target_host},
        "user": {"name": facts.user, "domain": facts.domain, "id": facts.sid},
        "process": {"command_line": facts.command_line},
        "file": {"name": facts.file, "path": facts.path, "hash": {"sha256": facts.sha256}},
        "related": {
            "hosts": distinct([&facts.host, &facts.source_host, &facts.target_host]),
            "ip": distinct([&facts.source_ip, &facts.target_ip]),
            "user": distinct([&facts.user]),
        },
        "quarry": {
            "behaviours": alert.rule.behaviours,
            "share": facts.share,
            "service": facts.service,
            "pipe": facts.pipe,
            "columns": Value::Object(filled_columns(alert)),
            "evidence": alert.evidence.iter().map(record_members).collect::<Vec<_>>(),
        },
    });
    without_empty(document)
}

/// Elastic's own numbers of its four severities.
const fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Informational => 1,
        Severity::Low => 21,
        Severity::Medium => 47,
        Severity::High => 73,
    }
}

fn distinct<const N: usize>(texts: [&String; N]) -> Vec<&String> {
    let mut texts: Vec<&String> = texts.into_iter().filter(|text| !text.is_empty()).collect();
    texts.sort();
    texts.dedup();
    texts
}

/// Drops the names that are not known.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    names.filter(|name| !name.is_empty()).collect()
}
