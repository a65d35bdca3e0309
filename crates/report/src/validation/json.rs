//! `json`: what came of the tests, for scripts.
//!
//! `{"good":…,"tests":[{"id":…,"name":…,"technique":…,"atomic":…,"reference":…,"good":…,"attempts":[{"from":…,
//! "to":…,"source":…,"target":…,"signals":[…],"rules":[…],"others":[…]}],"unseen":[…]}]}`; what is not
//! there is null.

use std::io;

use detection::validation::{
    AttemptOutcome, RuleOutcome, RuleState, SignalOutcome, SourceOutcome, SourceState, TestOutcome,
    ValidationReport,
};
use kql_types::{Ticks, datetime};
use serde_json::{Value, json};

use super::{TICKS_PER_SECOND, host, why};
use crate::{WriteError, cell::push_escaped};

/// Writes one object.
///
/// # Errors
///
/// If the writer fails.
pub fn write(report: &ValidationReport, out: &mut dyn io::Write) -> Result<(), WriteError> {
    let tests: Vec<Value> = report.tests.iter().map(test).collect();
    let report = json!({"good": report.is_good(), "tests": tests});
    // What acts on a terminal is escaped: names come from logs.
    let mut text = String::new();
    push_escaped(&format!("{report:#}"), &mut text);
    Ok(writeln!(out, "{text}")?)
}

fn test(outcome: &TestOutcome) -> Value {
    let test = &outcome.test;
    json!({
        "id": test.id,
        "name": test.name,
        "technique": test.technique,
        "atomic": test.atomic,
        "reference": test.reference,
        "good": outcome.is_good(),
        "attempts": outcome.attempts.iter().map(attempt).collect::<Vec<_>>(),
        "unseen": outcome.unseen.iter().map(signal).collect::<Vec<_>>(),
    })
}

fn attempt(attempt: &AttemptOutcome) -> Value {
    let others = attempt.others.iter().map(|other| {
        json!({"rule": other.rule, "severity": other.severity.name(), "alerts": other.count})
    });
    json!({
        "from": time(attempt.span.0),
        "to": time(attempt.span.1),
        "source": attempt.source,
        "target": attempt.target,
        "known_by": attempt.known_by,
        "good": attempt.is_good(),
        "signals": attempt.signals.iter().map(signal).collect::<Vec<_>>(),
        "rules": attempt.rules.iter().map(rule).collect::<Vec<_>>(),
        "others": others.collect::<Vec<_>>(),
    })
}

fn signal(signal: &SignalOutcome) -> Value {
    let sources = signal.sources.iter().map(|source| self::source(source, &host(signal)));
    json!({
        "name": signal.name,
        "role": signal.role.name(),
        "host": signal.host,
        "found": signal.is_found(),
        "events": sources.collect::<Vec<_>>(),
    })
}

fn source(source: &SourceOutcome, host: &str) -> Value {
    match &source.state {
        SourceState::Found { records, count, time: first } => {
            let records = records.iter().map(|record| {
                json!({
                    "file": record.origin.file,
                    "member": record.origin.member,
                    "line": record.line,
                    "record_id": record.record_id,
                    "event_id": record.event_id,
                    "channel": record.origin.channel,
                    "host": record.origin.host,
                })
            });
            json!({
                "event": source.event,
                "state": "found",
                "time": time(*first),
                "count": count,
                "records": records.collect::<Vec<_>>(),
            })
        }
        SourceState::Missing { why: missing, remedy } => json!({
            "event": source.event,
            "state": "missing",
            "why": why(missing, &remedy.enable, host),
            "enable": remedy.enable,
            "command": remedy.command,
        }),
        SourceState::NotCollected => json!({"event": source.event, "state": "not collected"}),
    }
}

fn rule(rule: &RuleOutcome) -> Value {
    let (state, alert) = match &rule.state {
        RuleState::Fired(alert) => ("fired", Some(alert)),
        RuleState::TooLow(alert) => ("too low", Some(alert)),
        RuleState::SetAside { alert, .. } => ("set aside", Some(alert)),
        RuleState::Silent => ("silent", None),
        RuleState::Blind => ("blind", None),
        RuleState::NotRun => ("not run", None),
    };
    let entry = match &rule.state {
        RuleState::SetAside { entry, .. } => Some(entry),
        _ => None,
    };
    json!({
        "rule": rule.rule,
        "expected": rule.expected.name(),
        "state": state,
        "severity": alert.map(|alert| alert.severity.name()),
        "alert": alert.map(|alert| &alert.id),
        "alerts": alert.map(|alert| alert.count),
        "after_seconds": alert.map(|alert| seconds(alert.after)),
        "frequency_seconds": seconds(rule.frequency),
        "exception": entry,
    })
}

fn seconds(ticks: Ticks) -> Option<i64> {
    ticks.checked_div(TICKS_PER_SECOND)
}

fn time(ticks: Ticks) -> String {
    datetime::format_json(ticks).to_string()
}
