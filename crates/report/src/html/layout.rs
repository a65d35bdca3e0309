//! Where places stand in the graph: from left to right as they are reached.

use std::collections::BTreeMap;

use lateral::Hop;

use crate::paths::Nodes;

/// Places above one another before they are put side by side.
const MAX_ROWS: usize = 24;

/// A place's column and row, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) column: usize,
    pub(super) row: usize,
}

/// Returns the position of each place, by its number; `hops` are in order of time.
///
/// A place stands one column behind the place from which it was first reached.
pub(super) fn positions(hops: &[&Hop], nodes: &Nodes<'_>) -> Vec<Position> {
    let mut column_of: BTreeMap<usize, usize> = BTreeMap::new();
    for hop in hops {
        let source = *column_of.entry(nodes.number(&hop.source)).or_insert(0);
        column_of.entry(nodes.number(&hop.target)).or_insert(source.saturating_add(1));
    }
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for node in 0..nodes.places.len() {
        members.entry(column_of.get(&node).copied().unwrap_or(0)).or_default().push(node);
    }
    let mut positions = vec![Position::default(); nodes.places.len()];
    let mut column = 0usize;
    for nodes in members.into_values() {
        for stack in nodes.chunks(MAX_ROWS) {
            for (row, node) in stack.iter().enumerate() {
                if let Some(position) = positions.get_mut(*node) {
                    *position = Position { column, row };
                }
            }
            column = column.saturating_add(1);
        }
    }
    positions
}
