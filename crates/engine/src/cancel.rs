//! Ending a run before it is done.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::Notify;

/// Ends runs from any thread. Copies of it end the same runs.
#[derive(Clone, Debug, Default)]
pub struct Cancel {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    is_cancelled: AtomicBool,
    notify: Notify,
}

impl Cancel {
    /// Ends the runs, at the next batch that is read or made.
    pub fn cancel(&self) {
        self.shared.is_cancelled.store(true, Ordering::SeqCst);
        self.shared.notify.notify_waiters();
    }

    /// Tells whether the runs are to end.
    pub fn is_cancelled(&self) -> bool {
        self.shared.is_cancelled.load(Ordering::SeqCst)
    }

    /// Waits until the runs are to end.
    pub(crate) async fn cancelled(&self) {
        let mut notified = std::pin::pin!(self.shared.notify.notified());
        // Whoever cancels from here on wakes this one.
        notified.as_mut().enable();
        if !self.is_cancelled() {
            notified.await;
        }
    }
}
