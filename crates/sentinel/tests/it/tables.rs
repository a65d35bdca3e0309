//! The rows that Sentinel writes.

use kql_types::Value;
use sentinel::{
    Attempt,
    table::{RunHealth, TableRow, security_alert, security_incident, sentinel_health},
};

use crate::made::{
    MIDNIGHT, MINUTE, PER_RESULT, SINGLE, Simulated, hosts, near_real_time, row, rule,
};

fn names(row: &TableRow) -> Vec<&str> {
    row.iter().map(|(name, _)| *name).collect()
}

#[track_caller]
fn value(row: &TableRow, name: &str) -> String {
    row.iter().find(|(column, _)| *column == name).unwrap().1.to_text()
}

fn json(row: &TableRow, name: &str) -> serde_json::Value {
    serde_json::from_str(&value(row, name)).unwrap()
}

#[test]
fn security_alert_has_every_column() {
    let mapping = "entityMappings:\n  - entityType: Host\n    fieldMappings:\n      \
                   - {identifier: HostName, columnName: Computer}\n";
    let simulated =
        Simulated::new(rule(&format!("{SINGLE}{mapping}customDetails:\n  By: Account\n")));
    let raised = simulated.run(&[row(-3, ["pc1", "amy", "", "", ""])]);
    let alert = security_alert(&simulated.rule, &raised.alerts[0]);
    assert_eq!(
        names(&alert).join(" "),
        "TenantId TimeGenerated DisplayName AlertName AlertSeverity Description ProviderName \
         VendorName VendorOriginalId SystemAlertId ResourceId SourceComputerId AlertType \
         ConfidenceLevel ConfidenceScore IsIncident StartTime EndTime ProcessingEndTime \
         RemediationSteps ExtendedProperties Entities SourceSystem WorkspaceSubscriptionId \
         WorkspaceResourceGroup ExtendedLinks ProductName ProductComponentName AlertLink Status \
         CompromisedEntity Tactics Techniques SubTechniques Type _IsBillable _BilledSize"
    );
    for (column, expected) in [
        ("DisplayName", "A rule"),
        ("AlertSeverity", "Medium"),
        ("AlertType", "11111111-2222-3333-4444-555555555555"),
        ("IsIncident", "False"),
        ("Status", "New"),
        ("SourceSystem", "Detection"),
        ("CompromisedEntity", "pc1"),
        ("Tactics", "Execution"),
        ("Techniques", r#"["T1021"]"#),
        ("SubTechniques", r#"["T1021.002"]"#),
        ("Entities", r#"[{"$id":"1","HostName":"pc1","Type":"host"}]"#),
    ] {
        assert_eq!(value(&alert, column), expected, "{column}");
    }
    let time = |minute| Value::Datetime(Some(MIDNIGHT + minute * MINUTE)).to_text();
    assert_eq!(value(&alert, "TimeGenerated"), time(5));
    assert_eq!(value(&alert, "ProcessingEndTime"), time(5));
    assert_eq!(value(&alert, "StartTime"), time(-3));
    let properties = json(&alert, "ExtendedProperties");
    assert_eq!(properties["Custom Details"], r#"{"By":["amy"]}"#);
    assert_eq!(properties["Query"], "SecurityEvent");
    assert_eq!(properties["Query Start Time UTC"], time(-10));
    assert_eq!(properties["Event Grouping"], "SingleAlert");
}

#[test]
fn security_incident_has_a_row_for_each_change() {
    let grouping = "incidentConfiguration:\n  groupingConfiguration:\n    enabled: true\n    \
                    matchingMethod: AnyAlert\n";
    let simulated =
        Simulated::new(rule(&format!("{SINGLE}{grouping}"))).assuming("closed-after", "1h");
    let incidents = simulated.incidents(&[(0, &hosts(1)), (10, &hosts(2))]);
    let rows = security_incident(&incidents[0], 7);
    let states: Vec<(String, String, usize)> = rows
        .iter()
        .map(|row| {
            let alerts = json(row, "AlertIds").as_array().unwrap().len();
            (value(row, "Status"), value(row, "IncidentNumber"), alerts)
        })
        .collect();
    let state = |status: &str, alerts| (status.to_owned(), "7".to_owned(), alerts);
    assert_eq!(states, [state("New", 1), state("New", 2), state("Closed", 2)]);
    assert_eq!(names(&rows[0]).len(), 33);
    assert_eq!(value(&rows[0], "ClosedTime"), "");
    assert_ne!(value(&rows[2], "ClosedTime"), "");
    assert_eq!(json(&rows[0], "AdditionalData")["alertsCount"], 1);
}

#[test]
fn sentinel_health_tells_of_each_run() {
    let simulated = Simulated::new(rule(PER_RESULT));
    let raised = simulated.run(&hosts(2));
    let attempt = &Attempt { time: MIDNIGHT, failure: None, disables_rule: false };
    let run = RunHealth { scheduled: MIDNIGHT, attempt, rows: 2, raised: &raised };
    let health = sentinel_health(&simulated.rule, run);
    assert_eq!(value(&health, "OperationName"), "Scheduled analytics rule run");
    assert_eq!(value(&health, "Status"), "Success");
    let properties = json(&health, "ExtendedProperties");
    for (name, expected) in [
        ("AggregationKind", serde_json::json!("AlertPerResult")),
        ("AlertsGeneratedAmount", 2.into()),
        ("QueryResultAmount", 2.into()),
        ("QueryFrequency", "00:10:00".into()),
        ("SuppressionEnabled", "False".into()),
        ("TriggerType", "Scheduled".into()),
    ] {
        assert_eq!(properties[name], expected, "{name}");
    }
    let rule = near_real_time("");
    let run = RunHealth { scheduled: 0, attempt, rows: 0, raised: &raised };
    let health = sentinel_health(&rule, run);
    assert_eq!(value(&health, "OperationName"), "NRT analytics rule run");
}
