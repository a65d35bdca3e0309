//! Sightings that know one end only join the draft that they share most with.

use std::collections::{BTreeMap, BTreeSet};

use kql_types::Ticks;

use super::draft::Draft;
use crate::{
    names::nearest::{Near, Spans},
    place::Place,
    same_account::{Form, forms_like, forms_of},
    sighting::Sighting,
};

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

/// Adds sightings to the drafts; returns those that belong to none, or could to several.
pub(super) fn join(drafts: &mut [Draft], sightings: Vec<Sighting>) -> Vec<Sighting> {
    let index = Index::new(drafts);
    let mut found: Vec<Vec<(Bond, Sighting)>> = drafts.iter().map(|_| Vec::new()).collect();
    let mut rest = Vec::new();
    for sighting in sightings {
        match index.best(&sighting).and_then(|(bond, draft)| Some((bond, found.get_mut(draft)?))) {
            Some((bond, found)) => found.push((bond, sighting)),
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

/// The ends of a draft that a sighting knows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Ends {
    Both(Place, Place),
    Target(Place),
    Source(Place),
}

/// What of a draft can be shared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Trait {
    Session(u64),
    Mark(String),
    Account(Form),
    /// Its account is not known.
    NoAccount,
    /// Nothing but the time.
    Any,
}

/// The drafts by what can be shared of them, each in the group of its two ends.
#[derive(Debug, Default)]
struct Index {
    spans: BTreeMap<(Ends, Trait), Spans>,
}

impl Index {
    fn new(drafts: &[Draft]) -> Self {
        let mut lanes: BTreeMap<(&Place, &Place), usize> = BTreeMap::new();
        let mut this = Self::default();
        for (number, draft) in drafts.iter().enumerate() {
            let (source, target) = (&draft.source, &draft.target);
            let count = lanes.len();
            let lane = *lanes.entry((source, target)).or_insert(count);
            let (first, last) = (draft.first(), draft.last());
            let all = traits(draft);
            for ends in [
                Ends::Both(source.clone(), target.clone()),
                Ends::Target(target.clone()),
                Ends::Source(source.clone()),
            ] {
                for of_draft in &all {
                    let spans = this.spans.entry((ends.clone(), of_draft.clone())).or_default();
                    spans.add(number, lane, first, last);
                }
            }
        }
        this.spans.values_mut().for_each(Spans::settle);
        this
    }

    /// Returns the draft that a sighting shares most with, and of those the nearest; `None` if one of
    /// another source has as much in common with it, or almost: which one it was is not known.
    fn best(&self, sighting: &Sighting) -> Option<(Bond, usize)> {
        let ends = match (sighting.source.is_known(), sighting.target.is_known()) {
            (true, true) => Ends::Both(sighting.source.clone(), sighting.target.clone()),
            (false, true) => Ends::Target(sighting.target.clone()),
            (_, false) => Ends::Source(sighting.source.clone()),
        };
        let nearest = |of: Vec<Trait>, reach: Ticks| {
            let found = of.into_iter().map(|it| {
                self.spans.get(&(ends.clone(), it)).and_then(|it| it.nearest(sighting.time))
            });
            found.fold(None, Near::nearer).filter(|near| near.distance <= reach)
        };
        let marks = || sighting.artefacts.marks().into_iter().map(Trait::Mark).collect();
        let forms = || {
            let forms = sighting.account.iter().flat_map(forms_like);
            forms.map(Trait::Account).collect()
        };
        let by_time = || match (&sighting.method, &sighting.account) {
            (None, _) => Vec::new(),
            (_, Some(_)) => vec![Trait::NoAccount],
            (_, None) => vec![Trait::Any],
        };
        let session = sighting.session.map(Trait::Session).into_iter().collect();
        let (bond, near) = nearest(session, NEAR)
            .map(|near| (Bond::Session, near))
            .or_else(|| Some((Bond::Mark, nearest(marks(), NEAR)?)))
            .or_else(|| Some((Bond::Account, nearest(forms(), NEAR)?)))
            .or_else(|| Some((Bond::Time, nearest(by_time(), VERY_NEAR)?)))?;
        let as_near = match bond {
            Bond::Session | Bond::Mark => near.distance,
            Bond::Account => NEAR,
            Bond::Time => VERY_NEAR,
        };
        let has_rival = near.rival.is_some_and(|rival| rival <= as_near);
        (!has_rival).then_some((bond, near.item))
    }
}

/// Returns what of a draft can be shared.
fn traits(draft: &Draft) -> BTreeSet<Trait> {
    let sightings = &draft.sightings;
    let sessions = sightings.iter().filter_map(|it| it.session).map(Trait::Session);
    let marks = sightings.iter().flat_map(|it| it.artefacts.marks()).map(Trait::Mark);
    let mut traits: BTreeSet<Trait> = sessions.chain(marks).collect();
    match &draft.account {
        Some(account) => traits.extend(forms_of(account).into_iter().map(Trait::Account)),
        None => drop(traits.insert(Trait::NoAccount)),
    }
    traits.insert(Trait::Any);
    traits
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "small numbers")]
mod tests {
    use super::*;
    use crate::artefacts::Artefacts;

    fn sighting(number: usize, source: Place, session: Option<u64>, service: &str) -> Sighting {
        Sighting {
            time: i64::try_from(number).unwrap(),
            source,
            target: Place::Host("srv".into()),
            account: None,
            is_actor: false,
            source_by: None,
            source_address: None,
            target_address: None,
            session,
            is_by_session: false,
            is_loopback: false,
            method: None,
            behaviours: BTreeSet::new(),
            artefacts: Artefacts { services: [service.to_owned()].into(), ..Artefacts::default() },
            id: String::new(),
            alert: number,
        }
    }

    /// Many sources reach one server at the same time, and the server tells of each: returns how many
    /// of its sightings join a draft, and how often spans were looked at.
    fn burst(count: usize, session: impl Fn(usize) -> Option<u64>) -> (usize, usize) {
        let mut drafts: Vec<Draft> = (0..count)
            .map(|number| {
                let source = Place::Host(format!("ws-{number}").into());
                Draft {
                    source: source.clone(),
                    target: Place::Host("srv".into()),
                    account: None,
                    sightings: vec![sighting(number, source, session(number), "winexesvc")],
                    by_time: 0,
                }
            })
            .collect();
        let partial = (0..count)
            .map(|number| sighting(number, Place::Unknown, session(number), "winexesvc"))
            .collect();
        crate::names::nearest::work::take();
        let rest = join(&mut drafts, partial);
        for draft in &drafts {
            assert!(draft.sightings.iter().all(|it| it.session == draft.sightings[0].session));
        }
        (count - rest.len(), crate::names::nearest::work::take())
    }

    #[test]
    fn a_burst_costs_in_proportion() {
        let of_session = |number| u64::try_from(number).ok();
        let ((joined, few), (all, many)) = (burst(500, of_session), burst(4_000, of_session));
        assert_eq!((joined, all), (500, 4_000), "each by its session");
        assert!(many <= few * 8 * 2, "{few} for 500, {many} for eight times as many");
        let ((_, few), (_, many)) = (burst(500, |_| None), burst(4_000, |_| None));
        assert!(many <= few * 8 * 2, "{few} for 500, {many} for eight times as many");
    }
}
