//! Rules over time, as they are hunted with and checked, and what time it is.

use std::fmt::Write;

use testkit::Folder;

use crate::quarry::{Outcome, quarry};

/// Returns a rule over process events.
fn rule(schedule: &str, query: &str) -> String {
    format!(
        "id: 7d1f6a52-0c35-4f0e-9a3e-1f2b6c9d0e11\nname: Tools\nkind: Scheduled\nseverity: Low\n\
         {schedule}\nquery: |\n  {query}\n"
    )
}

/// Writes process events at these times.
fn events(folder: &Folder, times: &[&str]) {
    let mut table = "Timestamp,DeviceName,ActionType,FileName,ProcessCommandLine\n".to_owned();
    for (number, time) in times.iter().enumerate() {
        writeln!(table, "{time},pc1,ProcessCreated,tool{number}.exe,tool{number}.exe").unwrap();
    }
    folder.write("logs/DeviceProcessEvents.csv", table);
}

fn hunt(folder: &Folder, rule: &str, more: &[&str]) -> Outcome {
    let path = folder.write("rule.yaml", rule);
    let logs = folder.path().join("logs");
    let args = ["hunt", "--format", "jsonl", "--rule", path.to_str().unwrap()];
    quarry(args.into_iter().chain(more.iter().copied()).chain([logs.to_str().unwrap()]))
}

const DAILY: &str = "queryFrequency: 1h\nqueryPeriod: 1d\ntriggerOperator: gt\ntriggerThreshold: 0";

#[test]
fn a_rule_that_looks_back_less_far_than_its_period_raises_its_alert() {
    let folder = Folder::empty();
    events(&folder, &["2024-03-01T10:20:00Z", "2024-03-01T23:59:00Z"]);
    for query in [
        "DeviceProcessEvents | where Timestamp > ago(1h)",
        "DeviceProcessEvents | where Timestamp between (ago(5h) .. ago(4h))",
        "DeviceProcessEvents | where Timestamp > ago(1h) | extend Age = now() - Timestamp",
    ] {
        let outcome = hunt(&folder, &rule(DAILY, query), &[]);
        assert_eq!(outcome.status, 1, "{query}: {}", outcome.stderr);
        assert_eq!(outcome.stdout.lines().count(), 2, "{query}: {}", outcome.stdout);
    }
}

#[test]
fn a_rule_that_looks_back_less_far_than_it_runs_often_is_refused_by_both() {
    let folder = Folder::empty();
    events(&folder, &["2024-03-01T10:20:00Z"]);
    let schedule = "queryFrequency: 2h\nqueryPeriod: 1h\ntriggerOperator: gt\ntriggerThreshold: 0";
    let outcome = hunt(&folder, &rule(schedule, "DeviceProcessEvents"), &[]);
    assert_eq!((outcome.status, &*outcome.stdout), (2, ""), "{}", outcome.stderr);
    let checked = quarry(["check", folder.path().join("rule.yaml").to_str().unwrap()]);
    assert_eq!(checked.status, 1);
    for said in [outcome.stderr, checked.stdout + &checked.stderr] {
        assert!(said.contains("`queryPeriod` is shorter than `queryFrequency`"), "{said}");
        assert!(said.contains("rule.yaml:6:14"), "{said}");
    }
}

#[test]
fn a_trigger_that_no_rows_meet_is_refused_by_name() {
    let folder = Folder::empty();
    events(&folder, &["2024-03-01T10:20:00Z"]);
    for (operator, threshold) in [("lt", 1), ("lt", 5), ("eq", 0), ("ne", 2)] {
        let schedule = format!(
            "queryFrequency: 1h\nqueryPeriod: 1h\ntriggerOperator: {operator}\n\
             triggerThreshold: {threshold}"
        );
        let outcome = hunt(&folder, &rule(&schedule, "DeviceProcessEvents"), &[]);
        assert_eq!((outcome.status, &*outcome.stdout), (2, ""), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("KQL0533"), "{}", outcome.stderr);
        let path = folder.path().join("rule.yaml");
        let path = path.to_str().unwrap();
        let said = |outcome: Outcome| outcome.stdout + &outcome.stderr;
        assert!(said(quarry(["check", path])).contains("warning[KQL0533]"));
        assert!(said(quarry(["check", "--runnable", path])).contains("error[KQL0533]"));
    }
}

#[test]
fn a_query_that_finds_something_where_there_is_nothing_is_not_run_and_said() {
    let folder = Folder::empty();
    events(&folder, &["2024-03-01T10:20:00Z"]);
    let query = "DeviceProcessEvents | summarize n = count() | where n < 100";
    let outcome = hunt(&folder, &rule(DAILY, query), &[]);
    assert_eq!((outcome.status, &*outcome.stdout), (4, ""), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("rule `Tools` was not run"), "{}", outcome.stderr);
}

#[test]
fn a_record_whose_clock_was_wrong_is_said_and_is_not_now() {
    let week = ["2024-03-01T10:20:00Z", "2024-03-02T10:20:00Z", "2024-03-03T10:20:00Z"];
    let query = "DeviceProcessEvents | where Timestamp > ago(30h) | count";
    let ask = |times: &[&str], more: &[&str]| {
        let folder = Folder::empty();
        events(&folder, times);
        let logs = folder.path().join("logs");
        let args = ["query", "--format", "csv", query].into_iter().chain(more.iter().copied());
        quarry(args.chain([logs.to_str().unwrap()]))
    };
    let alone = ask(&week, &[]);
    for wrong in ["2099-12-31T00:00:00Z", "2038-01-19T03:14:07Z", "2027-03-01T00:00:00Z"] {
        let outcome = ask(&[week[0], wrong, week[1], week[2]], &[]);
        // Those of two days, and the one that is later than any time ago.
        assert_eq!((alone.stdout.trim(), outcome.stdout.trim()), ("Count\r\n2", "Count\r\n3"));
        assert!(outcome.stderr.contains("DeviceProcessEvents.csv, record 2"), "{}", outcome.stderr);
        assert!(outcome.stderr.contains(&wrong[..19]), "{}", outcome.stderr);
        assert!(outcome.stderr.contains("now() is 2024-03-03T10:20:00"), "{}", outcome.stderr);
        assert_eq!(outcome.status, 0);
        let decided = ask(&[week[0], wrong, week[1], week[2]], &["--now", wrong]);
        assert_eq!(decided.stdout.trim(), "Count\r\n1");
        assert!(!decided.stderr.contains("left out"), "{}", decided.stderr);
    }
    // The record itself is hunted as any other is, at its own time.
    let folder = Folder::empty();
    events(&folder, &[week[0], week[1], week[2], "2099-12-31T00:00:00Z"]);
    let query = "DeviceProcessEvents | where Timestamp > ago(1h)";
    let outcome = hunt(&folder, &rule(DAILY, query), &[]);
    assert_eq!((outcome.status, outcome.stdout.lines().count()), (1, 4), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("record 4"), "{}", outcome.stderr);
}
