//! `graph-mark-components`: nodes with the number of the component that they are in.
//!
//! The ids that edges join are gathered, a function finds the components, and its answer is joined to the
//! nodes.
//!
//! Source: <https://learn.microsoft.com/kusto/query/graph-mark-components-operator>: which number a
//! component has is not said.

use kql_syntax::{Span, ast::Param};
use kql_types::{KqlType, Value};

use super::{
    super::{
        parameter,
        parts::build::{aggregate, call, element_of, long, numbered, select_renamed, with_columns},
        word,
    },
    tables::joined,
};
use crate::{
    binder::{Binder, column_expr, literal},
    conversion::convert,
    tree::{Column, Expand, ExpandedArray, Graph, JoinKind, PathStep, Relation, RelationKind},
};

impl Binder<'_> {
    pub(super) fn bind_graph_mark_components(
        &mut self,
        graph: &Graph,
        params: &[Param],
        span: Span,
    ) -> Option<Relation> {
        let is_strong = match parameter(params, "kind").map(word) {
            None | Some(Some("weak")) => false,
            Some(Some("strong")) => graph.is_directed,
            Some(_) => return None,
        };
        let name = match parameter(params, "with_component_id") {
            Some(name) => word(name)?.to_owned(),
            None => "ComponentId".to_owned(),
        };
        let (nodes, at) = self.all_nodes(graph, span)?;
        if nodes.columns.iter().any(|column| *column.name == *name) {
            return None;
        }
        let (numbered_nodes, id, number) = self.numbered_by_component(graph, is_strong, span)?;
        let key = nodes.columns.get(at)?;
        let key = convert(column_expr(key, span), KqlType::String);
        let component = Column { name: name.as_str().into(), ..number };
        let columns: Vec<Column> = nodes.columns.iter().chain([&component]).cloned().collect();
        let on = vec![(key, column_expr(&id, span))];
        let marked = joined(JoinKind::Inner, nodes, numbered_nodes, on, span);
        let marked = select_renamed(marked, columns, span);
        let graph = Graph { nodes: Some((marked, at)), ..graph.clone() };
        Some(Relation { kind: RelationKind::Graph(Box::new(graph)), columns: Vec::new(), span })
    }

    /// Returns a row for each node: its id as text, and the number of its component.
    fn numbered_by_component(
        &mut self,
        graph: &Graph,
        is_strong: bool,
        span: Span,
    ) -> Option<(Relation, Column, Column)> {
        let edges = self.instantiate(&graph.edges, span);
        let (nodes, at) = self.all_nodes(graph, span)?;
        let (source, target) =
            (edges.columns.get(graph.source)?.clone(), edges.columns.get(graph.target)?.clone());
        let node = nodes.columns.get(at)?.clone();
        let mut sides = Vec::with_capacity(2);
        for (rows, from, to) in [(edges, &source, &target), (nodes, &node, &node)] {
            let ends = [from, to].map(|end| convert(column_expr(end, span), KqlType::String));
            let pair = call("pack_array", ends.to_vec(), KqlType::Dynamic, span);
            let column = self.hidden_column("ends", KqlType::Dynamic);
            let rows = with_columns(rows, vec![(column.clone(), pair)]);
            sides.push(select_renamed(rows, vec![column], span));
        }
        let both = self.both(sides, span);
        let pair = column_expr(both.columns.first()?, span);
        let all = self.hidden_column("all", KqlType::Dynamic);
        let gather = aggregate("make_list", vec![pair, long(i64::MAX, span)], all.clone(), span);
        let kind = RelationKind::Aggregate {
            input: Box::new(both),
            keys: Vec::new(),
            aggregates: vec![gather],
        };
        let gathered = Relation { kind, columns: vec![all.clone()], span };
        let flag = literal(Value::Bool(Some(is_strong)), span);
        let source =
            call("__graph_components", vec![column_expr(&all, span), flag], KqlType::Dynamic, span);
        let pair = self.hidden_column("pair", KqlType::Dynamic);
        let array = ExpandedArray { source, column: pair.clone(), bags_as_pairs: false };
        let columns = numbered(vec![all, pair.clone()]);
        let expand = Expand { input: gathered, arrays: vec![array], index: None, limit: None };
        let expanded = Relation { kind: RelationKind::Expand(Box::new(expand)), columns, span };
        let part = |at, ty| element_of(column_expr(&pair, span), vec![PathStep::Index(at)], ty);
        let id = self.hidden_column("id", KqlType::String);
        let number = self.hidden_column("component", KqlType::Long);
        let added =
            vec![(id.clone(), part(0, KqlType::String)), (number.clone(), part(1, KqlType::Long))];
        let columns = vec![id.clone(), number.clone()];
        Some((select_renamed(with_columns(expanded, added), columns, span), id, number))
    }
}
