//! Looking at the typed tree without changing it, one level at a time.

use super::{Expr, ExprKind, Relation, RelationKind};

impl Relation {
    /// Calls `visit` for each relation that this one reads: its inputs, shared rows, and those
    /// within its expressions.
    pub fn for_each_relation(&self, visit: &mut dyn FnMut(&Self)) {
        match &self.kind {
            RelationKind::Scan { .. }
            | RelationKind::OneRow
            | RelationKind::Values { .. }
            | RelationKind::Range { .. }
            | RelationKind::External(_) => {}
            RelationKind::Shared { input, .. } => visit(input),
            RelationKind::Expand(expand) => visit(&expand.input),
            RelationKind::Window(window) => visit(&window.input),
            RelationKind::Filter { input, .. }
            | RelationKind::Project { input, .. }
            | RelationKind::Aggregate { input, .. }
            | RelationKind::Sort { input, .. }
            | RelationKind::Take { input, .. } => visit(input),
            RelationKind::Union { inputs } | RelationKind::Opaque { inputs, .. } => {
                inputs.iter().for_each(&mut *visit);
            }
            RelationKind::Join(join) => {
                visit(&join.left);
                visit(&join.right);
            }
        }
        self.for_each_expr(&mut |expr| expr.for_each_relation(visit));
    }

    /// Calls `visit` for each expression of this relation; not for those of its inputs.
    pub fn for_each_expr(&self, visit: &mut dyn FnMut(&Expr)) {
        match &self.kind {
            RelationKind::Scan { .. }
            | RelationKind::OneRow
            | RelationKind::Union { .. }
            | RelationKind::Opaque { .. }
            | RelationKind::External(_)
            | RelationKind::Shared { .. } => {}
            RelationKind::Expand(expand) => {
                expand.arrays.iter().for_each(|array| visit(&array.source));
                expand.limit.iter().for_each(visit);
            }
            RelationKind::Window(window) => {
                window.partition.iter().for_each(&mut *visit);
                window.functions.iter().flat_map(|it| &it.args).for_each(visit);
            }
            RelationKind::Values { rows } => rows.iter().flatten().for_each(visit),
            RelationKind::Range { from, to, step } => {
                for expr in [from, to, step] {
                    visit(expr);
                }
            }
            RelationKind::Filter { predicate, .. } => visit(predicate),
            RelationKind::Project { exprs, .. } => exprs.iter().for_each(visit),
            RelationKind::Aggregate { keys, aggregates, .. } => {
                keys.iter().for_each(&mut *visit);
                for aggregate in aggregates {
                    aggregate.args.iter().chain(&aggregate.filter).for_each(&mut *visit);
                }
            }
            RelationKind::Sort { keys, .. } => keys.iter().for_each(|key| visit(&key.expr)),
            RelationKind::Take { count, .. } => visit(count),
            RelationKind::Join(join) => {
                for (left, right) in &join.on {
                    visit(left);
                    visit(right);
                }
            }
        }
    }
}

impl Expr {
    /// Calls `visit` for each relation within this expression, at any depth of operands.
    pub fn for_each_relation(&self, visit: &mut dyn FnMut(&Relation)) {
        if let ExprKind::ToScalar(relation) | ExprKind::InRelation { relation, .. } = &self.kind {
            visit(relation);
        }
        self.for_each_child(&mut |child| child.for_each_relation(visit));
    }
}
