//! Every format of a made case: its bytes, and that it is what its readers take it for.

use std::collections::{BTreeMap, BTreeSet};

use insta::assert_snapshot;
use quick_xml::{Reader, events::Event};
use report::{
    Options, TableOptions,
    alerts::{self, AlertFormat},
};
use serde_json::Value;

use crate::made::{PAYLOAD, findings};

fn bytes(format: AlertFormat) -> Vec<u8> {
    let mut out = Vec::new();
    alerts::write(format, &findings(), Options::default(), &mut out).unwrap();
    out
}

fn text(format: AlertFormat) -> String {
    String::from_utf8(bytes(format)).unwrap()
}

fn lines(format: AlertFormat) -> Vec<Value> {
    text(format).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_same_findings_give_the_same_bytes() {
    for format in AlertFormat::ALL {
        assert_eq!(bytes(format), bytes(format), "{format}");
    }
}

#[test]
fn no_text_format_carries_an_escape_sequence_or_reversed_text() {
    // CSV has no escapes: control characters stay what they are there.
    let binary = [AlertFormat::Parquet, AlertFormat::Csv, AlertFormat::Html];
    for format in AlertFormat::ALL.into_iter().filter(|format| !binary.contains(format)) {
        let text = text(format);
        let acts = |char: char| (char.is_control() && char != '\n') || char == '\u{9b}';
        assert!(!text.contains(acts), "{format}");
        let is_markup = matches!(format, AlertFormat::Junit | AlertFormat::Graphml);
        assert!(is_markup || !text.contains('\u{202e}'), "{format}");
    }
}

#[test]
fn sentinel_rows_have_the_columns_of_the_table() {
    let environments = testkit::reference!("kql").text("kql/environments.json");
    let environments: Value = serde_json::from_str(&environments).unwrap();
    let schema = &environments["sentinel"]["tables"]["SecurityAlert"];
    let schema = schema.as_object().unwrap();
    for row in lines(AlertFormat::Sentinel) {
        for (column, value) in row.as_object().unwrap() {
            let ty = schema.get(column).unwrap_or_else(|| panic!("no column {column}"));
            let fits = match ty.as_str().unwrap() {
                "string" => value.is_string(),
                "datetime" => {
                    value.as_str().is_none_or(|v| kql_types::datetime::parse(v).is_some())
                }
                "bool" => value.is_boolean(),
                "real" => value.is_null() || value.is_number(),
                other => panic!("{other}"),
            };
            assert!(fits, "{column}: {ty} = {value}");
        }
        // Lists inside are JSON of their own.
        for column in ["Entities", "ExtendedProperties", "Techniques", "SubTechniques"] {
            let text = row[column].as_str().unwrap();
            serde_json::from_str::<Value>(text).unwrap_or_else(|error| panic!("{column}: {error}"));
        }
    }
    assert_snapshot!(text(AlertFormat::Sentinel));
}

#[test]
fn ocsf_findings_have_what_the_class_requires() {
    for finding in lines(AlertFormat::Ocsf) {
        let number = |name: &str| finding[name].as_i64().unwrap_or_else(|| panic!("{name}"));
        assert_eq!(number("type_uid"), number("class_uid") * 100 + number("activity_id"));
        assert_eq!((number("class_uid"), number("category_uid")), (2004, 2));
        assert!((0..=6).contains(&number("severity_id")));
        assert!(number("time") > 1_700_000_000_000, "milliseconds");
        assert!(
            finding["finding_info"]["uid"].is_string()
                && finding["finding_info"]["title"].is_string()
        );
        assert!(finding["metadata"]["version"].is_string());
        // An object of the profile `host`, which a device's kind is required of.
        assert_eq!(finding["metadata"]["profiles"], serde_json::json!(["host"]));
        assert!(finding["device"]["hostname"].is_string());
        assert!(finding["device"]["type_id"].is_i64());
        assert!(finding["metadata"]["product"]["vendor_name"].is_string());
        for observable in finding["observables"].as_array().unwrap() {
            assert!(observable["type_id"].is_i64() && observable["name"].is_string());
        }
    }
    assert_snapshot!(text(AlertFormat::Ocsf));
}

#[test]
fn ecs_is_a_bulk_body_of_known_fields() {
    const FIELD_SETS: [&str; 14] = [
        "@timestamp",
        "ecs",
        "message",
        "event",
        "rule",
        "threat",
        "host",
        "source",
        "destination",
        "user",
        "process",
        "file",
        "related",
        "quarry",
    ];
    let body = text(AlertFormat::Ecs);
    assert!(body.ends_with('\n'), "a bulk body ends in a line break");
    let lines = lines(AlertFormat::Ecs);
    assert_eq!(lines.len(), 2 * findings().alerts.len());
    let mut ids = BTreeSet::new();
    for pair in lines.chunks(2) {
        assert!(ids.insert(pair[0]["create"]["_id"].as_str().unwrap()));
        for field in pair[1].as_object().unwrap().keys() {
            assert!(FIELD_SETS.contains(&field.as_str()), "{field}");
        }
        assert_eq!(pair[1]["event"]["kind"], "alert");
        let time = pair[1]["@timestamp"].as_str().unwrap();
        assert!(kql_types::datetime::parse(time).is_some(), "{time}");
        let ip = &pair[1]["source"]["ip"];
        assert!(ip.is_null() || ip.as_str().unwrap().parse::<std::net::IpAddr>().is_ok());
    }
    assert_snapshot!(body);
}

#[test]
fn splunk_events_have_the_collectors_keys_alone() {
    for event in lines(AlertFormat::Splunk) {
        for key in event.as_object().unwrap().keys() {
            let known = ["time", "host", "source", "sourcetype", "index", "fields", "event"];
            assert!(known.contains(&key.as_str()), "{key}");
        }
        assert!(event["time"].as_str().unwrap().parse::<f64>().unwrap() > 1.7e9, "seconds");
        assert!(event["event"]["rule"]["id"].is_string());
        // Indexed fields are flat.
        assert!(event["fields"].as_object().unwrap().values().all(|value| !value.is_object()));
    }
    assert_snapshot!(text(AlertFormat::Splunk));
}

#[test]
fn sarif_results_point_to_rules_and_places() {
    let log: Value = serde_json::from_str(&text(AlertFormat::Sarif)).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let ids: BTreeSet<&str> = rules.iter().map(|rule| rule["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), rules.len(), "ids are unique");
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(
            uri.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"{}|^`\\".contains(&byte)),
            "{uri}"
        );
        assert!(place["region"]["startLine"].as_u64().unwrap() >= 1);
    }
    assert_snapshot!(text(AlertFormat::Sarif));
}

/// Reads XML to its end; returns the attributes of each element, by element.
fn elements(xml: &str) -> BTreeMap<String, Vec<BTreeMap<String, String>>> {
    let mut reader = Reader::from_str(xml);
    let mut elements: BTreeMap<String, Vec<BTreeMap<String, String>>> = BTreeMap::new();
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) | Event::Empty(element) => {
                let name = String::from_utf8(element.name().as_ref().to_vec()).unwrap();
                let attributes = element.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    let key = String::from_utf8(attribute.key.as_ref().to_vec()).unwrap();
                    (key, attribute.unescape_value().unwrap().into_owned())
                });
                elements.entry(name).or_default().push(attributes.collect());
            }
            Event::Eof => return elements,
            _ => {}
        }
    }
}

#[test]
fn junit_counts_what_it_lists() {
    let xml = text(AlertFormat::Junit);
    let elements = elements(&xml);
    let suite = &elements["testsuite"][0];
    assert_eq!(suite["tests"], elements["testcase"].len().to_string());
    assert_eq!(suite["failures"], elements["failure"].len().to_string());
    assert_eq!(elements["failure"].len(), 4);
    assert_snapshot!(xml);
}

#[test]
fn graphml_edges_join_nodes_and_use_declared_keys() {
    let xml = text(AlertFormat::Graphml);
    let elements = elements(&xml);
    let ids: BTreeSet<&str> = elements["node"].iter().map(|node| node["id"].as_str()).collect();
    assert_eq!(elements["edge"].len(), findings().movement.hops.len());
    for edge in &elements["edge"] {
        assert!(ids.contains(edge["source"].as_str()) && ids.contains(edge["target"].as_str()));
    }
    let keys: BTreeSet<&str> = elements["key"].iter().map(|key| key["id"].as_str()).collect();
    assert!(elements["data"].iter().all(|data| keys.contains(data["key"].as_str())));
    assert_snapshot!(xml);
}

#[test]
fn timesketch_lines_have_what_an_import_requires() {
    for line in lines(AlertFormat::Timesketch) {
        for field in ["message", "datetime", "timestamp_desc"] {
            assert!(!line[field].as_str().unwrap().is_empty(), "{field}");
        }
        assert!(kql_types::datetime::parse(line["datetime"].as_str().unwrap()).is_some());
    }
    assert_snapshot!(text(AlertFormat::Timesketch));
}

#[test]
fn navigator_scores_the_techniques_of_all_rules() {
    let layer: Value = serde_json::from_str(&text(AlertFormat::Navigator)).unwrap();
    assert_eq!(
        (&layer["domain"], &layer["versions"]["layer"]),
        (&"enterprise-attack".into(), &"4.5".into())
    );
    let scores: BTreeMap<&str, u64> = layer["techniques"]
        .as_array()
        .unwrap()
        .iter()
        .map(|technique| {
            (technique["techniqueID"].as_str().unwrap(), technique["score"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(scores, BTreeMap::from([("T1021.002", 4), ("T1486", 0), ("T1570", 4)]));
    assert_snapshot!(text(AlertFormat::Navigator));
}

#[test]
fn hops_say_which_came_before() {
    let hops = lines(AlertFormat::Hops);
    assert_eq!(hops[1]["after"], 1);
    assert_eq!(hops[1]["after_because"], "same account");
    assert_eq!(hops[0]["method"], "PsExec");
    assert_snapshot!(text(AlertFormat::Hops));
}

#[test]
fn mermaid_and_dot_name_every_hop_once() {
    let hops = findings().movement.hops.len();
    let mermaid = text(AlertFormat::Mermaid);
    assert_eq!(mermaid.lines().filter(|line| line.contains("->|")).count(), hops);
    // Outside the quotes there is nothing from the logs, and no quote is inside.
    assert!(mermaid.lines().all(|line| matches!(line.matches('"').count(), 0 | 2)), "{mermaid}");
    assert_snapshot!("mermaid", mermaid);
    let dot = text(AlertFormat::Dot);
    assert_eq!(dot.lines().filter(|line| line.contains(" -> n")).count(), hops);
    for line in dot.lines() {
        let unescaped = line.replace("\\\\", "").replace("\\\"", "");
        assert!(matches!(unescaped.matches('"').count(), 0 | 2), "{line}");
    }
    assert_snapshot!("dot", dot);
}

#[test]
fn parquet_reads_back() {
    use arrow_array::{Array, Int64Array, StringArray};
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    // The reader wants something that it can read from any place, such as a file.
    let path = std::env::temp_dir().join(format!("quarry-report-{}.parquet", std::process::id()));
    std::fs::write(&path, bytes(AlertFormat::Parquet)).unwrap();
    let file = std::fs::File::open(&path).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    let batches: Vec<_> = reader.map(Result::unwrap).collect();
    std::fs::remove_file(&path).unwrap();
    let column = |name: &str| batches[0].column_by_name(name).unwrap();
    let rules: &StringArray = column("Rule").as_any().downcast_ref().unwrap();
    assert_eq!((rules.len(), rules.value(3)), (4, PAYLOAD));
    let counts: &Int64Array = column("EvidenceCount").as_any().downcast_ref().unwrap();
    assert_eq!(counts.value(0), 1);
    let schema: Vec<String> = batches[0]
        .schema()
        .fields()
        .iter()
        .map(|field| format!("{}: {}", field.name(), field.data_type()))
        .collect();
    assert_snapshot!(schema.join("\n"));
}

#[test]
fn the_terminal_shows_paths_before_alerts() {
    let at_80 = |is_coloured| {
        let mut out = Vec::new();
        let table = TableOptions { width: Some(80), is_coloured, ..TableOptions::default() };
        let options = Options { table, ..Options::default() };
        alerts::write(AlertFormat::Table, &findings(), options, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let text = at_80(false);
    assert!(text.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 80), "{text}");
    assert!(at_80(true).contains("\u{1b}[1mPaths\u{1b}[0m"));
    assert_snapshot!(text);
}
