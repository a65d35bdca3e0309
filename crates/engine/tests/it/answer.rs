//! Runs a query over files and returns its rows as text.

use std::{collections::BTreeMap, num::NonZeroUsize, path::PathBuf};

use engine::{Balance, Clock, Engine, Environment, NoProgress, Settings, compile, discover, value};
use testkit::{Folder, Reference};

/// A row: column to value, as `tostring` gives it.
pub(crate) type Row = BTreeMap<String, String>;

/// Limits under which nothing spills.
pub(crate) fn settings() -> Settings {
    Settings {
        threads: NonZeroUsize::MIN,
        staging_bytes: 64 << 20,
        operator_bytes: 256 << 20,
        spill_folder: std::env::temp_dir(),
        carve: false,
        local_offset: None,
        passwords: engine::Passwords::default(),
        date_order: None,
    }
}

/// Returns the rows of a query over files, and the balance of the run.
#[track_caller]
pub(crate) fn answer_with_balance(query: &str, paths: &[PathBuf]) -> (Vec<Row>, Vec<String>) {
    let environment = Environment::builtin(tables::Environment::Both);
    let compiled = compile(query, &environment, false)
        .unwrap_or_else(|diagnostics| panic!("{query}: {diagnostics:#?}"));
    let inputs = discover(paths).inputs;
    let engine = Engine::new(&environment, settings()).unwrap();
    let run = engine.run(&[compiled], &inputs, Clock::NewestEvent(0), &NoProgress).unwrap();
    let mut found = Vec::new();
    for rows in run.rows(0).unwrap() {
        let columns = rows.columns().to_vec();
        for batch in rows {
            let batch = batch.unwrap();
            for row in 0..batch.num_rows() {
                let cell =
                    |index: usize| value(batch.column(index), columns[index].ty, row).to_text();
                let cells = columns.iter().enumerate();
                found.push(cells.map(|(index, c)| (c.name.clone(), cell(index))).collect());
            }
        }
    }
    (found, problems(run.balance()))
}

fn problems(balance: &Balance) -> Vec<String> {
    balance.problems.iter().map(ToString::to_string).collect()
}

/// Returns the rows of a query over one of the real logs.
#[track_caller]
pub(crate) fn answer(reference: &Reference, query: &str, log: &str) -> Vec<Row> {
    answer_with_balance(query, &[reference.path(&format!("logs/{log}"))]).0
}

/// Returns the rows of a query over events written as JSON lines, each with a record id of its own:
/// they would be copies of one record otherwise.
#[track_caller]
pub(crate) fn answer_of_events(query: &str, events: &[String]) -> Vec<Row> {
    let numbered = events.iter().enumerate().map(|(index, event)| {
        event.replace("\"EventRecordID\":42", &format!("\"EventRecordID\":{}", 42 + index))
    });
    let folder = Folder::with(&[("events.jsonl", numbered.collect::<Vec<_>>().join("\n"))]);
    let (rows, problems) = answer_with_balance(query, &[folder.path().to_owned()]);
    assert_eq!(problems, [""; 0]);
    rows
}

/// Writes an event as `evtx_dump` does, with one record id for all.
pub(crate) fn event(provider: &str, channel: &str, id: u32, data: &serde_json::Value) -> String {
    serde_json::json!({"Event": {
        "System": {
            "Provider": {"#attributes": {"Name": provider}},
            "EventID": id,
            "Version": 0,
            "Level": 4,
            "Task": 0,
            "Opcode": 0,
            "Keywords": "0x8000000000000000",
            "TimeCreated": {"#attributes": {"SystemTime": "2024-03-01T12:00:00.1234567Z"}},
            "EventRecordID": 42,
            "Execution": {"#attributes": {"ProcessID": 4, "ThreadID": 8}},
            "Channel": channel,
            "Computer": "HOST.Example.Org",
            "Security": {"#attributes": {"UserID": "S-1-5-18"}},
        },
        "EventData": data,
    }})
    .to_string()
}

/// Writes an event of Sysmon.
pub(crate) fn sysmon(id: u32, data: &serde_json::Value) -> String {
    event("Microsoft-Windows-Sysmon", "Microsoft-Windows-Sysmon/Operational", id, data)
}

/// Writes an event of the Security log.
pub(crate) fn security(id: u32, data: &serde_json::Value) -> String {
    event("Microsoft-Windows-Security-Auditing", "Security", id, data)
}

/// Fails unless the row has these values; the others are not looked at.
#[track_caller]
pub(crate) fn assert_has(row: &Row, expected: &[(&str, &str)]) {
    for (column, value) in expected {
        assert_eq!(row.get(*column).map(String::as_str), Some(*value), "{column} of {row:#?}");
    }
}
