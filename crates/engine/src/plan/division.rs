//! How a plan divides by key: rows with different keys have nothing to do with each other.
//!
//! A query that groups by host finds for one host the same, whatever others do. Of such a query, a run
//! that sees for a host what an earlier run saw need not be asked about that host again, even if every
//! minute brings something of some host. What a plan divides by is read off it: the keys of groups,
//! joins and windows, followed down to the columns of the leaves.

use std::cell::Cell;

use arrow::datatypes::DataType;
use datafusion::{
    common::{
        Column,
        tree_node::{Transformed, TreeNode},
    },
    logical_expr::{Aggregate, Expr, Join, JoinType, LogicalPlan, Projection, Unnest, Window},
};

use super::branch;

/// Returns, for each leaf in the order of [`branch::collect`], the expressions over its columns whose
/// values tell the parts of the plan apart: what the plan finds is what it finds in each part by itself.
///
/// `None` if it does not divide, or if each row is a part of its own.
pub(crate) fn division(plan: &LogicalPlan) -> Option<Vec<Vec<Expr>>> {
    let divided = below_row_local(plan);
    if branch::is_row_local(divided) {
        return None;
    }
    let schema = divided.schema();
    let columns = schema.columns().into_iter().zip(schema.fields());
    let comparable = columns.filter(|(_, field)| is_comparable(field.data_type()));
    let keys = comparable.filter_map(|(column, _)| of_leaves(divided, &Expr::Column(column)));
    // What is the same in all rows of a leaf tells nothing apart there.
    let mut keys: Vec<Vec<Expr>> =
        keys.filter(|key| key.iter().all(|expr| !expr.column_refs().is_empty())).collect();
    // Both sides of a join have the same.
    let mut seen: Vec<Vec<Expr>> = Vec::new();
    keys.retain(|key| {
        let is_new = !seen.contains(key);
        seen.extend(is_new.then(|| key.clone()));
        is_new
    });
    let leaves = keys.first()?.len();
    let of_leaf = |leaf: usize| keys.iter().filter_map(|key| key.get(leaf).cloned()).collect();
    (leaves > 0).then(|| (0..leaves).map(of_leaf).collect())
}

/// Returns the first operator from the top that does more than to handle each row by itself.
fn below_row_local(mut plan: &LogicalPlan) -> &LogicalPlan {
    loop {
        plan = match plan {
            LogicalPlan::Projection(node) => &node.input,
            LogicalPlan::Filter(node) => &node.input,
            LogicalPlan::Sort(node) if node.fetch.is_none() => &node.input,
            LogicalPlan::SubqueryAlias(node) => &node.input,
            _ => return plan,
        };
    }
}

/// Tells whether values of a type that groups and joins hold to be equal are the same.
fn is_comparable(ty: &DataType) -> bool {
    is_text(ty) || matches!(ty, DataType::Int64 | DataType::Int32 | DataType::Boolean)
}

fn is_text(ty: &DataType) -> bool {
    matches!(ty, DataType::Utf8View | DataType::Utf8 | DataType::LargeUtf8)
}

/// Returns what a key over a plan's columns is over those of each leaf; `None` if rows with different
/// keys may have to do with each other.
fn of_leaves(plan: &LogicalPlan, key: &Expr) -> Option<Vec<Expr>> {
    if branch::has_subquery(plan) {
        return None;
    }
    match plan {
        LogicalPlan::TableScan(scan) => match branch::raw_table(plan) {
            Some(_) if scan.fetch.is_none() => Some(vec![of_leaf(key)?]),
            _ => None,
        },
        LogicalPlan::Projection(node) => of_leaves(&node.input, &below_projection(node, key)?),
        LogicalPlan::Filter(node) => of_leaves(&node.input, key),
        LogicalPlan::Sort(node) if node.fetch.is_none() => of_leaves(&node.input, key),
        LogicalPlan::SubqueryAlias(node) => {
            of_leaves(&node.input, &by_place(plan, key, &node.input)?)
        }
        LogicalPlan::Union(node) => {
            let of_input = |input| of_leaves(input, &by_place(plan, key, input)?);
            let of_inputs: Option<Vec<Vec<Expr>>> =
                node.inputs.iter().map(|input| of_input(input)).collect();
            Some(of_inputs?.into_iter().flatten().collect())
        }
        LogicalPlan::Unnest(node) => of_leaves(&node.input, &below_unnest(node, key)?),
        LogicalPlan::Aggregate(node) => of_leaves(&node.input, &below_groups(node, key)?),
        LogicalPlan::Window(node) => of_leaves(&node.input, &below_window(node, key)?),
        LogicalPlan::Join(node) => of_join(node, key),
        _ => None,
    }
}

/// Returns a key over the columns of a leaf, whose rows have no table's name.
fn of_leaf(key: &Expr) -> Option<Expr> {
    replaced(key, |column| Some(Expr::Column(Column::new_unqualified(&column.name))))
}

fn below_projection(node: &Projection, key: &Expr) -> Option<Expr> {
    replaced(key, |column| {
        let place = node.schema.maybe_index_of_column(column)?;
        Some(node.expr.get(place)?.clone().unalias())
    })
}

/// Returns a key over the columns of an input that has the same ones in the same places.
fn by_place(plan: &LogicalPlan, key: &Expr, input: &LogicalPlan) -> Option<Expr> {
    let columns = input.schema().columns();
    replaced(key, |column| {
        let place = plan.schema().maybe_index_of_column(column)?;
        columns.get(place).cloned().map(Expr::Column)
    })
}

fn below_unnest(node: &Unnest, key: &Expr) -> Option<Expr> {
    let columns = node.input.schema().columns();
    replaced(key, |column| {
        let place = node.schema.maybe_index_of_column(column)?;
        let before = columns.get(*node.dependency_indices.get(place)?)?;
        (!node.exec_columns.contains(before)).then(|| Expr::Column(before.clone()))
    })
}

fn below_groups(node: &Aggregate, key: &Expr) -> Option<Expr> {
    if node.group_expr.iter().any(|group| matches!(group, Expr::GroupingSet(_))) {
        return None;
    }
    replaced(key, |column| {
        let place = node.schema.maybe_index_of_column(column)?;
        Some(node.group_expr.get(place)?.clone().unalias())
    })
}

fn below_window(node: &Window, key: &Expr) -> Option<Expr> {
    let input = node.input.schema();
    let is_within = |column: &Column, is_text_of_input: bool| {
        let is_column = |part: &Expr| match part {
            Expr::Column(it) => it == column,
            // The same text in another form.
            Expr::Cast(cast) if is_text_of_input && is_text(cast.field.data_type()) => {
                matches!(&*cast.expr, Expr::Column(it) if it == column)
            }
            _ => false,
        };
        node.window_expr.iter().all(|expr| match expr.clone().unalias() {
            Expr::WindowFunction(call) => call.params.partition_by.iter().any(is_column),
            _ => false,
        })
    };
    replaced(key, |column| {
        let place = input.maybe_index_of_column(column)?;
        let is_text_of_input = is_text(input.field(place).data_type());
        is_within(column, is_text_of_input).then(|| Expr::Column(column.clone()))
    })
}

fn of_join(node: &Join, key: &Expr) -> Option<Vec<Expr>> {
    use JoinType::{Inner, Left, LeftAnti, LeftSemi, Right, RightAnti, RightSemi};
    // A column of a side whose rows may be missing may be null where the other side's is not.
    let (takes_left, takes_right) = match node.join_type {
        Inner => (true, true),
        Left | LeftSemi | LeftAnti => (true, false),
        Right | RightSemi | RightAnti => (false, true),
        _ => return None,
    };
    // What the user gives is the same for each part.
    if takes_left && is_given(&node.right) && is_over(key, &node.left) {
        return of_leaves(&node.left, key);
    }
    if takes_right && is_given(&node.left) && is_over(key, &node.right) {
        return of_leaves(&node.right, key);
    }
    let of_pair = |column: &Column| {
        node.on.iter().find(|(left, right)| {
            let is_column = |side: &Expr| matches!(side, Expr::Column(it) if it == column);
            takes_left && is_column(left) || takes_right && is_column(right)
        })
    };
    let left = replaced(key, |column| Some(of_pair(column)?.0.clone()))?;
    let right = replaced(key, |column| Some(of_pair(column)?.1.clone()))?;
    let (mut of_left, of_right) = (of_leaves(&node.left, &left)?, of_leaves(&node.right, &right)?);
    of_left.extend(of_right);
    Some(of_left)
}

fn is_given(plan: &LogicalPlan) -> bool {
    !branch::has_subquery(plan)
        && branch::raw_table(plan).is_none()
        && plan.inputs().into_iter().all(is_given)
}

fn is_over(key: &Expr, plan: &LogicalPlan) -> bool {
    let columns = key.column_refs();
    columns.into_iter().all(|column| plan.schema().maybe_index_of_column(column).is_some())
}

/// Puts something else in the place of each column of a key; `None` if there is nothing for one, or if
/// the key's value depends on more than the row.
fn replaced(key: &Expr, of: impl Fn(&Column) -> Option<Expr>) -> Option<Expr> {
    let is_lost = Cell::new(key.is_volatile());
    let replaced = key.clone().transform(|part| {
        Ok(match part {
            Expr::Column(column) if let Some(expr) = of(&column) => Transformed::yes(expr),
            Expr::Column(_) | Expr::Placeholder(_) => {
                is_lost.set(true);
                Transformed::no(part)
            }
            part => Transformed::no(part),
        })
    });
    let replaced = replaced.ok()?.data;
    (!is_lost.get()).then_some(replaced)
}

#[cfg(test)]
mod tests;
