//! Sightings that know one end only join the draft that they share most with.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use kql_types::Ticks;

use super::{draft::Draft, timeline::Timeline};
use crate::{account::Account, place::Place, sighting::Sighting};

/// Traces of one action may be so far apart.
const NEAR: Ticks = 5 * 600_000_000;
/// Without anything in common but the host, they have to be this near.
const VERY_NEAR: Ticks = 60 * 10_000_000;

/// What a sighting has in common with a draft, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Bond {
    Time,
    Account,
    Mark,
    Session,
}

/// What of a draft can be shared.
struct Profile {
    first: Ticks,
    last: Ticks,
    account: Option<Account>,
    sessions: BTreeSet<u64>,
    marks: BTreeSet<String>,
    lane: (Place, Place),
}

/// Adds sightings to the drafts; returns those that belong to none, or could to several.
pub(super) fn join(drafts: &mut [Draft], sightings: Vec<Sighting>) -> Vec<Sighting> {
    let profiles: Vec<Profile> = drafts.iter().map(Profile::new).collect();
    let by_place = by_place(&profiles);
    let mut found: Vec<Vec<(Bond, Sighting)>> = drafts.iter().map(|_| Vec::new()).collect();
    let mut rest = Vec::new();
    for sighting in sightings {
        match best(&profiles, &by_place, &sighting) {
            Some((bond, draft)) => {
                if let Some(found) = found.get_mut(draft) {
                    found.push((bond, sighting));
                }
            }
            None => rest.push(sighting),
        }
    }
    for (draft, found) in drafts.iter_mut().zip(found) {
        let by_time = found.iter().filter(|(bond, _)| *bond == Bond::Time).count();
        draft.by_time = draft.by_time.saturating_add(by_time);
        draft.sightings.extend(found.into_iter().map(|(_, sighting)| sighting));
        draft.sightings.sort();
    }
    rest
}

/// Returns the drafts that begin or end at each place.
fn by_place(profiles: &[Profile]) -> BTreeMap<&Place, Timeline> {
    let mut by_place: BTreeMap<&Place, Timeline> = BTreeMap::new();
    for (draft, profile) in profiles.iter().enumerate() {
        for place in [&profile.lane.0, &profile.lane.1] {
            by_place.entry(place).or_default().add(draft, profile.first, profile.last);
        }
    }
    by_place.values_mut().for_each(Timeline::settle);
    by_place
}

fn best(
    profiles: &[Profile],
    by_place: &BTreeMap<&Place, Timeline>,
    sighting: &Sighting,
) -> Option<(Bond, usize)> {
    let place = if sighting.target.is_known() { &sighting.target } else { &sighting.source };
    let marks = sighting.artefacts.marks();
    let candidates = by_place.get(place)?.around(sighting.time, NEAR).filter_map(|draft| {
        let (bond, distance) = profiles.get(draft)?.bond(sighting, &marks)?;
        Some((bond, Reverse(distance), draft))
    });
    let mut candidates: Vec<_> = candidates.collect();
    candidates.sort_unstable();
    let (bond, distance, draft) = candidates.pop()?;
    let lane = |draft: usize| profiles.get(draft).map(|profile| &profile.lane);
    // Another source has as much in common with it, or almost: which one it was is not known.
    let has_rival = candidates.iter().any(|(other, at, rival)| {
        *other == bond && (bond <= Bond::Account || *at == distance) && lane(*rival) != lane(draft)
    });
    (!has_rival).then_some((bond, draft))
}

impl Profile {
    fn new(draft: &Draft) -> Self {
        let sightings = &draft.sightings;
        Self {
            first: draft.first(),
            last: draft.last(),
            account: draft.account.clone(),
            sessions: sightings.iter().filter_map(|sighting| sighting.session).collect(),
            marks: sightings.iter().flat_map(|sighting| sighting.artefacts.marks()).collect(),
            lane: (draft.source.clone(), draft.target.clone()),
        }
    }

    /// Returns what the two have in common, and how far apart they are; `None` if they cannot
    /// belong together.
    fn bond(&self, sighting: &Sighting, marks: &BTreeSet<String>) -> Option<(Bond, Ticks)> {
        let time = sighting.time;
        let distance = self.first.saturating_sub(time).max(time.saturating_sub(self.last)).max(0);
        let (source, target) = &self.lane;
        let fits = |mine: &Place, its: &Place| !its.is_known() || mine == its;
        if distance > NEAR || !fits(source, &sighting.source) || !fits(target, &sighting.target) {
            return None;
        }
        let same_session = sighting.session.is_some_and(|id| self.sessions.contains(&id));
        if same_session {
            return Some((Bond::Session, distance));
        }
        if !marks.is_disjoint(&self.marks) {
            return Some((Bond::Mark, distance));
        }
        match (&self.account, &sighting.account) {
            (Some(mine), Some(its)) if mine.is_same(its) => Some((Bond::Account, distance)),
            (Some(_), Some(_)) => None,
            _ if sighting.method.is_none() || distance > VERY_NEAR => None,
            _ => Some((Bond::Time, distance)),
        }
    }
}
