//! `quarry validate`: what tests that were run in a lab left in the logs.

use std::{collections::BTreeMap, fs};

use serde_json::Value;

use crate::quarry::{Outcome, quarry, workspace};

const REFERENCE: [&str; 4] = ["reference-1", "reference-2", "reference-3", "reference-4"];

fn validate(args: &[&str]) -> (i32, Value) {
    let outcome = quarry(["validate", "--format", "json"].iter().chain(args));
    let report = serde_json::from_str(&outcome.stdout);
    (outcome.status, report.unwrap_or_else(|error| panic!("{error}: {outcome:?}")))
}

/// Returns the attempts at a test.
fn attempts<'a>(report: &'a Value, id: &str) -> &'a [Value] {
    let tests = report["tests"].as_array().unwrap();
    let test = tests.iter().find(|test| test["id"] == id).unwrap();
    test["attempts"].as_array().unwrap()
}

/// Returns of each event of an attempt's signals what became of it: `signal / event`, and the state with
/// why it is missing.
fn events(attempt: &Value) -> BTreeMap<String, String> {
    let signals = attempt["signals"].as_array().unwrap().iter();
    let events = signals.flat_map(|signal| {
        signal["events"].as_array().unwrap().iter().map(move |event| {
            let name = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let key = format!("{} / {}", name(&signal["name"]), name(&event["event"]));
            let state = format!("{} {}", name(&event["state"]), name(&event["why"]));
            (key, state.trim().to_owned())
        })
    });
    events.collect()
}

#[test]
fn the_samples_have_all_signals_of_the_four_tests_on_both_sides() {
    let (status, report) = validate(&["samples/evtx_dump"]);
    assert_eq!(status, 0);
    for id in REFERENCE {
        let [attempt] = attempts(&report, id) else { panic!("{id}: {report}") };
        assert_eq!(
            (&attempt["source"], &attempt["target"]),
            (&"ws-117".into(), &"srv-files02".into())
        );
        for (event, state) in events(attempt) {
            let expected = if event.contains("Defender") { "not collected" } else { "found" };
            assert_eq!(state, expected, "{id}: {event}");
        }
        let rules = attempt["rules"].as_array().unwrap();
        assert!(
            !rules.is_empty() && rules.iter().all(|rule| rule["state"] == "fired"),
            "{attempt}"
        );
    }
    let records = &attempts(&report, "reference-3")[0]["signals"][4]["events"][0]["records"];
    assert_eq!(records[0]["file"], "samples/evtx_dump/srv-files02_System.jsonl");
    assert_eq!((&records[0]["line"], &records[0]["event_id"]), (&1.into(), &7045.into()));
}

#[test]
fn without_the_targets_logs_each_signal_of_it_is_missing_with_what_would_show_it() {
    let logs = ["samples/evtx_dump/ws-117_Security.jsonl", "samples/evtx_dump/ws-117_Sysmon.jsonl"];
    let (status, report) = validate(&logs);
    assert_eq!(status, 1);
    for id in REFERENCE {
        let [attempt] = attempts(&report, id) else { panic!("{id}: {report}") };
        for signal in attempt["signals"].as_array().unwrap() {
            assert_eq!(signal["found"], signal["role"] == "source", "{signal}");
            for event in signal["events"].as_array().unwrap() {
                if event["state"] == "missing" {
                    let why = event["why"].as_str().unwrap();
                    assert!(why.starts_with("nothing of srv-files02 is in the input"), "{why}");
                    assert!(why.contains(event["enable"].as_str().unwrap()), "{why}");
                }
            }
        }
    }
    let attempt = &attempts(&report, "reference-1")[0];
    assert!(events(attempt)["C$ opened / Security 5140"].contains("Audit File Share"));
    let [mapped, opened] = attempt["rules"].as_array().unwrap().as_slice() else { panic!() };
    assert_eq!((&mapped["state"], &opened["state"]), (&"fired".into(), &"blind".into()));
}

#[test]
fn a_log_that_lacks_an_event_or_a_field_says_which_setting_it_needs() {
    let folder = testkit::Folder::empty();
    let copy = |name: &str, keep: &dyn Fn(&str) -> Option<String>| {
        let text = fs::read_to_string(workspace().join("samples/evtx_dump").join(name)).unwrap();
        let lines: Vec<String> = text.lines().filter_map(keep).collect();
        fs::write(folder.path().join(name), lines.join("\n")).unwrap();
    };
    // Process creation without the policy for command lines, and no detailed file shares.
    copy("ws-117_Security.jsonl", &|line| {
        let mut event: Value = serde_json::from_str(line).unwrap();
        event["Event"]["EventData"].as_object_mut().unwrap().remove("CommandLine");
        Some(event.to_string())
    });
    copy("ws-117_Sysmon.jsonl", &|line| Some(line.to_owned()));
    copy("srv-files02_Security.jsonl", &|line| {
        (!line.contains("\"EventID\":5145")).then(|| line.to_owned())
    });
    let (_, report) = validate(&[folder.path().to_str().unwrap(), "--test", "reference-1"]);
    let [attempt] = attempts(&report, "reference-1") else { panic!("{report}") };
    let events = events(attempt);
    let command = &events["net use of C$ / Security 4688"];
    assert!(
        command.contains("always without CommandLine") && command.contains("policy"),
        "{command}"
    );
    assert!(events["C$ opened / Security 5145"].contains("srv-files02 records none"), "{events:?}");
    assert_eq!(events["C$ opened / Security 5140"], "found");
}

#[test]
fn junit_and_the_page_tell_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("run.html");
    let args =
        ["validate", "--format", "junit", "--report", page.to_str().unwrap(), "samples/defender"];
    let outcome = quarry(args);
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    let suite = outcome
        .stdout
        .split("<testsuite ")
        .find(|suite| suite.contains("\"reference-2\""))
        .unwrap();
    assert!(suite.contains("tests=\"5\" failures=\"1\" skipped=\"0\""), "{suite}");
    assert!(suite.contains("<failure message=\"Security 5140: Security of srv-files02"), "{suite}");
    let skipped =
        outcome.stdout.split("<testsuite ").find(|suite| suite.contains("\"T1039-1\"")).unwrap();
    assert!(skipped.contains("<skipped "), "{skipped}");
    let page = fs::read_to_string(page).unwrap();
    let section = page.split("<section id=\"validation\"").nth(1).unwrap();
    assert!(section.contains("Security of srv-files02 is not in the input"), "{section}");
}

#[test]
fn without_logs_the_tests_are_explained() {
    let outcome = quarry(["validate", "--test", "3386975b-367a-4fbb-9d77-4dcf3639ffd3"]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    assert!(outcome.stdout.starts_with("T1021.002-1  Map admin share"), "{}", outcome.stdout);
    assert!(outcome.stdout.contains("Invoke-AtomicTest T1021.002 -TestGuids 3386975b"));
    assert!(outcome.stdout.contains("clean up   net use"), "{}", outcome.stdout);
}

#[test]
fn mistakes_are_told() {
    let Outcome { status, stderr, .. } = quarry(["validate", "--test", "T1", "samples/evtx_dump"]);
    assert_eq!(status, 2);
    assert!(stderr.contains("no test `T1`") && stderr.contains("reference-1"), "{stderr}");
    let nothing = ["validate", "samples/evtx_dump", "--target", "other", "--test", "reference-1"];
    let Outcome { status, stdout, stderr } = quarry(nothing);
    assert_eq!(status, 1);
    assert!(stdout.contains("no attempt is in these logs"), "{stdout}");
    assert!(stdout.contains("nothing of other is in the input"), "{stdout}");
    assert!(stderr.contains("no attempt at any of the tests"), "{stderr}");
}

/// The page's command prints what the page shows.
#[test]
fn the_page_on_validation_shows_what_is_printed() {
    let page = fs::read_to_string(workspace().join("docs/validation.md")).unwrap();
    let block = page.split("```console\n$ quarry ").nth(1).unwrap();
    let (command, rest) = block.split_once('\n').unwrap();
    let outcome = quarry(command.split(' '));
    assert_eq!(outcome.stdout, rest.split_once("```").unwrap().0, "{}", outcome.stderr);
}

/// Recordings of such tests: what they have, and what they lack, looked up in the recordings by hand.
#[test]
fn real_recordings_lack_what_they_lack() {
    let logs = testkit::reference!("logs");
    let found = |file: &str, id: &str| {
        let path = logs.path("logs").join(file);
        let (_, report) = validate(&[path.to_str().unwrap()]);
        let [attempt] = attempts(&report, id) else { panic!("{file}: {report}") };
        (attempt.clone(), events(attempt))
    };
    let is = |events: &BTreeMap<String, String>, event: &str, state: &str| {
        assert!(events[event].starts_with(state), "{event}: {}", events[event]);
    };
    // PsExec, the target's Security log alone.
    let (attempt, events) =
        found("ID4688,4697,5140-5145 PSexec remote execution + admin share.evtx", "reference-3");
    assert_eq!(attempt["target"], "srvdefender01");
    assert_eq!(attempt["known_by"], "service PSEXESVC installed");
    is(&events, "PsExec against the target / Security 4688", "missing nothing of 10.23.42.22");
    is(&events, "service PSEXESVC installed / Security 4697", "found");
    is(&events, "service PSEXESVC installed / System 7045", "missing System of srvdefender01");
    is(&events, "pipes of PSEXESVC / Security 5145", "found");
    // net use, the source's 4688 and 4648.
    let (_, events) = found("ID4688-4648 Lateral movement with net use.evtx", "T1021.002-1");
    is(&events, "net use of C$ as another account / Security 4688", "found");
    is(&events, "connection to port 445 / Sysmon 3", "missing Sysmon of fs03 ");
    is(&events, "C$ opened / Security 5140", "missing nothing of fs03vuln");
    // PsExec, the target's System log alone.
    let (_, events) = found("ID7045-7036 PSexec service installation.evtx", "reference-3");
    is(&events, "service PSEXESVC installed / System 7045", "found");
    is(&events, "network logon / Security 4624", "missing Security of jump01");
    // A copy to C$ by an implant: both hosts, without process creation.
    let (attempt, events) = found("covenant_copy_smb_CreateRequest.zip", "reference-1");
    assert_eq!(attempt["source"], "workstation5");
    is(&events, "net use of C$ / Sysmon 1", "missing workstation5 records none");
    is(&events, "C$ opened / Security 5140", "found");
    // PsExec on the own host is that test, and not the one against another host.
    let path = logs.path("logs").join("cmd_psexec_lsa_secrets_dump.zip");
    let (status, report) = validate(&[path.to_str().unwrap()]);
    assert_eq!((status, attempts(&report, "T1078.003-13").len()), (0, 1));
    assert!(attempts(&report, "reference-3").is_empty());
}
