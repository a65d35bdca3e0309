//! Where a reader pushes what it finds, and the account it gives at the end.

use std::ops::ControlFlow;

use arrow_array::RecordBatch;
use kql_types::Ticks;

use crate::damage::Damage;

/// Receives what a reader finds, in file order.
pub trait EventSink {
    /// Takes a batch with the request's schema; at least one row, about
    /// [`EventBatchBuilder::MAX_ROWS`](crate::EventBatchBuilder::MAX_ROWS) at most. `Break` ends
    /// the reading without an error.
    fn batch(&mut self, batch: RecordBatch) -> ControlFlow<()>;

    /// Takes note of a damage; reading goes on behind it.
    fn damaged(&mut self, damage: Damage);
}

/// What became of the records of an input.
///
/// `records` = `emitted` + `filtered` + `rejected`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadSummary {
    /// Record slots found, each with a line number of its own.
    pub records: u64,
    /// Records put into batches.
    pub emitted: u64,
    /// Records that no filter of the request accepts.
    pub filtered: u64,
    /// Records that could not be read: one [`Damage`] with a line each.
    pub rejected: u64,
    /// Damages that are not of a single record: checksums, missing chunks.
    pub other_damages: u64,
    /// The newest time written among all intact records, whether emitted or filtered.
    pub newest: Option<Ticks>,
    /// Whether the sink ended the reading before the end of the input.
    pub stopped: bool,
}

impl ReadSummary {
    /// Counts a record's time written.
    pub(crate) fn saw(&mut self, written: Option<Ticks>) {
        self.newest = self.newest.max(written);
    }
}
