//! A large Windows event log in memory, made of small ones.

use std::{fs, io, path::Path};

use thiserror::Error;

const FILE_HEADER_LEN: usize = 4096;
const CHUNK_LEN: usize = 65_536;
const CHUNK_HEADER_LEN: usize = 512;
const CHUNK_SIGNATURE: &[u8] = b"ElfChnk\0";

/// Where a chunk's header keeps the end of its records, and their checksum, 4 bytes each.
const RECORDS_END_OFFSET: usize = 48;
const RECORDS_CHECKSUM_OFFSET: usize = 52;
/// A chunk with fewer bytes of records is the last, half-empty one of its file.
const MIN_RECORDS_END: usize = 40_000;

/// Where the file header keeps the number of chunks, 2 bytes.
const CHUNK_COUNT_OFFSET: usize = 42;
/// What the file header's checksum covers.
const CHECKED_LEN: usize = 120;
/// Where the file header keeps its checksum, 4 bytes.
const CHECKSUM_OFFSET: usize = 124;

/// Why no large file can be made.
#[derive(Debug, Error)]
#[error("none of {logs} event logs has a full and intact chunk")]
pub struct LargeEventLogError {
    logs: usize,
}

/// Returns the EVTX files of a folder, in the order of their names.
///
/// # Errors
///
/// If the folder or a file cannot be read.
pub fn event_logs(folder: &Path) -> io::Result<Vec<Vec<u8>>> {
    let entries = fs::read_dir(folder)?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "evtx"));
    paths.sort();
    paths.iter().map(fs::read).collect()
}

/// Returns an EVTX file of at least `min_len` bytes made of the full and intact chunks of `logs`,
/// over and over, in an order that has no period.
///
/// A chunk is self-contained, so the result reads like any other file; only its record numbers
/// repeat.
///
/// # Errors
///
/// If no log has such a chunk.
pub fn large_event_log(logs: &[Vec<u8>], min_len: usize) -> Result<Vec<u8>, LargeEventLogError> {
    let chunks: Vec<&[u8]> = logs.iter().flat_map(|log| full_chunks(log)).collect();
    let header = logs.first().and_then(|log| log.get(..FILE_HEADER_LEN));
    let (Some(header), false) = (header, chunks.is_empty()) else {
        return Err(LargeEventLogError { logs: logs.len() });
    };
    let mut large = Vec::with_capacity(min_len.saturating_add(CHUNK_LEN));
    large.extend_from_slice(header);
    let mut count = 0_u16;
    let mut random = 7_u64;
    while large.len() < min_len && count < u16::MAX {
        // Knuth's multiplier for a linear congruential generator; its high bits are the good ones.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let at = usize::try_from(random >> 33).unwrap_or(0).checked_rem(chunks.len());
        large.extend_from_slice(at.and_then(|at| chunks.get(at)).copied().unwrap_or_default());
        count = count.saturating_add(1);
    }
    write_at(&mut large, CHUNK_COUNT_OFFSET, &count.to_le_bytes());
    let checksum = crc32fast::hash(large.get(..CHECKED_LEN).unwrap_or_default());
    write_at(&mut large, CHECKSUM_OFFSET, &checksum.to_le_bytes());
    Ok(large)
}

/// Yields the chunks of a log that are full and whose records are intact.
fn full_chunks(log: &[u8]) -> impl Iterator<Item = &[u8]> {
    let chunks = log.get(FILE_HEADER_LEN..).unwrap_or_default().chunks_exact(CHUNK_LEN);
    chunks.filter(|chunk| chunk.starts_with(CHUNK_SIGNATURE)).filter(|chunk| {
        let end = number_at(chunk, RECORDS_END_OFFSET).and_then(|end| usize::try_from(end).ok());
        let records = end
            .filter(|&end| end > MIN_RECORDS_END)
            .and_then(|end| chunk.get(CHUNK_HEADER_LEN..end));
        records.map(crc32fast::hash) == number_at(chunk, RECORDS_CHECKSUM_OFFSET)
    })
}

fn number_at(bytes: &[u8], offset: usize) -> Option<u32> {
    bytes.get(offset..)?.first_chunk().copied().map(u32::from_le_bytes)
}

/// Overwrites bytes that are there.
fn write_at(bytes: &mut [u8], offset: usize, new: &[u8]) {
    let place = bytes.get_mut(offset..).and_then(|rest| rest.get_mut(..new.len()));
    if let Some(place) = place {
        place.copy_from_slice(new);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log of one chunk whose records are all of a kind.
    fn log(byte: u8) -> Vec<u8> {
        let mut log = vec![0; FILE_HEADER_LEN];
        let mut chunk = vec![byte; CHUNK_LEN];
        write_at(&mut chunk, 0, CHUNK_SIGNATURE);
        write_at(&mut chunk, RECORDS_END_OFFSET, &60_000_u32.to_le_bytes());
        let checksum = crc32fast::hash(&chunk[CHUNK_HEADER_LEN..60_000]);
        write_at(&mut chunk, RECORDS_CHECKSUM_OFFSET, &checksum.to_le_bytes());
        log.extend(chunk);
        log
    }

    #[test]
    fn chunks_repeat_and_the_header_knows_how_many() {
        let large = large_event_log(&[log(1), log(2)], 500_000).expect("there are chunks");
        assert_eq!(large.len(), FILE_HEADER_LEN + 8 * CHUNK_LEN);
        assert_eq!(large[CHUNK_COUNT_OFFSET], 8);
        let kinds = |kind: u8| large[FILE_HEADER_LEN..].chunks(CHUNK_LEN).any(|it| it[600] == kind);
        assert!(kinds(1) && kinds(2));
    }

    #[test]
    fn a_chunk_that_is_not_intact_is_left_out() {
        let mut damaged = log(1);
        damaged[FILE_HEADER_LEN + 1000] = 2;
        assert!(large_event_log(&[damaged], 100_000).is_err());
        assert!(large_event_log(&[vec![0; 5000]], 100_000).is_err());
        assert!(large_event_log(&[], 100_000).is_err());
    }
}
