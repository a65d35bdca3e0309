//! Sides of joins in one batch, where the order of the joined rows would otherwise depend on the batches.
//!
//! A join emits the rows of a side that have found no partner behind those that have: of the side that it holds,
//! batch by batch from the last to the first; of the other side behind each batch. Where batches end depends on
//! how rows lie in files, and what collects rows in their order, as `make_set` does, would find another order in
//! a lake than in the files that went into it.

use std::{fmt, sync::Arc};

use arrow::compute::concat_batches;
use datafusion::{
    common::{
        DataFusionError, JoinType, Result,
        config::ConfigOptions,
        internal_datafusion_err,
        tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion},
    },
    execution::{SendableRecordBatchStream, TaskContext, memory_pool::MemoryConsumer},
    physical_optimizer::PhysicalOptimizerRule,
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, PhysicalExpr,
        PlanProperties,
        execution_plan::{
            Boundedness, ChildrenPropertiesMode, EmissionType, ReplaceChildrenOptions,
        },
        joins::HashJoinExec,
        stream::RecordBatchStreamAdapter,
    },
};
use futures::{StreamExt, TryStreamExt, stream};

/// Hands joins their sides in one batch each, where rows without a partner are kept.
#[derive(Debug)]
pub(super) struct SidesAtOnce;

impl PhysicalOptimizerRule for SidesAtOnce {
    fn name(&self) -> &'static str {
        "sides_at_once"
    }

    fn schema_check(&self) -> bool {
        true
    }

    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| {
            let Some(join) = node.downcast_ref::<HashJoinExec>() else {
                return Ok(Transformed::no(node));
            };
            let (keeps_left, keeps_right) = kept_alone(join.join_type);
            if !keeps_left && !keeps_right {
                return Ok(Transformed::no(node));
            }
            let side = |rows: &Arc<dyn ExecutionPlan>, is_kept: bool| -> Arc<dyn ExecutionPlan> {
                if is_kept { Arc::new(AtOnce::new(Arc::clone(rows))) } else { Arc::clone(rows) }
            };
            let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Keep);
            let sides = vec![side(&join.left, keeps_left), side(&join.right, keeps_right)];
            node.replace_children(sides, options).map(Transformed::yes)
        })
        .data()
    }
}

/// Tells of which sides a join keeps rows that have no partner.
fn kept_alone(join: JoinType) -> (bool, bool) {
    match join {
        JoinType::Inner => (false, false),
        // Semi joins too: the rows of the side that is held are emitted at the end, by where they are held.
        JoinType::Left | JoinType::LeftSemi | JoinType::LeftAnti | JoinType::LeftMark => {
            (true, false)
        }
        JoinType::Right | JoinType::RightSemi | JoinType::RightAnti | JoinType::RightMark => {
            (false, true)
        }
        JoinType::Full => (true, true),
    }
}

/// Rows in one batch.
#[derive(Debug)]
struct AtOnce {
    rows: Arc<dyn ExecutionPlan>,
    properties: Arc<PlanProperties>,
}

impl AtOnce {
    fn new(rows: Arc<dyn ExecutionPlan>) -> Self {
        let properties = PlanProperties::new(
            rows.equivalence_properties().clone(),
            rows.output_partitioning().clone(),
            EmissionType::Final,
            Boundedness::Bounded,
        );
        Self { rows, properties: Arc::new(properties) }
    }
}

impl DisplayAs for AtOnce {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AtOnce")
    }
}

impl ExecutionPlan for AtOnce {
    fn name(&self) -> &'static str {
        "AtOnce"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.rows]
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
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
        let child = children.into_iter().next();
        let child =
            child.ok_or_else(|| internal_datafusion_err!("rows at once are of one plan"))?;
        Ok(Arc::new(Self::new(child)))
    }

    fn with_new_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let child = children.into_iter().next();
        let child =
            child.ok_or_else(|| internal_datafusion_err!("rows at once are of one plan"))?;
        Ok(Arc::new(Self::new(child)))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        let rows = self.rows.execute(partition, Arc::clone(&context))?;
        let schema = self.rows.schema();
        let own = Arc::clone(&schema);
        let at_once = async move {
            let account = MemoryConsumer::new("the rows of one side of a join");
            let account = account.register(context.memory_pool());
            let mut rows = rows;
            let mut batches = Vec::new();
            while let Some(batch) = rows.next().await {
                let batch = batch?;
                account.try_grow(batch.get_array_memory_size())?;
                batches.push(batch);
            }
            let batch = match &*batches {
                [] => None,
                [batch] => Some(batch.clone()),
                batches => Some(concat_batches(&schema, batches)?),
            };
            Ok::<_, DataFusionError>(stream::iter(batch.map(Ok)))
        };
        let at_once = stream::once(at_once).try_flatten();
        Ok(Box::pin(RecordBatchStreamAdapter::new(own, at_once)))
    }
}
