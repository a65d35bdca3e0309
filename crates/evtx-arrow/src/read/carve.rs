//! Chunks wherever they are: in raw images, in memory dumps, behind the end of a file.
//!
//! In: any bytes. Out: the records of every chunk found in them, and what is wrong with it. A chunk
//! is self-contained, so that it needs no file around it. The same chunk may be there more than
//! once, as in an image with shadow copies; it is then read more than once.

use std::io::Read;

use memchr::memmem;

use crate::{
    chunk::{CHUNK_HEADER_LEN, CHUNK_LEN, CHUNK_SIGNATURE, is_chunk},
    damage::DamageReason,
    error::ReadError,
    read::{
        chunk_reader::{ChunkPlace, ChunkReader},
        fill,
    },
    request::EventRequest,
    sink::{EventSink, ReadSummary},
};

/// Length of what is searched at a time.
const WINDOW_LEN: usize = 1 << 20;

/// Reads every chunk in a stream of bytes, at whatever offset, in the order of their places.
///
/// A chunk goes to where the next one starts: one that is in pieces, as files on a full disk are,
/// gives the records of its first piece. [`ReadSummary::chunks`] tells how many were found.
///
/// # Errors
///
/// [`ReadError::Batch`]; everything else that is wrong is told to the sink.
pub fn carve(
    mut input: impl Read,
    requests: &[EventRequest],
    sink: &mut dyn EventSink,
) -> Result<ReadSummary, ReadError> {
    let mut reader = ChunkReader::new(requests);
    let mut place = ChunkPlace { number: 0, offset: 0 };
    let mut window = vec![0; WINDOW_LEN.saturating_add(CHUNK_LEN)];
    let mut kept = 0_usize;
    loop {
        let (read, error) = fill(&mut input, window.get_mut(kept..).unwrap_or_default());
        let len = kept.saturating_add(read);
        let is_end = len < window.len();
        // All of a chunk that starts before this is in the window.
        let searched = if is_end { len } else { WINDOW_LEN };
        let bytes = window.get(..len).unwrap_or_default();
        for (at, chunk) in chunks(bytes, searched) {
            let offset = place.offset.saturating_add(u64::try_from(at).unwrap_or(u64::MAX));
            let outcome = reader.read(chunk, ChunkPlace { offset, ..place }, sink)?;
            place.number = place.number.saturating_add(1);
            if outcome.flow.is_break() {
                return reader.finish(sink);
            }
        }
        place.offset = place.offset.saturating_add(u64::try_from(searched).unwrap_or(u64::MAX));
        if let Some(error) = error {
            reader.tell(place.offset, None, DamageReason::Io(error), sink);
            return reader.finish(sink);
        }
        if is_end {
            return reader.finish(sink);
        }
        window.copy_within(searched..len, 0);
        kept = len.saturating_sub(searched);
    }
}

/// Yields the chunks that start before `searched`, with their offsets; each goes to the start of
/// the next one at most.
fn chunks(bytes: &[u8], searched: usize) -> impl Iterator<Item = (usize, &[u8])> {
    let starts = memmem::find_iter(bytes, CHUNK_SIGNATURE)
        .filter(move |&at| is_chunk(bytes.get(at..).unwrap_or_default()))
        .chain([bytes.len()]);
    let mut before: Option<usize> = None;
    starts
        .filter_map(move |at| Some((before.replace(at)?, at)))
        .take_while(move |(start, _)| *start < searched)
        .filter_map(move |(start, next)| {
            let end = next.min(start.saturating_add(CHUNK_LEN));
            let chunk = bytes.get(start..end)?;
            Some((start, chunk))
        })
        .filter(|(_, chunk)| chunk.len() >= CHUNK_HEADER_LEN)
}
