//! What output says: times, cells of CSV, what a page calls itself.

use testkit::Folder;

use crate::quarry::quarry;

/// Rows of a table whose texts are what spreadsheets stumble over.
const ROWS: &str = concat!(
    r#"{"Type":"DeviceEvents","Timestamp":"2025-02-07T04:05:06.25Z","DeviceName":"-","ActionType":"=1+1","FileName":"-5"}"#,
    "\n",
    r#"{"Type":"DeviceEvents","Timestamp":"2025-02-07T04:05:07Z","DeviceName":" =1+1","ActionType":"'\t@x","FileName":"\\\\srv\\share"}"#,
    "\n",
    r#"{"Type":"DeviceEvents","Timestamp":"2025-02-07T04:05:08Z","DeviceName":"＝1","ActionType":"-enc QQ","FileName":"'=1; +2"}"#,
    "\n",
);

const QUERY: &str = "DeviceEvents | project Timestamp, DeviceName, ActionType, FileName";

#[test]
fn csv_of_quarry_read_by_quarry_is_the_same() {
    let folder = Folder::with(&[("DeviceEvents.jsonl", ROWS)]);
    let path = |name: &str| folder.path().join(name).display().to_string();
    let of = |file: &str, format: &str| {
        let outcome = quarry(["query", QUERY, "--format", format, file]);
        assert_eq!(outcome.status, 0, "{}", outcome.stderr);
        outcome.stdout
    };
    let csv = of(&path("DeviceEvents.jsonl"), "csv");
    let guarded = csv.matches("\"'\t").count();
    assert_eq!(guarded, 5, "{csv}");
    assert!(
        csv.contains(",-,") && csv.contains(",-5\r\n") && csv.contains(r",\\srv\share"),
        "{csv}"
    );
    std::fs::create_dir(folder.path().join("again")).unwrap();
    std::fs::write(folder.path().join("again/DeviceEvents.csv"), &csv).unwrap();
    let again = path("again/DeviceEvents.csv");
    assert_eq!(of(&again, "jsonl"), of(&path("DeviceEvents.jsonl"), "jsonl"));
    assert_eq!(of(&again, "csv"), csv);
}

#[test]
fn the_guard_against_formulas_can_be_switched_off() {
    let guarded = quarry(["query", "print a = '=1+1'", "--format", "csv"]);
    let raw = quarry(["query", "print a = '=1+1'", "--format", "csv", "--csv-raw"]);
    assert_eq!((raw.stdout.as_str(), raw.status), ("a\r\n=1+1\r\n", 0));
    assert_eq!(guarded.stdout, "a\r\n\"'\t=1+1\"\r\n");
}

#[test]
fn times_have_one_width_and_a_zone_in_every_format() {
    let query = "print a = datetime(2025-02-07 04:05:06.25), b = datetime(2025-02-07)";
    for format in ["csv", "json", "jsonl", "table"] {
        let outcome = quarry(["query", query, "--format", format]);
        for time in ["2025-02-07T04:05:06.2500000Z", "2025-02-07T00:00:00.0000000Z"] {
            assert!(outcome.stdout.contains(time), "{format}: {}", outcome.stdout);
        }
    }
}

const RULE: &str = "id: 6e4d3f38-5a0e-4b83-9d44-0f4f0a1f0001
name: Archiver started
description: x
severity: Low
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: gt
triggerThreshold: 0
tactics: [Collection]
relevantTechniques: [T1560]
query: |
  DeviceProcessEvents
  | where FileName =~ '7z.exe'
  | project Timestamp, DeviceName, AccountName, ProcessCommandLine
";

const EVENTS: &str = concat!(
    r#"{"Type":"DeviceProcessEvents","Timestamp":"2025-02-07T04:05:06.25Z","DeviceName":"app-7","AccountName":"ines","FileName":"7z.exe","ProcessCommandLine":"7z a x"}"#,
    "\n",
    r#"{"Type":"DeviceProcessEvents","Timestamp":"2025-02-07T04:05:07Z","DeviceName":"app-7","AccountName":"ines","FileName":"7z.exe","ProcessCommandLine":"7z a y"}"#,
    "\n",
);

#[test]
fn what_another_rule_finds_is_told_as_what_it_is() {
    let folder = Folder::with(&[("rule.yaml", RULE), ("events.jsonl", EVENTS)]);
    let path = |name: &str| folder.path().join(name).display().to_string();
    let hunt = |format: &str| {
        let outcome = quarry([
            "hunt",
            "--rule",
            &path("rule.yaml"),
            "--format",
            format,
            &path("events.jsonl"),
        ]);
        assert_eq!(outcome.status, 1, "{}", outcome.stderr);
        outcome.stdout
    };
    assert_eq!(hunt("hops"), "");
    let table = hunt("table");
    assert!(table.contains("2 low") && !table.contains("hop") && !table.contains("SMB"), "{table}");
    let page = hunt("html");
    assert!(page.contains("<title>Quarry: Archiver started</title>"));
    let visible = page.split("<script").next().unwrap();
    let coverage = visible.split("id=\"coverage\"").nth(1).unwrap();
    assert!(coverage.contains("Archiver started") && coverage.contains("T1560"), "{coverage}");
    for claim in ["SMB", "admin share", "t1021.002"] {
        assert!(!visible.to_lowercase().contains(&claim.to_lowercase()), "{claim}");
    }
    let lines = hunt("timesketch");
    assert!(lines.contains(r#""datetime":"2025-02-07T04:05:06.2500000Z""#), "{lines}");
    assert!(lines.contains(r#""datetime":"2025-02-07T04:05:07.0000000Z""#), "{lines}");
}
