//! The same event gives the same row, whatever it comes in.

use std::collections::{BTreeMap, BTreeSet};

use evtx::{EvtxParser, ParserSettings};
use evtx_arrow::{EventColumn, EventRequest};
use sources::ScanRequest;

use testkit::Reference;

use crate::collect::{all_events, everything, scan_bytes, scan_file};

type Row = BTreeMap<String, String>;

/// Returns what `evtx_dump -o jsonl` writes of a file.
fn dumped(reference: &Reference, file: &str, separate_attributes: bool) -> String {
    let settings = ParserSettings::default()
        .separate_json_attributes(separate_attributes)
        .indent(false)
        .num_threads(1);
    let parser = EvtxParser::from_path(reference.path(&format!("logs/{file}"))).unwrap();
    let mut parser = parser.with_configuration(settings);
    // Chunks never used are errors to this parser.
    parser.records_json().flatten().map(|record| record.data + "\n").collect()
}

fn rows_of_evtx(reference: &Reference, file: &str) -> Vec<Row> {
    scan_file(reference.path(&format!("logs/{file}")), &all_events()).rows()
}

fn first_row(reference: &Reference, file: &str) -> Row {
    let path = reference.path(&format!("telemetry/formats/{file}"));
    scan_file(path, &everything()).rows().remove(0)
}

#[test]
fn evtx_and_its_dumps_give_the_same_rows() {
    let reference = testkit::reference!("logs");
    let manifest: Vec<serde_json::Value> =
        serde_json::from_str(&reference.text("logs/manifest.json")).unwrap();
    let event_logs = manifest.iter().filter(|entry| entry["member"].is_null());
    for file in event_logs.filter_map(|entry| entry["file"].as_str()) {
        let expected = rows_of_evtx(&reference, file);
        for separate_attributes in [false, true] {
            let dump = dumped(&reference, file, separate_attributes);
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
    let reference = testkit::reference!("logs");
    for file in
        ["sysmon.evtx", "2-vss_7-System.evtx", "ID7045-7036 PSexec service installation.evtx"]
    {
        let all = rows_of_evtx(&reference, file);
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
        let expected = scan_file(reference.path(&format!("logs/{file}")), &request).rows();
        let dump = dumped(&reference, file, false);
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
    let reference = testkit::reference!("telemetry");
    let data = |row: &Row| -> BTreeMap<String, String> {
        serde_json::from_str(&row["EventData"]).unwrap()
    };
    let dump = first_row(&reference, "04_evtx_dump_jsonl_5145.jsonl");
    let names: Vec<String> = data(&dump).into_keys().collect();
    for file in [
        "01_otrf_nxlog_logstash_5145.jsonl",
        "02_otrf_flat_TimeCreated_5145.jsonl",
        "02b_otrf_flat_TimeCreated_noKeywords.jsonl",
        "04c_evtx_dump_separate_attributes.jsonl",
    ] {
        let row = first_row(&reference, file);
        assert_eq!(data(&row).into_keys().collect::<Vec<_>>(), names, "{file}");
        for column in ["Provider", "EventID", "Channel", "Task"] {
            assert_eq!(row[column], dump[column], "{file}: {column}");
        }
    }
}

/// One event, written by hand in every shape that has room for all of it.
const EVENT_IN_EVERY_SHAPE: [(&str, &str); 15] = [
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
        r##"{"Event":{"System":{"Provider":{"#attributes":{"Name":"P","Guid":"{54849625-5478-4994-A5BA-3E3B0328C30D}"}},"EventID":7,"Version":2,"Level":4,"Task":3,"Opcode":0,"TimeCreated":{"#attributes":{"SystemTime":"2020-09-22T18:53:31Z"}},"EventRecordID":12,"Execution":{"#attributes":{"ProcessID":5,"ThreadID":6}},"Channel":"Security","Computer":"c","Security":{"#attributes":{"UserID":"S-1"}}},"UserData":{"W":{"#attributes":{"xmlns":"x"},"A":1,"B":true,"C":null,"D":"x\ny"}}}}"##,
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
        "XML",
        "<?xml version=\"1.0\"?>\r\n<Event xmlns='x'>\r\n <System><Provider Name='P' Guid='{54849625-5478-4994-A5BA-3E3B0328C30D}'/><EventID>7</EventID><Version>2</Version><Level>4</Level><Task>3</Task><Opcode>0</Opcode><TimeCreated SystemTime='2020-09-22T18:53:31.000000000Z'/><EventRecordID>12</EventRecordID><Execution ProcessID='5' ThreadID='6'/><Channel>Security</Channel><Computer>c</Computer><Security UserID='S-1'/></System>\r\n <EventData><Data Name='A'>1</Data><Data Name='B'>true</Data><Data Name='C'/><Data Name='D'>x&#10;y</Data></EventData></Event>",
    ),
    (
        "Winlogbeat",
        r#"{"@timestamp":"2020-09-22T18:53:31.000Z","event":{"code":"7","kind":"event"},"log":{"level":"information"},"winlog":{"provider_name":"P","provider_guid":"{54849625-5478-4994-A5BA-3E3B0328C30D}","event_id":"7","version":2,"task":3,"opcode":"Info","record_id":12,"process":{"pid":5,"thread":{"id":6}},"channel":"Security","computer_name":"c","user":{"identifier":"S-1"},"event_data":{"A":1,"B":true,"C":null,"D":"x\ny"}}}"#,
    ),
    (
        "Winlogbeat, from a search",
        r#"{"_index":"w","_source":{"@timestamp":"2020-09-22T18:53:31.000Z","event":{"code":7},"log":{"level":"information"},"winlog":{"provider_name":"P","provider_guid":"{54849625-5478-4994-A5BA-3E3B0328C30D}","version":2,"task":3,"opcode":"Info","record_id":"12","process":{"pid":5,"thread":{"id":6}},"channel":"Security","computer_name":"c","user":{"identifier":"S-1"},"event_data":{"A":"1","B":"true","C":"","D":"x\ny"}}}}"#,
    ),
    (
        "Velociraptor",
        r#"{"System":{"Provider":{"Name":"P","Guid":"54849625-5478-4994-A5BA-3E3B0328C30D"},"EventID":{"Value":7},"Version":2,"Level":4,"Task":3,"Opcode":0,"TimeCreated":{"SystemTime":1600800811.0},"EventRecordID":12,"Correlation":{},"Execution":{"ProcessID":5,"ThreadID":6},"Channel":"Security","Computer":"c","Security":{"UserID":"S-1"}},"EventData":{"A":1,"B":true,"C":null,"D":"x\ny"}}"#,
    ),
    (
        "openwec",
        r#"{"System":{"Provider":{"Name":"P","Guid":"{54849625-5478-4994-a5ba-3e3b0328c30d}"},"EventID":7,"Version":2,"Level":4,"Task":3,"Opcode":0,"TimeCreated":"2020-09-22T18:53:31.0000000Z","EventRecordID":12,"Correlation":{},"Execution":{"ProcessID":5,"ThreadID":6},"Channel":"Security","Computer":"c","Security":{"UserID":"S-1"}},"EventData":{"A":"1","B":"true","C":"","D":"x\ny"}}"#,
    ),
    (
        "Wazuh",
        r#"{"timestamp":"2020-09-22T21:53:32.000+0300","decoder":{"name":"windows_eventchannel"},"data":{"win":{"system":{"providerName":"P","providerGuid":"{54849625-5478-4994-A5BA-3E3B0328C30D}","eventID":"7","version":"2","level":"4","task":"3","opcode":"0","systemTime":"2020-09-22T18:53:31.0000000Z","eventRecordID":"12","processID":"5","threadID":"6","channel":"Security","computer":"c","userID":"S-1"},"eventdata":{"a":"1","b":"true","c":"","d":"x\ny"}}}}"#,
    ),
    (
        "Splunk",
        r#"{"preview":false,"result":{"_time":"2020-09-22T18:53:32.000+00:00","sourcetype":"XmlWinEventLog","_raw":"<Event xmlns='x'><System><Provider Name='P' Guid='{54849625-5478-4994-A5BA-3E3B0328C30D}'/><EventID>7</EventID><Version>2</Version><Level>4</Level><Task>3</Task><Opcode>0</Opcode><TimeCreated SystemTime='2020-09-22T18:53:31.0000000Z'/><EventRecordID>12</EventRecordID><Execution ProcessID='5' ThreadID='6'/><Channel>Security</Channel><Computer>c</Computer><Security UserID='S-1'/></System><EventData><Data Name='A'>1</Data><Data Name='B'>true</Data><Data Name='C'></Data><Data Name='D'>x\ny</Data></EventData></Event>"}}"#,
    ),
    (
        "WindowsEvent",
        r#"{"TimeGenerated":"2020-09-22T18:53:31Z","Provider":"P","EventID":7,"Version":2,"EventLevel":4,"EventLevelName":"Information","Task":3,"Opcode":"0","EventRecordId":"12","SystemProcessId":5,"SystemThreadId":6,"Channel":"Security","Computer":"c","SystemUserId":"S-1","EventData":{"A":1,"B":true,"C":null,"D":"x\ny"},"Type":"WindowsEvent"}"#,
    ),
    (
        "WindowsEvent with text",
        r#"{"TimeGenerated":"2020-09-22T18:53:31Z","Provider":"P","EventID":7,"Version":2,"EventLevel":4,"Task":3,"Opcode":"0","EventRecordId":"12","SystemProcessId":5,"SystemThreadId":6,"Channel":"Security","Computer":"c","SystemUserId":"S-1","EventData":"{\"A\":1,\"B\":true,\"C\":null,\"D\":\"x\\ny\"}","Type":"WindowsEvent"}"#,
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
        if name.starts_with("WindowsEvent") {
            expected.remove("ProviderGuid");
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

/// An event whose data are attributes and texts, in each form that has room for them.
const EVENT_WITH_ATTRIBUTES: [(&str, &str); 3] = [
    (
        "XML",
        "<Event xmlns='e'><System><Provider Name='P'/><EventID>7</EventID><TimeCreated SystemTime='2020-09-22T18:53:31Z'/></System><UserData><w:Arrival xmlns:w='u' span='{9}' w:place='a&amp;b'><Port speed='9600'>COM3</Port><Port>COM4</Port><Note by=''>n</Note><Empty of='x'/></w:Arrival></UserData></Event>",
    ),
    (
        "evtx_dump",
        r##"{"Event":{"#attributes":{"xmlns":"e"},"System":{"Provider":{"#attributes":{"Name":"P"}},"EventID":7,"TimeCreated":{"#attributes":{"SystemTime":"2020-09-22T18:53:31Z"}}},"UserData":{"w:Arrival":{"#attributes":{"xmlns:w":"u","span":"{9}","w:place":"a&b"},"Port":[{"#attributes":{"speed":9600},"#text":"COM3"},"COM4"],"Note":{"#attributes":{"by":""},"#text":"n"},"Empty":{"#attributes":{"of":"x"}}}}}}"##,
    ),
    (
        "evtx_dump, separate attributes",
        r##"{"Event":{"System":{"Provider_attributes":{"Name":"P"},"EventID":7,"TimeCreated_attributes":{"SystemTime":"2020-09-22T18:53:31Z"}},"UserData":{"w:Arrival_attributes":{"xmlns:w":"u","span":"{9}","w:place":"a&b"},"w:Arrival":{"Port":[{"#attributes":{"speed":9600},"#text":"COM3"},"COM4"],"Note":"n","Note_attributes":{"by":""},"Empty_attributes":{"of":"x"}}}}}"##,
    ),
];

#[test]
fn attributes_are_data_whatever_the_event_comes_in() {
    let path = |path: &[&str]| EventColumn::Text(path.iter().map(|it| (*it).to_owned()).collect());
    let columns = vec![
        EventColumn::Dynamic(vec![]),
        path(&["@place"]),
        path(&["Note"]),
        path(&["Empty", "@of"]),
        path(&["Empty", "#text"]),
    ];
    let request = EventRequest { columns, filters: vec![] };
    let request = ScanRequest { events: vec![request], ..ScanRequest::default() };
    for (name, text) in EVENT_WITH_ATTRIBUTES {
        let row = scan_bytes("x", text.as_bytes(), &request).rows().remove(0);
        let expected = r##"{"@span":"{9}","@place":"a&b","Port":[{"@speed":"9600","#text":"COM3"},"COM4"],"Note":"n","Empty":{"@of":"x"}}"##;
        assert_eq!(row["EventData"], expected, "{name}");
        for (column, expected) in
            [("@place", "a&b"), ("Note", "n"), ("Empty.@of", "x"), ("Empty.#text", "")]
        {
            assert_eq!(row[&format!("EventData.{column} as text")], expected, "{name}: {column}");
        }
    }
    let section = r##"{"Event":{"System":{"Provider":{"#attributes":{"Name":"P"}},"EventID":7,"TimeCreated":{"#attributes":{"SystemTime":"2020-09-22T18:53:31Z"}}},"EventData_attributes":{"Name":"TICK"},"EventData":{"A":1}}}"##;
    let row = scan_bytes("x", section.as_bytes(), &request).rows().remove(0);
    assert_eq!(row["EventData"], r#"{"@Name":"TICK","A":"1"}"#);
}

#[test]
fn rows_of_windows_event_in_csv_are_events() {
    let csv = "\u{feff}TenantId,\"TimeGenerated [UTC]\",Provider,Channel,EventID,Computer,EventRecordId,EventData,Type\r\n\
               t,\"9/22/2020, 6:53:31.000 PM\",P,Security,7,c,12,\"{\"\"A\"\":\"\"1\"\",\"\"D\"\":\"\"x\\ny\"\"}\",WindowsEvent\r\n";
    let collected = scan_bytes("query_data.csv", csv.as_bytes(), &all_events());
    collected.assert_balances();
    assert_eq!(collected.problem_texts(), [""; 0]);
    let row = collected.rows().remove(0);
    assert_eq!(row["EventData"], r#"{"A":"1","D":"x\ny"}"#);
    assert_eq!((&*row["TimeGenerated"], &*row["RecordId"]), ("637363976110000000", "12"));
}

/// Whatever wrote the text: byte order marks, UTF-16, line ends, blanks, an array around it.
#[test]
fn one_event_in_every_dress_is_one_row() {
    let (_, event) = EVENT_IN_EVERY_SHAPE[0];
    let expected = scan_bytes("x", event.as_bytes(), &all_events()).rows();
    let pretty =
        serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(event).unwrap())
            .unwrap();
    let utf16 = |text: &str| -> Vec<u8> {
        [0xfeff]
            .into_iter()
            .chain(text.trim_start_matches('\u{feff}').encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect()
    };
    for text in [
        format!("\u{feff}{event}\r\n"),
        pretty.clone(),
        pretty.replace('\n', "\r\n"),
        format!("[{event}]"),
        format!("[\r\n{pretty}\r\n]\r\n"),
        format!("\n\n  {event}  \n\n"),
        event.replace("\":", "\" :\t ").replace(',', " , "),
    ] {
        for bytes in [text.as_bytes().to_vec(), utf16(&text)] {
            let collected = scan_bytes("x", &*bytes, &all_events());
            assert_eq!(collected.problem_texts(), [""; 0], "{text}");
            assert_eq!(collected.rows(), expected, "{text}");
        }
    }
}
