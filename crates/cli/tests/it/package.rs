//! `quarry test`, `tune` and `investigate`, and exceptions in a hunt.

use std::fs;

use serde_json::Value;

use crate::quarry::quarry;

const HEAD: &str =
    "Id,Rules,Column1,Value1,Column2,Value2,Column3,Value3,Owner,Reason,Ticket,Expires\n";
const RULE: &str = "detections/t1021.002/rules/net_use_admin_share.yaml";

/// Writes a list with one exception and returns its folder and path.
fn exceptions(row: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ours.csv");
    fs::write(&path, format!("{HEAD}{row}\n")).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

#[test]
fn a_rule_passes_its_tests_and_junit_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let junit = folder.path().join("tests.xml");
    let args = ["test", "--rule", "net_use_admin_share", "--junit", junit.to_str().unwrap()];
    let outcome = quarry(args);
    assert_eq!(outcome.status, 0, "{}{}", outcome.stdout, outcome.stderr);
    let xml = fs::read_to_string(junit).unwrap();
    assert!(xml.contains("failures=\"0\"") && xml.contains("T1021.002-1"), "{xml}");
}

#[test]
fn an_exception_that_hides_an_attack_fails_the_tests() {
    let row = "e1,B01,FileName,net*.exe,ShareName,C$,,,amy,habit,T-1,2999-01-01";
    let (_folder, path) = exceptions(row);
    let outcome = quarry(["test", "--rule", "net_use_admin_share", "--exceptions", &path]);
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    assert!(outcome.stdout.contains("was set aside by e1"), "{}", outcome.stdout);
}

#[test]
fn what_an_exception_sets_aside_is_told_and_can_be_shown() {
    let row = "e1,B01,AccountName,adm-okafor,ShareName,C$,,,amy,maps at night,T-1,2999-01-01";
    let (_folder, path) = exceptions(row);
    let hunt = |more: &[&str]| {
        let args = ["hunt", "--rule", RULE, "--exceptions", &path, "--format", "jsonl", "samples"];
        quarry(args.iter().chain(more).copied())
    };
    let quiet = hunt(&[]);
    assert_eq!(quiet.status, 0, "{}", quiet.stdout);
    assert!(quiet.stderr.contains("exception `e1` (amy: maps at night)"), "{}", quiet.stderr);
    let shown = hunt(&["--show-suppressed"]);
    let alert: Value = serde_json::from_str(shown.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(alert["columns"]["SuppressedBy"], "e1");
    assert_eq!(alert["severity"], "Informational");
}

#[test]
fn an_expired_exception_warns_and_sets_nothing_aside() {
    let row = "e1,B01,AccountName,adm-okafor,ShareName,C$,,,amy,maps at night,T-1,2020-01-01";
    let (_folder, path) = exceptions(row);
    let outcome = quarry(["hunt", "--rule", RULE, "--exceptions", &path, "samples"]);
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("`e1` of amy has expired"), "{}", outcome.stderr);
}

#[test]
fn an_alert_is_investigated() {
    let alerts = quarry(["hunt", "--rule", RULE, "--format", "jsonl", "samples"]).stdout;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alerts.jsonl");
    fs::write(&path, &alerts).unwrap();
    let first: Value = serde_json::from_str(alerts.lines().next().unwrap()).unwrap();
    let id = first["id"].as_str().unwrap();
    let outcome = quarry(["investigate", "--alerts", path.to_str().unwrap(), id]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    assert!(outcome.stdout.contains("srv-files02"), "{}", outcome.stdout);
    let asked = quarry(["investigate", "--alerts", path.to_str().unwrap(), id, "samples"]);
    assert_eq!(asked.status, 0, "{}", asked.stderr);
    let missing = quarry(["investigate", "--alerts", path.to_str().unwrap(), "nosuch"]);
    assert_eq!(missing.status, 2);
}
