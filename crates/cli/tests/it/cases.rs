//! Small inputs on which programs of this kind have failed, and what must hold for each.
//!
//! The inputs are part of the reference material, by number; each test says what it is about.

use std::{collections::BTreeMap, fmt::Write, path::Path};

use serde_json::{Value, json};

use crate::quarry::{Outcome, quarry};

/// The folder of a case, as text.
fn case(reference: &testkit::Reference, name: &str) -> String {
    reference.path(&format!("cases/{name}")).to_str().unwrap().to_owned()
}

/// The rows of a query as JSON.
#[track_caller]
fn rows(query: &str, path: &str) -> Value {
    let outcome = quarry(["query", "--format", "json", query, path]);
    let answer: Value = serde_json::from_str(&outcome.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", outcome.stdout, outcome.stderr));
    answer["rows"].clone()
}

/// A hunt of a path with the package.
fn hunt(path: &str) -> Outcome {
    quarry(["hunt", "--format", "jsonl", path])
}

fn alerts(outcome: &Outcome) -> Vec<Value> {
    outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Rule and severity of each alert, sorted.
fn found(outcome: &Outcome) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut found: Vec<_> = alerts(outcome)
        .iter()
        .map(|alert| (text(&alert["rule"]["name"]), text(&alert["severity"])))
        .collect();
    found.sort();
    found
}

fn count(found: &[(String, String)], severity: &str) -> usize {
    found.iter().filter(|(_, of)| of == severity).count()
}

/// Input of a kind that is refused: status 3, nothing from it, and what it is.
#[track_caller]
fn assert_refused(outcome: &Outcome, says: &[&str]) {
    assert_eq!(outcome.status, 3, "{}{}", outcome.stdout, outcome.stderr);
    for text in says {
        let stderr = outcome.stderr.to_lowercase();
        assert!(stderr.contains(&text.to_lowercase()), "{text}: {}", outcome.stderr);
    }
}

#[test]
fn case_01_xml_made_json_is_the_event() {
    let reference = testkit::reference!("cases");
    let json = hunt(&case(&reference, "01-xmltodict-json/xmltodict.json"));
    let xml = hunt(&case(&reference, "01-xmltodict-json/ref.xml"));
    assert_eq!(found(&json), found(&xml));
    assert_eq!(found(&json).len(), 3, "{}", json.stderr);
}

#[test]
fn case_02_event_data_comes_from_messages() {
    let reference = testkit::reference!("cases");
    let path = case(&reference, "02-getwinevent-export-csv/Security.csv");
    let hunt = hunt(&path);
    let found = found(&hunt);
    assert_eq!(found.len(), 4, "{found:?} {}", hunt.stderr);
    assert!(count(&found, "High") > 0, "{found:?}");
    let rows =
        rows("WindowsEvent | where EventID in (4624, 5140, 5145, 7045) | project EventData", &path);
    assert!(rows.as_array().unwrap().iter().all(|row| row[0] != json!({})), "{rows}");
}

#[test]
fn case_03_the_order_of_day_and_month() {
    let reference = testkit::reference!("cases");
    let query = "DeviceProcessEvents | project Day = format_datetime(Timestamp, 'yyyy-MM-dd')";
    for country in ["de", "us"] {
        let path =
            case(&reference, &format!("03-dates-day-first/{country}/DeviceProcessEvents.csv"));
        let days = rows(query, &path);
        let days = days.as_array().unwrap();
        assert!(!days.is_empty(), "{country}");
        assert!(days.iter().all(|row| row[0] == "2025-06-03"), "{country}: {days:?}");
    }
}

#[test]
fn case_04_evtxecmd_is_read() {
    let reference = testkit::reference!("cases");
    for file in ["evtxecmd.json", "evtxecmd.csv"] {
        let path = case(&reference, &format!("04-evtxecmd/{file}"));
        assert_eq!(
            rows("WindowsEvent | where isnotnull(TimeGenerated) | count", &path),
            json!([[3]]),
            "{file}"
        );
        let filled = rows("WindowsEvent | where tostring(EventData) != '{}' | count", &path);
        assert_eq!(filled, json!([[3]]), "{file}");
        assert!(!found(&hunt(&path)).is_empty(), "{file}");
    }
}

#[test]
fn case_06_columns_apart_from_rows() {
    let reference = testkit::reference!("cases");
    let query = "SecurityEvent | project TimeGenerated, EventID, ShareName";
    let [api, cli] = ["api.json", "az_cli.json"]
        .map(|file| rows(query, &case(&reference, &format!("06-log-analytics-api/{file}"))));
    assert_eq!(api, cli);
    assert_eq!(api.as_array().unwrap().len(), 2);
    assert!(api[0][1].is_number(), "{api}");
}

#[test]
fn case_07_frames_of_an_answer() {
    let reference = testkit::reference!("cases");
    let path = case(&reference, "07-adx-frames/v2.json");
    let outcome = quarry(["query", "--format", "json", "SecurityEvent | count", &path]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    assert_eq!(rows("SecurityEvent | count", &path), json!([[2]]));
}

#[test]
fn case_08_wrappings_of_elastic() {
    let reference = testkit::reference!("cases");
    let query = "WindowsEvent | project TimeGenerated, Provider, EventID, EventRecordId, EventData
        | sort by EventRecordId asc";
    let [search, dotted, plain] = ["search_hits.json", "dotted.ndjson", "elasticdump.ndjson"]
        .map(|file| rows(query, &case(&reference, &format!("08-elastic-exports/{file}"))));
    assert_eq!(plain.as_array().unwrap().len(), 3);
    assert_eq!(search, plain);
    assert_eq!(dotted, plain);
}

#[test]
fn case_10_keys_around_an_array() {
    let reference = testkit::reference!("cases");
    for file in ["rest.json", "export.json"] {
        let path = case(&reference, &format!("10-splunk-rest/{file}"));
        assert_eq!(rows("WindowsEvent | count", &path), json!([[3]]), "{file}");
    }
}

#[test]
fn case_11_annotations_are_no_columns() {
    let reference = testkit::reference!("cases");
    let [with, without] = ["response.json", "without.json"].map(|file| {
        rows("DeviceProcessEvents", &case(&reference, &format!("11-graph-hunting-odata/{file}")))
    });
    assert_eq!(with.as_array().unwrap().len(), 1);
    assert_eq!(with, without);
}

#[test]
fn case_12_results_are_not_logs() {
    let reference = testkit::reference!("cases");
    let outcome = hunt(&case(&reference, "12-other-tools-results/hayabusa.jsonl"));
    // The file has the tool's name as well.
    assert_refused(&outcome, &["a timeline of Hayabusa"]);
    assert!(outcome.stdout.is_empty());
}

#[test]
fn case_14_xml_that_is_not_well_formed() {
    let reference = testkit::reference!("cases");
    let query = "WindowsEvent | project EventID, EventData";
    let [broken, whole] = ["amp.xml", "control.xml"]
        .map(|file| rows(query, &case(&reference, &format!("14-xml-not-well-formed/{file}"))));
    assert_eq!(whole.as_array().unwrap().len(), 3);
    assert_eq!(broken.as_array().unwrap().len(), 3);
    assert_eq!(broken[2][1]["ImagePath"], "cmd /c whoami & hostname");
}

#[test]
fn case_15_attributes_are_data() {
    let reference = testkit::reference!("cases");
    let path = case(&reference, "15-userdata-attributes/umdf.xml");
    let data = rows("WindowsEvent | project tostring(EventData)", &path).to_string();
    for name in ["lifetime", "instance"] {
        assert!(data.contains(name), "{name}: {data}");
    }
}

#[test]
fn case_17_an_archive_with_the_usual_password_is_read() {
    let reference = testkit::reference!("cases");
    let path = case(&reference, "17-containers-and-damage/pw.7z");
    assert_eq!(rows("WindowsEvent | count", &path), json!([[6]]));
}

#[test]
fn case_18_event_data_of_security_event() {
    let reference = testkit::reference!("cases");
    let path = case(&reference, "18-securityevent-eventdata/events.jsonl");
    let filled = rows("SecurityEvent | project EventID, Activity, EventData", &path);
    for row in filled.as_array().unwrap() {
        let id = row[0].to_string();
        assert!(row[1].as_str().unwrap().starts_with(&format!("{id} - ")), "{row}");
        assert!(row[2].as_str().unwrap().starts_with("<EventData xmlns="), "{row}");
    }
    let joined = rows(
        r##"SecurityEvent
        | where EventID in (4697, 4698)
        | extend P = parse_xml(EventData)
        | extend L = tostring(P.EventData.Data[3]["#text"])
        | join kind=inner (SecurityEvent | where EventID == 4624 and LogonType == 3) on $left.L == $right.TargetLogonId
        | project EventID, Account"##,
        &path,
    );
    assert_eq!(joined.as_array().unwrap().len(), 1);
}

#[test]
fn case_19_one_error_about_what_does_not_run() {
    let reference = testkit::reference!("cases");
    let path = case(&reference, "19-sysmon-event-table/events.jsonl");
    let query = r#"Event
        | extend D = parse_xml(EventData).DataItem.EventData.Data
        | mv-expand bagexpansion=array D
        | evaluate bag_unpack(D)
        | extend K = tostring(column_ifexists("@Name", ""))"#;
    let outcome = quarry(["query", "--format", "json", query, &path]);
    if outcome.status == 2 {
        assert_eq!(outcome.stderr.matches("KQL0").count(), 1, "{}", outcome.stderr);
        assert!(outcome.stderr.contains("bag_unpack"), "{}", outcome.stderr);
    } else {
        let answer: Value = serde_json::from_str(&outcome.stdout).unwrap();
        assert!(!answer["rows"].as_array().unwrap().is_empty());
    }
}

/// The stated answers: each query with what it prints, as JSON rows, or `error`.
#[test]
fn case_20_stated_answers_stay() {
    let reference = testkit::reference!("cases");
    let text = reference.text("cases/20-kql-stated-answers/queries.txt");
    let mut report = String::new();
    for block in text.split("\n## ").skip(1) {
        let (title, rest) = block.split_once('\n').unwrap();
        let query: Vec<&str> = rest.lines().filter(|line| !line.starts_with("# ")).collect();
        let outcome = quarry(["query", "--format", "json", &query.join("\n")]);
        let answer = serde_json::from_str::<Value>(&outcome.stdout)
            .map_or_else(|_| "error".to_owned(), |answer| answer["rows"].to_string());
        let name = title.split(' ').next().unwrap();
        writeln!(report, "{name}: {answer}").unwrap();
    }
    insta::assert_snapshot!(report);
}

#[test]
fn case_22_a_pattern_that_does_not_compile() {
    let reference = testkit::reference!("cases");
    let folder = case(&reference, "22-kql-regex-late");
    let [bad, good, log] =
        ["bad.yaml", "good.yaml", "events.jsonl"].map(|it| format!("{folder}/{it}"));
    let check = quarry(["check", &bad, &good]);
    assert_eq!(check.status, 1, "{}", check.stderr);
    assert!(format!("{}{}", check.stdout, check.stderr).contains("bad.yaml:"), "{check:?}");
    let hunt = quarry(["hunt", "--format", "jsonl", "--rule", &good, "--rule", &bad, &log]);
    assert!(!alerts(&hunt).is_empty(), "{}", hunt.stderr);
    assert!(hunt.stderr.contains("bad.yaml"), "{}", hunt.stderr);
    assert!(![0, 1].contains(&hunt.status), "a rule that did not run shows in the status");
}

#[test]
fn case_23_rules_in_other_forms() {
    let reference = testkit::reference!("cases");
    let folder = case(&reference, "23-rules-arm");
    let check = quarry(["check", &format!("{folder}/arm"), &format!("{folder}/graph")]);
    let said = format!("{}{}", check.stdout, check.stderr);
    assert!(said.contains("2 queries checked"), "{said}");
    let log = crate::quarry::workspace().join("samples/evtx_dump/srv-files02_Security.jsonl");
    let log = log.to_str().unwrap();
    let plain = case(&reference, "25-rules-yaml-forms/plain.yaml");
    let hunt = |rule: &str| quarry(["hunt", "--format", "jsonl", "--rule", rule, log]);
    let count = |rule: &str| alerts(&hunt(rule)).len();
    assert_eq!(count(&plain), 3);
    assert_eq!(count(&format!("{folder}/arm/rule.json")), 3);
    assert_eq!(count(&format!("{folder}/arm")), 3);
}

#[test]
fn case_25_one_yaml_one_reader() {
    let reference = testkit::reference!("cases");
    let folder = case(&reference, "25-rules-yaml-forms");
    let log = crate::quarry::workspace().join("samples/evtx_dump/srv-files02_Security.jsonl");
    for form in ["plain", "anchor", "bom", "crlf", "dq", "tabs"] {
        let rule = format!("{folder}/{form}.yaml");
        let outcome = quarry(["hunt", "--format", "jsonl", "--rule", &rule, log.to_str().unwrap()]);
        assert_eq!(alerts(&outcome).len(), 3, "{form}: {}", outcome.stderr);
    }
    let twice = format!("{folder}/dupkey.yaml");
    let check = quarry(["check", &twice]);
    let hunt = quarry(["hunt", "--rule", &twice, log.to_str().unwrap()]);
    assert_eq!(check.status, 1, "{check:?}");
    assert!(![0, 1].contains(&hunt.status), "{hunt:?}");
    let said = format!("{}{}{}", check.stdout, check.stderr, hunt.stderr);
    assert!(!said.contains("DuplicateKeyPolicy"), "{said}");
}

#[test]
fn case_26_an_unknown_table_has_a_way_out() {
    let reference = testkit::reference!("cases");
    let path = case(&reference, "26-rules-on-cloud-tables/q.kql");
    let check = quarry(["check", "--tables", "sentinel", &path]);
    let said = format!("{}{}", check.stdout, check.stderr);
    assert!(check.status == 0 || said.contains("--schema"), "{said}");
}

#[test]
fn case_28_psexec_by_processes_alone() {
    let reference = testkit::reference!("cases");
    for file in ["DeviceProcessEvents.csv", "renamed.jsonl"] {
        let outcome = hunt(&case(&reference, &format!("28-psexec-on-target/{file}")));
        let found = found(&outcome);
        assert!(count(&found, "Medium") + count(&found, "High") > 0, "{file}: {found:?}");
    }
}

#[test]
fn case_30_management_tools_are_no_high_alert() {
    let reference = testkit::reference!("cases");
    for file in ["crowdstrike", "trend", "pdq"] {
        let found = found(&hunt(&case(&reference, &format!("30-management-tools/{file}.jsonl"))));
        assert_eq!(count(&found, "High"), 0, "{file}: {found:?}");
        assert!(!found.is_empty(), "{file}: nothing is dropped without a word");
    }
}

#[test]
fn case_31_forms_of_attacks() {
    let reference = testkit::reference!("cases");
    let outcome = |file: &str| hunt(&case(&reference, &format!("31-attack-forms/{file}.jsonl")));
    for (file, severity) in [
        ("sigma5632_smbexec", "High"),
        ("impacket728_named", "High"),
        ("sigma1526_cs", "High"),
        ("sigma5532_local", "Medium"),
    ] {
        let found = found(&outcome(file));
        assert!(count(&found, severity) > 0, "{file}: {found:?}");
    }
    let services: Vec<Value> = alerts(&outcome("sigma1526_cs"))
        .iter()
        .map(|it| it["columns"]["ServiceName"].clone())
        .collect();
    let services = json!(services).to_string();
    for service in ["a1b2c3d", "e4f5a6b", "0f9e8d7"] {
        assert!(services.contains(service), "{services}");
    }
    for alert in alerts(&outcome("elastic1770_sysmon_sid")) {
        assert_eq!(alert["columns"].get("AccountSid").unwrap_or(&json!("")), "", "{alert}");
    }
}

#[test]
fn case_33_csv_comes_back_as_it_was() {
    let reference = testkit::reference!("cases");
    let path = case(&reference, "33-csv-minus/events.jsonl");
    let query = "SecurityEvent | project SubjectUserName";
    let csv = quarry(["query", "--format", "csv", query, &path]).stdout;
    assert!(csv.lines().any(|line| line == "-"), "{csv}");
    let guarded = quarry(["query", "print a='-', b=' =1+1', c='+49 30'", "--format", "csv"]).stdout;
    let line = guarded.lines().nth(1).unwrap();
    assert!(line.starts_with("-,"), "{line}");
    assert!(!line.contains(", =1+1") && !line.contains(",\" =1+1"), "{line}");
}

#[test]
fn case_35_times_of_one_width() {
    let reference = testkit::reference!("cases");
    let path = case(&reference, "35-timesketch/events.jsonl");
    let outcome = quarry(["hunt", "--format", "timesketch", &path]);
    let mut widths = BTreeMap::new();
    for line in outcome.stdout.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let time = line["datetime"].as_str().unwrap();
        assert!(time.ends_with('Z') || time.contains('+'), "{time}");
        widths.insert(time.len(), time.to_owned());
    }
    assert_eq!(widths.len(), 1, "{widths:?}");
}

#[test]
fn case_36_an_alert_of_another_rule_is_no_hop() {
    let reference = testkit::reference!("cases");
    let folder = case(&reference, "36-any-alert-is-a-hop");
    let [rule, log] = ["whoami.yaml", "events.jsonl"].map(|file| format!("{folder}/{file}"));
    assert!(Path::new(&log).exists());
    let alerts = alerts(&quarry(["hunt", "--format", "jsonl", "--rule", &rule, &log]));
    assert_eq!(alerts.len(), 1);
    let hops = quarry(["hunt", "--format", "hops", "--rule", &rule, &log]);
    assert!(hops.stdout.trim().is_empty(), "{}", hops.stdout);
    let table = quarry(["hunt", "--rule", &rule, &log]);
    assert!(!table.stdout.contains("SMB from"), "{}", table.stdout);
}
