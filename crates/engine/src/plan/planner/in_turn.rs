//! Unions in one partition, whose parts are asked in turn.
//!
//! The rows of a pipeline's leaves arrive in the order of the pass, a batch for one leaf and then a batch for
//! another. The parts of a union over them cannot be read one after the other, because the second would
//! wait for the first to end. They cannot be read by separate tasks either, because the order of the rows
//! would then depend on the scheduler.

use std::{fmt, pin::Pin, sync::Arc, task::Poll};

use datafusion::{
    common::{
        Result, assert_eq_or_internal_err,
        config::ConfigOptions,
        tree_node::{Transformed, TransformedResult, TreeNode, TreeNodeRecursion},
    },
    execution::{SendableRecordBatchStream, TaskContext},
    physical_expr::EquivalenceProperties,
    physical_optimizer::PhysicalOptimizerRule,
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning,
        PhysicalExpr, PlanProperties,
        execution_plan::{Boundedness, EmissionType, ReplaceChildrenOptions},
        stream::RecordBatchStreamAdapter,
        union::UnionExec,
    },
};
use futures::StreamExt;

/// Lets the parts of each union take turns.
#[derive(Debug)]
pub(super) struct UnionsInTurn;

impl PhysicalOptimizerRule for UnionsInTurn {
    fn name(&self) -> &'static str {
        "unions_in_turn"
    }

    fn schema_check(&self) -> bool {
        true
    }

    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| match node.downcast_ref::<UnionExec>() {
            Some(union) => {
                let parts = union.inputs().clone();
                Ok(Transformed::yes(Arc::new(InTurn::new(node.schema(), parts))))
            }
            None => Ok(Transformed::no(node)),
        })
        .data()
    }
}

/// A union whose parts, of one partition each, are asked one after the other, again and again: a batch
/// is handed on when its part has it.
#[derive(Debug)]
struct InTurn {
    parts: Vec<Arc<dyn ExecutionPlan>>,
    properties: Arc<PlanProperties>,
}

impl InTurn {
    fn new(schema: arrow::datatypes::SchemaRef, parts: Vec<Arc<dyn ExecutionPlan>>) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        Self { parts, properties: Arc::new(properties) }
    }
}

impl DisplayAs for InTurn {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InTurn")
    }
}

impl ExecutionPlan for InTurn {
    fn name(&self) -> &'static str {
        "InTurn"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.parts.iter().collect()
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        parts: Vec<Arc<dyn ExecutionPlan>>,
        _: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self::new(self.schema(), parts)))
    }

    fn with_new_children(
        self: Arc<Self>,
        parts: Vec<Arc<dyn ExecutionPlan>>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self::new(self.schema(), parts)))
    }

    fn execute(
        &self,
        partition: usize,
        context: Arc<TaskContext>,
    ) -> Result<SendableRecordBatchStream> {
        assert_eq_or_internal_err!(partition, 0, "parts in turn are one partition");
        let mut parts: Vec<Option<SendableRecordBatchStream>> = Vec::new();
        for part in &self.parts {
            let partitions = part.output_partitioning().partition_count();
            assert_eq_or_internal_err!(partitions, 1, "a part in turn is one partition");
            parts.push(Some(part.execute(0, Arc::clone(&context))?));
        }
        let schema = self.schema();
        let of_parts = Arc::clone(&schema);
        let rows = futures::stream::poll_fn(move |waker| {
            let mut is_over = true;
            for part in &mut parts {
                let Some(rows) = part else { continue };
                match rows.poll_next_unpin(waker) {
                    Poll::Ready(Some(rows)) => {
                        // Parts may name and annotate their columns otherwise.
                        let rows = rows.and_then(|it| Ok(it.with_schema(Arc::clone(&of_parts))?));
                        return Poll::Ready(Some(rows));
                    }
                    Poll::Ready(None) => *part = None,
                    Poll::Pending => is_over = false,
                }
            }
            if is_over { Poll::Ready(None) } else { Poll::Pending }
        });
        let rows: Pin<Box<RecordBatchStreamAdapter<_>>> =
            Box::pin(RecordBatchStreamAdapter::new(schema, rows));
        Ok(rows)
    }
}
