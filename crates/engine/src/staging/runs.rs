//! The runs of a schedule that one execution of a plan stands for.

use std::ops::RangeInclusive;

use kql_types::Ticks;

use crate::run::Look;

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
    /// Makes the runs of looks. A look without a window sees no row: that of a row without a time
    /// cannot be told.
    pub(crate) fn new(looks: &[Look]) -> Self {
        let seen = |look: &Look| {
            let window = look.window.as_ref()?;
            Some(Seen { run: look.now, from: *window.start(), to: *window.end() })
        };
        let mut runs: Vec<Seen> = looks.iter().filter_map(seen).collect();
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
    fn seeing(looks: &[Look], time: Ticks) -> Vec<Ticks> {
        let sees = |look: &&Look| look.window.as_ref().is_some_and(|window| window.contains(&time));
        let mut runs: Vec<Ticks> = looks.iter().filter(sees).map(|look| look.now).collect();
        runs.sort_unstable();
        runs
    }

    proptest! {
        #[test]
        fn a_record_is_seen_by_the_runs_whose_windows_hold_it(
            looks in proptest::collection::vec((0..60_i64, 0..40_i64, 0..30_i64), 0..20),
            times in proptest::collection::vec(-10..100_i64, 1..20),
        ) {
            let look = |(now, from, length): (Ticks, Ticks, Ticks)| {
                Look { now, window: Some(from..=from.checked_add(length).unwrap()) }
            };
            let looks: Vec<Look> = looks.into_iter().map(look).collect();
            let runs = Runs::new(&looks);
            for time in times {
                let mut found: Vec<Ticks> = runs.seeing(time).collect();
                found.sort_unstable();
                prop_assert_eq!(&found, &seeing(&looks, time));
                prop_assert!(found.is_empty() || runs.all().unwrap().contains(&time));
            }
        }
    }
}
