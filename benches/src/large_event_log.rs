//! A large Windows event log in memory, made of a small one.

use thiserror::Error;

const FILE_HEADER_LEN: usize = 4096;
const CHUNK_LEN: usize = 65_536;
const CHUNK_SIGNATURE: &[u8] = b"ElfChnk\0";

/// Where the file header keeps the number of chunks, 2 bytes.
const CHUNK_COUNT_OFFSET: usize = 42;
/// What the file header's checksum covers.
const CHECKED_LEN: usize = 120;
/// Where the file header keeps its checksum, 4 bytes.
const CHECKSUM_OFFSET: usize = 124;

/// Why a file cannot be repeated.
#[derive(Debug, Error)]
#[error("not an event log with at least one chunk: {len} bytes")]
pub struct LargeEventLogError {
    len: usize,
}

/// Returns an EVTX file of at least `min_len` bytes made of the chunks of `log`, over and over.
///
/// A chunk is self-contained, so the result reads like any other file; only its record numbers
/// repeat.
///
/// # Errors
///
/// If `log` has no chunk.
pub fn large_event_log(log: &[u8], min_len: usize) -> Result<Vec<u8>, LargeEventLogError> {
    let error = || LargeEventLogError { len: log.len() };
    let (header, rest) = log.split_at_checked(FILE_HEADER_LEN).ok_or_else(error)?;
    let chunks: Vec<&[u8]> =
        rest.chunks_exact(CHUNK_LEN).filter(|chunk| chunk.starts_with(CHUNK_SIGNATURE)).collect();
    if chunks.is_empty() {
        return Err(error());
    }
    let mut large = header.to_vec();
    let mut count = 0_u16;
    for chunk in chunks.iter().cycle() {
        if large.len() >= min_len || count == u16::MAX {
            break;
        }
        large.extend_from_slice(chunk);
        count = count.saturating_add(1);
    }
    write_at(&mut large, CHUNK_COUNT_OFFSET, &count.to_le_bytes());
    let checksum = crc32fast::hash(large.get(..CHECKED_LEN).unwrap_or_default());
    write_at(&mut large, CHECKSUM_OFFSET, &checksum.to_le_bytes());
    Ok(large)
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

    #[test]
    fn chunks_repeat_and_the_header_knows_how_many() {
        let mut log = vec![0; FILE_HEADER_LEN];
        for signature in [CHUNK_SIGNATURE, b"\0\0\0\0\0\0\0\0"] {
            log.extend_from_slice(signature);
            log.resize(log.len().next_multiple_of(CHUNK_LEN) + FILE_HEADER_LEN, 1);
        }
        let large = large_event_log(&log, 150_000).expect("there is a chunk");
        assert_eq!(large.len(), FILE_HEADER_LEN + 3 * CHUNK_LEN);
        assert_eq!(large[CHUNK_COUNT_OFFSET], 3);
    }

    #[test]
    fn a_file_without_chunks_is_refused() {
        assert!(large_event_log(&[0; 5000], 100_000).is_err());
    }
}
