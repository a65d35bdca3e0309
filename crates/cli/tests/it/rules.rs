//! Rule files: `check` and `hunt` read them alike, and one that does not run ends nothing but itself.

use testkit::Folder;

use crate::quarry::{Outcome, quarry};

fn rule(id: u32, condition: &str) -> String {
    format!(
        "id: 2c6f2f64-31aa-4a5c-8f5e-0000000000{id:02}
name: Rule {id}
description: x
severity: Low
requiredDataConnectors: []
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
query: |
  DeviceProcessEvents
  | where {condition}
  | project Timestamp, DeviceName, FileName
version: 1.0.0
kind: Scheduled
"
    )
}

const EVENTS: &str = r#"{"Type":"DeviceProcessEvents","Timestamp":"2025-02-07T04:05:06Z","DeviceName":"app-7","FileName":"7z.exe"}
"#;

fn run(folder: &Folder, args: &[&str]) -> Outcome {
    let path = folder.path().display().to_string();
    quarry(args.iter().map(|arg| arg.replace("DIR", &path)))
}

#[track_caller]
fn says(outcome: &Outcome, parts: &[&str]) {
    for part in parts {
        assert!(outcome.stderr.contains(part), "{part}: {}", outcome.stderr);
    }
}

#[test]
fn a_rule_that_does_not_run_is_told_with_its_line_and_the_others_hunt() {
    let (good, bad) =
        (rule(1, "FileName =~ '7z.exe'"), rule(2, "FileName matches regex @'7z(?=.)'"));
    let folder = Folder::with(&[("good.yaml", &*good), ("bad.yaml", &*bad), ("e.jsonl", EVENTS)]);
    let check = run(&folder, &["check", "DIR/good.yaml", "DIR/bad.yaml"]);
    assert_eq!(check.status, 1, "{}", check.stderr);
    says(
        &check,
        &[
            "error[KQL0322]: invalid regular expression",
            "bad.yaml:12:",
            "2 queries checked, 1 with errors",
        ],
    );
    let hunt = |rules: &[&str]| {
        let mut args = vec!["hunt", "--format", "jsonl"];
        args.extend(rules.iter().flat_map(|rule| ["--rule", *rule]));
        args.push("DIR/e.jsonl");
        run(&folder, &args)
    };
    let both = hunt(&["DIR/bad.yaml", "DIR/good.yaml"]);
    assert_eq!((both.status, both.stdout.lines().count()), (4, 1), "{}", both.stderr);
    says(
        &both,
        &["error[KQL0322]: invalid regular expression", "bad.yaml:12:", "`Rule 2` does not run"],
    );
    let alone = hunt(&["DIR/bad.yaml"]);
    assert_eq!((alone.status, alone.stdout.as_str()), (2, ""), "{}", alone.stderr);
    assert_eq!(hunt(&["DIR/good.yaml"]).status, 1);
}

/// What a rule cannot have here is found before any data is read, in `check` as in `hunt`.
#[test]
fn what_a_rule_cannot_have_is_found_by_check_and_ends_no_other_rule() {
    let good = rule(1, "FileName =~ '7z.exe'");
    for (condition, message) in [
        ("DeviceName in (_GetWatchlist('Quays'))", "error[KQL0907]: the watchlist is not given"),
        ("Quays(DeviceName)", "error[KQL0203]: unknown function `Quays`"),
        ("FileName matches regex @'(7z'", "error[KQL0322]: invalid regular expression"),
        ("DeviceName == externaldata(Name: string) ['https://x.example/l.csv']", "error[KQL"),
    ] {
        let bad = rule(2, condition);
        let folder = Folder::with(&[
            ("rules/good.yaml", &*good),
            ("rules/bad.yaml", &*bad),
            ("e.jsonl", EVENTS),
        ]);
        let check = run(&folder, &["check", "--runnable", "DIR/rules"]);
        assert_eq!(check.status, 1, "{condition}: {}", check.stderr);
        says(&check, &[message, "bad.yaml:12:", "2 queries checked, 1 with errors"]);
        let hunt =
            run(&folder, &["hunt", "--format", "jsonl", "--rule", "DIR/rules", "DIR/e.jsonl"]);
        assert_eq!((hunt.status, hunt.stdout.lines().count()), (4, 1), "{}", hunt.stderr);
        says(&hunt, &[message, "bad.yaml:12:", "`Rule 2` does not run"]);
    }
}

#[test]
fn check_and_hunt_refuse_with_one_message() {
    let twice = rule(1, "true").replace("severity: Low", "severity: Low\nseverity: Low");
    let period = rule(2, "true").replace("queryPeriod: 1h", "queryPeriod: often");
    let severity = rule(3, "true").replace("severity: Low", "severity: low");
    let list = rule(4, "true").replace("severity: Low", "severity: [Low]");
    let with_query = |query: &str| {
        let rule = rule(5, "true");
        let (before, _) = rule.split_once("query:").unwrap();
        format!("{before}query: {query}\n")
    };
    for (text, message) in [
        (twice, "error[KQL0524]: the key `severity` stands twice"),
        (period, "error[KQL0505]: `often` is not a duration"),
        (severity, "error[KQL0502]: `severity` does not take `low`"),
        (list, "error[KQL0523]: `severity` has to be a text"),
        ("id: [x\nquery: T".to_owned(), "error[KQL0500]: this is not YAML"),
        (with_query("[SecurityEvent]"), "error[KQL0523]: `query` has to be a text"),
        (with_query("{of: SecurityEvent}"), "error[KQL0523]: `query` has to be a text"),
        (with_query("// nothing"), "error[KQL0910]: the query has no statement that gives rows"),
        (with_query("let x = 1;"), "error[KQL0910]: the query has no statement that gives rows"),
    ] {
        let folder = Folder::with(&[("r.yaml", &*text), ("e.jsonl", EVENTS)]);
        let check = run(&folder, &["check", "DIR/r.yaml"]);
        let hunt = run(&folder, &["hunt", "--rule", "DIR/r.yaml", "DIR/e.jsonl"]);
        assert_eq!((check.status, hunt.status), (1, 2), "{}\n{}", check.stderr, hunt.stderr);
        says(&check, &[message, "r.yaml:"]);
        says(&hunt, &[message, "r.yaml:"]);
        assert!(!hunt.stderr.contains("DuplicateKeyPolicy"));
    }
}

#[test]
fn a_folder_of_rules_is_run_and_what_is_none_is_named() {
    let (one, two) = (rule(1, "FileName =~ '7z.exe'"), rule(2, "FileName has 'exe'"));
    let template = r#"{"contentVersion": "1", "resources": [{"type": "x/alertRules", "kind": "NRT", "name": "w/2c6f2f64-31aa-4a5c-8f5e-000000000003",
        "properties": {"displayName": "T", "severity": "Low", "query": "DeviceProcessEvents | project Timestamp, FileName"}}]}"#;
    let sigma = "title: x\nlogsource: {product: windows}\ndetection: {condition: a}\n";
    let folder = Folder::with(&[
        ("rules/one.yaml", &*one),
        ("rules/deep/two.yml", &*two),
        ("rules/arm.json", template),
        ("rules/sigma.yml", sigma),
        ("rules/README.md", "x"),
        ("e.jsonl", EVENTS),
    ]);
    let hunt = run(&folder, &["hunt", "--rule", "DIR/rules", "--format", "jsonl", "DIR/e.jsonl"]);
    assert_eq!((hunt.status, hunt.stdout.lines().count()), (1, 3), "{}", hunt.stderr);
    says(&hunt, &["sigma.yml: passed over: a Sigma rule", "README.md"]);
    let check = run(&folder, &["check", "DIR/rules"]);
    assert_eq!(check.status, 0, "{}", check.stderr);
    says(&check, &["3 queries checked, 0 with errors", "sigma.yml: passed over: a Sigma rule"]);
    let named = run(&folder, &["check", "DIR/rules/one.yaml", "DIR/rules/sigma.yml"]);
    assert_eq!(named.status, 2, "{}", named.stderr);
}

#[test]
fn nothing_checked_is_no_success() {
    let folder =
        Folder::with(&[("a/w.json", r#"{"a": 1}"#), ("a/b.yaml", "a: 1"), ("e.jsonl", EVENTS)]);
    let check = run(&folder, &["check", "DIR/a"]);
    assert_eq!(check.status, 2);
    says(&check, &["nothing was checked", "w.json: passed over: no rule", "b.yaml: passed over"]);
    let hunt = run(&folder, &["hunt", "--rule", "DIR/a", "DIR/e.jsonl"]);
    assert_eq!(hunt.status, 2);
    says(&hunt, &["no rule to run was found", "w.json: passed over: no rule"]);
}

#[test]
fn an_unknown_table_says_how_to_add_it() {
    let folder = Folder::with(&[("q.kql", "Contoso_Audit_CL | take 1")]);
    let check = run(&folder, &["check", "DIR/q.kql"]);
    assert_eq!(check.status, 1);
    says(&check, &["unknown table `Contoso_Audit_CL`", "--schema"]);
}

#[test]
fn a_bundle_of_rules_from_one_file_is_verified() {
    let both = format!("{}---\n{}", rule(1, "FileName =~ '7z.exe'"), rule(2, "FileName has 'exe'"));
    let folder = Folder::with(&[("r.yaml", &*both), ("e.jsonl", EVENTS)]);
    let hunt =
        run(&folder, &["hunt", "--rule", "DIR/r.yaml", "--bundle", "DIR/b.zip", "DIR/e.jsonl"]);
    assert_eq!(hunt.status, 1, "{}", hunt.stderr);
    let verify = run(&folder, &["verify", "DIR/b.zip"]);
    assert_eq!(verify.status, 0, "{}{}", verify.stdout, verify.stderr);
}

#[test]
fn a_rule_whose_condition_fails_on_a_record_ends_nothing_but_itself() {
    let good = rule(1, "FileName =~ '7z.exe'");
    let bad = rule(2, "bin_at(strlen(FileName), strlen(FileName) - 100, 0) == 1");
    let folder = Folder::with(&[("good.yaml", &*good), ("bad.yaml", &*bad), ("e.jsonl", EVENTS)]);
    let hunt = run(
        &folder,
        &[
            "hunt",
            "--format",
            "jsonl",
            "--rule",
            "DIR/good.yaml",
            "--rule",
            "DIR/bad.yaml",
            "DIR/e.jsonl",
        ],
    );
    assert_eq!(hunt.status, 4, "{}", hunt.stderr);
    assert_eq!(hunt.stdout.matches("\"name\":\"Rule 1\"").count(), 1, "{}", hunt.stdout);
    says(&hunt, &["Rule 2", "`bin_at` by a size below zero does not run yet"]);
}
