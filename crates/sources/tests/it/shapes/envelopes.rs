//! Many records in one object: whatever surrounds them, they are the same records.

use sources::{Limits, ScanRequest};

use crate::collect::{Collected, everything, scan_bytes};

/// Events of two shapes, and the ids by which they are known.
const EVENTS: [&str; 3] = [
    r##"{"Event":{"System":{"Provider":{"#attributes":{"Name":"Prov"}},"EventID":11,"TimeCreated":{"#attributes":{"SystemTime":"2021-05-04T03:02:01Z"}},"Channel":"Log","Computer":"h"},"EventData":{"A":"] } [ {"}}}"##,
    r#"{"@timestamp":"2021-05-04T03:02:02Z","winlog":{"provider_name":"Prov","event_id":"12","channel":"Log","computer_name":"h","event_data":{"A":"2"}}}"#,
    r##"{"Event":{"System":{"Provider":{"@Name":"Prov"},"EventID":"13","TimeCreated":{"@SystemTime":"2021-05-04T03:02:03Z"},"Channel":"Log","Computer":"h"},"EventData":{"Data":[{"@Name":"A","#text":"3"}]}}}"##,
];

/// Scans a text with blocks of several sizes, which all have to give the same.
#[track_caller]
fn scan(text: &str) -> Collected {
    let of = |block_bytes| {
        let limits = Limits { block_bytes, record_bytes: 1 << 16, ..Limits::default() };
        let collected =
            scan_bytes("x.json", text.as_bytes(), &ScanRequest { limits, ..everything() });
        collected.assert_balances();
        collected
    };
    let whole = of(1 << 20);
    for block_bytes in [100, 700, 3000] {
        let part = of(block_bytes);
        assert_eq!(part.rows(), whole.rows(), "{text} by {block_bytes}");
        assert_eq!(part.problem_texts(), whole.problem_texts(), "{text} by {block_bytes}");
    }
    whole
}

fn ids(collected: &Collected) -> Vec<String> {
    collected.rows().iter().map(|row| row["EventID"].clone()).collect()
}

fn pretty(text: &str) -> String {
    serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(text).unwrap()).unwrap()
}

#[test]
fn an_array_of_records_is_found_under_any_keys() {
    let array = EVENTS.join(", ");
    for text in [
        format!(r#"{{"records":[{array}]}}"#),
        format!(r#"{{"x-opt-number":1,"body":{{"records":[{array}]}},"end":{{"a":[{{}}]}}}}"#),
        format!(
            r#"{{"preview":false,"messages":[],"fields":[{{"name":"_raw"}}],"results":[{array}]}}"#
        ),
        format!(r#"{{"results":[{array}],"fields":[{{"name":"_raw"}}],"highlighted":{{}}}}"#),
        format!(r#"{{"zzz":{{"deep":{{"things":[{array}]}}}},"other":[1,"]"]}}"#),
        format!(r#"[{{"title":"a rule","count":3,"matches":[{array}]}}]"#),
        format!(r#"{{"first":{},"second":{},"last":{}}}"#, EVENTS[0], EVENTS[1], EVENTS[2]),
        format!("{{\"records\":[{}]}}\n{{\"records\":[{},{}]}}\n", EVENTS[0], EVENTS[1], EVENTS[2]),
    ] {
        for text in [text.clone(), if text.contains('\n') { text } else { pretty(&text) }] {
            let collected = scan(&text);
            assert_eq!(collected.problem_texts(), [""; 0], "{text}");
            assert_eq!(ids(&collected), ["11", "12", "13"], "{text}");
        }
    }
}

#[test]
fn what_wraps_each_record_does_not_matter() {
    let wrapped = |before: &str, after: &str| {
        EVENTS.map(|event| format!("{before}{event}{after}")).join("\n")
    };
    let hits = EVENTS.map(|event| format!(r#"{{"_index":"i","_source":{event}}}"#)).join(",");
    for text in [
        wrapped(r#"{"preview":true,"offset":1,"result":"#, "}"),
        wrapped(r#"{"_index":"i","_id":"1","_source":"#, r#","sort":[1]}"#),
        wrapped(r#"{"group":"g","document":{"kind":"evtx","data":"#, "}}"),
        format!(r#"{{"took":1,"hits":{{"total":{{"value":3}},"hits":[{hits}]}}}}"#),
    ] {
        let collected = scan(&text);
        assert_eq!(collected.problem_texts(), [""; 0], "{text}");
        assert_eq!(ids(&collected), ["11", "12", "13"], "{text}");
    }
}

#[test]
fn keys_joined_by_dots_and_arrays_of_one_are_the_same_record() {
    let expected = scan(EVENTS[1]).rows();
    for text in [
        r#"{"@timestamp":"2021-05-04T03:02:02Z","winlog.provider_name":"Prov","winlog.event_id":"12","winlog.channel":"Log","winlog.computer_name":"h","winlog.event_data.A":"2"}"#,
        r#"{"_index":"i","fields":{"winlog.provider_name":["Prov"],"@timestamp":["2021-05-04T03:02:02Z"],"winlog.event_id":["12"],"winlog.channel":["Log"],"winlog.computer_name":["h"],"winlog.event_data.A":["2"]}}"#,
        r#"{"hits":{"hits":[{"_index":"i","fields":{"winlog.provider_name":["Prov"],"@timestamp":["2021-05-04T03:02:02Z"],"winlog.event_id":["12"],"winlog.channel":["Log"],"winlog.computer_name":["h"],"winlog.event_data.A":["2"]}}]}}"#,
    ] {
        let collected = scan(text);
        assert_eq!(collected.problem_texts(), [""; 0], "{text}");
        assert_eq!(collected.rows(), expected, "{text}");
    }
}

const COLUMNS: &str = r#"[{"name":"TimeGenerated","type":"datetime"},{"name":"Computer","type":"string"},{"name":"EventID","type":"int"},{"name":"Type","type":"string"}]"#;
const ROWS: &str = r#"[["2021-05-04T03:02:01Z","h [1]",4624,"SecurityEvent"],["2021-05-04T03:02:02Z","h",4625,"SecurityEvent"]]"#;

fn kusto(columns: &str) -> String {
    columns.replace("\"name\"", "\"ColumnName\"").replace("\"type\"", "\"ColumnType\"")
}

#[test]
fn columns_apart_from_rows_are_a_table() {
    let columns = kusto(COLUMNS);
    let frames = |frames: &str| {
        format!(
            "[{{\"FrameType\":\"DataSetHeader\",\"IsProgressive\":true,\"Version\":\"v2.0\"}}\n,\
             {{\"FrameType\":\"DataTable\",\"TableId\":0,\"TableKind\":\"QueryProperties\",\"TableName\":\"@ExtendedProperties\",\"Columns\":[{{\"ColumnName\":\"TableId\"}},{{\"ColumnName\":\"Key\"}},{{\"ColumnName\":\"Value\"}}],\"Rows\":[[1,\"Visualization\",\"{{}}\"]]}}\n,\
             {frames}\n,{{\"FrameType\":\"DataSetCompletion\",\"HasErrors\":false,\"Cancelled\":false}}\n]"
        )
    };
    let rows = ROWS.trim_matches(['[', ']']);
    let (one, two) = rows.split_once("],[").unwrap();
    for text in [
        format!(r#"{{"tables":[{{"name":"PrimaryResult","columns":{COLUMNS},"rows":{ROWS}}}]}}"#),
        format!(r#"{{"tables":[{{"rows":{ROWS},"name":"PrimaryResult","columns":{COLUMNS}}}]}}"#),
        format!(r#"{{"fields":["TimeGenerated","Computer","EventID","Type"],"rows":{ROWS}}}"#),
        format!(
            r#"{{"Tables":[{{"TableName":"Table_0","Columns":{columns},"Rows":{ROWS}}},{{"TableName":"Table_1","Columns":[{{"ColumnName":"Value","DataType":"String"}}],"Rows":[["{{}}"]]}},{{"TableName":"Table_2","Columns":[{{"ColumnName":"Ordinal"}},{{"ColumnName":"Kind"}},{{"ColumnName":"Name"}},{{"ColumnName":"Id"}},{{"ColumnName":"PrettyName"}}],"Rows":[[0,"QueryResult","PrimaryResult","i",""]]}}]}}"#
        ),
        frames(&format!(
            r#"{{"FrameType":"DataTable","TableId":1,"TableKind":"PrimaryResult","TableName":"T","Columns":{columns},"Rows":{ROWS}}}"#
        )),
        frames(&format!(
            "{{\"FrameType\":\"TableHeader\",\"TableId\":1,\"TableKind\":\"PrimaryResult\",\"TableName\":\"T\",\"Columns\":{columns}}}\n,\
             {{\"FrameType\":\"TableFragment\",\"TableFragmentType\":\"DataReplace\",\"TableId\":1,\"Rows\":[[{one}]]}}\n,\
             {{\"FrameType\":\"TableProgress\",\"TableId\":1,\"TableProgress\":50.0}}\n,\
             {{\"FrameType\":\"TableFragment\",\"TableFragmentType\":\"DataAppend\",\"TableId\":1,\"Rows\":[[{two}]]}}\n,\
             {{\"FrameType\":\"TableCompletion\",\"TableId\":1,\"RowCount\":2}}"
        )),
    ] {
        let collected = scan(&text);
        assert_eq!(collected.problem_texts(), [""; 0], "{text}");
        assert_eq!(ids(&collected), ["4624", "4625"], "{text}");
        assert_eq!(collected.lines(), ["1", "2"], "{text}");
        assert_eq!(collected.rows()[0]["Computer"], "h [1]");
    }
}

#[test]
fn tables_of_other_columns_in_one_answer_are_each_read_by_their_own() {
    let other =
        r#"[{"name":"Computer"},{"name":"TimeGenerated"},{"name":"Type"},{"name":"EventID"}]"#;
    let text = format!(
        r#"{{"tables":[{{"name":"a","columns":{COLUMNS},"rows":{ROWS}}},{{"name":"b","columns":{other},"rows":[["x","2021-05-04T03:02:01Z","SecurityEvent",1102]]}}]}}"#
    );
    let collected = scan(&text);
    assert_eq!(collected.problem_texts(), [""; 0]);
    assert_eq!(ids(&collected), ["4624", "4625", "1102"]);
    assert_eq!(collected.rows()[2]["Computer"], "x");
}

#[test]
fn what_a_service_says_of_an_error_is_told() {
    let columns = kusto(COLUMNS);
    let error = r#"{"OneApiErrors":[{"error":{"code":"LimitsExceeded","message":"Request is bad","@message":"the result is cut"}}]}"#;
    for (text, said) in [
        (
            format!(
                r#"[{{"FrameType":"DataTable","TableKind":"PrimaryResult","Columns":{columns},"Rows":{ROWS}}},{{"FrameType":"DataSetCompletion","HasErrors":true,"Cancelled":false,{}]"#,
                error.trim_start_matches('{')
            ),
            "the result is cut",
        ),
        (
            format!(
                r#"{{"tables":[{{"name":"x","columns":{COLUMNS},"rows":{ROWS}}}],"error":{{"code":"PartialError","message":"a part is missing"}}}}"#
            ),
            "a part is missing",
        ),
        (
            format!(
                r#"{{"tables":[{{"name":"x","columns":{COLUMNS},"rows":{},{error}]}}]}}"#,
                ROWS.trim_end_matches(']').to_owned() + "]"
            ),
            "the result is cut",
        ),
        // A piece of the answer is not here.
        (
            format!(
                r#"[{{"FrameType":"TableHeader","TableId":1,"TableKind":"PrimaryResult","Columns":{columns}}},{{"FrameType":"TableFragment","TableFragmentType":"DataAppend","TableId":1,"Rows":{ROWS}}},{{"FrameType":"TableCompletion","TableId":1,"RowCount":3}},{{"FrameType":"DataSetCompletion","HasErrors":false,"Cancelled":false}}]"#
            ),
            "it had 3 rows of a table",
        ),
        (
            r#"{"error":{"code":"SyntaxError","message":"no such table"}}"#.to_owned(),
            "no such table",
        ),
    ] {
        let collected = scan(&text);
        let told = collected.problem_texts();
        assert!(told.len() == 1 && told[0].contains(said), "{text}: {told:?}");
        assert_eq!(ids(&collected).len(), if said == "no such table" { 0 } else { 2 }, "{text}");
    }
}

#[test]
fn rows_that_do_not_fit_their_columns_are_rejected() {
    let text = format!(
        r#"{{"tables":[{{"name":"x","columns":{COLUMNS},"rows":[["2021-05-04T03:02:01Z","h",1],["yesterday","h",2,"SecurityEvent"],["2021-05-04T03:02:01Z","h",3,"SecurityEvent"]]}}]}}"#
    );
    let collected = scan(&text);
    assert_eq!(ids(&collected), ["3"]);
    let told = collected.problem_texts();
    assert!(told[0].contains("record 1") && told[0].contains("has 3 fields"), "{told:?}");
    assert!(told[1].contains("record 2") && told[1].contains("yesterday"), "{told:?}");
}

#[test]
fn annotations_are_no_columns_and_added_ones_are_said() {
    let row = r#"{"@odata.type":"m.row","Timestamp":"2021-05-04T03:02:01Z","Timestamp@odata.type":"String","DeviceId":"d","FileName":"x","ProcessCreationTime":"2021-05-04T03:02:00Z","ProcessIntegrityLevel":"High"}"#;
    let text = format!(
        r#"{{"@odata.context":"x","schema":[{{"@odata.type":"m.schema","name":"Timestamp"}}],"results":[{row}]}}"#
    );
    let collected = scan(&text);
    assert_eq!(collected.problem_texts(), [""; 0]);
    assert_eq!(collected.rows()[0]["FileName"], "x");
    assert!(collected.summaries[0].ignored_columns.is_empty());
    let added = row.replace("\"FileName\"", "\"IsOdd\":true,\"FileName\"");
    let collected = scan(&added);
    assert_eq!(collected.problem_texts(), [""; 0]);
    assert_eq!(collected.summaries[0].ignored_columns, ["IsOdd"]);
}

/// What cannot be read costs itself, in an envelope as elsewhere.
#[test]
fn a_strange_record_in_an_envelope_is_rejected() {
    let text =
        format!(r#"{{"took":1,"hits":[{},{{"what":"ever"}},{}],"x":[2]}}"#, EVENTS[0], EVENTS[2]);
    let collected = scan(&text);
    assert_eq!(ids(&collected), ["11", "13"]);
    let told = collected.problem_texts();
    assert!(told.len() == 1 && told[0].contains("record 2"), "{told:?}");
}

#[test]
fn an_envelope_that_is_cut_off_gives_what_came_before() {
    let text = format!(r#"{{"took":1,"hits":[{},{},{{"Event":{{"Sys"#, EVENTS[0], EVENTS[1]);
    let collected = scan(&text);
    assert_eq!(ids(&collected), ["11", "12"]);
    assert!(!collected.problem_texts().is_empty());
}

/// An answer as large as all its records is not held at once.
#[test]
fn an_envelope_larger_than_a_record_may_be_is_read_in_pieces() {
    let array = vec![EVENTS[1]; 2000].join(",");
    let text = format!(r#"{{"took":1,"hits":{{"total":2000,"hits":[{array}]}},"end":1}}"#);
    let limits = Limits { block_bytes: 5000, record_bytes: 4000, ..Limits::default() };
    let collected = scan_bytes("x.json", text.as_bytes(), &ScanRequest { limits, ..everything() });
    collected.assert_balances();
    assert_eq!(collected.problem_texts(), [""; 0]);
    assert_eq!(collected.rows().len(), 2000);
}

#[test]
fn other_tools_results_are_refused_once_and_by_name() {
    for (name, text, tool) in [
        (
            "x.jsonl",
            [r#"{"Timestamp":"2021-05-04 03:02:01.000 +00:00","RuleTitle":"A rule","Level":"high","Computer":"h","Channel":"Sec","EventID":4624,"RecordID":1,"Details":{"User":"u"}}"#; 40]
                .join("\n"),
            "Hayabusa",
        ),
        (
            "x.json",
            pretty(r#"[{"Timestamp":"2021-05-04 03:02:01.000 +00:00","RuleTitle":"A rule","Level":"high","Computer":"h","Channel":"Sec","EventID":4624,"RecordID":1,"Details":"User: u"}]"#),
            "Hayabusa",
        ),
        (
            "x.csv",
            "\"Timestamp\",\"RuleTitle\",\"Level\",\"Computer\",\"Channel\",\"EventID\",\"RecordID\",\"Details\",\"ExtraFieldInfo\",\"RuleID\"\n\
             2021-05-04 03:02:01.000 +00:00,A rule,high,h,Sec,4624,1,User: u,x: y,i\n\
             2021-05-04 03:02:01.000 +00:00,A rule,high,h,Sec,4624,1,User: u,x: y,i\n"
                .to_owned(),
            "Hayabusa",
        ),
        (
            "x.csv",
            "timestamp,detections,path,count,Event.System.Provider,Event ID,Record ID,Computer,Event Data\n\
             2021-05-04T03:02:01Z,A rule,x.evtx,1,P,4624,1,h,a: b\n"
                .to_owned(),
            "Chainsaw",
        ),
    ] {
        let collected = scan_bytes(name, text.as_bytes(), &everything());
        collected.assert_balances();
        let told = collected.problem_texts();
        assert!(told.len() == 1 && told[0].contains(tool), "{name}: {told:?}");
        assert!(told[0].contains("give the event logs themselves"), "{told:?}");
        assert!(collected.rows().is_empty());
    }
}
