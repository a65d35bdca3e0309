//! Projections of projections become one, where nothing is computed twice.
//!
//! A view renames, a table fits the view to its columns, a query extends it step by step: each step is
//! a projection of all columns, and each would be a node for everything that follows.

use std::collections::HashMap;

use super::super::stack::with_stack;
use crate::tree::{Column, ColumnId, Expr, ExprKind, Relation, RelationKind};

/// The parts that an expression may have to be put in the place of a column: expressions that grow
/// from step to step stay steps.
const MAX_NODES: usize = 64;

/// Merges the projections that a result rests on.
///
/// Rows that several places share stay as they are.
pub fn merge(result: &mut Relation) {
    with_stack(|| {
        result.for_each_input_mut(&mut merge);
        result.for_each_expr_mut(&mut merge_within);
        if let RelationKind::Project { input, exprs } = &mut result.kind {
            merge_projections(&result.columns, exprs, input);
        }
    });
}

/// Merges the projections of the rows that an expression reads.
fn merge_within(expr: &mut Expr) {
    with_stack(|| {
        if let Some(rows) = expr.relation_mut() {
            merge(rows);
        }
        expr.for_each_child_mut(&mut merge_within);
    });
}

/// Takes the place of the projection that a projection reads, if it can.
fn merge_projections(columns: &[Column], exprs: &mut [Expr], input: &mut Box<Relation>) {
    let RelationKind::Project { input: inner, exprs: inner_exprs } = &mut input.kind else {
        return;
    };
    let mut uses: HashMap<ColumnId, Uses> = HashMap::new();
    for (column, expr) in columns.iter().zip(&*exprs) {
        match expr.kind {
            ExprKind::Column(id) if id == column.id => {
                increment(&mut uses.entry(id).or_default().passed_on);
            }
            _ => count(expr, &mut uses),
        }
    }
    let mut defined: HashMap<ColumnId, &Expr> = HashMap::new();
    for (column, expr) in input.columns.iter().zip(&*inner_exprs) {
        defined.entry(column.id).or_insert(expr);
    }
    let is_fit = |(id, expr): (&ColumnId, &&Expr)| uses.get(id).is_none_or(|uses| uses.allow(expr));
    if !defined.iter().all(is_fit) {
        return;
    }
    let definition = |id| defined.get(&id).map(|expr| (*expr).clone());
    for expr in exprs {
        expr.substitute(&definition);
    }
    **input = inner.take();
}

/// How often a column is used.
#[derive(Default)]
struct Uses {
    /// As it is.
    passed_on: usize,
    /// In an expression.
    read: usize,
    /// As what a path starts from.
    by_path: usize,
}

impl Uses {
    /// Tells whether what defines the column can stand wherever it is used: once, or it costs
    /// nothing.
    fn allow(&self, definition: &Expr) -> bool {
        match definition.kind {
            ExprKind::Column(_) => true,
            ExprKind::Literal(_) => self.passed_on <= 1,
            // A path does not start from a path.
            _ => {
                self.by_path == 0
                    && self.passed_on.saturating_add(self.read) <= 1
                    && has_at_most(definition, MAX_NODES)
            }
        }
    }
}

/// Tells whether an expression has at most so many parts.
fn has_at_most(expr: &Expr, nodes: usize) -> bool {
    fn left(expr: &Expr, nodes: usize) -> Option<usize> {
        let mut nodes = nodes.checked_sub(1);
        expr.for_each_child(&mut |child| nodes = nodes.and_then(|nodes| left(child, nodes)));
        nodes
    }
    left(expr, nodes).is_some()
}

/// Counts how an expression uses columns.
fn count(expr: &Expr, uses: &mut HashMap<ColumnId, Uses>) {
    with_stack(|| match &expr.kind {
        ExprKind::Column(id) => increment(&mut uses.entry(*id).or_default().read),
        ExprKind::Path { base, .. } => {
            if let ExprKind::Column(id) = base.kind {
                increment(&mut uses.entry(id).or_default().by_path);
            }
            expr.for_each_child(&mut |child| count(child, uses));
        }
        _ => expr.for_each_child(&mut |child| count(child, uses)),
    });
}

fn increment(count: &mut usize) {
    *count = count.saturating_add(1);
}
