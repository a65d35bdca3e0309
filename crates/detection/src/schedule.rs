//! When a rule would have run: its schedule, replayed over the times of the events found.
//!
//! Sentinel runs a rule every `queryFrequency` over the last `queryPeriod`. History has no present
//! to run at, so a hunt looks at it from the times of that schedule. What is found is what Sentinel
//! would have found, had it been there: the alerts of every run whose window holds an event.
//!
//! Most runs need not be looked at, since they find what another one has found. A run is left out
//! only if it is sure to find nothing new:
//!
//! - What a query finds rests on the events in the window and, if it asks for the time, on what it
//!   makes of that. As long as no event comes into the window or leaves it, and no comparison of an
//!   event's time with the run's changes, every run finds the same. Those moments are known from the
//!   events' times and from the query ([`engine::Run::steps`]). The first run after each is looked at.
//! - A query that judges each row by itself finds the same in any part of the window, so that only
//!   those events are looked at for which a moment has come: each when it is first seen, and again
//!   where a comparison changes. If it does not ask for the time at all, one look does.
//! - Of a query that may make anything of the time, no run is left out.

use std::{collections::BTreeSet, ops::RangeInclusive};

use engine::Look;
use kql_types::Ticks;
use rule_file::Period;

/// How often a rule runs and how far it looks back, in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    frequency: Ticks,
    period: Ticks,
}

/// What decides which runs find anything new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replay<'a> {
    /// Nothing: every run is looked at.
    EveryRun,
    /// The events in the window, and comparisons that change so long after an event's time.
    Window(&'a BTreeSet<Ticks>),
    /// Each event for itself, and comparisons that change so long after its time.
    EachRow(&'a BTreeSet<Ticks>),
}

impl Schedule {
    /// Makes the schedule of a rule; what it leaves out is Sentinel's for rules that run near real
    /// time: every minute, looking back as far as it runs often.
    pub fn new(frequency: Option<Period>, period: Option<Period>) -> Self {
        const MINUTE: Ticks = 600_000_000;
        let frequency = frequency.map_or(MINUTE, Period::ticks);
        Self { frequency, period: period.map_or(frequency, Period::ticks) }
    }

    /// Returns how long it is from one run to the next, in ticks.
    pub fn frequency(self) -> Ticks {
        self.frequency
    }

    /// Returns what a run at `now` sees.
    pub fn window(self, now: Ticks) -> RangeInclusive<Ticks> {
        now.saturating_sub(self.period).saturating_add(1)..=now
    }

    /// Returns the run at `now`.
    pub(crate) fn run(self, now: Ticks) -> Look {
        Look { now, window: Some(self.window(now)) }
    }

    /// Returns the looks that find what all runs of the schedule find, in order of time, given the
    /// events' times in order.
    pub fn looks(self, times: &[Ticks], replay: Replay<'_>) -> Vec<Look> {
        match replay {
            Replay::EveryRun => {
                self.every_run(times).into_iter().map(|now| self.run(now)).collect()
            }
            Replay::Window(steps) => {
                let runs = self.runs_after_changes(times, steps).into_iter();
                runs.map(|now| self.run(now)).collect()
            }
            Replay::EachRow(steps) => self.looks_at_each(times, steps),
        }
    }

    /// Returns the times of all runs that see an event.
    fn every_run(self, times: &[Ticks]) -> BTreeSet<Ticks> {
        let mut runs = BTreeSet::new();
        for time in times {
            let mut run = self.first_run(*time);
            // Runs that an event before it was seen by are there already.
            if let Some(last) = runs.last().filter(|last| **last >= run) {
                run = self.first_run_after(*last);
            }
            while self.sees(run, *time) {
                runs.insert(run);
                run = self.first_run_after(run);
            }
        }
        runs
    }

    /// Returns the first run that sees each event, the first that no longer does, and the first
    /// after each step; those that see nothing are left out.
    fn runs_after_changes(self, times: &[Ticks], steps: &BTreeSet<Ticks>) -> BTreeSet<Ticks> {
        let mut runs = BTreeSet::new();
        for time in times {
            runs.insert(self.first_run(*time));
            runs.insert(self.first_run(time.saturating_add(self.period)));
            runs.extend(self.runs_after_steps(*time, steps).map(|(run, _)| run));
        }
        runs.retain(|run| {
            let until = times.partition_point(|time| time <= run);
            let newest = until.checked_sub(1).and_then(|at| times.get(at));
            newest.is_some_and(|time| self.sees(*run, *time))
        });
        runs
    }

    /// Returns looks that see each event in the first run that does, and in those after its steps.
    fn looks_at_each(self, times: &[Ticks], steps: &BTreeSet<Ticks>) -> Vec<Look> {
        let mut looks: BTreeSet<(Ticks, Ticks, Ticks)> = BTreeSet::new();
        for time in times {
            let run = self.first_run(*time);
            looks.insert((run, run.saturating_sub(self.frequency).saturating_add(1), run));
            for (run, step) in self.runs_after_steps(*time, steps) {
                let newest = run.saturating_sub(step);
                let oldest = newest.saturating_sub(self.frequency);
                let window = self.window(run);
                looks.insert((run, oldest.max(*window.start()), newest.min(*window.end())));
            }
        }
        let look = |(now, from, to)| Look { now, window: Some(from..=to) };
        looks.into_iter().map(look).collect()
    }

    /// Yields the runs before which a comparison of an event's time with the run's changes, as long
    /// as they see it, each with its step: equality is a change of its own.
    fn runs_after_steps(
        self,
        time: Ticks,
        steps: &BTreeSet<Ticks>,
    ) -> impl Iterator<Item = (Ticks, Ticks)> {
        let runs = steps.iter().flat_map(move |step| {
            let at = time.saturating_add(*step);
            [(self.first_run(at), *step), (self.first_run_after(at), *step)]
        });
        runs.filter(move |(run, _)| self.sees(*run, time))
    }

    /// Tells whether the window of a run holds an event.
    fn sees(self, run: Ticks, time: Ticks) -> bool {
        self.window(run).contains(&time)
    }

    /// Returns the first time of the schedule that is not before the event.
    pub(crate) fn first_run(self, time: Ticks) -> Ticks {
        let past = time.rem_euclid(self.frequency);
        if past == 0 { time } else { time.saturating_add(self.frequency.saturating_sub(past)) }
    }

    /// Returns the first time of the schedule that is after a time.
    fn first_run_after(self, time: Ticks) -> Ticks {
        self.first_run(time.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOURLY_OVER_A_DAY: Schedule = Schedule { frequency: 1, period: 24 };

    fn schedule(frequency: Ticks, period: Ticks) -> Schedule {
        Schedule { frequency, period }
    }

    fn runs(schedule: Schedule, times: &[Ticks], replay: Replay<'_>) -> Vec<Ticks> {
        schedule.looks(times, replay).into_iter().map(|look| look.now).collect()
    }

    #[test]
    fn every_run_that_sees_an_event_is_one() {
        let times = [5, 6, 40, 41, 200];
        for schedule in [HOURLY_OVER_A_DAY, schedule(10, 10), schedule(7, 31), schedule(10, 14)] {
            let all = (-100..400).filter(|run| run % schedule.frequency == 0);
            let seeing = all.filter(|run| times.iter().any(|time| schedule.sees(*run, *time)));
            let found = runs(schedule, &times, Replay::EveryRun);
            assert_eq!(found, seeing.collect::<Vec<_>>(), "{schedule:?}");
        }
    }

    /// What a run finds rests on which events it sees and on the sides of the steps they stand on.
    #[test]
    fn a_run_that_is_left_out_finds_what_the_one_before_it_found() {
        let times: Vec<Ticks> = (0..300).filter(|time| time % 37 < 5 && time % 3 != 1).collect();
        for schedule in [HOURLY_OVER_A_DAY, schedule(10, 10), schedule(7, 31), schedule(10, 14)] {
            for steps in [&[][..], &[0], &[5], &[7, 14], &[-3, 24, 31, 100]] {
                let steps: BTreeSet<Ticks> = steps.iter().copied().collect();
                let state = |run: Ticks| {
                    let seen = times.iter().filter(|time| schedule.sees(run, **time));
                    let sides = |time: &Ticks| -> Vec<_> {
                        steps.iter().map(|step| run.cmp(&(time + step))).collect()
                    };
                    seen.map(|time| (*time, sides(time))).collect::<Vec<_>>()
                };
                let looked: BTreeSet<Ticks> =
                    runs(schedule, &times, Replay::Window(&steps)).into_iter().collect();
                for run in schedule.every_run(&times) {
                    let before = run - schedule.frequency;
                    assert!(looked.contains(&run) || state(run) == state(before), "{run}");
                }
                // Each event by itself: every state that it is ever in is looked at.
                let looks = schedule.looks(&times, Replay::EachRow(&steps));
                for (time, sides) in schedule.every_run(&times).into_iter().flat_map(state) {
                    let sees = |look: &&Look| look.window.as_ref().unwrap().contains(&time);
                    let mut states = looks.iter().filter(sees).map(|look| state(look.now));
                    assert!(states.any(|state| state.contains(&(time, sides.clone()))), "{time}");
                }
                for look in looks {
                    let (window, whole) = (look.window.unwrap(), schedule.window(look.now));
                    assert!(whole.contains(window.start()) && whole.contains(window.end()));
                }
            }
        }
    }

    #[test]
    fn each_event_is_looked_at_once_if_nothing_changes() {
        let times: Vec<Ticks> = (1..=48).collect();
        let looks = HOURLY_OVER_A_DAY.looks(&times, Replay::EachRow(&BTreeSet::new()));
        let seen = looks.iter().map(|look| look.window.clone().unwrap().count()).sum::<usize>();
        assert_eq!((looks.len(), seen), (48, 48));
    }

    #[test]
    fn quiet_times_have_no_runs() {
        let none = BTreeSet::new();
        assert_eq!(runs(schedule(5, 10), &[5, 1_000], Replay::Window(&none)), [5, 1_000]);
        assert_eq!(runs(schedule(5, 10), &[5, 1_000], Replay::EveryRun), [5, 10, 1_000, 1_005]);
        assert_eq!(runs(HOURLY_OVER_A_DAY, &[], Replay::EveryRun), [] as [Ticks; 0]);
    }

    #[test]
    fn a_window_holds_one_period() {
        assert_eq!(HOURLY_OVER_A_DAY.window(24), 1..=24);
    }
}
