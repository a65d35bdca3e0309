//! `SentinelHealth`: a row for each run that was not suppressed.
//!
//! Source: <https://learn.microsoft.com/azure/sentinel/health-table-reference>. Its descriptions of
//! `QueryStartTimeUTC` and `QueryEndTimeUTC` are swapped; here they are the start and the end of the
//! window.

use kql_types::{Ticks, Value, datetime, timespan};
use serde_json::json;

use super::{TableRow, json as dynamic, text, unknown};
use crate::{
    alert::Raised,
    id::Id,
    rule::{Kind, Rule},
    schedule::Schedule,
};

/// What a run came to.
#[derive(Clone, Copy, Debug)]
pub struct RunHealth<'a> {
    /// When it was scheduled.
    pub scheduled: Ticks,
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
    };
    let id = |what| Id::of(what).and(rule.id.as_bytes()).and(&run.scheduled.to_le_bytes()).guid();
    let alerts = &run.raised.alerts;
    let dropped = alerts.iter().map(|alert| alert.dropped.len()).sum::<usize>();
    let entities = alerts.iter().map(|alert| alert.entities.len()).sum::<usize>();
    let time = |ticks| datetime::format(ticks).to_string();
    let span = |ticks| timespan::format(ticks).to_string();
    let properties = json!({
        "AggregationKind": if rule.is_per_result { "AlertPerResult" } else { "SingleAlert" },
        "AlertsGeneratedAmount": alerts.len(),
        "CorrelationId": id("correlation"),
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
        ("TimeGenerated", Value::Datetime(Some(schedule.executed(run.scheduled)))),
        ("OperationName", text(operation)),
        ("SentinelResourceId", unknown()),
        ("SentinelResourceName", text(&rule.name)),
        ("Status", text("Success")),
        ("Description", text("Rule executed successfully")),
        ("Reason", unknown()),
        ("WorkspaceId", unknown()),
        ("SentinelResourceType", text("Analytics rule")),
        ("SentinelResourceKind", text(kind)),
        ("RecordId", text(id("health"))),
        ("ExtendedProperties", dynamic(&properties)),
        ("SourceSystem", text("Azure")),
        ("Type", text("SentinelHealth")),
        ("_IsBillable", unknown()),
        ("_BilledSize", Value::Real(None)),
    ]
}
