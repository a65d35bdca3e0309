//! Chunks to batches, one chunk after the other: what all ways through a file have in common.

use std::ops::ControlFlow;

use crate::{
    batch::EventBatchBuilder,
    chunk::{CHUNK_LEN, Chunk, RecordSlot, Slot},
    damage::{Damage, DamageReason},
    decode::{Outcome, RecordDecoder},
    error::ReadError,
    request::EventRequest,
    sink::{EventSink, ReadSummary},
};
use windows_event_model::filetime_to_ticks;

/// Turns chunks into batches and keeps account.
pub(crate) struct ChunkReader<'r> {
    decoder: RecordDecoder<'r>,
    /// One for each request.
    batches: Vec<EventBatchBuilder>,
    summary: ReadSummary,
    /// The number of the last record that is passed over, if records go by their numbers.
    after: Option<u64>,
}

/// Where a chunk is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChunkPlace {
    /// Its number, counted from 0.
    pub(crate) number: u64,
    /// The byte offset in the file.
    pub(crate) offset: u64,
}

/// What became of one chunk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChunkOutcome {
    /// Whether the sink wants more.
    pub(crate) flow: ControlFlow<()>,
    /// The number of the last record, counted from the start of the log, as the header has it.
    pub(crate) last_number: Option<u64>,
}

impl<'r> ChunkReader<'r> {
    pub(crate) fn new(requests: &'r [EventRequest]) -> Self {
        Self {
            decoder: RecordDecoder::new(requests),
            batches: requests.iter().map(EventBatchBuilder::new).collect(),
            summary: ReadSummary::default(),
            after: None,
        }
    }

    /// Passes over the records up to the one with a number; the lines of the others are their numbers.
    pub(crate) fn after(number: u64, requests: &'r [EventRequest]) -> Self {
        Self { after: Some(number), ..Self::new(requests) }
    }

    /// Reads a chunk, which may be cut short.
    pub(crate) fn read(
        &mut self,
        bytes: &[u8],
        place: ChunkPlace,
        sink: &mut dyn EventSink,
    ) -> Result<ChunkOutcome, ReadError> {
        self.summary.chunks = self.summary.chunks.saturating_add(1);
        let mut tell = |reason| self.summary.tell(place.offset, Some(place.number), reason, sink);
        let Some(chunk) = Chunk::read(bytes, &mut tell) else {
            tell(DamageReason::TruncatedChunk { have: bytes.len(), records: None });
            return Ok(ChunkOutcome { flow: ControlFlow::Continue(()), last_number: None });
        };
        let read_before = self.summary.intact();
        self.decoder.next_chunk();
        let mut flow = ControlFlow::Continue(());
        let after = self.after;
        for slot in chunk.slots().skip_while(|slot| is_passed_over(slot, after)) {
            self.summary.records = self.summary.records.saturating_add(1);
            match slot {
                Slot::Record(record) => self.record(bytes, record, place, sink),
                Slot::Lost { offset, len } => {
                    let line = self.summary.records;
                    self.reject((offset, line), place, DamageReason::LostRecords { len }, sink);
                }
            }
            flow = self.flush(EventBatchBuilder::is_full, sink)?;
            if flow.is_break() {
                break;
            }
        }
        if bytes.len() < CHUNK_LEN {
            let found = self.summary.intact().saturating_sub(read_before);
            let records = chunk.record_count().map(|expected| (found, expected));
            let reason = DamageReason::TruncatedChunk { have: bytes.len(), records };
            self.summary.tell(place.offset, Some(place.number), reason, sink);
        }
        Ok(ChunkOutcome { flow, last_number: chunk.last_number() })
    }

    /// Tells the sink of a damage that is not of a single record.
    pub(crate) fn tell(
        &mut self,
        offset: u64,
        chunk: Option<u64>,
        reason: DamageReason,
        sink: &mut dyn EventSink,
    ) {
        self.summary.tell(offset, chunk, reason, sink);
    }

    /// Passes on what is left, and returns the account since the last time.
    pub(crate) fn finish(&mut self, sink: &mut dyn EventSink) -> Result<ReadSummary, ReadError> {
        if !self.summary.stopped {
            // The account has a break.
            let _ = self.flush(|_| true, sink)?;
        }
        Ok(std::mem::take(&mut self.summary))
    }

    fn record(
        &mut self,
        chunk: &[u8],
        record: RecordSlot,
        place: ChunkPlace,
        sink: &mut dyn EventSink,
    ) {
        let number = if self.after.is_some() { record.id } else { self.summary.records };
        let line = i64::try_from(number).unwrap_or(i64::MAX);
        let count = match self.decoder.record(chunk, record, line, &mut self.batches) {
            Ok(Outcome::Emitted) => &mut self.summary.emitted,
            Ok(Outcome::Filtered) => &mut self.summary.filtered,
            Err(error) => {
                let reason = DamageReason::Record(error);
                return self.reject((record.offset, number), place, reason, sink);
            }
        };
        *count = count.saturating_add(1);
        self.summary.saw(filetime_to_ticks(record.written), number);
    }

    /// Gives up the current record, which is at an offset of its chunk and has a line.
    fn reject(
        &mut self,
        (offset, line): (usize, u64),
        place: ChunkPlace,
        reason: DamageReason,
        sink: &mut dyn EventSink,
    ) {
        self.summary.rejected = self.summary.rejected.saturating_add(1);
        let offset = u64::try_from(offset).unwrap_or(u64::MAX);
        sink.damaged(Damage {
            offset: place.offset.saturating_add(offset),
            chunk: Some(place.number),
            line: Some(line),
            reason,
        });
    }

    /// Passes on the batches that are due.
    fn flush(
        &mut self,
        is_due: impl Fn(&EventBatchBuilder) -> bool,
        sink: &mut dyn EventSink,
    ) -> Result<ControlFlow<()>, ReadError> {
        for (request, builder) in self.batches.iter_mut().enumerate() {
            if is_due(builder)
                && let Some(batch) = builder.finish()?
                && sink.batch(request, batch).is_break()
            {
                self.summary.stopped = true;
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// Tells whether a slot at the start of a chunk belongs to what has been read before.
fn is_passed_over(slot: &Slot, after: Option<u64>) -> bool {
    match (after, slot) {
        (None, _) => false,
        (Some(after), Slot::Record(record)) => record.id <= after,
        // What is lost before the first new record was lost before.
        (Some(_), Slot::Lost { .. }) => true,
    }
}
