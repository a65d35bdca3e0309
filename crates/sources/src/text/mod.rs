//! Text formats: bytes to UTF-8, UTF-8 to blocks of whole records, blocks to batches.

pub(crate) mod block;
pub(crate) mod buffer;
pub(crate) mod encoding;
pub(crate) mod pipeline;
pub(crate) mod yielded;
