//! Graphs: `make-graph` and what follows it. Elements of a pattern have properties that are not
//! followed through, so the types of what is projected are not known.

use kql_syntax::{
    Span,
    ast::{NamedExpr, OperatorKind},
};

use super::parts::projection::Projection;
use crate::{
    binder::{Binder, Binding, Env, Row, Scope, opaque},
    tree::{Column, Relation},
};

impl Binder<'_> {
    /// Binds a graph operator.
    pub(super) fn bind_graph(
        &mut self,
        rows: Relation,
        operator: &OperatorKind,
        span: Span,
    ) -> Relation {
        match operator {
            OperatorKind::MakeGraph { source, target, nodes, .. } => {
                let row = Row::of(&rows);
                self.bind_scalar(source, Scope::over(&row));
                self.bind_scalar(target, Scope::over(&row));
                for (table, keys) in nodes {
                    let table = self.bind_rows(table);
                    let row = Row::of(&table);
                    for key in keys {
                        self.bind_scalar(key, Scope::over(&row));
                    }
                }
                opaque("make-graph", vec![rows], Vec::new(), true, span)
            }
            OperatorKind::GraphMatch { patterns, predicate, project, .. } => {
                let named = patterns.iter().flat_map(|pattern| {
                    let nodes = pattern.nodes.iter().flatten();
                    nodes.chain(pattern.edges.iter().filter_map(|edge| edge.name.as_ref()))
                });
                let elements: Vec<Column> =
                    named.map(|name| self.unknown_column(name.text.as_str())).collect();
                let row = Row::new(&elements, true);
                if let Some(predicate) = predicate {
                    self.bind_scalar(predicate, Scope::over(&row));
                }
                self.bind_projected(rows, project, &row, span)
            }
            OperatorKind::GraphToTable { outputs } => {
                let tables = opaque("graph-to-table", vec![rows], Vec::new(), true, span);
                for name in outputs.iter().filter_map(|(_, name, _)| name.as_ref()) {
                    let named =
                        Binding::Rows { rows: tables.clone(), is_view: true, deferred: None };
                    Env::define(&mut self.env, &name.text, named);
                }
                tables
            }
            _ => opaque("graph", vec![rows], Vec::new(), true, span),
        }
    }

    fn bind_projected(
        &mut self,
        rows: Relation,
        project: &[NamedExpr],
        row: &Row<'_>,
        span: Span,
    ) -> Relation {
        let mut projection = Projection::new(span);
        projection.reserve(project);
        for item in self.bind_items(project, Scope::over(row)) {
            projection.add(self, item);
        }
        let columns = projection.into_parts().0;
        let is_open = columns.is_empty();
        opaque("graph-match", vec![rows], columns, is_open, span)
    }
}
