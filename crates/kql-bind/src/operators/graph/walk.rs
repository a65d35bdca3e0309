//! One way through a pattern, with a number of hops for each edge, as joins.

use std::{collections::BTreeMap, sync::Arc};

use kql_syntax::{Span, ast::BinaryOp};
use kql_types::{KqlType, Value};

use super::{
    super::parts::{
        build::{aggregate, all_of, binary, call, filtered, long, with_columns},
        window::windowed,
    },
    tables::joined,
};
use crate::{
    binder::{Binder, Element, Hops, column_expr, literal},
    tree::{
        Column, ColumnId, Expand, ExpandedArray, Expr, Graph, JoinKind, Relation, RelationKind,
        WindowFunction,
    },
};

/// Which cycles a match may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cycles {
    All,
    None,
    UniqueEdges,
}

/// Which way an edge of a pattern is walked, from left to right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Forwards,
    Backwards,
    Either,
}

/// A node of a pattern, or an edge with the number of its hops.
pub(super) enum Part<'p> {
    Node(Option<&'p str>),
    Edge { name: Option<&'p str>, direction: Direction, hops: usize, is_variable: bool },
}

/// A way through a pattern under construction.
pub(super) struct Walk<'g> {
    graph: &'g Graph,
    cycles: Cycles,
    span: Span,
    rows: Option<Relation>,
    /// The id of the node at which the walk is.
    at: Option<Column>,
    /// The ids of named nodes.
    named: BTreeMap<String, Column>,
    /// The ids of all nodes, each once.
    visited: Vec<Column>,
    /// The numbers of all edges.
    edges: Vec<Column>,
    /// What expressions may name.
    pub(super) elements: Vec<Element>,
    /// Nodes whose properties may be read: their id, the table, and the place of the id in it.
    tables: Vec<(Column, Relation, usize)>,
    /// Pairs of ids that have to be equal.
    equal: Vec<(Column, Column)>,
    is_cycle: bool,
}

impl<'g> Walk<'g> {
    pub(super) fn new(graph: &'g Graph, cycles: Cycles, span: Span) -> Self {
        Self {
            graph,
            cycles,
            span,
            rows: None,
            at: None,
            named: BTreeMap::new(),
            visited: Vec::new(),
            edges: Vec::new(),
            elements: Vec::new(),
            tables: Vec::new(),
            equal: Vec::new(),
            is_cycle: false,
        }
    }

    /// Walks one sequence of nodes and edges; `None` if it cannot be.
    pub(super) fn follow(&mut self, binder: &mut Binder<'_>, parts: &[Part<'_>]) -> Option<()> {
        self.at = None;
        let mut parts = parts.iter();
        let Some(&Part::Node(mut before)) = parts.next() else { return None };
        let mut is_start = true;
        while let Some(Part::Edge { name, direction, hops, is_variable }) = parts.next() {
            let Some(Part::Node(node)) = parts.next() else { return None };
            let mut edges = Vec::with_capacity(*hops);
            let mut nodes = Vec::new();
            for hop in 1..=*hops {
                let start = if is_start { before.take() } else { None };
                let (edge, from, to) = self.edge(binder, *direction)?;
                edges.push(
                    edge.columns.iter().take(self.graph.edges.columns.len()).cloned().collect(),
                );
                self.step(edge, &from, is_start, start)?;
                if is_start {
                    self.arrive(binder, start, from);
                }
                is_start = false;
                if hop < *hops {
                    nodes.push(self.node_columns(binder, &to));
                    self.visited.push(to.clone());
                }
                self.at = Some(to);
            }
            let reached = self.at.clone()?;
            self.arrive(binder, *node, reached);
            if let Some(name) = name {
                if self.elements.iter().any(|element| &*element.name == *name) {
                    return None;
                }
                let (columns, hops) = if *is_variable {
                    (Vec::new(), Some(Hops { edges, nodes }))
                } else {
                    (edges.pop()?, None)
                };
                let name = (*name).into();
                self.elements.push(Element { name, columns, hops, degrees: None });
            }
        }
        if is_start {
            return self.single(binder, before);
        }
        Some(())
    }

    /// Returns the ids of the first and the last node that have been walked.
    pub(super) fn ends(&self) -> Option<(Column, Column)> {
        let first = self.visited.first().or(self.rows.as_ref()?.columns.first())?;
        Some((first.clone(), self.visited.last().unwrap_or(first).clone()))
    }

    /// Takes all nodes for a pattern of one node.
    fn single(&mut self, binder: &mut Binder<'_>, name: Option<&str>) -> Option<()> {
        if self.rows.is_some() {
            return None;
        }
        let (nodes, _) = binder.all_nodes(self.graph, self.span)?;
        if let Some(name) = name {
            let columns = nodes.columns.clone();
            self.elements.push(Element { name: name.into(), columns, hops: None, degrees: None });
        }
        self.rows = Some(nodes);
        Some(())
    }

    /// Joins an edge to what has been walked; `None` if it stands apart from that.
    fn step(
        &mut self,
        edge: Relation,
        from: &Column,
        is_start: bool,
        start: Option<&str>,
    ) -> Option<()> {
        let known = if is_start {
            start.and_then(|name| self.named.get(name).cloned())
        } else {
            self.at.clone()
        };
        let span = self.span;
        self.rows = Some(match (self.rows.take(), known) {
            (Some(rows), Some(at)) => {
                let on = vec![(column_expr(&at, span), column_expr(from, span))];
                joined(JoinKind::Inner, rows, edge, on, span)
            }
            (Some(_), None) => return None,
            (None, _) => edge,
        });
        Some(())
    }

    /// Notes a node of the pattern: one of a name that has been met has to be the same node.
    fn arrive(&mut self, binder: &mut Binder<'_>, name: Option<&str>, id: Column) {
        let Some(name) = name else {
            self.visited.push(id);
            return;
        };
        if let Some(known) = self.named.get(name) {
            if known.id != id.id {
                self.equal.push((known.clone(), id));
                self.is_cycle = true;
            }
            return;
        }
        let columns = self.node_columns(binder, &id);
        let degrees = self.degrees(binder, &id);
        self.elements.push(Element { name: name.into(), columns, hops: None, degrees });
        self.named.insert(name.to_owned(), id.clone());
        self.visited.push(id);
    }

    /// Returns the columns of a node, which are joined if they are read.
    fn node_columns(&mut self, binder: &mut Binder<'_>, id: &Column) -> Vec<Column> {
        let Some((table, place)) = &self.graph.nodes else {
            let named = self.graph.node_id.iter();
            return named.map(|name| Column { name: Arc::clone(name), ..id.clone() }).collect();
        };
        let table = binder.instantiate(table, self.span);
        let mut columns = table.columns.clone();
        if let Some(column) = columns.get_mut(*place) {
            column.id = id.id;
        }
        self.tables.push((id.clone(), table, *place));
        columns
    }

    /// Returns how many edges lead to a node and how many from it, which are counted if they are read. Edges
    /// that lead both ways have no degrees of their own: of those it is not documented.
    fn degrees(&mut self, binder: &mut Binder<'_>, id: &Column) -> Option<[Column; 2]> {
        self.graph.is_directed.then_some(())?;
        let span = self.span;
        let mut counted = |place: usize| {
            let edges = binder.instantiate(&self.graph.edges, span);
            let key = edges.columns.get(place)?.clone();
            let count = binder.hidden_column("degree", KqlType::Long);
            let aggregates = vec![aggregate("count", Vec::new(), count.clone(), span)];
            let keys = vec![column_expr(&key, span)];
            let kind = RelationKind::Aggregate { input: Box::new(edges), keys, aggregates };
            let columns = vec![key, count.clone()];
            self.tables.push((id.clone(), Relation { kind, columns, span }, 0));
            Some(count)
        };
        Some([counted(self.graph.target)?, counted(self.graph.source)?])
    }

    /// Makes an edge of its own: the edge's columns, where it comes from, where it leads, and its number
    /// if edges must not repeat.
    fn edge(
        &mut self,
        binder: &mut Binder<'_>,
        direction: Direction,
    ) -> Option<(Relation, Column, Column)> {
        let span = self.span;
        let mut edge = binder.instantiate(&self.graph.edges, span);
        let source = edge.columns.get(self.graph.source)?.clone();
        let target = edge.columns.get(self.graph.target)?.clone();
        if self.cycles == Cycles::UniqueEdges {
            let output = binder.hidden_column("edge", KqlType::Long);
            let args = vec![long(0, span)];
            let number =
                WindowFunction { function: "row_number", args, output: output.clone(), span };
            edge = windowed(edge, Vec::new(), vec![number]);
            self.edges.push(output);
        }
        let direction = if self.graph.is_directed { direction } else { Direction::Either };
        let ends = |binder: &mut Binder<'_>| {
            let end = |binder: &mut Binder<'_>, name| binder.hidden_column(name, source.ty);
            (end(binder, "from"), end(binder, "to"))
        };
        match direction {
            Direction::Forwards => Some((edge, source, target)),
            Direction::Backwards => Some((edge, target, source)),
            Direction::Either => {
                let (edge, is_reversed) = both_ways(binder, edge, span);
                let value = |first: &Column, second: &Column| {
                    let args = vec![
                        is_reversed.clone(),
                        column_expr(second, span),
                        column_expr(first, span),
                    ];
                    call("iff", args, source.ty, span)
                };
                // An edge from a node to itself leads one way only.
                let is_loop = binary(
                    BinaryOp::Equal,
                    column_expr(&source, span),
                    column_expr(&target, span),
                    KqlType::Bool,
                );
                let is_twice = all_of(vec![is_reversed.clone(), is_loop], span);
                let kind = crate::tree::ExprKind::Not(Box::new(is_twice));
                let once = Expr { kind, ty: KqlType::Bool, span };
                let (from, to) = ends(binder);
                let added = vec![
                    (from.clone(), value(&source, &target)),
                    (to.clone(), value(&target, &source)),
                ];
                Some((with_columns(filtered(edge, once, span), added), from, to))
            }
        }
    }

    /// Returns what has been walked, as far as its nodes and edges may repeat, with the properties of
    /// nodes that are read.
    pub(super) fn finish(mut self, is_read: &dyn Fn(ColumnId) -> bool) -> Option<Relation> {
        let span = self.span;
        let mut rows = self.rows.take()?;
        let pair = |op, one: &Column, other: &Column| {
            binary(op, column_expr(one, span), column_expr(other, span), KqlType::Bool)
        };
        let mut tests: Vec<Expr> =
            self.equal.iter().map(|(one, other)| pair(BinaryOp::Equal, one, other)).collect();
        let distinct = match self.cycles {
            Cycles::All => &[][..],
            Cycles::UniqueEdges => &*self.edges,
            Cycles::None => &*self.visited,
        };
        for (at, one) in distinct.iter().enumerate() {
            for other in distinct.iter().skip(at.saturating_add(1)) {
                tests.push(pair(BinaryOp::NotEqual, one, other));
            }
        }
        if self.is_cycle && self.cycles == Cycles::None {
            tests.push(literal(Value::Bool(Some(false)), span));
        }
        if !tests.is_empty() {
            rows = filtered(rows, all_of(tests, span), span);
        }
        for (id, table, place) in self.tables {
            let key = table.columns.get(place)?.clone();
            let mut properties = table.columns.iter().filter(|column| column.id != key.id);
            if properties.any(|column| is_read(column.id)) {
                let on = vec![(column_expr(&id, span), column_expr(&key, span))];
                rows = joined(JoinKind::LeftOuter, rows, table, on, span);
            }
        }
        Some(rows)
    }
}

/// Makes two rows of each edge, one for each way; returns with them whether it is walked against it.
fn both_ways(binder: &mut Binder<'_>, edge: Relation, span: Span) -> (Relation, Expr) {
    let way = binder.hidden_column("way", KqlType::Long);
    let ways = literal(Value::Dynamic(Some("[0,1]".to_owned())), span);
    let array = ExpandedArray { source: ways, column: way.clone(), bags_as_pairs: false };
    let columns = edge.columns.iter().cloned().chain([way.clone()]).collect();
    let expand = Expand { input: edge, arrays: vec![array], index: None, limit: None };
    let kind = RelationKind::Expand(Box::new(expand));
    let is_reversed =
        binary(BinaryOp::Equal, column_expr(&way, span), long(1, span), KqlType::Bool);
    (Relation { kind, columns, span }, is_reversed)
}
