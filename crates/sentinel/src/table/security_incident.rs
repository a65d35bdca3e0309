//! `SecurityIncident`: a row for each change of an incident.
//!
//! Source: <https://learn.microsoft.com/azure/azure-monitor/reference/tables/securityincident>.

use kql_types::{Ticks, Value};
use serde_json::{Value as Json, json};

use super::{TableRow, json as dynamic, text, unknown};
use crate::incident::{Change, ChangeKind, Incident};

/// Returns the rows of an incident, one for each change.
///
/// - `number`: its number among all incidents of the workspace, from 1.
pub fn security_incident(incident: &Incident, number: i32) -> Vec<TableRow> {
    let of_change =
        |change: &Change| row(incident, change, change.kind == ChangeKind::Closed, number);
    incident.history.iter().map(of_change).collect()
}

/// What people have made of an incident.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// `New`, `Active` or `Closed`.
    pub status: String,
    /// Who has it, or nothing.
    pub owner: String,
    /// `TruePositive`, `BenignPositive`, `FalsePositive`, `Undetermined`, or nothing.
    pub classification: String,
    /// Why it is that, in Sentinel's words, or nothing.
    pub classification_reason: String,
    /// Why it is that, in somebody's words, or nothing.
    pub classification_comment: String,
    /// What people said of it: time, author, text.
    pub comments: Vec<(Ticks, String, String)>,
    /// Words that somebody has put on it.
    pub labels: Vec<String>,
    /// Who changed it last.
    pub modified_by: String,
}

/// Returns the row of an incident as it is now, with what people have made of it.
///
/// - `time`: when it became so.
pub fn security_incident_now(
    incident: &Incident,
    number: i32,
    standing: &Standing,
    time: Ticks,
) -> Option<TableRow> {
    let last = incident.history.last()?;
    let mut row =
        row(incident, &Change { time, ..last.clone() }, incident.closed.is_some(), number);
    let comments = standing.comments.iter().map(|(time, author, message)| {
        let time = kql_types::datetime::format_json(*time).to_string();
        json!({ "createdTimeUtc": time, "author": { "name": author }, "message": message })
    });
    let owner = match standing.owner.as_str() {
        "" => json!({}),
        owner => json!({ "assignedTo": owner }),
    };
    let labels = standing.labels.iter().map(|label| json!({ "labelName": label }));
    for (name, value) in [
        ("Status", text(&standing.status)),
        ("Classification", text(&standing.classification)),
        ("ClassificationReason", text(&standing.classification_reason)),
        ("ClassificationComment", text(&standing.classification_comment)),
        ("Owner", dynamic(&owner)),
        ("Comments", dynamic(&comments.collect::<Json>())),
        ("Labels", dynamic(&labels.collect::<Json>())),
        ("ModifiedBy", text(&standing.modified_by)),
    ] {
        if let Some((_, cell)) = row.iter_mut().find(|(column, _)| *column == name) {
            *cell = value;
        }
    }
    Some(row)
}

fn row(incident: &Incident, change: &Change, is_closed: bool, number: i32) -> TableRow {
    let time = |ticks| Value::Datetime(Some(ticks));
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
