//! Memory of which merging takes no more than a share.
//!
//! DataFusion's sort merges as many of the runs that it has written out at a time as there is memory for.
//! Both sides of a join are sorted at once, and the first to merge would leave nothing to the other.

use std::{fmt, sync::Arc};

use datafusion::{
    common::{Result, resources_err},
    execution::memory_pool::{MemoryConsumer, MemoryLimit, MemoryPool, MemoryReservation},
};

/// How the consumers begin to be called that merge.
const MERGES: &str = "ExternalSorterMerge";

/// A pool that has a limit for each consumer that merges.
#[derive(Debug)]
pub(super) struct MergeShare {
    pub(super) pool: Arc<dyn MemoryPool>,
    /// Bytes.
    pub(super) most: usize,
}

impl fmt::Display for MergeShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} bytes for each that merges", self.pool, self.most)
    }
}

impl MemoryPool for MergeShare {
    fn name(&self) -> &'static str {
        "merge_share"
    }

    fn register(&self, consumer: &MemoryConsumer) {
        self.pool.register(consumer);
    }

    fn unregister(&self, consumer: &MemoryConsumer) {
        self.pool.unregister(consumer);
    }

    fn grow(&self, reservation: &MemoryReservation, additional: usize) {
        self.pool.grow(reservation, additional);
    }

    fn shrink(&self, reservation: &MemoryReservation, shrink: usize) {
        self.pool.shrink(reservation, shrink);
    }

    fn try_grow(&self, reservation: &MemoryReservation, additional: usize) -> Result<()> {
        let bytes = reservation.size().saturating_add(additional);
        if bytes > self.most && reservation.consumer().name().starts_with(MERGES) {
            return resources_err!("merging may take {} bytes at a time, not {bytes}", self.most);
        }
        self.pool.try_grow(reservation, additional)
    }

    fn reserved(&self) -> usize {
        self.pool.reserved()
    }

    fn memory_limit(&self) -> MemoryLimit {
        self.pool.memory_limit()
    }
}
