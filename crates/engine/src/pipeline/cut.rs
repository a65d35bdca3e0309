//! Where a plan is cut.

use std::{collections::BTreeSet, sync::Arc};

use datafusion::{
    common::tree_node::{Transformed, TreeNode, TreeNodeRecursion},
    datasource::provider_as_source,
    logical_expr::{LogicalPlan, TableScan},
};
use sources::EVENTS;

use super::output::Output;
use crate::{error::EngineError, plan::branch};

/// One pipeline.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) plan: LogicalPlan,
    /// Where the plan above takes its rows from.
    pub(crate) output: Arc<Output>,
}

/// Cuts an optimised plan above each operator that can take its rows as they are read; returns what is
/// above the cuts and what is below.
///
/// # Errors
///
/// If the plan cannot be taken apart.
pub(crate) fn cut(plan: LogicalPlan) -> Result<(LogicalPlan, Vec<Part>), EngineError> {
    let mut parts = Vec::new();
    // A plan with evidence is run for several times, over stored rows.
    if branch::has_evidence(&plan) {
        return Ok((plan, parts));
    }
    let plan = plan.transform_down(|node| {
        if !takes_rows_as_read(&node) {
            return Ok(Transformed::no(node));
        }
        let projected_schema = Arc::clone(node.schema());
        let output = Arc::new(Output::new(Arc::clone(projected_schema.inner())));
        let scan = LogicalPlan::TableScan(TableScan {
            table_name: "pipeline".into(),
            source: provider_as_source(Arc::new(output.table())),
            projection: None,
            projected_schema,
            filters: Vec::new(),
            fetch: None,
            statistics_requests: BTreeSet::new(),
        });
        parts.push(Part { plan: node, output });
        Ok(Transformed::new(scan, true, TreeNodeRecursion::Jump))
    });
    Ok((plan.map_err(EngineError::Plan)?.data, parts))
}

/// Tells whether an operator consumes all of its input and returns little, and everything below it handles
/// each row by itself.
///
/// Events are stored anyway, because copies of them are found only when all inputs have been read. A plan
/// over events alone gains nothing.
fn takes_rows_as_read(node: &LogicalPlan) -> bool {
    let input = match node {
        LogicalPlan::Aggregate(groups) => &groups.input,
        LogicalPlan::Sort(sort) if sort.fetch.is_some() => &sort.input,
        _ => return false,
    };
    !branch::has_subquery(node)
        && branch::is_row_local(input)
        && !has_sort(input)
        && branch::tables(input).iter().any(|table| *table != EVENTS)
}

/// Sorting changes no row, but takes all of them before it gives any.
fn has_sort(plan: &LogicalPlan) -> bool {
    matches!(plan, LogicalPlan::Sort(_)) || plan.inputs().into_iter().any(has_sort)
}
