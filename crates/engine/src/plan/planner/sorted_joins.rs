//! Joins by sorting both sides, which needs little memory: a hash table of one side has to fit into it.

use std::sync::Arc;

use arrow::compute::SortOptions;
use datafusion::{
    common::{
        Result,
        config::ConfigOptions,
        internal_datafusion_err,
        tree_node::{Transformed, TransformedResult, TreeNode},
    },
    physical_expr::expressions::Column,
    physical_optimizer::PhysicalOptimizerRule,
    physical_plan::{
        ExecutionPlan,
        joins::{HashJoinExec, SortMergeJoinExec},
        projection::{ProjectionExec, ProjectionExpr},
    },
};

/// Puts joins by sorting in the place of those by hashing. Sorts have to be added behind it.
#[derive(Debug)]
pub(super) struct SortedJoins;

impl PhysicalOptimizerRule for SortedJoins {
    fn name(&self) -> &'static str {
        "sorted_joins"
    }

    fn schema_check(&self) -> bool {
        true
    }

    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|node| match node.downcast_ref::<HashJoinExec>() {
            // A sorted join does not know of an anti join that a single null empties.
            Some(join) if !join.null_aware => sorted(join).map(Transformed::yes),
            _ => Ok(Transformed::no(node)),
        })
        .data()
    }
}

fn sorted(join: &HashJoinExec) -> Result<Arc<dyn ExecutionPlan>> {
    let sorted: Arc<dyn ExecutionPlan> = Arc::new(SortMergeJoinExec::try_new(
        Arc::clone(&join.left),
        Arc::clone(&join.right),
        join.on.clone(),
        join.filter.clone(),
        join.join_type,
        vec![SortOptions::default(); join.on.len()],
        join.null_equality,
    )?);
    let Some(projection) = &join.projection else { return Ok(sorted) };
    let schema = sorted.schema();
    let column = |index: &usize| {
        let field = schema.fields().get(*index);
        let field = field.ok_or_else(|| internal_datafusion_err!("a join lacks a column"))?;
        let expr = Arc::new(Column::new(field.name(), *index));
        Ok(ProjectionExpr { expr, alias: field.name().clone() })
    };
    let columns = projection.iter().map(column).collect::<Result<Vec<_>>>()?;
    Ok(Arc::new(ProjectionExec::try_new(columns, sorted)?))
}
