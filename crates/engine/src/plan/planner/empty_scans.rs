//! A leaf whose filter is never true has no rows, and nothing is to be read for it.
//!
//! Many are: a view of `DeviceEvents` gives its `ActionType` as a constant, and a rule asks for
//! another one.

use std::sync::Arc;

use datafusion::{
    common::{Result, ScalarValue, tree_node::Transformed},
    logical_expr::{EmptyRelation, Expr, LogicalPlan},
    optimizer::{ApplyOrder, OptimizerConfig, OptimizerRule},
};

/// Puts an empty relation in the place of each scan that has a false filter.
#[derive(Debug)]
pub(super) struct EmptyScans;

impl OptimizerRule for EmptyScans {
    fn name(&self) -> &'static str {
        "empty_scans"
    }

    fn apply_order(&self) -> Option<ApplyOrder> {
        Some(ApplyOrder::BottomUp)
    }

    fn rewrite(
        &self,
        plan: LogicalPlan,
        _config: &dyn OptimizerConfig,
    ) -> Result<Transformed<LogicalPlan>> {
        let LogicalPlan::TableScan(scan) = &plan else { return Ok(Transformed::no(plan)) };
        if !scan.filters.iter().any(is_never_true) {
            return Ok(Transformed::no(plan));
        }
        let schema = Arc::clone(&scan.projected_schema);
        let empty = EmptyRelation { produce_one_row: false, schema };
        Ok(Transformed::yes(LogicalPlan::EmptyRelation(empty)))
    }
}

/// Tells whether a simplified condition is false or null for every row.
fn is_never_true(condition: &Expr) -> bool {
    match condition {
        Expr::Literal(ScalarValue::Boolean(value), _) => *value != Some(true),
        _ => false,
    }
}
