//! What a block of text gave.

use arrow_array::RecordBatch;
use evtx_arrow::RecordTimes;
use kql_types::Ticks;

use crate::{losses::Losses, problem::Reason};

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is in a batch.
    Emitted,
    /// It is in a batch, which should be flushed.
    Full,
    /// The request does not want it.
    Filtered,
    /// It is of another shape or table and has not been counted.
    Foreign,
}

/// What a reader made of one block.
#[derive(Debug, Default)]
pub(crate) struct Yield {
    /// Records in the block.
    pub(crate) records: u64,
    /// What each table got, in the order in which the tables appeared.
    pub(crate) parts: Vec<Part>,
    /// Records that could not be read, in order.
    pub(crate) rejected: Vec<RejectedRecord>,
    /// What is wrong in records that could be read.
    pub(crate) blemishes: Vec<Blemish>,
    /// Where in the stream the first byte is zero.
    pub(crate) zero: Option<u64>,
    /// Batches that could not be put together.
    pub(crate) failures: Vec<Reason>,
    /// Why the stream is of no use: nothing behind this block will be read.
    pub(crate) gives_up: Option<Reason>,
}

/// What one table got from one block.
#[derive(Debug, Default)]
pub(crate) struct Part {
    pub(crate) format: &'static str,
    pub(crate) table: String,
    pub(crate) batches: Vec<PartBatch>,
    pub(crate) filtered: u64,
    pub(crate) emitted: u64,
    /// Rows that are wanted and come behind those that suffice.
    pub(crate) passed_over: u64,
    pub(crate) newest: Option<Ticks>,
    /// The times of the same records, whose lines count from 1 within the block.
    pub(crate) times: RecordTimes,
    /// What its records have lost, the records counted within the block.
    pub(crate) losses: Losses,
    /// The table's columns that the head of the text has; `None` if each record has its own.
    pub(crate) head: Option<Vec<String>>,
    pub(crate) ignored_columns: Vec<String>,
    /// Columns whose local times were taken for UTC.
    pub(crate) assumed_utc: Vec<String>,
}

/// A batch, whose last column counts records from 1 within the block.
#[derive(Debug)]
pub(crate) struct PartBatch {
    /// The index of the table's request that it answers.
    pub(crate) request: usize,
    pub(crate) batch: RecordBatch,
    /// How many records it stands for: its rows, and those that were read with them and left out.
    pub(crate) records: usize,
}

impl PartBatch {
    /// Returns a batch that stands for its rows.
    pub(crate) fn whole(request: usize, batch: RecordBatch) -> Self {
        Self { request, records: batch.num_rows(), batch }
    }
}

impl Part {
    /// Takes note of a record's time; `line` is its index in the block.
    pub(crate) fn saw(&mut self, time: Option<Ticks>, line: i64) {
        self.newest = self.newest.max(time);
        if let Some(time) = time {
            self.times.saw(time, line.cast_unsigned());
        }
    }

    /// Counts a record by what became of it.
    pub(crate) const fn count(&mut self, outcome: Outcome) {
        let count = match outcome {
            Outcome::Filtered => &mut self.filtered,
            Outcome::Emitted | Outcome::Full => &mut self.emitted,
            Outcome::Foreign => return,
        };
        *count = count.saturating_add(1);
    }
}

/// A record that could not be read.
#[derive(Debug)]
pub(crate) struct RejectedRecord {
    /// Its 1-based index in the block.
    pub(crate) index: u64,
    /// Its offset, or that of the damage, in the stream.
    pub(crate) offset: u64,
    pub(crate) reason: Reason,
}

/// Something wrong in a record that could be read all the same.
#[derive(Debug)]
pub(crate) struct Blemish {
    /// The record's 1-based index in the block.
    pub(crate) index: u64,
    /// Its offset in the stream.
    pub(crate) offset: u64,
    /// What it is.
    pub(crate) what: &'static str,
}
