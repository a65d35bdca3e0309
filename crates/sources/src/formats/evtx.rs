//! EVTX, as Windows itself writes it; the reading is `evtx-arrow`'s.
//!
//! A file of its own is read in parts, on several threads, chunks being independent of one another;
//! one in an archive is a stream and is not.

use std::{
    fs::File,
    ops::{ControlFlow, Range},
    path::Path,
};

use arrow_array::RecordBatch;
use evtx_arrow::{
    CHUNK_SIGNATURE, Damage, EventRequest, EventSink, FileReader, ReadError, ReadSummary,
};

use super::Format;
use crate::{
    input::content::{Content, Head},
    lines::with_lines_after,
    ordered::in_order,
    problem::Reason,
    request::EVENTS,
    scan::Scan,
    sink::{Examine, Found, Origin},
    summary::MemberSummary,
};

/// The name of the format.
const NAME: &str = "EVTX";
/// Where the first chunk starts: a file whose header is damaged is known by it.
const FIRST_CHUNK: usize = 4096;
/// Chunks that a thread reads at a time: eight megabytes.
const CHUNKS_AT_A_TIME: u64 = 128;

pub(super) const FORMAT: Format = Format { recognise, read };

fn recognise(head: &Head<'_>) -> bool {
    head.bytes.starts_with(b"ElfFile\0")
        || head.bytes.get(FIRST_CHUNK..).is_some_and(|chunk| chunk.starts_with(CHUNK_SIGNATURE))
}

fn read(content: Content<'_>, scan: &mut Scan<'_>) {
    if scan.request.carve {
        // Of what is an event log by its header, no chunk is news.
        carve(content, scan);
        return;
    }
    let requests = &scan.request.events;
    let threads = scan.request.limits.threads.get();
    let whole_file = content.whole_file();
    let mut collector = Collector::new(scan);
    let files = whole_file.and_then(|(path, _)| open_for_each(path, threads));
    if let (Some((_, len)), Some(files)) = (whole_file, files) {
        collector.read_by_parts(len, files, requests);
    } else {
        let outcome = evtx_arrow::read(content.into_reader(), requests, &mut collector);
        collector.add(outcome);
    }
    let summary = collector.summary;
    scan.summaries.push(summary);
}

/// Reads the records behind the one with a number; their lines are their numbers.
pub(super) fn read_after(after: u64, content: Content<'_>, scan: &mut Scan<'_>) {
    let requests = &scan.request.events;
    let mut collector = Collector::new(scan);
    let outcome = evtx_arrow::read_after(content.into_reader(), after, requests, &mut collector);
    collector.add(outcome);
    let summary = collector.summary;
    scan.summaries.push(summary);
}

/// Reads the chunks of event logs that are anywhere in the content; `false` if there are none.
pub(super) fn carve(content: Content<'_>, scan: &mut Scan<'_>) -> bool {
    let requests = &scan.request.events;
    let mut collector = Collector::new(scan);
    let outcome = evtx_arrow::carve(content.into_reader(), requests, &mut collector);
    let has_chunks = !matches!(outcome, Ok(ReadSummary { chunks: 0, other_damages: 0, .. }));
    collector.add(outcome);
    let summary = collector.summary;
    if has_chunks {
        scan.summaries.push(summary);
    }
    has_chunks
}

/// Opens the file once for each thread; `None` if that does not work.
fn open_for_each(path: &Path, threads: usize) -> Option<Vec<File>> {
    (0..threads).map(|_| File::open(path).ok()).collect()
}

/// Some of a file's chunks, and how many bytes they are.
struct ChunkJob {
    chunks: Range<u64>,
    bytes: u64,
}

/// What some of a file's chunks gave, lines counted from 1 within them.
struct ChunkYield<'s> {
    bytes: u64,
    examiner: Option<&'s dyn Examine>,
    batches: Vec<(usize, RecordBatch, Found)>,
    damages: Vec<Damage>,
    outcome: Result<ReadSummary, ReadError>,
}

impl EventSink for ChunkYield<'_> {
    fn batch(&mut self, request: usize, batch: RecordBatch) -> ControlFlow<()> {
        let needed = match self.examiner {
            Some(examiner) => examiner.examine(EVENTS, request, batch),
            None => Some((batch, None)),
        };
        self.batches.extend(needed.map(|(batch, found)| (request, batch, found)));
        ControlFlow::Continue(())
    }

    fn damaged(&mut self, damage: Damage) {
        self.damages.push(damage);
    }
}

/// Starts a thread's reader.
fn start<'s>(
    file: File,
    requests: &'s [EventRequest],
    examiner: Option<&'s dyn Examine>,
) -> impl FnMut(ChunkJob) -> ChunkYield<'s> {
    let mut reader = FileReader::open(file, requests).map_err(Some);
    move |job| {
        let mut yielded = ChunkYield {
            bytes: job.bytes,
            examiner,
            batches: Vec::new(),
            damages: Vec::new(),
            outcome: Ok(ReadSummary::default()),
        };
        yielded.outcome = match &mut reader {
            Ok(reader) => reader.read(job.chunks, &mut yielded),
            // The first error ends the file, so that nobody looks at what follows.
            Err(error) => error.take().map_or(Ok(ReadSummary::default()), Err),
        };
        yielded
    }
}

/// Passes on what the readers find, with the place it comes from, and adds up the account.
struct Collector<'c, 's> {
    scan: &'c mut Scan<'s>,
    origin: Origin,
    summary: MemberSummary,
}

impl<'c, 's> Collector<'c, 's> {
    fn new(scan: &'c mut Scan<'s>) -> Self {
        let summary =
            MemberSummary { format: NAME, table: Some(EVENTS.to_owned()), ..scan.empty_summary() };
        let origin = Origin {
            file: summary.file.clone(),
            member: summary.member.clone(),
            format: NAME,
            table: EVENTS.to_owned(),
            request: 0,
        };
        Self { scan, origin, summary }
    }

    /// Reads a file part by part, also on one thread: batches, and where reading ends early, are the
    /// same on any number of them.
    fn read_by_parts(&mut self, len: u64, files: Vec<File>, requests: &[EventRequest]) {
        let chunks = FileReader::<File>::chunks_in(len).max(1);
        let chunk_bytes = len.checked_div(chunks).unwrap_or_default();
        let starts = (0..chunks).step_by(usize::try_from(CHUNKS_AT_A_TIME).unwrap_or(1));
        let mut jobs = starts.map(|start| {
            let end = start.saturating_add(CHUNKS_AT_A_TIME).min(chunks);
            let bytes = end.saturating_sub(start).saturating_mul(chunk_bytes);
            ChunkJob { chunks: start..end, bytes }
        });
        let examiner = self.scan.examiner;
        // The scan knows of a break if it was the sink's.
        if let [_] = files.as_slice() {
            let mut worker = files.into_iter().map(|file| start(file, requests, examiner));
            if let Some(mut read) = worker.next() {
                let _ = jobs.try_for_each(|job| self.take(read(job)));
            }
            return;
        }
        let workers =
            files.into_iter().map(|file| move || start(file, requests, examiner)).collect();
        let _ = in_order(jobs, workers, |yielded| self.take(yielded));
    }

    fn take(&mut self, yielded: ChunkYield<'_>) -> ControlFlow<()> {
        let lines_before = self.summary.read;
        self.scan.add_stored(yielded.bytes);
        for damage in yielded.damages {
            let line = damage.line.map(|line| line.saturating_add(lines_before));
            self.damaged(Damage { line, ..damage });
        }
        let is_readable = yielded.outcome.is_ok();
        self.add(yielded.outcome);
        for (request, batch, found) in yielded.batches {
            self.pass_on(request, with_lines_after(batch, lines_before), found)?;
        }
        // What keeps one part from being read keeps all of them.
        if is_readable { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn pass_on(&mut self, request: usize, batch: RecordBatch, found: Found) -> ControlFlow<()> {
        self.scan.tell_progress();
        self.origin.request = request;
        self.scan.examined(&self.origin, batch, found)
    }

    fn add(&mut self, outcome: Result<ReadSummary, ReadError>) {
        match outcome {
            Ok(read) => {
                let summary = &mut self.summary;
                summary.times.append(&read.times, summary.read);
                summary.read = summary.read.saturating_add(read.records);
                summary.filtered = summary.filtered.saturating_add(read.filtered);
                summary.emitted = summary.emitted.saturating_add(read.emitted);
                summary.rejected = summary.rejected.saturating_add(read.rejected);
                summary.newest = summary.newest.max(read.newest);
            }
            Err(error) => self.scan.problem(None, None, Reason::EvtxFile(error)),
        }
    }
}

impl EventSink for Collector<'_, '_> {
    fn batch(&mut self, request: usize, batch: RecordBatch) -> ControlFlow<()> {
        self.pass_on(request, batch, None)
    }

    fn damaged(&mut self, damage: Damage) {
        self.scan.problem(damage.line, Some(damage.offset), Reason::Evtx(damage.reason));
    }
}
