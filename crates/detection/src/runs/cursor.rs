//! How to go through the rows of a rule from run to run.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use engine::{EngineError, PartId};
use kql_types::Ticks;

use super::{
    Runs,
    by_run::{ByRun, Changes},
    found::{Found, FoundRow},
};

impl Found {
    /// Starts before the first run.
    pub(crate) fn cursor<'a>(&'a self, runs: Runs<'a>) -> Cursor<'a> {
        let (records, parts) = Default::default();
        Cursor { found: self, runs, records, parts }
    }

    /// Returns the runs after each of which others have the same rows, until the next of them.
    pub(crate) fn turns(&self, runs: Runs<'_>) -> BTreeSet<Ticks> {
        match &self.by_run {
            ByRun::EachRun(by_run) | ByRun::Runs(by_run) => by_run.keys().copied().collect(),
            ByRun::Parts(changes) => changes.keys().copied().collect(),
            // Rows come and go with their records as well.
            ByRun::Records(changes) => {
                let mut turns = runs.after_changes(&self.times, &BTreeSet::new());
                turns.extend(changes.keys());
                turns
            }
        }
    }
}

/// The rows of a rule from run to run, in order of time.
pub(crate) struct Cursor<'a> {
    found: &'a Found,
    runs: Runs<'a>,
    records: Current<'a, Ticks>,
    parts: Current<'a, PartId>,
}

/// The rows of each key that has any, as they are in the current run.
struct Current<'a, K> {
    rows: BTreeMap<K, &'a [usize]>,
    run: Option<Ticks>,
}

impl<K> Default for Current<'_, K> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), run: None }
    }
}

impl<'a> Cursor<'a> {
    /// Goes on to a run and returns its rows, oldest first.
    ///
    /// # Errors
    ///
    /// If a place has no row.
    pub(crate) fn rows(&mut self, run: Ticks) -> Result<Vec<&'a FoundRow>, EngineError> {
        let found = self.found;
        let latest = |runs: &'a BTreeMap<Ticks, Vec<usize>>| {
            runs.range(..=run).next_back().map(|(_, places)| &**places).unwrap_or_default()
        };
        let places: Vec<usize> = match &found.by_run {
            ByRun::EachRun(runs) => latest(runs).to_vec(),
            ByRun::Runs(_) if !self.runs.sees_any(run, &found.times) => found.of_nothing.clone(),
            ByRun::Runs(runs) => latest(runs).to_vec(),
            ByRun::Parts(changes) => {
                self.parts.go_to(run, changes);
                self.parts.rows.values().flat_map(|places| places.iter().copied()).collect()
            }
            ByRun::Records(changes) => {
                self.records.go_to(run, changes);
                let window = self.runs.look(run).window.filter(|window| !window.is_empty());
                let seen = window.into_iter().flat_map(|window| self.records.rows.range(window));
                let seen = seen.flat_map(|(_, places)| places.iter().copied());
                seen.chain(found.of_nothing.iter().copied()).collect()
            }
        };
        let rows: Result<Vec<&FoundRow>, _> =
            places.into_iter().map(|place| found.row(place)).collect();
        let mut rows = rows?;
        rows.sort_unstable_by_key(|row| row.rank);
        Ok(rows)
    }
}

impl<'a, K: Copy + Ord> Current<'a, K> {
    /// Takes the changes up to a run.
    fn go_to(&mut self, run: Ticks, changes: &'a Changes<K>) {
        let after = self.run.map_or(Bound::Unbounded, Bound::Excluded);
        for (key, places) in changes.range((after, Bound::Included(run))).flat_map(|(_, it)| it) {
            if places.is_empty() {
                self.rows.remove(key);
            } else {
                self.rows.insert(*key, places);
            }
        }
        self.run = Some(run);
    }
}
