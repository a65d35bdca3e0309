//! How a plan is started, any number of times, over some of the stored rows.

use std::{ops::RangeInclusive, sync::Arc};

use datafusion::{
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::{execute_stream, execution_plan::reset_plan_states},
};
use kql_types::Ticks;

use crate::{
    error::EngineError,
    pipeline::Feed,
    plan::planner::{Planner, PreparedPlan},
    store::{Runs, Window},
};

/// Rows that operators pass on at a time where one group may take megabytes.
const LARGE_GROUPS: usize = 64;

/// Which of the stored rows a plan is to see.
#[derive(Debug)]
pub(super) enum Sight {
    /// All of them.
    All,
    /// Those of a window of time.
    Window(RangeInclusive<Ticks>),
    /// Those that runs see, once for each, and few: the plan has to be one over the rows of runs.
    Runs(Runs),
    /// Those that come while the input is read: the plan has to be a pipeline.
    Fed(Feed),
}

/// Starts a plan over the stored rows that are to be seen.
pub(super) fn start(
    planner: &Planner,
    prepared: &PreparedPlan,
    sight: Sight,
) -> Result<SendableRecordBatchStream, EngineError> {
    let context = context(planner, prepared, sight);
    // What operators keep of a run before, such as one side of a join.
    let plan = reset_plan_states(Arc::clone(&prepared.plan)).map_err(EngineError::Plan)?;
    execute_stream(plan, context).map_err(EngineError::Execute)
}

/// Returns what a plan is started with.
pub(super) fn context(
    planner: &Planner,
    prepared: &PreparedPlan,
    sight: Sight,
) -> Arc<TaskContext> {
    let session = planner.session();
    let mut config = session.config().clone();
    // The rows of runs are few, so that none of their groups is large.
    if prepared.has_large_groups && !matches!(sight, Sight::Runs(_)) {
        config = config.with_batch_size(LARGE_GROUPS);
    }
    match sight {
        Sight::All => {}
        Sight::Window(window) => config = config.with_extension(Arc::new(Window(window))),
        Sight::Runs(runs) => config = config.with_extension(Arc::new(runs)),
        Sight::Fed(feed) => config = config.with_extension(Arc::new(feed)),
    }
    Arc::new(TaskContext::from(session).with_session_config(config))
}
