//! Which records a chunk has, without their content: for whoever follows a log that grows.

use std::ops::Range;

use crate::chunk::{CHUNK_LEN, Chunk, Slot};

/// What a chunk has, as far as can be told without decoding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChunkIndex {
    /// The records, in the order of the chunk.
    pub records: Vec<RecordPlace>,
    /// Whether the chunk is whole and its checksums hold: it was not read while it was being written.
    pub is_sound: bool,
}

/// Where a record is in its chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordPlace {
    /// Its number in the log.
    pub number: u64,
    /// Its bytes.
    pub bytes: Range<usize>,
}

impl ChunkIndex {
    /// The length of a whole chunk in bytes.
    pub const CHUNK_LEN: usize = CHUNK_LEN;

    /// Looks at the bytes of a chunk; there is nothing in what is not one.
    pub fn of(bytes: &[u8]) -> Self {
        let mut is_sound = bytes.len() == CHUNK_LEN;
        let Some(chunk) = Chunk::read(bytes, &mut |_| is_sound = false) else {
            return Self::default();
        };
        let mut records = Vec::new();
        let mut has_lost = false;
        for slot in chunk.slots() {
            match slot {
                Slot::Record(record) => {
                    let end = record.offset.saturating_add(record.len).min(bytes.len());
                    records.push(RecordPlace { number: record.id, bytes: record.offset..end });
                }
                Slot::Lost { .. } => has_lost = true,
            }
        }
        Self { records, is_sound: is_sound && !has_lost }
    }

    /// Returns the number of the last record, `None` if there is none.
    pub fn last(&self) -> Option<u64> {
        self.records.iter().map(|record| record.number).max()
    }

    /// Returns the numbers that the header of a chunk has for its first and its last record; `None` if the
    /// header is damaged, or is not one.
    ///
    /// - `header`: the first 512 bytes of the chunk.
    pub fn numbers_of(header: &[u8]) -> Option<(u64, u64)> {
        Chunk::numbers(header)
    }
}
