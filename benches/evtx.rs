//! The EVTX reader against the `evtx` crate's JSON and against a plain search of the same bytes.
//!
//! The search is the floor: no reader that looks at every byte is faster.

use std::error::Error;
use std::io::Cursor;
use std::ops::ControlFlow;

use arrow_array::RecordBatch;
use benches::{Comparison, large_event_log};
use criterion::Criterion;
use evtx::{EvtxParser, ParserSettings};
use evtx_arrow::{Damage, EventColumn, EventFilter, EventRequest, EventSink, SystemField};
use memchr::memmem::Finder;

/// Process creations and share accesses of an attack, 1 MiB.
const LOG: &str = "logs/ID4688-5145-WMIexec execution via SMB.evtx";
const LARGE_LEN: usize = 32 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let log = large_event_log(&std::fs::read(testkit::shared(LOG))?, LARGE_LEN)?;
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    for (name, request) in [
        ("evtx: command lines of process creations", command_lines()),
        ("evtx: the whole of every event", whole_events()),
    ] {
        Comparison::new(name, u64::try_from(log.len())?, || rows(&log, &request))
            .against("the evtx crate to JSON", || json_bytes(&log))
            .against("memmem", || occurrences(&log))
            .run(&mut criterion);
    }
    criterion.final_summary();
    Ok(())
}

/// Asks for three columns of one event id, as a rule's query does.
fn command_lines() -> EventRequest {
    EventRequest {
        columns: vec![
            EventColumn::System(SystemField::TimeGenerated),
            EventColumn::System(SystemField::Computer),
            EventColumn::Text(vec!["CommandLine".to_owned()]),
        ],
        filters: vec![EventFilter { event_ids: Some(vec![4688]), ..EventFilter::default() }],
    }
}

/// Asks for all data of every event, as `WindowsEvent | project EventData` does.
fn whole_events() -> EventRequest {
    EventRequest {
        columns: vec![
            EventColumn::System(SystemField::TimeGenerated),
            EventColumn::System(SystemField::Provider),
            EventColumn::System(SystemField::EventID),
            EventColumn::System(SystemField::Computer),
            EventColumn::Dynamic(vec![]),
        ],
        filters: vec![],
    }
}

/// Counts rows and lets the batches go.
struct CountRows(u64);

impl EventSink for CountRows {
    fn batch(&mut self, batch: RecordBatch) -> ControlFlow<()> {
        let rows = u64::try_from(batch.num_rows()).unwrap_or(u64::MAX);
        self.0 = self.0.saturating_add(rows);
        ControlFlow::Continue(())
    }

    fn damaged(&mut self, _: Damage) {}
}

fn rows(log: &[u8], request: &EventRequest) -> u64 {
    let mut sink = CountRows(0);
    let summary = evtx_arrow::read(log, request, &mut sink);
    sink.0.saturating_add(summary.map_or(0, |summary| summary.rejected))
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
