//! A run: queries over inputs, in one pass.

mod cell;
mod looks;
mod needed;
mod needs;
mod parts;
mod pipelines;
mod rows;
mod settle;
mod split;
mod spread;
mod start;
mod stored;
mod times;

use std::{
    iter,
    num::NonZeroUsize,
    ops::{Range, RangeInclusive},
    sync::{Arc, OnceLock, atomic::AtomicBool},
};

use datafusion::{common::ScalarValue, datasource::provider_as_source, logical_expr::LogicalPlan};
use kql_types::{Ticks, schema::ColumnSchema};
use sources::{Input, KnownTables};
use tokio::runtime::Runtime;

pub use self::{
    cell::value,
    looks::{LookRows, ReplayPlan},
    needs::Need,
    parts::{PartLook, Parts},
    rows::Rows,
    times::RowTimes,
};
use self::{pipelines::Pipeline, stored::Stored};
use crate::{
    account::Reservation,
    cancel::Cancel,
    error::EngineError,
    parallel,
    pipeline::{self, Outlets},
    plan::{
        branch::{self, Branch, LeafRows},
        first_rows,
        layout::{Layout, ReadOptions},
        planner::{Planner, PreparedPlan},
        time_use::{TimeUse, time_use},
    },
    query::{
        compile::{CompiledQuery, CompiledResult},
        environment::Environment,
    },
    scan::{
        balance::Balance,
        conditions::Conditions,
        failures::Failures,
        kept::Kept,
        pass::Pass,
        progress::Progress,
        workers::{Afar, Workers},
    },
    schemas::Schemas,
    settings::Settings,
    store::{self, Store, StoredTable, copies},
};

/// The part of the memory for rows that those may take which are read before their turn to go into a
/// pipeline.
const PART_AHEAD: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);

/// What `now()` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// A given time.
    At(Ticks),
    /// The newest time of any record in the input whose clock was right; where there is none, the time
    /// given. See [`Balance::newest`].
    NewestEvent(Ticks),
}

/// When a query looks at the input, and at which part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// What `now()` is.
    pub now: Ticks,
    /// The times of the records it sees, if not all of them. The query has to be compiled with
    /// evidence.
    pub window: Option<RangeInclusive<Ticks>>,
}

/// Runs queries.
#[derive(Debug)]
pub struct Engine {
    schemas: Schemas,
    known: KnownTables,
    settings: Settings,
    planner: Planner,
    runtime: Runtime,
    cancel: Cancel,
    workers: Option<Arc<dyn Workers>>,
}

impl Engine {
    /// Makes an engine for queries over the tables of an environment.
    ///
    /// # Errors
    ///
    /// If no thread can be started, or the folder for temporary files cannot be used.
    pub fn new(environment: &Environment, settings: Settings) -> Result<Self, EngineError> {
        let schemas = environment.all_schemas();
        let known = environment.known();
        // On one thread, the parts of a union come in the same order in every run, and so do the
        // rows of a group that a list or an alert's id is made of.
        let runtime =
            tokio::runtime::Builder::new_current_thread().build().map_err(EngineError::Runtime)?;
        let planner = Planner::new(&settings)?;
        Ok(Self {
            schemas,
            known,
            settings,
            planner,
            runtime,
            cancel: Cancel::default(),
            workers: None,
        })
    }

    /// Returns the engine with something that ends its runs.
    #[must_use]
    pub fn with_cancel(self, cancel: Cancel) -> Self {
        Self { cancel, ..self }
    }

    /// Returns the engine with others that read files of lakes for it.
    #[must_use]
    pub fn with_workers(self, workers: Arc<dyn Workers>) -> Self {
        Self { workers: Some(workers), ..self }
    }

    /// Returns the plan of each of a query's results as text, for people: optimised, over raw tables.
    ///
    /// # Errors
    ///
    /// If it cannot be planned.
    pub fn plans(&self, query: &CompiledQuery) -> Result<Vec<String>, EngineError> {
        let optimise = |result: &CompiledResult| {
            Ok(self.planner.optimize(&result.plan)?.display_indent().to_string())
        };
        query.results.iter().map(optimise).collect()
    }

    /// Reads the inputs once and makes every query ready to be asked for its rows.
    ///
    /// # Errors
    ///
    /// If a query cannot be planned or stored rows cannot be written out. Damaged input is not an error: it
    /// stands in the balance. A query whose filter fails on a row fails when its rows are asked for.
    pub fn run(
        &self,
        queries: &[CompiledQuery],
        inputs: &[Input],
        clock: Clock,
        progress: &dyn Progress,
    ) -> Result<Run<'_>, EngineError> {
        self.run_keeping(Keep::All, queries, inputs, clock, progress)
    }

    /// Does as [`run`](Self::run), for queries whose rows are asked for once, over all of the input: rows
    /// that a query only counts, say, are not kept for that.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn run_once(
        &self,
        queries: &[CompiledQuery],
        inputs: &[Input],
        clock: Clock,
        progress: &dyn Progress,
    ) -> Result<Run<'_>, EngineError> {
        self.run_keeping(Keep::Few, queries, inputs, clock, progress)
    }

    fn run_keeping(
        &self,
        keep: Keep,
        queries: &[CompiledQuery],
        inputs: &[Input],
        clock: Clock,
        progress: &dyn Progress,
    ) -> Result<Run<'_>, EngineError> {
        let mut uses_now = false;
        let mut branches = Vec::new();
        let mut planned = Vec::with_capacity(queries.len());
        for plan in parallel::map(queries, self.settings.threads, |it| self.plan(it, clock, keep)) {
            let plan = plan?;
            uses_now |= plan.results.iter().any(|result| result.uses_now);
            let first = branches.len();
            branches.extend(plan.branches);
            let mut results = plan.results;
            for result in &mut results {
                let leaf = |leaf: usize| leaf.saturating_add(first);
                let moved = |leaves: &Range<usize>| leaf(leaves.start)..leaf(leaves.end);
                result.leaves = moved(&result.leaves);
                for pipeline in &mut result.pipelines {
                    pipeline.leaves = moved(&pipeline.leaves);
                }
            }
            planned.push(results);
        }
        let pipelines = planned.iter().flatten().flat_map(|result| &result.pipelines);
        let started = pipelines
            .map(|pipeline| pipeline.start(&branches, &self.planner, &self.runtime))
            .collect::<Result<Vec<_>, _>>()?;
        let most_ahead = self.settings.staging_bytes / PART_AHEAD;
        let outlets = Outlets::new(pipelines::feeders(&started, &branches), most_ahead);
        let Settings { carve, local_offset, date_order, .. } = self.settings;
        let passwords = self.settings.passwords.clone();
        let options = ReadOptions { carve, local_offset, passwords, date_order };
        let layout = Layout::new(&branches, &self.schemas, options)?;
        let store = Store::new(self.settings.staging_bytes, self.settings.spill_folder.clone());
        let account = || self.reserve("what tells records from copies of them");
        let problems = self.reserve("what could not be read");
        let failures = Failures::default();
        let may_stop_early = !uses_now || matches!(clock, Clock::At(_));
        let leaves = self.leaves_for_workers(&branches, &layout, inputs, may_stop_early).ok();
        let afar = self.workers.as_deref().zip(leaves.as_deref());
        let afar = afar.map(|(workers, leaves)| Afar { workers, leaves });
        let pass = Pass {
            branches: &branches,
            conditions: &Conditions::new(&branches, &self.planner)?,
            layout: &layout,
            known: &self.known,
            store: &store,
            outlets: &outlets,
            progress,
            cancel: &self.cancel,
            may_stop_early,
            account: &account,
            problems: &problems,
            failures: &failures,
            kept: Kept::of(inputs)?,
            has_unsorted_copies: AtomicBool::new(false),
            afar,
        };
        progress.start(total_bytes(inputs));
        let (mut balance, last) = pass.run(inputs, self.settings.threads)?;
        let by_record = pass.kept.is_some();
        if let Some(kept) = pass.kept {
            balance.members.extend(kept.balances(last)?);
            balance.members.sort_by_key(|member| member.id);
        }
        progress.finish();
        let now = now(clock, &balance);
        let has_unsorted_copies = pass.has_unsorted_copies.into_inner();
        let mut blocks = store.finish(last);
        // What one input has twice, the pass has dropped, as far as there was memory for that.
        if inputs.len() > 1 || has_unsorted_copies {
            let folder = &self.settings.spill_folder;
            balance.count_copies(&copies::drop_copies(&mut blocks, by_record, &account(), folder)?);
        }
        let in_order = self.reserve("rows that are put in order of time");
        let Settings { staging_bytes, spill_folder, threads, .. } = &self.settings;
        let blocks =
            store::by_time(blocks, by_record, &in_order, *staging_bytes, spill_folder, *threads)?;
        let stored = store::by_leaf(blocks, branches.len())?;
        pipelines::finish(started, &branches, &stored)?;
        let failures = failures.until(last);
        Ok(Run {
            engine: self,
            queries: planned,
            branches,
            stored: stored.into_iter().map(Stored::new).collect(),
            failures,
            balance,
            _problems: problems,
            now,
            uses_now,
        })
    }

    /// Optimises the plans of a query's results and collects their leaves.
    fn plan(
        &self,
        query: &CompiledQuery,
        clock: Clock,
        keep: Keep,
    ) -> Result<PlannedQuery, EngineError> {
        let mut planned = PlannedQuery::default();
        for result in &query.results {
            let uses_now = result.uses_now()?;
            let time_use = time_use(&result.plan, &self.schemas);
            let plan = match clock {
                Clock::At(now) => with_now(result.plan.clone(), now)?,
                Clock::NewestEvent(_) => result.plan.clone(),
            };
            let plan = self.optimized(&plan)?;
            let is_cut = match keep {
                Keep::All => false,
                // What the newest time is, is not known before all has been read.
                Keep::Few => !uses_now || matches!(clock, Clock::At(_)),
            };
            let (plan, parts) = if is_cut { pipeline::cut(plan)? } else { (plan, Vec::new()) };
            let branches = &mut planned.branches;
            let mut leaves_of = |plan: &LogicalPlan| {
                let first = branches.len();
                branch::collect(plan, branches)?;
                Ok(first..branches.len())
            };
            let leaves = leaves_of(&plan)?;
            let pipelines = parts
                .into_iter()
                .map(|part| Ok(Pipeline { leaves: leaves_of(&part.plan)?, part }))
                .collect::<Result<Vec<_>, EngineError>>()?;
            for Pipeline { part, leaves } in &pipelines {
                let what = "a pipeline's leaves are not there";
                let of_part = branches.get_mut(leaves.clone());
                first_rows::note(&part.plan, of_part.ok_or(EngineError::Internal { what })?);
            }
            planned.results.push(PlannedResult {
                columns: result.columns.clone(),
                plan,
                prepared: OnceLock::new(),
                spread: OnceLock::new(),
                uses_now,
                time_use,
                leaves,
                pipelines,
            });
        }
        Ok(planned)
    }

    /// Opens an account of memory, with what operators take theirs from: `what` is to be held.
    pub fn reserve(&self, what: &'static str) -> Reservation {
        self.planner.reserve(what)
    }

    /// Returns how many threads a run may use.
    pub fn threads(&self) -> NonZeroUsize {
        self.settings.threads
    }

    /// Optimises a plan, so that its leaves say what they need.
    pub(crate) fn optimized(&self, plan: &LogicalPlan) -> Result<LogicalPlan, EngineError> {
        self.planner.optimize(plan)
    }
}

/// The input has been read; the queries' rows can be asked for.
#[derive(Debug)]
pub struct Run<'engine> {
    engine: &'engine Engine,
    queries: Vec<Vec<PlannedResult>>,
    branches: Vec<Branch>,
    /// What the pass kept, by leaf.
    stored: Vec<Stored>,
    failures: Failures,
    balance: Balance,
    /// What the problems in it take of the memory.
    _problems: Reservation,
    now: Ticks,
    uses_now: bool,
}

/// The optimised plans of one query, and their leaves.
#[derive(Debug, Default)]
struct PlannedQuery {
    results: Vec<PlannedResult>,
    branches: Vec<Branch>,
}

/// The optimised plan of one result.
#[derive(Debug)]
struct PlannedResult {
    columns: Vec<ColumnSchema>,
    plan: LogicalPlan,
    /// The plan over what the pass has kept, unless it depends on the time of the look.
    prepared: OnceLock<PreparedPlan>,
    /// The plan over what the pass has kept for many looks at once, if there is one.
    spread: OnceLock<Option<PreparedPlan>>,
    uses_now: bool,
    time_use: TimeUse,
    /// The branches that are its leaves, in the order in which the plan has them.
    leaves: Range<usize>,
    /// What is cut off from the plan and takes its rows as they are read.
    pipelines: Vec<Pipeline>,
}

/// Which rows of the input a run keeps.
#[derive(Clone, Copy, Debug)]
enum Keep {
    /// Whatever a leaf wants: queries look at it any number of times.
    All,
    /// What has to be kept.
    Few,
}

impl Run<'_> {
    /// Returns where every record went.
    pub fn balance(&self) -> &Balance {
        &self.balance
    }

    /// Opens an account of memory: see [`Engine::reserve`].
    pub fn reserve(&self, what: &'static str) -> Reservation {
        self.engine.reserve(what)
    }

    /// Returns what `now()` is unless a look says otherwise.
    pub fn now(&self) -> Ticks {
        self.now
    }

    /// Tells whether any query asks for the time.
    pub fn uses_now(&self) -> bool {
        self.uses_now
    }

    /// Starts a query over all of the input and returns its results' rows, in the order of its
    /// statements.
    ///
    /// # Errors
    ///
    /// If the query cannot be planned.
    pub fn rows(&self, query: usize) -> Result<Vec<Rows<'_>>, EngineError> {
        self.look(query, &Look { now: self.now, window: None })
    }

    /// Starts a query as it would have run at another time.
    ///
    /// # Errors
    ///
    /// If the query cannot be planned.
    pub fn look(&self, query: usize, look: &Look) -> Result<Vec<Rows<'_>>, EngineError> {
        let results = self.queries.get(query).into_iter().flatten();
        results.map(|result| self.start(result, look)).collect()
    }

    /// Puts what the pass has kept into a result's plan and makes it ready, for one look or for all.
    fn prepare(
        &self,
        result: &PlannedResult,
        look: Option<&Look>,
    ) -> Result<PreparedPlan, EngineError> {
        let window = look.and_then(|look| look.window.as_ref());
        let plan = self.over_stored(result, window)?;
        let plan = match look {
            Some(look) => with_now(plan, look.now)?,
            None => plan,
        };
        self.engine.runtime.block_on(self.engine.planner.prepare(plan))
    }

    /// Puts what the pass has kept, as far as a window may hold it, into a result's plan.
    fn over_stored(
        &self,
        result: &PlannedResult,
        window: Option<&RangeInclusive<Ticks>>,
    ) -> Result<LogicalPlan, EngineError> {
        let of_pipelines = result.pipelines.iter().map(|pipeline| &pipeline.leaves);
        for leaves in iter::once(&result.leaves).chain(of_pipelines) {
            if let Some(error) = self.failures.of(leaves.clone()) {
                return Err(error);
            }
        }
        let blocks = self.stored(result.leaves.clone()).map(Stored::blocks);
        let blocks: Vec<_> = blocks.collect::<Result<_, _>>()?;
        let mut leaves = result.leaves.clone().zip(blocks);
        branch::replace(result.plan.clone(), &mut || {
            let (leaf, blocks) = leaves.next()?;
            let branch = self.branches.get(leaf)?;
            if !blocks.iter().any(|block| block.may_have_rows(window)) {
                return Some(LeafRows::None);
            }
            let table = StoredTable::new(leaf, branch, Arc::clone(blocks));
            Some(LeafRows::Of(provider_as_source(Arc::new(table))))
        })
    }
}

fn with_now(plan: LogicalPlan, now: Ticks) -> Result<LogicalPlan, EngineError> {
    // The placeholder's name carries a `$`, its parameter does not.
    let name = kql_datafusion::NOW.trim_start_matches('$');
    plan.with_param_values(vec![(name, ScalarValue::Int64(Some(now)))]).map_err(EngineError::Plan)
}

fn now(clock: Clock, balance: &Balance) -> Ticks {
    match clock {
        Clock::At(now) => now,
        Clock::NewestEvent(otherwise) => balance.newest().0.unwrap_or(otherwise),
    }
}

fn total_bytes(inputs: &[Input]) -> u64 {
    inputs.iter().map(Input::stored_bytes).fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests;
