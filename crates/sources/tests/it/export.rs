//! Native tables: recognised by columns, typed, filtered by time.

use std::num::NonZeroUsize;

use evtx_arrow::{EventColumn, EventFilter, EventRequest};
use kql_types::{KqlType, datetime};
use sources::{Limits, ScanRequest};
use windows_event_model::SystemField;

use crate::collect::{Collected, KNOWN, everything, of_table, scan_bytes, scan_file};

const NETWORK: &[(&str, KqlType)] = &[
    ("Timestamp", KqlType::Datetime),
    ("TimeGenerated", KqlType::Datetime),
    ("DeviceName", KqlType::String),
    ("RemotePort", KqlType::Int),
    ("ReportId", KqlType::Long),
    ("AdditionalFields", KqlType::Dynamic),
    ("RemoteUrl", KqlType::String),
];

#[track_caller]
fn report(name: &str, text: &str) -> String {
    let collected = scan_bytes(name, text.as_bytes(), &of_table("DeviceNetworkEvents", NETWORK));
    collected.assert_balances();
    collected.report()
}

#[test]
fn csv_and_json_of_the_same_rows_are_the_same() {
    let csv = "Timestamp,DeviceName,RemotePort,RemoteIP,ReportId,AdditionalFields\r\n\
               2023-08-17T21:00:49.1234567Z,\"a\"\"b,\r\nc\",445,10.0.0.1,99,\"{\"\"a\"\": [1]}\"\r\n";
    let json = r#"{"Timestamp":"2023-08-17T21:00:49.1234567Z","DeviceName":"a\"b,\r\nc","RemotePort":445,"RemoteIP":"10.0.0.1","ReportId":99,"AdditionalFields":"{\"a\": [1]}"}"#;
    let from_csv = report("DeviceNetworkEvents.csv", csv);
    insta::assert_snapshot!(from_csv);
    let from_json = report("DeviceNetworkEvents.json", json);
    assert_eq!(from_json, from_csv.replace("CSV as", "table JSON as"));
}

#[test]
fn a_portals_times_in_utc_are_read() {
    let csv = "\"TimeGenerated [UTC]\",RemoteIP,RemotePort,AdditionalFields,ReportId,Odd,Type\n\
               \"8/17/2023, 9:00:49.123 PM\",10.0.0.1,445.0,plain,x,1,DeviceNetworkEvents\n\
               \"8/17/2023, 12:00:00.000 AM\",10.0.0.1,none,,,1,DeviceNetworkEvents\n";
    insta::assert_snapshot!(report("query_data.csv", csv));
}

#[test]
fn a_union_of_tables_is_told_apart_by_type() {
    let csv = "TimeGenerated,DeviceName,Type\n\
               2023-08-17T00:00:00Z,a,DeviceNetworkEvents\n\
               2023-08-17T00:00:00Z,b,DeviceProcessEvents\n\
               2023-08-17T00:00:00Z,c,DeviceNetworkEvents\n";
    insta::assert_snapshot!(report("query_data.csv", csv));
    let rows: Vec<String> = csv
        .lines()
        .skip(1)
        .map(|line| {
            let [time, device, table] =
                <[&str; 3]>::try_from(line.split(',').collect::<Vec<_>>()).expect("three fields");
            format!(r#"{{"TimeGenerated":"{time}","DeviceName":"{device}","Type":"{table}"}}"#)
        })
        .collect();
    let json = rows.join("\n");
    let csv_report = report("query_data.csv", csv);
    assert_eq!(report("x", &json), csv_report.replace("CSV as", "table JSON as"));
}

#[test]
fn columns_that_a_union_has_renamed_are_found() {
    let json = r#"{"TimeGenerated":"2023-08-17T00:00:00Z","RemoteIP":"10.0.0.1","ReportId_long":7,"ReportId_string":"","AdditionalFields_string":"","AdditionalFields_dynamic":{"a":1},"Type":"DeviceNetworkEvents"}"#;
    insta::assert_snapshot!(report("x", json));
}

#[test]
fn ambiguous_columns_are_refused() {
    let text = "Timestamp,DeviceId,ActionType\n2020-01-01T00:00:00Z,d,x\n";
    insta::assert_snapshot!(report("x.csv", text));
    insta::assert_snapshot!(report("DeviceNetworkEvents-2020.csv", text));
}

#[test]
fn other_delimiters_are_read() {
    for delimiter in [";", "\t"] {
        let csv = "Timestamp,RemoteIP,RemotePort\n2023-08-17T00:00:00Z,10.0.0.1,445\n";
        let text = csv.replace(',', delimiter);
        assert_eq!(
            report("DeviceNetworkEvents.csv", &text),
            report("DeviceNetworkEvents.csv", csv)
        );
    }
}

#[test]
fn rows_outside_the_time_are_filtered_and_seen() {
    let row = |day: u32| {
        format!(
            "{{\"Timestamp\":\"2020-01-{day:02}T00:00:00Z\",\"RemoteIP\":\"x\",\"RemotePort\":{day}}}\n"
        )
    };
    let json: String = (1..=9).map(row).collect();
    let rows: Vec<String> =
        (1..=9).map(|day| format!("2020-01-{day:02}T00:00:00Z,x,{day}")).collect();
    let csv = format!("Timestamp,RemoteIP,RemotePort\n{}", rows.join("\n"));
    let mut request = of_table("DeviceNetworkEvents", NETWORK);
    let at = |text| datetime::parse(text).unwrap();
    for table in request.tables.values_mut() {
        table.time = Some(at("2020-01-03")..at("2020-01-05"));
    }
    for text in [json, csv] {
        let collected = scan_bytes("DeviceNetworkEvents", text.as_bytes(), &request);
        collected.assert_balances();
        assert_eq!(collected.lines(), ["3", "4"]);
        assert_eq!(collected.summaries[0].filtered, 7);
        assert_eq!(collected.summaries[0].newest, Some(at("2020-01-09")));
    }
}

#[test]
fn the_samples_are_read_whole() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/defender");
    let discovery = sources::discover(&[folder]);
    assert!(!discovery.inputs.is_empty() && discovery.problems.is_empty());
    for input in discovery.inputs {
        let collected = scan_file(input.path().to_owned(), &everything());
        collected.assert_balances();
        assert_eq!(collected.problem_texts(), [""; 0]);
        let [summary] = &*collected.summaries else { panic!("{:?}", collected.summaries) };
        let stem = input.path().file_stem().and_then(|stem| stem.to_str());
        assert_eq!(summary.table.as_deref(), stem);
        assert!(summary.emitted > 0 && summary.losses.is_empty(), "{summary:?}");
    }
}

/// Returns a text of events and rows in a mixture, with some damage.
fn mixture() -> String {
    let line = |at: u32| match at % 7 {
        0 => format!("{{\"broken\":{at}"),
        1 | 2 => format!(
            r#"{{"Timestamp":"2020-01-01T00:00:00Z","RemoteIP":"10.0.0.1","RemotePort":{at},"Type":"DeviceNetworkEvents"}}"#
        ),
        _ => format!(
            r#"{{"EventID":{},"SourceName":"P","Channel":"c","Hostname":"h","TimeCreated":"2020-01-01T00:00:00Z","A":{at}}}"#,
            at % 5
        ),
    };
    (1..20_000).map(|at| line(at) + "\n").collect()
}

#[test]
fn threads_and_blocks_change_nothing() {
    let text = mixture();
    let scan = |threads: usize, block_bytes: usize| {
        let threads = NonZeroUsize::new(threads).unwrap();
        let limits = Limits { threads, block_bytes, ..Limits::default() };
        let events = EventRequest {
            columns: vec![
                EventColumn::System(SystemField::EventId),
                EventColumn::Text(vec!["A".to_owned()]),
            ],
            filters: vec![EventFilter { event_ids: Some(vec![1, 3]), ..EventFilter::default() }],
        };
        let network = of_table("DeviceNetworkEvents", NETWORK);
        let request = ScanRequest { events: vec![events], limits, ..network };
        let collected = scan_bytes("x", text.as_bytes(), &request);
        collected.assert_balances();
        collected
    };
    let by_line = |collected: &Collected| {
        let mut rows = collected.rows();
        rows.sort_by_key(|row| row["line"].parse::<u64>().unwrap());
        rows
    };
    let expected = scan(1, 1 << 20);
    assert_eq!(expected.summaries.iter().map(|summary| summary.read).sum::<u64>(), 19_999);
    assert!(expected.summaries.iter().all(|summary| summary.filtered + summary.emitted > 1000));
    for (threads, block_bytes) in [(1, 1000), (2, 5000), (4, 100), (3, 1 << 20)] {
        let found = scan(threads, block_bytes);
        assert_eq!(by_line(&found), by_line(&expected));
        assert_eq!(found.summaries, expected.summaries);
        assert_eq!(found.problem_texts(), expected.problem_texts());
    }
}

#[test]
fn a_sink_may_end_the_scan() {
    let text = mixture();
    for threads in [1, 3] {
        let mut request = everything();
        request.limits = Limits {
            threads: NonZeroUsize::new(threads).unwrap(),
            block_bytes: 1000,
            ..Limits::default()
        };
        let mut collected = Collected { batches_left: Some(2), ..Collected::default() };
        let path = std::path::Path::new("x");
        sources::scan_stream(path, text.as_bytes(), &request, &KNOWN.0, &mut collected);
        assert_eq!(collected.batches.len(), 2);
    }
}

/// The portal writes local times, and which zone that is only the person at the portal knows.
#[test]
fn local_times_are_in_the_zone_that_is_said_or_else_taken_for_utc() {
    let csv = "\"TimeGenerated [Local Time]\",\"Timestamp [UTC+01:00]\",RemoteIP,RemotePort,Type\r\n\
               \"10/25/2023, 9:43:21.990 AM\",\"10/25/2023, 10:43:21.990 AM\",10.0.0.1,445,DeviceNetworkEvents\r\n";
    let times = |local_offset| {
        let request = ScanRequest { local_offset, ..of_table("DeviceNetworkEvents", NETWORK) };
        let collected = scan_bytes("query_data.csv", csv.as_bytes(), &request);
        collected.assert_balances();
        let row = collected.rows().remove(0);
        let text = |column: &str| datetime::format(row[column].parse().unwrap()).to_string();
        (text("TimeGenerated"), text("Timestamp"), collected.summaries[0].assumed_utc.clone())
    };
    let at = |time: &str| format!("2023-10-25T{time}.9900000Z");
    let assumed = vec!["TimeGenerated".to_owned()];
    assert_eq!(times(None), (at("09:43:21"), at("09:43:21"), assumed));
    let two_hours = kql_types::timespan::HOUR * 2;
    assert_eq!(times(Some(two_hours)), (at("07:43:21"), at("09:43:21"), vec![]));
}

#[test]
fn answers_of_services_are_opened() {
    let row = r#"{"Timestamp":"2023-08-17T00:00:00Z","RemoteIP":"10.0.0.1","RemotePort":445}"#;
    let expected = report("DeviceNetworkEvents.json", row);
    let answer = format!(
        "{{\"Stats\":{{\"ExecutionTime\":0.1}},\n \"Schema\":[{{\"Name\":\"Timestamp\",\"Type\":\"DateTime\"}}],\n \
         \"Results\":[\n{row}\n]}}"
    );
    assert_eq!(report("DeviceNetworkEvents.json", &answer), expected);
    let streamed = |row: &str| {
        format!(
            "{{\"time\":\"x\",\"category\":\"AdvancedHunting-DeviceNetworkEvents\",\"properties\":{row}}}"
        )
    };
    let bare = report("x", &streamed(row));
    assert!(bare.contains("RemotePort: 445"), "{bare}");
    let records = format!("{{\"records\":[{}]}}", streamed(row));
    let body = format!("{{\"body\":{records},\"x-opt-offset\":\"1\"}}");
    let hourly = format!("{}\r\n", streamed(row));
    for text in [&records, &body, &hourly, &format!("[{records}]")] {
        assert_eq!(report("PT1H.json", text), bare, "{text}");
    }
    let twice = format!("{records}\n{records}\n");
    assert_eq!(report("x", &twice).matches("RemotePort: 445").count(), 2);
}
