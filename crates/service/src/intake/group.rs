//! Group commit: what is offered while the lake commits is committed together, next.
//!
//! A commit takes its time however few rows it has. One thread commits; whoever offers something waits for
//! it. Nobody waits for others to come: what is there when the thread is free is what goes together.

use std::{
    collections::VecDeque,
    fmt::Debug,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

use lake::{Answer, Ingested, LakeError, Offer};
use thiserror::Error;
use tokio::sync::oneshot;

use super::room::Held;

/// Bytes that are committed together, about.
const GROUP_BYTES: usize = 64 << 20;
/// Offers that are committed together.
const GROUP_OFFERS: usize = 1_024;

/// Offers that belong together.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) offers: Vec<Offer>,
    /// The room that they take; given back when they have been answered.
    #[expect(dead_code, reason = "it is given back when it is dropped")]
    pub(crate) held: Held,
}

/// Offers that are not in the lake, as far as is known: they may be made again.
#[derive(Clone, Debug, Error)]
pub(crate) enum CommitError {
    /// The lake failed.
    #[error("{0}")]
    Lake(Arc<LakeError>),
    /// The service ends, or cannot go on.
    #[error("the service takes nothing more")]
    Stopped,
}

/// What puts offers into the lake.
pub(crate) trait Commit: Send + Sync + 'static {
    /// Puts offers into the lake, all in one commit if possible.
    fn commit(&self, offers: &[Offer]) -> Result<Ingested, LakeError>;
}

/// The answers to the offers of a batch, in their order.
pub(crate) type Answers = Result<Vec<Answer>, CommitError>;

/// The thread that commits.
#[derive(Debug)]
pub(crate) struct Group {
    queue: Arc<Queue>,
    thread: Option<thread::JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    batches: VecDeque<(Batch, oneshot::Sender<Answers>)>,
    is_stopped: bool,
}

impl Group {
    /// Starts the thread.
    pub(crate) fn start(commit: Arc<dyn Commit>) -> Self {
        let queue = Arc::new(Queue::default());
        let own = Arc::clone(&queue);
        let work = move || {
            // However the thread ends, nobody waits for it.
            let ends = Ends(&own);
            while let Some(group) = own.next() {
                settle(&*commit, group);
            }
            drop(ends);
        };
        let thread = thread::Builder::new().name("intake".to_owned()).spawn(work);
        if thread.is_err() {
            queue.stop();
        }
        Self { queue, thread: thread.ok() }
    }

    /// Offers a batch; the answer comes when it is in the lake, or failed to get there.
    pub(crate) fn offer(&self, batch: Batch) -> oneshot::Receiver<Answers> {
        let (sender, receiver) = oneshot::channel();
        let mut waiting = self.queue.lock();
        // Without a thread the sender is dropped, which is an answer too.
        if !waiting.is_stopped {
            waiting.batches.push_back((batch, sender));
            self.queue.changed.notify_one();
        }
        receiver
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.queue.stop();
        if let Some(thread) = self.thread.take() {
            // One that has panicked has said so, and dropped whom it should have answered.
            let _ended = thread.join();
        }
    }
}

struct Ends<'q>(&'q Queue);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        let mut waiting = self.0.lock();
        waiting.is_stopped = true;
        waiting.batches.clear();
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop(&self) {
        self.lock().is_stopped = true;
        self.changed.notify_all();
    }

    /// Waits for batches and takes those that are there; `None` when there will be no more.
    fn next(&self) -> Option<Vec<(Batch, oneshot::Sender<Answers>)>> {
        let mut waiting = self.lock();
        while waiting.batches.is_empty() {
            if waiting.is_stopped {
                return None;
            }
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        let (mut group, mut bytes, mut offers) = (Vec::new(), 0_usize, 0_usize);
        while let Some((batch, _)) = waiting.batches.front() {
            bytes = bytes.saturating_add(batch.bytes());
            offers = offers.saturating_add(batch.offers.len());
            if !group.is_empty() && (bytes > GROUP_BYTES || offers > GROUP_OFFERS) {
                break;
            }
            group.extend(waiting.batches.pop_front());
        }
        Some(group)
    }
}

impl Batch {
    fn bytes(&self) -> usize {
        let bytes = self.offers.iter().map(|offer| offer.input.stored_bytes());
        usize::try_from(bytes.fold(0, u64::saturating_add)).unwrap_or(usize::MAX)
    }
}

/// Commits a group and answers each batch in it.
fn settle(commit: &dyn Commit, group: Vec<(Batch, oneshot::Sender<Answers>)>) {
    let offers: Vec<Offer> = group.iter().flat_map(|(batch, _)| batch.offers.clone()).collect();
    match answers(commit, &offers) {
        Ok(answers) => {
            let mut answers = answers.into_iter();
            for (batch, sender) in group {
                let own: Vec<Answer> = answers.by_ref().take(batch.offers.len()).collect();
                drop(batch);
                // Who has gone does not hear that it is in.
                let _gone = sender.send(Ok(own));
            }
        }
        // What one of them holds may be what the lake cannot take: that is not the others' fault.
        Err(_) if group.len() > 1 => {
            for member in group {
                settle(commit, vec![member]);
            }
        }
        Err(error) => {
            for (batch, sender) in group {
                drop(batch);
                let _gone = sender.send(Err(error.clone()));
            }
        }
    }
}

fn answers(commit: &dyn Commit, offers: &[Offer]) -> Answers {
    let lake = |error| CommitError::Lake(Arc::new(error));
    let ingested = commit.commit(offers).map_err(lake)?;
    if ingested.answers.len() != offers.len() {
        let invariant = "every offer has an answer";
        return Err(lake(LakeError::Internal { invariant }));
    }
    Ok(ingested.answers)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use sources::{Input, Piece};

    use super::*;
    use crate::intake::room::Room;

    /// Answers each offer with the number of offers in its commit, and fails with the one called `bad`.
    struct Counting {
        /// Each commit waits for leave.
        leave: Mutex<mpsc::Receiver<()>>,
    }

    impl Commit for Counting {
        fn commit(&self, offers: &[Offer]) -> Result<Ingested, LakeError> {
            self.leave.lock().unwrap().recv().unwrap();
            if offers.iter().any(|offer| offer.input.path().ends_with("bad")) {
                return Err(LakeError::Internal { invariant: "nothing bad comes" });
            }
            let stored = u64::try_from(offers.len()).unwrap();
            let answer = Answer { stored, ..Answer::default() };
            Ok(Ingested { answers: vec![answer; offers.len()], ..Ingested::default() })
        }
    }

    fn batch(room: &Arc<Room>, name: &str) -> Batch {
        let mut held = room.enter();
        held.grow(1).unwrap();
        let input = Input::of_bytes(name.into(), vec![0]);
        let identity = lake::Identity::Name(name.to_owned());
        Batch { offers: vec![Offer { input, identity, piece: Piece::Whole }], held }
    }

    /// Returns in how many each of the batches came in, `None` for one that did not.
    fn sizes(names: &[&str], leaves: usize) -> Vec<Option<u64>> {
        let (sender, leave) = mpsc::channel();
        let group = Group::start(Arc::new(Counting { leave: Mutex::new(leave) }));
        let room = Room::new(100);
        let answers: Vec<_> = names.iter().map(|name| group.offer(batch(&room, name))).collect();
        for _ in 0..leaves {
            sender.send(()).unwrap();
        }
        let answers = answers.into_iter().map(|it| it.blocking_recv().unwrap());
        let sizes = answers.map(|it| it.ok().map(|it| it[0].stored)).collect();
        assert_eq!(room.held(), 0);
        sizes
    }

    #[test]
    fn what_comes_during_a_commit_is_in_the_next_one() {
        let sizes = sizes(&["a", "b", "c", "d"], 4);
        // The first group is those that were there when the thread looked: one at least.
        // Each later one has all that have come by then.
        let later = sizes.iter().skip_while(|size| *size == sizes.first().unwrap());
        let later: Vec<_> = later.collect();
        let expected = u64::try_from(later.len()).unwrap();
        assert!(later.iter().all(|size| **size == Some(expected)), "{sizes:?}");
    }

    #[test]
    fn what_the_lake_cannot_take_keeps_nobody_else_out() {
        let sizes = sizes(&["a", "bad", "c"], 6);
        let is_in: Vec<bool> = sizes.iter().map(Option::is_some).collect();
        assert_eq!(is_in, [true, false, true]);
    }

    #[test]
    fn nobody_waits_for_a_thread_that_is_gone() {
        struct Panicking;
        impl Commit for Panicking {
            fn commit(&self, _: &[Offer]) -> Result<Ingested, LakeError> {
                panic!("as a defect would");
            }
        }
        let group = Group::start(Arc::new(Panicking));
        let room = Room::new(100);
        for name in ["a", "b"] {
            assert!(group.offer(batch(&room, name)).blocking_recv().is_err());
        }
        assert_eq!(room.held(), 0);
    }
}
