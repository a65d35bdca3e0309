//! What can be wrong with an EVTX file, as values: reading goes on behind each.

use std::io;

use thiserror::Error;

pub use record_error::RecordError;

mod record_error;

/// One damage and where it is.
#[derive(Debug, Error)]
#[error("offset {offset:#x}: {reason}")]
pub struct Damage {
    /// Byte offset within the file.
    pub offset: u64,
    /// The chunk, counted from 0 in file order; `None` for the file's header.
    pub chunk: Option<u64>,
    /// The record slot that is lost: its 1-based line. `None` if no single record is concerned.
    pub line: Option<u64>,
    /// What is wrong.
    #[source]
    pub reason: DamageReason,
}

/// What is wrong at a place.
#[derive(Debug, Error)]
pub enum DamageReason {
    /// The file's header has lost its signature, but chunks follow it.
    #[error("file header has no `ElfFile` signature, chunks follow it")]
    FileSignature,
    /// The file's header is not the one its checksum was made of.
    #[error("file header checksum is {stored:#010x}, computed {computed:#010x}")]
    FileHeaderChecksum {
        /// CRC-32 that the header holds.
        stored: u32,
        /// CRC-32 of the header as found.
        computed: u32,
    },
    /// The file ends before the last chunk its header counts.
    #[error("file is truncated: it ends after {found} of {expected} chunks{}", missing(*.records))]
    MissingChunks {
        /// Chunks that the header counts.
        expected: u64,
        /// Chunks found, a cut one included.
        found: u64,
        /// Records in the chunks that are missing, if the header can be trusted with it.
        records: Option<u64>,
    },
    /// The input could not be read any further.
    #[error("reading failed: {0}")]
    Io(#[source] io::Error),
    /// A chunk breaks off: the file ends within it, or another one starts there.
    #[error("chunk is truncated: {have} of its 65536 bytes are there{}", intact(*.records))]
    TruncatedChunk {
        /// Bytes of the chunk that are there.
        have: usize,
        /// Records that could be read, and those that the header counts, if it can be trusted
        /// with it.
        records: Option<(u64, u64)>,
    },
    /// A chunk that the file's header counts was never written, or has been wiped.
    #[error("chunk is all zeros")]
    BlankChunk,
    /// A chunk has no signature. If it has records all the same, they are read.
    #[error("chunk has no `ElfChnk` signature")]
    ChunkSignature,
    /// A chunk's header is not the one its checksum was made of.
    #[error("chunk header checksum is {stored:#010x}, computed {computed:#010x}")]
    ChunkHeaderChecksum {
        /// CRC-32 that the header holds.
        stored: u32,
        /// CRC-32 of the header as found.
        computed: u32,
    },
    /// A chunk's records are not those its checksum was made of.
    #[error("checksum of the chunk's records is {stored:#010x}, computed {computed:#010x}")]
    ChunkRecordsChecksum {
        /// CRC-32 that the header holds.
        stored: u32,
        /// CRC-32 of the records as found.
        computed: u32,
    },
    /// A chunk's header puts the end of its records outside the chunk.
    #[error("chunk header puts the end of its records at {found}")]
    FreeSpaceOffset {
        /// The offset within the chunk.
        found: u32,
    },
    /// Bytes among a chunk's records that are no record; at least one was there.
    #[error("{len} bytes among the records are not a record")]
    LostRecords {
        /// Number of bytes up to the next record or the end.
        len: usize,
    },
    /// A record whose content cannot be decoded.
    #[error("record cannot be decoded: {0}")]
    Record(#[source] RecordError),
}

fn missing(records: Option<u64>) -> String {
    records.map(|records| format!(", {records} records are missing")).unwrap_or_default()
}

fn intact(records: Option<(u64, u64)>) -> String {
    records.map(|(found, all)| format!(", {found} of its {all} records")).unwrap_or_default()
}
