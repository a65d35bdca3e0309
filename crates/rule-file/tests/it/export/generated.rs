//! Rules made up at random, through every form and back.

use proptest::prelude::*;
use rule_file::Imported;
use serde_json::{Map, Value, json};

use super::{check_detection, check_round_trips};

/// Texts with what some form reads otherwise.
fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "[",
        "[[",
        "]",
        "]]",
        "'",
        "''",
        "'''",
        "\"",
        "\\",
        "\\n",
        "${",
        "$",
        "}",
        "{{Column}}",
        "\n",
        "\n\n",
        "\r\n",
        "\t",
        " ",
        "  ",
        ":",
        ": ",
        " #",
        "#",
        "- ",
        "-",
        "|",
        ">",
        "%",
        "@",
        "&",
        "*",
        "!",
        "?",
        ",",
        "true",
        "null",
        "~",
        "1.10",
        "0x1f",
        "1e3",
        "2026-01-01",
        "yes",
        "[concat('a')]",
        "é",
        "✓",
        "\u{7f}",
        "\u{85}",
        "\u{a0}",
        "\u{2028}",
        "\u{feff}",
        "a",
        "word",
        "T | where x == 1",
    ]);
    prop::collection::vec(piece, 1..8).prop_map(|pieces| pieces.concat())
}

fn word() -> impl Strategy<Value = String> {
    "[A-Za-z][A-Za-z0-9_]{0,9}"
}

fn duration() -> impl Strategy<Value = String> {
    let short = (1..400_u32, prop::sample::select(vec!["s", "m", "h", "d"]));
    let iso = (0..20_u32, 1..24_u32, 0..60_u32);
    prop_oneof![
        short.prop_map(|(number, unit)| format!("{number}{unit}")),
        iso.prop_map(|(days, hours, minutes)| format!("P{days}DT{hours}H{minutes}M")),
    ]
}

fn some<T: std::fmt::Debug + Clone + 'static>(
    of: &[T],
    most: usize,
) -> impl Strategy<Value = Vec<T>> + use<T> {
    prop::sample::subsequence(of.to_vec(), 0..=most.min(of.len())).prop_shuffle()
}

fn mappings() -> impl Strategy<Value = Value> {
    let entity = prop::sample::select(vec![
        ("Host", "HostName"),
        ("Host", "FullName"),
        ("Account", "Name"),
        ("IP", "Address"),
        ("Process", "CommandLine"),
        ("URL", "Url"),
    ]);
    let one = (entity, text()).prop_map(|((ty, identifier), column)| {
        json!({"entityType": ty, "fieldMappings": [{"identifier": identifier, "columnName": column}]})
    });
    prop::collection::vec(one, 0..4).prop_map(Value::Array)
}

fn incident() -> impl Strategy<Value = Value> {
    let method = prop::sample::select(vec!["AllEntities", "AnyAlert", "Selected"]);
    (any::<[bool; 3]>(), duration(), method, some(&["Host", "IP"], 2), some(&["Severity"], 1)).prop_map(
        |(flags, length, method, entities, details)| {
            json!({"createIncident": flags[0], "groupingConfiguration": {
                "enabled": flags[1], "reopenClosedIncident": flags[2], "lookbackDuration": length,
                "matchingMethod": method, "groupByEntities": entities, "groupByAlertDetails": details,
                "groupByCustomDetails": [],
            }})
        },
    )
}

/// Fields that any rule has, and those that it may have, each there or not.
fn rule() -> impl Strategy<Value = Map<String, Value>> {
    let head = (any::<bool>(), any::<u32>(), [text(), text(), text()], 0..5_usize);
    let schedule = (duration(), duration(), 0..4_usize, 0..10_001_i64);
    let lists = (
        some(&["LateralMovement", "Discovery", "Impact"], 3),
        some(&["T1021", "T1021.002", "T1021.001", "T1570", "T1003.001"], 5),
    );
    let more = (
        mappings(),
        prop::collection::vec((word(), text()), 0..4),
        (text(), word(), any::<bool>()),
        (any::<bool>(), duration()),
        incident(),
    );
    let there = any::<u16>();
    (head, schedule, lists, more, there).prop_map(|(head, schedule, lists, more, there)| {
        let (is_scheduled, id, [name, description, query], severity) = head;
        let mut map = Map::new();
        let mut put = |name: &str, value: Value| {
            map.insert(name.to_owned(), value);
        };
        put("id", json!(format!("5b1f0c52-8b44-4a55-9d0c-0000{id:08x}")));
        put("name", json!(name));
        let severities = ["High", "Medium", "Low", "Informational", "High"];
        put("severity", json!(severities[severity]));
        put("query", json!(query));
        if is_scheduled {
            put("queryFrequency", json!(schedule.0));
            put("queryPeriod", json!(schedule.1));
            put("triggerOperator", json!(["gt", "lt", "eq", "NotEqual"][schedule.2]));
            put("triggerThreshold", json!(schedule.3));
        }
        let details: Map<String, Value> =
            more.1.into_iter().map(|(name, column)| (name, json!(column))).collect();
        let (format, column, is_single) = more.2;
        let kind = if is_single { "SingleAlert" } else { "AlertPerResult" };
        let optional = [
            ("description", json!(description)),
            ("tactics", json!(lists.0)),
            ("relevantTechniques", json!(lists.1)),
            ("entityMappings", more.0),
            ("customDetails", Value::Object(details)),
            (
                "alertDetailsOverride",
                json!({"alertDisplayNameFormat": format, "alertSeverityColumnName": column}),
            ),
            ("eventGroupingSettings", json!({"aggregationKind": kind})),
            ("suppressionEnabled", json!(more.3.0)),
            ("suppressionDuration", json!(more.3.1)),
            ("incidentConfiguration", more.4),
            ("enabled", json!(is_single)),
            ("version", json!("1.10")),
            ("tags", json!([format, "2"])),
            ("metadata", json!({"support": {"tier": true, "number": 7, "share": 0.5}})),
            ("requiredDataConnectors", json!([])),
            ("templateVersion", json!(column)),
        ];
        for (at, (name, value)) in optional.into_iter().enumerate() {
            if there >> at & 1 == 1 {
                put(name, value);
            }
        }
        put("kind", json!(if is_scheduled { "Scheduled" } else { "NRT" }));
        map
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn any_rule_comes_back_from_every_form(maps in prop::collection::vec(rule(), 1..3)) {
        let mut rules = Vec::new();
        for map in &maps {
            // JSON is YAML too, and says of every scalar what it is.
            let read = Imported::read("r.yaml", &Value::Object(map.clone()).to_string());
            prop_assert_eq!(&read.refused, &[]);
            prop_assert_eq!(read.rules.len(), 1);
            rules.extend(read.rules);
        }
        rules.dedup_by(|a, b| a.id() == b.id());
        check_round_trips(&rules, &[]);
        let columns = ["Timestamp", "ReportId", "DeviceId"].map(str::to_owned);
        for rule in &rules {
            if let Ok(detection) = rule_file::export::Detection::of(rule, Ok(&columns), true) {
                check_detection(&detection);
            }
        }
    }
}
