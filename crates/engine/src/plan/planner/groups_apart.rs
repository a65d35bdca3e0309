//! Groups on all cores: rows are dealt out by their group, so that each group is on one thread and sees its
//! rows in the order of the input.
//!
//! DataFusion's own way, which aggregates parts of the input and merges the states, would make the order of
//! a list, the row that `arg_max` takes and the last digit of a sum depend on the number of threads. Dealt
//! out by group they do not, and the groups come in the order of their first rows, as from one thread: each
//! row gets a number, and each group's least one says where it comes.
//!
//! Dealing out costs a hash and a copy of each row. That is worth it only where groups gather texts.

use std::{fmt, num::NonZeroUsize, sync::Arc};

use arrow::{
    array::{ArrayRef, Int64Array},
    datatypes::{DataType, Field, Schema, SchemaRef},
    record_batch::RecordBatch,
};
use datafusion::{
    common::{
        Result, assert_eq_or_internal_err,
        config::ConfigOptions,
        internal_datafusion_err,
        tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion},
    },
    execution::{SendableRecordBatchStream, TaskContext},
    functions_aggregate::min_max::min_udaf,
    physical_expr::{
        EquivalenceProperties, LexOrdering, PhysicalSortExpr, aggregate::AggregateExprBuilder,
        expressions::Column,
    },
    physical_optimizer::PhysicalOptimizerRule,
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning,
        PhysicalExpr, PlanProperties,
        aggregates::{AggregateExec, AggregateMode},
        execution_plan::{Boundedness, EmissionType, ReplaceChildrenOptions},
        projection::ProjectionExec,
        repartition::RepartitionExec,
        sorts::sort_preserving_merge::SortPreservingMergeExec,
        stream::RecordBatchStreamAdapter,
    },
};
use futures::StreamExt;

/// The column of rows' numbers; the binder makes no such name.
const ROW: &str = "$row";

/// Deals the rows of groups that gather texts out to threads.
#[derive(Debug)]
pub(super) struct GroupsApart {
    /// How many threads there are for one grouping.
    pub(super) threads: NonZeroUsize,
}

impl PhysicalOptimizerRule for GroupsApart {
    fn name(&self) -> &'static str {
        "groups_apart"
    }

    fn schema_check(&self) -> bool {
        true
    }

    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if self.threads == NonZeroUsize::MIN {
            return Ok(plan);
        }
        plan.transform_up(|node| match node.downcast_ref::<AggregateExec>() {
            Some(groups) if is_worth_it(groups) => {
                Ok(Transformed::yes(apart(groups, self.threads)?))
            }
            _ => Ok(Transformed::no(node)),
        })
        .data()
    }
}

/// Tells whether a plan has groups that [`GroupsApart`] has dealt out.
pub(super) fn are_apart(plan: &Arc<dyn ExecutionPlan>) -> Result<bool> {
    plan.exists(|node| Ok(node.is::<Numbered>()))
}

fn is_worth_it(groups: &AggregateExec) -> bool {
    let gathers = || groups.aggr_expr().iter().any(|it| kql_datafusion::gathers_texts(it.fun()));
    *groups.mode() == AggregateMode::Single
        && !groups.group_expr().is_true_no_grouping()
        && groups.group_expr().is_single()
        && groups.limit_options().is_none()
        && groups.input().output_partitioning().partition_count() == 1
        && gathers()
}

/// Puts groups on threads.
fn apart(groups: &AggregateExec, threads: NonZeroUsize) -> Result<Arc<dyn ExecutionPlan>> {
    let numbered: Arc<dyn ExecutionPlan> = Arc::new(Numbered::new(Arc::clone(groups.input())));
    let schema = numbered.schema();
    let row = Arc::new(Column::new_with_schema(ROW, &schema)?);
    let dealt = Partitioning::Hash(groups.group_expr().input_exprs(), threads.get());
    let dealt = Arc::new(RepartitionExec::try_new(numbered, dealt)?);
    let first = AggregateExprBuilder::new(min_udaf(), vec![row])
        .schema(Arc::clone(&schema))
        .alias(ROW)
        .build()?;
    let aggregates = groups.aggr_expr().iter().cloned().chain([Arc::new(first)]).collect();
    let filters = groups.filter_expr().iter().cloned().chain([None]).collect();
    let groups_of_threads: Arc<dyn ExecutionPlan> = Arc::new(AggregateExec::try_new(
        AggregateMode::SinglePartitioned,
        Arc::new(groups.group_expr().clone()),
        aggregates,
        filters,
        dealt,
        schema,
    )?);
    let first = Column::new_with_schema(ROW, &groups_of_threads.schema())?;
    let order = LexOrdering::new([PhysicalSortExpr::new_default(Arc::new(first))]);
    let order = order.ok_or_else(|| internal_datafusion_err!("an order by one column is empty"))?;
    let merged = Arc::new(SortPreservingMergeExec::new(order, groups_of_threads));
    let names = groups.schema();
    let columns = names.fields().iter().enumerate().map(|(at, field)| {
        let column: Arc<dyn PhysicalExpr> = Arc::new(Column::new(field.name(), at));
        (column, field.name().clone())
    });
    Ok(Arc::new(ProjectionExec::try_new(columns.collect::<Vec<_>>(), merged)?))
}

/// Rows with their numbers, from 0, in a further column.
#[derive(Debug)]
struct Numbered {
    input: Arc<dyn ExecutionPlan>,
    properties: Arc<PlanProperties>,
}

impl Numbered {
    fn new(input: Arc<dyn ExecutionPlan>) -> Self {
        let row = Arc::new(Field::new(ROW, DataType::Int64, false));
        let of_input = input.schema();
        let fields: Vec<_> = of_input.fields().iter().cloned().chain([row]).collect();
        let schema = Schema::new_with_metadata(fields, of_input.metadata().clone());
        let properties = PlanProperties::new(
            EquivalenceProperties::new(Arc::new(schema)),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self { input, properties: Arc::new(properties) }
    }

    fn of_one(children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        assert_eq_or_internal_err!(children.len(), 1, "rows are numbered of one input");
        let mut children = children;
        let input = children.pop().ok_or_else(|| internal_datafusion_err!("no input"))?;
        Ok(Arc::new(Self::new(input)))
    }
}

impl DisplayAs for Numbered {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Numbered")
    }
}

impl ExecutionPlan for Numbered {
    fn name(&self) -> &'static str {
        "Numbered"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Self::of_one(children)
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Self::of_one(children)
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        assert_eq_or_internal_err!(partition, 0, "rows are numbered in one partition");
        let schema = self.schema();
        let numbered = Arc::clone(&schema);
        let mut next = 0_i64;
        let rows = self.input.execute(0, context)?.map(move |rows| {
            let rows = rows?;
            let end = i64::try_from(rows.num_rows()).ok().and_then(|rows| next.checked_add(rows));
            let end = end.ok_or_else(|| internal_datafusion_err!("too many rows to number"))?;
            let numbers = Int64Array::from_iter_values(next..end);
            next = end;
            with_column(&rows, Arc::new(numbers), &numbered)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }
}

fn with_column(rows: &RecordBatch, column: ArrayRef, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns = rows.columns().iter().cloned().chain([column]).collect();
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}
