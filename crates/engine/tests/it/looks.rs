//! Looks: one pass over the input, many times from which a query looks at what it has kept.

use std::ops::RangeInclusive;

use engine::{Clock, Engine, Environment, Look, NoProgress, Run, compile, discover, value};
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
