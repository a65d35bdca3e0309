//! `quarry simulate`: what machines and people read of it.

use std::fmt::Write;

use insta::assert_snapshot;
use serde_json::Value;
use testkit::Folder;

use crate::quarry::{Outcome, quarry, workspace};

const RULE: &str = "id: 7d1f6a52-0c35-4f0e-9a3e-1f2b6c9d0e11
name: Logons
kind: Scheduled
severity: Medium
queryFrequency: 10m
queryPeriod: 20m
triggerOperator: gt
triggerThreshold: 0
tactics: [LateralMovement]
query: |
  SecurityEvent
  | where EventID == 4624
  | project TimeGenerated, Computer, Account
entityMappings:
  - entityType: Account
    fieldMappings:
      - identifier: Name
        columnName: Account
  - entityType: Host
    fieldMappings:
      - identifier: FullName
        columnName: Computer
alertDetailsOverride:
  alertDisplayNameFormat: 'Logon of {{Account}}'
";

/// Writes logons at minutes after ten o'clock.
fn logons(folder: &Folder, logons: &[(u32, &str)]) {
    let mut lines = String::new();
    for (minute, account) in logons {
        writeln!(
            lines,
            "{{\"TimeGenerated\":\"2024-05-01T10:{minute:02}:00Z\",\"EventID\":4624,\
             \"Computer\":\"pc1\",\"Account\":\"{account}\",\"Activity\":\"4624\"}}"
        )
        .unwrap();
    }
    folder.write("logs/SecurityEvent.jsonl", lines);
}

fn simulate(folder: &Folder, rule: &str, more: &[&str]) -> Outcome {
    let path = folder.write("rule.yaml", rule);
    let logs = folder.path().join("logs");
    let args = ["simulate", "--rule", path.to_str().unwrap()];
    quarry(args.into_iter().chain(more.iter().copied()).chain([logs.to_str().unwrap()]))
}

fn lines(outcome: &Outcome) -> Vec<Value> {
    outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Returns the lines of a kind and mode.
fn of<'a>(lines: &'a [Value], kind: &str, mode: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["kind"] == kind && line["mode"] == mode).collect()
}

const JSONL: [&str; 2] = ["--format", "jsonl"];

#[test]
fn lines_are_the_contract() {
    let folder = Folder::empty();
    logons(&folder, &[(1, "amy"), (3, "Administrator")]);
    let outcome = simulate(&folder, RULE, &[&JSONL[..], &["--mode", "exact"]].concat());
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    let place = folder.path().to_str().unwrap();
    assert_snapshot!(outcome.stdout.replace(place, "."));
    // What was assumed is said beside.
    assert!(outcome.stderr.contains("assumed: window=open-start"), "{}", outcome.stderr);
}

#[test]
fn both_modes_stand_side_by_side_and_repeats_are_counted() {
    let folder = Folder::empty();
    logons(&folder, &[(1, "amy"), (3, "Administrator")]);
    let lines = lines(&simulate(&folder, RULE, &JSONL));
    let runs = of(&lines, "run", "exact");
    let counts =
        |name: &str| runs.iter().map(|run| run[name].as_u64().unwrap()).collect::<Vec<_>>();
    assert_eq!((counts("rows"), counts("alerts")), (vec![2, 2], vec![1, 1]));
    assert_eq!(counts("repeated"), [0, 1]);
    assert_eq!(of(&lines, "alert", "strict").len(), 2);
    let dropped = of(&lines, "alert", "exact")[0]["dropped_entities"].clone();
    assert_eq!(
        dropped,
        serde_json::json!([
            {"type": "Account", "Name": "Administrator", "reason": "generic account name"}
        ])
    );
    assert_eq!(of(&lines, "alert", "strict")[0]["dropped_entities"], serde_json::json!([]));
    assert_eq!(of(&lines, "incident", "exact").len(), 2);
}

#[test]
fn strict_has_the_ids_and_the_evidence_of_a_hunt() {
    let folder = Folder::empty();
    logons(&folder, &[(1, "amy"), (3, "bob"), (44, "amy")]);
    let strict = simulate(&folder, RULE, &[&JSONL[..], &["--mode", "strict"]].concat());
    let (rule, logs) = (folder.path().join("rule.yaml"), folder.path().join("logs"));
    let args = ["hunt", "--format", "jsonl", "--rule", rule.to_str().unwrap()];
    let hunt = quarry(args.into_iter().chain([logs.to_str().unwrap()]));
    let pairs = |lines: &[&Value], id: &str| -> Vec<(String, String)> {
        let id = |line: &Value| line.pointer(id).unwrap().as_str().unwrap().to_owned();
        lines.iter().map(|line| (id(line), line["evidence"].to_string())).collect()
    };
    let (strict, hunt) = (lines(&strict), lines(&hunt));
    let hunt: Vec<&Value> = hunt.iter().collect();
    assert_eq!(hunt.len(), 3);
    assert_eq!(
        pairs(&of(&strict, "alert", "strict"), "/columns/SystemAlertId"),
        pairs(&hunt, "/id")
    );
}

#[test]
fn people_read_a_table() {
    let folder = Folder::empty();
    logons(&folder, &[(1, "amy"), (3, "Administrator"), (35, "bob")]);
    let suppressed = RULE.replace("Logons", "\"\\e[31mLogons\"").replace(
        "severity: Medium",
        "severity: Medium\nsuppressionEnabled: true\nsuppressionDuration: 1h",
    );
    let quiet = RULE.replace("4624", "4625").replace("0e11", "0e12").replace("Logons", "Failures");
    let quiet = folder.write("quiet.yaml", quiet);
    let outcome = simulate(&folder, &suppressed, &["--rule", quiet.to_str().unwrap()]);
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    assert_snapshot!(outcome.stdout);
}

#[test]
fn from_to_and_phase_say_when_rules_run() {
    let folder = Folder::empty();
    logons(&folder, &[(1, "amy")]);
    let scheduled = |more: &[&str]| -> Vec<String> {
        let lines =
            lines(&simulate(&folder, RULE, &[&JSONL[..], &["--mode", "exact"], more].concat()));
        let runs = of(&lines, "run", "exact");
        runs.iter().map(|run| run["scheduled"].as_str().unwrap()[11..16].to_owned()).collect()
    };
    assert_eq!(scheduled(&[]), ["10:10", "10:20"]);
    assert_eq!(scheduled(&["--phase", "3"]), ["10:03", "10:13"]);
    let span = ["--from", "2024-05-01T10:05:00Z", "--to", "2024-05-01T10:30:00Z"];
    assert_eq!(scheduled(&span), ["10:05", "10:15", "10:25"]);
    assert_eq!(scheduled(&[&span[..], &["--phase", "4"]].concat()), ["10:09", "10:19", "10:29"]);
}

#[test]
fn all_phases_tell_of_each_record_how_likely_it_is_found() {
    let folder = Folder::empty();
    logons(&folder, &[(1, "amy"), (6, "amy"), (40, "bob")]);
    let rule = RULE.replace("queryPeriod: 20m", "queryPeriod: 10m").replace(
        "  | project TimeGenerated, Computer, Account",
        "  | summarize n = count() by Computer, Account\n  | where n > 1",
    );
    let outcome = simulate(&folder, &rule, &[&JSONL[..], &["--phase", "all"]].concat());
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    assert_snapshot!(outcome.stdout.replace(folder.path().to_str().unwrap(), "."));
    let outcome = simulate(&folder, &rule, &["--phase", "all"]);
    let table = outcome.stdout.replace(folder.path().to_str().unwrap(), ".");
    assert_snapshot!(table.split("\nassumed").next().unwrap());
}

#[test]
fn a_blind_span_is_told_with_a_counterexample_without_being_asked() {
    let folder = Folder::empty();
    logons(&folder, &[(1, "amy")]);
    let rule = RULE.replace("queryPeriod: 20m", "queryPeriod: 10m").replace(
        "  | project TimeGenerated, Computer, Account",
        "  | summarize n = count() by Account\n  | where n > 1",
    );
    let said = simulate(&folder, &rule, &[]).stderr;
    for part in [
        "`Logons` groups, joins or counts rows, and has a blind span",
        "events at 2024-05-01T10:07:30Z and 2024-05-01T10:12:30Z are 00:05:00 apart",
        "the run of 2024-05-01T10:10:00Z is too early",
        "the run of 2024-05-01T10:20:00Z does not look back",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn what_arrives_late_is_not_seen() {
    let folder = Folder::empty();
    logons(&folder, &[(9, "amy")]);
    let rule = RULE.replace("queryPeriod: 20m", "queryPeriod: 10m");
    let alerts = |delay: &str| {
        let lines =
            lines(&simulate(&folder, &rule, &[&JSONL[..], &["--ingestion-delay", delay]].concat()));
        (of(&lines, "alert", "exact").len(), of(&lines, "alert", "strict").len())
    };
    assert_eq!((alerts("6m"), alerts("00:07:00")), ((1, 1), (0, 1)));
}

#[test]
fn a_rule_that_sentinel_refuses_is_refused_with_all_reasons_before_anything_runs() {
    let folder = Folder::empty();
    logons(&folder, &[(1, "amy")]);
    let rule = RULE
        .replace("queryFrequency: 10m", "queryFrequency: 3m")
        .replace("triggerThreshold: 0", "triggerThreshold: 10001")
        .replace("identifier: Name", "identifier: Nmae");
    let outcome = simulate(&folder, &rule, &[]);
    assert_eq!((outcome.status, &*outcome.stdout), (2, ""), "{}", outcome.stderr);
    for code in ["KQL0506", "KQL0509", "KQL0514"] {
        assert!(outcome.stderr.contains(code), "{code}: {}", outcome.stderr);
    }
    let good = folder.write("good.yaml", RULE.replace("0e11", "0e12"));
    let outcome = simulate(&folder, &rule, &["--rule", good.to_str().unwrap()]);
    assert_eq!(outcome.status, 4, "{}", outcome.stderr);
    assert!(outcome.stdout.contains("Logons"), "{}", outcome.stdout);
}

#[test]
fn custom_detections_of_defender_are_simulated() {
    let folder = Folder::empty();
    logons(&folder, &[(1, "amy")]);
    let detection = "kind: CustomDetection\nproperties:\n  queryCondition:\n    queryText: |\n      \
                     SecurityEvent\n  displayName: d\n  detectionAction:\n    alertTemplate:\n      \
                     severity: low\n  schedule:\n    frequency: PT1H\n";
    let outcome = simulate(&folder, detection, &JSONL);
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    let lines = lines(&outcome);
    let exact = |line: &&Value| line["mode"] == "exact";
    let alerts = lines.iter().filter(exact).filter(|line| line["kind"] == "alert");
    // Hourly, it looks back four hours.
    assert_eq!(alerts.count(), 4);
    assert!(!lines.iter().filter(exact).any(|line| line["kind"] == "incident"));
}

#[test]
fn absence_raises_alerts_in_exact_and_is_left_out_of_strict() {
    let folder = Folder::empty();
    logons(&folder, &[(1, "amy"), (55, "amy")]);
    let absence = RULE
        .replace("triggerOperator: gt", "triggerOperator: lt")
        .replace("triggerThreshold: 0", "triggerThreshold: 1")
        .replace("alertDetailsOverride:\n  alertDisplayNameFormat: 'Logon of {{Account}}'\n", "");
    let outcome = simulate(&folder, &absence, &JSONL);
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    let lines = lines(&outcome);
    let runs: Vec<&str> = of(&lines, "alert", "exact")
        .iter()
        .map(|alert| &alert["run"].as_str().unwrap()[11..16])
        .collect();
    assert_eq!(runs, ["10:30", "10:40", "10:50"]);
    assert_eq!(of(&lines, "run", "strict").len(), 0);
    assert!(outcome.stderr.contains("not simulated in mode strict"), "{}", outcome.stderr);
    let strict = simulate(&folder, &absence, &["--mode", "strict"]);
    assert_eq!(strict.status, 4, "{}", strict.stderr);
}

#[test]
fn a_record_without_a_time_is_said_and_seen_by_no_run() {
    let folder = Folder::empty();
    logons(&folder, &[(1, "amy")]);
    let path = folder.path().join("logs/SecurityEvent.jsonl");
    let known = std::fs::read_to_string(&path).unwrap();
    let timeless = known.replace("\"2024-05-01T10:01:00Z\"", "null");
    std::fs::write(&path, known + &timeless).unwrap();
    let outcome = simulate(&folder, RULE, &JSONL);
    assert_eq!(outcome.status, 3, "{}", outcome.stderr);
    let said = "record 2, offset 107: `TimeGenerated` is empty";
    assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
    assert_eq!(of(&lines(&outcome), "alert", "strict").len(), 1);
}

#[test]
fn the_rows_of_sentinels_tables_are_written() {
    let folder = Folder::empty();
    logons(&folder, &[(1, "amy")]);
    let tables = folder.path().join("tables");
    let outcome = simulate(&folder, RULE, &["--tables", tables.to_str().unwrap()]);
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    let types = |table: &str| -> Vec<String> {
        let text = std::fs::read_to_string(tables.join(format!("{table}.jsonl"))).unwrap();
        let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        rows.map(|row| row["Type"].as_str().unwrap().to_owned()).collect()
    };
    for table in ["SecurityAlert", "SecurityIncident", "SentinelHealth"] {
        assert_eq!(types(table), [table, table]);
    }
}

#[test]
fn what_makes_no_sense_is_a_usage_error() {
    let folder = Folder::empty();
    logons(&folder, &[(1, "amy")]);
    for (more, said) in [
        (&["--choice", "window=half"][..], "`open-start`, `open-end`, `closed`"),
        (&["--choice", "windows"], "`window`"),
        (&["--from", "2024-05-02", "--to", "2024-05-01"], "`--from` is after `--to`"),
        (&["--ingestion-delay", "soon"], "length of time"),
        (&["--ingestion-delay", "p50=2m,p40=3m"], "percentiles"),
        (&["--ingestion-delay", "p50=2m,20m"], "`p99=20m`"),
        (&["--ingestion-delay", "1m,-2m"], "length of time"),
        (&["--ingestion-delay", "1m,2m", "--phase", "all"], "`--phase all`"),
        (&["--mode", "strict", "--tables", "t"], "`--tables`"),
        (&["--now", "2024-05-02"], "--now"),
        (&["--phase", "some"], "or `all`"),
        (&["--phase", "all", "--mode", "strict"], "`--phase all`"),
        (&["--assume", "ingestion-time", "--ingestion-delay", "1m"], "`--ingestion-delay`"),
    ] {
        let outcome = simulate(&folder, RULE, more);
        assert_eq!((outcome.status, &*outcome.stdout), (2, ""), "{more:?}");
        assert!(outcome.stderr.contains(said), "{more:?}: {}", outcome.stderr);
    }
}

#[test]
fn a_rule_that_would_run_for_ever_is_refused_with_a_way_out() {
    let folder = Folder::empty();
    logons(&folder, &[(1, "amy")]);
    let outcome = simulate(&folder, RULE, &["--from", "0900-01-01"]);
    assert_eq!((outcome.status, &*outcome.stdout), (2, ""));
    assert!(
        outcome.stderr.contains("would run") && outcome.stderr.contains("`--from`"),
        "{}",
        outcome.stderr
    );
}

/// Every command of the page on Sentinel prints what the page shows, up to the list of assumptions.
#[test]
fn the_page_shows_what_its_commands_print() {
    let page = std::fs::read_to_string(workspace().join("docs/sentinel.md")).unwrap();
    let blocks: Vec<&str> = page.split("```console\n$ quarry ").skip(1).collect();
    assert!(blocks.len() >= 8);
    for block in blocks {
        let (command, rest) = block.split_once('\n').unwrap();
        let shown = rest.split_once("```").unwrap().0;
        let outcome = quarry(command.split(' '));
        assert_eq!(outcome.status, 1, "{command}: {}", outcome.stderr);
        let printed = outcome.stdout.split("\nassumed where").next().unwrap();
        assert_eq!(printed, shown, "{command}");
    }
}

#[test]
fn delays_are_drawn_by_a_seed_and_told_with_those_from_which_records_are_missed() {
    let folder = Folder::empty();
    logons(&folder, &[(1, "amy"), (8, "bob"), (9, "eve")]);
    let rule = RULE.replace("queryPeriod: 20m", "queryPeriod: 10m");
    let delays = ["--mode", "exact", "--ingestion-delay", "p50=2m,p99=20m", "--seed", "4"];
    let outcome = simulate(&folder, &rule, &[&JSONL[..], &delays].concat());
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("drawn: p50=2m,p99=20m, seed 4"), "{}", outcome.stderr);
    let place = folder.path().to_str().unwrap();
    let told: Vec<&str> =
        outcome.stdout.lines().filter(|line| line.contains("\"kind\":\"delay\"")).collect();
    assert_snapshot!(told.join("\n").replace(place, "."));
    // The same once more, and another seed draws others.
    assert_eq!(simulate(&folder, &rule, &[&JSONL[..], &delays].concat()).stdout, outcome.stdout);
    let other = [&delays[..5], &["5"]].concat();
    assert_ne!(simulate(&folder, &rule, &[&JSONL[..], &other].concat()).stdout, outcome.stdout);
    let table = simulate(&folder, &rule, &delays).stdout.replace(place, ".");
    assert_snapshot!(table.split("\nassumed").next().unwrap());
}
