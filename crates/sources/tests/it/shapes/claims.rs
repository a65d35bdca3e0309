//! A shape has a record only if it can fill time, provider and event data from it.
//!
//! Each shape's example loses, or has spoilt, one of the three at a time. The record has to be
//! rejected by a problem with its place, whatever is asked for.

use evtx_arrow::{EventColumn, EventFilter, EventRequest};
use proptest::prelude::*;
use sources::ScanRequest;
use windows_event_model::SystemField;

use crate::collect::{all_events, everything, scan_bytes};

/// An example of a shape, and the parts of its text that are its time, its provider and its data.
#[derive(Clone, Debug)]
struct Example {
    name: &'static str,
    text: &'static str,
    time: &'static str,
    provider: &'static str,
    /// The member with the data, with another value; none where data stand among other keys.
    strange_data: Option<(&'static str, &'static str)>,
}

const EXAMPLES: &[Example] = &[
    Example {
        name: "evtx_dump",
        text: r##"{"Event":{"System":{"Provider":{"#attributes":{"Name":"Prov"}},"EventID":7,"TimeCreated":{"#attributes":{"SystemTime":"2021-05-04T03:02:01Z"}},"Channel":"Log","Computer":"h"},"EventData":{"A":"1"}}}"##,
        time: r##""TimeCreated":{"#attributes":{"SystemTime":"2021-05-04T03:02:01Z"}},"##,
        provider: r##""Provider":{"#attributes":{"Name":"Prov"}},"##,
        strange_data: Some((r#"{"A":"1"}"#, r#"[{"Key":"A","Val":"1"}]"#)),
    },
    Example {
        name: "xmltodict",
        text: r##"{"Event":{"System":{"Provider":{"@Name":"Prov"},"EventID":"7","TimeCreated":{"@SystemTime":"2021-05-04T03:02:01Z"},"Channel":"Log"},"EventData":{"Data":[{"@Name":"A","#text":"1"}]}}}"##,
        time: r#""TimeCreated":{"@SystemTime":"2021-05-04T03:02:01Z"},"#,
        provider: r#""Provider":{"@Name":"Prov"},"#,
        strange_data: Some((
            r##"[{"@Name":"A","#text":"1"}]"##,
            r#"[{"k":{"A":1}},{"k":{"B":2}}]"#,
        )),
    },
    Example {
        name: "EvtxECmd",
        text: r##"{"EventId":7,"TimeCreated":"2021-05-04T03:02:01Z","Provider":"Prov","Channel":"Log","Computer":"h","ChunkNumber":3,"Payload":"{\"EventData\":{\"Data\":[{\"@Name\":\"A\",\"#text\":\"1\"}]}}"}"##,
        time: r#""TimeCreated":"2021-05-04T03:02:01Z","#,
        provider: r#""Provider":"Prov","#,
        strange_data: Some((
            r##""{\"EventData\":{\"Data\":[{\"@Name\":\"A\",\"#text\":\"1\"}]}}""##,
            r#""A: 1""#,
        )),
    },
    Example {
        name: "NXLog",
        text: r#"{"EventTime":"2021-05-04 03:02:01","EventReceivedTime":"2021-05-04 03:02:02","SourceName":"Prov","EventID":7,"Channel":"Log","Hostname":"h","A":"1"}"#,
        time: r#""EventTime":"2021-05-04 03:02:01","#,
        provider: r#""SourceName":"Prov","#,
        strange_data: None,
    },
    Example {
        name: "flat",
        text: r#"{"TimeCreated":"2021-05-04 03:02:01","SourceName":"Prov","EventID":7,"Channel":"Log","Hostname":"h","A":"1"}"#,
        time: r#""TimeCreated":"2021-05-04 03:02:01","#,
        provider: r#""SourceName":"Prov","#,
        strange_data: None,
    },
    Example {
        name: "Winlogbeat 6",
        text: r#"{"@timestamp":"2021-05-04T03:02:01Z","source_name":"Prov","event_id":7,"log_name":"Log","computer_name":"h","event_data":{"A":"1"}}"#,
        time: r#""@timestamp":"2021-05-04T03:02:01Z","#,
        provider: r#""source_name":"Prov","#,
        strange_data: Some((r#"{"A":"1"}"#, r#"["A=1"]"#)),
    },
    Example {
        name: "Winlogbeat",
        text: r#"{"@timestamp":"2021-05-04T03:02:01Z","winlog":{"provider_name":"Prov","event_id":"7","channel":"Log","computer_name":"h","event_data":{"A":"1"}}}"#,
        time: r#""@timestamp":"2021-05-04T03:02:01Z","#,
        provider: r#""provider_name":"Prov","#,
        strange_data: Some((r#"{"A":"1"}"#, r#""A=1""#)),
    },
    Example {
        name: "openwec",
        text: r#"{"System":{"TimeCreated":"2021-05-04T03:02:01Z","Provider":{"Name":"Prov"},"EventID":7,"Channel":"Log","Computer":"h"},"EventData":{"A":"1"}}"#,
        time: r#""TimeCreated":"2021-05-04T03:02:01Z","#,
        provider: r#""Provider":{"Name":"Prov"},"#,
        strange_data: Some((r#"{"A":"1"}"#, r#"{"Data":[{"First":"A"},{"First":"B"}]}"#)),
    },
    Example {
        name: "Velociraptor",
        text: r#"{"System":{"TimeCreated":{"SystemTime":1620097321.0},"Provider":{"Name":"Prov"},"EventID":{"Value":7},"Channel":"Log","Computer":"h"},"EventData":{"A":"1"}}"#,
        time: r#""TimeCreated":{"SystemTime":1620097321.0},"#,
        provider: r#""Provider":{"Name":"Prov"},"#,
        strange_data: Some((r#"{"A":"1"}"#, r#""A""#)),
    },
    Example {
        name: "Velociraptor hunt",
        text: r#"{"EventTime":"2021-05-04T03:02:01Z","Provider":"Prov","EventID":7,"Channel":"Log","Computer":"h","EventData":{"A":"1"}}"#,
        time: r#""EventTime":"2021-05-04T03:02:01Z","#,
        provider: r#""Provider":"Prov","#,
        strange_data: Some((r#"{"A":"1"}"#, "17")),
    },
    Example {
        name: "Get-WinEvent",
        text: r#"{"TimeCreated":"2021-05-04T03:02:01Z","ProviderName":"Prov","Id":7,"LogName":"Log","MachineName":"h","Properties":[{"Value":"1"}]}"#,
        time: r#""TimeCreated":"2021-05-04T03:02:01Z","#,
        provider: r#""ProviderName":"Prov","#,
        strange_data: None,
    },
    Example {
        name: "Wazuh",
        text: r#"{"data":{"win":{"system":{"systemTime":"2021-05-04T03:02:01Z","providerName":"Prov","eventID":"7","channel":"Log","computer":"h"},"eventdata":{"a":"1"}}}}"#,
        time: r#""systemTime":"2021-05-04T03:02:01Z","#,
        provider: r#""providerName":"Prov","#,
        strange_data: Some((r#"{"a":"1"}"#, r#"["a"]"#)),
    },
    Example {
        name: "Splunk",
        text: r#"{"result":{"_time":"2021-05-04T03:02:01Z","Name":"Prov","EventID":"7","Channel":"Log","Computer":"h","A":"1"}}"#,
        time: r#""_time":"2021-05-04T03:02:01Z","#,
        provider: r#""Name":"Prov","#,
        strange_data: None,
    },
    Example {
        name: "WindowsEvent",
        text: r#"{"TimeGenerated":"2021-05-04T03:02:01Z","Provider":"Prov","EventID":7,"Channel":"Log","Computer":"h","EventData":{"A":"1"}}"#,
        time: r#""TimeGenerated":"2021-05-04T03:02:01Z","#,
        provider: r#""Provider":"Prov","#,
        strange_data: Some((r#"{"A":"1"}"#, r#""A=1""#)),
    },
    Example {
        name: "Defender row",
        text: r#"{"Timestamp":"2021-05-04T03:02:01Z","DeviceId":"d","FileName":"x.exe","ProcessCreationTime":"2021-05-04T03:02:00Z","ProcessIntegrityLevel":"High"}"#,
        time: r#""Timestamp":"2021-05-04T03:02:01Z","#,
        provider: r#""DeviceId":"d","#,
        strange_data: None,
    },
];

/// Requests that read much, little, or nothing of an event.
fn requests() -> [ScanRequest; 4] {
    let asking = |columns: Vec<EventColumn>, filters| ScanRequest {
        events: vec![EventRequest { columns, filters }],
        ..everything()
    };
    let of_others = EventFilter { event_ids: Some(vec![4711]), ..EventFilter::default() };
    [
        everything(),
        asking(vec![EventColumn::System(SystemField::EventId)], vec![]),
        asking(vec![EventColumn::Text(vec!["Nowhere".to_owned()])], vec![]),
        asking(vec![EventColumn::Dynamic(vec![])], vec![of_others]),
    ]
}

/// Returns the problems with a text all of whose records are rejected.
#[track_caller]
fn rejected(name: &str, text: &str, request: &ScanRequest) -> Vec<String> {
    let collected = scan_bytes("x.json", text.as_bytes(), request);
    collected.assert_balances();
    let accounted: u64 = collected.summaries.iter().map(|summary| summary.rejected).sum();
    let read: u64 = collected.summaries.iter().map(|summary| summary.read).sum();
    let told = collected.problem_texts();
    assert!(accounted == read && !told.is_empty(), "{name}: {text}\n{:?}", collected.summaries);
    assert!(told.iter().all(|text| text.contains("record ")), "{name}: {told:?}");
    told
}

/// Returns a value of JSON with every text and number in it replaced by words.
fn spoilt(member: &str) -> String {
    member
        .replace("2021-05-04T03:02:01Z", "some day in May")
        .replace("2021-05-04 03:02:01", "some day in May")
        .replace("1620097321.0", "\"some day in May\"")
}

#[test]
fn whole_records_are_read() {
    for example in EXAMPLES {
        let collected = scan_bytes("x.json", example.text.as_bytes(), &everything());
        collected.assert_balances();
        assert_eq!(collected.problem_texts(), [""; 0], "{}", example.name);
        assert_eq!(collected.rows().len(), 1, "{}", example.name);
    }
}

#[test]
fn a_record_without_a_time_is_rejected() {
    for example in EXAMPLES {
        let text = example.text.replace(example.time, "");
        assert_ne!(text, example.text, "{}", example.name);
        for request in requests() {
            rejected(example.name, &text, &request);
        }
    }
}

#[test]
fn a_record_whose_time_cannot_be_read_is_rejected_with_it() {
    for example in EXAMPLES {
        let text = example.text.replace(example.time, &spoilt(example.time));
        assert_ne!(text, example.text, "{}", example.name);
        for request in requests() {
            let told = rejected(example.name, &text, &request);
            assert!(told[0].contains("some day in May"), "{}: {told:?}", example.name);
        }
    }
}

#[test]
fn a_record_without_a_provider_is_rejected() {
    for example in EXAMPLES.iter().filter(|example| example.provider.contains("Prov")) {
        for text in [
            example.text.replace(example.provider, ""),
            example.text.replace("\"Prov\"", "\"\""),
            example.text.replace("\"Prov\"", "null"),
        ] {
            assert_ne!(text, example.text, "{}", example.name);
            for request in requests() {
                rejected(example.name, &text, &request);
            }
        }
    }
}

#[test]
fn a_record_whose_data_are_written_otherwise_is_rejected() {
    for example in EXAMPLES {
        let Some((data, strange)) = example.strange_data else { continue };
        let text = example.text.replace(data, strange);
        assert_ne!(text, example.text, "{}", example.name);
        // A record that is asked for nothing, as another id is wanted, is not looked at that far.
        for request in &requests()[..3] {
            rejected(example.name, &text, request);
        }
    }
}

/// A record that lacks something costs itself, behind records of its shape as well as alone.
#[test]
fn a_spoilt_record_among_others_is_told_by_its_place() {
    for example in EXAMPLES {
        let spoilt_record = example.text.replace(example.time, &spoilt(example.time));
        let text = format!("{0}\n{spoilt_record}\n{0}\n", example.text);
        let collected = scan_bytes("x.json", text.as_bytes(), &everything());
        collected.assert_balances();
        assert_eq!(collected.lines(), ["1", "3"], "{}", example.name);
        let told = collected.problem_texts();
        assert!(told.len() == 1 && told[0].contains("record 2"), "{}: {told:?}", example.name);
    }
}

#[test]
fn names_in_place_of_numbers_are_kept() {
    let text = r#"{"@timestamp":"2021-05-04T03:02:01Z","log":{"level":"Fehler"},"winlog":{"provider_name":"Microsoft-Windows-Security-Auditing","event_id":"4624","channel":"Security","task":"Logon","opcode":"Eigenes","keywords":["Klassisch","Anderes"],"event_data":{"A":"1"}}}"#;
    let row = scan_bytes("x.json", text.as_bytes(), &all_events()).rows().remove(0);
    let value = |column: &str| row.get(column).cloned().unwrap_or_default();
    assert_eq!(value("EventLevelName"), "Fehler");
    assert_eq!((value("Opcode"), value("Task")), ("Eigenes".to_owned(), "12544".to_owned()));
    assert_eq!(value("Keywords"), "Klassisch, Anderes");
}

#[test]
fn a_level_that_is_kept_is_not_told_as_lost_and_a_number_that_is_too_large_is() {
    let record = |level: &str, id: &str| {
        format!(
            r##"{{"Event":{{"System":{{"Provider":{{"#attributes":{{"Name":"P"}}}},"EventID":{id},"Level":{level},"TimeCreated":{{"#attributes":{{"SystemTime":"2021-05-04T03:02:01Z"}}}},"Channel":"C"}},"EventData":{{"A":"1"}}}}}}"##
        )
    };
    let told = |text: String| {
        let collected = scan_bytes("x.json", text.as_bytes(), &all_events());
        assert_eq!(collected.problem_texts(), [""; 0]);
        let losses = collected.summaries[0].losses.iter();
        losses.map(|(cause, loss)| format!("{cause}: {}", loss.example)).collect::<Vec<_>>()
    };
    assert_eq!(told(record(r#""Information""#, "7")), [""; 0]);
    assert_eq!(
        told(record(r#""Tiedot""#, "7")),
        ["`EventLevel` is null where the value is not of type int: Tiedot"]
    );
    for id in ["4294967296", r#""4294967296""#] {
        assert_eq!(
            told(record("4", id)),
            ["`EventID` is null where the value is not of type int: 4294967296"]
        );
    }
}

/// What has no place in an event's data is no reason to say that there are none.
#[test]
fn data_that_are_a_list_are_rejected_wherever_they_stand() {
    let header = r#""TimeGenerated":"2021-05-04T03:02:01Z","Provider":"P","EventID":7,"Channel":"C","Computer":"h""#;
    let evtx_dump = r##""System":{"Provider":{"#attributes":{"Name":"P"}},"EventID":7,"TimeCreated":{"#attributes":{"SystemTime":"2021-05-04T03:02:01Z"}},"Channel":"C"}"##;
    for value in [r#"["a","b"]"#, r#""A=1""#, "17"] {
        let row = format!(r#"{{{header},"EventData":{value}}}"#);
        let dump = format!(r#"{{"Event":{{{evtx_dump},"UserData":{value}}}}}"#);
        for request in &requests()[..3] {
            rejected("WindowsEvent", &row, request);
            rejected("evtx_dump", &dump, request);
        }
    }
    let named = format!(r#"{{{header},"EventData":[{{"Name":"A","Value":"1"}}]}}"#);
    rejected("WindowsEvent", &named, &everything());
}

/// Whoever writes all columns writes `EventData` and `UserData`, and nothing into one of them.
#[test]
fn an_element_without_data_does_not_hide_the_one_that_has_them() {
    let flat = r#""EventTime":"2021-05-04T03:02:01Z","Provider":"P","EventID":7,"Channel":"C","Computer":"h""#;
    let tree = r##""System":{"Provider":{"#attributes":{"Name":"P"}},"EventID":7,"TimeCreated":{"#attributes":{"SystemTime":"2021-05-04T03:02:01Z"}},"Channel":"C"}"##;
    let marked = r#""System":{"Provider":{"@Name":"P"},"EventID":"7","TimeCreated":{"@SystemTime":"2021-05-04T03:02:01Z"},"Channel":"C"}"#;
    let by_path = ScanRequest {
        events: vec![EventRequest {
            columns: vec![EventColumn::Text(vec!["B".to_owned()])],
            ..EventRequest::default()
        }],
        ..everything()
    };
    for (nothing, user) in [
        ("null", r#"{"W":{"B":"2"}}"#),
        ("{}", r#"{"W":{"B":"2"}}"#),
        (r#""""#, r#"{"W":{"B":"2"}}"#),
    ] {
        let parts = [
            format!(r#""EventData":{nothing},"UserData":{user}"#),
            format!(r#""UserData":{user},"EventData":{nothing}"#),
        ];
        for part in parts {
            for text in [
                format!("{{{flat},{part}}}"),
                format!(r#"{{"Event":{{{tree},{part}}}}}"#),
                format!(r#"{{"Event":{{{marked},{part}}}}}"#),
            ] {
                let whole = scan_bytes("x.json", text.as_bytes(), &all_events());
                assert_eq!(whole.rows()[0]["EventData"], r#"{"B":"2"}"#, "{text}");
                let path = scan_bytes("x.json", text.as_bytes(), &by_path);
                assert!(path.rows()[0].values().any(|value| value == "2"), "{text}");
            }
        }
    }
}

#[test]
fn a_header_field_that_is_several_values_is_none_of_them() {
    let dump = |provider: &str, computer: &str| {
        format!(
            r##"{{"Event":{{"System":{{"Provider":{{"#attributes":{{"Name":{provider}}}}},"EventID":7,"TimeCreated":{{"#attributes":{{"SystemTime":"2021-05-04T03:02:01Z"}}}},"Channel":"C","Computer":{computer}}},"EventData":{{"A":"1"}}}}}}"##
        )
    };
    let of_form = |form: &str, computer: &str| {
        EXAMPLES
            .iter()
            .find(|example| example.name == form)
            .unwrap()
            .text
            .replace("\"h\"", computer)
    };
    let row = r#"{"TimeGenerated":"2021-05-04T03:02:01Z","Provider":"P","EventID":7,"Channel":"C","Computer":"h","EventData":"{\"A\":\"1\"}"}"#;
    let otel = r#"{"system_time":"2021-05-04T03:02:01Z","event_id":{"id":7},"provider":{"name":"P"},"channel":"C","computer":"h","level":"Information","event_data":{"A":"1"}}"#;
    for several in [r#"["a","b"]"#, r#"{"x":"y"}"#] {
        for text in [
            dump(several, "\"h\""),
            dump("\"P\"", several),
            of_form("EvtxECmd", several),
            of_form("Wazuh", several),
            of_form("Winlogbeat", several),
            of_form("openwec", several),
            row.replace("\"h\"", several),
            otel.replace("\"h\"", several),
        ] {
            rejected("several", &text, &everything());
        }
    }
    for whole in [&dump("\"P\"", "\"h\""), row, otel] {
        assert_eq!(scan_bytes("x.json", whole.as_bytes(), &everything()).rows().len(), 1);
    }
}

/// A change to the text of a record.
#[derive(Clone, Debug)]
enum Change {
    Cut(usize),
    Replace(usize, u8),
    Remove(usize, usize),
    /// Exchanges two quoted pieces, keys or values.
    Swap(usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (0..400_usize).prop_map(Change::Cut),
        (0..400_usize, prop::sample::select(&b"{}[]\",:0@x\\ "[..]))
            .prop_map(|(at, byte)| Change::Replace(at, byte)),
        (0..400_usize, 1..40_usize).prop_map(|(at, len)| Change::Remove(at, len)),
        (0..40_usize, 0..40_usize).prop_map(|(one, other)| Change::Swap(one, other)),
    ]
}

fn changed(text: &str, change: &Change) -> String {
    let mut bytes = text.as_bytes().to_vec();
    match *change {
        Change::Cut(at) => bytes.truncate(at.max(1)),
        Change::Replace(at, byte) => {
            if let Some(target) = bytes.get_mut(at) {
                *target = byte;
            }
        }
        Change::Remove(at, len) => {
            let end = bytes.len().min(at.saturating_add(len));
            bytes.drain(at.min(end)..end);
        }
        Change::Swap(one, other) => {
            let mut pieces: Vec<&str> = text.split('"').collect();
            let place = |piece: usize| piece.saturating_mul(2).saturating_add(1);
            let (one, other) = (place(one), place(other));
            if one < pieces.len() && other < pieces.len() {
                pieces.swap(one, other);
            }
            return pieces.join("\"");
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(7),
        ..ProptestConfig::with_cases(1000)
    })]

    /// Whatever is done to a record, it is a row with time and provider, or a problem.
    #[test]
    fn a_changed_record_is_whole_or_told(
        example in prop::sample::select(EXAMPLES),
        change in change(),
    ) {
        let text = changed(example.text, &change);
        let collected = scan_bytes("x.json", text.as_bytes(), &everything());
        collected.assert_balances();
        let rows = collected.rows();
        prop_assert!(!rows.is_empty() || !collected.problems.is_empty(), "lost: {text}");
        for row in rows {
            prop_assert!(row.contains_key("TimeGenerated"), "no time: {text}");
            prop_assert!(row.get("Provider").is_none_or(|name| !name.is_empty()), "no provider: {text}");
        }
    }
}
