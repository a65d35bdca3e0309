//! Plans in which a row may be as large as a batch elsewhere: lists of values, group by group.

use datafusion::{
    common::tree_node::TreeNodeRecursion,
    logical_expr::{Aggregate, Expr, LogicalPlan},
};

/// Tells whether a plan gathers the values of groups.
pub(super) fn may_have_large_groups(plan: &LogicalPlan) -> bool {
    let mut found = false;
    let visited = plan.apply_with_subqueries(|node| {
        if let LogicalPlan::Aggregate(aggregate) = node {
            found = found || gathers_by_group(aggregate);
        }
        Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    found || visited.is_err()
}

fn gathers_by_group(aggregate: &Aggregate) -> bool {
    let gathers = |expr: &Expr| match expr.clone().unalias() {
        Expr::AggregateFunction(call) => kql_datafusion::gathers_values(&call.func),
        _ => false,
    };
    !aggregate.group_expr.is_empty() && aggregate.aggr_expr.iter().any(gathers)
}
