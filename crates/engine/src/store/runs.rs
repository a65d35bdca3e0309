//! The runs of a schedule that one execution of a plan stands for.

use std::ops::RangeInclusive;

use arrow::datatypes::{DataType, Field};
use kql_types::Ticks;

/// The column that has the time of the run which sees a row.
pub(crate) const RUN: &str = "#run";

/// Returns the field of [`RUN`].
pub(crate) fn run_field() -> Field {
    Field::new(RUN, DataType::Int64, false)
}

/// Runs, and the times of the records that each of them sees.
#[derive(Debug, Default)]
pub(crate) struct Runs {
    /// By the first time they see.
    by_first: Vec<Seen>,
    /// The longest window.
    longest: Ticks,
    last: Ticks,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    run: Ticks,
    from: Ticks,
    to: Ticks,
}

impl Runs {
    /// Makes runs of their times, each with the times of the records that it sees.
    pub(crate) fn new(windows: Vec<(Ticks, RangeInclusive<Ticks>)>) -> Self {
        let seen = |(run, window): (Ticks, RangeInclusive<Ticks>)| {
            let (from, to) = window.into_inner();
            Seen { run, from, to }
        };
        let mut runs: Vec<Seen> = windows.into_iter().map(seen).collect();
        runs.sort_by_key(|it| (it.from, it.run));
        let length = |it: &Seen| it.to.checked_sub(it.from).unwrap_or(Ticks::MAX);
        let longest = runs.iter().map(length).max();
        let last = runs.iter().map(|it| it.to).max();
        let (longest, last) = (longest.unwrap_or(Ticks::MAX), last.unwrap_or(Ticks::MIN));
        Self { by_first: runs, longest, last }
    }

    /// Returns the times from the first to the last that any run sees; `None` if there is no run.
    pub(crate) fn all(&self) -> Option<RangeInclusive<Ticks>> {
        self.by_first.first().map(|first| first.from..=self.last)
    }

    /// Yields the times of the runs that see a record of this time.
    pub(crate) fn seeing(&self, time: Ticks) -> impl Iterator<Item = Ticks> {
        let earliest = time.checked_sub(self.longest).unwrap_or(Ticks::MIN);
        let first = self.by_first.partition_point(|it| it.from < earliest);
        let runs = self.by_first.iter().skip(first).take_while(move |it| it.from <= time);
        runs.filter(move |it| it.to >= time).map(|it| it.run)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same in plain words.
    fn seeing(windows: &[(Ticks, RangeInclusive<Ticks>)], time: Ticks) -> Vec<Ticks> {
        let seeing = windows.iter().filter(|(_, window)| window.contains(&time));
        let mut runs: Vec<Ticks> = seeing.map(|(run, _)| *run).collect();
        runs.sort_unstable();
        runs
    }

    proptest! {
        #[test]
        fn a_record_is_seen_by_the_runs_whose_windows_hold_it(
            windows in proptest::collection::vec((0..60_i64, 0..40_i64, 0..30_i64), 0..20),
            times in proptest::collection::vec(-10..100_i64, 1..20),
        ) {
            let window = |(run, from, length): (Ticks, Ticks, Ticks)| {
                (run, from..=from.checked_add(length).unwrap())
            };
            let windows: Vec<_> = windows.into_iter().map(window).collect();
            let runs = Runs::new(windows.clone());
            for time in times {
                let mut found: Vec<Ticks> = runs.seeing(time).collect();
                found.sort_unstable();
                prop_assert_eq!(&found, &seeing(&windows, time));
                prop_assert!(found.is_empty() || runs.all().unwrap().contains(&time));
            }
        }
    }
}
