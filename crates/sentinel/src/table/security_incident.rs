//! `SecurityIncident`: a row for each change of an incident.
//!
//! Source: <https://learn.microsoft.com/azure/azure-monitor/reference/tables/securityincident>.

use kql_types::Value;
use serde_json::json;

use super::{TableRow, json as dynamic, text, unknown};
use crate::incident::{Change, ChangeKind, Incident};

/// Returns the rows of an incident, one for each change.
///
/// - `number`: its number among all incidents of the workspace, from 1.
pub fn security_incident(incident: &Incident, number: i32) -> Vec<TableRow> {
    incident.history.iter().map(|change| row(incident, change, number)).collect()
}

fn row(incident: &Incident, change: &Change, number: i32) -> TableRow {
    let time = |ticks| Value::Datetime(Some(ticks));
    let is_closed = change.kind == ChangeKind::Closed;
    let alerts: Vec<&String> = incident.alerts.iter().take(change.alerts).collect();
    let (first, last) = change.activity;
    vec![
        ("TenantId", unknown()),
        ("TimeGenerated", time(change.time)),
        ("IncidentName", text(&incident.id)),
        ("Title", text(&incident.title)),
        ("Description", text(&incident.description)),
        ("Severity", text(change.severity.name())),
        ("Status", text(if is_closed { "Closed" } else { "New" })),
        ("Classification", text(if is_closed { "Undetermined" } else { "" })),
        ("ClassificationComment", unknown()),
        ("ClassificationReason", unknown()),
        ("Owner", dynamic(&json!({}))),
        ("ProviderName", text("Azure Sentinel")),
        ("ProviderIncidentId", text(number.to_string())),
        ("FirstActivityTime", time(first)),
        ("LastActivityTime", time(last)),
        ("FirstModifiedTime", time(incident.created)),
        ("LastModifiedTime", time(change.time)),
        ("CreatedTime", time(incident.created)),
        ("ClosedTime", Value::Datetime(is_closed.then_some(change.time))),
        ("IncidentNumber", Value::Int(Some(number))),
        ("RelatedAnalyticRuleIds", dynamic(&json!([incident.rule]))),
        ("AlertIds", dynamic(&json!(alerts))),
        ("BookmarkIds", dynamic(&json!([]))),
        ("Comments", dynamic(&json!([]))),
        ("Tasks", dynamic(&json!([]))),
        ("Labels", dynamic(&json!([]))),
        ("IncidentUrl", unknown()),
        (
            "AdditionalData",
            dynamic(&json!({ "alertsCount": change.alerts, "tactics": incident.tactics })),
        ),
        ("ModifiedBy", text(if is_closed { "Somebody" } else { "Alert" })),
        ("SourceSystem", text("Azure")),
        ("Type", text("SecurityIncident")),
        ("_IsBillable", unknown()),
        ("_BilledSize", Value::Real(None)),
    ]
}
