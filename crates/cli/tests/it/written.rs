//! Files that `quarry` writes, and the records in them.

use std::{fs, process::Command};

use testkit::Folder;

use crate::quarry::{quarry, workspace};

/// A rule for one name of a program.
const RULE: &[u8] =
    b"id: 0\nname: Amber\nseverity: Low\nqueryFrequency: 1h\nqueryPeriod: 1h\nquery: |\n  \
    DeviceProcessEvents | where FileName == 'amber.exe'\n";
const PROCESSES: &[u8] = b"Timestamp,DeviceName,FileName,ProcessCommandLine,ActionType\n\
    2026-01-05T08:00:01Z,quay-1,amber.exe,amber --all-of-it,ProcessCreated\n";

#[cfg(target_os = "linux")]
#[test]
fn records_of_a_path_that_is_no_text_are_in_the_report_and_the_bundle() {
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::empty();
    let rule = folder.write("rule.yaml", RULE);
    let logs = folder.path().join(std::ffi::OsStr::from_bytes(b"M\xE4rz"));
    fs::create_dir(&logs).unwrap();
    fs::write(logs.join("DeviceProcessEvents.csv"), PROCESSES).unwrap();
    let (page, bundle) = (folder.path().join("page.html"), folder.path().join("bundle.zip"));
    let output = Command::new(env!("CARGO_BIN_EXE_quarry"))
        .current_dir(workspace())
        .args(["hunt".as_ref(), "--rule".as_ref(), rule.as_os_str()])
        .args(["--report".as_ref(), page.as_os_str(), "--bundle".as_ref(), bundle.as_os_str()])
        .arg(&logs)
        .output()
        .unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(!stderr.contains("could not be read again"), "{stderr}");
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains("amber --all-of-it"), "the record's fields");
    let verified = quarry(["verify".as_ref(), bundle.as_os_str(), logs.as_os_str()]);
    assert_eq!(verified.status, 0, "{}{}", verified.stdout, verified.stderr);
    assert!(verified.stdout.contains("1 of 1 alerts found again"), "{}", verified.stdout);
}

/// Records that are rows of several tables at once are kept as what they were read as.
#[test]
fn every_alert_of_the_samples_is_found_again_in_the_bundle() {
    let folder = Folder::empty();
    let bundle = folder.path().join("bundle.zip");
    let samples = workspace().join("samples");
    let hunt =
        quarry(["hunt".as_ref(), "--bundle".as_ref(), bundle.as_os_str(), samples.as_os_str()]);
    assert_eq!(hunt.status, 1, "{}", hunt.stderr);
    let verified = quarry(["verify".as_ref(), bundle.as_os_str(), samples.as_os_str()]);
    assert_eq!(verified.status, 0, "{}{}", verified.stdout, verified.stderr);
    assert_eq!(verified.stdout.matches("alerts found again").count(), 2, "{}", verified.stdout);
}

#[test]
fn what_cannot_be_written_leaves_what_was_there() {
    let folder = Folder::empty();
    let kept = folder.write("kept/stats.json", b"before");
    let rule = folder.write("rule.yaml", RULE);
    let logs = folder.write("DeviceProcessEvents.csv", PROCESSES);
    let stats = folder.path().join("none/stats.json");
    let hunt = |stats: &std::path::Path| {
        let texts = [&rule, &logs, stats].map(|path| path.display().to_string());
        let [rule, logs, stats] = &texts;
        quarry(["hunt", "--rule", rule, "--stats", stats, logs])
    };
    let outcome = hunt(&stats);
    assert_eq!(outcome.status, 2, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("none/stats.json: "), "{}", outcome.stderr);
    assert_eq!(hunt(&kept).status, 1);
    assert!(fs::read_to_string(&kept).unwrap().contains("\"matched\": 1"));
    assert_eq!(fs::read_dir(kept.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn a_baseline_that_a_killed_run_had_completed_counts() {
    let folder = Folder::empty();
    let known = folder.path().join("known");
    let logs = folder.write("DeviceProcessEvents.csv", PROCESSES);
    let hunt = || {
        let (known, logs) = (known.display().to_string(), logs.display().to_string());
        quarry(["hunt", "--baseline", &known, &logs])
    };
    let outcome = hunt();
    assert!(outcome.status < 2, "{}", outcome.stderr);
    let names = || {
        let entries = fs::read_dir(&known).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    assert_eq!(names(), ["history.jsonl", "lock", "raised.txt"]);
    // As a run leaves it that is killed after it has noted that its files are complete.
    fs::write(known.join("raised.txt.next"), b"9999 of the killed run\n").unwrap();
    fs::write(known.join("history.jsonl.next"), b"").unwrap();
    fs::write(known.join("complete"), b"history.jsonl\nraised.txt").unwrap();
    fs::write(known.join(".quarry-left"), b"half").unwrap();
    let outcome = hunt();
    assert!(outcome.status < 2, "{}", outcome.stderr);
    assert_eq!(names(), ["history.jsonl", "lock", "raised.txt"]);
    let raised = fs::read_to_string(known.join("raised.txt")).unwrap();
    assert!(raised.contains("9999 of the killed run"), "{raised}");
}
