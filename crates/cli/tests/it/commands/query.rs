//! `quarry query`.

use serde_json::{Value, json};

use crate::quarry::{quarry, quarry_with_stdin};

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn a_query_without_data_answers_with_columns_and_rows() {
    let outcome = quarry([
        "query",
        "--format",
        "json",
        "print a = 1, b = 'x', c = datetime(2020-01-01), d = 1.5h, e = dynamic([1])",
    ]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    let expected = json!({
        "columns": [
            {"name": "a", "type": "long"},
            {"name": "b", "type": "string"},
            {"name": "c", "type": "datetime"},
            {"name": "d", "type": "timespan"},
            {"name": "e", "type": "dynamic"},
        ],
        "rows": [[1, "x", "2020-01-01T00:00:00.0000000Z", "01:30:00", [1]]],
    });
    assert_eq!(json_of(&outcome.stdout), expected);
}

#[test]
fn tables_are_empty_without_a_path() {
    let outcome = quarry(["query", "--format", "json", "DeviceProcessEvents | count"]);
    assert_eq!(json_of(&outcome.stdout)["rows"], json!([[0]]));
}

#[test]
fn events_and_exports_fill_the_same_table() {
    let query = "DeviceProcessEvents | where FileName =~ 'psexec.exe' | summarize count()";
    for (folder, rows) in [("samples/evtx_dump", 2), ("samples/defender", 1), ("samples", 3)] {
        let outcome = quarry(["query", "--format", "json", query, folder]);
        assert_eq!(outcome.status, 0, "{}", outcome.stderr);
        assert_eq!(json_of(&outcome.stdout)["rows"], json!([[rows]]), "{folder}");
    }
}

#[test]
fn an_export_is_read_from_stdin() {
    let path = crate::quarry::workspace().join("samples/defender/DeviceProcessEvents.csv");
    let csv = std::fs::read(path).unwrap();
    let outcome =
        quarry_with_stdin(["query", "--format", "csv", "DeviceProcessEvents | count", "-"], &csv);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    let rows = csv.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count() - 1;
    assert_eq!(outcome.stdout, format!("Count\r\n{rows}\r\n"));
}

#[test]
fn the_query_is_read_from_a_file_or_stdin() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("q.kql");
    std::fs::write(&file, "print x = 7").unwrap();
    let from_file = quarry(["query", "--format", "csv", "-f", file.to_str().unwrap()]);
    assert_eq!(from_file.stdout, "x\r\n7\r\n");
    let from_stdin = quarry_with_stdin(["query", "--format", "csv", "-"], b"print x = 7");
    assert_eq!(from_stdin.stdout, "x\r\n7\r\n");
}

#[test]
fn now_is_the_newest_event_and_that_is_said() {
    let query = "DeviceProcessEvents | where Timestamp > ago(24h) | count";
    let outcome = quarry(["query", query, "samples/defender"]);
    assert!(outcome.stderr.contains("the newest event"), "{}", outcome.stderr);
    assert!(!outcome.stdout.contains(" 0"), "{}", outcome.stdout);
    let later =
        quarry(["query", "--format", "csv", "--now", "2099-01-01", query, "samples/defender"]);
    assert_eq!(later.stdout, "Count\r\n0\r\n");
}

#[test]
fn a_wrong_query_is_refused_with_its_place() {
    let outcome = quarry(["query", "DeviceProcessEvents | where FileNam == 'x'", "samples"]);
    assert_eq!((outcome.status, &*outcome.stdout), (2, ""));
    assert!(outcome.stderr.contains("FileNam"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("FileName"), "{}", outcome.stderr);
}

#[test]
fn every_row_knows_its_table() {
    let query = "union Device*, SecurityEvent | where isempty(Type) or Type !in ('DeviceEvents', \
                 'DeviceFileEvents', 'DeviceImageLoadEvents', 'DeviceLogonEvents', 'SecurityEvent', \
                 'DeviceNetworkEvents', 'DeviceProcessEvents', 'DeviceRegistryEvents') | count";
    let outcome = quarry(["query", "--format", "csv", query, "samples"]);
    assert_eq!(outcome.stdout.lines().collect::<Vec<_>>(), ["Count", "0"], "{}", outcome.stderr);
    let query = "union DeviceProcessEvents, SecurityEvent | summarize by Type | sort by Type asc";
    let outcome = quarry(["query", "--format", "csv", query, "samples"]);
    let expected = ["Type", "DeviceProcessEvents", "SecurityEvent"];
    assert_eq!(outcome.stdout.lines().collect::<Vec<_>>(), expected, "{}", outcome.stderr);
}

#[test]
fn statistics_balance() {
    let folder = tempfile::tempdir().unwrap();
    let stats = folder.path().join("stats.json");
    let args = ["query", "DeviceProcessEvents | count", "samples", "--stats"];
    let outcome = quarry(args.iter().copied().chain([stats.to_str().unwrap()]));
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    let stats = json_of(&std::fs::read_to_string(stats).unwrap());
    let sum = |of: &Value| {
        ["matched", "not_needed", "rejected"]
            .map(|key| of[key].as_u64().unwrap())
            .iter()
            .sum::<u64>()
    };
    let members = stats["members"].as_array().unwrap();
    assert!(members.iter().all(|member| member["read"].as_u64() == Some(sum(member))), "{stats}");
    assert_eq!(stats["total"]["read"].as_u64(), Some(sum(&stats["total"])));
    assert_eq!(stats["total"]["read"], 245);
}

#[test]
fn patterns_stand_for_the_tables_that_the_input_holds() {
    let sign_in = r#"{"TimeGenerated":"2025-03-01T10:00:00Z","UserPrincipalName":"eve@b.c","ResultType":"0","Type":"SigninLogs"}"#;
    let audit = r#"{"TimeGenerated":"2025-03-01T10:00:00Z","OperationName":"by eve@b.c","Type":"AuditLogs"}"#;
    let folder = testkit::Folder::with(&[("x.jsonl", format!("{sign_in}\n{audit}\n"))]);
    let path = folder.path().to_str().unwrap();
    for query in [
        "search 'eve' | project T = $table | sort by T asc",
        "union withsource=T S*, Audit* | project T | sort by T asc",
    ] {
        let outcome = quarry(["query", "--format", "csv", query, path]);
        assert_eq!(outcome.stdout, "T\r\nAuditLogs\r\nSigninLogs\r\n", "{}", outcome.stderr);
    }
    let outcome = quarry_with_stdin(["query", "search 'eve'", "-"], sign_in.as_bytes());
    assert_eq!(outcome.status, 2);
    assert!(outcome.stderr.contains("a pattern stands for SigninLogs, too"), "{}", outcome.stderr);
}

#[test]
fn a_table_without_rows_is_told() {
    let outcome = quarry(["query", "SigninLogs | count", "samples/defender"]);
    assert!(outcome.stderr.contains("reads `SigninLogs`, of which this input has no row"));
    let outcome = quarry(["query", "DeviceProcessEvents | count", "samples/defender"]);
    assert!(!outcome.stderr.contains("has no row"), "{}", outcome.stderr);
}

#[test]
fn columns_that_only_the_data_knows_are_found_in_it() {
    let event = |bag: &str| {
        format!(r#"{{"TimeGenerated":"2025-03-01T10:00:00Z","Actor":{bag},"Type":"Custom_CL"}}"#)
    };
    let schema = r#"{"Custom_CL":{"TimeGenerated":"datetime","Actor":"dynamic","Type":"string"}}"#;
    let lines = [event(r#"{"name":"eve","id":7}"#), event(r#"{"name":"bob","admin":true}"#)];
    let folder =
        testkit::Folder::with(&[("x.jsonl", lines.join("\n")), ("s.json", schema.to_owned())]);
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let query = "Custom_CL | project Actor | evaluate bag_unpack(Actor, 'a_') | sort by a_name asc";
    let args = ["query", "--format", "csv", "--schema", &path("s.json"), query, &path("x.jsonl")];
    let outcome = quarry(args);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    assert_eq!(
        outcome.stdout, "a_admin,a_id,a_name\r\ntrue,,bob\r\n,7,eve\r\n",
        "{}",
        outcome.stderr
    );
    let args = ["query", "--schema", &path("s.json"), query, "-"];
    let outcome = quarry_with_stdin(args, lines.join("\n").as_bytes());
    assert!(outcome.stderr.contains("stdin cannot be read again"), "{}", outcome.stderr);
}
