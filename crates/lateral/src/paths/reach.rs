//! How far a host or an account reached: exact, over all hops and not only the likeliest.

use std::collections::{BTreeMap, BTreeSet};

use kql_types::Ticks;

use crate::{account::Account, hop::Hop, movement::Movement, place::Place};

/// Where to start from.
#[derive(Clone, Debug)]
pub enum Start {
    /// From a place, at that time or later.
    Place(Place, Ticks),
    /// From wherever an account was used.
    Account(Account),
}

/// A place that was reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// The place.
    pub place: Place,
    /// When it was first reached.
    pub time: Ticks,
    /// The hop that reached it.
    pub hop: usize,
}

/// Returns the places that could be reached in time order, each with its first arrival, in order of
/// time. The place that one starts from is not among them.
///
/// Follows every hop that leaves a reached place after the arrival there, whatever its account: what
/// it answers is how far somebody there could have got by what was recorded. Costs `n log n`.
pub fn reach(movement: &Movement, start: &Start) -> Vec<Arrival> {
    let mut reached: BTreeMap<&Place, Ticks> = BTreeMap::new();
    if let Start::Place(place, time) = start {
        reached.insert(place, time.saturating_sub(1));
    }
    let mut arrivals = Vec::new();
    let mut seen: BTreeSet<&Place> = reached.keys().copied().collect();
    for (position, hop) in movement.hops.iter().enumerate() {
        let is_started = matches!((start, &hop.account), (Start::Account(wanted), Some(account)) if account.is_same(wanted));
        let has_left = reached.get(&hop.source).is_some_and(|arrival| *arrival < hop.first);
        if !(is_started || has_left) || !hop.target.is_known() {
            continue;
        }
        reached.entry(&hop.target).or_insert(hop.first);
        if seen.insert(&hop.target) {
            arrivals.push(Arrival { place: hop.target.clone(), time: hop.first, hop: position });
        }
    }
    arrivals
}

/// Returns the places that a hop connects, for those who only count.
pub fn places_of(hops: &[Hop]) -> BTreeSet<&Place> {
    hops.iter()
        .flat_map(|hop| [&hop.source, &hop.target])
        .filter(|place| place.is_known())
        .collect()
}
