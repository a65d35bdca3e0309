//! Where the pass gives pipelines their rows: in the order of the inputs, whatever thread reads them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

use arrow::record_batch::RecordBatch;

use super::feed::Feeder;

/// The ways from the pass into its pipelines.
#[derive(Debug)]
pub(crate) struct Outlets {
    /// By leaf.
    feeders: BTreeMap<usize, Feeder>,
    /// Bytes of rows that may wait for the inputs before them to be read.
    most_bytes: usize,
    waiting: Mutex<Waiting>,
    turn_has_come: Condvar,
}

/// Rows of inputs whose turn has not come.
#[derive(Debug, Default)]
struct Waiting {
    /// The first input that has not been read.
    current: usize,
    /// Those behind it that have been.
    read: BTreeSet<usize>,
    rows: BTreeMap<usize, Vec<(usize, RecordBatch)>>,
    bytes: usize,
}

/// An input that is being read; when it is dropped, the input's rows have all come.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    outlets: &'a Outlets,
    input: usize,
}

impl Outlets {
    /// Makes the outlets of leaves.
    ///
    /// - `most_bytes`: what rows may take that have been read before those of an input before them.
    pub(crate) fn new(feeders: BTreeMap<usize, Feeder>, most_bytes: usize) -> Self {
        Self { feeders, most_bytes, waiting: Mutex::default(), turn_has_come: Condvar::new() }
    }

    /// Tells whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.feeders.is_empty()
    }

    /// Tells whether a leaf has one.
    pub(crate) fn has(&self, leaf: usize) -> bool {
        self.feeders.contains_key(&leaf)
    }

    /// Begins to read an input. Each has to be read, or begun and left, once.
    pub(crate) fn turn(&self, input: usize) -> Turn<'_> {
        Turn { outlets: self, input }
    }

    fn give(&self, leaf: usize, rows: RecordBatch) {
        if let Some(feeder) = self.feeders.get(&leaf) {
            feeder.rows(leaf, rows);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn<'_> {
    /// Gives rows of a leaf to its pipeline, or keeps them until it is this input's turn; waits for that
    /// if too many are kept.
    pub(crate) fn rows(&self, leaf: usize, rows: RecordBatch) {
        let Self { outlets, input } = *self;
        let mut waiting = outlets.waiting();
        while waiting.current < input {
            let bytes = waiting.bytes.checked_add(rows.get_array_memory_size());
            if let Some(bytes) = bytes.filter(|bytes| *bytes <= outlets.most_bytes) {
                waiting.bytes = bytes;
                waiting.rows.entry(input).or_default().push((leaf, rows));
                return;
            }
            let woken = outlets.turn_has_come.wait(waiting);
            waiting = woken.unwrap_or_else(PoisonError::into_inner);
        }
        drop(waiting);
        outlets.give(leaf, rows);
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let Self { outlets, input } = *self;
        let mut waiting = outlets.waiting();
        waiting.read.insert(input);
        // The rows that the next input has waiting go before those that it reads from now on: its thread
        // cannot send any before it gets the lock.
        loop {
            let read = waiting.current;
            if !waiting.read.remove(&read) {
                break;
            }
            let next = read.saturating_add(1);
            waiting.current = next;
            let kept = waiting.rows.remove(&next).unwrap_or_default();
            for (leaf, rows) in kept {
                let bytes = rows.get_array_memory_size();
                waiting.bytes = waiting.bytes.saturating_sub(bytes);
                outlets.give(leaf, rows);
            }
        }
        outlets.turn_has_come.notify_all();
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "numbers of a few batches")]
mod tests {
    use std::{sync::Arc, thread, time::Duration};

    use arrow::array::{ArrayRef, Int32Array};

    use super::*;
    use crate::pipeline::feed::{Feed, feed};

    fn rows(number: i32) -> RecordBatch {
        let column: ArrayRef = Arc::new(Int32Array::from(vec![number; 100]));
        RecordBatch::try_from_iter([("n", column)]).unwrap()
    }

    /// Takes what comes out until it ends.
    fn drain(feed: &Feed) -> Vec<(usize, i32)> {
        let mut found = Vec::new();
        while let Some((leaf, rows)) = feed.next_blocking() {
            let numbers = rows.column(0).as_any().downcast_ref::<Int32Array>().unwrap();
            found.push((leaf, numbers.value(0)));
        }
        found
    }

    /// Reads inputs of three batches each in an order, and returns what comes out.
    fn read(order: &[usize], most_bytes: usize, is_by_threads: bool) -> Vec<(usize, i32)> {
        let (feeder, feed) = feed();
        let outlets = Outlets::new(BTreeMap::from([(7, feeder.clone())]), most_bytes);
        let drained = thread::spawn(move || drain(&feed));
        let one = |input: usize| {
            let turn = outlets.turn(input);
            for batch in 0..3 {
                let number = i32::try_from(input * 10 + batch).unwrap();
                turn.rows(7, rows(number));
                turn.rows(8, rows(number));
            }
        };
        thread::scope(|scope| {
            for input in order {
                let started = scope.spawn(|| one(*input));
                if is_by_threads {
                    thread::sleep(Duration::from_millis(2));
                } else {
                    started.join().unwrap();
                }
            }
        });
        feeder.end();
        drained.join().unwrap()
    }

    #[test]
    fn rows_come_in_the_order_of_the_inputs() {
        let expected: Vec<(usize, i32)> =
            (0..4).flat_map(|input| (0..3).map(move |batch| (7, input * 10 + batch))).collect();
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]] {
            assert_eq!(read(&order, usize::MAX, false), expected, "{order:?}");
            // Without room for what is early, its readers wait.
            for most_bytes in [0, 1_000, usize::MAX] {
                assert_eq!(read(&order, most_bytes, true), expected, "{order:?} {most_bytes}");
            }
        }
    }
}
