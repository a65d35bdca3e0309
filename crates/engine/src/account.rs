//! The account of memory: what a run holds besides the rows that its operators work on takes from the
//! same limit as they do.

use std::sync::Arc;

use datafusion::execution::memory_pool::{MemoryConsumer, MemoryPool, MemoryReservation};

use crate::error::EngineError;

/// Bytes that somebody holds; given back when it is dropped.
#[derive(Debug)]
pub struct Reservation {
    what: &'static str,
    held: MemoryReservation,
}

impl Reservation {
    /// Opens an account without bytes; `what` says what they are for: `the alerts`, for example.
    pub(crate) fn new(pool: &Arc<dyn MemoryPool>, what: &'static str) -> Self {
        Self { what, held: MemoryConsumer::new(what).register(pool) }
    }

    /// Takes so many bytes more.
    ///
    /// # Errors
    ///
    /// If the limit does not allow it: they must not be used then.
    pub fn grow(&self, bytes: usize) -> Result<(), EngineError> {
        if self.try_grow(bytes) { Ok(()) } else { Err(EngineError::Memory { what: self.what }) }
    }

    /// Takes so many bytes more; tells whether the limit allows it.
    pub(crate) fn try_grow(&self, bytes: usize) -> bool {
        self.held.try_grow(bytes).is_ok()
    }

    /// Gives back so many bytes, or all that there are.
    pub fn shrink(&self, bytes: usize) {
        self.held.shrink(bytes.min(self.held.size()));
    }

    /// Gives back everything.
    pub(crate) fn free(&self) {
        let _freed = self.held.free();
    }
}

#[cfg(test)]
impl Reservation {
    /// Returns how many bytes are held.
    pub(crate) fn bytes(&self) -> usize {
        self.held.size()
    }

    /// Opens an account of its own with a limit.
    pub(crate) fn with_limit(bytes: usize) -> Self {
        use datafusion::execution::memory_pool::GreedyMemoryPool;
        let pool: Arc<dyn MemoryPool> = Arc::new(GreedyMemoryPool::new(bytes));
        Self::new(&pool, "what a test holds")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_limit_does_not_allow_is_named() {
        let account = Reservation::with_limit(100);
        account.grow(60).unwrap();
        let error = account.grow(60).unwrap_err();
        assert!(error.is_out_of_memory());
        assert_eq!(error.to_string(), "what a test holds: more than the memory limit allows");
        account.shrink(1_000);
        assert_eq!(account.bytes(), 0);
        account.grow(100).unwrap();
    }
}
