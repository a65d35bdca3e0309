//! `quarry ingest`, and commands over what it has put in.

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::quarry::{Outcome, quarry, quarry_with_stdin};

/// A lake in a temporary folder.
struct Lake {
    folder: TempDir,
}

impl Lake {
    fn of(paths: &[&str]) -> Self {
        let lake = Self { folder: tempfile::tempdir().unwrap() };
        let outcome = lake.ingest(paths);
        assert!([0, 3].contains(&outcome.status), "{}", outcome.stderr);
        lake
    }

    fn path(&self) -> String {
        self.folder.path().join("lake").to_str().unwrap().to_owned()
    }

    fn ingest(&self, paths: &[&str]) -> Outcome {
        let path = self.path();
        quarry(["ingest", "--lake", &path].into_iter().chain(paths.iter().copied()))
    }

    /// Returns the rows of a query over the lake.
    fn rows(&self, query: &str, more: &[&str]) -> Vec<Vec<Value>> {
        let path = self.path();
        let args = ["query", "--format", "json", "--lake", &path].into_iter();
        rows(&quarry(args.chain(more.iter().copied()).chain([query])))
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

fn rows(outcome: &Outcome) -> Vec<Vec<Value>> {
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    let answer: Value = serde_json::from_str(&outcome.stdout).unwrap();
    let rows = answer["rows"].as_array().unwrap().iter();
    rows.map(|row| row.as_array().unwrap().clone()).collect()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Asserts that a hunt over files, and one over a lake of them, find the same and write the same.
fn hunts_agree(files: &str, more: &[&str]) {
    let lake = Lake::of(&[files]);
    let path = lake.path();
    let args = ["hunt", "--format", "jsonl"].into_iter().chain(more.iter().copied());
    let over_files = quarry(args.clone().chain([files]));
    let over_lake = quarry(args.chain(["--lake", &path]));
    assert!(!over_files.stdout.is_empty(), "{}", over_files.stderr);
    assert_eq!(over_lake.stdout, over_files.stdout);
    assert_eq!(over_lake.status, 1, "{}", over_lake.stderr);
}

#[test]
fn a_hunt_over_a_lake_of_the_samples_is_that_over_the_samples() {
    hunts_agree("samples", &[]);
    hunts_agree("samples", &["--threads", "3", "--memory", "64M"]);
}

#[test]
fn a_hunt_over_a_lake_of_logs_is_that_over_the_logs() {
    let reference = testkit::reference!("logs");
    hunts_agree(text(&reference.path("logs")), &[]);
}

/// Queries whose answers have all that the samples hold.
const QUERIES: [&str; 6] = [
    "WindowsEvent | extend Data = tostring(EventData) | project-away EventData | sort by Channel asc, \
     Computer asc, EventRecordId asc, Data asc",
    "WindowsEvent | summarize count(), dcount(Computer), min(TimeGenerated), max(TimeGenerated) by EventID, \
     Channel, Provider | sort by EventID asc, Channel asc, Provider asc",
    "DeviceProcessEvents | sort by Timestamp asc, DeviceName asc, ProcessCommandLine asc, ReportId asc, FileName \
     asc, ProcessId asc",
    "DeviceNetworkEvents | sort by Timestamp asc, DeviceName asc, RemoteIP asc, LocalPort asc, \
     RemotePort asc",
    "DeviceLogonEvents | where Timestamp between (datetime(2026-03-11) .. datetime(2026-03-12)) | sort by \
     Timestamp asc, DeviceName asc, AccountName asc, RemoteIP asc",
    "union withsource=T SecurityEvent, DeviceFileEvents, Event | summarize count() by T, Type | sort by T asc, Type asc",
];

#[test]
fn queries_over_a_lake_answer_as_over_the_files() {
    let lake = Lake::of(&["samples"]);
    for query in QUERIES {
        let over_files = rows(&quarry(["query", "--format", "json", query, "samples"]));
        assert!(!over_files.is_empty(), "{query}");
        assert_eq!(lake.rows(query, &[]), over_files, "{query}");
    }
}

#[test]
fn the_coverage_of_a_lake_is_that_of_its_files() {
    let lake = Lake::of(&["samples"]);
    let path = lake.path();
    let over_files = quarry(["tables", "--format", "csv", "--coverage", "samples"]);
    let over_lake = quarry(["tables", "--format", "csv", "--lake", &path]);
    assert_eq!((over_lake.status, over_lake.stdout), (0, over_files.stdout));
}

#[test]
fn cited_records_of_a_lake_are_read_again() {
    let lake = Lake::of(&["samples"]);
    let bundle = lake.folder.path().join("finding.zip");
    let path = lake.path();
    let outcome = quarry(["hunt", "--lake", &path, "--bundle", text(&bundle)]);
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    assert!(!outcome.stderr.contains("could not be read again"), "{}", outcome.stderr);
    let verified = quarry(["verify", text(&bundle)]);
    assert_eq!(verified.status, 0, "{}", verified.stderr);
}

#[test]
fn a_lake_has_an_account_of_every_file() {
    let lake = Lake::of(&["samples"]);
    let damaged = lake.file(
        "damaged.json",
        "{\"TimeGenerated\":\"2026-01-01T00:00:00Z\",\"Type\":\"SecurityEvent\",\"EventID\":4624,\
         \"Computer\":\"a\",\"TargetUserName\":\"u\",\"SubjectUserSid\":\"s\"}\n{\"TimeGenerated\":\n",
    );
    let outcome = lake.ingest(&[text(&damaged)]);
    assert_eq!(outcome.status, 3, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("1 of SecurityEvent"), "{}", outcome.stderr);
    let wrong = "LakeInput | where RecordsRead != RecordsStored + RecordsRejected";
    assert!(lake.rows(wrong, &[]).is_empty());
    let query = "LakeInput | where RecordsRejected > 0 | project RecordsRead, RecordsStored, \
                 tolong(Reasons[0].count), tolong(Reasons[0]['first']), Tables has 'SecurityEvent', \
                 File endswith 'damaged.json'";
    let expected: Vec<Value> = serde_json::from_str("[2,1,1,2,true,true]").unwrap();
    assert_eq!(lake.rows(query, &[]), [expected]);
    let all = "LakeInput | summarize sum(RecordsStored)";
    let events = lake
        .rows("union WindowsEvent, Device*, SecurityEvent | where isnotempty(Type) | count", &[]);
    assert!(events[0][0].as_u64() >= lake.rows(all, &[])[0][0].as_u64());
}

#[test]
fn a_lake_is_read_as_it_was() {
    let lake = Lake { folder: tempfile::tempdir().unwrap() };
    let row = |port: u16| {
        format!(
            "{{\"Timestamp\":\"2026-01-01T00:00:00.1234567Z\",\"DeviceName\":\"a\",\"RemotePort\":{port},\
             \"RemoteIPType\":\"Public\",\"LocalIPType\":\"Public\"}}\n"
        )
    };
    let files = [1, 2, 3].map(|port| lake.file(&format!("{port}.json"), &row(port)));
    for file in &files {
        assert_eq!(lake.ingest(&[text(file)]).status, 0);
    }
    let ports = |more: &[&str]| -> Vec<u64> {
        let query = "DeviceNetworkEvents | sort by RemotePort asc | project RemotePort, \
                     tostring(Timestamp)";
        let rows = lake.rows(query, more);
        assert!(rows.iter().all(|row| row[1] == "2026-01-01T00:00:00.1234567Z"), "{rows:?}");
        rows.iter().map(|row| row[0].as_u64().unwrap()).collect()
    };
    assert_eq!(ports(&[]), [1, 2, 3]);
    assert_eq!(ports(&["--as-of", "0"]), [0_u64; 0]);
    assert_eq!(ports(&["--as-of", "2"]), [1, 2]);
    assert_eq!(ports(&["--as-of", "2020-01-01"]), [0_u64; 0]);
    let second = "LakeInput | where File endswith '2.json' | project tostring(TimeGenerated)";
    let second = lake.rows(second, &[]);
    assert_eq!(ports(&["--as-of", second[0][0].as_str().unwrap()]), [1, 2]);
}

#[test]
fn a_stream_is_in_once() {
    let lake = Lake { folder: tempfile::tempdir().unwrap() };
    let path = lake.path();
    let row = "{\"Timestamp\":\"2026-01-01T00:00:00Z\",\"DeviceName\":\"a\",\"RemotePort\":5,\
               \"RemoteIPType\":\"Public\",\"LocalIPType\":\"Public\"}\n";
    for _ in 0..2 {
        let outcome = quarry_with_stdin(["ingest", "--lake", &path, "-"], row.as_bytes());
        assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    }
    let count = lake.rows("DeviceNetworkEvents | count", &[]);
    assert_eq!(count[0][0], 1);
}

#[test]
fn a_lake_is_kept_in_shape() {
    let lake = Lake { folder: tempfile::tempdir().unwrap() };
    for port in 1..=3 {
        let row = format!(
            "{{\"Timestamp\":\"2026-01-0{port}T00:00:00Z\",\"DeviceName\":\"a\",\"RemotePort\":{port},\
             \"RemoteIPType\":\"Public\",\"LocalIPType\":\"Public\"}}\n"
        );
        let file = lake.file(&format!("{port}.json"), &row);
        assert_eq!(lake.ingest(&[text(&file)]).status, 0);
    }
    let path = lake.path();
    let run = |args: &[&str]| {
        let outcome = quarry(["lake"].into_iter().chain(args.iter().copied()).chain([&*path]));
        assert_eq!(outcome.status, 0, "{}", outcome.stderr);
        outcome
    };
    let compacted = run(&["compact"]).stderr;
    assert!(compacted.contains("LakeInput: 3 files, now 1"), "{compacted}");
    let retained = run(&["retain", "--days", "1", "--now", "2026-01-03T10:00:00Z"]).stderr;
    assert!(retained.contains("DeviceNetworkEvents: 1 rows in 1 files removed"), "{retained}");
    let vacuumed = run(&["vacuum", "--hours", "0"]).stderr;
    assert!(vacuumed.contains("LakeInput: 3 files deleted"), "{vacuumed}");
    let sizes = run(&["sizes", "--format", "csv"]).stdout;
    let line = sizes.lines().find(|line| line.starts_with("DeviceNetworkEvents,2,2,")).unwrap();
    assert!(line.ends_with(",2026-01-02,2026-01-03"), "{line}");
    let checked = run(&["check"]).stderr;
    assert!(checked.contains("1 rows that were ingested are not there"), "{checked}");
    assert!(checked.contains("2 rows read, 0 findings"), "{checked}");
    let ports = lake.rows("DeviceNetworkEvents | sort by RemotePort asc | project RemotePort", &[]);
    assert_eq!(ports, [[2], [3]]);
}

#[test]
fn days_that_a_query_does_not_want_are_not_opened() {
    let lake = Lake { folder: tempfile::tempdir().unwrap() };
    let row = |day: u16| {
        format!(
            "{{\"Timestamp\":\"2026-01-0{day}T23:59:59.9999999Z\",\"DeviceName\":\"a\",\"RemotePort\":{day},\
             \"RemoteIPType\":\"Public\",\"LocalIPType\":\"Public\"}}\n"
        )
    };
    let rows = [1, 2, 3].map(row).concat();
    let event = |day: u16| {
        format!(
            "{{\"TimeGenerated\":\"2026-01-0{day}T12:00:00Z\",\"Type\":\"WindowsEvent\",\"Provider\":\"P\",\
             \"Channel\":\"C\",\"EventID\":{day},\"Computer\":\"a\",\"EventData\":{{}}}}\n"
        )
    };
    let events = [1, 2, 3].map(event).concat();
    let files = [lake.file("rows.json", &rows), lake.file("events.json", &events)];
    assert_eq!(lake.ingest(&files.each_ref().map(|file| text(file))).status, 0);
    // Whoever opens a file of the second day is told that it is none.
    for table in ["DeviceNetworkEvents", "WindowsEvent"] {
        let day = Path::new(&lake.path()).join(table).join("_Day=2026-01-02");
        let file = std::fs::read_dir(day).unwrap().next().unwrap().unwrap().path();
        std::fs::write(file, "nothing").unwrap();
    }
    let path = lake.path();
    let run = |query: &str| quarry(["query", "--format", "json", "--lake", &path, query]);
    for (query, count) in [
        ("DeviceNetworkEvents | where TimeGenerated >= datetime(2026-01-03)", 1),
        ("DeviceNetworkEvents | where TimeGenerated < datetime(2026-01-02T00:00:00Z)", 1),
        ("DeviceNetworkEvents | where TimeGenerated > datetime(2026-01-03T23:59:59.9999998Z)", 1),
        ("WindowsEvent | where EventID == 3", 1),
        ("WindowsEvent | where EventID in (1, 3)", 2),
        ("WindowsEvent | where TimeGenerated < datetime(2026-01-01T13:00:00Z)", 1),
    ] {
        assert_eq!(self::rows(&run(query)).len(), count, "{query}");
    }
    for query in ["DeviceNetworkEvents", "WindowsEvent | where EventID >= 2"] {
        let outcome = run(query);
        assert_eq!(outcome.status, 3, "{query}");
        assert!(outcome.stderr.contains("Parquet file cannot be read"), "{}", outcome.stderr);
    }
}

/// A row may have come long after its event: neither clock tells where the other is.
#[test]
fn a_row_with_two_times_is_found_by_either() {
    let lake = Lake { folder: tempfile::tempdir().unwrap() };
    let row = "{\"TimeGenerated\":\"2026-01-09T00:00:00Z\",\"Timestamp\":\"2026-01-01T00:00:00Z\",\
               \"DeviceName\":\"a\",\"RemotePort\":1,\"RemoteIPType\":\"Public\",\"LocalIPType\":\"Public\"}\n";
    let file = lake.file("late.json", row);
    assert_eq!(lake.ingest(&[text(&file)]).status, 0);
    for condition in ["Timestamp < datetime(2026-01-02)", "TimeGenerated > datetime(2026-01-08)"] {
        let query = format!("DeviceNetworkEvents | where {condition}");
        assert_eq!(lake.rows(&query, &[]).len(), 1, "{query}");
    }
}

#[test]
fn mistakes_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let nothing = folder.path().join("nothing");
    let outcome = quarry(["hunt", "--lake", text(&nothing)]);
    assert_eq!(outcome.status, 2);
    assert!(outcome.stderr.contains("no lake in"), "{}", outcome.stderr);
    assert!(!nothing.exists());
    let outcome = quarry(["ingest", "--lake", "ftp://a/b", "samples"]);
    assert_eq!(outcome.status, 2);
    assert!(outcome.stderr.contains("no object store has such an address"), "{}", outcome.stderr);
    let outcome = quarry(["query", "--as-of", "1", "print 1"]);
    assert_eq!(outcome.status, 2);
}
