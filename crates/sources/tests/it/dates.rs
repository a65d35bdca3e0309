//! Dates as people's programs write them: the order of day and month is settled for a whole column.

use std::{num::NonZeroUsize, sync::Arc};

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use kql_types::{KqlType, datetime};
use parquet::arrow::ArrowWriter;
use sources::{Cause, DateOrder, Limits, ScanRequest};

use crate::collect::{Collected, all_events, of_table, scan_bytes, scan_file};

const COLUMNS: &[(&str, KqlType)] = &[
    ("Timestamp", KqlType::Datetime),
    ("ProcessCreationTime", KqlType::Datetime),
    ("FileName", KqlType::String),
];

/// Writes rows, each of two times.
type Write = fn(&[(&str, &str)]) -> Vec<u8>;

/// The formats, by extension.
const FORMS: [(&str, Write); 3] = [("csv", csv), ("json", json), ("parquet", parquet_file)];

fn csv(rows: &[(&str, &str)]) -> Vec<u8> {
    let rows: Vec<String> = rows
        .iter()
        .map(|(time, created)| format!("\"{time}\",\"{created}\",a.exe,cmd.exe,7"))
        .collect();
    format!(
        "Timestamp,ProcessCreationTime,FileName,InitiatingProcessFileName,ReportId\n{}\n",
        rows.join("\n")
    )
    .into_bytes()
}

fn json(rows: &[(&str, &str)]) -> Vec<u8> {
    let rows: Vec<String> = rows
        .iter()
        .map(|(time, created)| {
            format!(
                r#"{{"Timestamp":"{time}","ProcessCreationTime":"{created}","FileName":"a.exe"}}"#
            )
        })
        .collect();
    rows.join("\n").into_bytes()
}

fn parquet_file(rows: &[(&str, &str)]) -> Vec<u8> {
    let column = |texts: Vec<&str>| Arc::new(StringArray::from(texts)) as ArrayRef;
    let batch = RecordBatch::try_from_iter([
        ("Timestamp", column(rows.iter().map(|row| row.0).collect())),
        ("ProcessCreationTime", column(rows.iter().map(|row| row.1).collect())),
        ("FileName", column(vec!["a.exe"; rows.len()])),
    ])
    .unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn request(date_order: Option<DateOrder>) -> ScanRequest {
    ScanRequest { date_order, ..of_table("DeviceProcessEvents", COLUMNS) }
}

fn scanned(form: &str, bytes: &[u8], request: &ScanRequest) -> Collected {
    let collected = scan_bytes(&format!("DeviceProcessEvents.{form}"), bytes, request);
    collected.assert_balances();
    collected
}

/// Returns the times of a column.
fn times(collected: &Collected, column: &str) -> Vec<String> {
    let time = |text: &String| datetime::format_json(text.parse().unwrap()).to_string();
    collected.rows().iter().filter_map(|row| row.get(column).map(time)).collect()
}

fn undecided(collected: &Collected) -> Vec<(String, u64)> {
    let losses = collected.summaries.iter().flat_map(|summary| summary.losses.iter());
    losses
        .filter_map(|(cause, loss)| match cause {
            Cause::UndecidedDate { column } => Some((column.clone(), loss.count)),
            _ => None,
        })
        .collect()
}

#[test]
fn the_last_row_decides_for_the_first() {
    let mut rows = vec![("4/5/2026 9:15:02 PM", "05-04-2026 01:00:00"); 400];
    rows.push(("17/5/2026 9:15:02 PM", "04-17-2026 01:00:00"));
    for (form, write) in FORMS {
        let bytes = write(&rows);
        let name = format!("DeviceProcessEvents.{form}");
        let folder = testkit::Folder::with(&[(&name, &bytes)]);
        for threads in [1, 3] {
            let limits = Limits {
                block_bytes: 4000,
                threads: NonZeroUsize::new(threads).unwrap(),
                ..Limits::default()
            };
            let request = ScanRequest { limits, ..request(None) };
            for collected in
                [scanned(form, &bytes, &request), scan_file(folder.path().join(&name), &request)]
            {
                collected.assert_balances();
                let found = times(&collected, "Timestamp");
                assert_eq!(found.len(), 401, "{form}");
                assert_eq!(found[0], "2026-05-04T21:15:02Z", "{form}");
                assert_eq!(found[400], "2026-05-17T21:15:02Z", "{form}");
                assert_eq!(times(&collected, "ProcessCreationTime")[0], "2026-05-04T01:00:00Z");
                assert_eq!(undecided(&collected), []);
                assert_eq!(
                    collected.summaries[0].assumed_utc,
                    ["ProcessCreationTime", "Timestamp"],
                    "{form}"
                );
            }
        }
    }
}

#[test]
fn a_column_that_stays_undecided_is_told_and_the_user_decides() {
    let rows = [("4/5/2026 21:15:02", "2026-04-05T00:00:00Z"), ("5/4/2026 21:15:02", "")];
    for (form, write) in FORMS {
        let bytes = write(&rows);
        let collected = scanned(form, &bytes, &request(None));
        assert_eq!(
            times(&collected, "Timestamp"),
            ["2026-04-05T21:15:02Z", "2026-05-04T21:15:02Z"],
            "{form}"
        );
        assert_eq!(undecided(&collected), [("Timestamp".to_owned(), 2)], "{form}");
        let collected = scanned(form, &bytes, &request(Some(DateOrder::DayFirst)));
        assert_eq!(
            times(&collected, "Timestamp"),
            ["2026-05-04T21:15:02Z", "2026-04-05T21:15:02Z"],
            "{form}"
        );
        assert_eq!(undecided(&collected), [], "{form}");
        let collected = scanned(form, &bytes, &request(Some(DateOrder::YearFirst)));
        assert_eq!((collected.rows().len(), collected.problems.len()), (0, 2), "{form}");
    }
}

#[test]
fn dates_of_a_column_that_contradicts_itself_are_rejected() {
    let rows = [
        ("4/5/2026 21:15:02", ""),
        ("14/5/2026 21:15:02", ""),
        ("4/15/2026 21:15:02", ""),
        ("6/6/2026", ""),
        ("Jun 7, 2026 8:15:02 PM", ""),
    ];
    for (form, write) in FORMS {
        let collected = scanned(form, &write(&rows), &request(None));
        let problems = collected.problem_texts();
        assert!(
            matches!(&*problems, [one] if one.contains("record 1") && one.contains("`Timestamp` holds")),
            "{form}: {problems:?}"
        );
        let expected = [
            "2026-05-14T21:15:02Z",
            "2026-04-15T21:15:02Z",
            "2026-06-06T00:00:00Z",
            "2026-06-07T20:15:02Z",
        ];
        assert_eq!(times(&collected, "Timestamp"), expected, "{form}");
    }
}

#[test]
fn dots_put_the_day_first_and_the_zone_is_heeded() {
    let rows = [("05.04.2026 21:15:02", "2026-04-05 21:15:02")];
    for (form, write) in FORMS {
        let collected = scanned(form, &write(&rows), &request(None));
        assert_eq!(times(&collected, "Timestamp"), ["2026-04-05T21:15:02Z"], "{form}");
        assert_eq!(undecided(&collected), [], "{form}");
        let local_offset = Some(2 * kql_types::timespan::HOUR);
        let request = ScanRequest { local_offset, ..request(None) };
        let collected = scanned(form, &write(&rows), &request);
        assert_eq!(times(&collected, "Timestamp"), ["2026-04-05T19:15:02Z"], "{form}");
        assert_eq!(times(&collected, "ProcessCreationTime"), ["2026-04-05T19:15:02Z"], "{form}");
        assert!(collected.summaries[0].assumed_utc.is_empty(), "{form}");
    }
}

#[test]
fn times_of_events_are_settled_too() {
    let row = |time: &str| {
        format!("\"Process Create:\r\nImage: x\",1,\"{time}\",Microsoft-Windows-Sysmon,L,h\n")
    };
    let header = "Message,Id,TimeCreated,ProviderName,LogName,MachineName\n";
    let csv = |times: &[&str]| {
        let rows: String = times.iter().map(|time| row(time)).collect();
        scan_bytes("x.csv", format!("{header}{rows}").as_bytes(), &all_events())
    };
    let collected = csv(&["4/5/2026 9:15:02 π.μ.", "14/5/2026 9:15:02 μ.μ."]);
    collected.assert_balances();
    assert_eq!(
        times(&collected, "TimeGenerated"),
        ["2026-05-04T09:15:02Z", "2026-05-14T21:15:02Z"]
    );
    assert_eq!(collected.summaries[0].assumed_utc, ["TimeCreated"]);
    let collected = csv(&["4/5/2026 9:15:02", "yesterday"]);
    collected.assert_balances();
    assert_eq!(undecided(&collected), [("TimeCreated".to_owned(), 1)]);
    let problems = collected.problem_texts();
    assert!(
        matches!(&*problems, [one] if one.contains("record 2: offset") || one.contains("`yesterday`")),
        "{problems:?}"
    );
}

/// Events in JSON of two shapes, one that is read by paths and one that is read whole.
const EVENTS_IN_JSON: [fn(&str) -> String; 2] = [
    |time| {
        format!(
            r#"{{"TimeCreated":"{time}","SourceName":"Prov","EventID":7,"Channel":"Log","Hostname":"h","A":"1"}}"#
        )
    },
    |time| {
        format!(
            r#"{{"TimeCreated":"{time}","ProviderName":"Prov","Id":7,"LogName":"Log","MachineName":"h","Properties":[]}}"#
        )
    },
];

#[test]
fn the_times_of_events_in_json_are_settled_for_their_key() {
    for write in EVENTS_IN_JSON {
        let scanned = |times: &[&str], request: &ScanRequest| {
            let text = times.iter().map(|time| write(time) + "\n").collect::<String>();
            let collected = scan_bytes("x.jsonl", text.as_bytes(), request);
            collected.assert_balances();
            assert_eq!(collected.problem_texts(), [""; 0]);
            collected
        };
        let open = ["3/4/2026 10:00:00", "5/4/2026 10:00:00"];
        let times = |collected: &Collected| times(collected, "TimeGenerated");
        // Nothing tells: month first, and counted.
        let found = scanned(&open, &all_events());
        assert_eq!(times(&found), ["2026-03-04T10:00:00Z", "2026-05-04T10:00:00Z"]);
        assert_eq!(undecided(&found), [("TimeCreated".to_owned(), 2)]);
        assert_eq!(found.summaries[0].assumed_utc, ["TimeCreated"]);
        // The user tells.
        let day_first = ScanRequest { date_order: Some(DateOrder::DayFirst), ..all_events() };
        let found = scanned(&open, &day_first);
        assert_eq!(times(&found), ["2026-04-03T10:00:00Z", "2026-04-05T10:00:00Z"]);
        assert_eq!(undecided(&found), []);
        // A value of the key tells.
        let found = scanned(&[open[0], "17/4/2026 10:00:00"], &all_events());
        assert_eq!(times(&found), ["2026-04-03T10:00:00Z", "2026-04-17T10:00:00Z"]);
        assert_eq!(undecided(&found), []);
        // The user tells the zone.
        let east = ScanRequest { local_offset: Some(36_000_000_000), ..all_events() };
        let found = scanned(&["2026-04-03 10:00:00", "2026-04-03T10:00:00Z"], &east);
        assert_eq!(times(&found), ["2026-04-03T09:00:00Z", "2026-04-03T10:00:00Z"]);
        assert_eq!(found.summaries[0].assumed_utc, [""; 0]);
    }
}

/// `@timestamp` is in UTC by its definition, but not where a program shows it in the zone of its user.
#[test]
fn times_that_kibana_shows_are_local() {
    let csv = |time: &str| {
        format!(
            "@timestamp,winlog.provider_name,winlog.event_id,winlog.channel,winlog.event_data.A\n\"{time}\",P,7,C,1\n"
        )
    };
    let scanned = |time: &str, request: &ScanRequest| {
        let collected = scan_bytes("x.csv", csv(time).as_bytes(), request);
        collected.assert_balances();
        assert_eq!(collected.problem_texts(), [""; 0]);
        (times(&collected, "TimeGenerated").remove(0), collected.summaries[0].assumed_utc.clone())
    };
    let shown = "Feb 9, 2026 @ 20:15:02.000";
    let told = ["@timestamp".to_owned()];
    assert_eq!(scanned(shown, &all_events()), ("2026-02-09T20:15:02Z".to_owned(), told.to_vec()));
    let east = ScanRequest { local_offset: Some(36_000_000_000), ..all_events() };
    assert_eq!(scanned(shown, &east), ("2026-02-09T19:15:02Z".to_owned(), vec![]));
    let iso = "2026-02-09 20:15:02.000";
    assert_eq!(scanned(iso, &east), ("2026-02-09T20:15:02Z".to_owned(), vec![]));
}
