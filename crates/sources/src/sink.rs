//! Where a scan pushes what it finds.

use std::{any::Any, ops::ControlFlow, path::PathBuf};

use arrow_array::RecordBatch;

use crate::problem::Problem;

/// Receives what a scan finds, in the order of the input.
pub trait Sink {
    /// Takes a batch; at least one row. `Break` ends the scan without an error.
    fn batch(&mut self, origin: &Origin, batch: RecordBatch) -> ControlFlow<()>;

    /// Takes a batch that the scan's [`Examine`] has looked at. In between, its last column, the lines,
    /// may have been counted anew; all else is the same.
    fn examined(&mut self, origin: &Origin, batch: RecordBatch, found: Found) -> ControlFlow<()> {
        drop(found);
        self.batch(origin, batch)
    }

    /// Takes note of a problem; reading goes on behind it if it can.
    ///
    /// A problem whose place has a line is a record rejected, counted as such in the summary.
    fn problem(&mut self, problem: Problem);

    /// Takes note that so many more bytes of the input, as stored, have been read.
    fn progress(&mut self, bytes: u64) {
        let _ = bytes;
    }
}

/// Looks at batches on the threads that read them, while the sink has those before.
///
/// Not every batch is looked at: what few records have, and what one thread reads, comes to the sink as it
/// is.
pub trait Examine: Sync {
    /// Returns those rows of a batch that the sink needs, at least one, and what there is to be said of
    /// them; `None` if it needs none. The batch is of a table and answers one of its requests.
    fn examine(
        &self,
        table: &str,
        request: usize,
        batch: RecordBatch,
    ) -> Option<(RecordBatch, Found)>;
}

/// What has been found out about a batch, if anybody has looked at it; the sink knows what it is.
pub type Found = Option<Box<dyn Any + Send>>;

/// Where a batch comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The path as given, or found below the folder given.
    pub file: PathBuf,
    /// The member of the archive.
    pub member: Option<String>,
    /// The name of the format.
    pub format: &'static str,
    /// The raw table.
    pub table: String,
    /// Which of the table's requests it answers; natively exported tables have but one.
    pub request: usize,
}
