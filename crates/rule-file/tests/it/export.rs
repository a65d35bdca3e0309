//! Rules in the forms that Azure takes, and back.

mod bicep;
mod generated;
mod hunting;
mod schema;

use std::fs;

use rule_file::{
    Content, Fields, Imported, RuleFile,
    export::{self, Detection, Loss, Template, Watchlist},
};
use serde_json::{Map, Value, json};

/// A rule with everything that a rule can have.
const RULE: &str = r#"id: 5b1f0c52-8b44-4a55-9d0c-1d5f3c0e0001
name: '[Share] opened'
description: |
  'Somebody opened the "share" of the host's owner.'
severity: Low
status: Available
requiredDataConnectors:
  - connectorId: SecurityEvents
    dataTypes: [SecurityEvent]
queryFrequency: 1h
queryPeriod: 24h
triggerOperator: gt
triggerThreshold: 2
tactics: [LateralMovement, Discovery]
relevantTechniques: [T1021.002, T1135]
tags: [one, '2']
query: |
  [SecurityEvent]
  // '''three''' and ${none} and \ and "both"
  | where ShareName endswith 'C$' and x == '[y]'
suppressionEnabled: true
suppressionDuration: PT90M
entityMappings:
  - entityType: Host
    fieldMappings: [{identifier: HostName, columnName: Computer}]
customDetails: {Share: ShareName, enabled: 'true'}
alertDetailsOverride:
  alertDisplayNameFormat: '[{{ShareName}}]'
  alertDynamicProperties: [{alertProperty: ProductName, value: Product}]
eventGroupingSettings: {aggregationKind: SingleAlert}
incidentConfiguration:
  createIncident: true
  groupingConfiguration:
    enabled: false
    reopenClosedIncident: false
    lookbackDuration: 5h
    matchingMethod: Selected
    groupByEntities: [Host]
    groupByAlertDetails: []
    groupByCustomDetails: [Share]
version: 1.10
kind: Scheduled
"#;

fn rule_of(name: &str, text: &str) -> RuleFile {
    match Content::read(name, text) {
        Content::Rules { mut rules, .. } => rules.remove(0),
        other => panic!("{name}: {other:?}"),
    }
}

fn fields(text: &str) -> Fields {
    rule_of("r.yaml", text).fields().unwrap_or_else(|found| panic!("{found:?}"))
}

fn import(name: &str, text: &str) -> (Vec<Fields>, Vec<Watchlist>) {
    let Imported { rules, watchlists, refused, hunting_queries } = Imported::read(name, text);
    assert_eq!((refused, hunting_queries), (Vec::new(), Vec::new()), "{name}");
    (rules, watchlists)
}

fn template(rules: &[Fields], watchlists: &[Watchlist]) -> Template {
    let mut template = Template::new(watchlists);
    for rule in rules {
        template.add(rule).unwrap_or_else(|losses| panic!("{}: {losses:?}", rule.name()));
    }
    template
}

/// Asserts that rules come back from each form as they went in, and are written again as they were.
fn check_round_trips(rules: &[Fields], watchlists: &[Watchlist]) {
    let made = template(rules, watchlists);
    let arm = export::arm(&made);
    let (again, lists) = import("t.json", &arm);
    assert_eq!(export::arm(&template(&again, &lists)), arm);
    assert_eq!(lists, watchlists);
    schema::check_template(&serde_json::from_str(&arm).unwrap());

    // Bicep has no way back, so it has to say what the template says.
    bicep::check_same(&export::bicep(&made), &serde_json::from_str(&arm).unwrap());

    for (rule, from_arm) in rules.iter().zip(&again) {
        let yaml = export::sentinel(rule).unwrap();
        let (read, _) = import("r.yaml", &yaml);
        assert_eq!(read, std::slice::from_ref(rule), "{yaml}");
        assert_eq!(export::sentinel(&read[0]).unwrap(), yaml);
        // What Azure says otherwise, or adds, says the same when it is deployed again.
        let yaml = export::sentinel(from_arm).unwrap();
        let (read, _) = import("r.yaml", &yaml);
        assert_eq!(
            export::arm(&template(&read, &[])),
            export::arm(&template(std::slice::from_ref(rule), &[]))
        );
    }
}

fn package() -> Vec<(String, RuleFile)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../detections/t1021.002/rules");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    paths.retain(|path| !path.to_str().unwrap().ends_with(".quarry.yaml"));
    paths.sort();
    let named = |path: &std::path::PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        (path.display().to_string(), rule_of("r.yaml", &text))
    };
    paths.iter().map(named).collect()
}

#[test]
fn every_rule_of_the_package_makes_every_round_trip() {
    let rules: Vec<Fields> = package()
        .iter()
        .map(|(path, rule)| rule.fields().unwrap_or_else(|e| panic!("{path}: {e:?}")))
        .collect();
    assert!(rules.len() > 30);
    let csv = include_str!("../../../../detections/t1021.002/watchlists/known_tools.csv");
    let list = Watchlist { alias: "known_tools".to_owned(), csv: csv.to_owned(), more: Map::new() };
    check_round_trips(&rules, &[list]);
    let mut detections = 0;
    for rule in &rules {
        let columns = ["Timestamp", "ReportId", "DeviceId"].map(str::to_owned);
        // What changes alerts is told; everything else can be left behind.
        match Detection::of(rule, Ok(&columns), true) {
            Ok(detection) => {
                check_detection(&detection);
                detections += 1;
            }
            Err(losses) => assert!(losses.iter().all(|loss| !loss.is_detail), "{losses:?}"),
        }
    }
    assert!(detections > 20, "{detections}");
}

/// Asserts that a detection comes back from Graph's form, through YAML, to the same bytes.
fn check_detection(detection: &Detection) {
    let json = detection.text();
    schema::check_detection(&serde_json::from_str(&json).unwrap());
    let (read, _) = import("d.json", &json);
    let yaml = export::sentinel(&read[0]).unwrap();
    assert!(yaml.starts_with("kind: CustomDetection\n"), "{yaml}");
    let (again, _) = import("d.yaml", &yaml);
    assert_eq!(again, read);
    let columns = ["Timestamp", "ReportId", "DeviceId"].map(str::to_owned);
    let again = Detection::of(&again[0], Ok(&columns), false).unwrap();
    assert_eq!(again.text(), json);
    let listed = export::detections(&[again.clone(), again]);
    assert_eq!(import("list.json", &listed).0.len(), 2);
}

#[test]
fn a_rule_with_everything_is_deployed_with_everything() {
    let rule = fields(RULE);
    check_round_trips(std::slice::from_ref(&rule), &[]);
    let arm: Value = serde_json::from_str(&export::arm(&template(&[rule], &[]))).unwrap();
    let resource = &arm["resources"][0];
    assert_eq!(resource["type"], "Microsoft.SecurityInsights/alertRules");
    assert_eq!(resource["apiVersion"], export::API_VERSION);
    assert_eq!(resource["name"], "5b1f0c52-8b44-4a55-9d0c-1d5f3c0e0001");
    assert_eq!(resource["kind"], "Scheduled");
    let properties = &resource["properties"];
    for (field, expected) in [
        // The name would be an expression, the query would not.
        ("displayName", json!("[Share] opened")),
        ("description", json!("Somebody opened the \"share\" of the host's owner.")),
        ("enabled", json!(true)),
        ("queryFrequency", json!("PT1H")),
        ("queryPeriod", json!("P1D")),
        ("suppressionDuration", json!("PT1H30M")),
        ("suppressionEnabled", json!(true)),
        ("triggerOperator", json!("GreaterThan")),
        ("triggerThreshold", json!(2)),
        ("techniques", json!(["T1021", "T1135"])),
        ("subTechniques", json!(["T1021.002"])),
        ("customDetails", json!({"Share": "ShareName", "enabled": "true"})),
    ] {
        assert_eq!(properties[field], expected, "{field}");
    }
    assert_eq!(properties["alertDetailsOverride"]["alertDisplayNameFormat"], "[[{{ShareName}}]");
    assert_eq!(
        properties["incidentConfiguration"]["groupingConfiguration"]["lookbackDuration"],
        "PT5H"
    );
    assert_eq!(
        arm["metadata"]["quarry"]["rules"]["5b1f0c52-8b44-4a55-9d0c-1d5f3c0e0001"],
        json!({
            "status": "Available",
            "requiredDataConnectors":
                [{"connectorId": "SecurityEvents", "dataTypes": ["SecurityEvent"]}],
            "relevantTechniques": ["T1021.002", "T1135"],
            "tags": ["one", "2"],
            "version": "1.10",
        })
    );
}

#[test]
fn a_rule_reads_its_watchlist_after_the_list_is_there() {
    let rule = fields(&RULE.replace("| where", "| where _GetWatchlist( \"VIP\") and"));
    let list = |alias: &str, csv: &str| {
        let more = json!({"itemsSearchKey": "Owner", "labels": ["a"]});
        let more = more.as_object().unwrap().clone();
        Watchlist { alias: alias.to_owned(), csv: csv.to_owned(), more }
    };
    let lists = [list("vip", "\"Host, \"\"name\"\"\",Owner\na,[b]\n"), list("it's", "[A,B]")];
    check_round_trips(std::slice::from_ref(&rule), &lists);
    let arm: Value = serde_json::from_str(&export::arm(&template(&[rule], &lists))).unwrap();
    assert_eq!(arm["resources"][1]["properties"]["rawContent"], "[[A,B]");
    assert_eq!(arm["resources"][0]["properties"]["itemsSearchKey"], "Owner");
    let depends = arm["resources"][2]["dependsOn"].as_array().unwrap();
    assert_eq!(depends.len(), 1);
    assert!(depends[0].as_str().unwrap().ends_with("watchlists', 'vip')]"), "{depends:?}");
    let plain = Watchlist { more: Map::new(), ..lists[0].clone() };
    let arm: Value = serde_json::from_str(&export::arm(&template(&[], &[plain]))).unwrap();
    assert_eq!(arm["resources"][0]["properties"]["itemsSearchKey"], "Host, \"name\"");
}

#[test]
fn what_keeps_a_rule_from_being_deployed_is_told() {
    for (old, new, field) in [
        ("id: 5b1f0c52-8b44-4a55-9d0c-1d5f3c0e0001\n", "", "id"),
        ("severity: Low\n", "", "severity"),
        ("queryPeriod: 24h", "queryPeriod: 1w", "queryPeriod"),
        ("suppressionDuration: PT90M", "suppressionDuration: P1M", "suppressionDuration"),
        ("lookbackDuration: 5h", "lookbackDuration: long", "incidentConfiguration"),
        ("triggerOperator: gt", "triggerOperator: ge", "triggerOperator"),
    ] {
        let losses = Template::new(&[]).add(&fields(&RULE.replace(old, new))).unwrap_err();
        assert_eq!(losses.iter().map(|it| it.field).collect::<Vec<_>>(), [field], "{losses:?}");
    }
    let mut twice = Template::new(&[]);
    twice.add(&fields(RULE)).unwrap();
    assert_eq!(twice.add(&fields(RULE)).unwrap_err()[0].field, "id");
}

/// A rule that a custom detection can say all of.
const PLAIN: &str = "id: 5b1f0c52-8b44-4a55-9d0c-1d5f3c0e0001
name: Share opened
description: Somebody opened it.
severity: Medium
queryFrequency: 1h
queryPeriod: 2h
triggerOperator: gt
triggerThreshold: 0
tactics: [LateralMovement]
relevantTechniques: [T1021.002, T1570, T1021.001]
query: DeviceFileEvents
customDetails: {Path: FolderPath}
entityMappings:
  - entityType: Account
    fieldMappings: [{identifier: Name, columnName: A}, {identifier: Sid, columnName: S}]
  - entityType: IP
    fieldMappings: [{identifier: Address, columnName: R}]
version: 1.0.0
kind: Scheduled
";

fn detection(text: &str, columns: &[&str], is_lossy: bool) -> Result<Detection, Vec<Loss>> {
    let columns: Vec<String> = columns.iter().map(|name| (*name).to_owned()).collect();
    Detection::of(&fields(text), Ok(&columns), is_lossy)
}

const COLUMNS: [&str; 3] = ["Timestamp", "ReportId", "DeviceId"];

#[test]
fn a_rule_that_is_no_more_than_a_detection_is_one() {
    let made = detection(PLAIN, &COLUMNS, false).unwrap();
    assert_eq!((made.left_behind.len(), &*made.bookkeeping), (0, &["version".to_owned()][..]));
    check_detection(&made);
    let json: Value = serde_json::from_str(&made.text()).unwrap();
    assert_eq!(
        json,
        json!({
            "id": "5b1f0c52-8b44-4a55-9d0c-1d5f3c0e0001",
            "displayName": "Share opened",
            "status": "enabled",
            "queryCondition": {"queryText": "DeviceFileEvents"},
            "schedule": {"frequency": "PT1H", "lookback": "PT2H"},
            "detectionAction": {"alertTemplate": {
                "title": "Share opened",
                "description": "Somebody opened it.",
                "severity": "medium",
                "tactics": [{"tactic": "LateralMovement", "techniques": [
                    {"technique": "T1021", "subTechniques": ["T1021.002", "T1021.001"]},
                    {"technique": "T1570"},
                ]}],
                "entityMappings": {
                    "accounts": [{"nameColumn": "A", "sidColumn": "S"}],
                    "ips": [{"addressColumn": "R"}],
                },
                "customDetails": {"Path": "FolderPath"},
                "eventGroupingKind": "singleAlert",
            }},
        })
    );
}

#[test]
fn what_a_detection_has_no_place_for_is_told() {
    let nrt = |query: &str| {
        let without: Vec<&str> = PLAIN
            .lines()
            .filter(|line| !line.starts_with("queryF") && !line.starts_with("queryP"))
            .collect();
        let text = without.join("\n").replace("kind: Scheduled", "kind: NRT");
        text.replace("query: DeviceFileEvents", &format!("query: {query}"))
    };
    check_detection(&detection(&nrt("DeviceFileEvents"), &COLUMNS, false).unwrap());
    let with = |line: &str| format!("{PLAIN}{line}\n");
    for (text, field, is_detail) in [
        (with("suppressionEnabled: true"), "suppressionEnabled", false),
        (PLAIN.replace("Threshold: 0", "Threshold: 3"), "triggerThreshold", false),
        (PLAIN.replace("Operator: gt", "Operator: lt"), "triggerThreshold", false),
        (PLAIN.replace("queryFrequency: 1h", "queryFrequency: 10m"), "queryFrequency", false),
        (PLAIN.replace("queryPeriod: 2h", "queryPeriod: 30m"), "queryPeriod", false),
        (PLAIN.replace("severity: Medium", "severity: Critical"), "severity", false),
        (PLAIN.replace("Account", "Malware"), "entityMappings", false),
        (nrt("DeviceFileEvents | union DeviceEvents"), "query", false),
        (nrt("DeviceFileEvents | join DeviceEvents on DeviceId"), "query", false),
        (
            with("eventGroupingSettings: {aggregationKind: AlertPerResult}"),
            "eventGroupingSettings",
            true,
        ),
        (with("alertDetailsOverride: {alertSeverityColumnName: S}"), "alertDetailsOverride", true),
        (with("alertDetailsOverride: {alertDescriptionFormat: S}"), "description", true),
        (with("incidentConfiguration: {createIncident: false}"), "incidentConfiguration", true),
        (
            PLAIN.replace("[LateralMovement]", "[LateralMovement, Discovery]"),
            "relevantTechniques",
            true,
        ),
        (PLAIN.replace("identifier: Sid", "identifier: FullName"), "entityMappings", true),
        (with("startTimeUtc: 2026-01-01T00:00:00Z"), "startTimeUtc", true),
    ] {
        let losses = detection(&text, &COLUMNS, false).unwrap_err();
        let told: Vec<_> = losses.iter().map(|loss| (loss.field, loss.is_detail)).collect();
        assert!(told.contains(&(field, is_detail)), "{field}: {losses:?}");
        match detection(&text, &COLUMNS, true) {
            Ok(made) => {
                assert!(is_detail && made.left_behind == losses, "{field}");
                check_detection(&made);
            }
            Err(_) => assert!(!is_detail, "{field}"),
        }
    }
    for columns in
        [&["Timestamp", "DeviceId"][..], &["Timestamp", "ReportId"], &["ReportId", "DeviceId"]]
    {
        let losses = detection(PLAIN, columns, true).unwrap_err();
        assert_eq!(losses.iter().map(|it| it.field).collect::<Vec<_>>(), ["query"], "{columns:?}");
    }
    assert!(Detection::of(&fields(PLAIN), Err("it does not bind"), true).is_err());
}

#[test]
fn a_detection_is_no_rule_of_a_workspace() {
    let made = detection(PLAIN, &COLUMNS, false).unwrap();
    let (rules, _) = import("d.json", &made.text());
    assert_eq!(Template::new(&[]).add(&rules[0]).unwrap_err()[0].field, "kind");
}

#[test]
fn descriptions_keep_quotes_that_are_their_own() {
    for (block, expected) in [
        ("'One.'", "One."),
        ("'The host's share.'", "The host's share."),
        ("'Of 'many' hosts.'", "Of 'many' hosts."),
        ("'All hosts' shares.'", "All hosts' shares."),
        ("'a' and 'b'", "'a' and 'b'\n"),
        ("a", "a\n"),
    ] {
        let text = format!("id: x\nname: y\ndescription: |\n  {block}\nseverity: Low\nquery: T\n");
        let rule = fields(&text);
        let yaml = export::sentinel(&rule).unwrap();
        assert_eq!(fields(&yaml), rule);
        let value = serde_json::to_value(expected).unwrap();
        let mut template = Template::new(&[]);
        let whole = fields(&PLAIN.replace("Somebody opened it.", &format!("|\n  {block}")));
        template.add(&whole).unwrap();
        let arm: Value = serde_json::from_str(&export::arm(&template)).unwrap();
        assert_eq!(arm["resources"][0]["properties"]["description"], value, "{block}");
    }
    // Quotes of YAML are none of the text.
    let rule = fields(&PLAIN.replace("Somebody opened it.", "\"'x'\""));
    assert!(export::arm(&template(&[rule], &[])).contains("\"description\": \"'x'\""));
}
