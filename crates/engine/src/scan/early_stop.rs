//! When reading may end before the end of the input: the same records are read on any number of
//! threads.
//!
//! Reading may end when every branch has all rows that it asked for. Which rows those are depends on
//! the order of the input alone, so only rows count before which everything has been read: an input
//! ends early where its own rows are enough, and inputs are left out behind one up to which all are
//! done and enough. What threads have read of later inputs by then is as if it had not been.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::plan::branch::Branch;

/// How far the pass has to go; shared by its threads.
#[derive(Debug)]
pub(crate) struct EarlyStop {
    /// How many rows each branch asked for; `None` if one of them wants all there are.
    wanted: Option<Vec<usize>>,
    /// The last input that counts.
    last: AtomicUsize,
    done: Mutex<Done>,
}

/// Inputs that have been read.
#[derive(Debug, Default)]
struct Done {
    /// Inputs behind one that has not been read: the branches that each has enough rows for.
    waiting: BTreeMap<usize, Vec<bool>>,
    /// The first input that has not been read.
    next: usize,
    /// The branches that one of those before has enough rows for: rows of several may turn out to be
    /// copies of each other.
    enough: Vec<bool>,
}

impl EarlyStop {
    /// Starts a pass for branches; without `may_stop` it goes to the end of the input.
    pub(crate) fn new(branches: &[Branch], may_stop: bool) -> Self {
        let wanted = branches.iter().map(|branch| branch.fetch).collect::<Option<Vec<_>>>();
        let wanted = wanted.filter(|wanted| may_stop && !wanted.is_empty());
        let enough = vec![false; branches.len()];
        Self {
            wanted,
            last: AtomicUsize::new(usize::MAX),
            done: Mutex::new(Done { enough, ..Done::default() }),
        }
    }

    /// Tells whether the pass may end early, so that inputs are best read in their order.
    pub(crate) fn is_possible(&self) -> bool {
        self.wanted.is_some()
    }

    /// Tells whether an input no longer counts.
    pub(crate) fn is_over(&self, input: usize) -> bool {
        input > self.last.load(Ordering::Relaxed)
    }

    /// Tells whether an input's own rows, by branch, are enough. It is the last one then.
    pub(crate) fn is_enough(&self, input: usize, rows: &[usize]) -> bool {
        let Some(wanted) = &self.wanted else { return false };
        let is_enough = wanted.iter().zip(rows).all(|(wanted, rows)| rows >= wanted);
        if is_enough {
            self.end_with(input);
        }
        is_enough
    }

    /// Takes note that an input has been read, and of its rows by branch.
    pub(crate) fn has_read(&self, input: usize, rows: &[usize]) {
        let Some(wanted) = &self.wanted else { return };
        let enough = wanted.iter().zip(rows).map(|(wanted, rows)| rows >= wanted).collect();
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.waiting.insert(input, enough);
        while let Some(enough) = done.next_read() {
            let known = done.enough.iter_mut().zip(enough);
            known.for_each(|(known, enough)| *known |= enough);
            if done.enough.iter().all(|enough| *enough) {
                self.end_with(done.next.saturating_sub(1));
            }
        }
    }

    /// Takes note that nothing behind an input counts.
    pub(crate) fn end_with(&self, input: usize) {
        self.last.fetch_min(input, Ordering::Relaxed);
    }

    /// Returns the last input that counts, if not all of them do.
    pub(crate) fn last(&self) -> Option<usize> {
        Some(self.last.load(Ordering::Relaxed)).filter(|last| *last < usize::MAX)
    }
}

impl Done {
    fn next_read(&mut self) -> Option<Vec<bool>> {
        let enough = self.waiting.remove(&self.next)?;
        self.next = self.next.saturating_add(1);
        Some(enough)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::datatypes::Schema;

    use super::*;

    fn stop(wanted: &[Option<usize>]) -> EarlyStop {
        let schema = Arc::new(Schema::empty());
        let branch = |fetch: &Option<usize>| Branch {
            table: "T".into(),
            columns: Vec::new(),
            projection: Vec::new(),
            conjuncts: Vec::new(),
            input: Arc::clone(&schema),
            fetch: *fetch,
            first: None,
            is_timed: false,
            raw_schema: Arc::clone(&schema),
            schema: Arc::clone(&schema),
        };
        EarlyStop::new(&wanted.iter().map(branch).collect::<Vec<_>>(), true)
    }

    /// Returns the last input after inputs with these rows have been read in an order.
    fn last(stop: &EarlyStop, rows: &[&[usize]], order: &[usize]) -> Option<usize> {
        for input in order {
            if !stop.is_over(*input) {
                stop.is_enough(*input, rows[*input]);
                stop.has_read(*input, rows[*input]);
            }
        }
        stop.last()
    }

    #[test]
    fn the_last_input_is_the_same_in_any_order() {
        let rows: [&[usize]; 4] = [&[1, 9], &[4, 0], &[5, 0], &[9, 9]];
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 3, 0, 1], [1, 3, 2, 0]] {
            assert_eq!(last(&stop(&[Some(5), Some(3)]), &rows, &order), Some(2), "{order:?}");
            assert_eq!(last(&stop(&[Some(9), Some(3)]), &rows, &order), Some(3), "{order:?}");
            assert_eq!(last(&stop(&[Some(10), Some(3)]), &rows, &order), None, "{order:?}");
        }
    }

    #[test]
    fn rows_of_a_later_input_count_when_those_before_have_been_read() {
        let stop = stop(&[Some(2)]);
        assert!(stop.is_enough(3, &[2]));
        assert!(stop.is_over(4) && !stop.is_over(1));
        stop.has_read(1, &[2]);
        assert_eq!(stop.last(), Some(3), "input 0 may have the first rows");
        stop.has_read(0, &[0]);
        assert_eq!(stop.last(), Some(1));
    }

    #[test]
    fn a_branch_that_wants_all_rows_ends_nothing() {
        let stop = stop(&[Some(2), None]);
        assert!(!stop.is_possible() && !stop.is_enough(0, &[9, 9]));
    }
}
