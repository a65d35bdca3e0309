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
        ExecutionPlan,
        aggregates::{AggregateExec, AggregateMode},
        coalesce_partitions::CoalescePartitionsExec,
        execution_plan::{ChildrenPropertiesMode, ReplaceChildrenOptions},
    },
};

/// Puts the parts of a union together before they are grouped; the two halves of a grouping that then
/// follow each other become one behind this rule.
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
        let options = || ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute);
        plan.transform_up(|node| {
            let Some(parts) = parts_of(&node) else { return Ok(Transformed::no(node)) };
            let whole = Arc::new(CoalescePartitionsExec::new(Arc::clone(parts.input())));
            let groups = Arc::new(parts.clone()).replace_children(vec![whole], options())?;
            node.replace_children(vec![groups], options()).map(Transformed::yes)
        })
        .data()
    }
}

/// Returns the groups of parts that a node merges, if that is what it does.
fn parts_of(node: &Arc<dyn ExecutionPlan>) -> Option<&AggregateExec> {
    let merged = node.downcast_ref::<AggregateExec>()?;
    if !matches!(merged.mode(), AggregateMode::Final | AggregateMode::FinalPartitioned) {
        return None;
    }
    let parts = merged.input().downcast_ref::<CoalescePartitionsExec>()?;
    let groups = parts.input().downcast_ref::<AggregateExec>()?;
    (*groups.mode() == AggregateMode::Partial).then_some(groups)
}
