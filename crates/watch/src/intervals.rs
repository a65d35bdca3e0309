//! Which runs of a rule have to be looked at: intervals of times.

use kql_types::Ticks;

/// Intervals of times, both ends included, in order and apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Intervals(Vec<(Ticks, Ticks)>);

impl Intervals {
    /// Makes intervals of those that may overlap.
    pub(crate) fn new(mut all: Vec<(Ticks, Ticks)>) -> Self {
        all.sort_unstable();
        let mut apart: Vec<(Ticks, Ticks)> = Vec::new();
        for (first, last) in all {
            match apart.last_mut() {
                Some((_, end)) if first <= end.saturating_add(1) => *end = last.max(*end),
                _ => apart.push((first, last)),
            }
        }
        Self(apart)
    }

    /// Adds an interval.
    pub(crate) fn add(&mut self, first: Ticks, last: Ticks) {
        let mut all = std::mem::take(&mut self.0);
        all.push((first, last));
        *self = Self::new(all);
    }

    /// Takes out all times up to one.
    pub(crate) fn remove_up_to(&mut self, time: Ticks) {
        self.0.retain(|(_, last)| *last > time);
        if let Some((first, _)) = self.0.first_mut() {
            *first = (*first).max(time.saturating_add(1));
        }
    }

    /// Returns those that begin at a time or before it, cut there.
    pub(crate) fn up_to(&self, time: Ticks) -> Vec<(Ticks, Ticks)> {
        let begun = self.0.iter().filter(|(first, _)| *first <= time);
        begun.map(|(first, last)| (*first, time.min(*last))).collect()
    }

    /// Yields them in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Ticks, Ticks)> {
        self.0.iter().copied()
    }

    /// Tells whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_touches_is_one() {
        let mut intervals = Intervals::new(vec![(10, 20), (1, 3), (15, 30)]);
        intervals.add(4, 5);
        assert_eq!(intervals.iter().collect::<Vec<_>>(), [(1, 5), (10, 30)]);
    }

    #[test]
    fn what_has_been_looked_at_is_taken_out() {
        let mut intervals = Intervals::new(vec![(1, 5), (10, 30), (40, 50)]);
        assert_eq!(intervals.up_to(12), [(1, 5), (10, 12)]);
        intervals.remove_up_to(12);
        assert_eq!(intervals.iter().collect::<Vec<_>>(), [(13, 30), (40, 50)]);
        intervals.remove_up_to(50);
        assert!(intervals.is_empty());
    }
}
