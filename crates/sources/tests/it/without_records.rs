//! Content in which no record is found: it says of itself that it holds none, or it is told.

use std::fmt::Write as _;

use crate::collect::{Collected, everything, scan_bytes};

fn scanned(name: &str, bytes: &[u8]) -> Collected {
    let collected = scan_bytes(name, bytes, &everything());
    collected.assert_balances();
    assert_eq!(collected.lines(), [""; 0]);
    collected
}

#[test]
fn content_that_says_that_it_is_empty_has_an_account_of_nothing() {
    for (name, text) in [
        ("x.json", "[]"),
        ("x.json", " [\n]\n"),
        ("x.json", r#"{"value":[]}"#),
        ("x.json", r#"{"took":3,"hits":{"total":{"value":0},"hits":[]}}"#),
        (
            "x.json",
            r#"{"tables":[{"name":"PrimaryResult","columns":[{"name":"TimeGenerated"}],"rows":[]}]}"#,
        ),
        ("DeviceInfo.csv", "Timestamp,DeviceId\n"),
        (
            "DeviceNetworkEvents.csv",
            "\u{feff}\"Timestamp\",\"RemoteUrl\",\"RemotePort\",\"DeviceName\"\r\n\r\n",
        ),
        (
            "x.csv",
            "#TYPE x\r\n\"TimeCreated\",\"ProviderName\",\"Id\",\"LogName\",\"MachineName\",\"Message\"\r\n",
        ),
    ] {
        let collected = scanned(name, text.as_bytes());
        assert_eq!(collected.problem_texts(), [""; 0], "{text}");
        let accounts: Vec<_> =
            collected.summaries.iter().map(|summary| (summary.read, summary.format)).collect();
        assert_eq!(accounts.len(), 1, "{text}");
        assert_eq!(accounts[0].0, 0, "{text}");
    }
    let of = |name: &str, text: &str| scanned(name, text.as_bytes()).summaries.remove(0).table;
    assert_eq!(of("DeviceInfo.csv", "Timestamp,DeviceId\n").as_deref(), Some("DeviceInfo"));
}

#[test]
fn content_without_a_record_that_says_nothing_of_it_is_told() {
    let mut told = String::new();
    for (name, text) in [
        // The head of a CSV file, if anything.
        ("x.json", r#""EventID":7,"SourceName":"Kettle","Channel":"Log""#),
        ("x.json", r#""TimeCreated":"2021-05-04","A":"1"}"#),
        ("x.csv", "Fruit,Colour"),
        ("x.csv", "Fruit;Colour\r\n\r\n"),
        ("x.tsv", "Fruit\tColour\n"),
        ("x.csv", "Timestamp,DeviceId\n"),
        ("x.csv", "RuleTitle,RuleFile,EvtxFile\n"),
        ("x.txt", "Dear reader, this is prose\n"),
        ("x.csv", "sep=,\n"),
        ("x.csv", "#TYPE x\n"),
        // JSON with nothing in it that is a record.
        ("x.json", "{}"),
        ("x.json", "[{}]"),
        ("x.json", "[[]"),
        ("x.json", "{"),
        ("x.json", "["),
        ("x.json", "null"),
        ("x.json", "[null]"),
        ("x.json", "{\"value\":[],\"error\":{\"code\":\"Throttled\",\"message\":\"too many\"}}"),
        (
            "x.json",
            r#"[{"FrameType":"DataTable","TableKind":"PrimaryResult","Columns":[{"ColumnNam":"A"}],"Rows":[["x"]]}]"#,
        ),
        (
            "x.json",
            r#"{"Tables":[{"TableName":"T","Columns":[{"ColumnNam":"A"}],"Rows":[["x"]]}]}"#,
        ),
        // XML without an event.
        ("x.xml", "<Events></Events>"),
        ("x.xml", "<?xml version=\"1.0\"?>\n<Events/>\n"),
        ("x.xml", "<Event/>"),
        ("x", " \n\n"),
        ("x", "\0\0\0\0\0\0\0\0"),
    ] {
        let collected = scanned(name, text.as_bytes());
        let problems = collected.problem_texts();
        assert!(!problems.is_empty(), "{text}: {:?}", collected.summaries);
        writeln!(told, "{text:?}\n  {}", problems.join("\n  ")).unwrap();
    }
    insta::assert_snapshot!(told);
}
