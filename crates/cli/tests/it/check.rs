//! `quarry check`.

use std::fs;

use serde_json::Value;

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
