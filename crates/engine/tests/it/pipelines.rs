//! Rows that nobody keeps: what is made of them while they are read is what would be made of them
//! afterwards.

use std::{fmt::Write as _, num::NonZeroUsize, path::PathBuf, sync::Arc};

use arrow::{
    array::{ArrayRef, Int32Array, StringArray, TimestampMicrosecondArray},
    record_batch::RecordBatch,
};
use engine::{
    Clock, Engine, EngineError, Environment, NoProgress, Rows, Run, Settings, compile, discover,
};
use parquet::arrow::ArrowWriter;
use testkit::Folder;

use crate::answer::{event, settings};

/// Connections that Defender exported, in files of different sizes, some as JSON lines and some as
/// Parquet, and a log of Sysmon's that has connections too, and a copy of it.
fn telemetry() -> Folder {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let port = |row: u32| if row.is_multiple_of(3) { 445 } else { 1_000 + row % 7 };
    for (file, rows) in [(1, 700), (3, 12_000), (4, 3), (6, 900)] {
        let mut lines = String::new();
        for row in 0..rows {
            let (host, minute) = (row % (file * 10), row % 60);
            writeln!(
                lines,
                "{{\"Timestamp\":\"2024-05-{:02}T{:02}:{minute:02}:{:02}Z\",\"DeviceName\":\"host{host}\",\"RemotePort\":{},\"RemoteIP\":\"10.{file}.0.{}\",\"Type\":\"DeviceNetworkEvents\"}}",
                row % 28 + 1, row % 24, row % 59, port(row), row % 251,
            )
            .unwrap();
        }
        files.push((format!("{file}.jsonl"), lines.into_bytes()));
    }
    for (file, rows) in [(2, 20_000), (5, 40)] {
        files.push((format!("{file}/DeviceNetworkEvents.parquet"), parquet(file, rows, &port)));
    }
    let sysmon: Vec<String> = (0..300)
        .map(|row| {
            let data = serde_json::json!({
                "UtcTime": format!("2024-05-09 10:00:{:02}.000", row % 60), "DestinationPort": port(row).to_string(),
                "DestinationIp": format!("10.0.0.{}", row % 9), "Image": "C:\\a.exe", "Protocol": "tcp", "Initiated": "true",
            });
            let provider = "Microsoft-Windows-Sysmon";
            let event = event(provider, "Microsoft-Windows-Sysmon/Operational", 3, &data);
            event.replace("\"EventRecordID\":42", &format!("\"EventRecordID\":{}", 42 + row))
        })
        .collect();
    for name in ["7.jsonl", "8-copy.jsonl"] {
        files.push((name.to_owned(), sysmon.join("\n").into_bytes()));
    }
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, it)| (&**name, &**it)).collect();
    Folder::with(&files)
}

fn parquet(file: u32, rows: u32, port: &dyn Fn(u32) -> u32) -> Vec<u8> {
    let second = |row: u32| 1_714_000_000_000_000 + i64::from(row) * 1_000_000 % 7_777_777_000_000;
    let columns: [(&str, ArrayRef); 4] = [
        ("Timestamp", Arc::new(TimestampMicrosecondArray::from_iter_values((0..rows).map(second)))),
        (
            "DeviceName",
            Arc::new(StringArray::from_iter_values(
                (0..rows).map(|row| format!("host{}", row % 31)),
            )),
        ),
        (
            "RemotePort",
            Arc::new(Int32Array::from_iter_values((0..rows).map(|row| port(row).cast_signed()))),
        ),
        (
            "RemoteIP",
            Arc::new(StringArray::from_iter_values(
                (0..rows).map(|row| format!("10.{file}.1.{}", row % 200)),
            )),
        ),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

const QUERIES: [&str; 15] = [
    "DeviceNetworkEvents | count",
    "DeviceNetworkEvents | where RemotePort == 445 | count",
    "DeviceNetworkEvents | summarize n = count(), d = dcount(RemoteIP) by DeviceName | top 5 by n",
    "DeviceNetworkEvents | summarize n = count() by bin(Timestamp, 1d), RemotePort",
    "DeviceNetworkEvents | distinct DeviceName, RemotePort",
    "DeviceNetworkEvents | where RemotePort != 445 | summarize ips = array_sort_asc(make_set(RemoteIP)) by DeviceName",
    "DeviceNetworkEvents | summarize max(Timestamp), percentile(RemotePort, 90), round(stdev(RemotePort), 6)",
    "DeviceNetworkEvents | sort by Timestamp desc, RemoteIP asc | take 7 | project Timestamp, RemoteIP",
    "DeviceNetworkEvents | extend Port = RemotePort + 1 | sort by Port, RemoteIP, DeviceName | take 3 | project Port, RemoteIP",
    "DeviceNetworkEvents | summarize n = count() by DeviceName | summarize count() by n",
    "DeviceNetworkEvents | summarize n = count() by DeviceName | join kind=inner (DeviceNetworkEvents | where RemotePort == 445 | summarize m = count() by DeviceName) on DeviceName | project DeviceName, n, m",
    "DeviceNetworkEvents | where RemotePort == 445 | join kind=leftanti (DeviceNetworkEvents | where RemotePort == 1001 | distinct DeviceName) on DeviceName | count",
    "union (DeviceNetworkEvents | count), (DeviceNetworkEvents | where DeviceName == 'host3' | count)",
    "DeviceNetworkEvents | where DeviceName == 'nobody' | summarize count(), dcount(RemoteIP)",
    "DeviceNetworkEvents | summarize dcount(RemoteIP), countif(RemotePort == 445) by DeviceName, bin(Timestamp, 12h)",
];

/// What depends on the order of the rows.
const OF_THE_ORDER: [&str; 2] = [
    "DeviceNetworkEvents | summarize make_list(RemoteIP, 40), make_set(RemoteIP), arg_max(Timestamp, RemoteIP, RemotePort), sum(todouble(RemotePort) / 3) by DeviceName",
    "DeviceNetworkEvents | where RemotePort != 445 | summarize take_any(RemoteIP), make_bag(bag_pack(RemoteIP, RemotePort)), avg(todouble(RemotePort) / 7), dcount(DeviceName) by bin(Timestamp, 1h), RemotePort | take 100",
];

/// How a run is started.
type Start = for<'e> fn(&'e Engine, &str, &Environment, &[PathBuf]) -> Result<Run<'e>, EngineError>;

fn run_once<'e>(
    engine: &'e Engine,
    query: &str,
    environment: &Environment,
    paths: &[PathBuf],
) -> Result<Run<'e>, EngineError> {
    let query = compile(query, environment, false).unwrap();
    engine.run_once(&[query], &discover(paths).inputs, Clock::At(0), &NoProgress)
}

fn run<'e>(
    engine: &'e Engine,
    query: &str,
    environment: &Environment,
    paths: &[PathBuf],
) -> Result<Run<'e>, EngineError> {
    let query = compile(query, environment, false).unwrap();
    engine.run(&[query], &discover(paths).inputs, Clock::At(0), &NoProgress)
}

fn texts(rows: Rows<'_>) -> Result<Vec<String>, EngineError> {
    let columns = rows.columns().to_vec();
    let mut texts = Vec::new();
    for batch in rows {
        let batch = batch?;
        texts.extend((0..batch.num_rows()).map(|row| {
            let cells = columns.iter().zip(batch.columns());
            cells
                .map(|(column, array)| engine::value(array, column.ty, row).to_text())
                .collect::<Vec<_>>()
                .join("|")
        }));
    }
    Ok(texts)
}

/// Returns the rows as text, in their order, and where the records went.
fn answer(
    start: Start,
    query: &str,
    settings: Settings,
    paths: &[PathBuf],
) -> (Vec<String>, String) {
    let environment = Environment::builtin(tables::Environment::Both);
    let engine = Engine::new(&environment, settings).unwrap();
    let run = start(&engine, query, &environment, paths).unwrap();
    let mut all = Vec::new();
    for rows in run.rows(0).unwrap() {
        all.extend(texts(rows).unwrap());
    }
    (all, format!("{:?}", run.balance().members))
}

#[test]
fn what_is_made_while_reading_is_what_would_be_made_afterwards() {
    let folder = telemetry();
    let paths = [folder.path().to_owned()];
    for query in QUERIES {
        let (mut kept, balance) = answer(run, query, settings(), &paths);
        let (mut passed, other_balance) = answer(run_once, query, settings(), &paths);
        // Groups come in the order in which their first rows were read.
        kept.sort_unstable();
        passed.sort_unstable();
        assert_eq!(passed, kept, "{query}");
        assert_eq!(other_balance, balance, "{query}");
        assert!(!kept.is_empty(), "{query}");
    }
}

#[test]
fn the_order_of_rows_does_not_depend_on_the_threads() {
    let folder = telemetry();
    let paths = [folder.path().to_owned()];
    for query in QUERIES.into_iter().chain(OF_THE_ORDER) {
        let on = |threads: usize| {
            let threads = NonZeroUsize::new(threads).unwrap();
            answer(run_once, query, Settings { threads, ..settings() }, &paths)
        };
        let one = on(1);
        for threads in [2, 5] {
            assert_eq!(on(threads), one, "{threads} threads: {query}");
        }
    }
}

#[test]
fn rows_that_are_counted_are_not_kept() {
    let folder = telemetry();
    let spill_folder = folder.path().join("spill");
    std::fs::create_dir(&spill_folder).unwrap();
    let settings = Settings { staging_bytes: 0, spill_folder: spill_folder.clone(), ..settings() };
    let environment = Environment::builtin(tables::Environment::Both);
    let engine = Engine::new(&environment, settings).unwrap();
    // From now on a row that is kept is an error: it would have to go to disk.
    std::fs::remove_dir_all(spill_folder).unwrap();
    let paths = [folder.path().join("2"), folder.path().join("3.jsonl")];
    let query = "DeviceNetworkEvents | summarize count() by RemotePort | count";
    let passed = run_once(&engine, query, &environment, &paths).unwrap();
    let rows = passed.rows(0).unwrap().into_iter().next().unwrap();
    assert_eq!(texts(rows).unwrap(), ["8"]);
    assert!(run(&engine, query, &environment, &paths).is_err());
}

#[test]
fn what_a_pipeline_has_no_memory_for_is_told() {
    let folder = telemetry();
    let environment = Environment::builtin(tables::Environment::Both);
    let settings = Settings { operator_bytes: 100 << 10, ..settings() };
    let engine = Engine::new(&environment, settings).unwrap();
    let query = "DeviceNetworkEvents | summarize make_list(strcat(RemoteIP, DeviceName))";
    let paths = [folder.path().to_owned()];
    let run = run_once(&engine, query, &environment, &paths).unwrap();
    let rows = run.rows(0).unwrap().into_iter().next().unwrap();
    let error = texts(rows).unwrap_err();
    assert!(error.is_out_of_memory(), "{error:?}");
}

#[test]
fn rows_can_be_asked_for_once() {
    let folder = telemetry();
    let environment = Environment::builtin(tables::Environment::Both);
    let engine = Engine::new(&environment, settings()).unwrap();
    let paths = [folder.path().join("1.jsonl")];
    let run = run_once(&engine, QUERIES[0], &environment, &paths).unwrap();
    let ask = || texts(run.rows(0).unwrap().into_iter().next().unwrap());
    assert_eq!(ask().unwrap(), ["700"]);
    assert!(ask().unwrap_err().to_string().contains("failed"), "and not that there are none");
}
