//! Distinct times and how many rows have them, on the account of memory.

use std::{collections::BTreeMap, ops::RangeInclusive};

use kql_types::Ticks;

use crate::{account::Reservation, error::EngineError};

/// The times of the rows that a query looks at.
#[derive(Debug)]
pub struct RowTimes {
    /// By leaf.
    leaves: BTreeMap<usize, LeafTimes>,
    times: Vec<Ticks>,
    _account: Reservation,
}

impl RowTimes {
    /// Puts together the times of a query's leaves.
    ///
    /// # Errors
    ///
    /// If there are more distinct ones than the memory limit allows.
    pub(crate) fn new(
        leaves: BTreeMap<usize, LeafTimes>,
        account: Reservation,
    ) -> Result<Self, EngineError> {
        let all: usize = leaves.values().map(|leaf| leaf.times.len()).sum();
        account.grow(all.saturating_mul(size_of::<Ticks>()))?;
        let mut times = Vec::with_capacity(all);
        times.extend(leaves.values().flat_map(|leaf| &leaf.times));
        times.sort_unstable();
        times.dedup();
        Ok(Self { leaves, times, _account: account })
    }

    /// Returns the times in order, each once.
    pub fn times(&self) -> &[Ticks] {
        &self.times
    }

    /// Returns how many rows have a time in the window.
    pub fn rows_in(&self, window: &RangeInclusive<Ticks>) -> u64 {
        self.leaves.values().map(|leaf| leaf.rows_in(window)).sum()
    }

    /// Tells whether a leaf has rows with a time in the window.
    pub(crate) fn has_rows_in(&self, leaf: usize, window: &RangeInclusive<Ticks>) -> bool {
        self.leaves.get(&leaf).is_some_and(|leaf| leaf.rows_in(window) > 0)
    }
}

/// The times of a leaf's rows.
#[derive(Debug)]
pub(crate) struct LeafTimes {
    times: Vec<Ticks>,
    /// For each time, how many rows have it or an earlier one.
    until: Vec<u64>,
    _account: Reservation,
}

impl LeafTimes {
    /// Returns how many rows have a time in the window.
    fn rows_in(&self, window: &RangeInclusive<Ticks>) -> u64 {
        let rows = |times: usize| times.checked_sub(1).and_then(|last| self.until.get(last));
        let before = rows(self.times.partition_point(|time| time < window.start()));
        let until = rows(self.times.partition_point(|time| time <= window.end()));
        let count = |rows: Option<&u64>| rows.copied().unwrap_or(0);
        // A window that ends before it begins holds nothing.
        count(until).saturating_sub(count(before))
    }
}

/// Times so far; those that stand there twice are put together now and then.
#[derive(Debug)]
pub(crate) struct Times {
    /// Each with its number of rows.
    times: Vec<(Ticks, u64)>,
    account: Reservation,
}

/// So many times are kept before any are taken out.
const LEAST: usize = 8_192;

impl Times {
    /// Starts without any.
    pub(crate) fn new(account: Reservation) -> Self {
        Self { times: Vec::new(), account }
    }

    /// Adds times.
    ///
    /// # Errors
    ///
    /// If there are more distinct ones than the memory limit allows.
    pub(crate) fn extend(&mut self, times: impl Iterator<Item = Ticks>) -> Result<(), EngineError> {
        for time in times {
            if self.times.len() == self.times.capacity() {
                self.make_room()?;
            }
            self.times.push((time, 1));
        }
        Ok(())
    }

    /// Ends with all of them.
    pub(crate) fn finish(mut self) -> LeafTimes {
        self.sort();
        let mut rows = 0_u64;
        let until = self.times.iter().map(|(_, count)| {
            rows = rows.saturating_add(*count);
            rows
        });
        let until = until.collect();
        let times = self.times.into_iter().map(|(time, _)| time).collect();
        LeafTimes { times, until, _account: self.account }
    }

    /// Puts together what stands there twice; if that is not half, makes room for as many again.
    fn make_room(&mut self) -> Result<(), EngineError> {
        self.sort();
        let (len, capacity) = (self.times.len(), self.times.capacity());
        if capacity > 0 && len <= capacity / 2 {
            return Ok(());
        }
        let more = len.max(LEAST);
        let bytes = |count: usize| count.saturating_mul(size_of::<(Ticks, u64)>());
        // The old ones stand there until they have been copied.
        self.account.grow(bytes(len.saturating_add(more)))?;
        self.times.reserve_exact(more);
        self.account.shrink(bytes(capacity));
        Ok(())
    }

    fn sort(&mut self) {
        self.times.sort_unstable_by_key(|(time, _)| *time);
        self.times.dedup_by(|later, kept| {
            let is_same = later.0 == kept.0;
            if is_same {
                kept.1 = kept.1.saturating_add(later.1);
            }
            is_same
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_times_again_take_no_memory() {
        let mut times = Times::new(Reservation::with_limit(LEAST * 16 * 3));
        for round in 0..50 {
            times.extend((0..3_000).map(|time| time * 7 % 3_000 + round % 2)).unwrap();
        }
        let account = Reservation::with_limit(1 << 20);
        let times = RowTimes::new(BTreeMap::from([(7, times.finish())]), account).unwrap();
        assert!(times.has_rows_in(7, &(3_000..=3_000)) && !times.has_rows_in(6, &(0..=9)));
        assert_eq!(times.times(), (0..=3_000).collect::<Vec<Ticks>>());
        assert_eq!(times.rows_in(&(0..=3_000)), 150_000);
        assert_eq!(times.rows_in(&(1..=1)), 50);
        assert_eq!(times.rows_in(&(3_000..=9_000)), 25);
        assert_eq!(times.rows_in(&RangeInclusive::new(5, 4)), 0);
    }

    #[test]
    fn more_than_the_limit_is_an_error() {
        let mut times = Times::new(Reservation::with_limit(1 << 20));
        let error = times.extend(0..1_000_000).unwrap_err();
        assert!(error.is_out_of_memory());
    }
}
