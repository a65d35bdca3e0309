//! From which ingestion delay on a detection is missed.
//!
//! A delay that is taken, for all records or drawn for each, shows what happens with just that one. So beside
//! it the rule is simulated with the same delay for all records, from none to the longest that was taken, and
//! of each record it is told from which of these delays on no alert cites it.

use std::{
    collections::{BTreeMap, BTreeSet},
    slice,
};

use engine::{Arrivals, EngineError, MemberId, RecordRef};
use kql_types::Ticks;

use super::{MINUTE, Mode, SimulatedRule, simulated_rule::first_runs, told::LateRecord};
use crate::{
    alert::evidence::Origins,
    runs::{Runs, found::Found},
};

/// The most delays that are simulated, besides none.
const MOST_DELAYS: i64 = 60;

impl SimulatedRule<'_> {
    /// Returns each record that an alert cites at some delay, with the delay from which it is missed, in order of
    /// file and place.
    ///
    /// Returns none if the records arrive at once, if nobody asked, or if the rule reads what Sentinel writes
    /// itself, which has a delay of its own.
    ///
    /// - `found`: what the rule finds with the delays that records have.
    /// - `first`: what its first run finds, where that looks back further.
    pub(super) fn lateness(
        &self,
        found: &Found,
        first: Option<&Found>,
    ) -> Result<Vec<LateRecord>, EngineError> {
        let (drawn, longest) = match self.arrivals.as_deref() {
            None => (None, self.ingestion_delay),
            Some(Arrivals::Drawn(drawn)) => (Some(drawn), drawn.longest()),
            // Nobody knows how late any other record would be.
            Some(Arrivals::Given(_) | Arrivals::Followed { .. }) => return Ok(Vec::new()),
        };
        // What `ingestion_time()` is with another delay was not compiled.
        let is_untold = self.is_over_own || self.reads_ingestion_time;
        if !self.simulation.tells_lateness || longest == 0 || is_untold {
            return Ok(Vec::new());
        }
        let runs = self.runs(Mode::Exact);
        let mut records: BTreeMap<(MemberId, u64), Lateness> = BTreeMap::new();
        for (place, record) in self.cited(found, first, runs)? {
            records.entry(place).or_insert_with(|| Lateness::new(record)).is_detected = true;
        }
        let delays = delays(longest);
        for delay in &delays {
            let late = Runs { ingestion_delay: *delay, ..runs };
            let found = self.question(late, None).answer()?;
            let first = self.first(late, None)?;
            for (place, record) in self.cited(&found, first.as_ref(), late)? {
                let record = records.entry(place).or_insert_with(|| Lateness::new(record));
                record.found_at = Some(*delay);
            }
        }
        let mut origins = Origins::default();
        let mut late = Vec::with_capacity(records.len());
        for Lateness { record, is_detected, found_at } in records.into_values() {
            let of_record = |drawn: &engine::Delays| drawn.of_record(record.member, record.line);
            let delay = drawn.map_or(self.ingestion_delay, of_record);
            // Delays are in order, so that none after this one finds the record.
            let missed_from = match found_at {
                Some(found_at) => delays.range(found_at.saturating_add(1)..).next().copied(),
                None => delays.first().copied(),
            };
            let evidence = origins.evidence(slice::from_ref(&record), self.run.balance()).pop();
            let record = evidence.ok_or(NO_EVIDENCE)?;
            late.push(LateRecord { record, delay, is_detected, found_at, missed_from });
        }
        late.sort_by(|one, other| one.record.by_place(&other.record));
        Ok(late)
    }

    /// Returns the records that alerts of runs cite.
    fn cited(
        &self,
        found: &Found,
        first: Option<&Found>,
        runs: Runs<'_>,
    ) -> Result<BTreeMap<(MemberId, u64), RecordRef>, EngineError> {
        let of_runs = self.phase(found, first.zip(first_runs(runs, runs.first)), runs)?;
        let cited = of_runs.records.into_iter();
        Ok(cited.map(|(place, (record, _))| (place, record.clone())).collect())
    }
}

const NO_EVIDENCE: EngineError = EngineError::Internal { what: "no evidence is kept for a record" };

struct Lateness {
    record: RecordRef,
    is_detected: bool,
    found_at: Option<Ticks>,
}

impl Lateness {
    fn new(record: RecordRef) -> Self {
        Self { record, is_detected: false, found_at: None }
    }
}

/// Returns the delays to simulate: each minute, or fewer of them, up to the longest.
fn delays(longest: Ticks) -> BTreeSet<Ticks> {
    let minutes = longest.saturating_add(MINUTE.saturating_sub(1)).div_euclid(MINUTE);
    let apart =
        minutes.saturating_add(MOST_DELAYS.saturating_sub(1)).div_euclid(MOST_DELAYS).max(1);
    let apart = apart.saturating_mul(MINUTE);
    let steps = 0..=longest.saturating_add(apart.saturating_sub(1)).div_euclid(apart);
    steps.map(|step| step.saturating_mul(apart)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_each_minute_or_fewer() {
        let minutes = |longest: Ticks| -> Vec<Ticks> {
            delays(longest).into_iter().map(|delay| delay.div_euclid(MINUTE)).collect()
        };
        assert_eq!(minutes(2 * MINUTE), [0, 1, 2]);
        // One that is not a minute is covered.
        assert_eq!(minutes(MINUTE + 1), [0, 1, 2]);
        assert_eq!(minutes(120 * MINUTE), (0..=60).map(|step| step * 2).collect::<Vec<_>>());
    }
}
