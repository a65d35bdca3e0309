//! EVTX, as Windows itself writes it; the reading is `evtx-arrow`'s.

use std::ops::ControlFlow;

use arrow_array::RecordBatch;
use evtx_arrow::{Damage, EventFilter, EventRequest, EventSink};

use super::{Format, Head};
use crate::{
    content::Content, problem::Reason, request::EVENTS, scan::Scan, sink::Origin,
    summary::MemberSummary,
};

/// The name of the format.
const NAME: &str = "EVTX";
/// Where the first chunk starts: a file whose header is damaged is known by it.
const FIRST_CHUNK: usize = 4096;

pub(super) const FORMAT: Format = Format { recognise, read };

fn recognise(head: &Head<'_>) -> bool {
    head.bytes.starts_with(b"ElfFile\0")
        || head.bytes.get(FIRST_CHUNK..).is_some_and(|chunk| chunk.starts_with(b"ElfChnk\0"))
}

fn read(content: Content<'_>, scan: &mut Scan<'_>) {
    let summary =
        MemberSummary { format: NAME, table: Some(EVENTS.to_owned()), ..scan.empty_summary() };
    let origin = Origin {
        file: summary.file.clone(),
        member: summary.member.clone(),
        format: NAME,
        table: EVENTS.to_owned(),
    };
    // Events that nobody wants are counted, and their times seen.
    let nothing = EventRequest {
        columns: Vec::new(),
        filters: vec![EventFilter { event_ids: Some(Vec::new()), ..EventFilter::default() }],
    };
    let request = scan.request.events.as_ref().unwrap_or(&nothing);
    let read = evtx_arrow::read(content.into_reader(), request, &mut Passing { scan, origin });
    match read {
        Ok(read) => scan.summaries.push(MemberSummary {
            read: read.records,
            filtered: read.filtered,
            emitted: read.emitted,
            rejected: read.rejected,
            newest: read.newest,
            ..summary
        }),
        Err(error) => {
            scan.summaries.push(summary);
            scan.problem(None, None, Reason::EvtxFile(error));
        }
    }
}

/// Passes on what the reader finds, with the place it comes from.
struct Passing<'p, 's> {
    scan: &'p mut Scan<'s>,
    origin: Origin,
}

impl EventSink for Passing<'_, '_> {
    fn batch(&mut self, batch: RecordBatch) -> ControlFlow<()> {
        self.scan.tell_progress();
        self.scan.batch(&self.origin, batch)
    }

    fn damaged(&mut self, damage: Damage) {
        self.scan.problem(damage.line, Some(damage.offset), Reason::Evtx(damage.reason));
    }
}
