//! `quarry test`, `tune` and `investigate`; exceptions and a baseline in a hunt.

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

/// Writes that an account opens `C$` from an address on days of March, at nine.
fn openings(path: &std::path::Path, opened: &[(u8, &str, &str)]) {
    let line = |(day, account, address): &(u8, &str, &str)| {
        format!(
            r#"{{"Type":"SecurityEvent","TimeGenerated":"2026-03-{day:02}T09:00:00Z","EventID":5140,"Computer":"srv.corp.example","EventRecordId":"{day}","SubjectUserName":"{account}","SubjectDomainName":"CORP","IpAddress":"{address}","ShareName":"\\\\*\\C$"}}"#
        )
    };
    let lines: Vec<String> = opened.iter().map(line).collect();
    fs::write(path, lines.join("\n")).unwrap();
}

#[test]
fn a_baseline_tells_what_is_new_from_what_was_seen_before() {
    let folder = tempfile::tempdir().unwrap();
    let (week, today, kept) = (
        folder.path().join("week.jsonl"),
        folder.path().join("today.jsonl"),
        folder.path().join("kept"),
    );
    let usual = ("svc-backup", "10.1.1.1");
    let days: Vec<(u8, &str, &str)> = (1..12).map(|day| (day, usual.0, usual.1)).collect();
    openings(&week, &days);
    openings(&today, &[(12, usual.0, usual.1), (12, "adm-okafor", "10.66.0.9")]);
    let rule = "detections/t1021.002/rules/admin_share_first_seen.yaml";
    let hunt = |logs: &std::path::Path, more: &[&str]| {
        let args = ["hunt", "--rule", rule, "--format", "jsonl", logs.to_str().unwrap()];
        quarry(args.iter().chain(more).copied())
    };
    let kept_path = kept.to_str().unwrap();
    let alone = hunt(&today, &[]);
    assert_eq!(alone.status, 0, "a day says nothing of what is new: {}", alone.stdout);
    let first = hunt(&week, &["--baseline", kept_path]);
    assert_eq!(first.status, 0, "{}{}", first.stdout, first.stderr);
    let second = hunt(&today, &["--baseline", kept_path]);
    assert_eq!(second.status, 1, "{}", second.stderr);
    let alerts: Vec<&str> = second.stdout.lines().collect();
    assert!(alerts.len() == 1 && alerts[0].contains("adm-okafor"), "{}", second.stdout);
    let third = hunt(&week, &["--baseline", kept_path]);
    assert_eq!(third.status, 0, "what was told is not told again: {}", third.stdout);
    assert!(fs::read_to_string(kept.join("history.jsonl")).unwrap().contains("adm-okafor"));
}

#[test]
fn the_package_passes_its_own_tests() {
    let outcome = quarry(["test", "detections/t1021.002"]);
    assert_eq!(outcome.status, 0, "{}{}", outcome.stdout, outcome.stderr);
}

#[test]
fn the_package_for_remote_shells_passes_its_tests() {
    let outcome = quarry(["test", "detections/t1021.006"]);
    assert_eq!(outcome.status, 0, "{}{}", outcome.stdout, outcome.stderr);
}

/// A process, as Sysmon records it.
fn process(second: u32, host: &str, image: &str, command: &str) -> String {
    let data = serde_json::json!({
        "UtcTime": format!("2026-03-12 09:01:{second:02}.000"), "Image": image, "CommandLine": command,
        "ParentImage": "C:\\Windows\\explorer.exe", "User": "CORP\\adm-okafor", "ProcessId": "4711",
        "LogonId": "0x9c41e2", "OriginalFileName": image.rsplit('\\').next().unwrap(),
    });
    serde_json::json!({"Event": {"System": {
        "Provider": {"#attributes": {"Name": "Microsoft-Windows-Sysmon"}}, "EventID": 1, "Version": 5,
        "TimeCreated": {"#attributes": {"SystemTime": format!("2026-03-12T09:01:{second:02}Z")}},
        "EventRecordID": second, "Channel": "Microsoft-Windows-Sysmon/Operational",
        "Computer": format!("{host}.corp.example"),
    }, "EventData": data}})
    .to_string()
}

#[test]
fn packages_that_run_together_are_in_one_path() {
    let folder = tempfile::tempdir().unwrap();
    let (net, shell) = ("C:\\Windows\\System32\\net.exe", "C:\\Windows\\System32\\powershell.exe");
    let events = [
        process(1, "ws-1", net, "net  use \\\\srv-1\\C$ /user:CORP\\adm-okafor *"),
        process(20, "srv-1", shell, "powershell.exe Enter-PSSession -ComputerName srv-2"),
    ];
    let path = folder.path().join("events.jsonl");
    fs::write(&path, events.join("\n")).unwrap();
    let packages = ["--package", "detections/t1021.002", "--package", "detections/t1021.006"];
    let args = [&["hunt", "--format", "hops"], &packages[..], &[path.to_str().unwrap()]].concat();
    let outcome = quarry(args);
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    let hops: Vec<Value> =
        outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let methods: Vec<&str> = hops.iter().map(|hop| hop["method"].as_str().unwrap()).collect();
    assert_eq!(methods, ["share access", "remote shell"], "{}", outcome.stdout);
    assert!(outcome.stdout.contains("srv-1") && outcome.stdout.contains("srv-2"));
}

#[test]
fn packages_with_a_rule_in_common_do_not_run_together() {
    let package = "detections/t1021.006";
    let outcome = quarry(["hunt", "--package", package, "--package", package, "samples/path"]);
    assert_eq!(outcome.status, 2);
    assert!(outcome.stderr.contains("is already that of"), "{}", outcome.stderr);
}

#[test]
fn a_method_that_nobody_knows_is_refused_with_those_that_are_known() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("package.yaml"), "id: p\nname: P\nversion: 1.0.0\n").unwrap();
    let behaviours = "- {id: X01, name: something, method: magic}\n";
    fs::write(folder.path().join("behaviours.yaml"), behaviours).unwrap();
    let outcome = quarry(["hunt", "--package", folder.path().to_str().unwrap(), "samples/path"]);
    assert_eq!(outcome.status, 2);
    assert!(
        outcome.stderr.contains("`magic`") && outcome.stderr.contains("remote shell"),
        "{outcome:?}"
    );
}
