//! The header block of an EVTX file.

use crate::{bytes, damage::DamageReason};

/// Length of the header block in bytes; the chunks follow it.
pub(crate) const FILE_HEADER_LEN: usize = 4096;

const SIGNATURE: &[u8; 8] = b"ElfFile\0";
/// The header's checksum covers this many bytes of it.
const CHECKED_LEN: usize = 120;
/// Flag: the log was not closed, so that the header is older than the chunks.
const DIRTY: u32 = 1;
/// Flag: the header carries no checksum.
const NO_CHECKSUM: u32 = 4;

/// What a reader needs of the file's header.
///
/// Source: libyal, "Windows XML Event Log (EVTX) format", file header.
#[derive(Debug)]
pub(crate) struct FileHeader {
    /// Chunks in the file; files above 65,535 chunks and dirty ones hold more.
    pub(crate) chunk_count: u64,
    /// The number that the next record would get, if the header can be trusted with it.
    next_number: Option<u64>,
    /// What is wrong with the header.
    pub(crate) damage: Option<DamageReason>,
}

impl FileHeader {
    /// Reads a header block, `None` if it lacks the signature.
    pub(crate) fn read(block: &[u8]) -> Option<Self> {
        if !block.starts_with(SIGNATURE) {
            return None;
        }
        let chunk_count = u64::from(bytes::u16(block, 42)?);
        let flags = bytes::u32(block, 120)?;
        let stored = bytes::u32(block, 124)?;
        let computed = crc32fast::hash(block.get(..CHECKED_LEN)?);
        let is_intact = stored == computed || flags & NO_CHECKSUM != 0;
        let damage = (!is_intact).then_some(DamageReason::FileHeaderChecksum { stored, computed });
        let is_current = is_intact && flags & DIRTY == 0;
        let next_number = bytes::u64(block, 24).filter(|_| is_current);
        Some(Self { chunk_count, next_number, damage })
    }

    /// Returns how many records follow the one with that number.
    pub(crate) fn records_after(&self, number: u64) -> Option<u64> {
        self.next_number?.checked_sub(1)?.checked_sub(number)
    }

    /// Returns what stands in for a header that is lost.
    pub(crate) const fn lost() -> Self {
        Self { chunk_count: 0, next_number: None, damage: Some(DamageReason::FileSignature) }
    }
}
