//! Work on several threads whose results come in the order of the jobs.

use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    sync::{
        Mutex, PoisonError,
        mpsc::{self, Receiver, SyncSender},
    },
    thread,
};

/// A result with the place of its job, or `None` from a worker that has panicked.
type Message<R> = Option<(u64, R)>;

/// Starts each of `workers` on a thread of its own, lets them do jobs, and collects the results in
/// order.
///
/// A few more jobs are under way than there are workers, so that memory is bounded. `collect` runs
/// on the calling thread; a `Break` of it ends the work. A panic of a worker becomes the caller's.
pub(crate) fn in_order<J: Send, R: Send, W: FnMut(J) -> R>(
    jobs: impl Iterator<Item = J>,
    workers: Vec<impl FnOnce() -> W + Send>,
    mut collect: impl FnMut(R) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let most = workers.len().saturating_add(1);
    let (job_sender, job_receiver) = mpsc::sync_channel::<(u64, J)>(most);
    // A result more than jobs under way, so that a worker's last words never wait.
    let (result_sender, result_receiver) = mpsc::sync_channel(most.saturating_mul(2));
    let job_receiver = Mutex::new(job_receiver);
    thread::scope(|scope| {
        for start in workers {
            let (jobs, results) = (&job_receiver, LastWords(result_sender.clone()));
            scope.spawn(move || work(&mut start(), jobs, &results));
        }
        drop(result_sender);
        let mut order = Order { next: 0, sent: 0, waiting: BTreeMap::new() };
        let flow = order.pump(jobs, most, &job_sender, &result_receiver, &mut collect);
        // Workers stop at the end of their channels.
        drop(job_sender);
        drop(result_receiver);
        flow
    })
}

fn work<J, R>(
    worker: &mut impl FnMut(J) -> R,
    jobs: &Mutex<Receiver<(u64, J)>>,
    results: &LastWords<R>,
) {
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((place, job)) = next else { return };
        if results.0.send(Some((place, worker(job)))).is_err() {
            return;
        }
    }
}

/// Tells the collecting thread if the working one panics: it would wait for the result forever.
struct LastWords<R>(SyncSender<Message<R>>);

impl<R> Drop for LastWords<R> {
    fn drop(&mut self) {
        if thread::panicking() {
            // Nobody may be listening any more, which is as well.
            drop(self.0.send(None));
        }
    }
}

/// What has been sent and what has come back.
struct Order<R> {
    /// The place of the result that is to be collected next.
    next: u64,
    /// The number of jobs sent.
    sent: u64,
    waiting: BTreeMap<u64, R>,
}

impl<R> Order<R> {
    fn pump<J>(
        &mut self,
        jobs: impl Iterator<Item = J>,
        most: usize,
        sender: &SyncSender<(u64, J)>,
        receiver: &Receiver<Message<R>>,
        collect: &mut impl FnMut(R) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let most = u64::try_from(most).unwrap_or(u64::MAX);
        for job in jobs {
            while self.sent.saturating_sub(self.next) >= most {
                self.collect_one(receiver, collect)?;
            }
            if sender.send((self.sent, job)).is_err() {
                return ControlFlow::Break(());
            }
            self.sent = self.sent.saturating_add(1);
        }
        while self.next < self.sent {
            self.collect_one(receiver, collect)?;
        }
        ControlFlow::Continue(())
    }

    fn collect_one(
        &mut self,
        receiver: &Receiver<Message<R>>,
        collect: &mut impl FnMut(R) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        loop {
            if let Some(result) = self.waiting.remove(&self.next) {
                self.next = self.next.saturating_add(1);
                return collect(result);
            }
            let Ok(Some((place, result))) = receiver.recv() else { return ControlFlow::Break(()) };
            self.waiting.insert(place, result);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order() {
        for workers in 1..5 {
            let workers: Vec<_> = (0..workers).map(|_| || |job: u64| job * 2).collect();
            let mut results = Vec::new();
            let flow = in_order(0..100, workers, |result| {
                results.push(result);
                ControlFlow::Continue(())
            });
            assert!(flow.is_continue());
            assert_eq!(results, (0..100).map(|job| job * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_break_ends_the_work() {
        let workers: Vec<_> = (0..3).map(|_| || |job: u64| job).collect();
        let mut last = 0;
        let flow = in_order(0.., workers, |result| {
            last = result;
            if result == 50 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!((flow, last), (ControlFlow::Break(()), 50));
    }

    #[test]
    fn a_panic_is_the_callers() {
        let work = |job: u64| {
            assert!(job != 7, "seven");
            job
        };
        let outcome = std::panic::catch_unwind(|| {
            let start = || work;
            in_order(0..1000, vec![start, start], |_| ControlFlow::Continue(()))
        });
        assert!(outcome.is_err());
    }
}
