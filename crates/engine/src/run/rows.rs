//! The rows of a query that runs.

use std::pin::pin;

use arrow::record_batch::RecordBatch;
use datafusion::{error::DataFusionError, execution::SendableRecordBatchStream};
use futures::{
    StreamExt,
    future::{Either, select},
};
use kql_types::schema::ColumnSchema;

use super::Engine;
use crate::error::EngineError;

/// The rows of one result, batch by batch.
pub struct Rows<'engine> {
    pub(super) columns: Vec<ColumnSchema>,
    pub(super) stream: SendableRecordBatchStream,
    pub(super) engine: &'engine Engine,
    /// How to start again with less memory, as long as there have been no rows.
    pub(super) again: Option<Again<'engine>>,
}

/// Starts a plan that takes less memory.
pub(super) type Again<'engine> =
    Box<dyn FnOnce() -> Result<SendableRecordBatchStream, EngineError> + 'engine>;

impl Rows<'_> {
    /// Waits for the next batch, or for somebody to end the run.
    fn next_or_cancelled(
        &mut self,
    ) -> Result<Option<Result<RecordBatch, DataFusionError>>, EngineError> {
        let Engine { runtime, cancel, .. } = self.engine;
        let next = self.stream.next();
        runtime.block_on(async {
            match select(pin!(cancel.cancelled()), pin!(next)).await {
                Either::Left(_) => Err(EngineError::Cancelled),
                Either::Right((next, _)) => Ok(next),
            }
        })
    }

    /// Returns the columns in order. A batch of a query compiled with evidence has one column
    /// more, the last.
    pub fn columns(&self) -> &[ColumnSchema] {
        &self.columns
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<RecordBatch, EngineError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = match self.next_or_cancelled() {
            Ok(next) => next,
            Err(error) => return Some(Err(error)),
        };
        let rows = match (next, self.again.take()) {
            (Some(Err(error)), Some(again)) => {
                let error = EngineError::Execute(error);
                if !error.is_out_of_memory() {
                    return Some(Err(error));
                }
                match again() {
                    Ok(stream) => self.stream = stream,
                    Err(error) => return Some(Err(error)),
                }
                match self.next_or_cancelled() {
                    Ok(next) => next,
                    Err(error) => return Some(Err(error)),
                }
            }
            (next, _) => next,
        };
        Some(rows?.map_err(EngineError::Execute))
    }
}

impl std::fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("columns", &self.columns).finish_non_exhaustive()
    }
}
