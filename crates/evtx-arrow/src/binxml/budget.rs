//! How much work and memory the records of one chunk may take.

use crate::damage::RecordError;

/// What is left to spend on one chunk, and on the record at hand.
///
/// Records share templates and values, so that a crafted chunk of 64 KiB could ask for far more
/// work than its size. Real chunks stay below a tenth of a record's limits. That a record has
/// less than its chunk keeps one damaged record from costing the others.
#[derive(Debug)]
pub(crate) struct Budget {
    record: Allowance,
    chunk: Allowance,
}

#[derive(Clone, Copy, Debug)]
struct Allowance {
    /// Nodes of binary XML that may be parsed or put into trees.
    nodes: usize,
    /// Bytes of text that may be rendered.
    bytes: usize,
}

impl Budget {
    const RECORD: Allowance = Allowance { nodes: 1 << 18, bytes: 4 << 20 };
    const CHUNK: Allowance = Allowance { nodes: 1 << 20, bytes: 16 << 20 };
    /// How deep elements may be nested, fragments counted as elements: trees are walked by
    /// recursion.
    pub(crate) const MAX_DEPTH: usize = 256;

    /// Returns the budget of a fresh chunk.
    pub(crate) const fn new() -> Self {
        Self { record: Self::RECORD, chunk: Self::CHUNK }
    }

    /// Goes on to the next record.
    pub(crate) const fn next_record(&mut self) {
        self.record = Self::RECORD;
    }

    /// Pays for nodes.
    pub(crate) fn nodes(&mut self, count: usize) -> Result<(), RecordError> {
        pay(&mut self.record.nodes, count)?;
        pay(&mut self.chunk.nodes, count)
    }

    /// Pays for rendered text.
    pub(crate) fn bytes(&mut self, count: usize) -> Result<(), RecordError> {
        pay(&mut self.record.bytes, count)?;
        pay(&mut self.chunk.bytes, count)
    }
}

fn pay(left: &mut usize, count: usize) -> Result<(), RecordError> {
    *left = left.checked_sub(count).ok_or(RecordError::TooCostly)?;
    Ok(())
}
