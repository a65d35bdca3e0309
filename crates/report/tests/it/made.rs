//! A made case: three hosts on one path, a dead end, and an alert with a payload in every field.

use std::sync::Arc;

use detection::alert::{Alert, Entity, Evidence, Origin, RuleRef, Severity};
use kql_types::{Ticks, Value, datetime};
use lateral::{Observations, trace};
use report::findings::{Findings, InputFacts, Records, RuleFacts, Suppressed, Versions};

/// What the package says of the behaviours that are made here.
const METHODS: [(&str, &str); 6] = [
    ("B03", "file copy"),
    ("B04", "file copy"),
    ("B06", "share access"),
    ("B11", "PsExec"),
    ("B17", "scheduled task"),
    ("B27", "mass encryption"),
];

/// What attacks pages, spreadsheets, terminals, documents and parsers.
pub(crate) const PAYLOAD: &str = "=1+1</script><img src=x onerror=alert(1)>\"'`--!>]]>[x](javascript:alert(1))\u{1b}[31m\u{202e}%0a{{7*7}}";

fn time(text: &str) -> Ticks {
    datetime::parse(text).unwrap()
}

struct Seen<'a> {
    at: &'a str,
    rule: (&'a str, &'a str),
    severity: Severity,
    columns: &'a [(&'a str, &'a str)],
}

fn alert(seen: &Seen<'_>, line: u64) -> Alert {
    let (name, behaviour) = seen.rule;
    let text = |wanted: &str| {
        let found = seen.columns.iter().find(|(name, _)| *name == wanted);
        found.map(|(_, value)| (*value).to_owned()).unwrap_or_default()
    };
    let host = text("DeviceName");
    let entity = |kind: &str, identifier: &str, value: String| Entity {
        kind: kind.to_owned(),
        identifiers: vec![(identifier.to_owned(), value)],
    };
    let time = time(seen.at);
    let mut columns = vec![(Arc::from("TimeGenerated"), Value::Datetime(Some(time)))];
    let texts = seen.columns.iter();
    columns.extend(texts.map(|(name, value)| (Arc::from(*name), Value::String((*value).into()))));
    Alert {
        id: format!("{behaviour}-{line}"),
        rule: Arc::new(RuleRef {
            id: format!("rule-{behaviour}"),
            name: name.to_owned(),
            behaviours: vec![behaviour.to_owned()],
            methods: METHODS.map(|(id, method)| (id.to_owned(), method.to_owned())).into(),
            techniques: vec![],
        }),
        severity: seen.severity,
        time: Some(time),
        entities: vec![
            entity("Host", "FullName", host.clone()),
            entity("Account", "Name", text("AccountName")),
        ],
        columns,
        evidence: vec![Evidence {
            origin: Arc::new(Origin {
                file: format!("logs/{host}/Security log.evtx"),
                member: (line == 2).then(|| "inner.json".into()),
                channel: Some("Security".into()),
                host: Some(host),
            }),
            line,
            record_id: Some(i64::try_from(line).unwrap()),
            event_id: Some(5145),
        }],
    }
}

/// What was seen, in order of time.
fn seen() -> [Seen<'static>; 4] {
    [
        Seen {
            at: "2026-03-12T09:14:05Z",
            rule: ("Admin share opened", "B06"),
            severity: Severity::Medium,
            columns: &[
                ("DeviceName", "srv-1.corp.example"),
                ("TargetDevice", "srv-1.corp.example"),
                ("SourceDevice", "ws-1.corp.example"),
                ("SourceIP", "10.20.30.117"),
                ("AccountName", "adm"),
                ("AccountDomain", "CORP"),
                ("ShareName", "ADMIN$"),
            ],
        },
        Seen {
            at: "2026-03-12T09:14:06.25Z",
            rule: ("PsExec service", "B11"),
            severity: Severity::High,
            columns: &[
                ("DeviceName", "srv-1.corp.example"),
                ("TargetDevice", "srv-1.corp.example"),
                ("ServiceName", "PSEXESVC"),
                ("Reason", "PSEXESVC was installed"),
            ],
        },
        Seen {
            at: "2026-03-12T09:20:00Z",
            rule: ("Scheduled task on another host", "B17"),
            severity: Severity::High,
            columns: &[
                ("DeviceName", "dc-1.corp.example"),
                ("TargetDevice", "dc-1.corp.example"),
                ("SourceDevice", "srv-1.corp.example"),
                ("AccountName", "adm"),
                ("AccountDomain", "CORP"),
                ("TaskName", "\\upd"),
            ],
        },
        Seen {
            at: "2026-03-12T09:21:00Z",
            rule: (PAYLOAD, "B03"),
            severity: Severity::Low,
            columns: &[
                ("DeviceName", PAYLOAD),
                ("TargetDevice", "printer"),
                ("SourceDevice", "ws-1.corp.example"),
                ("AccountName", PAYLOAD),
                ("FileName", PAYLOAD),
                ("ProcessCommandLine", PAYLOAD),
            ],
        },
    ]
}

/// Returns the case.
pub(crate) fn findings() -> Findings {
    let seen = seen();
    let alerts: Vec<Alert> = (1u64..).zip(&seen).map(|(line, seen)| alert(seen, line)).collect();
    let movement = trace(&alerts, &Observations::default());
    let rules = seen.iter().map(|seen| RuleFacts {
        id: format!("rule-{}", seen.rule.1),
        name: seen.rule.0.to_owned(),
        description: "What it finds.".to_owned(),
        version: "1.0.0".to_owned(),
        severity: seen.severity,
        tactics: vec!["LateralMovement".to_owned()],
        techniques: vec!["T1021.002".to_owned(), "T1570".to_owned()],
        behaviours: vec![seen.rule.1.to_owned()],
        looked_at: 7,
    });
    let quiet = RuleFacts {
        id: "rule-B27".to_owned(),
        name: "Mass encryption".to_owned(),
        description: String::new(),
        version: "1.0.0".to_owned(),
        severity: Severity::High,
        tactics: vec!["Impact".to_owned()],
        techniques: vec!["T1486".to_owned()],
        behaviours: vec!["B27".to_owned()],
        looked_at: 0,
    };
    let mut records = Records::default();
    let place = &alerts[0].evidence[0];
    let fields = format!(
        r#"{{"EventID":5145,"EventData":{{"ShareName":{}}}}}"#,
        serde_json::Value::from(PAYLOAD)
    );
    records.insert(place, fields);
    let suppressed =
        vec![Suppressed { alert: alerts[0].clone(), reason: format!("backup {PAYLOAD}") }];
    Findings {
        movement,
        suppressed,
        rules: rules.chain([quiet]).collect(),
        behaviours: [("B06", "A share is opened"), ("B27", "Files are encrypted")]
            .map(|(id, name)| (id.to_owned(), name.to_owned()))
            .into(),
        inputs: vec![InputFacts {
            file: format!("logs/{PAYLOAD}"),
            member: None,
            format: "evtx".to_owned(),
            read: 10,
            matched: 4,
            not_needed: 5,
            rejected: 1,
            losses: vec![
                "logs/<b>.csv: `RemotePort` is null where the value is not of type int (2 times, \
                 first in record 7: `smb`)"
                    .to_owned(),
            ],
            left_out: Some("logs/<b>.csv: left out, as T has no such column: `<i>`".to_owned()),
        }],
        unfilled: Vec::new(),
        problems: vec![format!("logs/{PAYLOAD}: damaged")],
        records,
        versions: Versions {
            quarry: "0.1.0".to_owned(),
            package: "t1021.002".to_owned(),
            package_name: "SMB/Windows Admin Shares".to_owned(),
            package_version: "0.1.0".to_owned(),
        },
        newest: Some(time("2026-03-12T10:00:00Z")),
        validation: None,
        alerts,
    }
}

/// Returns a case of so many alerts, on 400 hosts and by 20 accounts, over a week.
pub(crate) fn large(alerts: u64) -> Findings {
    let start = time("2026-03-01T00:00:00Z");
    let behaviours = [("Admin share opened", "B06"), ("PsExec service", "B11"), ("Task", "B17")];
    let made: Vec<Alert> = (1..=alerts)
        .map(|number| {
            let pick = |of: u64, factor: u64| number.wrapping_mul(factor).rem_euclid(of);
            let (target, source) = (pick(400, 7_919), pick(60, 31));
            let kind = usize::try_from(pick(3, 1)).unwrap();
            let host = format!("host-{target:03}.corp.example");
            let seen = Seen {
                at: "2026-03-01T00:00:00Z",
                rule: behaviours[kind],
                severity: Severity::ALL[usize::try_from(pick(4, 3)).unwrap()],
                columns: &[
                    ("DeviceName", &host),
                    ("TargetDevice", &host),
                    ("SourceDevice", &format!("host-{source:03}.corp.example")),
                    ("AccountName", &format!("account-{:02}", pick(20, 17))),
                    ("ShareName", "ADMIN$"),
                    ("Reason", "what was seen of it, in as many words as a rule spends on that"),
                    (
                        "ProcessCommandLine",
                        r"cmd.exe /Q /c cd \ 1> \\127.0.0.1\ADMIN$\__1619425227 2>&1",
                    ),
                ],
            };
            let mut alert = alert(&seen, number);
            let at = i64::try_from(number).unwrap().wrapping_mul(1_200_000_000);
            alert.time = Some(start.wrapping_add(at));
            alert
        })
        .collect();
    let movement = trace(&made, &Observations::default());
    Findings { alerts: made, movement, ..findings() }
}
