//! `--memory`: the process itself stays within it, whatever the operators make of the rows.
//!
//! What the operators account for is not looked at: only what the system gave the process counts.

mod held;
mod peak;

use std::{ffi::OsStr, fmt::Write, path::Path, sync::OnceLock};

use self::peak::{Ended, measured};
use crate::quarry::quarry;

const LIMIT_KB: u64 = 64 << 10;
/// What files are written and read through, whatever the limit.
const BUFFERS_KB: u64 = 32 << 10;
const ROWS: u64 = 1_500_000;

/// Rows that are more than the limit, and the memory that it takes only to read them.
struct Input {
    folder: testkit::Folder,
    read_kb: u64,
}

fn input() -> &'static Input {
    static INPUT: OnceLock<Input> = OnceLock::new();
    INPUT.get_or_init(|| {
        let folder = testkit::Folder::empty();
        folder.write("DeviceNetworkEvents.csv", csv());
        let read = run(folder.path(), "DeviceNetworkEvents | summarize count(), max(DeviceName)");
        assert_eq!(read.status, 0, "{}", read.stderr);
        Input { folder, read_kb: read.peak_kb }
    })
}

/// Different numbers and texts, out of order.
fn csv() -> String {
    let mut csv = String::from("Timestamp,ReportId,DeviceName\n");
    for row in 0..ROWS {
        let id = row.wrapping_mul(7919) % 2_000_003;
        writeln!(csv, "2026-01-05T08:00:00Z,{id},host-{id}-with-a-name-as-long-as-only-a-machine-gives-one-{id}.corp")
            .unwrap();
    }
    csv
}

fn run(folder: &Path, query: &str) -> Ended {
    let args = ["query", "--quiet", "--memory", "64M", "--format", "csv", query];
    measured(args.map(OsStr::new).into_iter().chain([folder.as_os_str()]))
}

/// Answers, since what does not fit into memory goes to disk.
#[track_caller]
fn answers(rest: &str, expected: &str) {
    let ended = within_memory(rest);
    assert_eq!(ended.status, 0, "{rest}: {}", ended.stderr);
    assert_eq!(ended.stdout.lines().last(), Some(expected), "{rest}");
}

/// Answers, or says that memory is not enough: one value is in memory as a whole.
#[track_caller]
fn answers_or_refuses(rest: &str, expected: &str) {
    let ended = within_memory(rest);
    if ended.status == 0 {
        assert_eq!(ended.stdout.lines().last(), Some(expected), "{rest}");
    } else {
        assert!(ended.stderr.contains("--memory"), "{rest}: {}", ended.stderr);
    }
}

/// Runs a query, which is to take no more than the limit, a fifth of it and some buffers beside what
/// reading takes. Without a limit all of them take more.
#[track_caller]
fn within_memory(rest: &str) -> Ended {
    let input = input();
    let ended = run(input.folder.path(), &format!("DeviceNetworkEvents | {rest}"));
    let taken_kb = ended.peak_kb.saturating_sub(input.read_kb);
    assert!(
        taken_kb <= LIMIT_KB / 5 * 6 + BUFFERS_KB,
        "{rest}: {taken_kb} KB beside {} KB",
        input.read_kb
    );
    ended
}

#[test]
fn a_sort_stays_within_memory() {
    answers(
        "sort by ReportId asc | serialize n = row_number() \
         | where DeviceName startswith 'host' | summarize max(n)",
        "1500000",
    );
}

#[test]
fn values_of_rows_before_stay_within_memory() {
    answers(
        "serialize before = prev(DeviceName) | where DeviceName startswith 'host' \
         | where before != DeviceName | count",
        "1500000",
    );
}

#[test]
fn groups_stay_within_memory() {
    answers("summarize c = count() by DeviceName | summarize sum(c)", "1500000");
}

#[test]
fn a_join_stays_within_memory() {
    let right = "DeviceNetworkEvents | project ReportId, Right = DeviceName";
    answers(
        &format!("join kind=inner ({right}) on ReportId | where DeviceName == Right | count"),
        "1500000",
    );
}

#[test]
fn a_set_stays_within_memory() {
    answers_or_refuses("summarize l = make_set(DeviceName) | project array_length(l)", "1500000");
}

#[test]
fn sets_of_groups_stay_within_memory() {
    answers(
        "summarize l = make_set(DeviceName) by b = ReportId % 50 | summarize sum(array_length(l))",
        "1500000",
    );
}

#[test]
fn a_list_stays_within_memory() {
    answers_or_refuses("summarize l = make_list(DeviceName) | project array_length(l)", "1500000");
}

#[test]
fn different_texts_are_counted_within_memory() {
    answers("summarize dcount(DeviceName)", "1500000");
}

#[test]
fn too_small_a_limit_is_refused() {
    let outcome = quarry(["query", "--memory", "1M", "print 1"]);
    assert_eq!(outcome.status, 2);
    assert!(outcome.stderr.contains("expected `64M` or more"), "{}", outcome.stderr);
}
