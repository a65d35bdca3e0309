//! How a plan is started, any number of times, over some of the stored rows.

use std::{num::NonZeroUsize, ops::RangeInclusive, sync::Arc};

use datafusion::{
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::{execute_stream, execution_plan::reset_plan_states},
};
use kql_types::Ticks;

use super::{Engine, Look, PlannedResult, Rows, Run, rows::Again, with_now};
use crate::{
    arrival::Arrived,
    error::EngineError,
    pipeline::Feed,
    plan::planner::{Planner, PreparedPlan},
    store::{FewRows, Runs, Window},
};

/// Estimated bytes of one value in memory. Most values take less.
const VALUE_BYTES: usize = 64;

/// Rows that operators pass on at a time where one group may take megabytes.
const LARGE_GROUPS: usize = 64;

/// Rows that operators pass on at a time where memory is short: a sort takes twice as many at least.
const FEW_ROWS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(511);

/// Which of the stored rows a plan is to see.
#[derive(Debug)]
pub(super) enum Sight {
    /// All of them.
    All,
    /// Those of a window of time.
    Window(RangeInclusive<Ticks>),
    /// Those of a window of time that have arrived at some times.
    Arrived(RangeInclusive<Ticks>, Arrived),
    /// Those that runs see, once for each, and few: the plan has to be one over the rows of runs.
    Runs(Runs),
    /// Those that come while the input is read: the plan has to be a pipeline.
    Fed(Feed),
}

impl Run<'_> {
    /// Starts a result's plan for one look.
    pub(super) fn start<'run>(
        &'run self,
        result: &'run PlannedResult,
        look: &Look,
    ) -> Result<Rows<'run>, EngineError> {
        self.start_at_arrival(result, look, None)
    }

    /// Starts a result's plan for one look at what has arrived.
    pub(super) fn start_at_arrival<'run>(
        &'run self,
        result: &'run PlannedResult,
        look: &Look,
        arrived: Option<&Arrived>,
    ) -> Result<Rows<'run>, EngineError> {
        let Engine { planner, runtime, .. } = self.engine;
        if !result.pipelines.is_empty() && (look.window.is_some() || look.now != self.now) {
            return Err(EngineError::Internal { what: "a look at rows that were not kept" });
        }
        let of_look;
        let prepared = if result.uses_now {
            of_look = self.prepare(result, Some(look))?;
            &of_look
        } else if let Some(prepared) = result.prepared.get() {
            prepared
        } else {
            let prepared = self.prepare(result, None)?;
            result.prepared.get_or_init(|| prepared)
        };
        // Operators start tasks of their own.
        let _inside = runtime.enter();
        let sight = sight(look, arrived)?;
        let mut again = None;
        let stream = if result.pipelines.is_empty() {
            let (look, arrived) = (look.clone(), arrived.cloned());
            let little = move || self.start_with_little_memory(result, &look, arrived.as_ref());
            again = Some(Box::new(little) as Again<'_>);
            start(planner, prepared, sight)?
        } else if prepared.has_joins && self.may_be_too_large(result) {
            // A pipeline's output can be read only once, so a second attempt is not possible.
            self.start_with_little_memory(result, look, arrived)?
        } else {
            start(planner, prepared, sight)?
        };
        Ok(Rows { columns: result.columns.clone(), stream, engine: self.engine, again })
    }

    /// Tells whether the rows that the pass has kept for a result may be more than operators hold.
    fn may_be_too_large(&self, result: &PlannedResult) -> bool {
        let branches = self.branches.get(result.leaves.clone()).into_iter().flatten();
        let bytes = self.stored(result.leaves.clone()).zip(branches).map(|(stored, branch)| {
            let values = stored.rows().saturating_mul(branch.projection.len());
            values.saturating_mul(VALUE_BYTES)
        });
        bytes.fold(0, usize::saturating_add) > self.engine.settings.operator_bytes / 2
    }

    /// Starts a result's plan in the form that takes least memory.
    fn start_with_little_memory(
        &self,
        result: &PlannedResult,
        look: &Look,
        arrived: Option<&Arrived>,
    ) -> Result<SendableRecordBatchStream, EngineError> {
        let Engine { planner, runtime, .. } = self.engine;
        let plan = with_now(self.over_stored(result, look.window.as_ref())?, look.now)?;
        let prepared = runtime.block_on(planner.prepare_for_little_memory(plan))?;
        let _inside = runtime.enter();
        start(planner, &prepared, sight(look, arrived)?)
    }
}

/// Returns what a look sees.
fn sight(look: &Look, arrived: Option<&Arrived>) -> Result<Sight, EngineError> {
    match (look.window.clone(), arrived.cloned()) {
        (Some(window), Some(arrived)) => Ok(Sight::Arrived(window, arrived)),
        (Some(window), None) => Ok(Sight::Window(window)),
        (None, None) => Ok(Sight::All),
        (None, Some(_)) => {
            Err(EngineError::Internal { what: "a look at what has arrived has no window" })
        }
    }
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
    let session = planner.session(prepared);
    let mut config = session.config().clone();
    // The rows of runs are few, so that none of their groups is large.
    if prepared.has_large_groups && !matches!(sight, Sight::Runs(_)) {
        config = config.with_batch_size(LARGE_GROUPS);
    }
    if prepared.takes_little_memory {
        config = config.with_batch_size(FEW_ROWS.get()).with_extension(Arc::new(FewRows(FEW_ROWS)));
    }
    match sight {
        Sight::All => {}
        Sight::Window(window) => config = config.with_extension(Arc::new(Window(window))),
        Sight::Arrived(window, arrived) => {
            config = config.with_extension(Arc::new(Window(window)));
            config = config.with_extension(Arc::new(arrived));
        }
        Sight::Runs(runs) => config = config.with_extension(Arc::new(runs)),
        Sight::Fed(feed) => config = config.with_extension(Arc::new(feed)),
    }
    Arc::new(TaskContext::from(session).with_session_config(config))
}
