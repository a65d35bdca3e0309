//! What a pipeline has made of its rows, as a table of the plan above it.

use std::sync::{Arc, Mutex, PoisonError, mpsc::Receiver};

use arrow::{datatypes::SchemaRef, record_batch::RecordBatch};
use datafusion::{
    common::internal_err,
    error::Result,
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::{stream::RecordBatchStreamAdapter, streaming::PartitionStream},
};

use crate::plan::one_partition::OnePartition;

/// What a pipeline hands on.
#[derive(Debug)]
pub(crate) enum Made {
    /// Rows, or why there are none.
    Rows(Result<RecordBatch>),
    /// The end. A channel that closes without it was dropped by a thread that panicked.
    End,
}

/// The rows that one pipeline makes. They can be taken once.
#[derive(Debug)]
pub(crate) struct Output {
    schema: SchemaRef,
    rows: Mutex<Option<Receiver<Made>>>,
}

impl Output {
    /// Makes the output of a pipeline that has not been started.
    pub(super) fn new(schema: SchemaRef) -> Self {
        Self { schema, rows: Mutex::default() }
    }

    /// Connects it to its pipeline.
    pub(crate) fn connect(&self, rows: Receiver<Made>) {
        *self.rows.lock().unwrap_or_else(PoisonError::into_inner) = Some(rows);
    }

    /// Returns it as a table of the plan above the cut.
    pub(super) fn table(self: &Arc<Self>) -> OnePartition {
        OnePartition { schema: Arc::clone(&self.schema), rows: Arc::clone(self) as _ }
    }
}

impl PartitionStream for Output {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let taken = self.rows.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut rows = taken.map_or(Rows::Taken, Rows::Of);
        // The reader blocks here, so that the order of a union's rows does not depend on which of its
        // pipelines finishes first.
        let rows = futures::stream::iter(std::iter::from_fn(move || rows.next()));
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), rows))
    }
}

/// What is still to come of a pipeline.
enum Rows {
    Of(Receiver<Made>),
    /// Another reader has taken them.
    Taken,
    /// Nothing.
    Over,
}

impl Rows {
    fn next(&mut self) -> Option<Result<RecordBatch>> {
        let made = match self {
            Self::Over => return None,
            Self::Taken => internal_err!("a pipeline's rows were asked for twice"),
            Self::Of(receiver) => match receiver.recv() {
                Ok(Made::Rows(rows)) => rows,
                Ok(Made::End) => {
                    *self = Self::Over;
                    return None;
                }
                Err(_) => internal_err!("a pipeline died"),
            },
        };
        if made.is_err() {
            *self = Self::Over;
        }
        Some(made)
    }
}
