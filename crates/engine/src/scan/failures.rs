//! Branches whose filter failed on some row: their query fails, and no other.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use crate::error::EngineError;

/// Where a batch stands: the input's index, then the batch's number within it.
type Place = (usize, u64);

/// The failures of a pass, and whose they are.
#[derive(Debug, Default)]
pub(crate) struct Failures(Mutex<BTreeMap<usize, Failure>>);

#[derive(Debug)]
struct Failure {
    place: Place,
    /// `None` once it has been told.
    error: Option<EngineError>,
}

impl Failures {
    /// Takes note of a branch's failure; of several, the first in the input counts, whichever thread
    /// comes upon it.
    pub(crate) fn note(&self, branch: usize, place: Place, error: EngineError) {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let failure = Failure { place, error: Some(error) };
        match failures.get(&branch) {
            Some(known) if known.place <= place => {}
            _ => {
                failures.insert(branch, failure);
            }
        }
    }

    /// Leaves out what failed in inputs that do not count.
    pub(crate) fn until(self, last: Option<usize>) -> Self {
        let mut failures = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        failures.retain(|_, failure| last.is_none_or(|last| failure.place.0 <= last));
        Self(Mutex::new(failures))
    }

    /// Returns the failure of the first of these branches that has one: what it was the first time, and
    /// that there was one from then on.
    pub(crate) fn of(&self, branches: std::ops::Range<usize>) -> Option<EngineError> {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, failure) = failures.range_mut(branches).next()?;
        Some(failure.error.take().unwrap_or(EngineError::Failed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(what: &'static str) -> EngineError {
        EngineError::Memory { what }
    }

    #[test]
    fn the_first_failure_in_the_input_counts_whoever_finds_it() {
        let failures = Failures::default();
        failures.note(3, (1, 7), error("later"));
        failures.note(3, (0, 9), error("first"));
        failures.note(3, (0, 12), error("behind it"));
        failures.note(8, (2, 0), error("of an input that does not count"));
        let failures = failures.until(Some(1));
        assert!(failures.of(0..3).is_none() && failures.of(4..9).is_none());
        let told = failures.of(2..4).unwrap().to_string();
        assert!(told.starts_with("first"), "{told}");
        assert!(matches!(failures.of(3..4), Some(EngineError::Failed)));
    }
}
