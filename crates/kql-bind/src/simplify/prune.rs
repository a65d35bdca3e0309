//! Leaving out what nobody reads: columns of scans, projections, groupings, unions and joins.
//!
//! Plans over tables of sixty columns stay small, and readers decode only what is asked for.

use std::{collections::HashSet, sync::Arc};

use super::super::stack::with_stack;
use crate::{
    binder::column_expr,
    tree::{Aggregate, Column, ColumnId, Expr, ExprKind, JoinKind, Relation, RelationKind},
};

/// Columns that somebody reads.
type Needed = HashSet<ColumnId>;

/// Removes, from all that a result rests on, the columns that it does not need.
///
/// The result's own columns all stay, and so do those of rows that several places share.
pub fn prune(result: &mut Relation) {
    let needed = result.columns.iter().map(|column| column.id).collect();
    keep(result, needed);
}

/// Removes from a relation the columns that are not `needed`, and from its inputs what only they read.
fn keep(relation: &mut Relation, needed: Needed) {
    with_stack(|| {
        if let RelationKind::Aggregate { .. } = relation.kind {
            keep_aggregate(relation, &needed);
            return;
        }
        if reads_all(&relation.kind) {
            relation.for_each_input_mut(&mut prune);
            return;
        }
        match relation.kind {
            RelationKind::Project { .. } => keep_projected(relation, &needed),
            RelationKind::Union { .. } => keep_united(relation, &needed),
            RelationKind::Join(_) => keep_joined(relation, needed),
            RelationKind::Expand(_) => keep_expanded(relation, needed),
            RelationKind::Window(_) => keep_windowed(relation, needed),
            RelationKind::StepScan(_) => keep_scanned(relation, needed),
            RelationKind::Scan { .. } | RelationKind::External(_) => {
                relation.columns.retain(|it| needed.contains(&it.id));
            }
            _ => keep_passed_on(relation, needed),
        }
    });
}

/// Prunes below a filter, a sort and the like, which pass on all that their input gives.
fn keep_passed_on(relation: &mut Relation, mut needed: Needed) {
    relation.for_each_expr_mut(&mut |expr| read(expr, &mut needed));
    let mut passed_on = Vec::new();
    relation.for_each_input_mut(&mut |input| {
        keep(input, needed.clone());
        passed_on.clone_from(&input.columns);
    });
    relation.columns = passed_on;
}

/// Prunes both sides of a join; its columns are what is left of theirs, under its names.
fn keep_joined(relation: &mut Relation, mut needed: Needed) {
    relation.for_each_expr_mut(&mut |expr| read(expr, &mut needed));
    let RelationKind::Join(join) = &mut relation.kind else { return };
    let left = keep_side(&mut join.left, &needed);
    let right = keep_side(&mut join.right, &needed);
    let kept = match join.kind {
        JoinKind::LeftSemi | JoinKind::LeftAnti => left,
        JoinKind::RightSemi | JoinKind::RightAnti => right,
        _ => left.into_iter().chain(right).collect(),
    };
    retain(&mut relation.columns, &kept);
}

/// Prunes below an expansion. The arrays all stay, since they decide how many rows there are.
fn keep_expanded(relation: &mut Relation, mut needed: Needed) {
    relation.for_each_expr_mut(&mut |expr| read(expr, &mut needed));
    let RelationKind::Expand(expand) = &mut relation.kind else { return };
    keep(&mut expand.input, needed);
    let made = expand.arrays.iter().map(|array| &array.column).chain(&expand.index);
    let left: Needed = expand.input.columns.iter().chain(made).map(|it| it.id).collect();
    relation.columns.retain(|column| left.contains(&column.id));
}

/// Removes window functions that nobody reads; the partition decides nothing without them.
fn keep_windowed(relation: &mut Relation, mut needed: Needed) {
    if let RelationKind::Window(window) = &mut relation.kind {
        window.functions.retain(|function| needed.contains(&function.output.id));
        if window.functions.is_empty() {
            *relation = window.input.take();
            keep(relation, needed);
            return;
        }
    }
    relation.for_each_expr_mut(&mut |expr| read(expr, &mut needed));
    let RelationKind::Window(window) = &mut relation.kind else { return };
    keep(&mut window.input, needed);
    let made = window.functions.iter().map(|function| &function.output);
    let left: Needed = window.input.columns.iter().chain(made).map(|it| it.id).collect();
    relation.columns.retain(|column| left.contains(&column.id));
}

/// Prunes below a scan by steps. What it declares stays: its steps read it.
fn keep_scanned(relation: &mut Relation, mut needed: Needed) {
    relation.for_each_expr_mut(&mut |expr| read(expr, &mut needed));
    let RelationKind::StepScan(scan) = &mut relation.kind else { return };
    keep(&mut scan.input, needed);
    let made = scan.declared.iter().map(|(column, _)| column).chain(&scan.match_id);
    let left: Needed = scan.input.columns.iter().chain(made).map(|it| it.id).collect();
    relation.columns.retain(|column| left.contains(&column.id));
}

/// Prunes a side and tells which of its columns are left.
fn keep_side(side: &mut Relation, needed: &Needed) -> Vec<bool> {
    let names: Vec<Arc<str>> = side.columns.iter().map(|it| Arc::clone(&it.name)).collect();
    keep(side, needed.clone());
    let left: HashSet<&str> = side.columns.iter().map(|column| &*column.name).collect();
    names.iter().map(|name| left.contains(&**name)).collect()
}

fn keep_projected(relation: &mut Relation, needed: &Needed) {
    let RelationKind::Project { input, exprs } = &mut relation.kind else { return };
    let kept: Vec<bool> = relation.columns.iter().map(|it| needed.contains(&it.id)).collect();
    retain(&mut relation.columns, &kept);
    retain(exprs, &kept);
    let mut below = Needed::new();
    for expr in exprs.iter_mut() {
        read(expr, &mut below);
    }
    keep(input, below);
    if is_plain(&relation.columns, exprs, input) {
        *relation = input.take();
    }
}

fn keep_united(relation: &mut Relation, needed: &Needed) {
    let RelationKind::Union { inputs } = &mut relation.kind else { return };
    let kept: Vec<bool> = relation.columns.iter().map(|it| needed.contains(&it.id)).collect();
    retain(&mut relation.columns, &kept);
    for input in inputs {
        keep_places(input, &kept);
    }
}

/// Tells whether a projection passes its input on as it is.
fn is_plain(columns: &[Column], exprs: &[Expr], input: &Relation) -> bool {
    let passes_on = |(expr, column): (&Expr, &Column)| expr.kind == ExprKind::Column(column.id);
    *columns == *input.columns && exprs.iter().zip(columns).all(passes_on)
}

/// Tells whether a relation needs all columns it has and all columns of its inputs.
fn reads_all(kind: &RelationKind) -> bool {
    matches!(
        kind,
        RelationKind::OneRow
            | RelationKind::Values { .. }
            | RelationKind::Range { .. }
            | RelationKind::Shared { .. }
            | RelationKind::Graph(_)
            | RelationKind::Opaque { .. }
    )
}

/// Removes aggregates of which no column is needed; the keys decide the rows, so they stay.
fn keep_aggregate(relation: &mut Relation, needed: &Needed) {
    let RelationKind::Aggregate { input, keys, aggregates } = &mut relation.kind else { return };
    let is_needed = |it: &Aggregate| it.outputs.iter().any(|column| needed.contains(&column.id));
    if !keys.is_empty() || aggregates.iter().any(is_needed) {
        aggregates.retain(is_needed);
    } else {
        // Without keys there is one row, whatever is read of it: something has to make it.
        aggregates.truncate(1);
    }
    let made: Needed =
        aggregates.iter().flat_map(|it| &it.outputs).map(|column| column.id).collect();
    let mut keys_left = keys.len();
    relation.columns.retain(|column| match keys_left.checked_sub(1) {
        Some(left) => {
            keys_left = left;
            true
        }
        None => made.contains(&column.id),
    });
    let mut below = Needed::new();
    for key in keys {
        read(key, &mut below);
    }
    for aggregate in aggregates {
        aggregate.args.iter_mut().chain(&mut aggregate.filter).for_each(|it| read(it, &mut below));
    }
    keep(input, below);
}

/// Keeps the columns at the places of `kept`, for a union, which matches by place.
fn keep_places(input: &mut Relation, kept: &[bool]) {
    let mut columns = input.columns.clone();
    retain(&mut columns, kept);
    let needed: Needed = columns.iter().map(|column| column.id).collect();
    keep(input, needed);
    if input.columns != columns {
        select(input, columns);
    }
}

/// Puts a projection to some of its columns on top of a relation.
fn select(input: &mut Relation, columns: Vec<Column>) {
    let span = input.span;
    let exprs = columns.iter().map(|column| column_expr(column, span)).collect();
    let inner = Box::new(input.take());
    *input = Relation { kind: RelationKind::Project { input: inner, exprs }, columns, span };
}

fn retain<T>(items: &mut Vec<T>, kept: &[bool]) {
    let mut flags = kept.iter();
    items.retain(|_| flags.next().copied().unwrap_or(true));
}

/// Adds the columns that an expression reads, and prunes the relations within it.
fn read(expr: &mut Expr, needed: &mut Needed) {
    with_stack(|| {
        if let ExprKind::Column(id) = expr.kind {
            needed.insert(id);
        }
        if let Some(rows) = expr.relation_mut() {
            // Only the first column of such rows is read.
            let first: Vec<Column> = rows.columns.iter().take(1).cloned().collect();
            keep(rows, first.iter().map(|column| column.id).collect());
            if rows.columns != first && !first.is_empty() {
                select(rows, first);
            }
        }
        expr.for_each_child_mut(&mut |child| read(child, needed));
    });
}
