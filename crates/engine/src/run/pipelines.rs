//! Pipelines at work: each on a thread of its own, from before the first row is read.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{
        Arc,
        mpsc::{SyncSender, sync_channel},
    },
    thread,
};

use datafusion::{
    datasource::provider_as_source,
    execution::TaskContext,
    physical_plan::{ExecutionPlan, execute_stream},
};
use futures::StreamExt;
use tokio::runtime::{Builder, Runtime};

use super::start::{Sight, context};
use crate::{
    error::EngineError,
    pipeline::{Feeder, Made, Part, fed_table, feed},
    plan::{
        branch::{self, Branch, LeafRows},
        planner::Planner,
    },
    store::LeafBlock,
};

/// Batches of a pipeline's output that are made before they are asked for.
const MOST_MADE: usize = 2;

/// As much as a process's first thread usually has: operators call each other.
const STACK_BYTES: usize = 8 << 20;

/// A pipeline, and the branches that are its leaves.
#[derive(Debug)]
pub(super) struct Pipeline {
    pub(super) part: Part,
    pub(super) leaves: Range<usize>,
}

/// A pipeline that has been started.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) feeder: Feeder,
    pub(super) leaves: Range<usize>,
}

impl Pipeline {
    /// Starts the pipeline: what it makes can be asked for of its output.
    ///
    /// - `runtime`: for planning.
    ///
    /// # Errors
    ///
    /// If it cannot be planned, or no thread can be started.
    pub(super) fn start(
        &self,
        branches: &[Branch],
        planner: &Planner,
        runtime: &Runtime,
    ) -> Result<Started, EngineError> {
        let mut leaves = self.leaves.clone();
        let plan = branch::replace(self.part.plan.clone(), &mut || {
            let leaf = leaves.next()?;
            let table = fed_table(leaf, branches.get(leaf)?);
            Some(LeafRows::Of(provider_as_source(Arc::new(table))))
        })?;
        let prepared = runtime.block_on(planner.prepare_pipeline(plan))?;
        let (feeder, feed) = feed();
        let context = context(planner, &prepared, Sight::Fed(feed));
        let (sender, made) = sync_channel(MOST_MADE);
        self.part.output.connect(made);
        let runtime = if prepared.runs_on_threads()? {
            let mut on_threads = Builder::new_multi_thread();
            let threads = planner.threads().get();
            on_threads.worker_threads(threads).thread_stack_size(STACK_BYTES).build()
        } else {
            Builder::new_current_thread().build()
        };
        let runtime = runtime.map_err(EngineError::Runtime)?;
        let work = move || runtime.block_on(work(prepared.plan, context, sender));
        let thread = thread::Builder::new().name("pipeline".to_owned()).stack_size(STACK_BYTES);
        // It ends when nobody feeds it, or asks for what it makes, any more.
        drop(thread.spawn(work).map_err(EngineError::Runtime)?);
        Ok(Started { feeder, leaves: self.leaves.clone() })
    }
}

/// Runs a pipeline to its end, or until nobody asks for what it makes any more.
async fn work(plan: Arc<dyn ExecutionPlan>, context: Arc<TaskContext>, made: SyncSender<Made>) {
    let mut rows = match execute_stream(plan, context) {
        Ok(rows) => rows,
        Err(error) => return drop(made.send(Made::Rows(Err(error)))),
    };
    while let Some(rows) = rows.next().await {
        let is_over = rows.is_err();
        if made.send(Made::Rows(rows)).is_err() || is_over {
            return;
        }
    }
    // Whoever does not listen does not need to know.
    drop(made.send(Made::End));
}

/// Returns the ways into pipelines for the rows of leaves that are not kept.
pub(super) fn feeders(started: &[Started], branches: &[Branch]) -> BTreeMap<usize, Feeder> {
    let of_pipeline = |it: &Started| {
        let feeder = it.feeder.clone();
        let leaves = it.leaves.clone().filter(|leaf| !is_kept(*leaf, branches));
        leaves.map(move |leaf| (leaf, feeder.clone())).collect::<Vec<_>>()
    };
    started.iter().flat_map(of_pipeline).collect()
}

/// Gives pipelines the rows of their leaves that have been kept, and ends them.
///
/// # Errors
///
/// If what was written out cannot be read back.
pub(super) fn finish(
    started: Vec<Started>,
    branches: &[Branch],
    stored: &[Arc<[LeafBlock]>],
) -> Result<(), EngineError> {
    for Started { feeder, leaves } in started {
        for leaf in leaves.filter(|leaf| is_kept(*leaf, branches)) {
            for block in stored.get(leaf).into_iter().flat_map(|blocks| &**blocks) {
                if let Some(rows) = block.read(None)? {
                    feeder.rows(leaf, rows);
                }
            }
        }
        feeder.end();
    }
    Ok(())
}

/// Tells whether a leaf's rows are kept until all has been read: those of events, which may be copies of
/// others.
fn is_kept(leaf: usize, branches: &[Branch]) -> bool {
    branches.get(leaf).is_none_or(|branch| &*branch.table == sources::EVENTS)
}
