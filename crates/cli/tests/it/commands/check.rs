//! `quarry check`.

use std::fs;

use serde_json::Value;

use testkit::Folder;

use crate::quarry::quarry;

#[test]
fn the_packages_are_clean() {
    let outcome = quarry(["check", "--runnable", "detections"]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
}

#[test]
fn the_views_are_clean() {
    let outcome = quarry(["check", "--runnable", "crates/tables/views"]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
}

#[test]
fn a_rules_diagnostic_points_into_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rule.yaml");
    let yaml = "id: x\nquery: |\n  DeviceProcessEvents\n  | where FileNam == 'x'\n";
    fs::write(&file, yaml).unwrap();
    let outcome = quarry(["check", "--format", "jsonl", file.to_str().unwrap()]);
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    let verdict: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(verdict["ok"], false);
    let diagnostic = &verdict["diagnostics"][0];
    let place = |key: &str| usize::try_from(diagnostic[key].as_u64().unwrap()).unwrap();
    assert_eq!(&yaml[place("start")..place("end")], "FileNam");
}

#[test]
fn columns_of_a_good_query_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let query = folder.path().join("q.kql");
    fs::write(&query, "My_CL | summarize n = count() by Who").unwrap();
    let schema = folder.path().join("schema.json");
    fs::write(&schema, r#"{"My_CL":{"Who":"string"}}"#).unwrap();
    let args = ["check", "--tables", "none", "--format", "jsonl", "--schema"];
    let paths = [schema.to_str().unwrap(), query.to_str().unwrap()];
    let outcome = quarry(args.iter().copied().chain(paths));
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    let verdict: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(verdict["columns"], serde_json::json!([["Who", "string"], ["n", "long"]]));
}

/// A rule that Sentinel would take but for its severity, with an error in its query.
const RULE: &str = "id: 9da25366-2c77-41a5-a159-0da5e2f5fb90
name: x
description: x
kind: Scheduled
severity: high
requiredDataConnectors: []
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
version: 1.0.0
query: |
  DeviceProcessEvents
  | where FileNam == 'ä'
entityMappings:
  - entityType: Host
    fieldMappings:
      - identifier: FullName
        columnName: DevceName
";

#[test]
fn rules_are_linted() {
    let good = RULE.replace("FileNam ", "FileName ");
    let folder = Folder::with(&[("rule.yaml", &*good)]);
    let outcome = quarry(["check".as_ref(), folder.path().as_os_str()]);
    assert_eq!(outcome.status, 1);
    let message = |text: &str| assert!(outcome.stderr.contains(text), "{}", outcome.stderr);
    message("error[KQL0502]: `severity` does not take `high`");
    message("rule.yaml:5:11");
    message("warning[KQL0516]: the query does not yield a column `DevceName`");
    message("help: did you mean `DeviceName`?");
}

#[test]
fn sarif_is_what_its_schema_says() {
    let folder = Folder::with(&[("a rule.yaml", RULE), ("q.kql", "T | where (a")]);
    let path = folder.path().to_str().unwrap();
    let outcome = quarry(["check", "--format", "sarif", path]);
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    let value: Value = serde_json::from_str(&outcome.stdout).unwrap();
    // Fields of another type or name, and required ones that are missing, do not survive this.
    let log: serde_sarif::sarif::Sarif = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(serde_json::to_value(&log).unwrap(), value);

    let run = &log.runs[0];
    let known: Vec<&str> =
        run.tool.driver.rules.as_ref().unwrap().iter().map(|rule| &*rule.id).collect();
    let results = run.results.as_ref().unwrap();
    assert!(results.iter().all(|it| known.contains(&it.rule_id.as_deref().unwrap())));
    let place = |code: &str| {
        let result = results.iter().find(|it| it.rule_id.as_deref() == Some(code)).unwrap();
        let place = result.locations.as_ref().unwrap()[0].physical_location.clone().unwrap();
        let region = place.region.unwrap();
        let uri = place.artifact_location.unwrap().uri.unwrap();
        (uri, region.start_line.unwrap(), region.start_column.unwrap(), region.end_column.unwrap())
    };
    let (uri, line, start, end) = place("KQL0201");
    assert!(uri.ends_with("/a%20rule.yaml") && uri.starts_with("file:///"), "{uri}");
    assert_eq!((line, start, end), (14, 11, 18));
    assert_eq!(place("KQL0502").1, 5);
}

#[test]
fn a_rule_that_is_no_yaml_is_told_and_the_rest_is_checked() {
    let files =
        [("a.yaml", "query: [T\n"), ("b.kql", "print 1"), ("c.yaml", "{{ template }}: [\n")];
    let folder = Folder::with(&files);
    let outcome = quarry(["check".as_ref(), folder.path().as_os_str()]);
    assert_eq!(outcome.status, 1);
    assert!(outcome.stderr.contains("error[KQL0500]: this is not YAML"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("2 queries checked, 1 with errors"), "{}", outcome.stderr);
}

#[test]
fn an_unreadable_file_is_told_and_the_rest_is_checked() {
    let folder = Folder::with(&[("a.kql", &b"\xff\xfa"[..]), ("b.kql", b"print 1")]);
    let outcome = quarry(["check".as_ref(), folder.path().as_os_str()]);
    assert_eq!(outcome.status, 3);
    assert!(outcome.stderr.contains("a.kql: "), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("1 query checked, 0 with errors"), "{}", outcome.stderr);
}

#[test]
fn columns_that_depend_on_data_are_not_told() {
    let folder = Folder::with(&[("q.kql", "print d = dynamic({'a': 1}) | evaluate bag_unpack(d)")]);
    let path = folder.path().to_str().unwrap();
    let outcome = quarry(["check", "--format", "jsonl", path]);
    let verdict: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!((&verdict["ok"], &verdict["columns"]), (&Value::Bool(true), &Value::Null));
}

#[test]
fn every_code_is_explained() {
    let outcome = quarry(["check", "--explain", "KQL0201"]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    assert!(outcome.stdout.starts_with("KQL0201: "), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("error[KQL0201]"), "{}", outcome.stdout);
    assert_eq!(quarry(["check", "--explain", "KQL0777"]).status, 2);
}

#[test]
fn custom_detections_made_of_the_package_are_within_what_defender_takes() {
    let folder = "detections/t1021.002/other/defender";
    let outcome = quarry(["check", "--runnable", "--tables", "defender", folder]);
    assert_eq!(outcome.status, 0, "{}{}", outcome.stdout, outcome.stderr);
    assert!(outcome.stderr.contains("27 queries checked"), "{}", outcome.stderr);
}
