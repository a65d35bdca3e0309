//! Different texts of all rows, counted as groups.
//!
//! The accumulator that counts them has to hold all texts of a group; groups can go to disk.

use std::sync::Arc;

use datafusion::logical_expr::Projection;
use datafusion::{
    common::{Column, Result, tree_node::Transformed},
    functions_aggregate::expr_fn::count,
    logical_expr::{
        Aggregate, Expr, LogicalPlan,
        expr::{AggregateFunction, Alias},
    },
    optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule},
};

/// What the groups' column is called.
const TEXT: &str = "__different_text";

/// Puts groups in the place of an aggregate that does nothing but count the different texts of all rows.
#[derive(Debug)]
pub(super) struct DistinctCounts;

impl OptimizerRule for DistinctCounts {
    fn name(&self) -> &'static str {
        "distinct_counts"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        _config: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::Aggregate(aggregate) = &plan else { return Ok(Transformed::no(plan)) };
        let Some(text) = counted_text(aggregate) else { return Ok(Transformed::no(plan)) };
        let name = aggregate.schema.field(0).name().clone();
        let text = text.clone().alias(TEXT);
        let groups = Aggregate::try_new(Arc::clone(&aggregate.input), vec![text], Vec::new())?;
        let groups = Arc::new(LogicalPlan::Aggregate(groups));
        let number = count(Expr::Column(Column::new_unqualified(TEXT)));
        let counted = Aggregate::try_new(groups, Vec::new(), vec![number])?;
        let number = Expr::Column(Column::new_unqualified(counted.schema.field(0).name()));
        let counted = Arc::new(LogicalPlan::Aggregate(counted));
        let named = Projection::try_new(vec![number.alias(name)], counted)?;
        Ok(Transformed::yes(LogicalPlan::Projection(named)))
    }
}

/// Returns the texts that are counted, if that is all there is to do.
fn counted_text(aggregate: &Aggregate) -> Option<&Expr> {
    let [Expr::Alias(Alias { expr, .. })] = &*aggregate.aggr_expr else { return None };
    let Expr::AggregateFunction(AggregateFunction { func, params }) = &**expr else { return None };
    let [text] = &*params.args else { return None };
    let is_plain = !params.distinct && params.filter.is_none() && params.order_by.is_empty();
    let is_all = aggregate.group_expr.is_empty() && is_plain;
    (is_all && kql_datafusion::counts_different_texts(func)).then_some(text)
}
