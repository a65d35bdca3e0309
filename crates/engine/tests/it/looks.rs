//! Looks: one pass over the input, many times from which a query looks at what it has kept.

use std::ops::RangeInclusive;

use engine::{
    Clock, Engine, Environment, Look, NoProgress, Run, Settings, compile, discover, value,
};
use kql_types::{Ticks, datetime};
use serde_json::json;
use testkit::Folder;

use crate::answer::{event, settings};

/// Queries whose operators keep something of a run: sides of joins, the first rows, groups; and such as
/// have a leaf of which no row is cited.
const QUERIES: [&str; 11] = [
    "WindowsEvent | join kind=inner (WindowsEvent | where EventID != 3) on EventID | count",
    "WindowsEvent | top 2 by EventID desc | project EventID",
    "WindowsEvent | summarize n = count() by EventID | sort by EventID asc",
    "WindowsEvent | sort by EventID asc | extend before = prev(EventID) | project EventID, before",
    "WindowsEvent | where TimeGenerated > ago(2h) | project EventID | sort by EventID asc",
    "WindowsEvent | join kind=leftanti (WindowsEvent | where EventID in (3, 7)) on EventID | count",
    "WindowsEvent | join kind=leftsemi (WindowsEvent | where EventID in (3, 7)) on EventID | count",
    "WindowsEvent | where EventID in ((WindowsEvent | where EventID % 2 == 0 | project EventID)) \
     | project EventID | sort by EventID asc",
    "let most = toscalar(WindowsEvent | summarize max(EventID));\n\
     WindowsEvent | where EventID == most | project EventID",
    "WindowsEvent | where EventID > 2 | lookup (WindowsEvent | summarize n = count() by EventID) on \
     EventID | project EventID, n | sort by EventID asc",
    "WindowsEvent | where EventID !in ((WindowsEvent | summarize by EventID | top 2 by EventID)) \
     | project EventID | sort by EventID asc",
];

/// The hours of a day at which events happened; each has its hour as its id.
const HOURS: RangeInclusive<u32> = 0..=9;

fn at(hour: u32) -> Ticks {
    datetime::parse(&format!("2024-03-01T{hour:02}:00:00Z")).unwrap()
}

fn rows(run: &Run<'_>, look: &Look) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for rows in run.look(0, look).unwrap() {
        let columns = rows.columns().to_vec();
        for batch in rows {
            let batch = batch.unwrap();
            for row in 0..batch.num_rows() {
                let cells = columns.iter().zip(batch.columns());
                found.push(
                    cells.map(|(column, array)| value(array, column.ty, row).to_text()).collect(),
                );
            }
        }
    }
    found
}

/// Returns what a query finds in events of some hours, look by look of one run.
fn found(query: &str, hours: &RangeInclusive<u32>, looks: &[Look]) -> Vec<Vec<Vec<String>>> {
    let of_hour = |hour: u32| {
        let event = event("Test", "Test", hour, &json!({"A": "b"}));
        event
            .replace("2024-03-01T12:00:00.1234567Z", &format!("2024-03-01T{hour:02}:00:00Z"))
            .replace("\"EventRecordID\":42", &format!("\"EventRecordID\":{}", hour + 1))
    };
    let text = hours.clone().map(of_hour).collect::<Vec<_>>().join("\n");
    let folder = Folder::with(&[("events.jsonl", text)]);
    let environment = Environment::builtin(tables::Environment::Both);
    let query = compile(query, &environment, true).unwrap();
    let engine = Engine::new(&environment, settings()).unwrap();
    let inputs = discover(&[folder.path().to_owned()]).inputs;
    let run = engine.run(&[query], &inputs, Clock::NewestEvent(0), &NoProgress).unwrap();
    looks.iter().map(|look| rows(&run, look)).collect()
}

#[test]
fn a_look_through_a_window_sees_what_is_in_it_and_nothing_of_other_looks() {
    let windows = [0..=3, 2..=5, 0..=9, 7..=7, 2..=5];
    let look = |hours: &RangeInclusive<u32>, window| Look { now: at(*hours.end()), window };
    for query in QUERIES {
        let looks: Vec<Look> = windows
            .iter()
            .map(|hours| look(hours, Some(at(*hours.start())..=at(*hours.end()))))
            .collect();
        let one_run = found(query, &HOURS, &looks);
        let apart = windows.iter().map(|hours| found(query, hours, &[look(hours, None)]));
        assert_eq!(one_run, apart.flatten().collect::<Vec<_>>(), "{query}");
    }
}

/// Returns logs of three hosts, one file each, whose events fall between each other's.
fn overlapping_logs() -> Vec<(&'static str, String)> {
    let log = |host: u32| {
        let event_of = |number: u32| {
            let minute = number * 3 + (host * 2) % 3;
            event("Test", "Test", number % 7, &json!({"A": format!("{host}-{number}")}))
                .replace("12:00:00.1234567Z", &format!("{:02}:{:02}:00Z", minute / 60, minute % 60))
                .replace(
                    "\"EventRecordID\":42",
                    &format!("\"EventRecordID\":{}", number + host * 1_000),
                )
        };
        (0..400).map(event_of).collect::<Vec<_>>().join("\n")
    };
    vec![("a.jsonl", log(1)), ("b.jsonl", log(2)), ("c.jsonl", log(3))]
}

/// Lists and sets, which keep the order of rows, and what stands in an alert's id.
#[test]
fn rows_come_in_the_same_order_whether_or_not_they_fit_into_memory() {
    let query = "WindowsEvent | summarize all = make_list(EventData.A), some = make_set(EventData.A, 5) \
                 by EventID | sort by EventID asc";
    let folder = Folder::with(&overlapping_logs());
    let environment = Environment::builtin(tables::Environment::Both);
    let query = compile(query, &environment, true).unwrap();
    let inputs = discover(&[folder.path().to_owned()]).inputs;
    let found = |staging_bytes: usize| {
        let engine = Engine::new(&environment, Settings { staging_bytes, ..settings() }).unwrap();
        let queries = std::slice::from_ref(&query);
        let run = engine.run(queries, &inputs, Clock::NewestEvent(0), &NoProgress).unwrap();
        let (from, to) = (at(2), at(17));
        [None, Some(from..=to)].map(|window| rows(&run, &Look { now: to, window }))
    };
    let in_memory = found(64 << 20);
    assert_eq!(in_memory[0].len(), 7);
    assert_eq!(found(0), in_memory);
    // Some of the rows go to disk, and some stay.
    assert_eq!(found(40_000), in_memory);
}

#[test]
fn rows_that_were_given_back_are_counted_and_not_found_again() {
    let folder = Folder::with(&overlapping_logs());
    let environment = Environment::builtin(tables::Environment::Both);
    let queries = ["WindowsEvent | project EventID", "WindowsEvent | count"]
        .map(|query| compile(query, &environment, true).unwrap());
    let engine = Engine::new(&environment, settings()).unwrap();
    let inputs = discover(&[folder.path().to_owned()]).inputs;
    let mut run = engine.run(&queries, &inputs, Clock::NewestEvent(0), &NoProgress).unwrap();
    assert_eq!(run.rows(0).unwrap().into_iter().flatten().count(), 1);
    run.give_back(0..1);
    assert_eq!(run.kept(0), 1_200);
    let Err(error) = run.rows(0) else { panic!("the rows are there") };
    assert!(error.to_string().contains("given back"), "{error}");
    let counted: Vec<_> = run.rows(1).unwrap().into_iter().flatten().collect();
    assert_eq!(counted.len(), 1);
}
