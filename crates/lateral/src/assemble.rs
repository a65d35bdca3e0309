//! From sightings to drafts of hops: what belongs to one access.
//!
//! First, sightings that know both ends make drafts: one for each source, target, account and run of
//! activity. Then those that know one end join the draft that they share most with, judged by what
//! the first step made, so that the order of sightings does not matter. What is left makes drafts
//! with an unknown source, or none.

mod draft;
mod join;
mod split;

use std::collections::BTreeMap;

use crate::{place::Place, sighting::Sighting};

pub(crate) use self::draft::Draft;
use self::{draft::drafts_of_lane, join::join, split::split};

/// Sightings that make hops, and those that make none.
pub(crate) struct Assembled {
    pub(crate) drafts: Vec<Draft>,
    /// Places of alerts that are part of no hop.
    pub(crate) unplaced: Vec<usize>,
}

/// Puts sightings together.
pub(crate) fn assemble(mut sightings: Vec<Sighting>) -> Assembled {
    sightings.sort();
    let mut lanes: BTreeMap<(Place, Place), Vec<Sighting>> = BTreeMap::new();
    let mut partial = Vec::new();
    for sighting in sightings {
        let knows_both = sighting.source.is_known() && sighting.target.is_known();
        if knows_both && sighting.method.is_some() {
            let lane = (sighting.source.clone(), sighting.target.clone());
            lanes.entry(lane).or_default().push(sighting);
        } else {
            partial.push(sighting);
        }
    }
    let mut drafts: Vec<Draft> = lanes.into_values().flat_map(drafts_of_lane).collect();
    let rest = join(&mut drafts, partial);
    let (orphans, rest): (Vec<_>, Vec<_>) = rest.into_iter().partition(is_access_from_somewhere);
    let mut by_target: BTreeMap<Place, Vec<Sighting>> = BTreeMap::new();
    for sighting in orphans {
        by_target.entry(sighting.target.clone()).or_default().push(sighting);
    }
    let mut unknown: Vec<Draft> = by_target.into_values().flat_map(drafts_of_lane).collect();
    let rest = join(&mut unknown, rest);
    drafts.append(&mut unknown);
    let mut unplaced: Vec<usize> = rest.iter().map(|sighting| sighting.alert).collect();
    unplaced.sort_unstable();
    Assembled { drafts: drafts.into_iter().flat_map(split).collect(), unplaced }
}

/// Tells whether a sighting without a source still shows that somebody came from another host.
fn is_access_from_somewhere(sighting: &Sighting) -> bool {
    sighting.method.is_some()
        && sighting.target.is_known()
        && !sighting.source.is_known()
        && !sighting.is_loopback
}
