//! `sentinel`: JSON lines in the shape of Sentinel's table `SecurityAlert`.
//!
//! Source: Microsoft, "`SecurityAlert`", and the entity types of "Microsoft Sentinel entity types
//! reference".

use std::{io, iter};

use detection::alert::{Alert, Entity};
use kql_types::datetime;
use serde_json::{Map, Value, json};

use crate::{
    WriteError,
    alert::{json_value::write_line, object::write_alert, summary},
    findings::Findings,
};

/// Writes one row per alert.
pub(super) fn write(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    findings.alerts.iter().try_for_each(|alert| write_line(&row(findings, alert), out))
}

fn row(findings: &Findings, alert: &Alert) -> Value {
    let rule = findings.rule(alert);
    let list = |items: &[String]| items.join(", ");
    let techniques = rule.map_or(&[][..], |rule| &rule.techniques);
    let is_sub = |technique: &&String| technique.contains('.');
    let (sub, whole): (Vec<_>, Vec<_>) = techniques.iter().partition(is_sub);
    let quoted =
        |items: &[&String]| Value::from(items.iter().map(|t| t.as_str()).collect::<Vec<_>>());
    let time = alert.time.map(|ticks| datetime::format(ticks).to_string());
    let mut details = String::new();
    write_alert(alert, &mut details);
    let properties = json!({
        "Analytic Rule Ids": format!("[\"{}\"]", alert.rule.id),
        "Analytic Rule Name": alert.rule.name,
        "Behaviours": list(&alert.rule.behaviours),
        "Alert": details,
    });
    json!({
        "TimeGenerated": time,
        "DisplayName": alert.rule.name,
        "AlertName": alert.rule.name,
        "AlertSeverity": alert.severity.name(),
        "Description": rule.map_or("", |rule| &rule.description),
        "ProviderName": "Quarry",
        "VendorName": "Quarry",
        "VendorOriginalId": alert.id,
        "SystemAlertId": alert.id,
        "ResourceId": "",
        "SourceComputerId": "",
        "AlertType": alert.rule.id,
        "ConfidenceLevel": "",
        "ConfidenceScore": null,
        "IsIncident": false,
        "StartTime": time,
        "EndTime": time,
        "ProcessingEndTime": time,
        "RemediationSteps": "",
        "ExtendedProperties": properties.to_string(),
        "Entities": Value::from(entities(alert)).to_string(),
        "WorkspaceSubscriptionId": "",
        "WorkspaceResourceGroup": "",
        "ExtendedLinks": "",
        "ProductName": "Quarry",
        "ProductComponentName": "Scheduled Alerts",
        "AlertLink": "",
        "Status": "New",
        "CompromisedEntity": summary::host(alert),
        "Tactics": rule.map_or(String::new(), |rule| list(&rule.tactics)),
        "Techniques": quoted(&whole).to_string(),
        "SubTechniques": quoted(&sub).to_string(),
        "Type": "SecurityAlert",
    })
}

/// Returns the entities as `Entities` has them, numbered.
fn entities(alert: &Alert) -> Vec<Value> {
    let entity = |(number, entity): (usize, &Entity)| {
        let id = iter::once(("$id".to_owned(), Value::from(number.saturating_add(1).to_string())));
        let fields =
            entity.identifiers.iter().map(|(name, value)| (name.clone(), value.as_str().into()));
        let kind = iter::once(("Type".to_owned(), Value::from(entity.kind.to_lowercase())));
        Value::Object(id.chain(fields).chain(kind).collect::<Map<_, _>>())
    };
    alert.entities.iter().enumerate().map(entity).collect()
}
