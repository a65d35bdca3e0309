//! What collectors on Windows write, in their present and former forms: the same event is the same row.

use sources::Cause;

use crate::collect::{all_events, everything, scan_bytes};

/// Returns the row of a text's only record, some columns as text.
#[track_caller]
fn row(text: &str) -> String {
    let collected = scan_bytes("x.json", text.as_bytes(), &all_events());
    collected.assert_balances();
    assert_eq!(collected.problem_texts(), [""; 0], "{text}");
    let row = collected.rows().remove(0);
    let columns = [
        "TimeGenerated",
        "Provider",
        "EventID",
        "EventLevelName",
        "Task",
        "Opcode",
        "Keywords",
        "EventRecordId",
        "Channel",
        "Computer",
        "EventData",
    ];
    columns.map(|column| row.get(column).cloned().unwrap_or_default()).join("|")
}

const SHARE: &str = concat!(
    "637556941210000000|Microsoft-Windows-Security-Auditing|5142|Information|12808|0|",
    "0x8020000000000000|77|Security|h|",
    r#"{"SubjectUserSid":"S-1-5-18","SubjectUserName":"u","SubjectDomainName":"d","#,
    r#""SubjectLogonId":"0x3e7","ShareName":"\\\\*\\X","ShareLocalPath":"C:\\X"}"#
);

const FIELDS: &str = r#""SubjectUserSid":"S-1-5-18","SubjectUserName":"u","SubjectDomainName":"d","SubjectLogonId":"0x3e7","ShareName":"\\\\*\\X","ShareLocalPath":"C:\\X""#;

fn otel(event_data: &str) -> String {
    format!(
        r#"{{"channel":"Security","computer":"h","event_id":{{"id":5142,"qualifiers":0}},"keywords":["Audit Success"],"level":"Information","message":"m","opcode":"Info","provider":{{"event_source":"","guid":"{{54849625-5478-4994-a5ba-3e3b0328c30d}}","name":"Microsoft-Windows-Security-Auditing"}},"record_id":77,"system_time":"2021-05-04T03:02:01.0000000Z","task":"File Share","event_data":{event_data}}}"#
    )
}

#[test]
fn opentelemetrys_receiver_is_read_in_all_its_forms() {
    let list: Vec<String> = FIELDS
        .split(",\"")
        .map(|field| format!("{{\"{}}}", field.trim_start_matches('"')))
        .collect();
    let list = otel(&format!(r#"{{"data":[{}],"name":"","binary":""}}"#, list.join(",")));
    let map = otel(&format!("{{{FIELDS}}}"));
    assert_eq!(row(&map), SHARE);
    assert_eq!(row(&list), SHARE);
    assert_eq!(row(&format!(r#"{{"body":{map},"attributes":{{}}}}"#)), SHARE);
    let value: serde_json::Value = serde_json::from_str(&map).unwrap();
    let record = format!(r#"{{"timeUnixNano":"1","body":{},"attributes":[]}}"#, otlp(&value));
    let otlp = format!(
        r#"{{"resourceLogs":[{{"resource":{{}},"scopeLogs":[{{"scope":{{}},"logRecords":[{record}]}}]}}]}}"#
    );
    assert_eq!(row(&otlp), SHARE);
}

/// Returns a value as OTLP writes it.
fn otlp(value: &serde_json::Value) -> serde_json::Value {
    use serde_json::{Value, json};
    match value {
        Value::Object(members) => {
            let values: Vec<Value> = members
                .iter()
                .map(|(key, value)| json!({"key": key, "value": otlp(value)}))
                .collect();
            json!({"kvlistValue": {"values": values}})
        }
        Value::Array(items) => {
            json!({"arrayValue": {"values": items.iter().map(otlp).collect::<Vec<_>>()}})
        }
        Value::Number(number) => json!({"intValue": number.to_string()}),
        other => json!({"stringValue": other}),
    }
}

#[test]
fn data_in_another_form_than_the_receivers_are_rejected() {
    for data in [r#"{"data":[{"a":"1","b":"2"}]}"#, r#""text""#, "[1]"] {
        let collected = scan_bytes("x.json", otel(data).as_bytes(), &everything());
        collected.assert_balances();
        assert!(collected.rows().is_empty() && collected.problems.len() == 1, "{data}");
    }
}

#[test]
fn values_without_names_get_them_where_they_are_certain() {
    let values = r#"["S-1-5-18","u","d","0x3e7","\\\\*\\X","C:\\X"]"#;
    let head = r#""Version":0,"Level":0,"Task":12808,"Opcode":0,"Keywords":"0x8020000000000000","EventRecordID":77,"ActivityID":"","RelatedActivityID":"","ProcessID":4,"ThreadID":8,"Channel":"Security","Computer":"h","UserID":"d\\u""#;
    let fluent_bit = format!(
        r#"{{"ProviderName":"Microsoft-Windows-Security-Auditing","ProviderGuid":"","Qualifiers":"","EventID":5142,"TimeCreated":"2021-05-04 05:02:01 +0200",{head},"Message":"m","StringInserts":{values}}}"#
    );
    let fluentd = format!(
        r#"{{"ProviderName":"Microsoft-Windows-Security-Auditing","ProviderGUID":"","EventID":"5142","Qualifiers":"","TimeCreated":"2021/05/04 03:02:01.000000000",{head},"User":"","Description":"m","EventData":{values}}}"#
    );
    assert_eq!(row(&fluent_bit), SHARE);
    assert_eq!(row(&fluentd), SHARE);
    // The same values of an event whose fields nobody has listed.
    let other = fluent_bit.replace("5142", "5999");
    let collected = scan_bytes("x.json", other.as_bytes(), &everything());
    collected.assert_balances();
    assert!(collected.rows().is_empty());
    assert!(collected.problem_texts()[0].contains("without names"));
}

#[test]
fn values_that_are_no_scalars_are_kept_as_they_are_written() {
    let event = r#"{"ProviderName":"Microsoft-Windows-Security-Auditing","ProviderGuid":"","Qualifiers":"","EventID":5142,"TimeCreated":"2021-05-04 05:02:01 +0200","Version":0,"Level":0,"Task":12808,"Opcode":0,"Keywords":"0x8020000000000000","EventRecordID":77,"Channel":"Security","Computer":"h","Message":"m","StringInserts":["S-1-5-18","u","d","0x3e7",{"a":1},["x"]]}"#;
    let expected =
        SHARE.replace(r#""\\\\*\\X""#, r#""{\"a\":1}""#).replace(r#""C:\\X""#, r#""[\"x\"]""#);
    assert_ne!(expected, SHARE);
    assert_eq!(row(event), expected);
}

#[test]
fn xml_in_a_text_is_the_event_whatever_the_key() {
    let xml = r"<Event xmlns='n'><System><Provider Name='P'/><EventID>7</EventID><Level>4</Level><TimeCreated SystemTime='2021-05-04T03:02:01Z'/><EventRecordID>77</EventRecordID><Channel>C</Channel><Computer>h</Computer></System><EventData><Data Name='A'>1</Data></EventData></Event>";
    let expected = r#"637556941210000000|P|7|Information||||77|C|h|{"A":"1"}"#;
    for text in [
        format!(r#"{{"data_type":"windows:evtx:record","xml_string":"{xml}"}}"#),
        format!(r#"{{"System":"{xml}","Message":"m","StringInserts":["1"]}}"#),
        format!(r#"{{"time":1,"log":"<?xml version='1.0'?>\n{xml}\n"}}"#),
        format!(r#"{{"body":{{"stringValue":"{xml}"}}}}"#),
        format!(r#"{{"preview":false,"result":{{"_raw":"{xml}"}}}}"#),
    ] {
        assert_eq!(row(&text), expected, "{text}");
    }
}

#[test]
fn names_that_a_collector_has_made_are_refused_by_name() {
    for (text, told) in [
        (
            r#"{"ProviderName":"P","EventID":"1","Channel":"C","Computer":"h","TimeCreated":"2021/05/04 03:02:01","ActivityID":"","RelatedActivityID":"","DescriptionTitle":"t","subject.account_name":"u"}"#,
            "parse_description",
        ),
        (r#"{"winlogbeat_winlog_event_id":1,"winlogbeat_winlog_channel":"C"}"#, "Graylog"),
        (
            r#"{"EventId":1,"TimeCreated":"2021-05-04T03:02:01Z","Channel":"C","MapDescription":"m","PayloadData1":"x"}"#,
            "without the column Payload",
        ),
    ] {
        let collected = scan_bytes("x.json", text.as_bytes(), &everything());
        collected.assert_balances();
        let problems = collected.problem_texts();
        assert!(problems.len() == 1 && problems[0].contains(told), "{problems:?}");
    }
}

#[test]
fn the_csv_of_evtxecmd_is_read_as_its_json() {
    let json = r##"{"EventRecordId":"77","TimeCreated":"2021-05-04T03:02:01.0000000+00:00","EventId":7,"Level":"Info","Provider":"P","Channel":"C","Computer":"h","ChunkNumber":1,"Keywords":"Audit success","Payload":"{\"EventData\":{\"Data\":[{\"@Name\":\"A\",\"#text\":\"1, 2\"},{\"@Name\":\"B\"}]}}"}"##;
    let csv = "RecordNumber,EventRecordId,TimeCreated,EventId,Level,Provider,Channel,ProcessId,ThreadId,Computer,ChunkNumber,UserId,MapDescription,UserName,RemoteHost,PayloadData1,PayloadData2,PayloadData3,PayloadData4,PayloadData5,PayloadData6,ExecutableInfo,HiddenRecord,SourceFile,Keywords,ExtraDataOffset,Payload\n\
        5,77,2021-05-04 03:02:01.0000000,7,Info,P,C,4,8,h,1,,,,,,,,,,,,False,x.evtx,Audit success,0,\"{\"\"EventData\"\":{\"\"Data\"\":[{\"\"@Name\"\":\"\"A\"\",\"\"#text\"\":\"\"1, 2\"\"},{\"\"@Name\"\":\"\"B\"\"}]}}\"\n";
    let expected =
        r#"637556941210000000|P|7|Information|||0x8020000000000000|77|C|h|{"A":"1, 2","B":""}"#;
    assert_eq!(row(json), expected);
    assert_eq!(row(csv), expected);
    let cut = csv.replace("2021-05-04 03:02:01.0000000", "yesterday");
    let collected = scan_bytes("x.csv", cut.as_bytes(), &everything());
    collected.assert_balances();
    assert!(collected.rows().is_empty());
    assert!(collected.problem_texts()[0].contains("yesterday"), "{:?}", collected.problem_texts());
}

#[test]
fn user_data_of_open_telemetry_are_data() {
    let with = |user_data: &str| {
        format!(
            r#"{{"system_time":"2026-02-09T10:15:02Z","event_id":{{"id":104,"qualifiers":0}},"provider":{{"name":"Microsoft-Windows-Eventlog"}},"channel":"System","computer":"h","level":"Information","task":"Log clear","user_data":{user_data}}}"#
        )
    };
    for user_data in [
        r#"{"LogFileCleared":{"SubjectUserName":"ines","Channel":"Kettle"}}"#,
        r#"{"SubjectUserName":"ines","Channel":"Kettle"}"#,
    ] {
        let collected = scan_bytes("x.json", with(user_data).as_bytes(), &all_events());
        assert_eq!(collected.problem_texts(), [""; 0]);
        let row = collected.rows().remove(0);
        assert_eq!(row["EventData"], r#"{"SubjectUserName":"ines","Channel":"Kettle"}"#);
        // The name of another provider's task is none that has a number here, which is told.
        let losses: Vec<String> =
            collected.summaries[0].losses.iter().map(|(cause, _)| cause.to_string()).collect();
        assert_eq!(losses, ["`Task` is null where the value is not of type int"]);
    }
    let odd = scan_bytes("x.json", with("17").as_bytes(), &all_events());
    assert_eq!(odd.problems.len(), 1, "{:?}", odd.problem_texts());
}

#[test]
fn values_without_names_are_told() {
    let event = |id: u32| {
        format!(
            r#"{{"TimeCreated":"2026-02-09T10:15:02Z","ProviderName":"Kettle","Id":{id},"LogName":"Log","MachineName":"h","Properties":[{{"Value":"a"}}]}}"#
        )
    };
    let collected = scan_bytes("x.json", event(7).as_bytes(), &all_events());
    assert_eq!(collected.rows()[0]["EventData"], r#"{"Data":["a"]}"#);
    let losses: Vec<(String, String)> = collected.summaries[0]
        .losses
        .iter()
        .map(|(cause, loss)| (cause.to_string(), loss.example.clone()))
        .collect();
    assert_eq!(losses.len(), 1);
    assert!(losses[0].0.starts_with("event data without names"), "{losses:?}");
    assert_eq!(losses[0].1, "Kettle 7");
}

/// `NXLog` has given some of its own fields other names; neither they nor the former ones are data.
#[test]
fn nxlogs_own_fields_are_no_data_by_either_name() {
    let record = |task: &str, thread: &str| {
        format!(
            r#"{{"EventTime":"2021-05-04T03:02:01.000Z","Hostname":"h","Keywords":"9232379236109516800","EventType":"AUDIT_SUCCESS","SeverityValue":2,"Severity":"INFO","EventID":5142,"SourceName":"Microsoft-Windows-Security-Auditing","Version":0,{task}:12808,"OpcodeValue":0,"RecordNumber":77,"ExecutionProcessID":4,{thread}:8,"Channel":"Security","Message":"m","Category":"File Share","Opcode":"Info",{FIELDS},"EventReceivedTime":"2021-05-04T03:02:02.000Z","SourceModuleName":"in","SourceModuleType":"im_msvistalog"}}"#
        )
    };
    for (task, thread) in
        [(r#""Task""#, r#""ThreadID""#), (r#""TaskValue""#, r#""ExecutionThreadID""#)]
    {
        assert_eq!(row(&record(task, thread)), SHARE);
    }
}

/// XML that is a text is not read without a word where XML in a file would not be.
#[test]
fn damaged_xml_in_a_text_is_told() {
    let event = |value: &str| {
        format!(
            "<Event><System><Provider Name='P'/><EventID>7</EventID><TimeCreated \
             SystemTime='2021-05-04T03:02:01Z'/><Channel>C</Channel></System><EventData><Data \
             Name='A'>{value}</Data></EventData></Event>"
        )
    };
    let splunk = |raw: &str| {
        format!(
            r#"{{"result":{{"_raw":"{raw}","_time":"2021-05-04T03:02:01Z","EventID":"7","Channel":"C","Name":"P","A":"1"}}}}"#
        )
    };
    let text = |xml: &str| format!(r#"{{"ts":"2021-05-04T03:02:01Z","xml":"{xml}"}}"#);
    let body = |xml: &str| format!(r#"{{"timeUnixNano":"1620097321000000000","body":"{xml}"}}"#);
    let read = |text: &str| {
        let collected = scan_bytes("x.json", text.as_bytes(), &all_events());
        collected.assert_balances();
        assert_eq!(collected.problem_texts(), [""; 0], "{text}");
        let losses = collected.summaries[0].losses.iter().map(|(cause, _)| cause.clone());
        (collected.rows()[0]["EventData"].clone(), losses.collect::<Vec<_>>())
    };
    let (whole, mended) = (event("1"), event("1 & 2"));
    for record in [splunk(&whole), text(&whole), body(&whole)] {
        assert_eq!(read(&record), (r#"{"A":"1"}"#.to_owned(), vec![]), "{record}");
    }
    for record in [splunk(&mended), text(&mended), body(&mended)] {
        let expected = (r#"{"A":"1 & 2"}"#.to_owned(), vec![Cause::XmlInText]);
        assert_eq!(read(&record), expected, "{record}");
    }
    // What is cut is read from the fields beside it.
    let cut = splunk(&whole[..whole.len() - 40]);
    assert_eq!(read(&cut), (r#"{"A":"1"}"#.to_owned(), vec![Cause::XmlInText]));
}
