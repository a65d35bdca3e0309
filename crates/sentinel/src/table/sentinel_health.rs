//! `SentinelHealth`: a row for each time that a run was tried.
//!
//! Source: <https://learn.microsoft.com/azure/sentinel/health-table-reference>. Its descriptions of
//! `QueryStartTimeUTC` and `QueryEndTimeUTC` are swapped; here they are the start and the end of the
//! window.

use kql_types::{Ticks, Value, datetime, timespan};
use serde_json::json;

use super::{TableRow, json as dynamic, text, unknown};
use crate::{
    alert::Raised,
    failure::Attempt,
    id::Id,
    rule::{Kind, Rule},
    schedule::Schedule,
};

/// What a run came to.
#[derive(Clone, Copy, Debug)]
pub struct RunHealth<'a> {
    /// When it was scheduled.
    pub scheduled: Ticks,
    /// How it went at the time.
    pub attempt: &'a Attempt,
    /// How many rows it had.
    pub rows: u64,
    /// Its alerts.
    pub raised: &'a Raised,
}

/// Returns the row of a run.
pub fn sentinel_health(rule: &Rule, run: RunHealth<'_>) -> TableRow {
    let schedule = Schedule::of(rule.kind);
    let (from, to) = schedule.span(run.scheduled);
    let (operation, kind, trigger) = match rule.kind {
        Kind::Scheduled { .. } => ("Scheduled analytics rule run", "Scheduled", "Scheduled"),
        Kind::NearRealTime => ("NRT analytics rule run", "NRT", "NrtRun"),
        // Which Sentinel does not write of Defender's runs.
        Kind::CustomDetection { .. } | Kind::Continuous => {
            ("Custom detection run", "CustomDetection", "Scheduled")
        }
    };
    let of_run = |what| Id::of(what).and(rule.id.as_bytes()).and(&run.scheduled.to_le_bytes());
    let record = of_run("health").and(&run.attempt.time.to_le_bytes()).guid();
    let (status, description) = match &run.attempt.failure {
        None => ("Success", "Rule executed successfully"),
        Some(_) if run.attempt.disables_rule => ("Failure", "Rule failed to run and was disabled"),
        Some(_) => ("Failure", "Rule failed to run"),
    };
    let reason = run.attempt.failure.as_ref().map_or("", |failure| failure.reason.as_str());
    let name = if run.attempt.disables_rule {
        format!("AUTO DISABLED {}", rule.name)
    } else {
        rule.name.clone()
    };
    let alerts = &run.raised.alerts;
    let dropped = alerts.iter().map(|alert| alert.dropped.len()).sum::<usize>();
    let entities = alerts.iter().map(|alert| alert.entities.len()).sum::<usize>();
    let time = |ticks| datetime::format(ticks).to_string();
    let span = |ticks| timespan::format(ticks).to_string();
    let properties = json!({
        "AggregationKind": if rule.is_per_result { "AlertPerResult" } else { "SingleAlert" },
        "AlertsGeneratedAmount": alerts.len(),
        "CorrelationId": of_run("correlation").guid(),
        "EntitiesDroppedDueToMappingIssuesAmount": dropped,
        "EntitiesGeneratedAmount": entities,
        "Issues": "",
        "QueryEndTimeUTC": time(to),
        "QueryFrequency": span(schedule.frequency()),
        "QueryPerformanceIndicators": "",
        "QueryPeriod": span(schedule.period()),
        "QueryResultAmount": run.rows,
        "QueryStartTimeUTC": time(from),
        "RuleId": rule.id,
        "SuppressionDuration": rule.suppression.map_or(String::new(), span),
        "SuppressionEnabled": if rule.suppression.is_some() { "True" } else { "False" },
        "TriggerOperator": rule.operator.name(),
        "TriggerThreshold": rule.threshold,
        "TriggerType": trigger,
    });
    vec![
        ("TenantId", unknown()),
        ("TimeGenerated", Value::Datetime(Some(run.attempt.time))),
        ("OperationName", text(operation)),
        ("SentinelResourceId", unknown()),
        ("SentinelResourceName", text(name)),
        ("Status", text(status)),
        ("Description", text(description)),
        ("Reason", text(reason)),
        ("WorkspaceId", unknown()),
        ("SentinelResourceType", text("Analytics rule")),
        ("SentinelResourceKind", text(kind)),
        ("RecordId", text(record)),
        ("ExtendedProperties", dynamic(&properties)),
        ("SourceSystem", text("Azure")),
        ("Type", text("SentinelHealth")),
        ("_IsBillable", unknown()),
        ("_BilledSize", Value::Real(None)),
    ]
}
