//! A run of activity between two hosts in one account's name.

use kql_types::Ticks;

use crate::{
    account::Account, names::nearest::Spans, place::Place, same_account::DistinctAccounts,
    sighting::Sighting,
};

/// Activity with longer pauses is another run.
pub(super) const PAUSE: Ticks = 30 * 600_000_000;

/// Sightings of one access.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) source: Place,
    pub(crate) target: Place,
    pub(crate) account: Option<Account>,
    /// In order of time.
    pub(crate) sightings: Vec<Sighting>,
    /// Those of them that were joined to it by time alone.
    pub(crate) by_time: usize,
}

impl Draft {
    pub(crate) fn first(&self) -> Ticks {
        self.sightings.first().map_or(0, |sighting| sighting.time)
    }

    pub(crate) fn last(&self) -> Ticks {
        self.sightings.last().map_or(0, |sighting| sighting.time)
    }

    fn of(run: Vec<Sighting>) -> Option<Self> {
        let first = run.first()?;
        let mut this = Self {
            source: first.source.clone(),
            target: first.target.clone(),
            account: None,
            sightings: Vec::new(),
            by_time: 0,
        };
        for account in run.iter().filter_map(|sighting| sighting.account.as_ref()) {
            match &mut this.account {
                Some(known) if known.is_same(account) => known.complete(account),
                Some(_) => {}
                none => *none = Some(account.clone()),
            }
        }
        this.sightings = run;
        Some(this)
    }
}

/// Makes the drafts of sightings that share source and target, given in order of time.
///
/// The target's records say in whose name it was reached. What the source's records say is who ran
/// something there: it belongs to the target's account if that is active at the same time, and else
/// stands for itself.
pub(super) fn drafts_of_lane(sightings: Vec<Sighting>) -> Vec<Draft> {
    let (named, rest): (Vec<_>, Vec<_>) = sightings
        .into_iter()
        .partition(|sighting| sighting.account.is_some() && !sighting.is_actor);
    let mut drafts = runs_by_account(named);
    let rest = add_to_nearest(&mut drafts, rest);
    let (actors, nobodys): (Vec<_>, Vec<_>) =
        rest.into_iter().partition(|sighting| sighting.account.is_some());
    let mut of_actors = runs_by_account(actors);
    let rest = add_to_nearest(&mut of_actors, nobodys);
    drafts.append(&mut of_actors);
    drafts.extend(runs(rest));
    drafts
}

fn runs_by_account(sightings: Vec<Sighting>) -> Vec<Draft> {
    // The fullest names first, so that a bare name finds the account it is short for.
    let mut accounts: Vec<Account> =
        sightings.iter().filter_map(|sighting| sighting.account.clone()).collect();
    accounts.sort_by(|a, b| (a.domain.is_empty(), a).cmp(&(b.domain.is_empty(), b)));
    accounts.dedup();
    let mut distinct = DistinctAccounts::default();
    for account in &accounts {
        distinct.add(account);
    }
    let mut by_account: Vec<Vec<Sighting>> = vec![Vec::new(); distinct.len()];
    for sighting in sightings {
        let place = sighting.account.as_ref().and_then(|account| distinct.find(account));
        if let Some(of) = place.and_then(|place| by_account.get_mut(place)) {
            of.push(sighting);
        }
    }
    by_account.into_iter().flat_map(runs).collect()
}

/// Cuts sightings in order of time where they pause.
fn runs(sightings: Vec<Sighting>) -> Vec<Draft> {
    let mut runs: Vec<Vec<Sighting>> = Vec::new();
    for sighting in sightings {
        match runs.last_mut() {
            Some(run)
                if run
                    .last()
                    .is_some_and(|last| sighting.time.saturating_sub(last.time) <= PAUSE) =>
            {
                run.push(sighting);
            }
            _ => runs.push(vec![sighting]),
        }
    }
    runs.into_iter().filter_map(Draft::of).collect()
}

/// Gives sightings to the run nearest in time; returns those that none is near to.
fn add_to_nearest(drafts: &mut [Draft], sightings: Vec<Sighting>) -> Vec<Sighting> {
    let mut spans = Spans::default();
    for (position, draft) in drafts.iter().enumerate() {
        spans.add(position, 0, draft.first(), draft.last());
    }
    spans.settle();
    let mut rest = Vec::new();
    let mut found: Vec<Vec<Sighting>> = vec![Vec::new(); drafts.len()];
    for sighting in sightings {
        let nearest = spans.nearest(sighting.time).filter(|near| near.distance <= PAUSE);
        match nearest.and_then(|near| found.get_mut(near.item)) {
            Some(found) => found.push(sighting),
            None => rest.push(sighting),
        }
    }
    for (draft, found) in drafts.iter_mut().zip(found) {
        draft.sightings.extend(found);
        draft.sightings.sort();
    }
    rest
}
