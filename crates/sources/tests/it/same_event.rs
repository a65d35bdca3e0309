//! The same event gives the same row, whatever it comes in.

use std::collections::{BTreeMap, BTreeSet};

use evtx::{EvtxParser, ParserSettings};
use evtx_arrow::{EventColumn, EventRequest};
use sources::ScanRequest;

use crate::collect::{all_events, everything, scan_bytes, scan_file};

type Row = BTreeMap<String, String>;

/// Returns what `evtx_dump -o jsonl` writes of a file.
fn dumped(file: &str, separate_attributes: bool) -> String {
    let settings = ParserSettings::default()
        .separate_json_attributes(separate_attributes)
        .indent(false)
        .num_threads(1);
    let parser = EvtxParser::from_path(testkit::shared(&format!("logs/{file}"))).unwrap();
    let mut parser = parser.with_configuration(settings);
    // Chunks never used are errors to this parser.
    parser.records_json().flatten().map(|record| record.data + "\n").collect()
}

fn rows_of_evtx(file: &str) -> Vec<Row> {
    scan_file(testkit::shared(&format!("logs/{file}")), &all_events()).rows()
}

fn first_row(file: &str) -> Row {
    let path = testkit::shared(&format!("telemetry/formats/{file}"));
    scan_file(path, &everything()).rows().remove(0)
}

#[test]
fn evtx_and_its_dumps_give_the_same_rows() {
    let manifest: Vec<serde_json::Value> =
        serde_json::from_str(&testkit::shared_text("logs/manifest.json")).unwrap();
    let event_logs = manifest.iter().filter(|entry| entry["member"].is_null());
    for file in event_logs.filter_map(|entry| entry["file"].as_str()) {
        let expected = rows_of_evtx(file);
        for separate_attributes in [false, true] {
            let dump = dumped(file, separate_attributes);
            let rows = scan_bytes("dump.jsonl", dump.as_bytes(), &all_events()).rows();
            assert_eq!(rows.len(), expected.len(), "{file}");
            for (mut row, mut expected) in rows.into_iter().zip(expected.clone()) {
                if row.get("EventData").is_some_and(|data| has_renamed_fields(data)) {
                    row.remove("EventData");
                    expected.remove("EventData");
                }
                assert_eq!(row, expected, "{file}");
            }
        }
    }
}

#[test]
fn single_fields_of_evtx_and_its_dumps_are_the_same() {
    for file in
        ["sysmon.evtx", "2-vss_7-System.evtx", "ID7045-7036 PSexec service installation.evtx"]
    {
        let all = rows_of_evtx(file);
        let data = all
            .iter()
            .filter_map(|row| row.get("EventData"))
            .map(|data| serde_json::from_str::<BTreeMap<String, serde_json::Value>>(data).unwrap());
        let names: BTreeSet<String> = data.flat_map(BTreeMap::into_keys).collect();
        let columns = names.into_iter().flat_map(|name| {
            [EventColumn::Text(vec![name.clone()]), EventColumn::Dynamic(vec![name])]
        });
        let events = EventRequest { columns: columns.collect(), filters: vec![] };
        let request = ScanRequest { events: vec![events], ..ScanRequest::default() };
        let expected = scan_file(testkit::shared(&format!("logs/{file}")), &request).rows();
        let dump = dumped(file, false);
        let rows = scan_bytes("dump.jsonl", dump.as_bytes(), &request).rows();
        assert!(rows.iter().any(|row| row.len() > 1), "{file}");
        assert_eq!(rows, expected, "{file}");
    }
}

/// Tells whether `evtx_dump` has renamed fields that share a name: to `LogonGuid_1`, for example.
///
/// The event's own fields may be called so too, so that there is no way back.
fn has_renamed_fields(data: &str) -> bool {
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    let keys = data.as_object().into_iter().flat_map(|fields| fields.keys());
    keys.filter_map(|key| key.strip_suffix("_1")).any(|first| data.get(first).is_some())
}

#[test]
fn nxlog_and_the_flat_shape_give_the_rows_that_evtx_dump_gives() {
    let data = |row: &Row| -> BTreeMap<String, String> {
        serde_json::from_str(&row["EventData"]).unwrap()
    };
    let reference = first_row("04_evtx_dump_jsonl_5145.jsonl");
    let names: Vec<String> = data(&reference).into_keys().collect();
    for file in [
        "01_otrf_nxlog_logstash_5145.jsonl",
        "02_otrf_flat_TimeCreated_5145.jsonl",
        "02b_otrf_flat_TimeCreated_noKeywords.jsonl",
        "04c_evtx_dump_separate_attributes.jsonl",
    ] {
        let row = first_row(file);
        assert_eq!(data(&row).into_keys().collect::<Vec<_>>(), names, "{file}");
        for column in ["Provider", "EventID", "Channel", "Task"] {
            assert_eq!(row[column], reference[column], "{file}: {column}");
        }
    }
}

/// One event, written by hand in every shape that has room for all of it.
const EVENT_IN_EVERY_SHAPE: [(&str, &str); 6] = [
    (
        "evtx_dump",
        r##"{"Event":{"System":{"Provider":{"#attributes":{"Name":"P","Guid":"{54849625-5478-4994-A5BA-3E3B0328C30D}"}},"EventID":{"#attributes":{"Qualifiers":1},"#text":7},"Version":2,"Level":4,"Task":3,"Opcode":0,"TimeCreated":{"#attributes":{"SystemTime":"2020-09-22T18:53:31Z"}},"EventRecordID":12,"Execution":{"#attributes":{"ProcessID":5,"ThreadID":6}},"Channel":"Security","Computer":"c","Security":{"#attributes":{"UserID":"S-1"}}},"EventData":{"A":1,"B":true,"C":null,"D":"x\ny"}}}"##,
    ),
    (
        "evtx_dump, separate attributes",
        r#"{"Event":{"System":{"Provider_attributes":{"Name":"P","Guid":"{54849625-5478-4994-A5BA-3E3B0328C30D}"},"EventID":7,"EventID_attributes":{"Qualifiers":1},"Version":2,"Level":4,"Task":3,"Opcode":0,"TimeCreated_attributes":{"SystemTime":"2020-09-22T18:53:31Z"},"EventRecordID":12,"Execution_attributes":{"ProcessID":5,"ThreadID":6},"Channel":"Security","Computer":"c","Security_attributes":{"UserID":"S-1"}},"EventData":{"A":1,"B":true,"C":null,"D":"x\ny"}}}"#,
    ),
    (
        "user data",
        r##"{"Event":{"System":{"Provider":{"#attributes":{"Name":"P","Guid":"{54849625-5478-4994-A5BA-3E3B0328C30D}"}},"EventID":7,"Version":2,"Level":4,"Task":3,"Opcode":0,"TimeCreated":{"#attributes":{"SystemTime":"2020-09-22T18:53:31Z"}},"EventRecordID":12,"Execution":{"#attributes":{"ProcessID":5,"ThreadID":6}},"Channel":"Security","Computer":"c","Security":{"#attributes":{"UserID":"S-1"}}},"UserData":{"W":{"#attributes":{"x":1},"A":1,"B":true,"C":null,"D":"x\ny"}}}}"##,
    ),
    (
        "NXLog",
        r#"{"SourceName":"P","ProviderGuid":"{54849625-5478-4994-A5BA-3E3B0328C30D}","EventID":7,"Version":2,"SeverityValue":2,"EventType":"INFO","Task":3,"OpcodeValue":0,"Opcode":"Info","EventTime":"2020-09-22 14:53:31","EventReceivedTime":"2020-09-22 14:53:33","@timestamp":"2020-09-22T18:53:34.417Z","RecordNumber":12,"ExecutionProcessID":5,"ThreadID":6,"Channel":"security","Hostname":"c","UserID":"S-1","AccountName":"SYSTEM","A":1,"B":true,"C":null,"D":"x\ny","tags":["t"]}"#,
    ),
    (
        "Winlogbeat 6",
        r#"{"@timestamp":"2020-09-22T18:53:31Z","source_name":"P","provider_guid":"{54849625-5478-4994-A5BA-3E3B0328C30D}","event_id":7,"version":2,"level":"Information","task":3,"opcode":"Info","record_number":"12","process_id":5,"thread_id":6,"log_name":"Security","computer_name":"c","user":{"identifier":"S-1"},"event_data":{"A":1,"B":true,"C":null,"D":"x\ny"}}"#,
    ),
    (
        "flat",
        r#"{"SourceName":"P","ProviderGuid":"{54849625-5478-4994-A5BA-3E3B0328C30D}","Level":"4","Channel":"Security","Hostname":"c","TimeCreated":"2020-09-22 18:53:31.000","EventID":7,"Task":"3","A":1,"B":true,"C":null,"D":"x\ny"}"#,
    ),
];

#[test]
fn one_event_in_every_shape_is_one_row() {
    let rows = EVENT_IN_EVERY_SHAPE.map(|(name, text)| {
        let collected = scan_bytes("x.json", text.as_bytes(), &all_events());
        assert_eq!(collected.problem_texts(), [""; 0], "{name}");
        (name, collected.rows().remove(0))
    });
    for (name, row) in &rows {
        let mut expected = rows[0].1.clone();
        if *name != "evtx_dump" && *name != "evtx_dump, separate attributes" {
            expected.remove("Qualifiers");
        }
        if *name == "flat" {
            for column in ["Opcode", "RecordId", "EventRecordId", "SystemUserId"] {
                expected.insert(column.to_owned(), String::new());
            }
            for column in ["RecordId", "Version", "SystemProcessId", "SystemThreadId"] {
                expected.remove(column);
            }
        }
        assert_eq!(*row, expected, "{name}");
    }
    assert_eq!(rows[0].1["EventData"], r#"{"A":"1","B":"true","C":"","D":"x\ny"}"#);
}
