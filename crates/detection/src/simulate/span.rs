//! From when to when a rule runs.

use engine::Balance;
use kql_types::Ticks;
use sentinel::Schedule;

use super::Simulation;
use crate::runs::first_multiple;

/// Records that stand so much longer ago than all others have a wrong clock: ten years.
const WRONG_CLOCK: Ticks = 10 * 8_766 * 36_000_000_000;

impl Simulation {
    /// Returns the first run of a schedule and the last time for one; `None` if neither the input nor
    /// anybody says when.
    ///
    /// - `every`: of which length of time the first run is a multiple, unless somebody says when.
    pub(super) fn span(
        &self,
        schedule: Schedule,
        every: Ticks,
        input: Option<(Ticks, Ticks)>,
    ) -> Option<(Ticks, Ticks)> {
        let first = if let Some(from) = self.from {
            from.checked_add(self.phase)?
        } else {
            // As a hunt has it, the first time that is not before any event.
            let first = first_multiple(input?.0.checked_sub(self.phase)?, every)?;
            first.checked_add(self.phase)?
        };
        let to = match self.to {
            Some(to) => to,
            // What arrives late is seen by later runs.
            None => input?
                .1
                .checked_add(schedule.period())?
                .checked_add(self.longest_delay(input?.1))?,
        };
        Some((first, to))
    }

    /// Returns how long after the newest time the last record arrives.
    fn longest_delay(&self, newest: Ticks) -> Ticks {
        let arrivals = self.arrivals.as_ref();
        arrivals.map_or(self.ingestion_delay, |arrivals| arrivals.longest_after(newest))
    }
}

/// Two events that a rule has to see together and that no run sees together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlindSpan {
    /// The events.
    pub events: (Ticks, Ticks),
    /// The last run that sees the one, and the first that sees the other.
    pub runs: (Ticks, Ticks),
}

impl BlindSpan {
    /// Returns two events as far apart as half of all phases do not find them; `None` if each run sees
    /// again all that the run before it saw, or nearly so.
    ///
    /// - `first`: some run.
    pub(super) fn of(schedule: Schedule, first: Ticks) -> Option<Self> {
        let (every, period) = (schedule.frequency(), schedule.period());
        let quarter = every.checked_div(4)?;
        let last = first.checked_add(every)?;
        let start = last.checked_sub(period)?;
        let is_overlapping = period.checked_sub(every)? >= every;
        let events = (start.checked_sub(quarter)?, first.checked_add(quarter)?);
        (!is_overlapping).then_some(Self { events, runs: (first, last) })
    }
}

/// Returns the oldest and the newest time in the input whose clock was right.
pub(super) fn times_of(balance: &Balance) -> Option<(Ticks, Ticks)> {
    let newest = balance.newest().0?;
    let mut spans: Vec<(Ticks, Ticks)> = balance
        .members
        .iter()
        .flat_map(|member| member.times.spans())
        .map(|span| (span.oldest, span.newest))
        .filter(|(_, last)| *last <= newest)
        .collect();
    spans.sort_unstable_by_key(|(_, last)| *last);
    let oldest = spans.iter().rev().fold(newest, |oldest, (first, last)| {
        let gap = oldest.saturating_sub(*last);
        if gap > WRONG_CLOCK { oldest } else { oldest.min(*first) }
    });
    Some((oldest, newest))
}
