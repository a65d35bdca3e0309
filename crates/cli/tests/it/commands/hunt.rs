//! `quarry hunt`.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::quarry::{Outcome, quarry};

fn alerts(outcome: &Outcome) -> Vec<Value> {
    outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Returns the file names of all evidence of the published rule's alerts.
fn evidence_files(alerts: &[Value]) -> BTreeSet<String> {
    let evidence = alerts.iter().flat_map(|alert| alert["evidence"].as_array().unwrap());
    evidence
        .map(|record| record["file"].as_str().unwrap().rsplit('/').next().unwrap().to_owned())
        .collect()
}

const PUBLISHED: &str = "a9460aad-3d8a-4df9-9191-a5031afc4ec5";

#[test]
fn the_samples_show_all_three_patterns_of_the_published_rule() {
    let outcome = quarry(["hunt", "--rule", PUBLISHED, "--format", "jsonl", "samples"]);
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    let alerts = alerts(&outcome);
    let count = |test: &dyn Fn(&Value) -> bool| alerts.iter().filter(|alert| test(alert)).count();
    let text = |alert: &Value, column: &str| alert["columns"][column].as_str().unwrap().to_owned();
    assert_eq!(count(&|alert| alert["columns"]["RemotePort"] == 445), 4);
    assert_eq!(count(&|alert| text(alert, "Source") == "PsExec"), 3);
    assert_eq!(count(&|alert| text(alert, "ProcessCommandLine").contains(" use ")), 3);
    assert_eq!(alerts.len(), 10);
}

#[test]
fn every_alert_cites_the_records_it_rests_on() {
    let outcome = quarry(["hunt", "--rule", PUBLISHED, "--format", "jsonl", "samples"]);
    for alert in alerts(&outcome) {
        let evidence = alert["evidence"].as_array().unwrap();
        assert_eq!(evidence.len(), 1, "{alert}");
        let record = &evidence[0];
        let file = crate::quarry::workspace().join(record["file"].as_str().unwrap());
        let line = usize::try_from(record["line"].as_u64().unwrap()).unwrap();
        let text = std::fs::read_to_string(&file).unwrap();
        // In CSV, record 1 stands behind the header.
        let is_csv = file.extension().is_some_and(|ending| ending == "csv");
        let header = usize::from(is_csv);
        let cited = text.lines().nth(line - 1 + header).unwrap();
        let device = alert["columns"]["DeviceName"].as_str().unwrap();
        assert!(cited.to_ascii_lowercase().contains(device), "{cited}");
    }
}

#[test]
fn the_same_input_gives_the_same_bytes_on_one_thread_and_on_several() {
    // Every other format is made of what these three are made of, without threads.
    let run = |threads: &str| {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (page, bundle) = (file("page.html"), file("bundle.zip"));
        let args = ["hunt", "--format", "jsonl", "--threads", threads, "--report", &page];
        let outcome = quarry(args.into_iter().chain(["--bundle", &bundle, "samples"]));
        assert_eq!(outcome.status, 1, "{}", outcome.stderr);
        (outcome.stdout, std::fs::read(page).unwrap(), std::fs::read(bundle).unwrap())
    };
    let alone = run("1");
    assert!(alone == run("2"));
    assert!(alone == run("5"));
}

#[test]
fn the_published_rule_on_the_real_logs() {
    let reference = testkit::reference!("logs");
    let logs = reference.path("logs");
    let args = ["hunt", "--rule", PUBLISHED, "--format", "jsonl", logs.to_str().unwrap()];
    let outcome = quarry(args);
    // One archive is cut short and one file is no log: both are said, and show in the status.
    assert_eq!(outcome.status, 3, "{}", outcome.stderr);
    let alerts = alerts(&outcome);
    let files = evidence_files(&alerts);
    assert!(files.contains("ID4688-4648 Lateral movement with net use.evtx"), "{files:?}");
    assert!(files.contains("empire_smbexec_dcerpc_smb_svcctl.zip"), "{files:?}");
    let manifest: Value = serde_json::from_str(&reference.text("logs/manifest.json")).unwrap();
    let benign: BTreeSet<String> = manifest
        .as_array()
        .unwrap()
        .iter()
        .filter(|dataset| dataset["grade"] == "benign")
        .map(|dataset| dataset["file"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(files.intersection(&benign).count(), 0, "{files:?}");
    let net_use = alerts.iter().flat_map(|alert| alert["evidence"].as_array().unwrap());
    assert!(net_use.clone().any(|record| record["record_id"] == 469_061), "{files:?}");
}

#[test]
fn a_rule_that_does_not_run_is_told_with_the_place_in_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let rule = folder.path().join("rule.yaml");
    let yaml = "id: 1\nname: Clicks\nseverity: Low\nquery: |\n  DeviceProcessEvents\n  | evaluate sql_request('a', 'b')\n";
    std::fs::write(&rule, yaml).unwrap();
    let rule = rule.to_str().unwrap();
    let outcome = quarry(["hunt", "--rule", rule, "samples"]);
    assert_eq!((outcome.status, &*outcome.stdout), (2, ""));
    let place = format!("{rule}:6:5");
    assert!(outcome.stderr.contains(&place), "{}", outcome.stderr);
}

#[test]
fn an_unknown_rule_is_a_usage_error_that_lists_the_rules() {
    let outcome = quarry(["hunt", "--rule", "nosuch", "samples"]);
    assert_eq!(outcome.status, 2);
    assert!(outcome.stderr.contains(PUBLISHED), "{}", outcome.stderr);
}

#[test]
fn exit_zero_is_for_pipelines() {
    let outcome = quarry(["hunt", "--rule", PUBLISHED, "--exit-zero", "samples"]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
}

/// A rule over `SecurityEvent` with this condition.
fn rule_with(condition: &str) -> String {
    format!(
        "id: 6f1f0c57-2c19-4f0a-9c1e-3d6b3a1f0001\nname: Kettle watch\ndescription: x\nseverity: Low\n\
         kind: Scheduled\nversion: 1.0.0\nquery: |\n  SecurityEvent\n  | extend L = tostring(Level)\n  | where {condition}\n\
         queryFrequency: 1d\nqueryPeriod: 1d\ntriggerOperator: gt\ntriggerThreshold: 0\ntactics: []\n\
         relevantTechniques: []\nentityMappings: []\n"
    )
}

#[test]
fn a_rule_that_reads_what_nothing_fills_is_told_so() {
    let event = r#"{"EventID":4697,"SourceName":"Microsoft-Windows-Security-Auditing","Channel":"Security","Hostname":"h","TimeCreated":"2020-01-01T00:00:00Z","ServiceName":"k"}"#;
    let run = |condition: &str, event: &str| {
        let folder = testkit::Folder::with(&[
            ("rules/r.yaml", rule_with(condition)),
            ("logs/e.jsonl", event.to_owned()),
        ]);
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        let outcome = quarry([
            "hunt",
            "--rule",
            &path("rules/r.yaml"),
            "--stats",
            &path("stats.json"),
            "--report",
            &path("report.html"),
            &path("logs"),
        ]);
        let stats = std::fs::read_to_string(path("stats.json")).unwrap();
        let stats: Value = serde_json::from_str(&stats).unwrap();
        let page = std::fs::read_to_string(path("report.html")).unwrap();
        (outcome.stderr, stats["unfilled"].clone(), page)
    };
    let (said, stats, page) = run("L !in ('2', '3') and isnotempty(ServiceName)", event);
    assert!(said.contains("rule `Kettle watch` reads `SecurityEvent.Level`"), "{said}");
    assert_eq!(said.matches("nothing in this input fills").count(), 1, "{said}");
    let expected =
        serde_json::json!([{"rule": "Kettle watch", "table": "SecurityEvent", "column": "Level"}]);
    assert_eq!(stats, expected);
    assert!(page.contains("SecurityEvent.Level"), "not in the report");
    // What is only shown decides nothing, and an export may have any column.
    let (said, stats, _) = run("ServiceName == 'k' and isnotempty(EventData)", event);
    assert!(!said.contains("SecurityEvent.Level"), "{said}");
    assert_eq!(stats, serde_json::json!([]));
    let exported = r#"{"Type":"SecurityEvent","TimeGenerated":"2020-01-01T00:00:00Z","EventID":4697,"Computer":"h","Level":"0"}"#;
    let (said, _, _) = run("L !in ('2', '3')", exported);
    assert!(!said.contains("SecurityEvent.Level"), "{said}");
}

/// What the head of an export does not have, none of its rows can fill.
#[test]
fn a_column_that_the_head_of_an_export_lacks_is_told() {
    let head = "TimeGenerated,EventID,Computer,Account,SubjectUserName,Type";
    let row = "2020-01-01T00:00:00Z,4697,h,CORP\\k,k,SecurityEvent";
    let export = format!("{head}\n{row}\n");
    let with_level = format!("{head},Level\n{row},0\n");
    let folder = testkit::Folder::with(&[
        ("r.yaml", rule_with("L !in ('2', '3')")),
        ("logs/e.csv", export.clone()),
        ("both/e.csv", export),
        ("both/f.csv", with_level),
    ]);
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let told = "reads `SecurityEvent.Level`, which nothing in this input fills";
    let hunt = |logs: &str| quarry(["hunt", "--rule", &path("r.yaml"), &path(logs)]).stderr;
    assert!(hunt("logs").contains(told), "{}", hunt("logs"));
    assert!(!hunt("both").contains(told), "{}", hunt("both"));
    // A query is told as a rule is.
    let query = |query: &str, logs: &str| quarry(["query", query, &path(logs)]).stderr;
    let of_level = "SecurityEvent | where tostring(Level) !in ('2', '3')";
    assert!(query(of_level, "logs").contains(told), "{}", query(of_level, "logs"));
    assert!(!query(of_level, "both").contains(told), "{}", query(of_level, "both"));
    let of_account = "SecurityEvent | where SubjectUserName == 'k' | project Level";
    assert!(!query(of_account, "logs").contains(told), "{}", query(of_account, "logs"));
}
