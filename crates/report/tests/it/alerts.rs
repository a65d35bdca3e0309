//! The formats of alerts.

use std::sync::Arc;

use detection::alert::{Alert, Entity, Evidence, Origin, RuleRef, Severity};
use insta::assert_snapshot;
use kql_types::{Value, datetime};
use report::{
    Options, TableOptions,
    alerts::{self, AlertFormat},
    findings::Findings,
};

fn entity(kind: &str, identifiers: &[(&str, &str)]) -> Entity {
    Entity {
        kind: kind.into(),
        identifiers: identifiers.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect(),
    }
}

fn evidence(line: u64) -> Evidence {
    Evidence {
        origin: Arc::new(Origin {
            file: "logs/host a/Security.evtx".into(),
            member: None,
            channel: Some("Security".into()),
            host: Some("pc01".into()),
        }),
        line,
        record_id: Some(4_711),
        event_id: Some(5_145),
    }
}

fn alerts() -> Vec<Alert> {
    let mapped = Alert {
        id: "9f2c".into(),
        rule: Arc::new(RuleRef {
            id: "9da25366-2c77-41a5-a159-0da5e2f5fb90".into(),
            name: "Admin share mounted".into(),
            behaviours: vec!["B01".into(), "B02".into()],
            methods: std::collections::BTreeMap::new(),
            techniques: vec![],
        }),
        severity: Severity::Medium,
        time: datetime::parse("2024-05-06T07:08:09.123Z"),
        entities: vec![
            entity("Host", &[("FullName", "pc01.contoso.com")]),
            entity("Account", &[("Name", "alice"), ("NTDomain", "CONTOSO")]),
            entity("Process", &[("CommandLine", "net use Z: \\\\srv\\C$ \u{1b}[31m")]),
        ],
        columns: vec![
            ("Timestamp".into(), Value::Datetime(datetime::parse("2024-05-06T07:08:09.123Z"))),
            ("RemotePort".into(), Value::Int(Some(445))),
            ("Extra".into(), Value::Dynamic(Some("{\"a\":1}".into()))),
            ("Score".into(), Value::Real(None)),
        ],
        evidence: vec![evidence(17), evidence(18), evidence(20)],
    };
    let unmapped = Alert {
        id: "0001".into(),
        rule: Arc::new(RuleRef {
            id: "r2".into(),
            name: "Remote service installed".into(),
            behaviours: vec![],
            methods: std::collections::BTreeMap::new(),
            techniques: vec![],
        }),
        severity: Severity::High,
        time: None,
        entities: vec![entity("Host", &[("HostName", "")])],
        columns: vec![
            ("DeviceName".into(), Value::String("pc02".into())),
            ("AccountName".into(), Value::String("svc".into())),
            ("RemoteIP".into(), Value::String("10.0.0.5".into())),
            ("RemotePort".into(), Value::Int(Some(445))),
        ],
        evidence: vec![Evidence {
            origin: Arc::new(Origin {
                file: "logs/host a/Security.evtx".into(),
                member: Some("inner/export.json".into()),
                channel: None,
                host: None,
            }),
            line: 3,
            record_id: None,
            event_id: None,
        }],
    };
    let bare = Alert {
        id: "0002".into(),
        severity: Severity::Informational,
        entities: vec![],
        columns: vec![],
        evidence: vec![],
        ..unmapped.clone()
    };
    vec![mapped, unmapped, bare]
}

fn write(format: AlertFormat, options: TableOptions, alerts: &[Alert]) -> String {
    let mut out = Vec::new();
    let options = Options { table: options, ..Options::default() };
    alerts::write(format, &Findings::of(alerts.to_vec()), options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn jsonl_is_the_contract() {
    let text = write(AlertFormat::Jsonl, TableOptions::default(), &alerts());
    let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(first["rule"]["behaviours"], serde_json::json!(["B01", "B02"]));
    assert_eq!(first["evidence"][0]["member"], serde_json::Value::Null);
    assert_eq!(first["columns"]["RemotePort"], 445);
    assert_snapshot!(text);
}

#[test]
fn json_is_one_array_of_the_same_objects() {
    let array: Vec<serde_json::Value> =
        serde_json::from_str(&write(AlertFormat::Json, TableOptions::default(), &alerts()))
            .unwrap();
    let lines = write(AlertFormat::Jsonl, TableOptions::default(), &alerts());
    let lines: Vec<serde_json::Value> =
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(array, lines);
    assert_eq!(write(AlertFormat::Json, TableOptions::default(), &[]), "[]\n");
}

#[test]
fn csv_has_a_line_per_alert() {
    assert_snapshot!(write(AlertFormat::Csv, TableOptions::default(), &alerts()));
}

#[test]
fn table_has_a_line_per_alert_and_a_summary() {
    let options = TableOptions { width: Some(160), ..TableOptions::default() };
    assert_snapshot!(write(AlertFormat::Table, options, &alerts()));
}

#[test]
fn table_on_a_narrow_terminal_is_entries() {
    let options = TableOptions { width: Some(60), ..TableOptions::default() };
    assert_snapshot!(write(AlertFormat::Table, options, &alerts()));
}

#[test]
fn no_alerts_are_said_to_be_none() {
    assert_eq!(
        write(AlertFormat::Table, TableOptions::default(), &[]).lines().last(),
        Some("(0 alerts)")
    );
    assert_eq!(write(AlertFormat::Jsonl, TableOptions::default(), &[]), "");
}

#[test]
fn severity_is_coloured_when_asked() {
    let options = TableOptions { is_coloured: true, ..TableOptions::default() };
    let text = write(AlertFormat::Table, options, &alerts());
    assert!(text.contains("\u{1b}[33mMedium\u{1b}[0m"));
    assert_eq!(text.matches("\u{1b}[31m").count(), 1, "the one of `High`; the data's is escaped");
}
