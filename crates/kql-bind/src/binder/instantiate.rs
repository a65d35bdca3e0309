//! Putting rows in place once more: a copy with identities of its own.
//!
//! A variable that is named twice yields its rows twice; columns of the two have to differ, or a join
//! of them could not tell its sides apart. What `materialize` shares stays shared.

use std::{collections::HashMap, sync::Arc};

use kql_syntax::Span;

use super::{Binder, MAX_COPIED_NODES, MAX_RELATION_DEPTH, broken_rows};
use crate::{
    codes,
    stack::with_stack,
    tree::{Aggregate, ColumnId, Expr, Relation, RelationKind},
};

impl Binder<'_> {
    /// Returns a copy of `rows` whose columns have new identities.
    ///
    /// Reports an error at `span` and gives rows of no known schema if the query has unfolded to more
    /// than the limits.
    pub(crate) fn instantiate(&mut self, rows: &Relation, span: Span) -> Relation {
        let mut copy = with_stack(|| rows.clone());
        let mut renumbering = Renumbering { binder: self, ids: HashMap::new(), depth: 0, nodes: 0 };
        renumbering.relation(&mut copy);
        let Renumbering { nodes, depth, .. } = renumbering;
        self.copied_nodes = self.copied_nodes.saturating_add(nodes);
        if self.copied_nodes > MAX_COPIED_NODES || depth > MAX_RELATION_DEPTH {
            self.error(codes::TOO_LARGE, span, "the query unfolds to more than can be bound");
            return broken_rows(span);
        }
        copy
    }
}

struct Renumbering<'b, 'c> {
    binder: &'b mut Binder<'c>,
    ids: HashMap<ColumnId, ColumnId>,
    depth: usize,
    nodes: usize,
}

impl Renumbering<'_, '_> {
    fn relation(&mut self, relation: &mut Relation) {
        with_stack(|| {
            let mut deepest: usize = 0;
            relation.for_each_input_mut(&mut |input| {
                self.depth = 0;
                self.relation(input);
                deepest = deepest.max(self.depth);
            });
            self.columns(relation);
            relation.for_each_expr_mut(&mut |expr| self.expr(expr));
            self.nodes = self.nodes.saturating_add(1);
            self.depth = deepest.saturating_add(1);
        });
    }

    fn columns(&mut self, relation: &mut Relation) {
        for column in &mut relation.columns {
            column.id = self.define(column.id);
        }
        match &mut relation.kind {
            RelationKind::Aggregate { aggregates, .. } => {
                for column in aggregates.iter_mut().flat_map(|Aggregate { outputs, .. }| outputs) {
                    column.id = self.define(column.id);
                }
            }
            RelationKind::Expand(expand) => {
                let arrays = expand.arrays.iter_mut().map(|array| &mut array.column);
                for column in arrays.chain(&mut expand.index) {
                    column.id = self.define(column.id);
                }
            }
            RelationKind::Window(window) => {
                for function in &mut window.functions {
                    function.output.id = self.define(function.output.id);
                }
            }
            RelationKind::StepScan(scan) => {
                for (column, _) in &mut scan.declared {
                    column.id = self.define(column.id);
                }
                if let Some(column) = &mut scan.match_id {
                    column.id = self.define(column.id);
                }
                for (_, column) in scan.steps.iter_mut().flat_map(|step| &mut step.remembered) {
                    column.id = self.define(column.id);
                }
            }
            _ => {}
        }
    }

    fn define(&mut self, id: ColumnId) -> ColumnId {
        if let Some(new) = self.ids.get(&id) {
            return *new;
        }
        let new = self.binder.fresh_id();
        if self.binder.is_unknown(id) {
            self.binder.unknown.insert(new);
        }
        if let Some(table) = self.binder.tables.get(&id).map(Arc::clone) {
            self.binder.tables.insert(new, table);
        }
        self.ids.insert(id, new);
        new
    }

    fn expr(&mut self, expr: &mut Expr) {
        with_stack(|| {
            self.nodes = self.nodes.saturating_add(1);
            if let crate::tree::ExprKind::Column(id) = &mut expr.kind {
                *id = self.ids.get(id).copied().unwrap_or(*id);
            }
            if let Some(relation) = expr.relation_mut() {
                self.relation(relation);
            }
            expr.for_each_child_mut(&mut |child| self.expr(child));
        });
    }
}
