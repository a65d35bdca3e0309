//! Graphs: `make-graph` and what follows it.
//!
//! A graph is its edges and nodes as rows. Patterns become joins of edges, one for each hop, and nodes are
//! joined where their properties are read; an edge of variable length is the union of its lengths.
//!
//! Sources: <https://learn.microsoft.com/kusto/query/make-graph-operator>,
//! <https://learn.microsoft.com/kusto/query/graph-match-operator>,
//! <https://learn.microsoft.com/kusto/query/graph-to-table-operator>, and measured: a node's number is the
//! hash of its id.

mod components;
mod elements;
mod pattern;
mod shortest;
mod tables;
mod walk;

use kql_syntax::{
    Span,
    ast::{self, NamedExpr, OperatorKind},
};
use kql_types::KqlType;

use super::parts::projection::Projection;
use crate::{
    binder::{Binder, Binding, Env, Row, Scope, broken_after, column_expr, opaque},
    tree::{Aggregate, Column, Expr, Graph, Relation, RelationKind},
};

impl Binder<'_> {
    /// Binds a graph operator.
    pub(super) fn bind_graph(
        &mut self,
        rows: Relation,
        operator: &OperatorKind,
        span: Span,
    ) -> Relation {
        if let OperatorKind::MakeGraph { .. } = operator {
            return self.bind_make_graph(rows, operator, span);
        }
        let known = self.diagnostics.len();
        if let RelationKind::Graph(graph) = &rows.kind
            && let Some(bound) = self.bind_over_graph(graph, operator, span)
        {
            return bound;
        }
        if self.diagnostics.len() > known {
            return broken_after(rows, span);
        }
        self.bind_unknown_graph(rows, operator, span)
    }

    fn bind_over_graph(
        &mut self,
        graph: &Graph,
        operator: &OperatorKind,
        span: Span,
    ) -> Option<Relation> {
        match operator {
            OperatorKind::GraphMatch { shortest_paths: false, .. } => {
                self.bind_graph_match(graph, operator, span)
            }
            OperatorKind::GraphMatch { shortest_paths: true, .. } => {
                self.bind_shortest_paths(graph, operator, span)
            }
            OperatorKind::GraphMarkComponents(params) => {
                self.bind_graph_mark_components(graph, params, span)
            }
            OperatorKind::GraphToTable { outputs } => {
                self.bind_graph_to_table(graph, outputs, span)
            }
            OperatorKind::GraphWhere { edges, predicate } => {
                self.bind_graph_where(graph, *edges, predicate, span)
            }
            _ => None,
        }
    }

    fn bind_make_graph(&mut self, rows: Relation, operator: &OperatorKind, span: Span) -> Relation {
        let OperatorKind::MakeGraph {
            source,
            target,
            directed,
            params,
            nodes,
            node_id,
            partitioned_by,
        } = operator
        else {
            return rows;
        };
        let row = Row::of(&rows);
        let source = self.bind_scalar(source, Scope::over(&row));
        let target = self.bind_scalar(target, Scope::over(&row));
        let mut tables = Vec::with_capacity(nodes.len());
        for (table, keys) in nodes {
            let table = self.bind_rows(table);
            let row = Row::of(&table);
            let mut key = None;
            for it in keys {
                key = self.bind_scalar(it, Scope::over(&row));
            }
            tables.push((table, key));
        }
        let is_plain = params.is_empty() && partitioned_by.is_none() && !rows.has_open_schema();
        let place = |of: &Relation, expr: Option<Expr>| {
            let id = super::parts::build::column_of(&expr?)?;
            of.columns.iter().position(|column| column.id == id)
        };
        let ends = place(&rows, source).zip(place(&rows, target));
        let graph = ends.filter(|_| is_plain).and_then(|(source, target)| {
            let ty = rows.columns.get(source)?.ty;
            let is_id = ty == rows.columns.get(target)?.ty && ty != KqlType::Dynamic;
            let mut tables = tables.into_iter();
            let table = match (tables.next(), tables.next()) {
                (None, _) => None,
                (Some((table, key)), None) if !table.has_open_schema() => {
                    let at = place(&table, key)?;
                    let has_type = table.columns.get(at).is_some_and(|column| column.ty == ty);
                    has_type.then_some(())?;
                    Some((self.one_for_each(table, at, span), at))
                }
                // How the properties of a node in several tables are merged is not known.
                _ => return None,
            };
            let node_id = node_id.as_ref().map(|name| name.text.as_str().into());
            is_id.then(|| Graph {
                edges: rows.clone(),
                source,
                target,
                is_directed: *directed,
                nodes: table,
                node_id,
            })
        });
        match graph {
            Some(graph) => {
                Relation { kind: RelationKind::Graph(Box::new(graph)), columns: Vec::new(), span }
            }
            None => opaque("make-graph", vec![rows], Vec::new(), true, span),
        }
    }

    /// Keeps one row for each value of a column, with any values of the others.
    fn one_for_each(&mut self, rows: Relation, key: usize, span: Span) -> Relation {
        let mut columns = Vec::with_capacity(rows.columns.len());
        let mut keys = Vec::new();
        let mut of_key = Vec::new();
        // All of one row: one that is put together would be a node that nobody has.
        let mut args = Vec::new();
        let mut made = Vec::new();
        for (at, column) in rows.columns.iter().enumerate() {
            let value = column_expr(column, span);
            if at == key {
                keys.push(value);
                of_key.push(column.clone());
                columns.push(column.clone());
                continue;
            }
            let output = self.fresh_column(std::sync::Arc::clone(&column.name), column.ty);
            args.push(value);
            made.push(output.clone());
            columns.push(output);
        }
        let mut aggregates = Vec::new();
        if !args.is_empty() {
            let (function, outputs) = ("take_any", made.clone());
            aggregates.push(Aggregate { function, args, filter: None, outputs, span });
        }
        let kind = RelationKind::Aggregate { input: Box::new(rows), keys, aggregates };
        of_key.extend(made);
        let grouped = Relation { kind, columns: of_key, span };
        super::parts::build::select_renamed(grouped, columns, span)
    }

    /// Binds an operator over a graph of which too little is known: for the errors in it, and the names
    /// of its columns.
    fn bind_unknown_graph(
        &mut self,
        rows: Relation,
        operator: &OperatorKind,
        span: Span,
    ) -> Relation {
        match operator {
            OperatorKind::GraphMatch { shortest_paths, patterns, predicate, project, .. } => {
                let what =
                    if *shortest_paths { "graph-shortest-paths" } else { "this graph-match" };
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
                self.bind_projected(rows, what, project, &row, span)
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
            OperatorKind::GraphMarkComponents(_) => {
                opaque("graph-mark-components", vec![rows], Vec::new(), true, span)
            }
            _ => opaque("graph", vec![rows], Vec::new(), true, span),
        }
    }

    fn bind_projected(
        &mut self,
        rows: Relation,
        what: &'static str,
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
        opaque(what, vec![rows], columns, is_open, span)
    }

    /// Binds a constant number.
    fn graph_number(&mut self, expr: &ast::Expr) -> Option<usize> {
        match self.bind_scalar(expr, Scope::default())?.kind {
            crate::tree::ExprKind::Literal(kql_types::Value::Long(Some(number))) => {
                usize::try_from(number).ok()
            }
            _ => None,
        }
    }
}
