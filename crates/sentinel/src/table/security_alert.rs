//! `SecurityAlert`: a row for each alert.
//!
//! Source: <https://learn.microsoft.com/azure/sentinel/security-alert-schema>.

use kql_types::{Ticks, Value, datetime, timespan};
use serde_json::{Map, Value as Json, json};

use super::{TableRow, text, unknown};
use crate::{
    alert::{Alert, AlertKind, entity_json},
    rule::{Kind, Rule},
    schedule::Schedule,
};

/// Returns the row of an alert.
pub fn security_alert(rule: &Rule, alert: &Alert) -> TableRow {
    let time = |ticks| Value::Datetime(Some(ticks));
    let property = |name: &str| {
        let found = alert.properties.iter().find(|(property, _)| property == name);
        found.map(|(_, values)| values.as_slice())
    };
    let one = |name: &str, otherwise: &str| {
        text(property(name).and_then(|it| it.first()).map_or(otherwise, String::as_str))
    };
    let list = |name: &str| property(name).map_or_else(unknown, |values| text(array(values)));
    let score = property("ConfidenceScore").and_then(|it| it.first()?.parse().ok());
    let component = match rule.kind {
        Kind::Scheduled { .. } => "Scheduled Alerts",
        Kind::NearRealTime => "NRT Alerts",
        Kind::CustomDetection { .. } | Kind::Continuous => "Custom detection",
    };
    let (provider, product) = if rule.kind.is_of_defender() {
        ("Microsoft Defender XDR", "Microsoft Defender XDR")
    } else {
        ("ASI Scheduled Alerts", "Azure Sentinel")
    };
    let techniques = property("Techniques").unwrap_or(&rule.techniques);
    let (sub, whole): (Vec<_>, Vec<_>) =
        techniques.iter().cloned().partition(|it| it.contains('.'));
    vec![
        ("TenantId", unknown()),
        ("TimeGenerated", time(alert.generated)),
        ("DisplayName", text(&alert.name)),
        ("AlertName", text(&alert.name)),
        ("AlertSeverity", text(alert.severity.name())),
        ("Description", text(&alert.description)),
        ("ProviderName", one("ProviderName", provider)),
        ("VendorName", text("Microsoft")),
        ("VendorOriginalId", text(&alert.id)),
        ("SystemAlertId", text(&alert.id)),
        ("ResourceId", unknown()),
        ("SourceComputerId", unknown()),
        ("AlertType", text(&rule.id)),
        ("ConfidenceLevel", one("ConfidenceLevel", "")),
        ("ConfidenceScore", Value::Real(score)),
        ("IsIncident", Value::Bool(Some(false))),
        ("StartTime", time(alert.start)),
        ("EndTime", time(alert.end)),
        ("ProcessingEndTime", time(alert.generated)),
        ("RemediationSteps", list("RemediationSteps")),
        ("ExtendedProperties", text(Json::from(extended_properties(rule, alert)).to_string())),
        ("Entities", text(entities(alert))),
        ("SourceSystem", text("Detection")),
        ("WorkspaceSubscriptionId", unknown()),
        ("WorkspaceResourceGroup", unknown()),
        ("ExtendedLinks", list("ExtendedLinks")),
        ("ProductName", one("ProductName", product)),
        ("ProductComponentName", one("ProductComponentName", component)),
        ("AlertLink", one("AlertLink", "")),
        ("Status", text("New")),
        ("CompromisedEntity", text(main_entity(alert))),
        ("Tactics", text(alert.tactics.join(", "))),
        ("Techniques", text(array(&whole))),
        ("SubTechniques", text(array(&sub))),
        ("Type", text("SecurityAlert")),
        ("_IsBillable", unknown()),
        ("_BilledSize", Value::Real(None)),
    ]
}

fn array(texts: &[String]) -> String {
    Json::from(texts).to_string()
}

/// Returns what else an alert says, by Sentinel's names for it.
fn extended_properties(rule: &Rule, alert: &Alert) -> Map<String, Json> {
    let (from, to) = alert.looked_at;
    let schedule = Schedule::of(rule.kind);
    let grouping = if rule.is_per_result { "AlertPerResult" } else { "SingleAlert" };
    let mut properties = Map::new();
    let mut add = |name: &str, value: String| properties.insert(name.to_owned(), value.into());
    add("Query Period", timespan::format(schedule.period()).to_string());
    add("Trigger Operator", rule.operator.name().to_owned());
    add("Trigger Threshold", rule.threshold.to_string());
    add("Search Query Results Overall Count", alert.rows_of_run.to_string());
    add("Query Start Time UTC", at(from));
    add("Query End Time UTC", at(to));
    add("Analytic Rule Ids", json!([rule.id]).to_string());
    add("Analytic Rule Name", rule.name.clone());
    add("Event Grouping", grouping.to_owned());
    if rule.is_per_result {
        add("OriginalQuery", rule.query.clone());
    }
    match &alert.kind {
        AlertKind::AllRows | AlertKind::Alike(_) => add("Query", rule.query.clone()),
        AlertKind::Row(_) => add("Query", alert.event.clone().unwrap_or_default()),
    };
    if !alert.custom_details.is_empty() {
        let details = alert.custom_details.iter();
        let details = details.map(|(key, values)| (key.clone(), Json::from(values.as_slice())));
        add("Custom Details", Json::from(details.collect::<Map<_, _>>()).to_string());
    }
    for (name, values) in &alert.properties {
        let value = match values.as_slice() {
            [one] => one.clone(),
            several => array(several),
        };
        add(name, value);
    }
    properties
}

/// Returns a time in the form that these properties have it in.
fn at(ticks: Ticks) -> String {
    datetime::format(ticks).to_string()
}

/// Returns the field `Entities`.
fn entities(alert: &Alert) -> String {
    let entities = alert.entities.iter().enumerate().map(|(at, entity)| entity_json(at, entity));
    format!("[{}]", entities.collect::<Vec<_>>().join(","))
}

/// Returns what the main entity is called: the first host, or else the first account.
fn main_entity(alert: &Alert) -> &str {
    let names = |kind: &str, identifiers: &[&str]| {
        let entity = alert.entities.iter().find(|entity| entity.kind == kind)?;
        identifiers.iter().find_map(|name| entity.identifier(name))
    };
    names("Host", &["FullName", "HostName", "NetBiosName"])
        .or_else(|| names("Account", &["FullName", "Name", "Sid"]))
        .unwrap_or_default()
}
