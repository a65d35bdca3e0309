//! A chunk of an EVTX file: its header, and where its records are.
//!
//! In: the bytes of one chunk. Out: record slots in order, and what is wrong with the chunk.
//! Does not look into a record's content.
//!
//! Source: libyal, "Windows XML Event Log (EVTX) format", chunk and event record sections.

use windows_event_model::filetime_to_ticks;

use crate::{bytes, damage::DamageReason};

/// What every chunk starts with.
pub const CHUNK_SIGNATURE: &[u8; 8] = b"ElfChnk\0";
/// Length of a chunk in bytes; offsets within it are relative to its start.
pub(crate) const CHUNK_LEN: usize = 65536;
/// Length of a chunk's header; the first record follows it.
pub(crate) const CHUNK_HEADER_LEN: usize = 512;
/// Length of a record's header; its binary XML follows it.
pub(crate) const RECORD_HEADER_LEN: usize = 24;

/// What a chunk's header has for the length of its own fields.
const HEADER_FIELDS_LEN: u32 = 128;
const RECORD_SIGNATURE: [u8; 4] = [0x2a, 0x2a, 0, 0];
/// A record ends with a copy of its size.
pub(crate) const SIZE_COPY_LEN: usize = 4;
const MIN_RECORD_LEN: usize = RECORD_HEADER_LEN + SIZE_COPY_LEN;
/// Flag: the chunk carries no checksums.
const NO_CHECKSUM: u32 = 4;

/// Tells whether the bytes start as a chunk does.
pub(crate) fn has_signature(chunk: &[u8]) -> bool {
    chunk.starts_with(CHUNK_SIGNATURE)
}

/// Tells whether the bytes, which start as a chunk does, are one and not just its signature, which
/// programs that read event logs have in them too.
pub(crate) fn is_chunk(bytes: &[u8]) -> bool {
    let has_header = bytes::u32(bytes, 40) == Some(HEADER_FIELDS_LEN);
    has_header || bytes.get(CHUNK_HEADER_LEN..).is_some_and(|it| it.starts_with(&RECORD_SIGNATURE))
}

/// Tells whether the bytes are a chunk that has lost its signature: a whole record is where the
/// first one should be.
pub(crate) fn is_headless(bytes: &[u8]) -> bool {
    let chunk = Chunk { bytes, end: bytes.len(), last: None, first_id: 0, last_number: None };
    chunk.record_at(CHUNK_HEADER_LEN).is_some_and(|record| chunk.is_whole(&record))
}

/// A chunk and what its header says of it.
pub(crate) struct Chunk<'a> {
    bytes: &'a [u8],
    /// Where the records end.
    end: usize,
    last: Option<LastRecord>,
    first_id: u64,
    /// The number of the last record, counted from the start of the log.
    last_number: Option<u64>,
}

/// The last record, as an intact chunk header tells.
struct LastRecord {
    id: u64,
    offset: usize,
}

/// A place where a record is or was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// A record.
    Record(RecordSlot),
    /// Bytes that are no record.
    Lost {
        /// Offset within the chunk.
        offset: usize,
        /// Length in bytes.
        len: usize,
    },
}

/// Where a record is, and what its header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordSlot {
    /// Offset within the chunk.
    pub(crate) offset: usize,
    /// Length in bytes, header and size copy included; up to the next record if the record's own
    /// size cannot be right.
    pub(crate) len: usize,
    /// The record's number in the log.
    pub(crate) id: u64,
    /// When the record was written, as FILETIME.
    pub(crate) written: u64,
}

impl<'a> Chunk<'a> {
    /// Reads the header of a chunk, which may be cut short; `None` if the header itself is.
    ///
    /// Hands what is wrong with the chunk to `damaged`.
    pub(crate) fn read(bytes: &'a [u8], damaged: &mut impl FnMut(DamageReason)) -> Option<Self> {
        let header = bytes.get(..CHUNK_HEADER_LEN)?;
        let free_space = bytes::u32(header, 48)?;
        let has_checksums = bytes::u32(header, 120)? & NO_CHECKSUM == 0;
        let is_header_intact = !has_checksums || check_header(header, damaged)?;
        let end = usize::try_from(free_space).ok()?;
        let end = if (CHUNK_HEADER_LEN..=CHUNK_LEN).contains(&end) {
            // A chunk that is cut short cannot have its checksum tested.
            if let Some(records) = bytes.get(CHUNK_HEADER_LEN..end)
                && has_checksums
            {
                check_records(header, records, damaged)?;
            }
            end.min(bytes.len())
        } else {
            damaged(DamageReason::FreeSpaceOffset { found: free_space });
            bytes.len()
        };
        let last = LastRecord {
            id: bytes::u64(header, 32)?,
            offset: usize::try_from(bytes::u32(header, 44)?).ok()?,
        };
        Some(Self {
            bytes,
            end,
            last: is_header_intact.then_some(last),
            first_id: bytes::u64(header, 24)?,
            last_number: bytes::u64(header, 16).filter(|_| is_header_intact),
        })
    }

    /// Returns the numbers that a header has for the chunk's first and last record, if it is an intact one.
    pub(crate) fn numbers(header: &[u8]) -> Option<(u64, u64)> {
        let header = header.get(..CHUNK_HEADER_LEN).filter(|header| has_signature(header))?;
        let has_checksums = bytes::u32(header, 120)? & NO_CHECKSUM == 0;
        if has_checksums && !check_header(header, &mut |_| {})? {
            return None;
        }
        Some((bytes::u64(header, 24)?, bytes::u64(header, 32)?))
    }

    /// Returns the number of the last record, counted from the start of the log, if the header
    /// can be trusted with it.
    pub(crate) const fn last_number(&self) -> Option<u64> {
        self.last_number
    }

    /// Returns the number of records, if the header can be trusted with it.
    pub(crate) fn record_count(&self) -> Option<u64> {
        let count = self.last.as_ref()?.id.checked_sub(self.first_id)?.checked_add(1)?;
        let most = CHUNK_LEN.checked_div(MIN_RECORD_LEN).and_then(|most| u64::try_from(most).ok());
        Some(count).filter(|&count| most.is_some_and(|most| count <= most))
    }

    /// Yields the record slots in order.
    pub(crate) fn slots(&self) -> Slots<'_> {
        Slots { chunk: self, next: Some(CHUNK_HEADER_LEN) }
    }

    /// Returns the record whose header is at `offset`: its slot if its size is in bounds.
    fn record_at(&self, offset: usize) -> Option<RecordSlot> {
        let header = self.bytes.get(offset..)?.get(..RECORD_HEADER_LEN)?;
        if !header.starts_with(&RECORD_SIGNATURE) {
            return None;
        }
        let len = usize::try_from(bytes::u32(header, 4)?).ok()?;
        let id = bytes::u64(header, 8)?;
        let written = bytes::u64(header, 16)?;
        Some(RecordSlot { offset, len, id, written })
    }

    /// Tells whether a record lies within the chunk and ends with the copy of its size.
    fn is_whole(&self, record: &RecordSlot) -> bool {
        let Some(end) = record.offset.checked_add(record.len) else { return false };
        let copy = end.checked_sub(SIZE_COPY_LEN).and_then(|at| bytes::u32(self.bytes, at));
        record.len >= MIN_RECORD_LEN
            && end <= self.bytes.len()
            && copy.is_some_and(|copy| usize::try_from(copy) == Ok(record.len))
    }

    /// Tells whether a record's size leads to another record, or to where the records end.
    fn is_followed(&self, record: &RecordSlot) -> bool {
        let Some(end) = record.offset.checked_add(record.len) else { return false };
        record.len >= MIN_RECORD_LEN && (end == self.end || self.record_at(end).is_some())
    }

    /// Returns the next whole record at or after `from`.
    ///
    /// A chunk that was caught while being overwritten holds records of two passes of the log;
    /// an intact header tells which ids are of this pass.
    fn next_whole(&self, from: usize) -> Option<RecordSlot> {
        let area = self.bytes.get(from..self.end)?;
        memchr::memmem::find_iter(area, &RECORD_SIGNATURE)
            .filter_map(|at| self.record_at(from.checked_add(at)?))
            .find(|record| {
                let is_of_this_pass = self
                    .last
                    .as_ref()
                    .is_none_or(|last| (self.first_id..=last.id).contains(&record.id));
                is_of_this_pass && self.is_whole(record)
            })
    }

    /// Tells whether the header has records at or after `offset`.
    fn expects_records_at(&self, offset: usize) -> bool {
        self.last.as_ref().is_some_and(|last| offset <= last.offset && last.offset < self.end)
    }
}

/// Yields the record slots of a chunk, resynchronising after damage.
pub(crate) struct Slots<'a> {
    chunk: &'a Chunk<'a>,
    next: Option<usize>,
}

impl Iterator for Slots<'_> {
    type Item = Slot;

    fn next(&mut self) -> Option<Slot> {
        let chunk = self.chunk;
        let offset = self.next.take().filter(|&offset| offset < chunk.end)?;
        let found = chunk.record_at(offset);
        let is_sound = |record: &RecordSlot| {
            let is_bounded = chunk.is_whole(record) || chunk.is_followed(record);
            is_bounded && filetime_to_ticks(record.written).is_some()
        };
        if let Some(record) = found.filter(is_sound) {
            let is_last = chunk
                .last
                .as_ref()
                .is_some_and(|last| record.id == last.id && offset >= last.offset);
            self.next = if is_last { None } else { offset.checked_add(record.len) };
            return Some(Slot::Record(record));
        }
        let next = chunk.next_whole(offset.saturating_add(1)).map(|record| record.offset);
        let len = next.unwrap_or(chunk.end).saturating_sub(offset);
        self.next = next;
        if let Some(record) = found {
            // Its header or the copy of its size is wrong, its content may be whole.
            let room = chunk.bytes.len().saturating_sub(offset);
            let is_possible = (MIN_RECORD_LEN..=room).contains(&record.len);
            let len = if is_possible { record.len } else { len };
            return Some(Slot::Record(RecordSlot { len, ..record }));
        }
        // Zeros where a record should start are the free space, unless something tells otherwise.
        let is_blank = chunk
            .bytes
            .get(offset..)
            .is_none_or(|rest| rest.iter().take(RECORD_SIGNATURE.len()).all(|&byte| byte == 0));
        if next.is_none() && is_blank && !chunk.expects_records_at(offset) {
            return None;
        }
        Some(Slot::Lost { offset, len })
    }
}

/// Compares a chunk header with its checksum; `None` if it is no whole header.
fn check_header(header: &[u8], damaged: &mut impl FnMut(DamageReason)) -> Option<bool> {
    let stored = bytes::u32(header, 124)?;
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(header.get(..120)?);
    hasher.update(header.get(128..CHUNK_HEADER_LEN)?);
    let computed = hasher.finalize();
    if stored != computed {
        damaged(DamageReason::ChunkHeaderChecksum { stored, computed });
    }
    Some(stored == computed)
}

/// Compares a chunk's records with their checksum; `None` if the header is cut.
fn check_records(
    header: &[u8],
    records: &[u8],
    damaged: &mut impl FnMut(DamageReason),
) -> Option<()> {
    let stored = bytes::u32(header, 52)?;
    let computed = crc32fast::hash(records);
    if stored != computed {
        damaged(DamageReason::ChunkRecordsChecksum { stored, computed });
    }
    Some(())
}
