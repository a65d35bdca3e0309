//! How far the pass over the input has come.

/// Is told of progress, from several threads.
pub trait Progress: Send + Sync {
    /// The pass starts; `total_bytes` is the size of all files.
    fn start(&self, total_bytes: u64);

    /// So many more bytes of the files have been read.
    fn advance(&self, bytes: u64);

    /// The pass has ended; queries run on what it kept.
    fn finish(&self);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn start(&self, _total_bytes: u64) {}

    fn advance(&self, _bytes: u64) {}

    fn finish(&self) {}
}
