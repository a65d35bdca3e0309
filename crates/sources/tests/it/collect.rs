//! A sink that keeps everything, and ways to look at it.

#![expect(
    clippy::arithmetic_side_effects,
    clippy::format_push_string,
    reason = "a test counts and prints a handful of things"
)]

use std::{
    collections::BTreeMap,
    io::Read,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use arrow_array::{
    Array, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringViewArray,
};
use evtx_arrow::{EventColumn, EventRequest};
use kql_types::{
    KqlType,
    schema::{ColumnSchema, TableSchema},
};
use sources::{
    EVENTS, Input, KnownTables, MemberSummary, Origin, Problem, ScanRequest, Sink, TableRequest,
    event_column, scan, scan_stream,
};
use windows_event_model::SystemField;

/// Everything a scan gave.
#[derive(Default)]
pub(crate) struct Collected {
    pub(crate) batches: Vec<(Origin, RecordBatch)>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) summaries: Vec<MemberSummary>,
    pub(crate) bytes: u64,
    /// Batches to take before the scan is ended.
    pub(crate) batches_left: Option<usize>,
}

impl Sink for Collected {
    fn batch(&mut self, origin: &Origin, batch: RecordBatch) -> ControlFlow<()> {
        self.batches.push((origin.clone(), batch));
        match &mut self.batches_left {
            Some(left) => {
                *left -= 1;
                if *left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            }
            None => ControlFlow::Continue(()),
        }
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn progress(&mut self, bytes: u64) {
        self.bytes += bytes;
    }
}

impl Collected {
    /// Returns the rows as maps from column to value, null left out. The header fields of events are called as
    /// the columns of `WindowsEvent`.
    pub(crate) fn rows(&self) -> Vec<BTreeMap<String, String>> {
        let rows = |origin: &Origin, batch: &RecordBatch| {
            let columns = batch.schema();
            (0..batch.num_rows())
                .map(|row| {
                    let cells = columns.fields().iter().zip(batch.columns());
                    cells
                        .filter(|(_, array)| array.is_valid(row))
                        .map(|(field, array)| (column_name(origin, field.name()), cell(array, row)))
                        .collect()
                })
                .collect::<Vec<_>>()
        };
        self.batches.iter().flat_map(|(origin, batch)| rows(origin, batch)).collect()
    }

    /// Returns the problems as text, without the folder of the file.
    pub(crate) fn problem_texts(&self) -> Vec<String> {
        let text = |problem: &Problem| {
            let folder = problem.place.file.parent().unwrap_or(Path::new(""));
            let folder = format!("{}/", folder.display());
            problem.to_string().replace(&folder, "")
        };
        self.problems.iter().map(text).collect()
    }

    /// Returns the lines of all rows.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.rows().iter().map(|row| row["line"].clone()).collect()
    }

    /// Returns everything as text: rows with a value per line, problems, accounts.
    pub(crate) fn report(&self) -> String {
        let mut text = String::new();
        for row in self.rows() {
            for (column, value) in row {
                text.push_str(&format!("{column}: {value}\n"));
            }
            text.push('\n');
        }
        for problem in self.problem_texts() {
            text.push_str(&format!("problem: {problem}\n"));
        }
        for summary in &self.summaries {
            text.push_str(&format!(
                "{} as {}: read {}, filtered {}, emitted {}, rejected {}, newest {}\n",
                summary.format,
                summary.table.as_deref().unwrap_or("none"),
                summary.read,
                summary.filtered,
                summary.emitted,
                summary.rejected,
                summary
                    .newest
                    .map_or("none".into(), |t| kql_types::datetime::format(t).to_string()),
            ));
            for (cause, loss) in summary.losses.iter() {
                text.push_str(&format!(
                    "  lost: {cause}: {}, first in record {}: {}\n",
                    loss.count, loss.first, loss.example
                ));
            }
            if !summary.assumed_utc.is_empty() {
                text.push_str(&format!("  taken for UTC: {}\n", summary.assumed_utc.join(", ")));
            }
            if !summary.ignored_columns.is_empty() {
                text.push_str(&format!("  ignored: {}\n", summary.ignored_columns.join(", ")));
            }
        }
        text
    }

    /// Fails unless every record is accounted for and each rejection was told.
    #[track_caller]
    pub(crate) fn assert_balances(&self) {
        let mut rejected = 0;
        let mut emitted = 0;
        for summary in &self.summaries {
            assert!(summary.balances(), "{summary:?}");
            rejected += summary.rejected;
            emitted += summary.emitted;
        }
        let told = self.problems.iter().filter(|problem| problem.place.line.is_some()).count();
        assert_eq!(rejected, u64::try_from(told).unwrap(), "{:?}", self.problems);
        let rows: usize = self.batches.iter().map(|(_, batch)| batch.num_rows()).sum();
        assert_eq!(emitted, u64::try_from(rows).unwrap());
    }
}

fn cell(array: &dyn Array, row: usize) -> String {
    let any = array.as_any();
    if let Some(texts) = any.downcast_ref::<StringViewArray>() {
        return texts.value(row).to_owned();
    }
    if let Some(longs) = any.downcast_ref::<Int64Array>() {
        return longs.value(row).to_string();
    }
    if let Some(ints) = any.downcast_ref::<Int32Array>() {
        return ints.value(row).to_string();
    }
    if let Some(reals) = any.downcast_ref::<Float64Array>() {
        return reals.value(row).to_string();
    }
    let bools = any.downcast_ref::<BooleanArray>().expect("an array of one of KQL's types");
    bools.value(row).to_string()
}

fn column_name(origin: &Origin, name: &str) -> String {
    let is_it = |field: &SystemField| origin.table == EVENTS && field.name() == name;
    let field = SystemField::ALL.into_iter().find(is_it);
    field.map_or_else(|| name.to_owned(), |field| event_column(field).to_owned())
}

/// The tables that Quarry knows of itself: Defender's, completed by Sentinel's.
pub(crate) static KNOWN: LazyLock<(KnownTables, Vec<TableSchema>)> = LazyLock::new(|| {
    let tables = tables::catalog(tables::Environment::Both);
    let tables: Vec<TableSchema> = tables.into_iter().map(|table| table.schema).collect();
    (KnownTables::new(tables.clone()), tables)
});

/// Returns a request for every header field and the data of all events, and for nothing else.
pub(crate) fn all_events() -> ScanRequest {
    let fields = SystemField::ALL.map(EventColumn::System);
    let columns = fields.into_iter().chain([EventColumn::Dynamic(vec![])]).collect();
    ScanRequest {
        events: vec![EventRequest { columns, filters: vec![] }],
        ..ScanRequest::default()
    }
}

/// Returns a request for every column of every known table, and for all events.
pub(crate) fn everything() -> ScanRequest {
    let tables = KNOWN.1.iter().map(|table| {
        let request = TableRequest { columns: table.columns.clone(), ..TableRequest::default() };
        (table.name.clone(), request)
    });
    ScanRequest { tables: tables.collect(), ..all_events() }
}

/// Returns a request for some columns of one table.
pub(crate) fn of_table(table: &str, columns: &[(&str, KqlType)]) -> ScanRequest {
    let columns =
        columns.iter().map(|(name, ty)| ColumnSchema { name: (*name).to_owned(), ty: *ty });
    let request = TableRequest { columns: columns.collect(), ..TableRequest::default() };
    ScanRequest { tables: [(table.to_owned(), request)].into(), ..ScanRequest::default() }
}

/// Scans a file.
pub(crate) fn scan_file(path: PathBuf, request: &ScanRequest) -> Collected {
    let mut collected = Collected::default();
    collected.summaries = scan(&Input::File(path), request, &KNOWN.0, &mut collected);
    collected
}

/// Scans bytes under a name.
pub(crate) fn scan_bytes(name: &str, bytes: impl Read, request: &ScanRequest) -> Collected {
    let mut collected = Collected::default();
    collected.summaries = scan_stream(Path::new(name), bytes, request, &KNOWN.0, &mut collected);
    collected
}
