//! Looking at the typed tree without changing it, one level at a time.

use super::{ColumnId, Expr, ExprKind, Relation, RelationKind};

impl Relation {
    /// Calls `visit` for each relation that this one reads: its inputs, shared rows, and those
    /// within its expressions.
    pub fn for_each_relation(&self, visit: &mut dyn FnMut(&Self)) {
        self.for_each_own_relation(visit);
        self.for_each_expr(&mut |expr| expr.for_each_relation(visit));
    }

    /// Calls `visit` for each expression of this relation; not for those of its inputs.
    pub fn for_each_expr(&self, visit: &mut dyn FnMut(&Expr)) {
        match &self.kind {
            RelationKind::Scan { .. }
            | RelationKind::OneRow
            | RelationKind::Union { .. }
            | RelationKind::Opaque { .. }
            | RelationKind::Graph(_)
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
            RelationKind::StepScan(scan) => {
                scan.partition.iter().for_each(&mut *visit);
                scan.declared.iter().for_each(|(_, default)| visit(default));
                for step in &scan.steps {
                    visit(&step.predicate);
                    step.sets.iter().flatten().for_each(&mut *visit);
                    step.remembered.iter().for_each(|(source, _)| visit(source));
                }
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

impl Relation {
    /// Takes `each` from `left` for every relation and expression that this one is made of; `false` as
    /// soon as there is not enough.
    fn spend(&self, each: usize, left: &mut usize) -> bool {
        let Some(rest) = left.checked_sub(each) else { return false };
        *left = rest;
        let mut fits = true;
        self.for_each_own_relation(&mut |input| fits = fits && input.spend(each, left));
        self.for_each_expr(&mut |expr| fits = fits && expr.spend(each, left));
        fits
    }

    /// Calls `visit` for each input, without those within expressions.
    fn for_each_own_relation(&self, visit: &mut dyn FnMut(&Self)) {
        match &self.kind {
            RelationKind::Scan { .. }
            | RelationKind::OneRow
            | RelationKind::Values { .. }
            | RelationKind::Range { .. }
            | RelationKind::External(_) => {}
            RelationKind::Shared { input, .. } => visit(input),
            RelationKind::Expand(expand) => visit(&expand.input),
            RelationKind::Window(window) => visit(&window.input),
            RelationKind::StepScan(scan) => visit(&scan.input),
            RelationKind::Graph(graph) => {
                visit(&graph.edges);
                graph.nodes.iter().for_each(|(nodes, _)| visit(nodes));
            }
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
    }

    /// Calls `visit` for each column that an expression of these rows, at any depth, reads.
    pub(crate) fn for_each_column_read(&self, visit: &mut dyn FnMut(ColumnId)) {
        self.for_each_own_relation(&mut |input| input.for_each_column_read(visit));
        self.for_each_expr(&mut |expr| {
            expr.for_each_column_read(visit);
            expr.for_each_relation(&mut |rows| rows.for_each_column_read(visit));
        });
    }
}

impl Expr {
    /// Takes `each` from `left` for every expression and relation that this one is made of; `false` as
    /// soon as there is not enough.
    pub(crate) fn spend(&self, each: usize, left: &mut usize) -> bool {
        let Some(rest) = left.checked_sub(each) else { return false };
        *left = rest;
        let mut fits = true;
        if let ExprKind::ToScalar(relation) | ExprKind::InRelation { relation, .. } = &self.kind {
            fits = relation.spend(each, left);
        }
        self.for_each_child(&mut |child| fits = fits && child.spend(each, left));
        fits
    }

    /// Calls `visit` for each column that this expression reads, without those of rows within it.
    pub(crate) fn for_each_column_read(&self, visit: &mut dyn FnMut(ColumnId)) {
        if let ExprKind::Column(id) = self.kind {
            visit(id);
        }
        self.for_each_child(&mut |child| child.for_each_column_read(visit));
    }
}
