//! The ways through an input, from bytes to batches: a file's chunks in order, or chunks wherever
//! they are.

use std::io::{self, Read};

pub use carve::carve;
pub use file::{FileReader, read, read_after};
pub use index::{ChunkIndex, RecordPlace};

mod carve;
mod chunk_reader;
mod file;
mod file_header;
mod index;

/// Fills the buffer as far as the input goes and returns how far that was, and what error ended
/// it, if one did.
fn fill(input: &mut impl Read, buffer: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut filled = 0_usize;
    while let Some(rest) = buffer.get_mut(filled..)
        && !rest.is_empty()
    {
        match input.read(rest) {
            Ok(0) => break,
            Ok(len) => filled = filled.saturating_add(len),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (filled, Some(error)),
        }
    }
    (filled, None)
}
