//! Runs of activity, found by time.

use kql_types::Ticks;

/// Items with a first and a last time, by the last.
#[derive(Debug, Default)]
pub(super) struct Timeline {
    by_last: Vec<(Ticks, usize)>,
    /// The longest of them, which bounds how far a search has to look ahead.
    longest: Ticks,
}

impl Timeline {
    /// Adds an item; [`Timeline::settle`] has to follow before a search.
    pub(super) fn add(&mut self, item: usize, first: Ticks, last: Ticks) {
        self.by_last.push((last, item));
        self.longest = self.longest.max(last.saturating_sub(first));
    }

    pub(super) fn settle(&mut self) {
        self.by_last.sort_unstable();
    }

    /// Returns the items that may be within `reach` of a time; some are not.
    pub(super) fn around(&self, time: Ticks, reach: Ticks) -> impl Iterator<Item = usize> + '_ {
        let earliest = time.saturating_sub(reach);
        let latest = time.saturating_add(reach).saturating_add(self.longest);
        let from = self.by_last.partition_point(|(last, _)| *last < earliest);
        let items = self.by_last.get(from..).unwrap_or_default();
        items.iter().take_while(move |(last, _)| *last <= latest).map(|(_, item)| *item)
    }
}
