//! The runs of a rule: when they are, what each sees, and which of them have to be looked at to know what
//! all of them find. A hunt and a simulation both rest on it.
//!
//! History has no present to run at, so both look at it from the times of a rule's schedule. Most runs need
//! not be looked at, since they find what another one has found. A run is left out only if it is sure to
//! find what the one before it found:
//!
//! - What a query finds rests on the rows in the window and, if it asks for the time, on what it makes of
//!   that. As long as no row comes into the window or leaves it, and no comparison of a row's time with the
//!   run's changes, every run finds the same. Those moments are known from the rows' times and from the
//!   query ([`engine::Run::steps`]). The first run after each is looked at.
//! - A query that judges each row by itself finds the same in any part of the window, so that only those
//!   rows are looked at for which a moment has come: each when it is first seen, and again where a
//!   comparison changes. If it does not ask for the time at all, one look does.
//! - Of a query that may make anything of the time, no run is left out.
//!
//! Windows and `now()` keep their distance from the run, so that the first run of which something holds
//! follows from the time at which it starts to hold.

pub(crate) mod by_run;
mod cursor;
pub(crate) mod found;
pub(crate) mod reported;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use engine::{Arrivals, Arrived, Look, RowTimes};
use kql_types::Ticks;
use sentinel::{Assumptions, Schedule};

/// The runs of a rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Runs<'a> {
    pub(crate) schedule: Schedule,
    /// How long it is from run to run: as the schedule has it, or less where several are told at once.
    pub(crate) every: Ticks,
    /// The first run; none is after `to`.
    pub(crate) first: Ticks,
    pub(crate) to: Ticks,
    /// How long after its time a row is there to be queried.
    pub(crate) ingestion_delay: Ticks,
    pub(crate) assumptions: &'a Assumptions,
}

/// How far what a run sees and what `now()` is lie from its time.
#[derive(Clone, Copy, Debug)]
struct Distances {
    /// From the oldest time it sees up to the run.
    oldest: Ticks,
    /// From the newest time it sees up to the run.
    newest: Ticks,
    /// From the run up to what `now()` is.
    now: Ticks,
}

/// For runs, the rows that have to be looked at there: their times, by their places among all times.
pub(crate) type Inspections = BTreeMap<Ticks, BTreeSet<usize>>;

/// Returns how many there are.
pub(crate) fn count<T>(rows: &[T]) -> u64 {
    rows.iter().fold(0, |count: u64, _| count.saturating_add(1))
}

/// Returns the first multiple of a length of time that is not before a time.
pub(crate) fn first_multiple(time: Ticks, every: Ticks) -> Option<Ticks> {
    let past = time.checked_rem_euclid(every)?;
    if past == 0 { Some(time) } else { time.checked_add(every.checked_sub(past)?) }
}

impl Runs<'_> {
    /// Yields the times of all runs.
    pub(crate) fn all(self) -> impl Iterator<Item = Ticks> {
        sentinel::runs(self.first, self.every, self.to)
    }

    /// Returns how many runs there are.
    pub(crate) fn count(self) -> u64 {
        let span = self.to.checked_sub(self.first).and_then(|span| u64::try_from(span).ok());
        let every = u64::try_from(self.every).ok();
        let further = span.zip(every).and_then(|(span, every)| span.checked_div(every));
        further.map_or(0, |further| further.saturating_add(1))
    }

    /// Returns what a run looks at.
    pub(crate) fn look(self, run: Ticks) -> Look {
        let Self { schedule, ingestion_delay, assumptions, .. } = self;
        let window = schedule.window(run, ingestion_delay, assumptions);
        Look { now: schedule.now(run, assumptions), window: Some(window) }
    }

    /// Returns what a run looks at, where each record arrived at a time of its own.
    pub(crate) fn look_at_arrivals(self, run: Ticks, arrivals: &Arc<Arrivals>) -> (Look, Arrived) {
        let Self { schedule, assumptions, .. } = self;
        let (window, seen) = schedule.windows(run, assumptions);
        let look = Look { now: schedule.now(run, assumptions), window: Some(window) };
        let arrivals = Arc::clone(arrivals);
        (look, Arrived { arrivals, seen, too_late: schedule.too_late() })
    }

    /// Returns the times of all runs that see any of the times, which are in order.
    pub(crate) fn seeing(self, times: &[Ticks]) -> BTreeSet<Ticks> {
        let mut runs = BTreeSet::new();
        let Some(distances) = self.distances() else { return runs };
        for time in times {
            let first = self.first_that_sees(*time, distances);
            // Runs that a row before it was seen by are there already.
            let next = runs.last().and_then(|last: &Ticks| last.checked_add(self.every));
            let mut run = first.max(next.filter(|_| first.is_some()));
            while let Some(at) = run.filter(|at| *at <= self.to && self.sees_any(*at, &[*time])) {
                runs.insert(at);
                run = at.checked_add(self.every);
            }
        }
        runs
    }

    /// Tells whether a run sees any of the times, which are in order.
    pub(crate) fn sees_any(self, run: Ticks, times: &[Ticks]) -> bool {
        let Some(window) = self.look(run).window else { return false };
        let first = times.partition_point(|time| time < window.start());
        times.get(first).is_some_and(|time| window.contains(time))
    }

    /// Returns how many rows runs see, all together.
    pub(crate) fn rows_seen(self, runs: &BTreeSet<Ticks>, times: &RowTimes) -> u64 {
        let windows = runs.iter().filter_map(|run| self.look(*run).window);
        // A number that is too large is one that is above every limit.
        windows.map(|window| times.rows_in(&window)).fold(0, u64::saturating_add)
    }

    /// Returns the run at which `now()` is a time.
    pub(crate) fn run_at(self, now: Ticks) -> Option<Ticks> {
        now.checked_sub(self.look(self.first).now.checked_sub(self.first)?)
    }

    /// Returns the runs after each of which others find the same, until the next of them: what a run
    /// finds rests on which rows it sees, and on the comparisons of their times with its own that change
    /// so long after a row's time. Beside each stands whether it sees anything.
    pub(crate) fn changes(self, times: &[Ticks], steps: &BTreeSet<Ticks>) -> Vec<(Ticks, bool)> {
        let Some(distances) = self.distances() else { return Vec::new() };
        let mut runs = BTreeSet::new();
        for time in times {
            runs.extend(self.first_that_sees(*time, distances));
            runs.extend(self.first_that_no_longer_sees(*time, distances));
            runs.extend(self.after_steps(*time, steps, distances));
        }
        runs.into_iter().map(|run| (run, self.sees_any(run, times))).collect()
    }

    /// Returns those of [`changes`](Self::changes) that see anything.
    pub(crate) fn after_changes(self, times: &[Ticks], steps: &BTreeSet<Ticks>) -> BTreeSet<Ticks> {
        let changes = self.changes(times, steps).into_iter();
        changes.filter(|(_, sees_any)| *sees_any).map(|(run, _)| run).collect()
    }

    /// Returns, for each row by itself, the run that first sees it and those after which something about
    /// it has changed.
    pub(crate) fn inspections(self, times: &[Ticks], steps: &BTreeSet<Ticks>) -> Inspections {
        let mut inspections = Inspections::new();
        let Some(distances) = self.distances() else { return inspections };
        for (place, time) in times.iter().enumerate() {
            let first = self.first_that_sees(*time, distances);
            let sees = |run: &Ticks| {
                first.is_some_and(|first| *run >= first) && self.sees_any(*run, &[*time])
            };
            let changes = self.after_steps(*time, steps, distances);
            for run in first.into_iter().chain(changes).filter(sees) {
                inspections.entry(run).or_default().insert(place);
            }
        }
        inspections
    }

    /// Returns the looks at rows that have to be looked at in certain runs.
    pub(crate) fn looks_at(self, inspections: &Inspections, times: &[Ticks]) -> Vec<Look> {
        let mut looks = Vec::new();
        for (run, places) in inspections {
            let now = self.look(*run).now;
            let places: Vec<usize> = places.iter().copied().collect();
            // Times side by side are one window.
            for span in places.chunk_by(|place, next| place.checked_add(1) == Some(*next)) {
                let time =
                    |place: Option<&usize>| place.and_then(|place| times.get(*place)).copied();
                if let (Some(from), Some(to)) = (time(span.first()), time(span.last())) {
                    looks.push(Look { now, window: Some(from..=to) });
                }
            }
        }
        looks
    }

    fn first_that_sees(self, time: Ticks, distances: Distances) -> Option<Ticks> {
        self.not_before(time.checked_add(distances.newest)?)
    }

    fn first_that_no_longer_sees(self, time: Ticks, distances: Distances) -> Option<Ticks> {
        self.not_before(time.checked_add(distances.oldest)?.checked_add(1)?)
    }

    /// Yields the runs from which a comparison of a row's time with the run's is another: equality is a
    /// change of its own.
    fn after_steps(
        self,
        time: Ticks,
        steps: &BTreeSet<Ticks>,
        distances: Distances,
    ) -> impl Iterator<Item = Ticks> {
        steps.iter().flat_map(move |step| {
            let at = time.checked_add(*step).and_then(|now| now.checked_sub(distances.now));
            let behind = at.and_then(|at| at.checked_add(1));
            [at, behind].into_iter().flatten().filter_map(move |at| self.not_before(at))
        })
    }

    /// Returns the first run that is not before a time.
    fn not_before(self, time: Ticks) -> Option<Ticks> {
        let every = self.every;
        let past = time.checked_sub(self.first)?.max(0);
        let past_last = past.checked_rem(every)?;
        let missing = if past_last == 0 { 0 } else { every.checked_sub(past_last)? };
        let run = self.first.checked_add(past)?.checked_add(missing)?;
        (run <= self.to).then_some(run)
    }

    /// Returns the distances that all runs have; `None` if no run sees anything.
    fn distances(self) -> Option<Distances> {
        let Look { now, window } = self.look(self.first);
        let window = window.filter(|window| !window.is_empty())?;
        Some(Distances {
            oldest: self.first.checked_sub(*window.start())?,
            newest: self.first.checked_sub(*window.end())?,
            now: now.checked_sub(self.first)?,
        })
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "tests compute the times of made runs")]
mod tests {
    use sentinel::Kind;

    use super::*;

    const MINUTE: Ticks = 600_000_000;

    fn schedules() -> Vec<(Kind, Ticks)> {
        let scheduled = |frequency: i64, period: i64| Kind::Scheduled {
            frequency: frequency * MINUTE,
            period: period * MINUTE,
        };
        [scheduled(10, 10), scheduled(7, 31), scheduled(60, 240), Kind::NearRealTime]
            .into_iter()
            .flat_map(|kind| [0, 4, 9].map(|delay| (kind, delay * MINUTE)))
            .collect()
    }

    fn assumptions() -> Vec<Assumptions> {
        let mut all = Vec::new();
        for (window, now) in
            [("open-start", "scheduled"), ("open-end", "executed"), ("closed", "executed")]
        {
            let mut assumptions = Assumptions::default();
            assumptions.set("window", window).unwrap();
            assumptions.set("now", now).unwrap();
            all.push(assumptions);
        }
        all
    }

    /// What a run finds rests on: the rows it sees, each with the sides of the steps it is on.
    fn state(
        runs: Runs<'_>,
        run: Ticks,
        times: &[Ticks],
        steps: &BTreeSet<Ticks>,
    ) -> BTreeMap<Ticks, Vec<std::cmp::Ordering>> {
        let look = runs.look(run);
        let sides = |time: Ticks| steps.iter().map(|step| look.now.cmp(&(time + step))).collect();
        let seen = times.iter().filter(|time| look.window.clone().unwrap().contains(time));
        seen.map(|time| (*time, sides(*time))).collect()
    }

    fn each_case(mut check: impl FnMut(Runs<'_>, &[Ticks], &BTreeSet<Ticks>)) {
        let times: Vec<Ticks> = (0..400)
            .filter(|minute| minute % 37 < 5 && minute % 3 != 1)
            .map(|minute| minute * MINUTE)
            .collect();
        for (kind, ingestion_delay) in schedules() {
            for assumptions in &assumptions() {
                for steps in [&[][..], &[0], &[5], &[-3, 24, 31, 100]] {
                    let steps: BTreeSet<Ticks> = steps.iter().map(|step| step * MINUTE).collect();
                    let (first, to) = (3 * MINUTE, 600 * MINUTE);
                    let schedule = Schedule::of(kind);
                    let every = schedule.frequency();
                    let runs = Runs { schedule, every, first, to, ingestion_delay, assumptions };
                    check(runs, &times, &steps);
                }
            }
        }
    }

    #[test]
    fn a_run_finds_what_the_last_run_after_a_change_found() {
        each_case(|runs, times, steps| {
            let looked = runs.after_changes(times, steps);
            assert!(looked.iter().all(|run| (run - runs.first) % runs.every == 0));
            for run in runs.all().filter(|run| runs.sees_any(*run, times)) {
                let last = looked.range(..=run).next_back().unwrap();
                assert_eq!(
                    state(runs, run, times, steps),
                    state(runs, *last, times, steps),
                    "{run} {runs:?}"
                );
            }
        });
    }

    #[test]
    fn runs_that_see_a_row_are_those_whose_window_has_one() {
        each_case(|runs, times, _| {
            let expected: BTreeSet<Ticks> =
                runs.all().filter(|run| runs.sees_any(*run, times)).collect();
            assert_eq!(runs.seeing(times), expected, "{runs:?}");
        });
    }

    #[test]
    fn a_row_is_in_the_state_of_the_last_run_that_inspected_it() {
        each_case(|runs, times, steps| {
            let inspections = runs.inspections(times, steps);
            for run in runs.all() {
                for (time, sides) in state(runs, run, times, steps) {
                    let place = times.binary_search(&time).unwrap();
                    let mut until = inspections.range(..=run).rev();
                    let (last, _) = until.find(|(_, places)| places.contains(&place)).unwrap();
                    assert_eq!(state(runs, *last, times, steps)[&time], sides, "{run} {runs:?}");
                }
            }
            let looks = runs.looks_at(&inspections, times);
            let seen = |look: &Look| {
                let window = look.window.clone().unwrap();
                times.iter().filter(|time| window.contains(time)).count()
            };
            let inspected: usize = inspections.values().map(BTreeSet::len).sum();
            assert_eq!(looks.iter().map(seen).sum::<usize>(), inspected);
            for look in &looks {
                assert_eq!(runs.look(runs.run_at(look.now).unwrap()).now, look.now);
            }
        });
    }

    #[test]
    fn runs_are_counted_as_they_are_made() {
        each_case(|runs, _, _| {
            assert_eq!(runs.count(), u64::try_from(runs.all().count()).unwrap());
        });
        let assumptions = Assumptions::default();
        let schedule = Schedule::of(Kind::NearRealTime);
        let (every, assumptions) = (MINUTE, &assumptions);
        let none = Runs { schedule, every, first: 9, to: 8, ingestion_delay: 0, assumptions };
        assert_eq!((none.count(), none.all().count()), (0, 0));
    }
}
