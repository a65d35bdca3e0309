//! Where a reader pushes what it finds, and the account it gives at the end.

use std::ops::ControlFlow;

use arrow_array::RecordBatch;
use windows_event_model::Ticks;

use crate::damage::{Damage, DamageReason};

use times::RecordTimes;

pub(crate) mod times;

/// Receives what a reader finds, for each request in file order.
pub trait EventSink {
    /// Takes a batch with the schema of the request of that index; at least one row, about
    /// [`EventBatchBuilder::MAX_ROWS`](crate::EventBatchBuilder::MAX_ROWS) at most. `Break` ends
    /// the reading without an error.
    fn batch(&mut self, request: usize, batch: RecordBatch) -> ControlFlow<()>;

    /// Takes note of a damage; reading goes on behind it.
    fn damaged(&mut self, damage: Damage);
}

/// What became of the records of an input.
///
/// `records` = `emitted` + `filtered` + `rejected`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadSummary {
    /// Chunks read.
    pub chunks: u64,
    /// Record slots found, each with a line number of its own.
    pub records: u64,
    /// Records put into batches, those of several requests counted once.
    pub emitted: u64,
    /// Records that no request wants.
    pub filtered: u64,
    /// Records that could not be read: one [`Damage`] with a line each.
    pub rejected: u64,
    /// Damages that are not of a single record: checksums, missing chunks.
    pub other_damages: u64,
    /// The newest time written among all intact records, whether emitted or filtered.
    pub newest: Option<Ticks>,
    /// The times written of the same records.
    pub times: RecordTimes,
    /// Whether the sink ended the reading before the end of the input.
    pub stopped: bool,
}

impl ReadSummary {
    /// Counts the time written of the record with a line.
    pub(crate) fn saw(&mut self, written: Option<Ticks>, line: u64) {
        self.newest = self.newest.max(written);
        if let Some(written) = written {
            self.times.saw(written, line);
        }
    }

    /// Returns the number of records that could be read.
    pub(crate) const fn intact(&self) -> u64 {
        self.emitted.saturating_add(self.filtered)
    }

    /// Tells a sink of a damage that is not of a single record, and counts it.
    pub(crate) fn tell(
        &mut self,
        offset: u64,
        chunk: Option<u64>,
        reason: DamageReason,
        sink: &mut dyn EventSink,
    ) {
        self.other_damages = self.other_damages.saturating_add(1);
        sink.damaged(Damage { offset, chunk, line: None, reason });
    }
}
