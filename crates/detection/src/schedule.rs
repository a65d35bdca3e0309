//! When a rule would have run: its schedule, replayed over the times of the events found.
//!
//! Sentinel runs a rule every `queryFrequency` over the last `queryPeriod`. History has no present
//! to run at, so a hunt looks at it from every time of that schedule at which something new is to
//! be seen. What is found is what Sentinel would have found, had it been there.

use std::ops::RangeInclusive;

use kql_types::Ticks;
use rule_file::Period;

/// How often a rule runs and how far it looks back, in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    frequency: Ticks,
    period: Ticks,
}

impl Schedule {
    /// Makes the schedule of a rule; what it leaves out is Sentinel's for rules that run near real
    /// time: every minute, looking back as far as it runs often.
    pub fn new(frequency: Option<Period>, period: Option<Period>) -> Self {
        const MINUTE: Ticks = 600_000_000;
        let frequency = frequency.map_or(MINUTE, Period::ticks);
        Self { frequency, period: period.map_or(frequency, Period::ticks).max(frequency) }
    }

    /// Returns what a run at `now` sees.
    pub fn window(self, now: Ticks) -> RangeInclusive<Ticks> {
        now.saturating_sub(self.period).saturating_add(1)..=now
    }

    /// Returns the times at which to run so that every event is seen, given the events' times in
    /// order.
    ///
    /// A query that judges each row by itself finds the same in one run over a whole period, so
    /// `row_local` runs are as few as that allows. Any other runs at every time of the schedule
    /// that has new events before it.
    pub fn runs(self, times: &[Ticks], row_local: bool) -> Vec<Ticks> {
        let mut runs: Vec<Ticks> = Vec::new();
        for time in times {
            if runs.last().is_some_and(|run| time <= run) {
                continue;
            }
            let first = self.first_run_after(*time);
            runs.push(if row_local { self.last_run_seeing(*time).max(first) } else { first });
        }
        runs
    }

    /// Returns the first time of the schedule that is not before the event.
    fn first_run_after(self, time: Ticks) -> Ticks {
        let past = time.rem_euclid(self.frequency);
        if past == 0 { time } else { time.saturating_add(self.frequency.saturating_sub(past)) }
    }

    /// Returns the last time of the schedule whose window holds the event.
    fn last_run_seeing(self, time: Ticks) -> Ticks {
        let end = time.saturating_add(self.period).saturating_sub(1);
        end.saturating_sub(end.rem_euclid(self.frequency))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOURLY_OVER_A_DAY: Schedule = Schedule { frequency: 1, period: 24 };

    fn schedule(frequency: Ticks, period: Ticks) -> Schedule {
        Schedule { frequency, period }
    }

    #[test]
    fn every_event_is_in_the_window_of_a_run() {
        for schedule in [HOURLY_OVER_A_DAY, schedule(10, 10), schedule(7, 31), schedule(10, 14)] {
            for row_local in [false, true] {
                let times: Vec<Ticks> = (-50..200).filter(|time| time % 9 < 4).collect();
                let runs = schedule.runs(&times, row_local);
                for time in &times {
                    let seen = runs.iter().any(|run| schedule.window(*run).contains(time));
                    assert!(seen, "{schedule:?} {row_local} {time} {runs:?}");
                }
                assert!(runs.iter().all(|run| run % schedule.frequency == 0), "{runs:?}");
            }
        }
    }

    #[test]
    fn a_query_over_single_rows_runs_once_a_period() {
        let times: Vec<Ticks> = (1..=48).collect();
        assert_eq!(HOURLY_OVER_A_DAY.runs(&times, true), [24, 48]);
        assert_eq!(HOURLY_OVER_A_DAY.runs(&times, false).len(), 48);
    }

    #[test]
    fn quiet_times_have_no_runs() {
        assert_eq!(HOURLY_OVER_A_DAY.runs(&[5, 1_000], false), [5, 1_000]);
        assert_eq!(HOURLY_OVER_A_DAY.runs(&[], true), [] as [Ticks; 0]);
    }

    #[test]
    fn a_window_holds_one_period() {
        assert_eq!(HOURLY_OVER_A_DAY.window(24), 1..=24);
    }
}
