//! When a rule runs, and the times of the rows that a run sees.

use std::{iter, ops::RangeInclusive};

use kql_types::Ticks;

use crate::{
    assumptions::{Assumptions, Moment, WindowEdges},
    rule::Kind,
};

pub(crate) const SECOND: Ticks = 10_000_000;
pub(crate) const MINUTE: Ticks = 60 * SECOND;
const HOUR: Ticks = 60 * MINUTE;

/// How long after its scheduled time a run of a scheduled rule executes, and one near real time.
const SCHEDULED_DELAY: Ticks = 5 * MINUTE;
const NEAR_REAL_TIME_DELAY: Ticks = 2 * MINUTE;

/// How far the first run of a custom detection looks back.
const FIRST_LOOK_BACK: Ticks = 30 * 24 * HOUR;

/// Rows that arrive so late are not seen by rules in near real time.
const LATEST_FOR_NEAR_REAL_TIME: Ticks = 12 * HOUR;

/// Yields the scheduled times of runs: the first one, then one after each frequency, as long as they are
/// not after `to`.
pub fn runs(first: Ticks, frequency: Ticks, to: Ticks) -> impl Iterator<Item = Ticks> {
    let next = move |run: &Ticks| run.checked_add(frequency);
    iter::successors(Some(first), next).take_while(move |run| *run <= to)
}

/// When a rule runs and how far it looks back.
///
/// Times near the ends of what a datetime can be are cut there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    kind: Kind,
}

impl Schedule {
    /// Makes the schedule of a kind of rule.
    pub const fn of(kind: Kind) -> Self {
        Self { kind }
    }

    /// Returns how long it is from run to run.
    pub const fn frequency(self) -> Ticks {
        match self.kind {
            Kind::Scheduled { frequency, .. } | Kind::CustomDetection { frequency, .. } => {
                frequency
            }
            Kind::NearRealTime | Kind::Continuous => MINUTE,
        }
    }

    /// Returns how far each run looks back.
    pub const fn period(self) -> Ticks {
        match self.kind {
            Kind::Scheduled { period, .. } => period,
            Kind::CustomDetection { look_back, .. } => look_back,
            Kind::NearRealTime | Kind::Continuous => MINUTE,
        }
    }

    /// Returns the schedule as the first run has it: that of a custom detection looks back 30 days.
    #[must_use]
    pub fn of_first_run(self) -> Self {
        match self.kind {
            Kind::CustomDetection { frequency, look_back } => {
                let look_back = look_back.max(FIRST_LOOK_BACK);
                Self { kind: Kind::CustomDetection { frequency, look_back } }
            }
            _ => self,
        }
    }

    /// Returns when the run that is scheduled at a time executes.
    pub const fn executed(self, scheduled: Ticks) -> Ticks {
        scheduled.saturating_add(match self.kind {
            Kind::Scheduled { .. } => SCHEDULED_DELAY,
            Kind::NearRealTime => NEAR_REAL_TIME_DELAY,
            Kind::CustomDetection { .. } | Kind::Continuous => 0,
        })
    }

    /// Returns the one or the other time of a run.
    pub(crate) const fn moment(self, scheduled: Ticks, moment: Moment) -> Ticks {
        match moment {
            Moment::Scheduled => scheduled,
            Moment::Executed => self.executed(scheduled),
        }
    }

    /// Returns what `now()` is in a run.
    pub const fn now(self, scheduled: Ticks, assumptions: &Assumptions) -> Ticks {
        self.moment(scheduled, assumptions.now)
    }

    /// Returns from when to when a run looks, as its alerts say.
    pub const fn span(self, scheduled: Ticks) -> (Ticks, Ticks) {
        (scheduled.saturating_sub(self.period()), scheduled)
    }

    /// Returns the values of `TimeGenerated` of the rows that a run may see, and when those that it sees
    /// arrived, where every row has a time of arrival of its own.
    ///
    /// A scheduled rule looks at `TimeGenerated` and sees what has arrived when it executes; one near real
    /// time looks at when rows arrived.
    pub fn windows(
        self,
        scheduled: Ticks,
        assumptions: &Assumptions,
    ) -> (RangeInclusive<Ticks>, RangeInclusive<Ticks>) {
        let window = self.window(scheduled, 0, assumptions);
        match self.kind {
            Kind::Scheduled { .. } | Kind::CustomDetection { .. } => {
                (window, Ticks::MIN..=self.executed(scheduled))
            }
            Kind::NearRealTime => {
                let earliest = window.start().saturating_sub(LATEST_FOR_NEAR_REAL_TIME);
                (earliest..=*window.end(), window)
            }
            Kind::Continuous => (Ticks::MIN..=*window.end(), window),
        }
    }

    /// Returns the delay from which on a row is never seen, if there is one.
    pub const fn too_late(self) -> Option<Ticks> {
        match self.kind {
            Kind::Scheduled { .. } | Kind::CustomDetection { .. } | Kind::Continuous => None,
            Kind::NearRealTime => Some(LATEST_FOR_NEAR_REAL_TIME),
        }
    }

    /// Returns the values of `TimeGenerated` of the rows that a run sees; where it begins after it ends,
    /// the run sees none.
    ///
    /// - `ingestion_delay`: how long after its `TimeGenerated` a row is there to be queried. A scheduled
    ///   rule looks at `TimeGenerated` and sees what is there when it executes; one near real time looks
    ///   at when rows arrived.
    pub fn window(
        self,
        scheduled: Ticks,
        ingestion_delay: Ticks,
        assumptions: &Assumptions,
    ) -> RangeInclusive<Ticks> {
        let (from, to) = self.span(scheduled);
        let (from, to) = match assumptions.window {
            WindowEdges::OpenStart => (from.saturating_add(1), to),
            WindowEdges::OpenEnd => (from, to.saturating_sub(1)),
            WindowEdges::Closed => (from, to),
        };
        match self.kind {
            Kind::Scheduled { .. } | Kind::CustomDetection { .. } => {
                let arrived = self.executed(scheduled).saturating_sub(ingestion_delay);
                from..=to.min(arrived)
            }
            Kind::NearRealTime if ingestion_delay >= LATEST_FOR_NEAR_REAL_TIME => from..=Ticks::MIN,
            Kind::NearRealTime | Kind::Continuous => {
                from.saturating_sub(ingestion_delay)..=to.saturating_sub(ingestion_delay)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAILY_EVERY_FIVE_MINUTES: Schedule =
        Schedule::of(Kind::Scheduled { frequency: 5 * MINUTE, period: 24 * HOUR });

    fn ten_minutes() -> Schedule {
        Schedule::of(Kind::Scheduled { frequency: 10 * MINUTE, period: 10 * MINUTE })
    }

    #[test]
    fn a_rule_runs_first_at_its_start_and_then_every_frequency() {
        let found: Vec<Ticks> = runs(3 * MINUTE, ten_minutes().frequency(), 33 * MINUTE).collect();
        assert_eq!(found, [3, 13, 23, 33].map(|minute| minute * MINUTE));
    }

    #[test]
    fn a_scheduled_run_executes_on_a_five_minute_delay() {
        assert_eq!(ten_minutes().executed(60 * MINUTE), 65 * MINUTE);
    }

    #[test]
    fn the_window_is_on_time_generated_over_the_period() {
        let window = ten_minutes().window(60 * MINUTE, 0, &Assumptions::default());
        assert_eq!(window, 50 * MINUTE + 1..=60 * MINUTE);
    }

    #[test]
    fn windows_of_a_period_longer_than_the_frequency_overlap_and_288_a_day_see_one_event() {
        let (event, taken) = (36 * HOUR + 1, Assumptions::default());
        let all = runs(0, DAILY_EVERY_FIVE_MINUTES.frequency(), 72 * HOUR);
        let sees = |run: &Ticks| DAILY_EVERY_FIVE_MINUTES.window(*run, 0, &taken).contains(&event);
        assert_eq!(all.filter(sees).count(), 288);
    }

    #[test]
    fn whether_the_edges_of_a_window_belong_to_it_is_an_assumption() {
        for (edges, expected) in [
            ("open-start", 50 * MINUTE + 1..=60 * MINUTE),
            ("open-end", 50 * MINUTE..=60 * MINUTE - 1),
            ("closed", 50 * MINUTE..=60 * MINUTE),
        ] {
            let mut assumptions = Assumptions::default();
            assumptions.set("window", edges).unwrap();
            assert_eq!(ten_minutes().window(60 * MINUTE, 0, &assumptions), expected, "{edges}");
        }
    }

    #[test]
    fn what_time_now_is_is_an_assumption() {
        let mut assumptions = Assumptions::default();
        assert_eq!(ten_minutes().now(60 * MINUTE, &assumptions), 60 * MINUTE);
        assumptions.set("now", "executed").unwrap();
        assert_eq!(ten_minutes().now(60 * MINUTE, &assumptions), 65 * MINUTE);
    }

    #[test]
    fn the_delay_covers_rows_that_arrive_within_five_minutes_and_loses_later_ones() {
        let end = |delay| *ten_minutes().window(60 * MINUTE, delay, &Assumptions::default()).end();
        assert_eq!(end(5 * MINUTE), 60 * MINUTE);
        assert_eq!(end(7 * MINUTE), 58 * MINUTE);
        // All of the window arrives too late.
        let late = ten_minutes().window(60 * MINUTE, 15 * MINUTE, &Assumptions::default());
        assert!(late.is_empty());
    }

    #[test]
    fn near_real_time_runs_every_minute_on_the_ingestion_time_of_the_minute_before() {
        let rule = Schedule::of(Kind::NearRealTime);
        let found: Vec<Ticks> = runs(0, rule.frequency(), 2 * MINUTE).collect();
        assert_eq!(found, [0, MINUTE, 2 * MINUTE]);
        let assumptions = Assumptions::default();
        assert_eq!(rule.window(60 * MINUTE, 0, &assumptions), 59 * MINUTE + 1..=60 * MINUTE);
        let late = rule.window(60 * MINUTE, 7 * MINUTE, &assumptions);
        assert_eq!(late, 52 * MINUTE + 1..=53 * MINUTE);
    }

    #[test]
    fn rows_that_arrive_each_at_its_time_are_seen_by_what_the_rule_looks_at() {
        let assumptions = Assumptions::default();
        let (window, arrived) = ten_minutes().windows(60 * MINUTE, &assumptions);
        assert_eq!((window, *arrived.end()), (50 * MINUTE + 1..=60 * MINUTE, 65 * MINUTE));
        let rule = Schedule::of(Kind::NearRealTime);
        let (window, arrived) = rule.windows(60 * HOUR, &assumptions);
        assert_eq!(arrived, 60 * HOUR - MINUTE + 1..=60 * HOUR);
        assert_eq!(window, 48 * HOUR - MINUTE + 1..=60 * HOUR);
        assert_eq!((ten_minutes().too_late(), rule.too_late()), (None, Some(12 * HOUR)));
        let continuous = Schedule::of(Kind::Continuous);
        let (window, arrived) = continuous.windows(60 * HOUR, &assumptions);
        assert_eq!((window, continuous.too_late()), (Ticks::MIN..=60 * HOUR, None));
        assert_eq!(arrived, 60 * HOUR - MINUTE + 1..=60 * HOUR);
    }

    #[test]
    fn a_workspace_takes_50_rules_in_near_real_time() {
        let scheduled = Kind::Scheduled { frequency: MINUTE, period: MINUTE };
        let kinds = |count| [vec![Kind::NearRealTime; count], vec![scheduled; 60]].concat();
        assert_eq!(Kind::too_many_near_real_time(kinds(50)), None);
        assert_eq!(Kind::too_many_near_real_time(kinds(51)), Some(51));
    }

    #[test]
    fn near_real_time_executes_on_a_two_minute_delay() {
        assert_eq!(Schedule::of(Kind::NearRealTime).executed(0), 2 * MINUTE);
    }

    #[test]
    fn near_real_time_takes_an_ingestion_delay_of_less_than_twelve_hours() {
        let window = |delay| {
            Schedule::of(Kind::NearRealTime).window(99 * HOUR, delay, &Assumptions::default())
        };
        assert!(!window(12 * HOUR - 1).is_empty());
        assert!(window(12 * HOUR).is_empty());
    }
}
