//! Marks along time, as many as a picture can show.

use std::collections::BTreeMap;

use detection::simulate::Mode;
use kql_types::Ticks;

/// Marks that are kept, at most: more than a screen has columns.
const MAX_MARKS: usize = 4_096;

/// Something along time that can be one with its neighbour.
pub(in crate::simulation) trait Mark {
    /// Takes in the next mark.
    fn merge(&mut self, next: Self);

    /// Returns how many things of its kind it stands for.
    fn weight(&self) -> u64;

    /// Returns its last time.
    fn last(&self) -> Ticks;
}

/// Marks in order of time. When there are too many, each two neighbours become one.
#[derive(Debug)]
pub(in crate::simulation) struct Marks<M> {
    marks: Vec<M>,
    /// For how many things a mark stands, if it is full.
    each: u64,
}

impl<M> Default for Marks<M> {
    fn default() -> Self {
        Self { marks: Vec::new(), each: 1 }
    }
}

impl<M: Mark> Marks<M> {
    /// Adds a mark that is not before those that are there.
    pub(in crate::simulation) fn push(&mut self, mark: M) {
        match self.marks.last_mut() {
            Some(last) if last.weight() < self.each => last.merge(mark),
            _ => self.marks.push(mark),
        }
        if self.marks.len() > MAX_MARKS {
            let mut merged: Vec<M> = Vec::new();
            let double = self.each.saturating_mul(2);
            for mark in self.marks.drain(..) {
                match merged.last_mut() {
                    Some(last) if last.weight() < double => last.merge(mark),
                    _ => merged.push(mark),
                }
            }
            self.marks = merged;
            self.each = double;
        }
    }

    pub(in crate::simulation) const fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    pub(in crate::simulation) fn iter(&self) -> impl Iterator<Item = &M> {
        self.marks.iter()
    }

    /// Returns how many things a mark stands for; 1 if every mark is one of them.
    pub(in crate::simulation) const fn each(&self) -> u64 {
        self.each
    }

    /// Returns the mark of a time: the first that does not end before it, or the last one.
    pub(in crate::simulation) fn at_mut(&mut self, time: Ticks) -> Option<&mut M> {
        let place = self.marks.partition_point(|mark| mark.last() < time);
        let last = self.marks.len().checked_sub(1)?;
        self.marks.get_mut(place.min(last))
    }
}

/// Times of events.
#[derive(Clone, Debug)]
pub(in crate::simulation) struct EventMark {
    pub(in crate::simulation) first: Ticks,
    pub(in crate::simulation) last: Ticks,
    /// How many times there are.
    pub(in crate::simulation) times: u64,
    /// How many alerts of a mode cite an event of these times.
    pub(in crate::simulation) cited: BTreeMap<Mode, u64>,
}

impl EventMark {
    pub(in crate::simulation) fn at(time: Ticks) -> Self {
        Self { first: time, last: time, times: 1, cited: BTreeMap::new() }
    }

    pub(in crate::simulation) fn cite(&mut self, mode: Mode) {
        let count = self.cited.entry(mode).or_default();
        *count = count.saturating_add(1);
    }

    pub(in crate::simulation) fn cited(&self, mode: Mode) -> u64 {
        self.cited.get(&mode).copied().unwrap_or(0)
    }
}

impl Mark for EventMark {
    fn merge(&mut self, next: Self) {
        self.last = next.last;
        self.times = self.times.saturating_add(next.times);
        for (mode, count) in next.cited {
            let sum = self.cited.entry(mode).or_default();
            *sum = sum.saturating_add(count);
        }
    }

    fn weight(&self) -> u64 {
        self.times
    }

    fn last(&self) -> Ticks {
        self.last
    }
}

/// Runs of a rule.
#[derive(Clone, Debug)]
pub(in crate::simulation) struct RunMark {
    pub(in crate::simulation) first: Ticks,
    pub(in crate::simulation) last: Ticks,
    /// From when to when the runs look, taken together.
    pub(in crate::simulation) window: (Ticks, Ticks),
    pub(in crate::simulation) runs: u64,
    pub(in crate::simulation) rows: u64,
    pub(in crate::simulation) alerts: usize,
    pub(in crate::simulation) repeated: usize,
    /// How many did not go as they should, by how they went.
    pub(in crate::simulation) not_ok: BTreeMap<&'static str, u64>,
}

impl Mark for RunMark {
    fn merge(&mut self, next: Self) {
        self.last = next.last;
        self.window = (self.window.0.min(next.window.0), self.window.1.max(next.window.1));
        self.runs = self.runs.saturating_add(next.runs);
        self.rows = self.rows.saturating_add(next.rows);
        self.alerts = self.alerts.saturating_add(next.alerts);
        self.repeated = self.repeated.saturating_add(next.repeated);
        for (status, count) in next.not_ok {
            let sum = self.not_ok.entry(status).or_default();
            *sum = sum.saturating_add(count);
        }
    }

    fn weight(&self) -> u64 {
        self.runs
    }

    fn last(&self) -> Ticks {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stay_few_and_count_everything() {
        let mut marks = Marks::default();
        for time in 0..100_000 {
            marks.push(EventMark::at(time));
        }
        assert!(marks.iter().count() <= MAX_MARKS && marks.iter().count() > MAX_MARKS / 4);
        assert_eq!(marks.iter().map(|mark| mark.times).sum::<u64>(), 100_000);
        let mut next = 0;
        for mark in marks.iter() {
            assert_eq!(mark.first, next);
            assert!(mark.times <= marks.each());
            next = mark.last + 1;
        }
        assert_eq!(next, 100_000);
        marks.at_mut(77_777).unwrap().cite(Mode::Exact);
        let cited: Vec<_> = marks.iter().filter(|mark| mark.cited(Mode::Exact) > 0).collect();
        assert!(cited.len() == 1 && (cited[0].first..=cited[0].last).contains(&77_777));
    }

    #[test]
    fn few_marks_stay_as_they_are() {
        let mut marks = Marks::default();
        for time in [3, 5, 9] {
            marks.push(EventMark::at(time));
        }
        assert_eq!(marks.iter().map(|mark| mark.first).collect::<Vec<_>>(), [3, 5, 9]);
        assert_eq!(marks.at_mut(5).unwrap().first, 5);
        assert_eq!(marks.at_mut(99).unwrap().first, 9);
    }
}
