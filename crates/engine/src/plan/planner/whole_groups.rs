//! Groups over the parts of a union in one step.
//!
//! Plans run in one partition, but a union has one for each of its inputs. DataFusion would group each of
//! them by itself, keep that as state, and merge the states; on one thread that is the same work twice.

use std::sync::Arc;

use datafusion::{
    common::{
        Result,
        config::ConfigOptions,
        tree_node::{Transformed, TransformedResult, TreeNode},
    },
    physical_optimizer::PhysicalOptimizerRule,
    physical_plan::{
        ExecutionPlan, ExecutionPlanProperties,
        aggregates::{AggregateExec, AggregateMode},
        coalesce_partitions::CoalescePartitionsExec,
        execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions},
    },
};

/// Puts the parts of a union together before they are grouped.
#[derive(Debug)]
pub(super) struct WholeGroups;

impl PhysicalOptimizerRule for WholeGroups {
    fn name(&self) -> &'static str {
        "whole_groups"
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
            let Some(groups) = node.downcast_ref::<AggregateExec>() else {
                return Ok(Transformed::no(node));
            };
            let input = groups.input();
            let is_of_parts = input.output_partitioning().partition_count() > 1;
            if *groups.mode() != AggregateMode::Partial || !is_of_parts {
                return Ok(Transformed::no(node));
            }
            let whole = Arc::new(CoalescePartitionsExec::new(Arc::clone(input)));
            let options = ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
            node.replace_children(vec![whole], options).map(Transformed::yes)
        })
        .data()
    }
}
