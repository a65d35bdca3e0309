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
    ticks::filetime_to_ticks,
};

/// Turns chunks into batches and keeps account.
pub(crate) struct ChunkReader<'r> {
    decoder: RecordDecoder<'r>,
    /// One for each request.
    batches: Vec<EventBatchBuilder>,
    summary: ReadSummary,
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
        }
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
        for slot in chunk.slots() {
            self.summary.records = self.summary.records.saturating_add(1);
            match slot {
                Slot::Record(record) => self.record(bytes, record, place, sink),
                Slot::Lost { offset, len } => {
                    self.reject(offset, place, DamageReason::LostRecords { len }, sink);
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
        let line = i64::try_from(self.summary.records).unwrap_or(i64::MAX);
        let count = match self.decoder.record(chunk, record, line, &mut self.batches) {
            Ok(Outcome::Emitted) => &mut self.summary.emitted,
            Ok(Outcome::Filtered) => &mut self.summary.filtered,
            Err(error) => {
                return self.reject(record.offset, place, DamageReason::Record(error), sink);
            }
        };
        *count = count.saturating_add(1);
        self.summary.saw(filetime_to_ticks(record.written));
    }

    /// Gives up the current record, which is at `offset` of its chunk.
    fn reject(
        &mut self,
        offset: usize,
        place: ChunkPlace,
        reason: DamageReason,
        sink: &mut dyn EventSink,
    ) {
        self.summary.rejected = self.summary.rejected.saturating_add(1);
        let offset = u64::try_from(offset).unwrap_or(u64::MAX);
        sink.damaged(Damage {
            offset: place.offset.saturating_add(offset),
            chunk: Some(place.number),
            line: Some(self.summary.records),
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
