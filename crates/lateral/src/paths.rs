//! Paths: chains of hops from where somebody may have come in to where they got to.

pub(crate) mod fan_out;
pub(crate) mod reach;

use std::collections::BTreeMap;

use detection::alert::Severity;

use crate::{forest::Link, hop::Hop, movement::Movement, place::Place};

/// A chain of hops, each of which arrives before the next leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// The hops, in order, by their places in the list of hops.
    pub hops: Vec<usize>,
    /// Between each hop and the next: why the account was at hand. One fewer than hops.
    pub links: Vec<Link>,
    /// The highest severity of its hops.
    pub severity: Severity,
    /// How many places all chains from the same first hop reach.
    pub spread: usize,
}

/// Returns the longest chains: one for each hop that led to no other. Those that matter more come
/// first: longer, more severe, wider, earlier.
///
/// Every hop is on at least one of them. Memory is in proportion to the hops that end a chain and the
/// lengths of those chains; `limit` bounds their number, and what is left out are the least of them.
pub fn paths(movement: &Movement, limit: usize) -> Vec<Path> {
    let Movement { hops, forest, .. } = movement;
    let spread = forest.spread(hops);
    let summaries = summaries(movement);
    let mut ends: Vec<usize> =
        (0..hops.len()).filter(|hop| forest.children(*hop).is_empty()).collect();
    let weight = |end: &usize| {
        let of_end = summaries.get(*end).copied().unwrap_or_default();
        (
            std::cmp::Reverse((of_end.length, of_end.severity)),
            std::cmp::Reverse(spread.get(&of_end.root).copied().unwrap_or(0)),
            *end,
        )
    };
    ends.sort_by_key(weight);
    ends.truncate(limit);
    let path = |end: usize| {
        let (hops, links) = chain(movement, end);
        let of_end = summaries.get(end).copied().unwrap_or_default();
        Path {
            hops,
            links,
            severity: of_end.severity.unwrap_or(Severity::Informational),
            spread: spread.get(&of_end.root).copied().unwrap_or(0),
        }
    };
    ends.into_iter().map(path).collect()
}

#[derive(Clone, Copy, Default)]
struct Summary {
    root: usize,
    length: usize,
    severity: Option<Severity>,
}

/// Sums up the chain to each hop; a hop's parent stands before it.
fn summaries(movement: &Movement) -> Vec<Summary> {
    let mut summaries: Vec<Summary> = Vec::with_capacity(movement.hops.len());
    for (position, hop) in movement.hops.iter().enumerate() {
        let parent = movement.forest.parent(position);
        let before = parent.and_then(|(parent, _)| summaries.get(parent).copied());
        summaries.push(Summary {
            root: before.map_or(position, |before| before.root),
            length: before.map_or(0, |before| before.length).saturating_add(1),
            severity: before.and_then(|before| before.severity).max(Some(hop.severity)),
        });
    }
    summaries
}

fn chain(movement: &Movement, end: usize) -> (Vec<usize>, Vec<Link>) {
    let mut hops = vec![end];
    let mut links = Vec::new();
    let mut hop = end;
    while let Some((parent, link)) = movement.forest.parent(hop) {
        hops.push(parent);
        links.push(link);
        hop = parent;
    }
    hops.reverse();
    links.reverse();
    (hops, links)
}

/// A place where an intruder may have come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The place.
    pub place: Place,
    /// Hops that start there and that nothing is known to have led to.
    pub hops: Vec<usize>,
    /// Places that were reached by way of them.
    pub spread: usize,
}

/// Returns the candidates for patient zero, the one from which most was reached first.
///
/// What lies behind a hop counts for the place that most likely led to it, once.
pub fn origins(movement: &Movement) -> Vec<Origin> {
    let spread = movement.forest.spread(&movement.hops);
    let mut by_place: BTreeMap<&Place, Origin> = BTreeMap::new();
    for root in movement.forest.roots() {
        let Some(hop) = movement.hops.get(root) else { continue };
        let origin = by_place.entry(&hop.source).or_insert_with(|| Origin {
            place: hop.source.clone(),
            hops: Vec::new(),
            spread: 0,
        });
        origin.hops.push(root);
        let reached = spread.get(&root).copied().unwrap_or(0);
        origin.spread = origin.spread.saturating_add(reached);
    }
    let mut origins: Vec<Origin> = by_place.into_values().collect();
    let first = |origin: &Origin| origin.hops.first().copied();
    origins.sort_by_key(|origin| {
        (!origin.place.is_known(), std::cmp::Reverse(origin.spread), first(origin))
    });
    origins
}

/// Returns a path's places in a row, as people read it: source, then each target.
pub fn places<'a>(path: &Path, hops: &'a [Hop]) -> Vec<&'a Place> {
    let of_path = || path.hops.iter().filter_map(|hop| hops.get(*hop));
    let first = of_path().next().map(|hop| &hop.source);
    first.into_iter().chain(of_path().map(|hop| &hop.target)).collect()
}
