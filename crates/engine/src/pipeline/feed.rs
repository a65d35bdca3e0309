//! The queue through which the pass gives a pipeline its rows, and the leaves that take them from it.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use arrow::{datatypes::SchemaRef, record_batch::RecordBatch};
use datafusion::{
    common::internal_datafusion_err,
    error::Result,
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::{stream::RecordBatchStreamAdapter, streaming::PartitionStream},
};
use tokio::sync::mpsc;

use crate::plan::{branch::Branch, one_partition::OnePartition};

/// Batches that wait for a pipeline; the pass waits when there are as many.
const MOST_WAITING: usize = 4;

/// What goes through the queue.
#[derive(Debug)]
enum Fed {
    /// Rows of a leaf.
    Rows(usize, RecordBatch),
    /// The end. A queue that closes without it belongs to a pass that failed.
    End,
}

/// Where the pass puts rows in.
#[derive(Clone, Debug)]
pub(crate) struct Feeder(mpsc::Sender<Fed>);

/// Where the leaves of a pipeline take rows out: an extension of the session's configuration under which
/// the pipeline is started.
pub(crate) struct Feed(Mutex<State>);

struct State {
    queue: mpsc::Receiver<Fed>,
    /// The rows whose turn it is.
    next: Option<(usize, RecordBatch)>,
    is_over: bool,
}

/// Makes the queue of one pipeline.
pub(crate) fn feed() -> (Feeder, Feed) {
    let (sender, queue) = mpsc::channel(MOST_WAITING);
    (Feeder(sender), Feed(Mutex::new(State { queue, next: None, is_over: false })))
}

impl Feeder {
    /// Sends rows of a leaf, and waits until there is room for them. If the pipeline has already ended, the
    /// rows are dropped: its output says why it ended.
    pub(crate) fn rows(&self, leaf: usize, rows: RecordBatch) {
        drop(self.0.blocking_send(Fed::Rows(leaf, rows)));
    }

    /// Tells the pipeline that it has received all rows.
    pub(crate) fn end(&self) {
        drop(self.0.blocking_send(Fed::End));
    }
}

impl Feed {
    /// Takes a leaf's next rows. If the next rows belong to another leaf, the task is woken at once, because
    /// the same task polls all leaves: see `InTurn`.
    fn poll(&self, leaf: usize, context: &mut Context<'_>) -> Poll<Option<Result<RecordBatch>>> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.next.is_none() && !state.is_over {
            match state.queue.poll_recv(context) {
                Poll::Ready(Some(Fed::Rows(of, rows))) => {
                    state.next = Some((of, rows));
                    if of != leaf {
                        context.waker().wake_by_ref();
                    }
                }
                Poll::Ready(Some(Fed::End)) => {
                    state.is_over = true;
                    context.waker().wake_by_ref();
                }
                Poll::Ready(None) => {
                    let error = internal_datafusion_err!("reading ended before a pipeline's rows");
                    return Poll::Ready(Some(Err(error)));
                }
                Poll::Pending => return Poll::Pending,
            }
        }
        match state.next.take_if(|(of, _)| *of == leaf) {
            Some((_, rows)) => Poll::Ready(Some(Ok(rows))),
            None if state.is_over => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}

#[cfg(test)]
impl Feed {
    /// Takes the next rows and their leaf, and waits for them; `None` at the end.
    pub(super) fn next_blocking(&self) -> Option<(usize, RecordBatch)> {
        match self.0.lock().unwrap().queue.blocking_recv() {
            Some(Fed::Rows(leaf, rows)) => Some((leaf, rows)),
            Some(Fed::End) => None,
            None => panic!("the queue closed before its end"),
        }
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").finish_non_exhaustive()
    }
}

/// The rows of one leaf of a pipeline.
#[derive(Debug)]
struct FedRows {
    leaf: usize,
    schema: SchemaRef,
}

/// Returns a branch as a table of a pipeline's plan, from its number.
pub(crate) fn fed_table(leaf: usize, branch: &Branch) -> OnePartition {
    let rows = FedRows { leaf, schema: Arc::clone(&branch.schema) };
    OnePartition { schema: Arc::clone(&branch.raw_schema), rows: Arc::new(rows) }
}

impl PartitionStream for FedRows {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let feed = context.session_config().get_extension::<Feed>();
        let leaf = self.leaf;
        let rows = futures::stream::poll_fn(move |waker| match &feed {
            Some(feed) => feed.poll(leaf, waker),
            None => Poll::Ready(Some(Err(internal_datafusion_err!("a pipeline without a feed")))),
        });
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), rows))
    }
}
