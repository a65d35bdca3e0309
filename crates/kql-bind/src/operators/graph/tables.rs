//! `graph-to-table`, `graph-where-nodes` and `graph-where-edges`.

use std::sync::Arc;

use kql_syntax::{
    Span,
    ast::{self, Name, Param},
};
use kql_types::{KqlType, Value};

use super::super::{
    parameter,
    parts::build::{call, filtered, grouped, select_renamed, with_columns},
    tables::join::side_by_side,
    word,
};
use crate::{
    binder::{Binder, Row, Scope, column_expr, literal},
    tree::{Column, Graph, Join, JoinKind, Relation, RelationKind},
};

impl Binder<'_> {
    /// Returns a graph's edges or nodes as rows, with the numbers of nodes that are asked for before them.
    pub(super) fn bind_graph_to_table(
        &mut self,
        graph: &Graph,
        outputs: &[(Name, Option<Name>, Vec<Param>)],
        span: Span,
    ) -> Option<Relation> {
        let [(what, None, params)] = outputs else { return None };
        let (rows, numbered) = if what.text == "edges" {
            let ends = [("with_source_id", graph.source), ("with_target_id", graph.target)];
            (self.instantiate(&graph.edges, span), ends.to_vec())
        } else {
            let (nodes, id) = self.all_nodes(graph, span)?;
            (nodes, vec![("with_node_id", id)])
        };
        let mut numbers = Vec::new();
        for (name, at) in numbered {
            let Some(name) = parameter(params, name).and_then(word) else { continue };
            let id = column_expr(rows.columns.get(at)?, span);
            let number = self.fresh_column(name, KqlType::Long);
            let is_new = rows.columns.iter().all(|column| *column.name != *name);
            is_new.then_some(())?;
            numbers.push((number, call("hash", vec![id], KqlType::Long, span)));
        }
        let hidden = |column: &&Column| !column.name.starts_with('$');
        let columns: Vec<Column> = numbers
            .iter()
            .map(|(number, _)| number)
            .chain(rows.columns.iter().filter(hidden))
            .cloned()
            .collect();
        // A table has columns.
        (!columns.is_empty()).then(|| select_renamed(with_columns(rows, numbers), columns, span))
    }

    /// Keeps the edges, or the nodes and the edges between them, for which a condition holds.
    pub(super) fn bind_graph_where(
        &mut self,
        graph: &Graph,
        of_edges: bool,
        predicate: &ast::Expr,
        span: Span,
    ) -> Option<Relation> {
        if !of_edges {
            // Without a table of nodes, a node that loses all its edges could not be kept.
            return None;
        }
        let edges = self.instantiate(&graph.edges, span);
        let row = Row::of(&edges);
        let test = self.bind_predicate(predicate, Scope::over(&row))?;
        let (nodes, id) = self.all_nodes(graph, span)?;
        let graph =
            Graph { edges: filtered(edges, test, span), nodes: Some((nodes, id)), ..graph.clone() };
        Some(Relation { kind: RelationKind::Graph(Box::new(graph)), columns: Vec::new(), span })
    }

    /// Returns all nodes, and the place of their id: those of the table, and those that only edges have,
    /// whose properties are missing.
    pub(super) fn all_nodes(&mut self, graph: &Graph, span: Span) -> Option<(Relation, usize)> {
        let ends = self.node_ids(graph, span)?;
        let Some((table, at)) = &graph.nodes else { return Some((ends, 0)) };
        let table = self.instantiate(table, span);
        let probe = self.instantiate(&table, span);
        let (end, key) = (ends.columns.first()?.clone(), probe.columns.get(*at)?.clone());
        let columns = ends.columns.clone();
        let on = vec![(column_expr(&end, span), column_expr(&key, span))];
        let join = Join { kind: JoinKind::LeftAnti, left: ends, right: probe, on };
        let others = Relation { kind: RelationKind::Join(Box::new(join)), columns, span };
        let exprs = table.columns.iter().enumerate().map(|(place, column)| {
            if place == *at {
                column_expr(&end, span)
            } else {
                literal(Value::missing(column.ty), span)
            }
        });
        let exprs = exprs.collect();
        let columns = table.columns.iter().enumerate().map(|(place, column)| {
            if place == *at {
                Column { id: end.id, ..column.clone() }
            } else {
                self.fresh_column(Arc::clone(&column.name), column.ty)
            }
        });
        let columns = columns.collect();
        let kind = RelationKind::Project { input: Box::new(others), exprs };
        let others = Relation { kind, columns, span };
        Some((self.both(vec![table, others], span), *at))
    }

    /// Returns the ids of all nodes that edges have, each once.
    fn node_ids(&mut self, graph: &Graph, span: Span) -> Option<Relation> {
        let name: Arc<str> = graph.node_id.clone().unwrap_or_else(|| "$node".into());
        let mut sides = Vec::new();
        for at in [graph.source, graph.target] {
            let edges = self.instantiate(&graph.edges, span);
            let end = edges.columns.get(at)?.clone();
            sides.push(select_renamed(
                edges,
                vec![Column { name: Arc::clone(&name), ..end }],
                span,
            ));
        }
        let both = self.both(sides, span);
        let column = both.columns.first()?.clone();
        let key = vec![column_expr(&column, span)];
        Some(grouped(both, vec![column], key, span))
    }

    /// Unites rows of the same columns.
    pub(super) fn both(&mut self, inputs: Vec<Relation>, span: Span) -> Relation {
        let columns = inputs.first().map(|first| first.columns.clone()).unwrap_or_default();
        let columns =
            columns.into_iter().map(|column| self.fresh_column(column.name, column.ty)).collect();
        Relation { kind: RelationKind::Union { inputs }, columns, span }
    }
}

/// Joins rows with others; the names of the columns are made distinct.
pub(super) fn joined(
    kind: JoinKind,
    left: Relation,
    right: Relation,
    on: Vec<(crate::tree::Expr, crate::tree::Expr)>,
    span: Span,
) -> Relation {
    let columns = side_by_side(&left.columns, &right.columns);
    let join = Join { kind, left, right, on };
    Relation { kind: RelationKind::Join(Box::new(join)), columns, span }
}
