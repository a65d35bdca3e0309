//! What users bring of their own: `--schema`, `quarry.toml`, and what an input covers.

use serde_json::{Value, json};
use testkit::Folder;

use crate::quarry::{Outcome, quarry};

fn rows(outcome: &Outcome) -> Value {
    let answer: Value = serde_json::from_str(&outcome.stdout)
        .unwrap_or_else(|error| panic!("{error}: {} {}", outcome.stdout, outcome.stderr));
    answer["rows"].clone()
}

const PROJECT: &[(&str, &str)] = &[
    (
        "quarry.toml",
        "schemas = ['own']\ntime-zone = '+02:00'\n[tables.Edr_CL.renamed]\nhost = 'Computer'\n",
    ),
    ("own/schemas/Edr_CL.csv", "name,type\nTimeGenerated,datetime\nComputer,string\nRisk_d,real\n"),
    ("own/schemas/more.json", r#"{"Other_CL":{"TimeGenerated":"datetime","A":"long"}}"#),
    (
        "own/views/Edr_CL/shares.kql",
        "WindowsEvent\n| where EventID == 5140\n| project TimeGenerated, Computer, Risk_d = 9.0\n",
    ),
    ("own/functions/Risky.kql", "(least: real = 5.0) { Edr_CL | where Risk_d >= least }"),
    (
        "own/shapes/siem.toml",
        "requires = ['evt.id']\ntime = 'evt.at'\ndata = 'evt.f'\n[header]\nEventID = 'evt.id'\nChannel = 'evt.log'\nComputer = 'evt.host'\n",
    ),
    (
        "data/edr.jsonl",
        "{\"Type\":\"Edr_CL\",\"TimeGenerated\":\"2024-01-01\",\"host\":\"a\",\"Risk_d\":7.5}\n",
    ),
    (
        "data/siem.jsonl",
        "{\"evt\":{\"id\":5140,\"at\":\"2024-01-02T00:00:00Z\",\"log\":\"Security\",\"host\":\"b\",\"f\":{\"ShareName\":\"x\"}}}\n",
    ),
];

#[test]
fn tables_views_functions_names_and_shapes_of_ones_own() {
    let folder = Folder::with(PROJECT);
    let data = folder.path().join("data");
    let project = folder.path().join("quarry.toml");
    let outcome = quarry([
        "query",
        "--format",
        "json",
        "--project",
        project.to_str().unwrap(),
        "Risky() | project Computer, Risk_d | sort by Computer asc",
        data.to_str().unwrap(),
    ]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    assert_eq!(rows(&outcome), json!([["a", 7.5], ["b", 9.0]]));
    let outcome =
        quarry(["tables", "Other_CL", "--project", project.to_str().unwrap(), "--format", "csv"]);
    assert_eq!(outcome.stdout, "Column,Type\r\nTimeGenerated,datetime\r\nA,long\r\n");
}

#[test]
fn a_schema_folder_needs_no_project_file() {
    let folder = Folder::with(PROJECT);
    let own = folder.path().join("own");
    let outcome =
        quarry(["check", "--schema", own.to_str().unwrap(), own.to_str().unwrap(), "--runnable"]);
    assert_eq!(outcome.status, 1, "a function's text is no query: {}", outcome.stderr);
    let view = own.join("views");
    let outcome =
        quarry(["check", "--schema", own.to_str().unwrap(), view.to_str().unwrap(), "--runnable"]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
}

#[test]
fn what_is_wrong_with_a_project_is_named() {
    let wrong = |file: &str, text: &str| {
        let folder = Folder::with(PROJECT);
        folder.write(file, text);
        let project = folder.path().join("quarry.toml");
        let outcome = quarry(["query", "--project", project.to_str().unwrap(), "print 1"]);
        assert_eq!(outcome.status, 2, "{}", outcome.stderr);
        outcome.stderr
    };
    assert!(wrong("quarry.toml", "schema = []").contains("unknown field `schema`"));
    assert!(wrong("quarry.toml", "time-zone = 'Berlin'").contains("+02:00"));
    assert!(wrong("quarry.toml", "[tables.X.renamed]\na = 'b'").contains("no table `X`"));
    assert!(
        wrong("own/schemas/Edr_CL.csv", "name,type\nA,text\n").contains("`text` is not a type")
    );
    assert!(wrong("own/views/None/x.kql", "print 1").contains("no table `None`"));
    assert!(wrong("own/shapes/siem.toml", "time = 1").contains("`requires`"));
}

#[test]
fn local_times_are_in_the_zone_that_is_said() {
    let csv = "\"TimeGenerated [Local Time]\",RemoteIP,RemotePort,Type\n\
               \"10/25/2023, 9:43:21.990 AM\",10.0.0.1,445,DeviceNetworkEvents\n";
    let folder = Folder::with(&[("query_data.csv", csv)]);
    let path = folder.path().to_str().unwrap();
    let query = "DeviceNetworkEvents | project TimeGenerated";
    let outcome = quarry(["query", "--format", "json", query, path]);
    assert_eq!(rows(&outcome), json!([["2023-10-25T09:43:21.9900000Z"]]));
    assert!(
        outcome.stderr.contains("TimeGenerated without a time zone, read as UTC"),
        "{}",
        outcome.stderr
    );
    let outcome = quarry(["query", "--format", "json", "--time-zone", "-05:00", query, path]);
    assert_eq!(rows(&outcome), json!([["2023-10-25T14:43:21.9900000Z"]]));
    assert!(!outcome.stderr.contains("time zone"), "{}", outcome.stderr);
}

#[test]
fn coverage_says_what_there_is_and_what_is_missing() {
    let reference = testkit::reference!("logs");
    let log = reference.path("logs/ID7045-7036 PSexec service installation.evtx");
    let outcome = quarry(["tables", "--format", "json", "--coverage", log.to_str().unwrap()]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    let rows = rows(&outcome);
    let line = |name: &str| {
        let mut lines = rows.as_array().unwrap().iter();
        lines.find(|line| line[1] == name).unwrap_or_else(|| panic!("no {name}: {rows}")).clone()
    };
    let events = line("DeviceEvents");
    assert_eq!(events[2], "yes");
    assert!(events[4].as_str().unwrap().starts_with("system_7045 ("), "{events}");
    assert!(events[6].as_str().unwrap().contains("audit Security System Extension"), "{events}");
    let processes = line("DeviceProcessEvents");
    assert_eq!((&processes[2], &processes[3]), (&json!("no"), &json!(0)));
    assert_eq!(processes[6], "Sysmon, ProcessCreate; audit Process Creation, with command lines");
    let rules: Vec<&Value> =
        rows.as_array().unwrap().iter().filter(|line| line[0] == "rule").collect();
    assert!(rules.iter().any(|rule| rule[2] == "yes") || rules.len() == 1, "{rules:?}");
    assert!(rules.iter().any(|rule| rule[2] == "no"), "{rules:?}");
}

#[test]
fn what_records_have_lost_is_told_and_in_the_exit_status() {
    let csv = "Timestamp,RemoteIP,RemotePort,Odd\n4/5/2026 10:00:00,192.0.2.1,smb,1\n";
    let folder = Folder::with(&[
        ("DeviceNetworkEvents.csv", csv),
        ("quarry.toml", "date-order = 'dmy'\n"),
        ("wrong.toml", "date-order = 'day'\n"),
    ]);
    let path = folder.path().join("DeviceNetworkEvents.csv");
    let (path, stats) = (path.to_str().unwrap(), folder.path().join("stats.json"));
    let query = "DeviceNetworkEvents | project Timestamp, RemotePort";
    let run = |arguments: &[&str]| {
        let common = ["query", "--format", "json", "--stats", stats.to_str().unwrap()];
        quarry(common.iter().chain(arguments).chain([&query, &path]).copied())
    };
    let outcome = run(&[]);
    assert_eq!(outcome.status, 3, "{}", outcome.stderr);
    assert_eq!(rows(&outcome), json!([["2026-04-05T10:00:00.0000000Z", null]]));
    for told in ["fits day first and month first", "`RemotePort` is null", "`smb`", "`Odd`"] {
        assert!(outcome.stderr.contains(told), "{told}: {}", outcome.stderr);
    }
    let written: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&stats).unwrap()).unwrap();
    let losses = written["members"][0]["losses"].as_array().unwrap();
    assert_eq!((losses.len(), &losses[0]["count"]), (2, &json!(1)));
    assert_eq!(written["members"][0]["ignored_columns"], json!(["Odd"]));
    let project = folder.path().join("quarry.toml");
    for arguments in [["--date-order", "dmy"], ["--project", project.to_str().unwrap()]] {
        let outcome = run(&arguments);
        assert_eq!(rows(&outcome), json!([["2026-05-04T10:00:00.0000000Z", null]]));
        assert!(!outcome.stderr.contains("month first"), "{}", outcome.stderr);
    }
    let wrong = folder.path().join("wrong.toml");
    let outcome = run(&["--project", wrong.to_str().unwrap()]);
    assert!(outcome.stderr.contains("expected `dmy`"), "{}", outcome.stderr);
}
