//! `ocsf`: one Detection Finding (class 2004) of the Open Cybersecurity Schema Framework per line.
//!
//! Source: OCSF schema 1.4.0, class `detection_finding`.

use std::io;

use detection::alert::{Alert, Evidence, Severity};
use lateral::Hop;
use serde_json::{Value, json};

use super::attack::{tactic_id, tactic_name, technique_name};
use crate::{
    WriteError,
    alert::{
        facts::Facts,
        json_value::{filled_columns, unix_ms, without_empty, write_line},
    },
    findings::{Findings, RuleFacts},
};

const VERSION: &str = "1.4.0";

/// Writes one finding per alert.
pub(super) fn write(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    let hops = findings.hop_of_alert();
    findings.alerts.iter().enumerate().try_for_each(|(position, alert)| {
        write_line(&finding(findings, alert, hops.get(&position).copied()), out)
    })
}

fn finding(findings: &Findings, alert: &Alert, hop: Option<&Hop>) -> Value {
    let facts = Facts::new(alert, hop);
    let rule = findings.rule(alert);
    // The schema wants a time of every event; what has none stands at the beginning.
    let time = alert.time.map_or(0, unix_ms);
    without_empty(json!({
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "type_uid": 200_401,
        "type_name": "Detection Finding: Create",
        "severity_id": severity_id(alert.severity),
        "severity": alert.severity.name(),
        "status_id": 1,
        "status": "New",
        "time": time,
        "message": facts.message,
        "metadata": {
            "version": VERSION,
            "uid": alert.id,
            // The profile that lets a finding name the device it is about.
            "profiles": ["host"],
            "product": {
                "name": "Quarry",
                "vendor_name": "Quarry",
                "version": findings.versions.quarry,
            },
        },
        "finding_info": {
            "uid": alert.id,
            "title": alert.rule.name,
            "desc": rule.map(|rule| rule.description.as_str()),
            "types": alert.rule.behaviours,
            "analytic": {
                "uid": alert.rule.id,
                "name": alert.rule.name,
                "type_id": 1,
                "type": "Rule",
                "version": rule.map(|rule| rule.version.as_str()),
            },
            "attacks": rule.map(attacks),
            "data_sources": channels(alert),
        },
        "device": device(&facts),
        "evidences": alert.evidence.iter().map(|record| evidence(record, &facts)).collect::<Vec<_>>(),
        "observables": observables(&facts),
        "unmapped": Value::Object(filled_columns(alert)),
    }))
}

/// Returns the host it happened on; its address where that is known to be the target's.
fn device(facts: &Facts) -> Option<Value> {
    let host = facts.host.as_str();
    let is_target = host.eq_ignore_ascii_case(&facts.target_host);
    let ip = if is_target { facts.target_ip.as_str() } else { "" };
    let device = json!({"hostname": host, "name": host, "ip": ip, "type_id": 0, "type": "Unknown"});
    (!host.is_empty()).then_some(device)
}

const fn severity_id(severity: Severity) -> u8 {
    match severity {
        Severity::Informational => 1,
        Severity::Low => 2,
        Severity::Medium => 3,
        Severity::High => 4,
    }
}

fn attacks(rule: &RuleFacts) -> Vec<Value> {
    let tactic = rule
        .tactics
        .first()
        .map(|tactic| json!({"name": tactic_name(tactic), "uid": tactic_id(tactic)}));
    let attack = |technique: &String| {
        let (whole, sub) = match technique.split_once('.') {
            Some((whole, _)) => (whole, Some(technique)),
            None => (technique.as_str(), None),
        };
        json!({
            "tactic": tactic,
            "technique": {"uid": whole, "name": technique_name(whole)},
            "sub_technique": sub.map(|sub| json!({"uid": sub, "name": technique_name(sub)})),
        })
    };
    rule.techniques.iter().map(attack).collect()
}

fn channels(alert: &Alert) -> Vec<String> {
    let mut channels: Vec<String> =
        alert.evidence.iter().filter_map(|record| record.origin.channel.clone()).collect();
    channels.sort();
    channels.dedup();
    channels
}

fn evidence(record: &Evidence, facts: &Facts) -> Value {
    json!({
        "data": {
            "file": record.origin.file,
            "member": record.origin.member,
            "line": record.line,
            "record_id": record.record_id,
            "event_id": record.event_id,
            "channel": record.origin.channel,
        },
        "device": record.origin.host.as_deref().map(|host| json!({"hostname": host, "type_id": 0})),
        "src_endpoint": {"hostname": facts.source_host, "ip": facts.source_ip},
        "dst_endpoint": {"hostname": facts.target_host, "ip": facts.target_ip},
    })
}

/// Names of hosts, addresses, people and files, each with the number of its kind.
fn observables(facts: &Facts) -> Vec<Value> {
    let all = [
        ("src_endpoint.hostname", 1, "Hostname", &facts.source_host),
        ("src_endpoint.ip", 2, "IP Address", &facts.source_ip),
        ("dst_endpoint.hostname", 1, "Hostname", &facts.target_host),
        ("dst_endpoint.ip", 2, "IP Address", &facts.target_ip),
        ("actor.user.name", 4, "User Name", &facts.user),
        ("file.name", 7, "File Name", &facts.file),
        ("process.cmd_line", 13, "Command Line", &facts.command_line),
    ];
    let present = all.into_iter().filter(|(.., value)| !value.is_empty());
    present
        .map(|(name, id, kind, value)| {
            json!({"name": name, "type_id": id, "type": kind, "value": value})
        })
        .collect()
}
