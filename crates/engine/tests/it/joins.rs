//! Joins of more rows than memory holds.

use std::{fmt::Write as _, path::PathBuf};

use engine::{Clock, Engine, EngineError, Environment, NoProgress, Settings, compile, discover};
use testkit::Folder;

use crate::answer::settings;

/// Processes and connections of the same hosts, some of which have only one of the two, and some no
/// name.
fn telemetry() -> Folder {
    let mut processes = String::new();
    let mut connections = String::new();
    for row in 0..40_000 {
        let host = if row % 401 == 0 { String::new() } else { format!("host-{:05}", row % 19_973) };
        writeln!(
            processes,
            "{{\"Timestamp\":\"2024-05-01T10:00:00Z\",\"Type\":\"DeviceProcessEvents\",\"DeviceName\":\"{host}\",\"FileName\":\"{row:01200}.exe\",\"ProcessId\":{}}}",
            row % 50,
        )
        .unwrap();
    }
    for row in 0..30_000 {
        let host = if row % 797 == 0 { String::new() } else { format!("host-{:05}", row % 22_007) };
        writeln!(
            connections,
            "{{\"Timestamp\":\"2024-05-01T10:00:00Z\",\"Type\":\"DeviceNetworkEvents\",\"DeviceName\":\"{host}\",\"RemoteIP\":\"10.0.0.{}\",\"RemoteUrl\":\"{row:01200}\",\"RemotePort\":{}}}",
            row % 200,
            row % 50,
        )
        .unwrap();
    }
    Folder::with(&[("p.jsonl", processes), ("n.jsonl", connections)])
}

fn rows(query: &str, operator_bytes: usize, paths: &[PathBuf]) -> Result<Vec<String>, EngineError> {
    let environment = Environment::builtin(tables::Environment::Both);
    let query = compile(query, &environment, false).unwrap();
    let engine = Engine::new(&environment, Settings { operator_bytes, ..settings() }).unwrap();
    let inputs = discover(paths).inputs;
    let run = engine.run(&[query], &inputs, Clock::At(0), &NoProgress)?;
    let mut found = Vec::new();
    for rows in run.rows(0)? {
        let columns = rows.columns().to_vec();
        for batch in rows {
            let batch = batch?;
            for row in 0..batch.num_rows() {
                let cells = columns.iter().zip(batch.columns());
                let cells = cells.map(|(it, array)| engine::value(array, it.ty, row).to_text());
                found.push(cells.collect::<Vec<_>>().join("|"));
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

#[test]
fn a_join_of_any_kind_whose_sides_do_not_fit_into_memory_has_its_rows() {
    let folder = telemetry();
    let paths = [folder.path().to_owned()];
    let one = "DeviceName";
    let two = "DeviceName, $left.Id == $right.RemotePort";
    for (kind, on) in [
        ("inner", two),
        ("innerunique", one),
        ("innerunique", two),
        ("leftouter", one),
        ("rightouter", two),
        ("fullouter", one),
        ("leftanti", two),
        ("rightanti", one),
        ("leftsemi", one),
        ("rightsemi", two),
    ] {
        let query = format!(
            "DeviceProcessEvents | project DeviceName, FileName, Id = toint(ProcessId) | join kind={kind} \
             (DeviceNetworkEvents | project DeviceName, RemoteUrl, RemotePort) on {on}"
        );
        let with_room = rows(&query, 512 << 20, &paths).unwrap();
        let without = rows(&query, 40 << 20, &paths);
        let without = without.unwrap_or_else(|error| panic!("{query}: {error:?}"));
        assert_eq!(without.len(), with_room.len(), "{query}");
        assert!(without == with_room, "{query}");
    }
}

/// Writes numbered processes and connections, each kind in files that end behind the given rows.
fn spread(ends: &[u32]) -> Folder {
    let row = |table: &str, host: u32, column: &str, row: u32| {
        format!(
            "{{\"Timestamp\":\"2024-05-01T10:00:00Z\",\"Type\":\"{table}\",\"DeviceName\":\"host-{host}\",\"{column}\":{row}}}\n"
        )
    };
    let mut files = Vec::new();
    let mut first = 0;
    for end in ends {
        let numbers = first..*end;
        let processes =
            numbers.clone().map(|at| row("DeviceProcessEvents", at % 97, "ProcessId", at));
        files.push((format!("p{end:05}.jsonl"), processes.collect::<String>()));
        let connections =
            numbers.map(|at| row("DeviceNetworkEvents", 50 + at % 89, "LocalPort", at));
        files.push((format!("n{end:05}.jsonl"), connections.collect::<String>()));
        first = *end;
    }
    let files: Vec<(&str, String)> =
        files.iter().map(|(name, text)| (&**name, text.clone())).collect();
    Folder::with(&files)
}

#[test]
fn joined_rows_have_one_order_whatever_files_they_are_spread_over() {
    let layouts = [spread(&[20_000]), spread(&[3_000, 12_345, 20_000])];
    for kind in
        ["leftouter", "rightouter", "fullouter", "leftanti", "rightanti", "leftsemi", "rightsemi"]
    {
        let (left, right) = match kind {
            "leftanti" | "leftsemi" => ("Id", "-1"),
            "rightanti" | "rightsemi" => ("-1", "Port"),
            _ => ("coalesce(Id, -1)", "coalesce(Port, -1)"),
        };
        let query = format!(
            "DeviceProcessEvents | project DeviceName, Id = tolong(ProcessId) | join kind={kind} \
             (DeviceNetworkEvents | where LocalPort % 31 == 0 | project DeviceName, Port = tolong(LocalPort)) on DeviceName \
             | summarize Left = make_list({left}), Right = make_list({right})"
        );
        let found =
            layouts.each_ref().map(|it| rows(&query, 256 << 20, &[it.path().to_owned()]).unwrap());
        assert!(found[0][0].len() > 1_000, "{kind}: few rows");
        assert!(found[0] == found[1], "{kind}");
    }
}
