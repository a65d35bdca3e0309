//! How plans are made ready to run: which of DataFusion's rules they go through, and when.
//!
//! A package of rules has hundreds of leaves, since each table is a union of views, and a hunt starts
//! plans for every time at which a schedule would have run. What plans go through is therefore only
//! what ours can gain from, and once.

mod computation;
mod distinct_counts;
mod empty_scans;
mod groups_apart;
mod in_turn;
mod large_groups;
mod merge_share;
mod sides_at_once;
mod sorted_joins;
mod whole_groups;

use std::{iter, num::NonZeroUsize, sync::Arc};

use arrow::datatypes::Schema;
use datafusion::{
    common::tree_node::TreeNode,
    execution::{
        SessionState, SessionStateBuilder,
        memory_pool::{FairSpillPool, TrackConsumersPool},
        runtime_env::RuntimeEnvBuilder,
    },
    logical_expr::{Expr, LogicalPlan, execution_props::ExecutionProps},
    optimizer::{
        OptimizerRule, common_subexpr_eliminate::CommonSubexprEliminate,
        decorrelate_predicate_subquery::DecorrelatePredicateSubquery,
        eliminate_filter::EliminateFilter, eliminate_limit::EliminateLimit,
        optimize_projections::OptimizeProjections, optimize_unions::OptimizeUnions,
        propagate_empty_relation::PropagateEmptyRelation, push_down_filter::PushDownFilter,
        push_down_limit::PushDownLimit, replace_distinct_aggregate::ReplaceDistinctWithAggregate,
        scalar_subquery_to_join::ScalarSubqueryToJoin, simplify_expressions::SimplifyExpressions,
    },
    physical_optimizer::{
        PhysicalOptimizerRule, combine_partial_final_agg::CombinePartialFinalAggregate,
        ensure_requirements::EnsureRequirements, join_selection::JoinSelection,
        limit_pushdown::LimitPushdown, output_requirements::OutputRequirements,
        projection_pushdown::ProjectionPushdown, sanity_checker::SanityCheckPlan,
    },
    physical_plan::{ExecutionPlan, joins::HashJoinExec},
    prelude::SessionConfig,
};

pub(crate) use self::computation::Computation;
use self::{
    distinct_counts::DistinctCounts, empty_scans::EmptyScans, groups_apart::GroupsApart,
    in_turn::UnionsInTurn, merge_share::MergeShare, sides_at_once::SidesAtOnce,
    sorted_joins::SortedJoins, whole_groups::WholeGroups,
};
use crate::{account::Reservation, error::EngineError, settings::Settings};

/// The part of the operators' memory that a sort sets aside for the keys of what it merges: without
/// it a sort by text cannot even spill. Several sorts of one query may run at a time.
const SORT_MERGE_PART: NonZeroUsize = NonZeroUsize::MIN.saturating_add(7);
/// How many times as much a sort may merge in, where memory is short: two sorts leave a quarter.
const MERGE_SHARE: usize = 3;
/// What a sort sets aside where memory is short.
const LEAST_MERGE_BYTES: usize = 8 << 20;

/// What groups on one thread of several have to have: less is soon full, and each thread's groups go to disk
/// by themselves.
const LEAST_THREAD_BYTES: NonZeroUsize = NonZeroUsize::MIN.saturating_add((128 << 20) - 1);

/// Makes plans ready to run.
#[derive(Debug)]
pub(crate) struct Planner {
    state: SessionState,
    /// Threads that there are for one plan.
    threads: NonZeroUsize,
    /// The state in which pipelines are planned.
    of_pipelines: SessionState,
    /// The state in which plans are made that take little memory.
    of_little_memory: SessionState,
}

impl Planner {
    /// Makes a planner whose plans run within the settings' limits.
    ///
    /// # Errors
    ///
    /// If the folder for temporary files cannot be used.
    pub(crate) fn new(settings: &Settings) -> Result<Self, EngineError> {
        let pool = TrackConsumersPool::new(
            FairSpillPool::new(settings.operator_bytes),
            NonZeroUsize::MIN.saturating_add(2),
        );
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(pool))
            .with_temp_file_path(&settings.spill_folder)
            .build_arc()
            .map_err(EngineError::Plan)?;
        // One partition: reading, the larger part of the work, has its own threads, and rows that a
        // query does not sort come in input order on any number of them.
        let merge_bytes = settings.operator_bytes / SORT_MERGE_PART;
        let mut config = SessionConfig::new()
            .with_target_partitions(1)
            .with_sort_spill_reservation_bytes(merge_bytes.max(LEAST_MERGE_BYTES));
        config.options_mut().optimizer.max_passes = 1;
        // Without these, each function of a plan gets default options of its own, and two functions are
        // compared option by option.
        let mut properties = ExecutionProps::new();
        properties.config_options = Some(Arc::clone(config.options()));
        let state = SessionStateBuilder::new()
            .with_config(config)
            .with_execution_props(properties)
            .with_runtime_env(runtime)
            .with_default_features()
            // Analysis is coercion: the binder has decided all types.
            .with_analyzer_rules(Vec::new())
            .with_optimizer_rules(optimizer_rules())
            .with_physical_optimizer_rules(physical_optimizer_rules())
            // Not in pipelines, whose rows are not to be held.
            .with_physical_optimizer_rule(Arc::new(SidesAtOnce))
            .build();
        let beginning_with = |first: Arc<dyn PhysicalOptimizerRule + Send + Sync>| {
            let rules = iter::once(first).chain(physical_optimizer_rules()).collect();
            let state = SessionStateBuilder::new_from_existing(state.clone());
            state.with_physical_optimizer_rules(rules)
        };
        let pool = Arc::clone(&state.runtime_env().memory_pool);
        let share = MergeShare { pool, most: merge_bytes.saturating_mul(MERGE_SHARE) };
        let in_shares = RuntimeEnvBuilder::from_runtime_env(state.runtime_env())
            .with_memory_pool(Arc::new(share))
            .build_arc()
            .map_err(EngineError::Plan)?;
        let of_little_memory = beginning_with(Arc::new(SortedJoins)).with_runtime_env(in_shares);
        let threads = NonZeroUsize::new(settings.operator_bytes / LEAST_THREAD_BYTES);
        let threads = threads.map_or(NonZeroUsize::MIN, |most| most.min(settings.threads));
        let of_pipelines = beginning_with(Arc::new(UnionsInTurn))
            .with_physical_optimizer_rule(Arc::new(GroupsApart { threads }));
        Ok(Self {
            threads,
            of_pipelines: of_pipelines.build(),
            of_little_memory: of_little_memory.build(),
            state,
        })
    }

    /// Returns how many threads there are for a plan whose parts run at a time.
    pub(crate) fn threads(&self) -> NonZeroUsize {
        self.threads
    }

    /// Returns the session that a plan is started in.
    pub(crate) fn session(&self, plan: &PreparedPlan) -> &SessionState {
        if plan.takes_little_memory { &self.of_little_memory } else { &self.state }
    }

    /// Opens an account with what operators take their memory from.
    pub(crate) fn reserve(&self, what: &'static str) -> Reservation {
        Reservation::new(&self.state.runtime_env().memory_pool, what)
    }

    /// Optimises a plan, so that its leaves say what they need.
    pub(crate) fn optimize(&self, plan: &LogicalPlan) -> Result<LogicalPlan, EngineError> {
        self.state.optimize(plan).map_err(EngineError::Plan)
    }

    /// Compiles an expression of an optimised plan over the columns of its input.
    pub(crate) fn computation(
        &self,
        expr: &Expr,
        input: &Arc<Schema>,
    ) -> Result<Computation, EngineError> {
        Computation::new(expr, input, &self.state).map_err(EngineError::Plan)
    }

    /// Takes out of an optimised plan what has no rows, as most views of a table have of one input.
    pub(crate) fn trimmed(&self, plan: LogicalPlan) -> Result<LogicalPlan, EngineError> {
        let rule = PropagateEmptyRelation::new();
        let trimmed = plan.transform_up_with_subqueries(|node| rule.rewrite(node, &self.state));
        Ok(trimmed.map_err(EngineError::Plan)?.data)
    }

    /// Makes an optimised plan over stored rows ready to be started, any number of times.
    pub(crate) async fn prepare(&self, plan: LogicalPlan) -> Result<PreparedPlan, EngineError> {
        let plan = self.trimmed(plan)?;
        Self::made_physical(&self.state, plan).await
    }

    /// Makes an optimised plan over stored rows ready that takes little memory, and more time.
    pub(crate) async fn prepare_for_little_memory(
        &self,
        plan: LogicalPlan,
    ) -> Result<PreparedPlan, EngineError> {
        let plan = self.trimmed(plan)?;
        let prepared = Self::made_physical(&self.of_little_memory, plan).await?;
        Ok(PreparedPlan { takes_little_memory: true, ..prepared })
    }

    /// Makes an optimised plan ready whose leaves get their rows while the input is read.
    pub(crate) async fn prepare_pipeline(
        &self,
        plan: LogicalPlan,
    ) -> Result<PreparedPlan, EngineError> {
        Self::made_physical(&self.of_pipelines, plan).await
    }

    async fn made_physical(
        state: &SessionState,
        plan: LogicalPlan,
    ) -> Result<PreparedPlan, EngineError> {
        let has_large_groups = large_groups::may_have_large_groups(&plan);
        // Not through the session, which would optimise again.
        let plan = state.query_planner().create_physical_plan(&plan, state).await;
        let plan = plan.map_err(EngineError::Plan)?;
        let has_joins = plan.exists(|node| Ok(node.is::<HashJoinExec>()));
        let has_joins = has_joins.map_err(EngineError::Plan)?;
        Ok(PreparedPlan { plan, has_large_groups, has_joins, takes_little_memory: false })
    }
}

/// A plan that is ready to be started.
#[derive(Debug)]
pub(crate) struct PreparedPlan {
    pub(crate) plan: Arc<dyn ExecutionPlan>,
    /// Whether one group of its rows may take megabytes.
    pub(crate) has_large_groups: bool,
    /// Whether it has joins that hold one side in memory.
    pub(crate) has_joins: bool,
    /// Whether it is to be started with few rows at a time.
    pub(crate) takes_little_memory: bool,
}

impl PreparedPlan {
    /// Tells whether parts of it are tasks that run at a time.
    pub(crate) fn runs_on_threads(&self) -> Result<bool, EngineError> {
        groups_apart::are_apart(&self.plan).map_err(EngineError::Plan)
    }
}

/// Those of DataFusion's rules that our plans can gain from, in an order in which one pass does.
///
/// Left out is what rewrites SQL that the lowering never writes (lateral and cross joins,
/// comparisons with sets, equalities among a join's filters), and what moves leaves of expressions
/// about.
fn optimizer_rules() -> Vec<Arc<dyn OptimizerRule + Send + Sync>> {
    vec![
        Arc::new(OptimizeUnions::new()),
        Arc::new(ReplaceDistinctWithAggregate::new()),
        Arc::new(DistinctCounts),
        Arc::new(DecorrelatePredicateSubquery::new()),
        Arc::new(ScalarSubqueryToJoin::new()),
        Arc::new(EliminateFilter::new()),
        Arc::new(EliminateLimit::new()),
        // Filters do not go below limits, so limits go first.
        Arc::new(PushDownLimit::new()),
        Arc::new(PushDownFilter::new()),
        // Only now, when a view's constants have met a rule's conditions: it is the dearest of all.
        Arc::new(SimplifyExpressions::new()),
        Arc::new(EmptyScans),
        Arc::new(PropagateEmptyRelation::new()),
        Arc::new(CommonSubexprEliminate::new()),
        Arc::new(OptimizeProjections::new()),
    ]
}

/// Those of DataFusion's rules for physical plans that ours, of one partition over rows in memory, can
/// gain from.
fn physical_optimizer_rules() -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    vec![
        Arc::new(OutputRequirements::new_add_mode()),
        Arc::new(JoinSelection::new()),
        // Sorts before windows, and one partition after unions.
        Arc::new(EnsureRequirements::new()),
        Arc::new(WholeGroups),
        Arc::new(CombinePartialFinalAggregate::new()),
        Arc::new(OutputRequirements::new_remove_mode()),
        Arc::new(LimitPushdown::new()),
        Arc::new(ProjectionPushdown::new()),
        Arc::new(SanityCheckPlan::new()),
    ]
}
