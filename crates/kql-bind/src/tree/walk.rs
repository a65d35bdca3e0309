//! Walking the typed tree: the parts of a relation and of an expression, one level at a time.

use super::{super::stack::with_stack, ColumnId, Expr, ExprKind, PathStep, Relation, RelationKind};
use crate::catalog::MISSING;

impl Relation {
    /// Tells whether there may be columns beside those listed, because they depend on data.
    pub fn has_open_schema(&self) -> bool {
        let mut relation = self;
        loop {
            relation = match &relation.kind {
                RelationKind::Opaque { open_schema, .. } => return *open_schema,
                RelationKind::Filter { input, .. }
                | RelationKind::Sort { input, .. }
                | RelationKind::Take { input, .. } => input,
                RelationKind::Shared { input, .. } => input,
                _ => return false,
            }
        }
    }

    /// Returns the innermost rows, of those that this relation reads, of which nobody knows the
    /// columns.
    pub(crate) fn reason_of_open_schema(&self) -> Option<&Self> {
        let inputs: &[Self] = match &self.kind {
            RelationKind::Opaque { inputs, .. } | RelationKind::Union { inputs } => inputs,
            RelationKind::Filter { input, .. }
            | RelationKind::Project { input, .. }
            | RelationKind::Aggregate { input, .. }
            | RelationKind::Sort { input, .. }
            | RelationKind::Take { input, .. } => std::slice::from_ref(&**input),
            RelationKind::Expand(expand) => std::slice::from_ref(&expand.input),
            RelationKind::Window(window) => std::slice::from_ref(&window.input),
            RelationKind::StepScan(scan) => std::slice::from_ref(&scan.input),
            RelationKind::Shared { input, .. } => std::slice::from_ref(&**input),
            RelationKind::Join(join) => {
                let mut sides = [&join.left, &join.right].into_iter();
                return sides.find_map(|side| side.reason_of_open_schema());
            }
            _ => &[],
        };
        let within = inputs.iter().find_map(Self::reason_of_open_schema);
        within.or_else(|| matches!(self.kind, RelationKind::Opaque { .. }).then_some(self))
    }

    /// Tells whether something that these rows are made of has no node of its own: a parameter's rows in the
    /// body of a function, for example.
    pub(crate) fn rests_on_opaque(&self) -> bool {
        let mut rests = matches!(self.kind, RelationKind::Opaque { .. });
        with_stack(|| {
            self.for_each_relation(&mut |inner| rests = rests || inner.rests_on_opaque());
        });
        rests
    }

    /// Tells whether the rows are data that is not given.
    pub fn is_missing(&self) -> bool {
        matches!(self.kind, RelationKind::Opaque { what, .. } if what.starts_with(MISSING))
    }

    /// Returns the relation and leaves one without columns in its place.
    pub(crate) fn take(&mut self) -> Self {
        let nothing = Self { kind: RelationKind::OneRow, columns: Vec::new(), span: self.span };
        std::mem::replace(self, nothing)
    }

    /// Calls `visit` for each relation that this one reads; not for those within expressions, nor
    /// for shared rows.
    pub fn for_each_input_mut(&mut self, visit: &mut dyn FnMut(&mut Self)) {
        match &mut self.kind {
            RelationKind::Scan { .. }
            | RelationKind::OneRow
            | RelationKind::Values { .. }
            | RelationKind::Range { .. }
            | RelationKind::External(_)
            | RelationKind::Shared { .. } => {}
            RelationKind::Expand(expand) => visit(&mut expand.input),
            RelationKind::Window(window) => visit(&mut window.input),
            RelationKind::StepScan(scan) => visit(&mut scan.input),
            RelationKind::Graph(graph) => {
                visit(&mut graph.edges);
                graph.nodes.iter_mut().for_each(|(nodes, _)| visit(nodes));
            }
            RelationKind::Filter { input, .. }
            | RelationKind::Project { input, .. }
            | RelationKind::Aggregate { input, .. }
            | RelationKind::Sort { input, .. }
            | RelationKind::Take { input, .. } => visit(input),
            RelationKind::Union { inputs } | RelationKind::Opaque { inputs, .. } => {
                inputs.iter_mut().for_each(visit);
            }
            RelationKind::Join(join) => {
                visit(&mut join.left);
                visit(&mut join.right);
            }
        }
    }

    /// Calls `visit` for each expression of this relation; not for those of its inputs.
    pub fn for_each_expr_mut(&mut self, visit: &mut dyn FnMut(&mut Expr)) {
        match &mut self.kind {
            RelationKind::Scan { .. }
            | RelationKind::OneRow
            | RelationKind::Union { .. }
            | RelationKind::Opaque { .. }
            | RelationKind::Graph(_)
            | RelationKind::External(_)
            | RelationKind::Shared { .. } => {}
            RelationKind::Expand(expand) => {
                expand.arrays.iter_mut().for_each(|array| visit(&mut array.source));
                expand.limit.iter_mut().for_each(visit);
            }
            RelationKind::Window(window) => {
                window.partition.iter_mut().for_each(&mut *visit);
                window.functions.iter_mut().flat_map(|it| &mut it.args).for_each(visit);
            }
            RelationKind::StepScan(scan) => {
                scan.partition.iter_mut().for_each(&mut *visit);
                scan.declared.iter_mut().for_each(|(_, default)| visit(default));
                for step in &mut scan.steps {
                    visit(&mut step.predicate);
                    step.sets.iter_mut().flatten().for_each(&mut *visit);
                    step.remembered.iter_mut().for_each(|(source, _)| visit(source));
                }
            }
            RelationKind::Values { rows } => rows.iter_mut().flatten().for_each(visit),
            RelationKind::Range { from, to, step } => {
                for expr in [from, to, step] {
                    visit(expr);
                }
            }
            RelationKind::Filter { predicate, .. } => visit(predicate),
            RelationKind::Project { exprs, .. } => exprs.iter_mut().for_each(visit),
            RelationKind::Aggregate { keys, aggregates, .. } => {
                keys.iter_mut().for_each(&mut *visit);
                for aggregate in aggregates {
                    aggregate.args.iter_mut().chain(&mut aggregate.filter).for_each(&mut *visit);
                }
            }
            RelationKind::Sort { keys, .. } => {
                for key in keys {
                    visit(&mut key.expr);
                }
            }
            RelationKind::Take { count, .. } => visit(count),
            RelationKind::Join(join) => {
                for (left, right) in &mut join.on {
                    visit(left);
                    visit(right);
                }
            }
        }
    }
}

impl Expr {
    /// Calls `visit` for each operand or argument; not for relations.
    pub fn for_each_child_mut(&mut self, visit: &mut dyn FnMut(&mut Self)) {
        match &mut self.kind {
            ExprKind::Literal(_) | ExprKind::Column(_) | ExprKind::Now | ExprKind::ToScalar(_) => {}
            ExprKind::Path { base, steps } => {
                visit(base);
                for step in steps {
                    if let PathStep::Computed(expr) = step {
                        visit(expr);
                    }
                }
            }
            ExprKind::Call { args: list, .. } | ExprKind::Logical { operands: list, .. } => {
                list.iter_mut().for_each(visit);
            }
            ExprKind::Convert(operand) | ExprKind::Negate(operand) | ExprKind::Not(operand) => {
                visit(operand);
            }
            ExprKind::Binary { left, right, .. } | ExprKind::Match { left, right, .. } => {
                visit(left);
                visit(right);
            }
            ExprKind::In { left, list, .. } => {
                visit(left);
                list.iter_mut().for_each(visit);
            }
            ExprKind::InRelation { left, .. } => visit(left),
        }
    }

    /// Returns the relation that this expression itself reads.
    pub fn relation_mut(&mut self) -> Option<&mut Relation> {
        match &mut self.kind {
            ExprKind::ToScalar(relation) | ExprKind::InRelation { relation, .. } => Some(relation),
            _ => None,
        }
    }

    /// Puts what is given for columns in their places, but for those in relations.
    pub(crate) fn substitute(&mut self, given: &dyn Fn(ColumnId) -> Option<Self>) {
        with_stack(|| match self.kind {
            ExprKind::Column(id) => {
                if let Some(value) = given(id) {
                    *self = value;
                }
            }
            _ => self.for_each_child_mut(&mut |child| child.substitute(given)),
        });
    }

    /// Calls `visit` for each operand or argument; not for relations.
    pub fn for_each_child(&self, visit: &mut dyn FnMut(&Self)) {
        match &self.kind {
            ExprKind::Literal(_) | ExprKind::Column(_) | ExprKind::Now | ExprKind::ToScalar(_) => {}
            ExprKind::Path { base, steps } => {
                visit(base);
                for step in steps {
                    if let PathStep::Computed(expr) = step {
                        visit(expr);
                    }
                }
            }
            ExprKind::Call { args: list, .. } | ExprKind::Logical { operands: list, .. } => {
                list.iter().for_each(visit);
            }
            ExprKind::Convert(operand) | ExprKind::Negate(operand) | ExprKind::Not(operand) => {
                visit(operand);
            }
            ExprKind::Binary { left, right, .. } | ExprKind::Match { left, right, .. } => {
                visit(left);
                visit(right);
            }
            ExprKind::In { left, list, .. } => {
                visit(left);
                list.iter().for_each(visit);
            }
            ExprKind::InRelation { left, .. } => visit(left),
        }
    }

    /// Tells whether the expression is the same for all rows: no column occurs in it.
    pub fn is_constant(&self) -> bool {
        if matches!(self.kind, ExprKind::Column(_)) {
            return false;
        }
        let mut is_constant = true;
        self.for_each_child(&mut |child| is_constant = is_constant && child.is_constant());
        is_constant
    }
}
