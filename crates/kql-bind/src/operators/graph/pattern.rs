//! `graph-match`: the ways through a pattern.

use std::collections::HashSet;

use kql_syntax::{
    Span,
    ast::{GraphEdge, GraphPattern, OperatorKind},
};

use super::{
    super::{
        parameter,
        parts::{build::filtered, projection::Projection},
        word,
    },
    walk::{Cycles, Direction, Part, Walk},
};
use crate::{
    binder::{Binder, Row, Scope},
    tree::{Column, ColumnId, Expr, Graph, Relation, RelationKind},
};

/// Ways through a pattern, of different lengths of its edges.
const MAX_WAYS: usize = 32;
/// Hops of all ways together: each is a join.
const MAX_HOPS: usize = 160;

impl Binder<'_> {
    /// Binds a match; `None` if it does not run: what is wrong is found by whoever binds it next.
    pub(super) fn bind_graph_match(
        &mut self,
        graph: &Graph,
        operator: &OperatorKind,
        span: Span,
    ) -> Option<Relation> {
        let OperatorKind::GraphMatch { params, patterns, .. } = operator else { return None };
        let cycles = match parameter(params, "cycles").map(word) {
            None | Some(Some("unique_edges")) => Cycles::UniqueEdges,
            Some(Some("all")) => Cycles::All,
            Some(Some("none")) => Cycles::None,
            Some(_) => return None,
        };
        // Whether an edge may be in two sequences is not known, nor what a cycle through both is.
        if params.len() > 1 || (patterns.len() > 1 && cycles != Cycles::All) {
            return None;
        }
        let lengths = self.ways_of(patterns)?;
        let known = self.diagnostics.len();
        let mut ways = Vec::with_capacity(lengths.len());
        for lengths in lengths {
            // What is wrong is wrong in every way.
            self.diagnostics.truncate(known);
            ways.push(self.bind_way(graph, operator, cycles, patterns, &lengths, span)?.0);
        }
        if let [_] = ways.as_slice() {
            return ways.pop();
        }
        Some(self.both(ways, span))
    }

    /// Returns the ways through patterns: for each the number of hops of every edge.
    pub(super) fn ways_of(&mut self, patterns: &[GraphPattern]) -> Option<Vec<Vec<usize>>> {
        let mut lengths: Vec<Vec<usize>> = vec![Vec::new()];
        for edge in patterns.iter().flat_map(|pattern| &pattern.edges) {
            let (least, most) = self.lengths(edge)?;
            let longer = |way: &Vec<usize>| {
                let way = way.clone();
                (least..=most).map(move |hops| way.iter().copied().chain([hops]).collect())
            };
            lengths = lengths.iter().flat_map(longer).collect();
            let hops: usize = lengths.iter().flatten().sum();
            if lengths.len() > MAX_WAYS || hops > MAX_HOPS {
                return None;
            }
        }
        Some(lengths)
    }

    /// Returns the least and the greatest number of hops of an edge.
    fn lengths(&mut self, edge: &GraphEdge) -> Option<(usize, usize)> {
        let Some((least, most)) = &edge.hops else { return Some((1, 1)) };
        let (least, most) = (self.graph_number(least)?, self.graph_number(most)?);
        (least >= 1 && least <= most && most <= MAX_HOPS).then_some((least, most))
    }

    /// Binds one way; returns with it the ids of its first and its last node.
    pub(super) fn bind_way(
        &mut self,
        graph: &Graph,
        operator: &OperatorKind,
        cycles: Cycles,
        patterns: &[GraphPattern],
        lengths: &[usize],
        span: Span,
    ) -> Option<(Relation, (Column, Column))> {
        let OperatorKind::GraphMatch { predicate, project, .. } = operator else { return None };
        let mut walk = Walk::new(graph, cycles, span);
        let mut lengths = lengths.iter().copied();
        for pattern in patterns {
            walk.follow(self, &parts(pattern, &mut lengths)?)?;
        }
        let elements = walk.elements.clone();
        let named: Vec<Column> =
            elements.iter().map(|element| self.unknown_column(&*element.name)).collect();
        let row = Row::new(&named, false).with_elements(&elements);
        let known = self.diagnostics.len();
        let test =
            predicate.as_ref().map(|predicate| self.bind_predicate(predicate, Scope::over(&row)));
        let mut projection = Projection::new(span);
        projection.reserve(project);
        let items = self.bind_items(project, Scope::over(&row));
        let is_whole = items.iter().all(|item| item.value.is_some());
        for item in items {
            projection.add(self, item);
        }
        let is_sound = self.diagnostics.len() == known;
        if !is_sound || !is_whole || project.is_empty() || test == Some(None) {
            return None;
        }
        let (columns, exprs) = projection.into_parts();
        let test = test.flatten();
        let mut read: HashSet<ColumnId> = HashSet::new();
        for expr in exprs.iter().chain(&test) {
            columns_of(expr, &mut read);
        }
        let ends = walk.ends()?;
        let mut rows = walk.finish(&|id| read.contains(&id))?;
        if let Some(test) = test {
            rows = filtered(rows, test, span);
        }
        let kind = RelationKind::Project { input: Box::new(rows), exprs };
        Some((Relation { kind, columns, span }, ends))
    }
}

/// Returns the nodes and edges of a sequence in turn.
fn parts<'p>(
    pattern: &'p GraphPattern,
    lengths: &mut dyn Iterator<Item = usize>,
) -> Option<Vec<Part<'p>>> {
    let mut nodes = pattern.nodes.iter();
    let node = |node: &'p Option<kql_syntax::ast::Name>| {
        Part::Node(node.as_ref().map(|name| name.text.as_str()))
    };
    let mut parts = vec![node(nodes.next()?)];
    for edge in &pattern.edges {
        let direction = match (edge.from_right, edge.to_right) {
            (false, true) => Direction::Forwards,
            (true, false) => Direction::Backwards,
            (false, false) => Direction::Either,
            (true, true) => return None,
        };
        let name = edge.name.as_ref().map(|name| name.text.as_str());
        let hops = lengths.next()?;
        parts.push(Part::Edge { name, direction, hops, is_variable: edge.hops.is_some() });
        parts.push(node(nodes.next()?));
    }
    Some(parts)
}

fn columns_of(expr: &Expr, found: &mut HashSet<ColumnId>) {
    expr.for_each_column_read(&mut |id| {
        found.insert(id);
    });
    expr.for_each_relation(&mut |rows| {
        rows.for_each_column_read(&mut |id| {
            found.insert(id);
        });
    });
}
