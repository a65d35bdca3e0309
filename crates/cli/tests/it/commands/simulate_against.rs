//! `quarry simulate --against`: what a change of rules wins and loses.

use std::fmt::Write;

use insta::assert_snapshot;
use serde_json::Value;
use testkit::Folder;

use crate::quarry::{Outcome, quarry};

/// A rule over logons of a few accounts, every ten minutes over ten.
fn rule(accounts: &str) -> String {
    format!(
        "id: 7d1f6a52-0c35-4f0e-9a3e-1f2b6c9d0e31\nname: Logons\nkind: Scheduled\nseverity: Medium\n\
         queryFrequency: 10m\nqueryPeriod: 10m\ntriggerOperator: gt\ntriggerThreshold: 0\n\
         tactics: [LateralMovement]\neventGroupingSettings:\n  aggregationKind: AlertPerResult\n\
         query: |\n  SecurityEvent\n  | where EventID == 4624 and Account in ({accounts})\n  \
         | project TimeGenerated, Account\n"
    )
}

/// Writes logons at minutes after ten o'clock.
fn logons(folder: &Folder, logons: &[(u32, &str)]) -> String {
    let mut lines = String::new();
    for (minute, account) in logons {
        writeln!(
            lines,
            "{{\"TimeGenerated\":\"2024-05-01T10:{minute:02}:00Z\",\"EventID\":4624,\
             \"Computer\":\"pc1\",\"Account\":\"{account}\",\"Activity\":\"4624\"}}"
        )
        .unwrap();
    }
    folder.write("logs/SecurityEvent.jsonl", lines).display().to_string()
}

fn against(folder: &Folder, new: &str, old: &str, logs: &str, more: &[&str]) -> Outcome {
    let (new, old) = (folder.write("new.yaml", new), folder.write("old.yaml", old));
    let (new, old) = (new.to_str().unwrap(), old.to_str().unwrap());
    let args = ["simulate", "--quiet", "--rule", new, "--against", old, logs];
    let outcome = quarry(args.into_iter().chain(more.iter().copied()));
    let place = format!("{}/", folder.path().display());
    Outcome { stdout: outcome.stdout.replace(&place, ""), ..outcome }
}

fn lines(outcome: &Outcome) -> Vec<Value> {
    outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn alerts_won_and_lost_are_told_with_their_records() {
    let folder = Folder::empty();
    let logs = logons(&folder, &[(1, "amy"), (3, "bob"), (25, "eve"), (26, "amy")]);
    let (new, old) = (rule("'amy', 'eve'"), rule("'amy', 'bob'"));
    let jsonl = ["--mode", "exact", "--format", "jsonl"];
    let outcome = against(&folder, &new, &old, &logs, &jsonl);
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    assert_snapshot!(outcome.stdout);
    let outcome = against(&folder, &new, &old, &logs, &[]);
    assert_snapshot!(outcome.stdout.split("\nassumed").next().unwrap());
}

#[test]
fn a_change_that_finds_the_same_wins_and_loses_nothing() {
    let folder = Folder::empty();
    let logs = logons(&folder, &[(1, "amy"), (12, "bob")]);
    let old = rule("'amy', 'bob'");
    // Another name, another way to say it, and all of it found again.
    let new = old.replace("name: Logons", "name: Logons of staff").replace("== 4624", "in (4624)");
    let outcome = against(&folder, &new, &old, &logs, &["--format", "jsonl"]);
    assert_eq!(outcome.status, 0, "{}{}", outcome.stdout, outcome.stderr);
    let wider = new.replace("queryPeriod: 10m", "queryPeriod: 20m");
    let outcome = against(&folder, &wider, &old, &logs, &["--mode", "exact", "--format", "jsonl"]);
    assert_eq!(outcome.status, 0, "{}{}", outcome.stdout, outcome.stderr);
    // But more alerts are raised of the same records.
    let line = &lines(&outcome)[0];
    assert_eq!((&line["old"]["alerts"], &line["new"]["alerts"]), (&2.into(), &4.into()));
    assert_eq!((&line["old"]["repeated"], &line["new"]["repeated"]), (&0.into(), &2.into()));
}

#[test]
fn a_shorter_period_loses_what_it_no_longer_sees_together() {
    let folder = Folder::empty();
    let logs = logons(&folder, &[(8, "amy"), (13, "amy")]);
    let count = "  | project TimeGenerated, Account\n";
    let new =
        rule("'amy'").replace(count, "  | summarize n = count() by Account\n  | where n > 1\n");
    let old = new.replace("queryPeriod: 10m", "queryPeriod: 20m");
    let outcome = against(&folder, &new, &old, &logs, &["--mode", "exact", "--format", "jsonl"]);
    let lost: Vec<(Value, usize)> = lines(&outcome)
        .iter()
        .filter(|line| line["kind"] == "difference")
        .map(|line| (line["change"].clone(), line["evidence"].as_array().unwrap().len()))
        .collect();
    assert_eq!(lost, [("lost".into(), 2)]);
}

#[test]
fn rules_that_are_only_on_one_side_win_or_lose_all() {
    let folder = Folder::empty();
    let logs = logons(&folder, &[(1, "amy"), (3, "bob")]);
    let named = |digits: &str, account: &str| {
        rule(account).replace("0e31", digits).replace("name: Logons", &format!("name: {digits}"))
    };
    folder.write("old/kept.yaml", named("0e41", "'amy'"));
    folder.write("old/gone.yaml", named("0e42", "'bob'"));
    folder.write("new/kept.yaml", named("0e41", "'amy'"));
    folder.write("new/added.yaml", named("0e43", "'amy', 'bob'"));
    let path = |name: &str| folder.path().join(name).display().to_string();
    let args =
        ["simulate", "--quiet", "--mode", "exact", "--format", "jsonl", "--rule", &path("new")]
            .map(str::to_owned);
    let args = args.into_iter().chain(["--against".to_owned(), path("old"), logs]);
    let outcome = quarry(args.collect::<Vec<_>>().iter().map(String::as_str));
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    let lines = lines(&outcome);
    let compared = lines.iter().filter(|line| line["kind"] == "comparison");
    let counts: Vec<_> = compared
        .map(|line| {
            let rule = line["rule"].as_str().unwrap();
            (&rule[rule.len() - 4..], line["won"].as_u64().unwrap(), line["lost"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(counts, [("0e43", 2, 0), ("0e41", 0, 0), ("0e42", 0, 1)]);
}

#[test]
fn an_alert_of_absence_is_compared_by_its_run() {
    let folder = Folder::empty();
    let logs = logons(&folder, &[(1, "amy"), (55, "amy")]);
    let old = rule("'amy'")
        .replace("triggerOperator: gt", "triggerOperator: lt")
        .replace("triggerThreshold: 0", "triggerThreshold: 1")
        .replace("  aggregationKind: AlertPerResult", "  aggregationKind: SingleAlert");
    let new = old.replace("queryPeriod: 10m", "queryPeriod: 30m");
    let outcome = against(&folder, &new, &old, &logs, &["--mode", "exact", "--format", "jsonl"]);
    let lost = lines(&outcome);
    let lost = lost.iter().filter(|line| line["change"] == "lost");
    let runs: Vec<&str> = lost.map(|line| &line["run"].as_str().unwrap()[11..16]).collect();
    assert_eq!(runs, ["10:20", "10:30"], "{}", outcome.stdout);
}

#[test]
fn an_older_version_that_is_none_is_an_error() {
    let folder = Folder::empty();
    let logs = logons(&folder, &[(1, "amy")]);
    let new = rule("'amy'");
    let wrong = new.replace("Account in", "Acount in");
    let outcome = against(&folder, &new, &wrong, &logs, &[]);
    assert_eq!((outcome.status, &*outcome.stdout), (2, ""), "{}", outcome.stderr);
    for (more, said) in [
        (&["--phase", "all"][..], "`--phase all`"),
        (&["--tables", "t"], "`--tables`"),
        (&["--report", "r.html"], "`--report`"),
        (&["--format", "timeline"], "`--format timeline`"),
    ] {
        let outcome = against(&folder, &new, &new, &logs, more);
        assert_eq!((outcome.status, &*outcome.stdout), (2, ""), "{more:?}");
        assert!(outcome.stderr.contains(said), "{more:?}: {}", outcome.stderr);
    }
    let path = folder.write("new.yaml", &new).display().to_string();
    let outcome = quarry(["simulate", "--rule", &path, "--against", "no/such", &logs]);
    assert!(outcome.stderr.contains("no/such"), "{}", outcome.stderr);
    assert_eq!(outcome.status, 2);
}
