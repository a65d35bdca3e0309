//! Why an input cannot be read at all.

use std::io;

use arrow_schema::ArrowError;
use thiserror::Error;

/// The input is no EVTX file, or nothing of it can be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The input has no bytes.
    #[error("file is empty")]
    Empty,
    /// The input starts neither with a file header nor with one that chunks follow.
    #[error("not an event log: it lacks the `ElfFile` signature")]
    NotEvtx,
    /// The input ends within the file header.
    #[error("file header needs {need} bytes, {have} are there")]
    TruncatedHeader {
        /// Length of a file header.
        need: usize,
        /// Length of the input.
        have: usize,
    },
    /// The start of the input, or of the chunks asked for, could not be read.
    #[error("reading failed: {0}")]
    Io(#[from] io::Error),
    /// A batch could not be put together.
    #[error("batch is refused: {0}")]
    Batch(#[from] ArrowError),
}
