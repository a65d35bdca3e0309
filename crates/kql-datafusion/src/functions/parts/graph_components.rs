//! The connected components of a graph.

use std::collections::HashMap;

use kql_types::dynamic;

use super::{Args, Kernel, Returns, ScalarFunction, columns::written};

/// Arguments: an array of the ids of the nodes that edges join, two for each edge, and whether edges have
/// to be followed both ways.
///
/// Returns an array of id and component for each node. Components are numbered as their first node comes.
pub(super) const GRAPH_COMPONENTS: ScalarFunction = ScalarFunction {
    name: "__graph_components",
    summary: "Returns the number of each node's component.",
    source: "https://learn.microsoft.com/kusto/query/graph-mark-components-operator",
    examples: &[],
    lower: |call| Some(call.apply(&COMPONENTS)),
};

pub(super) static COMPONENTS: Kernel =
    Kernel { name: "kql_graph_components", returns: Returns::Text, eval: components };

fn components(args: &Args<'_>) -> datafusion_common::Result<arrow::array::ArrayRef> {
    let (edges, are_strong) = (args.text(0)?, args.bool(1)?);
    written(args.rows(), |row, out| {
        let Some(edges) = edges.get(row) else { return Ok(None) };
        let mut graph = Graph::read(edges);
        let is_strong = are_strong.get(row) == Some(true);
        let components = if is_strong { graph.strong() } else { graph.weak() };
        out.push('[');
        let mut numbers: HashMap<usize, usize> = HashMap::new();
        for (at, (id, component)) in graph.ids.iter().zip(components).enumerate() {
            let next = numbers.len();
            let number = *numbers.entry(component).or_insert(next);
            out.push_str(if at == 0 { "[" } else { ",[" });
            out.push_str(id);
            out.push(',');
            out.push_str(&number.to_string());
            out.push(']');
        }
        out.push(']');
        Ok(Some(()))
    })
}

/// Nodes by number, and edges between them.
struct Graph<'j> {
    /// The ids as JSON.
    ids: Vec<&'j str>,
    edges: Vec<(usize, usize)>,
}

impl<'j> Graph<'j> {
    fn read(json: &'j str) -> Self {
        let mut numbers: HashMap<&str, usize> = HashMap::new();
        let mut graph = Self { ids: Vec::new(), edges: Vec::new() };
        let mut ids = dynamic::elements(json);
        while let (Some(from), Some(to)) = (ids.next(), ids.next()) {
            let [from, to] = [from, to].map(|id| {
                let id = id.trim_ascii();
                *numbers.entry(id).or_insert_with(|| {
                    graph.ids.push(id);
                    graph.ids.len().saturating_sub(1)
                })
            });
            graph.edges.push((from, to));
        }
        graph
    }

    /// Returns for each node one node of its component, the same for all.
    fn weak(&mut self) -> Vec<usize> {
        let mut parents: Vec<usize> = (0..self.ids.len()).collect();
        for (from, to) in &self.edges {
            let (from, to) = (root(&mut parents, *from), root(&mut parents, *to));
            if let Some(parent) = parents.get_mut(from.max(to)) {
                *parent = from.min(to);
            }
        }
        (0..parents.len()).map(|node| root(&mut parents, node)).collect()
    }

    /// Returns for each node one node of its strong component, the same for all.
    ///
    /// Source: Kosaraju's algorithm: what a node reaches against the edges, taken in the order in which a
    /// walk along them ends.
    fn strong(&self) -> Vec<usize> {
        let mut along = vec![Vec::new(); self.ids.len()];
        let mut against = vec![Vec::new(); self.ids.len()];
        for (from, to) in &self.edges {
            if let (Some(along), Some(against)) = (along.get_mut(*from), against.get_mut(*to)) {
                along.push(*to);
                against.push(*from);
            }
        }
        let mut ended = Vec::with_capacity(self.ids.len());
        let mut is_seen = vec![false; self.ids.len()];
        for node in 0..self.ids.len() {
            walk(node, &along, &mut is_seen, &mut |node| ended.push(node));
        }
        let mut components = vec![0; self.ids.len()];
        let mut is_seen = vec![false; self.ids.len()];
        for node in ended.into_iter().rev() {
            walk(node, &against, &mut is_seen, &mut |reached| {
                if let Some(component) = components.get_mut(reached) {
                    *component = node;
                }
            });
        }
        components
    }
}

/// Returns the node that stands for a node's component, and shortens the way to it.
fn root(parents: &mut [usize], node: usize) -> usize {
    let mut root = node;
    while let Some(&parent) = parents.get(root).filter(|parent| **parent != root) {
        root = parent;
    }
    let mut at = node;
    while let Some(parent) = parents.get_mut(at).filter(|parent| **parent != root) {
        at = std::mem::replace(parent, root);
    }
    root
}

/// Walks from a node to all that are not seen yet, deep first; `end` is told each node when all that follow
/// it have been.
fn walk(start: usize, next: &[Vec<usize>], is_seen: &mut [bool], end: &mut dyn FnMut(usize)) {
    let mut stack = Vec::new();
    let mut see = |node: usize, stack: &mut Vec<(usize, usize)>| {
        if let Some(seen) = is_seen.get_mut(node).filter(|seen| !**seen) {
            *seen = true;
            stack.push((node, 0));
        }
    };
    see(start, &mut stack);
    while let Some((node, at)) = stack.last_mut() {
        let following = next.get(*node).and_then(|next| next.get(*at)).copied();
        *at = at.saturating_add(1);
        if let Some(following) = following {
            see(following, &mut stack);
        } else {
            end(*node);
            stack.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn graph(edges: &[(usize, usize)], count: usize) -> (String, Vec<Vec<bool>>) {
        let mut reaches = vec![vec![false; count]; count];
        for (node, reached) in reaches.iter_mut().enumerate() {
            reached[node] = true;
        }
        let ids: Vec<String> =
            edges.iter().flat_map(|(from, to)| [from.to_string(), to.to_string()]).collect();
        for (from, to) in edges {
            reaches[*from][*to] = true;
        }
        for middle in 0..count {
            for from in 0..count {
                for to in 0..count {
                    let is_through = reaches[from][middle] && reaches[middle][to];
                    reaches[from][to] |= is_through;
                }
            }
        }
        (format!("[{}]", ids.join(",")), reaches)
    }

    proptest! {
        #[test]
        fn nodes_are_together_if_they_reach_each_other(
            edges in proptest::collection::vec((0_usize..9, 0_usize..9), 0..16),
        ) {
            let both_ways: Vec<_> =
                edges.iter().flat_map(|(from, to)| [(*from, *to), (*to, *from)]).collect();
            let (json, along) = graph(&edges, 9);
            let (_, either_way) = graph(&both_ways, 9);
            let mut read = Graph::read(&json);
            let (weak, strong) = (read.weak(), read.strong());
            for (one, first) in read.ids.iter().enumerate() {
                for (other, second) in read.ids.iter().enumerate() {
                    let (first, second): (usize, usize) =
                        (first.parse().unwrap(), second.parse().unwrap());
                    let is_strong = along[first][second] && along[second][first];
                    prop_assert_eq!(strong[one] == strong[other], is_strong);
                    prop_assert_eq!(weak[one] == weak[other], either_way[first][second]);
                }
            }
        }
    }
}
