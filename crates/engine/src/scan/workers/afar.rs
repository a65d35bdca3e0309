//! A pass over files that workers read: what they had is taken as if it had been read here.

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

use sources::{Input, kept::KeptFile};

use super::{FileRead, Taker, Workers, WorkersError};
use crate::{cancel::Cancel, error::EngineError};

/// What is read by others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Afar<'a> {
    pub(crate) workers: &'a dyn Workers,
    /// The leaves, as they are sent.
    pub(crate) leaves: &'a [u8],
}

/// What has been read and not been taken.
struct Ready<'a> {
    cancel: &'a Cancel,
    /// Whether files are taken in their order.
    is_in_order: bool,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    files: BTreeMap<usize, FileRead>,
    /// The next file, where they are taken in their order; else, how many have been taken.
    next: usize,
    /// No more will come.
    is_over: bool,
}

impl Afar<'_> {
    /// Has all inputs read, and gives each to `feed` once, on up to `threads` threads.
    ///
    /// # Errors
    ///
    /// If workers cannot read one.
    pub(crate) fn read(
        self,
        inputs: &[Input],
        is_in_order: bool,
        threads: NonZeroUsize,
        cancel: &Cancel,
        feed: &(dyn Fn(usize, FileRead) + Sync),
    ) -> Result<(), EngineError> {
        let file = |input: &Input| match input {
            Input::Kept(file) => Some(Arc::clone(file)),
            _ => None,
        };
        let files: Option<Vec<Arc<KeptFile>>> = inputs.iter().map(file).collect();
        let what = "a worker is to read what is not a file of a lake";
        let files = files.ok_or(EngineError::Internal { what })?;
        let ready = Ready { cancel, is_in_order, state: Mutex::default(), changed: Condvar::new() };
        let feeders = if is_in_order { 1 } else { threads.get() };
        let outcome = thread::scope(|scope| {
            for _ in 0..feeders {
                scope.spawn(|| {
                    while let Some((file, read)) = ready.next() {
                        feed(file, read);
                    }
                });
            }
            let outcome = self.workers.read(self.leaves, &files, &ready);
            ready.end();
            outcome
        });
        if cancel.is_cancelled() {
            return Err(EngineError::Cancelled);
        }
        outcome.map_err(|WorkersError(what)| EngineError::Workers { what })?;
        // Less than all would look like an answer.
        if ready.state().next < files.len() {
            return Err(EngineError::Internal { what: "workers have left a file unread" });
        }
        Ok(())
    }
}

impl Ready<'_> {
    /// Waits for a file; `None` if none comes.
    fn next(&self) -> Option<(usize, FileRead)> {
        let mut state = self.state();
        loop {
            let found = if self.is_in_order {
                let next = state.next;
                state.files.remove(&next).map(|read| (next, read))
            } else {
                state.files.pop_first()
            };
            if found.is_some() {
                state.next = state.next.saturating_add(1);
                return found;
            }
            if state.is_over {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn end(&self) {
        self.state().is_over = true;
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taker for Ready<'_> {
    fn take(&self, file: usize, read: FileRead) {
        self.state().files.insert(file, read);
        self.changed.notify_all();
    }

    fn is_over(&self) -> bool {
        self.cancel.is_cancelled()
    }
}
