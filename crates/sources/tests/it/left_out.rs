//! Rows of JSON that fail the tests of a request: they are left out, and nothing else changes.

use std::{collections::BTreeMap, num::NonZeroUsize, path::Path};

use kql_types::{KqlType, schema::ColumnSchema};
use proptest::{collection::vec, prelude::*, sample::select};
use sources::{Allowed, ColumnTest, Limits, ScanRequest};

use crate::collect::{Collected, KNOWN, of_table, scan_bytes};

const COLUMNS: &[(&str, KqlType)] = &[
    ("RemoteIP", KqlType::String),
    ("RemotePort", KqlType::Int),
    ("Timestamp", KqlType::Datetime),
    ("ReportId", KqlType::Long),
    ("AdditionalFields", KqlType::Dynamic),
    ("ActionType", KqlType::String),
];

/// What may stand behind a column's name; those that do not convert to its type come last.
const PORTS: &[&str] =
    &["445", "\"445\"", "445.0", "139", " 139", "null", "\"\"", "-1", "445.5", "\"smb\"", "[445]"];
const BAD_PORTS: &[&str] = &["445.5", "\"smb\"", "[445]"];
const IDS: &[&str] = &["1", "9999999999", "null", "\"no\""];
const BAD_IDS: &[&str] = &["\"no\""];
const ADDRESSES: &[&str] = &[
    "\"10.0.0.1\"",
    "\"10\\u002e0.0.1\"",
    "\"10.0.0.2\"",
    "null",
    "\"\"",
    "\"C:\\\\x\"",
    "{\"a\": 1}",
];
const TIMES: &[&str] = &[
    "\"2026-03-01T10:00:00Z\"",
    "\"2026-03-01T10:00:00.5Z\"",
    "\"2026-03-01T12:00:00+02:00\"",
    "\"2026-03-01 10:00:00\"",
    "\"2\\/3\\/2026 10:00\"",
    "\"soon\"",
    "null",
];
const ACTIONS: &[&str] = &["\"Found\"", "\"Made\"", "\"F\\u006fund\"", "null"];
/// What may stand behind the last column.
const ENDS: &[&str] = &["}", ",\"Extra\":{\"a\":[1]}}", ",}", "", ",\"RemotePort\":1}"];

/// One record: the place of each value among those that may stand there.
type Record = [usize; 6];

fn records() -> impl Strategy<Value = Vec<Record>> {
    let of = |texts: &'static [&str]| 0..texts.len();
    // Most records are whole.
    let end = prop_oneof![8 => Just(0), 1 => of(ENDS)];
    let time = prop_oneof![4 => 0..2_usize, 1 => of(TIMES)];
    let record = (time, of(ADDRESSES), of(PORTS), of(IDS), of(ACTIONS), end);
    let record =
        record.prop_map(|(time, ip, port, id, action, end)| [time, ip, port, id, action, end]);
    vec(record, 1..60)
}

fn line([time, address, port, id, action, end]: Record) -> String {
    let (time, address, port) = (TIMES[time], ADDRESSES[address], PORTS[port]);
    let (id, action, end) = (IDS[id], ACTIONS[action], ENDS[end]);
    format!(
        "{{\"Timestamp\":{time},\"RemoteIP\":{address},\"RemotePort\":{port},\"ReportId\":{id},\
         \"ActionType\":{action},\"AdditionalFields\":{address}{end}\n"
    )
}

fn test(name: &str, allowed: Allowed) -> ColumnTest {
    let (name, ty) = COLUMNS.iter().find(|(known, _)| *known == name).unwrap();
    ColumnTest { column: ColumnSchema { name: (*name).to_owned(), ty: *ty }, allowed }
}

fn texts(texts: &[&str]) -> Allowed {
    Allowed::Texts(texts.iter().map(|text| (*text).to_owned()).collect())
}

fn tests() -> impl Strategy<Value = Vec<Vec<ColumnTest>>> {
    let ticks = kql_types::datetime::parse("2026-03-01T10:00:00Z").unwrap();
    let one = select(vec![
        test("RemotePort", Allowed::OneOf(vec![445])),
        test("RemotePort", Allowed::Numbers(100..=200)),
        test("ReportId", Allowed::Numbers(2..=i64::MAX)),
        test("Timestamp", Allowed::Numbers(ticks.saturating_add(1)..=i64::MAX)),
        test("RemoteIP", texts(&["10.0.0.1", "C:\\x"])),
        test("RemoteIP", texts(&[""])),
        test("ActionType", texts(&["Found"])),
    ]);
    vec(vec(one, 1..4), 1..4)
}

fn scanned(text: &str, alternatives: &[Vec<ColumnTest>], limits: Limits) -> Collected {
    let mut request = ScanRequest { limits, ..of_table("DeviceNetworkEvents", COLUMNS) };
    for table in request.tables.values_mut() {
        table.alternatives = alternatives.to_vec();
    }
    scan_bytes("DeviceNetworkEvents.json", text.as_bytes(), &request)
}

/// Tells of a row whether it passes, by its values as they were read.
fn passes(row: &BTreeMap<String, String>, test: &ColumnTest) -> bool {
    let value = row.get(&test.column.name);
    let number = value.and_then(|value| value.parse::<i64>().ok());
    match &test.allowed {
        Allowed::Texts(texts) => value.is_some_and(|value| texts.contains(value)),
        Allowed::Numbers(range) => number.is_some_and(|number| range.contains(&number)),
        Allowed::OneOf(numbers) => number.is_some_and(|number| numbers.contains(&number)),
    }
}

/// The bytes of a block that all records fit into.
const ONE_BLOCK: usize = 1 << 20;

proptest! {
    #[test]
    fn rows_that_fail_are_left_out_and_nothing_else_changes(
        records in records(),
        alternatives in tests(),
        threads in 1_usize..3,
        block_bytes in select(vec![300, ONE_BLOCK]),
    ) {
        // A file of nothing but damage is given up, wherever that shows.
        let first = line([0, 0, 0, 0, 0, 0]);
        let text = first + &records.iter().copied().map(line).collect::<String>();
        let threads = NonZeroUsize::new(threads).unwrap();
        let limits = Limits { threads, block_bytes, ..Limits::default() };
        let all = scanned(&text, &[], limits);
        let some = scanned(&text, &alternatives, limits);
        some.assert_balances();
        prop_assert_eq!(some.problem_texts(), all.problem_texts());
        let account = |collected: &Collected| {
            let mut summaries = collected.summaries.clone();
            for summary in &mut summaries {
                (summary.filtered, summary.emitted) = (summary.filtered.saturating_add(summary.emitted), 0);
            }
            summaries
        };
        prop_assert_eq!(account(&some), account(&all));

        let is_bad = |row: &BTreeMap<String, String>| {
            // The line that has been put in front is none of the records.
            let at = row["line"].parse::<usize>().unwrap().checked_sub(2);
            at.is_some_and(|at| {
                BAD_PORTS.contains(&PORTS[records[at][2]]) || BAD_IDS.contains(&IDS[records[at][3]])
            })
        };
        let passes_any = |row: &BTreeMap<String, String>| {
            alternatives.iter().any(|tests| tests.iter().all(|test| passes(row, test)))
        };
        // The first row of a block is handed over in any case, so that the sink is asked as often.
        prop_assert_eq!(some.batches.len(), all.batches.len());
        let (mut found, mut expected) = (some.rows(), all.rows());
        prop_assert!(found.iter().all(|row| expected.contains(row)));
        if block_bytes == ONE_BLOCK {
            expected.retain(|row| passes_any(row) || is_bad(row) || row["line"] == "1");
        } else {
            expected.retain(|row| passes_any(row) || is_bad(row));
            found.retain(|row| passes_any(row) || is_bad(row));
        }
        prop_assert_eq!(found, expected);
    }
}

#[test]
fn a_scan_ends_where_it_would_with_the_rows_that_are_left_out() {
    let row = |at: usize| line([0, 0, if at % 5000 == 4999 { 0 } else { 3 }, 0, 0, 0]);
    let text: String = (0..40_000).map(row).collect();
    let ended = |alternatives: &[Vec<ColumnTest>], block_bytes, batches: usize| {
        let mut request = of_table("DeviceNetworkEvents", COLUMNS);
        request.limits.block_bytes = block_bytes;
        for table in request.tables.values_mut() {
            table.alternatives = alternatives.to_vec();
        }
        let mut collected = Collected { batches_left: Some(batches), ..Collected::default() };
        let path = Path::new("DeviceNetworkEvents.json");
        let summaries =
            sources::scan_stream(path, text.as_bytes(), &request, &KNOWN.0, &mut collected);
        (summaries[0].read, collected.lines())
    };
    let tests = vec![vec![test("RemotePort", Allowed::OneOf(vec![445]))]];
    for block_bytes in [1 << 12, 1 << 16, 1 << 21] {
        for batches in 1..4 {
            let (read, all) = ended(&[], block_bytes, batches);
            let (read_by_tests, some) = ended(&tests, block_bytes, batches);
            assert_eq!((read_by_tests, batches), (read, batches));
            assert!(
                read <= 40_000 && some.len() * 5 < all.len(),
                "{} of {}",
                some.len(),
                all.len()
            );
            let is_passing = |line: &&String| line.parse::<u64>().unwrap() % 5000 == 0;
            let passing = |lines: &[String]| lines.iter().filter(is_passing).count();
            assert_eq!(passing(&some), passing(&all));
        }
    }
}

#[test]
fn a_test_of_what_is_not_asked_for_leaves_nothing_out() {
    let text: String = (0..PORTS.len()).map(|port| line([0, 0, port, 0, 0, 0])).collect();
    let missing = ColumnTest {
        column: ColumnSchema { name: "Protocol".to_owned(), ty: KqlType::String },
        allowed: texts(&["Tcp"]),
    };
    let port = test("RemotePort", Allowed::OneOf(vec![139]));
    let lines = |alternatives: &[_]| scanned(&text, alternatives, Limits::default()).lines().len();
    assert_eq!(lines(&[vec![missing.clone()]]), PORTS.len());
    assert_eq!(lines(&[vec![port.clone()], vec![missing.clone()]]), PORTS.len());
    // What can be told still is. The three last do not convert, and the first is that of the batch.
    assert_eq!(lines(&[vec![port, missing]]), 1 + 2 + BAD_PORTS.len());
}
