//! The EVTX reader against the `evtx` crate's JSON and against a plain search of the same bytes, and
//! two threads against one.
//!
//! The search is the floor: no reader that looks at every byte is faster.

use std::error::Error;
use std::io::{Cursor, Write};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::Path;

use arrow_array::RecordBatch;
use benches::{Comparison, event_logs, large_event_log};
use criterion::Criterion;
use evtx::{EvtxParser, ParserSettings};
use evtx_arrow::{Damage, EventColumn, EventFilter, EventRequest, EventSink};
use memchr::memmem::Finder;
use sources::{Input, KnownTables, Limits, Origin, Problem, ScanRequest, Sink, scan};
use windows_event_model::SystemField;

const LARGE_LEN: usize = 1 << 30;

fn main() -> Result<(), Box<dyn Error>> {
    let reference =
        testkit::Reference::find("logs").ok_or("the real logs are needed to measure")?;
    let log = large_event_log(&event_logs(&reference.path("logs"))?, LARGE_LEN)?;
    let len = u64::try_from(log.len())?;
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    for (name, request) in [
        ("evtx: eight fields of twelve event ids", eight_fields()),
        ("evtx: all fields of all records", all_fields()),
    ] {
        Comparison::new(name, len, || rows(&log, &request))
            .against("the evtx crate to JSON", || json_bytes(&log))
            .against("memmem", || occurrences(&log))
            .run(&mut criterion);
    }
    let mut file = tempfile::NamedTempFile::new()?;
    file.write_all(&log)?;
    drop(log);
    Comparison::new("evtx: two threads", len, || scanned(file.path(), 2))
        .against("one", || scanned(file.path(), 1))
        .run(&mut criterion);
    criterion.final_summary();
    Ok(())
}

/// Asks for what detections ask for: four fields of the header, four of the data.
fn eight_fields() -> EventRequest {
    let text = |name: &str| EventColumn::Text(vec![name.to_owned()]);
    let event_ids = vec![4624, 4648, 4672, 4688, 4697, 4698, 5140, 5145, 7045, 1, 3, 11];
    EventRequest {
        columns: vec![
            EventColumn::System(SystemField::TimeCreated),
            EventColumn::System(SystemField::EventId),
            EventColumn::System(SystemField::Computer),
            EventColumn::System(SystemField::RecordId),
            text("SubjectUserName"),
            text("IpAddress"),
            text("ShareName"),
            text("RelativeTargetName"),
        ],
        filters: vec![EventFilter { event_ids: Some(event_ids), ..EventFilter::default() }],
    }
}

/// Asks for everything, as `WindowsEvent` without a projection does.
fn all_fields() -> EventRequest {
    let header = SystemField::ALL.into_iter().map(EventColumn::System);
    let columns = header.chain([EventColumn::Dynamic(vec![])]).collect();
    EventRequest { columns, filters: vec![] }
}

/// Counts rows and lets the batches go.
struct CountRows(u64);

impl CountRows {
    fn add(&mut self, batch: &RecordBatch) -> ControlFlow<()> {
        let rows = u64::try_from(batch.num_rows()).unwrap_or(u64::MAX);
        self.0 = self.0.saturating_add(rows);
        ControlFlow::Continue(())
    }
}

impl EventSink for CountRows {
    fn batch(&mut self, _: usize, batch: RecordBatch) -> ControlFlow<()> {
        self.add(&batch)
    }

    fn damaged(&mut self, _: Damage) {}
}

impl Sink for CountRows {
    fn batch(&mut self, _: &Origin, batch: RecordBatch) -> ControlFlow<()> {
        self.add(&batch)
    }

    fn problem(&mut self, _: Problem) {}
}

fn rows(log: &[u8], request: &EventRequest) -> u64 {
    let mut sink = CountRows(0);
    let summary = evtx_arrow::read(log, std::slice::from_ref(request), &mut sink);
    sink.0.saturating_add(summary.map_or(0, |summary| summary.rejected))
}

fn scanned(path: &Path, threads: usize) -> u64 {
    let limits = Limits {
        threads: NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN),
        ..Limits::default()
    };
    let request = ScanRequest { events: vec![eight_fields()], limits, ..ScanRequest::default() };
    let mut sink = CountRows(0);
    let input = Input::File(path.to_owned());
    drop(scan(&input, &request, &KnownTables::default(), &mut sink));
    sink.0
}

fn json_bytes(log: &[u8]) -> u64 {
    let settings = ParserSettings::default().num_threads(1).indent(false);
    let Ok(parser) = EvtxParser::from_read_seek(Cursor::new(log)) else { return 0 };
    let mut parser = parser.with_configuration(settings);
    let lengths = parser.records_json_bytes().filter_map(Result::ok).map(|json| json.data.len());
    lengths.fold(0, |sum, len| sum.saturating_add(u64::try_from(len).unwrap_or(u64::MAX)))
}

fn occurrences(log: &[u8]) -> u64 {
    // In UTF-16, as names are kept in the file.
    let needle: Vec<u8> = "NewProcessName".encode_utf16().flat_map(u16::to_le_bytes).collect();
    Finder::new(&needle).find_iter(log).fold(0, |count, _| count.saturating_add(1))
}
