//! Which of a leaf's rows suffice for `top`: those that come first by one of its columns.

use datafusion::logical_expr::{Expr, LogicalPlan, SortExpr};
use kql_datafusion::ScanColumn;
use kql_types::{KqlType, schema::ColumnSchema};
use sources::First;

use super::branch::{Branch, raw_table};

/// Takes note in a plan's branches of which rows suffice, if its topmost operator is a `top` by a column
/// of numbers or times that a leaf has as it is.
///
/// - `branches`: those of the plan, in its order.
pub(crate) fn note(plan: &LogicalPlan, branches: &mut [Branch]) {
    let LogicalPlan::Sort(sort) = plan else { return };
    let (Some(rows), Some(by)) = (sort.fetch, sort.expr.first()) else { return };
    let Some(column) = column_of(&by.expr, &sort.input) else { return };
    let mut branches = branches.iter_mut();
    each_leaf(&sort.input, Some(column), &mut |column| {
        let branch = branches.next();
        if let Some((branch, column)) = branch.zip(column) {
            branch.first = first(branch, column, by, rows);
        }
    });
}

/// Returns what suffices of a branch all of whose rows are wanted.
fn first(branch: &Branch, column: usize, by: &SortExpr, rows: usize) -> Option<First> {
    let column = branch.columns.get(*branch.projection.get(column)?)?;
    let ScanColumn::Column { name, ty } = column else { return None };
    let is_number = matches!(ty, KqlType::Int | KqlType::Long | KqlType::Datetime);
    (is_number && branch.conjuncts.is_empty()).then(|| First {
        column: ColumnSchema { name: name.to_string(), ty: *ty },
        rows,
        is_descending: !by.asc,
        has_nulls_first: by.nulls_first,
    })
}

/// Tells of each leaf below an operator, in the order of the plan, which of its columns is one of the
/// operator's own, `None` where that is none or not all of the leaf's rows come through.
fn each_leaf(plan: &LogicalPlan, column: Option<usize>, tell: &mut dyn FnMut(Option<usize>)) {
    match plan {
        LogicalPlan::TableScan(_) if raw_table(plan).is_some() => tell(column),
        LogicalPlan::Projection(projection) => {
            let expr = column.and_then(|column| projection.expr.get(column));
            let column = expr.and_then(|expr| column_of(expr, &projection.input));
            each_leaf(&projection.input, column, tell);
        }
        LogicalPlan::SubqueryAlias(alias) => each_leaf(&alias.input, column, tell),
        LogicalPlan::Union(union) => {
            union.inputs.iter().for_each(|input| each_leaf(input, column, tell));
        }
        _ => plan.inputs().into_iter().for_each(|input| each_leaf(input, None, tell)),
    }
}

/// Returns which of an operator's columns an expression is.
fn column_of(expr: &Expr, input: &LogicalPlan) -> Option<usize> {
    match expr {
        Expr::Column(column) => input.schema().maybe_index_of_column(column),
        Expr::Alias(alias) => column_of(&alias.expr, input),
        _ => None,
    }
}
