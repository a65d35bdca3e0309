//! Distinct times, on the account of memory.

use kql_types::Ticks;

use crate::{account::Reservation, error::EngineError};

/// Times so far; those that stand there twice are taken out now and then.
#[derive(Debug)]
pub(crate) struct Times {
    times: Vec<Ticks>,
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
            self.times.push(time);
        }
        Ok(())
    }

    /// Returns all, in order, each once.
    pub(crate) fn finish(mut self) -> Vec<Ticks> {
        self.sort();
        self.times
    }

    /// Takes out what stands there twice; if that is not half, makes room for as many again.
    fn make_room(&mut self) -> Result<(), EngineError> {
        self.sort();
        let (len, capacity) = (self.times.len(), self.times.capacity());
        if capacity > 0 && len <= capacity / 2 {
            return Ok(());
        }
        let more = len.max(LEAST);
        let bytes = |count: usize| count.saturating_mul(size_of::<Ticks>());
        // The old ones stand there until they have been copied.
        self.account.grow(bytes(len.saturating_add(more)))?;
        self.times.reserve_exact(more);
        self.account.shrink(bytes(capacity));
        Ok(())
    }

    fn sort(&mut self) {
        self.times.sort_unstable();
        self.times.dedup();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_times_again_take_no_memory() {
        let mut times = Times::new(Reservation::with_limit(LEAST * 8 * 3));
        for round in 0..50 {
            times.extend((0..3_000).map(|time| time * 7 % 3_000 + round % 2)).unwrap();
        }
        assert_eq!(times.finish(), (0..=3_000).collect::<Vec<Ticks>>());
    }

    #[test]
    fn more_than_the_limit_is_an_error() {
        let mut times = Times::new(Reservation::with_limit(1 << 20));
        let error = times.extend(0..1_000_000).unwrap_err();
        assert!(error.is_out_of_memory());
    }
}
