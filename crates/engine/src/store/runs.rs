//! The runs of a schedule that one execution of a plan stands for.

use std::{collections::BTreeMap, ops::RangeInclusive, sync::Arc};

use arrow::datatypes::{DataType, Field};
use kql_types::Ticks;

use super::parts::{PartId, RowParts};
use crate::error::EngineError;

/// The column that has the time of the run which sees a row.
pub(crate) const RUN: &str = "#run";

/// Returns the field of [`RUN`].
pub(crate) fn run_field() -> Field {
    Field::new(RUN, DataType::Int64, false)
}

/// Runs, and which records each of them sees.
#[derive(Debug)]
pub(crate) struct Runs {
    windows: Windows,
    /// If runs see certain parts of a divided query alone: the windows in which each part is seen.
    of_parts: Option<(BTreeMap<PartId, Windows>, Arc<RowParts>)>,
}

impl Runs {
    /// Makes runs of their times, each with the times of the records that it sees.
    pub(crate) fn new(windows: Vec<(Ticks, RangeInclusive<Ticks>)>) -> Self {
        Self { windows: Windows::new(windows), of_parts: None }
    }

    /// Makes runs that see certain parts alone.
    pub(crate) fn of_parts(
        windows: Vec<(PartId, Ticks, RangeInclusive<Ticks>)>,
        parts: Arc<RowParts>,
    ) -> Self {
        let all = windows.iter().map(|(_, run, window)| (*run, window.clone())).collect();
        let mut of_parts: BTreeMap<PartId, Vec<_>> = BTreeMap::new();
        for (part, run, window) in windows {
            of_parts.entry(part).or_default().push((run, window));
        }
        let of_parts = of_parts.into_iter().map(|(part, it)| (part, Windows::new(it))).collect();
        Self { windows: Windows::new(all), of_parts: Some((of_parts, parts)) }
    }

    /// Returns the times from the first to the last that any run sees; `None` if there is no run.
    pub(crate) fn all(&self) -> Option<RangeInclusive<Ticks>> {
        self.windows.all()
    }

    /// Returns what tells which runs see the rows of a leaf's block.
    pub(super) fn seeing(&self, leaf: usize, block: usize) -> Result<Seeing<'_>, EngineError> {
        let Some((of_parts, parts)) = &self.of_parts else { return Ok(Seeing::All(&self.windows)) };
        let parts = parts.of(leaf, block);
        let parts = parts.ok_or(EngineError::Internal { what: "rows belong to no part" })?;
        Ok(Seeing::Parts(of_parts, parts))
    }
}

/// Which runs see the rows of a block.
#[derive(Clone, Copy, Debug)]
pub(super) enum Seeing<'a> {
    /// Whichever see their times.
    All(&'a Windows),
    /// By the part of each row.
    Parts(&'a BTreeMap<PartId, Windows>, &'a [PartId]),
}

impl<'a> Seeing<'a> {
    /// Yields the times of the runs that see a row.
    ///
    /// - `place`: its place among the leaf's rows in the block.
    pub(super) fn runs(self, place: usize, time: Ticks) -> impl Iterator<Item = Ticks> + use<'a> {
        let windows = match self {
            Self::All(windows) => Some(windows),
            Self::Parts(of_parts, parts) => parts.get(place).and_then(|part| of_parts.get(part)),
        };
        windows.into_iter().flat_map(move |windows| windows.seeing(time))
    }
}

/// The windows of runs.
#[derive(Debug)]
pub(super) struct Windows {
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

impl Windows {
    fn new(windows: Vec<(Ticks, RangeInclusive<Ticks>)>) -> Self {
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

    fn all(&self) -> Option<RangeInclusive<Ticks>> {
        self.by_first.first().map(|first| first.from..=self.last)
    }

    /// Yields the times of the runs that see a record of this time.
    fn seeing(&self, time: Ticks) -> impl Iterator<Item = Ticks> {
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
            let everything = runs.seeing(0, 0).unwrap();
            for time in times {
                let mut found: Vec<Ticks> = everything.runs(0, time).collect();
                found.sort_unstable();
                prop_assert_eq!(&found, &seeing(&windows, time));
                prop_assert!(found.is_empty() || runs.all().unwrap().contains(&time));
            }
        }
    }

    #[test]
    fn a_row_is_seen_by_the_runs_that_look_at_its_part() {
        let [one, other, third] = [1, 2, 3].map(PartId);
        let mut parts = RowParts::default();
        parts.add(4, 0, vec![one, other, third]);
        let windows = vec![(one, 10, 0..=10), (other, 10, 0..=10), (one, 20, 5..=20)];
        let runs = Runs::of_parts(windows, Arc::new(parts));
        let seeing = runs.seeing(4, 0).unwrap();
        let of = |place: usize, time: Ticks| seeing.runs(place, time).collect::<Vec<_>>();
        assert_eq!((of(0, 7), of(0, 2), of(0, 15)), (vec![10, 20], vec![10], vec![20]));
        assert_eq!((of(1, 7), of(1, 15), of(2, 7)), (vec![10], vec![], vec![]));
        assert_eq!(runs.all(), Some(0..=20));
        assert!(runs.seeing(4, 1).is_err());
    }
}
