//! Parquet: what its columns become, what is left unread, and the folders around a file.

#![expect(clippy::arithmetic_side_effects, reason = "numbers of a few rows")]

use std::{num::NonZeroUsize, sync::Arc};

use arrow_array::{
    ArrayRef, BooleanArray, Int32Array, Int64Array, ListArray, RecordBatch, StringArray,
    StructArray, TimestampMicrosecondArray, types::Int32Type,
};
use arrow_schema::{DataType, Field};
use kql_types::{KqlType, datetime, schema::ColumnSchema};
use parquet::{arrow::ArrowWriter, file::properties::WriterProperties};
use sources::{Allowed, ColumnTest, First, ScanRequest};

use crate::collect::{Collected, all_events, everything, of_table, scan_bytes, scan_file};

/// Writes rows as Parquet, in row groups of that many.
fn written(columns: Vec<(&str, ArrayRef)>, group_rows: usize) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties =
        WriterProperties::builder().set_max_row_group_row_count(Some(group_rows)).build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn micros(text: &str) -> i64 {
    datetime::parse(text).unwrap().saturating_sub(datetime::UNIX_EPOCH).div_euclid(10)
}

/// Nine connections, one a day, in row groups of three.
fn connections() -> Vec<u8> {
    let times = (1..=9).map(|day| micros(&format!("2020-01-{day:02}T00:00:00Z")));
    let times = TimestampMicrosecondArray::from_iter_values(times).with_timezone("UTC");
    let ports: Int64Array = (441..=449).map(|port| (port != 445).then_some(port)).collect();
    let names: StringArray = (1..=9).map(|day| (day != 1).then(|| format!("host{day}"))).collect();
    written(
        vec![
            ("Timestamp", Arc::new(times)),
            ("RemotePort", Arc::new(ports)),
            ("DeviceName", Arc::new(names)),
            (
                "RemoteIP",
                Arc::new(StringArray::from_iter_values((1..=9).map(|i| format!("10.0.0.{i}")))),
            ),
        ],
        3,
    )
}

const NETWORK: &[(&str, KqlType)] = &[
    ("Timestamp", KqlType::Datetime),
    ("TimeGenerated", KqlType::Datetime),
    ("RemotePort", KqlType::Int),
    ("DeviceName", KqlType::String),
    ("Type", KqlType::String),
    ("ReportId", KqlType::Long),
];

fn scanned(bytes: &[u8], request: &ScanRequest) -> Collected {
    let folder = testkit::Folder::with(&[("DeviceNetworkEvents/part-0.parquet", bytes)]);
    let path = folder.path().join("DeviceNetworkEvents/part-0.parquet");
    let from_file = scan_file(path.clone(), request);
    from_file.assert_balances();
    let mut on_threads = request.clone();
    on_threads.limits.threads = NonZeroUsize::MIN.saturating_add(1);
    let by_two = scan_file(path, &on_threads);
    assert_eq!(by_two.rows(), from_file.rows());
    assert_eq!(by_two.summaries, from_file.summaries);
    assert_eq!(by_two.problem_texts(), from_file.problem_texts());
    from_file
}

#[test]
fn rows_are_those_of_the_same_json() {
    let rows: Vec<String> = (1..=9)
        .map(|day| {
            let port = if day == 5 { "null".into() } else { (440 + day).to_string() };
            let name = if day == 1 { "null".into() } else { format!("\"host{day}\"") };
            format!("{{\"Timestamp\":\"2020-01-{day:02}T00:00:00Z\",\"RemotePort\":{port},\"DeviceName\":{name},\"RemoteIP\":\"10.0.0.{day}\",\"Type\":\"DeviceNetworkEvents\"}}")
        })
        .collect();
    let request = of_table("DeviceNetworkEvents", NETWORK);
    let json = scan_bytes("x.json", rows.join("\n").as_bytes(), &request);
    let parquet = scanned(&connections(), &request);
    assert_eq!(parquet.rows(), json.rows());
    assert_eq!(parquet.summaries[0].newest, json.summaries[0].newest);
    // A stream gives the same, an archive's member for example.
    let streamed = scan_bytes("DeviceNetworkEvents.parquet", &*connections(), &request);
    assert_eq!(streamed.rows(), json.rows());
}

#[test]
fn row_groups_and_rows_that_are_not_wanted_are_left_out() {
    let at = |text| datetime::parse(text).unwrap();
    let port = |allowed| ColumnTest {
        column: ColumnSchema { name: "RemotePort".to_owned(), ty: KqlType::Int },
        allowed,
    };
    let name = |text: &str| ColumnTest {
        column: ColumnSchema { name: "DeviceName".to_owned(), ty: KqlType::String },
        allowed: Allowed::Texts(vec![text.to_owned()]),
    };
    let missing = ColumnTest {
        column: ColumnSchema { name: "ActionType".to_owned(), ty: KqlType::String },
        allowed: Allowed::Texts(vec!["ConnectionSuccess".to_owned()]),
    };
    for (alternatives, time, lines) in [
        (vec![vec![port(Allowed::OneOf(vec![445, 447]))]], None, &["7"][..]),
        (vec![vec![port(Allowed::Numbers(444..=446))]], None, &["4", "6"]),
        (vec![vec![name("host8")], vec![port(Allowed::OneOf(vec![442]))]], None, &["2", "8"]),
        (vec![vec![name("host8"), port(Allowed::OneOf(vec![442]))]], None, &[]),
        (vec![vec![name("")]], None, &["1"]),
        (vec![vec![missing]], None, &[]),
        (vec![], Some(at("2020-01-03")..at("2020-01-05")), &["3", "4"]),
        (
            vec![vec![port(Allowed::Numbers(1..=999))]],
            Some(at("2020-01-05")..at("2020-01-07")),
            &["6"],
        ),
    ] {
        let mut request = of_table("DeviceNetworkEvents", NETWORK);
        for table in request.tables.values_mut() {
            (table.alternatives, table.time) = (alternatives.clone(), time.clone());
        }
        let collected = scanned(&connections(), &request);
        assert_eq!(collected.lines(), lines, "{alternatives:?} {time:?}");
        assert_eq!(collected.summaries[0].read, 9);
        assert_eq!(collected.summaries[0].newest, Some(at("2020-01-09")));
    }
}

#[test]
fn folders_say_the_table_and_columns_that_the_file_lacks() {
    let bytes = written(
        vec![
            ("Timestamp", Arc::new(StringArray::from(vec!["2024-05-01T12:00:00Z"]))),
            ("RemotePort", Arc::new(Int32Array::from(vec![445]))),
        ],
        9,
    );
    let path = "lake/DeviceNetworkEvents/date=2024-05-01/DeviceName=a%3Ab/x.snappy.parquet";
    let folder = testkit::Folder::with(&[(path, &bytes)]);
    let request = of_table("DeviceNetworkEvents", NETWORK);
    let collected = scan_file(folder.path().join(path), &request);
    collected.assert_balances();
    let row = collected.rows().remove(0);
    assert_eq!((&*row["DeviceName"], &*row["RemotePort"]), ("a:b", "445"));
    assert_eq!(row["Type"], "DeviceNetworkEvents");
}

#[test]
fn nested_columns_are_json_and_what_does_not_convert_is_counted() {
    let nested = StructArray::from(vec![
        (
            Arc::new(Field::new("a", DataType::Utf8, true)),
            Arc::new(StringArray::from(vec![Some("x\"y"), None])) as ArrayRef,
        ),
        (
            Arc::new(Field::new("b", DataType::Boolean, false)),
            Arc::new(BooleanArray::from(vec![true, false])) as ArrayRef,
        ),
    ]);
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None]), None]);
    let bytes = written(
        vec![
            ("Timestamp", Arc::new(StringArray::from(vec!["2024-05-01T12:00:00Z", "2024-05-02"]))),
            ("AdditionalFields", Arc::new(nested)),
            ("RemoteUrl", Arc::new(list)),
            ("ReportId", Arc::new(StringArray::from(vec!["7", "x"]))),
            ("RemoteIP", Arc::new(StringArray::from(vec!["", ""]))),
        ],
        9,
    );
    let columns = [
        ("AdditionalFields", KqlType::Dynamic),
        ("RemoteUrl", KqlType::String),
        ("ReportId", KqlType::Long),
        ("Timestamp", KqlType::Datetime),
    ];
    let collected = scanned(&bytes, &of_table("DeviceNetworkEvents", &columns));
    let rows = collected.rows();
    assert_eq!(rows[0]["AdditionalFields"], r#"{"a":"x\"y","b":true}"#);
    assert_eq!(rows[1]["AdditionalFields"], r#"{"a":null,"b":false}"#);
    assert_eq!((&*rows[0]["RemoteUrl"], &*rows[1]["RemoteUrl"]), ("[1,null]", ""));
    collected.assert_balances();
    let lost: Vec<_> =
        collected.summaries[0].losses.iter().map(|(cause, _)| cause.to_string()).collect();
    assert_eq!(lost, ["`ReportId` is null where the value is not of type long"]);
}

/// A lake may hold events as they came: here as Sentinel's `WindowsEvent`, the data a structure.
#[test]
fn rows_that_are_events_are_events() {
    let data = StructArray::from(vec![(
        Arc::new(Field::new("ShareName", DataType::Utf8, true)),
        Arc::new(StringArray::from(vec![r"\\*\C$"])) as ArrayRef,
    )]);
    let times = TimestampMicrosecondArray::from_iter_values([micros("2020-01-01T00:00:00Z")]);
    let bytes = written(
        vec![
            ("TimeGenerated", Arc::new(times)),
            ("Provider", Arc::new(StringArray::from(vec!["Microsoft-Windows-Security-Auditing"]))),
            ("Channel", Arc::new(StringArray::from(vec!["Security"]))),
            ("EventID", Arc::new(Int32Array::from(vec![5140]))),
            ("Computer", Arc::new(StringArray::from(vec!["c"]))),
            ("EventData", Arc::new(data)),
        ],
        9,
    );
    let collected = scan_bytes("x", &*bytes, &all_events());
    collected.assert_balances();
    assert_eq!(collected.problem_texts(), [""; 0]);
    let row = collected.rows().remove(0);
    assert_eq!((&*row["EventID"], &*row["EventData"]), ("5140", r#"{"ShareName":"\\\\*\\C$"}"#));
    assert_eq!(row["TimeGenerated"], datetime::parse("2020-01-01").unwrap().to_string());
}

#[test]
fn damage_is_told() {
    let whole = connections();
    for bytes in [&whole[..whole.len() / 2], &whole[..7], b"PAR1PAR1"] {
        let collected = scan_bytes("DeviceNetworkEvents.parquet", bytes, &everything());
        collected.assert_balances();
        assert_eq!(collected.problems.len(), 1, "{:?}", collected.problem_texts());
    }
    let mut broken = whole.clone();
    broken[8..60].fill(0xff);
    let collected = scanned(&broken, &of_table("DeviceNetworkEvents", NETWORK));
    assert_eq!(collected.problems.len(), 1, "{:?}", collected.problem_texts());
}

#[test]
fn damage_to_a_row_group_is_told() {
    let mut bytes = connections();
    // The first pages, behind the magic.
    bytes[4..60].fill(0xff);
    let collected = scanned(&bytes, &of_table("DeviceNetworkEvents", NETWORK));
    assert_eq!(collected.problem_texts().len(), 1);
    assert_eq!(collected.lines(), [""; 0]);
}

#[test]
fn rows_without_a_time_that_can_be_read_are_rejected() {
    let times = vec![Some("2024-05-01T12:00:00Z"), Some("yesterday"), None, Some("2024-05-03")];
    let bytes = written(
        vec![
            ("Timestamp", Arc::new(StringArray::from(times))),
            ("RemoteIP", Arc::new(StringArray::from(vec!["a", "b", "c", "d"]))),
            ("RemotePort", Arc::new(StringArray::from(vec!["445", "1", "2", "smb"]))),
        ],
        2,
    );
    let at = |text| kql_types::datetime::parse(text).unwrap();
    for time in [None, Some(at("2024-01-01")..at("2025-01-01"))] {
        let mut request = of_table("DeviceNetworkEvents", NETWORK);
        for table in request.tables.values_mut() {
            table.time.clone_from(&time);
        }
        let collected = scanned(&bytes, &request);
        collected.assert_balances();
        assert_eq!(collected.lines(), ["1", "4"]);
        let problems = collected.problem_texts();
        assert!(problems[0].contains("record 2: `Timestamp` holds no time"), "{problems:?}");
        assert!(problems[1].contains("record 3: `Timestamp` is empty"), "{problems:?}");
        let lost: Vec<_> = collected.summaries[0].losses.iter().collect();
        assert!(matches!(&*lost, [(_, loss)] if loss.first == 4 && loss.example == "smb"));
    }
}

/// 20,000 rows whose times are in no order, in groups of that many.
fn in_no_order(group_rows: usize) -> (Vec<i64>, Vec<u8>) {
    let times: Vec<i64> = (0..20_000_i64).map(|row| (row * 7_919) % 20_011).collect();
    let ports = Int32Array::from_iter_values((0..20_000).map(|row| row % 1_000));
    let columns: [(&str, ArrayRef); 2] = [
        ("Timestamp", Arc::new(TimestampMicrosecondArray::from(times.clone()))),
        ("RemotePort", Arc::new(ports)),
    ];
    (times, written(columns.to_vec(), group_rows))
}

#[test]
fn a_row_group_is_read_in_parts_and_nothing_is_lost_between_them() {
    let (times, bytes) = in_no_order(20_000);
    let whole = of_table("DeviceNetworkEvents", NETWORK);
    let mut in_parts = whole.clone();
    in_parts.limits.block_bytes = 1;
    let [whole, in_parts] = [whole, in_parts].map(|request| scanned(&bytes, &request));
    let sizes: Vec<usize> = in_parts.batches.iter().map(|(_, batch)| batch.num_rows()).collect();
    assert_eq!(sizes, [8_192, 8_192, 3_616], "parts are whole batches");
    assert_eq!(in_parts.rows(), whole.rows());
    assert_eq!(in_parts.lines().len(), times.len());
    // A test leaves rows out of each part.
    let mut few = of_table("DeviceNetworkEvents", NETWORK);
    let port = ColumnSchema { name: "RemotePort".to_owned(), ty: KqlType::Int };
    let seven = ColumnTest { column: port, allowed: Allowed::OneOf(vec![7]) };
    for table in few.tables.values_mut() {
        table.alternatives = vec![vec![seven.clone()]];
    }
    few.limits.block_bytes = 1;
    let lines: Vec<String> = (0..20).map(|thousand| (thousand * 1_000 + 8).to_string()).collect();
    assert_eq!(scanned(&bytes, &few).lines(), lines);
}

#[test]
fn the_first_rows_are_read_and_the_others_counted() {
    let by = |name: &str, ty, is_descending| First {
        column: ColumnSchema { name: name.to_owned(), ty },
        rows: 5,
        is_descending,
        has_nulls_first: false,
    };
    for (is_descending, group_rows) in
        [(true, 20_000), (false, 20_000), (true, 2_000), (false, 999)]
    {
        // Not those of each group.
        let (times, bytes) = in_no_order(group_rows);
        let mut request = of_table("DeviceNetworkEvents", NETWORK);
        for table in request.tables.values_mut() {
            table.first = Some(by("Timestamp", KqlType::Datetime, is_descending));
        }
        let mut lines: Vec<usize> = (0..times.len()).collect();
        lines.sort_by_key(|row| if is_descending { -times[*row] } else { times[*row] });
        let mut expected: Vec<usize> = lines[..5].iter().map(|row| row + 1).collect();
        expected.sort_unstable();
        let expected: Vec<String> = expected.iter().map(ToString::to_string).collect();
        let found = scanned(&bytes, &request);
        assert_eq!(found.lines(), expected);
        let [summary] = &*found.summaries else { panic!("{:?}", found.summaries) };
        assert_eq!((summary.emitted, summary.passed_over), (5, 19_995));
    }
    // Those that are equal to the last one come along: who asks has to choose.
    let (_, bytes) = in_no_order(3_000);
    let mut request = of_table("DeviceNetworkEvents", NETWORK);
    for table in request.tables.values_mut() {
        table.first = Some(by("RemotePort", KqlType::Int, true));
    }
    assert_eq!(scanned(&bytes, &request).summaries[0].emitted, 20);
}

#[test]
fn row_groups_that_come_behind_the_first_rows_are_left_unread() {
    let first = |name: &str, ty, is_descending, has_nulls_first| First {
        column: ColumnSchema { name: name.to_owned(), ty },
        rows: 2,
        is_descending,
        has_nulls_first,
    };
    let time = |is_descending| first("Timestamp", KqlType::Datetime, is_descending, false);
    let port = |has_nulls_first| first("RemotePort", KqlType::Int, true, has_nulls_first);
    // The fifth row has no port, and the first no name.
    for (first, lines) in [
        (time(true), &["8", "9"][..]),
        (time(false), &["1", "2"]),
        (port(false), &["8", "9"]),
        (port(true), &["5", "9"]),
        // Rows are not ranked by text.
        (first("DeviceName", KqlType::String, true, false), &["1", "2", "3"]),
    ] {
        let mut request = of_table("DeviceNetworkEvents", NETWORK);
        for table in request.tables.values_mut() {
            table.first = Some(first.clone());
        }
        let found = scanned(&connections(), &request);
        let found_lines = found.lines();
        assert!(
            lines.iter().all(|line| found_lines.iter().any(|it| it == line)),
            "{first:?}: {found_lines:?}"
        );
        assert_eq!(found.summaries[0].read, 9);
        assert_eq!(found.summaries[0].filtered, 0, "all are wanted");
    }
    // Where the group that has them is damaged, the others have still been counted.
    let mut request = of_table("DeviceNetworkEvents", NETWORK);
    for table in request.tables.values_mut() {
        table.first = Some(time(false));
    }
    let mut damaged = connections();
    damaged[4..60].fill(0xff);
    let found = scanned(&damaged, &request);
    let [summary] = &*found.summaries else { panic!("{:?}", found.summaries) };
    assert_eq!((summary.read, summary.emitted, summary.passed_over), (6, 0, 6));
    assert_eq!(found.problem_texts().len(), 1);
    // What a damaged group has nobody needs to know.
    let bytes = connections();
    let mut request = of_table("DeviceNetworkEvents", NETWORK);
    for table in request.tables.values_mut() {
        table.first = Some(time(true));
    }
    let mut damaged = bytes.clone();
    damaged[4..40].fill(0xff);
    let found = scanned(&damaged, &request);
    assert_eq!(
        (found.lines(), found.problem_texts()),
        (vec!["8".to_owned(), "9".to_owned()], vec![])
    );
}
