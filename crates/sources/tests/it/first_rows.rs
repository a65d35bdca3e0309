//! The rows of JSON lines that come first by their time: they are read, and the others counted.

#![expect(clippy::arithmetic_side_effects, reason = "numbers of a few rows")]

use std::{collections::BTreeSet, num::NonZeroUsize};

use kql_types::{KqlType, schema::ColumnSchema};
use proptest::prelude::*;
use sources::{First, ScanRequest};

use crate::collect::{Collected, of_table, scan_bytes};

const COLUMNS: &[(&str, KqlType)] = &[
    ("Timestamp", KqlType::Datetime),
    ("RemotePort", KqlType::Int),
    ("DeviceName", KqlType::String),
];

fn lines(minutes: &[u32]) -> String {
    let line = |(row, minute): (usize, &u32)| {
        // A hundredth row has a port that is none, and a name with an escape.
        let port = if row % 100 == 7 { "\"x\"".to_owned() } else { row.to_string() };
        format!(
            "{{\"Timestamp\":\"2024-05-{:02}T{:02}:{:02}:00Z\",\"RemotePort\":{port},\"DeviceName\":\"h\\u00f6st{row}\",\"Type\":\"DeviceNetworkEvents\"}}",
            minute / 1_440 + 1,
            minute / 60 % 24,
            minute % 60,
        )
    };
    minutes.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

fn request(first: Option<(usize, bool)>) -> ScanRequest {
    let mut request = of_table("DeviceNetworkEvents", COLUMNS);
    request.limits.block_bytes = 2_000;
    for table in request.tables.values_mut() {
        table.first = first.map(|(rows, is_descending)| First {
            column: ColumnSchema { name: "Timestamp".to_owned(), ty: KqlType::Datetime },
            rows,
            is_descending,
            has_nulls_first: false,
        });
    }
    request
}

fn scanned(text: &str, first: Option<(usize, bool)>, threads: usize) -> Collected {
    let mut request = request(first);
    request.limits.threads = NonZeroUsize::new(threads).unwrap();
    let found = scan_bytes("x.jsonl", text.as_bytes(), &request);
    found.assert_balances();
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_first_rows_are_among_those_that_are_read(
        mut minutes in proptest::collection::vec(0..20_000_u32, 1..300),
        is_sorted: bool,
        rows in 1..9_usize,
        is_descending: bool,
    ) {
        if is_sorted {
            minutes.sort_unstable();
        }
        let text = lines(&minutes);
        let all = scanned(&text, None, 1);
        let found = scanned(&text, Some((rows, is_descending)), 1);
        let mut order: Vec<usize> = (0..minutes.len()).collect();
        let rank = |row: &usize| {
            let minute = i64::from(minutes[*row]);
            if is_descending { -minute } else { minute }
        };
        order.sort_by_key(rank);
        let last = rank(&order[rows.min(order.len()) - 1]);
        let lines: BTreeSet<String> = found.lines().into_iter().collect();
        for row in order.iter().filter(|row| rank(row) <= last) {
            prop_assert!(lines.contains(&(row + 1).to_string()), "row {row} of {minutes:?}");
        }
        // They are what they are in a scan of all, and what is lost is told of all.
        let all_rows = all.rows();
        for row in found.rows() {
            prop_assert!(all_rows.contains(&row));
        }
        let [summary] = &*found.summaries else { panic!("{:?}", found.summaries) };
        prop_assert_eq!(summary.emitted + summary.passed_over, all.summaries[0].emitted);
        prop_assert_eq!(&summary.losses, &all.summaries[0].losses);
        prop_assert_eq!(&summary.times, &all.summaries[0].times);
        // Blocks do not depend on the threads.
        let by_three = scanned(&text, Some((rows, is_descending)), 3);
        prop_assert_eq!(by_three.rows(), found.rows());
        prop_assert_eq!(&by_three.summaries, &found.summaries);
    }
}

#[test]
fn few_rows_of_each_block_are_read() {
    let minutes: Vec<u32> = (0..3_000).collect();
    let found = scanned(&lines(&minutes), Some((2, true)), 1);
    let [summary] = &*found.summaries else { panic!("{:?}", found.summaries) };
    assert!(summary.emitted < 1_000 && summary.passed_over > 2_000, "{summary:?}");
}

#[test]
fn damage_behind_the_time_is_told_of_rows_that_come_later() {
    let minutes: Vec<u32> = (0..30).rev().collect();
    let text = lines(&minutes).replacen("\"DeviceName\":\"h\\u00f6st29\"", "\"DeviceName\":h", 1);
    let found = scanned(&text, Some((1, true)), 1);
    assert_eq!(found.problem_texts().len(), 1, "{:?}", found.problem_texts());
    assert_eq!(found.summaries[0].rejected, 1);
}
