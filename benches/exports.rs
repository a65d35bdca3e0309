//! JSON lines and CSV of a Defender table against DuckDB, which reads the same columns.

use std::{error::Error, fmt::Write as _, num::NonZeroUsize, ops::ControlFlow, path::Path, thread};

use arrow_array::RecordBatch;
use benches::{Comparison, DuckDb};
use criterion::Criterion;
use kql_types::{
    KqlType,
    schema::{ColumnSchema, TableSchema},
};
use sources::{Input, KnownTables, Limits, Origin, Problem, ScanRequest, Sink, TableRequest, scan};

const TABLE: &str = "DeviceNetworkEvents";
const ROWS: u32 = 300_000;

/// The columns of the files; those marked are read.
const COLUMNS: [(&str, KqlType, bool); 12] = [
    ("Timestamp", KqlType::Datetime, true),
    ("DeviceId", KqlType::String, false),
    ("DeviceName", KqlType::String, true),
    ("ActionType", KqlType::String, false),
    ("RemoteIP", KqlType::String, true),
    ("RemotePort", KqlType::Int, true),
    ("LocalIP", KqlType::String, false),
    ("LocalPort", KqlType::Int, false),
    ("InitiatingProcessFileName", KqlType::String, false),
    ("InitiatingProcessCommandLine", KqlType::String, true),
    ("InitiatingProcessFolderPath", KqlType::String, false),
    ("ReportId", KqlType::Long, false),
];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = testkit::Folder::empty();
    let json = folder.write("DeviceNetworkEvents.jsonl", json_lines()?);
    let csv = folder.write("DeviceNetworkEvents.csv", csv()?);
    let known = KnownTables::new(vec![schema(|_| true)]);
    let request = ScanRequest {
        tables: [(
            TABLE.to_owned(),
            TableRequest { columns: schema(|wanted| wanted).columns, ..TableRequest::default() },
        )]
        .into(),
        limits: Limits {
            threads: thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            ..Limits::default()
        },
        ..ScanRequest::default()
    };
    let mut duckdb = DuckDb::start()?;
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    for (name, path, function) in [
        ("JSON lines: five of twelve columns", &json, "read_json"),
        ("CSV: five of twelve columns", &csv, "read_csv"),
    ] {
        let input = Input::File(path.clone());
        let sql = sql(path, function)?;
        Comparison::new(name, std::fs::metadata(path)?.len(), || rows(&input, &request, &known))
            .against("DuckDB", || duckdb.ask(&sql).unwrap_or_default())
            .run(&mut criterion);
    }
    criterion.final_summary();
    Ok(())
}

fn schema(is_wanted: fn(bool) -> bool) -> TableSchema {
    let columns = COLUMNS.iter().filter(|(_, _, wanted)| is_wanted(*wanted));
    TableSchema {
        name: TABLE.to_owned(),
        columns: columns
            .map(|(name, ty, _)| ColumnSchema { name: (*name).to_owned(), ty: *ty })
            .collect(),
    }
}

fn cells(row: u32) -> [String; 12] {
    let minute = row.checked_rem(60).unwrap_or(0);
    [
        format!("2024-05-01T12:{minute:02}:00.1234567Z"),
        format!("{row:040x}"),
        format!("host{minute}.example.org"),
        "ConnectionSuccess".to_owned(),
        format!("10.0.{minute}.7"),
        "445".to_owned(),
        "10.0.0.1".to_owned(),
        "50000".to_owned(),
        "powershell.exe".to_owned(),
        format!("powershell.exe -File C:/scripts/task{row}.ps1 -Verbose"),
        "C:/Windows/System32/WindowsPowerShell/v1.0/powershell.exe".to_owned(),
        row.to_string(),
    ]
}

fn json_lines() -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    for row in 0..ROWS {
        for (place, ((name, ty, _), cell)) in COLUMNS.iter().zip(cells(row)).enumerate() {
            let before = if place == 0 { '{' } else { ',' };
            match ty {
                KqlType::Int | KqlType::Long => write!(text, "{before}\"{name}\":{cell}")?,
                _ => write!(text, "{before}\"{name}\":\"{cell}\"")?,
            }
        }
        text.push_str("}\n");
    }
    Ok(text)
}

fn csv() -> Result<String, std::fmt::Error> {
    let mut text = COLUMNS.map(|(name, ..)| name).join(",");
    text.push('\n');
    for row in 0..ROWS {
        writeln!(text, "{}", cells(row).join(","))?;
    }
    Ok(text)
}

fn sql(path: &Path, function: &str) -> Result<String, std::fmt::Error> {
    let mut columns = String::new();
    for (name, ty, _) in COLUMNS {
        let ty = match ty {
            KqlType::Datetime => "TIMESTAMP",
            KqlType::Int => "INTEGER",
            KqlType::Long => "BIGINT",
            _ => "VARCHAR",
        };
        write!(columns, "{name}: '{ty}', ")?;
    }
    let options =
        if function == "read_csv" { ", header = true" } else { ", format = 'newline_delimited'" };
    Ok(format!(
        "SELECT count(*), max(Timestamp), sum(length(DeviceName)), sum(length(RemoteIP)), sum(RemotePort), \
         sum(length(InitiatingProcessCommandLine)) FROM {function}('{path}', columns = {{{columns}}}{options})",
        path = path.display()
    ))
}

/// Counts rows and lets the batches go.
struct CountRows(u64);

impl Sink for CountRows {
    fn batch(&mut self, _: &Origin, batch: RecordBatch) -> ControlFlow<()> {
        self.0 = self.0.saturating_add(u64::try_from(batch.num_rows()).unwrap_or(u64::MAX));
        ControlFlow::Continue(())
    }

    fn problem(&mut self, _: Problem) {}
}

fn rows(input: &Input, request: &ScanRequest, known: &KnownTables) -> u64 {
    let mut sink = CountRows(0);
    let summaries = scan(input, request, known, &mut sink);
    sink.0.saturating_add(summaries.iter().map(|summary| summary.rejected).sum())
}
