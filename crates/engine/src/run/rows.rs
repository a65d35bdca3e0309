//! The rows of a query that runs.

use arrow::record_batch::RecordBatch;
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use kql_types::schema::ColumnSchema;
use tokio::runtime::Runtime;

use crate::error::EngineError;

/// The rows of one result, batch by batch.
pub struct Rows<'engine> {
    pub(crate) columns: Vec<ColumnSchema>,
    pub(crate) stream: SendableRecordBatchStream,
    pub(crate) runtime: &'engine Runtime,
}

impl Rows<'_> {
    /// Returns the columns in order. A batch of a query compiled with evidence has one column
    /// more, the last.
    pub fn columns(&self) -> &[ColumnSchema] {
        &self.columns
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<RecordBatch, EngineError>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.runtime.block_on(self.stream.next())?;
        Some(batch.map_err(EngineError::Execute))
    }
}

impl std::fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("columns", &self.columns).finish_non_exhaustive()
    }
}
