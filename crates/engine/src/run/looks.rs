//! What a query finds at many looks, in as few executions as memory allows.

use std::{collections::BTreeMap, fmt, sync::Arc};

use arrow::{
    array::{AsArray, UInt32Array},
    compute::take_record_batch,
    datatypes::Int64Type,
    record_batch::RecordBatch,
};
use datafusion::{datasource::provider_as_source, logical_expr::LogicalPlan};
use kql_types::{Ticks, schema::ColumnSchema};

use super::{
    Engine, Look, PlannedResult, Run,
    rows::Rows,
    spread::{may_find, spread},
    start::{Sight, start},
    times::RowTimes,
};
use crate::{
    arrival::Arrived,
    error::EngineError,
    plan::{
        branch::{self, LeafRows},
        planner::PreparedPlan,
    },
    query::compile::CompiledResult,
    store::{RUN, Runs, StoredTable},
};

/// What operators take for a row of one run while they work, roughly.
const BYTES_PER_ROW: usize = 2_048;
/// Rows of runs in one execution, whatever memory there is.
const MOST_ROWS: u64 = 1 << 14;
/// The same, however little there is.
const LEAST_ROWS: u64 = 1 << 12;

/// The rows that a look finds, batch by batch; the last column is the evidence.
pub type LookRows<'a> = &'a mut dyn Iterator<Item = Result<RecordBatch, EngineError>>;

/// The same, by the look's time.
pub(super) type ByRun = BTreeMap<Ticks, Vec<RecordBatch>>;

/// In how many executions a query is asked for what it finds at many times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplayPlan {
    /// In one: it judges each row by itself, and does not ask for the time.
    Once,
    /// In one for as many looks as memory allows: its operators keep looks apart.
    ManyAtOnce,
    /// In one for each look.
    Each,
}

impl fmt::Display for ReplayPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Once => "each row by itself, once",
            Self::ManyAtOnce => "many runs at once",
            Self::Each => "run by run",
        })
    }
}

impl Engine {
    /// Tells how a result is replayed over many times.
    ///
    /// # Errors
    ///
    /// If it cannot be planned.
    pub fn replay(&self, result: &CompiledResult) -> Result<ReplayPlan, EngineError> {
        let plan = self.optimized(&result.plan)?;
        if branch::is_row_local(&plan) && !result.uses_now()? {
            return Ok(ReplayPlan::Once);
        }
        let mut branches = Vec::new();
        branch::collect(&plan, &mut branches)?;
        let mut leaves = branches.iter().enumerate();
        let over_nothing = branch::replace(plan, &mut || {
            let (leaf, branch) = leaves.next()?;
            let table = StoredTable::new(leaf, branch, Arc::from([]));
            Some(LeafRows::Of(provider_as_source(Arc::new(table))))
        })?;
        let spread = spread(&over_nothing).map_err(EngineError::Plan)?;
        Ok(if spread.is_some() { ReplayPlan::ManyAtOnce } else { ReplayPlan::Each })
    }
}

impl Run<'_> {
    /// Returns the columns of a query's first result, without evidence.
    ///
    /// # Errors
    ///
    /// If the run has no such query.
    pub fn columns(&self, query: usize) -> Result<&[ColumnSchema], EngineError> {
        Ok(&self.first_result(query)?.columns)
    }

    /// Asks a query compiled with evidence for what its first result finds at each look, and hands it on
    /// in order of the looks' times. Looks that find nothing may be left out. All looks have a window.
    ///
    /// - `times`: those of [`Run::times`] for the query.
    ///
    /// # Errors
    ///
    /// If the query cannot be planned or fails, and what `take` returns.
    pub fn at_looks<E: From<EngineError>>(
        &self,
        query: usize,
        looks: &[Look],
        times: &RowTimes,
        mut take: impl FnMut(Ticks, LookRows<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let result = self.first_result(query)?;
        let plan = self.engine.planner.trimmed(self.over_stored(result, None)?)?;
        let may_find = |look: &&Look| {
            let Some(window) = &look.window else { return true };
            may_find(&plan, &|leaf| times.has_rows_in(leaf, window))
        };
        let looks: Vec<Look> = looks.iter().filter(may_find).cloned().collect();
        let rows_seen = |look: &Look| look.window.as_ref().map_or(0, |it| times.rows_in(it));
        for looks in slabs(&looks, self.room(), rows_seen) {
            let spread = if looks.len() > 1 { self.spread(result, &plan)? } else { None };
            let Some(spread) = spread else {
                self.at_each_look(query, looks, &mut take)?;
                continue;
            };
            let windows = looks.iter().map(|look| Some((look.now, look.window.clone()?)));
            let windows = windows.collect::<Option<_>>().ok_or(EngineError::Internal {
                what: "a look without a window is not one of many",
            })?;
            for (run, rows) in self.at_once(spread, Runs::new(windows))? {
                take(run, &mut rows.into_iter().map(Ok))?;
            }
        }
        Ok(())
    }

    /// Asks a query compiled with evidence for what its first result finds at each look in what has arrived
    /// by then, look by look. All looks have a window.
    ///
    /// # Errors
    ///
    /// As of [`Run::at_looks`].
    pub fn at_arrivals<E: From<EngineError>>(
        &self,
        query: usize,
        looks: &[(Look, Arrived)],
        mut take: impl FnMut(Ticks, LookRows<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let result = self.first_result(query)?;
        for (look, arrived) in looks {
            take(look.now, &mut self.start_at_arrival(result, look, Some(arrived))?)?;
        }
        Ok(())
    }

    /// Does what [`Run::at_looks`] does, look by look.
    ///
    /// # Errors
    ///
    /// The same.
    pub fn at_each_look<E: From<EngineError>>(
        &self,
        query: usize,
        looks: &[Look],
        mut take: impl FnMut(Ticks, LookRows<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let result = self.first_result(query)?;
        for look in looks {
            take(look.now, &mut self.start(result, look)?)?;
        }
        Ok(())
    }

    pub(super) fn first_result(&self, query: usize) -> Result<&PlannedResult, EngineError> {
        let result = self.queries.get(query).and_then(|results| results.first());
        result.ok_or(EngineError::Internal {
            what: "a run is asked for a query that it does not have",
        })
    }

    /// Returns the plan over the rows of many looks, if there is one.
    pub(super) fn spread<'a>(
        &self,
        result: &'a PlannedResult,
        plan: &LogicalPlan,
    ) -> Result<Option<&'a PreparedPlan>, EngineError> {
        if let Some(spread) = result.spread.get() {
            return Ok(spread.as_ref());
        }
        let Engine { planner, runtime, .. } = self.engine;
        let spread = match spread(plan).map_err(EngineError::Plan)? {
            Some(plan) => Some(runtime.block_on(planner.prepare(plan))?),
            None => None,
        };
        Ok(result.spread.get_or_init(|| spread).as_ref())
    }

    /// Returns how many rows of looks there may be in one execution.
    pub(super) fn room(&self) -> u64 {
        let room = self.engine.settings.operator_bytes / BYTES_PER_ROW;
        u64::try_from(room).unwrap_or(MOST_ROWS).clamp(LEAST_ROWS, MOST_ROWS)
    }

    /// Returns what runs find, by their times.
    pub(super) fn at_once(&self, spread: &PreparedPlan, runs: Runs) -> Result<ByRun, EngineError> {
        let Engine { planner, runtime, .. } = self.engine;
        let mut by_run: ByRun = BTreeMap::new();
        // Operators start tasks of their own.
        let _inside = runtime.enter();
        let stream = start(planner, spread, Sight::Runs(runs))?;
        for batch in (Rows { columns: Vec::new(), stream, engine: self.engine, again: None }) {
            part(&batch?, &mut by_run)?;
        }
        Ok(by_run)
    }
}

/// Divides looks into those that are looked at at once, by the rows that they see.
pub(super) fn slabs<'a, L>(
    looks: &'a [L],
    room: u64,
    rows_seen: impl Fn(&L) -> u64 + 'a,
) -> impl Iterator<Item = &'a [L]> {
    let mut rows = 0_u64;
    looks.chunk_by(move |look, next| {
        rows = rows.saturating_add(rows_seen(look));
        let has_room = rows.saturating_add(rows_seen(next)) <= room;
        if !has_room {
            rows = 0;
        }
        has_room
    })
}

/// Divides rows by their run, whose column is left out.
fn part(batch: &RecordBatch, by_run: &mut ByRun) -> Result<(), EngineError> {
    let mut batch = batch.clone();
    let last = batch.schema().index_of(RUN).map_err(EngineError::Batch)?;
    let runs = batch.remove_column(last);
    let runs = runs
        .as_primitive_opt::<Int64Type>()
        .ok_or(EngineError::Internal { what: "the run of a row is not a time" })?;
    let mut places: BTreeMap<Ticks, Vec<u32>> = BTreeMap::new();
    for (place, run) in (0_u32..).zip(runs.values()) {
        places.entry(*run).or_default().push(place);
    }
    for (run, places) in places {
        let rows = take_record_batch(&batch, &UInt32Array::from(places));
        by_run.entry(run).or_default().push(rows.map_err(EngineError::Batch)?);
    }
    Ok(())
}
