//! Ingestion: files into rows of the lake, each once.
//!
//! A file is what it holds: the same bytes under another name are in already. Small files share files of
//! the lake and commits, so that there are not more of those than rows need.

mod gather;
mod outcome;
mod request;
mod spool;
mod turns;

use std::{
    collections::{BTreeMap, HashMap},
    num::NonZeroUsize,
    path::PathBuf,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use kql_types::Ticks;
use sources::{KnownTables, Problem, ScanRequest};

use self::{gather::Gatherer, outcome::Outcome, request::Request};
pub use self::{
    spool::spooled,
    turns::{Lease, Turn, Turns},
};
use crate::{
    error::LakeError,
    ledger::{LedgerRow, offer::Offer},
    open::Lake,
};

/// What is ingested, and how.
#[derive(Debug)]
pub struct Ingest<'a> {
    /// Where it goes.
    pub lake: &'a Lake,
    /// The tables that exports can be of.
    pub known: &'a KnownTables,
    /// The fields of an event's data that have columns of their own; those whose names a table cannot have
    /// are left where they are.
    pub fields: &'a [String],
    /// How files are read; what is asked for in it does not count.
    pub reading: ScanRequest,
    /// Threads that read.
    pub threads: NonZeroUsize,
    /// Bytes that rows may take in memory before they are written.
    pub memory_bytes: usize,
    /// What time it is.
    pub now: Ticks,
}

/// What became of an offer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// Records that came in with it.
    pub stored: u64,
    /// Records that could not be read.
    pub rejected: u64,
    /// The lines of these, and which of the reasons each has; in ascending order.
    pub rejections: Vec<(u64, usize)>,
    /// Why records could not be read, and what else was wrong, each reason once.
    pub reasons: Vec<String>,
    /// The path of the one that was in already, if one was; then nothing came in with it.
    pub known_as: Option<String>,
}

/// Takes note of how far ingestion is.
pub trait Observe: Sync {
    /// Takes note that so many more bytes of the inputs have been read.
    fn advance(&self, bytes: u64);
}

/// What became of some inputs.
#[derive(Debug, Default)]
pub struct Ingested {
    /// What became of each offer, in their order.
    pub answers: Vec<Answer>,
    /// The account of what came in: files in the order of the offers, members in theirs.
    pub rows: Vec<LedgerRow>,
    /// Inputs whose content was in already, and under which path.
    pub known: Vec<(PathBuf, String)>,
    /// What could not be read, in the order of the inputs, and not more than a few for each file.
    pub problems: Vec<Problem>,
    /// Rows by table.
    pub tables: BTreeMap<String, u64>,
    /// Whether anything was lost: a record, a value, a file.
    pub is_whole: bool,
}

impl Ingest<'_> {
    /// Ingests inputs.
    ///
    /// # Errors
    ///
    /// Those of the lake: what was committed before is in, and the rest comes in when the same inputs are
    /// ingested again. Damaged input is not an error.
    pub fn run(&self, offers: &[Offer], observer: &dyn Observe) -> Result<Ingested, LakeError> {
        // The clock of the lake's own accounts is in microseconds.
        let now = self.now.saturating_sub(self.now.rem_euclid(10));
        let ingest = &Ingest { now, reading: self.reading.clone(), ..*self };
        let request = Request::new(ingest)?;
        let work = Work {
            ingest,
            request: &request,
            offers,
            observer,
            claimed: Mutex::default(),
            outcomes: Mutex::default(),
        };
        let sizes: Vec<u64> = offers.iter().map(|offer| offer.input.stored_bytes()).collect();
        let total = sizes.iter().copied().fold(0, u64::saturating_add);
        let threads = u64::try_from(self.threads.get()).unwrap_or(u64::MAX);
        let share = total.checked_div(threads).unwrap_or_default();
        // What is more than a thread's share would keep one thread busy when the others are done.
        let is_large = |at: &usize| self.threads.get() > 1 && sizes.get(*at) > Some(&share);
        let (large, small): (Vec<usize>, Vec<usize>) = (0..offers.len()).partition(is_large);
        work.read(&large, self.threads, NonZeroUsize::MIN)?;
        work.read(&small, NonZeroUsize::MIN, self.threads)?;
        work.finish()
    }
}

/// Inputs being ingested by several threads.
pub(crate) struct Work<'w> {
    pub(crate) ingest: &'w Ingest<'w>,
    pub(crate) request: &'w Request,
    pub(crate) offers: &'w [Offer],
    pub(crate) observer: &'w dyn Observe,
    /// By digest: the paths of files that a thread has begun with.
    claimed: Mutex<HashMap<String, PathBuf>>,
    /// By the place of the input.
    outcomes: Mutex<BTreeMap<usize, Outcome>>,
}

impl Work<'_> {
    /// Reads some inputs.
    ///
    /// - `each`: threads that read one input.
    /// - `side_by_side`: inputs that are read at a time.
    fn read(
        &self,
        places: &[usize],
        each: NonZeroUsize,
        side_by_side: NonZeroUsize,
    ) -> Result<(), LakeError> {
        let next = AtomicUsize::new(0);
        let side_by_side = side_by_side.get().min(places.len());
        let memory = self.ingest.memory_bytes.checked_div(side_by_side).unwrap_or_default();
        let work = || {
            let mut gatherer = Gatherer::new(self, each, memory);
            while let Some(place) = places.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Err(error) = gatherer.read(*place) {
                    // The other threads find nothing left to do.
                    next.store(places.len(), Ordering::Relaxed);
                    return Err(error);
                }
            }
            gatherer.put()
        };
        thread::scope(|scope| {
            let others: Vec<_> = (1..side_by_side).map(|_| scope.spawn(work)).collect();
            let own = if places.is_empty() { Ok(()) } else { work() };
            let ended = |thread: thread::ScopedJoinHandle<'_, Result<(), LakeError>>| {
                let died = LakeError::Internal { invariant: "a thread ends in an orderly way" };
                thread.join().unwrap_or(Err(died))
            };
            others.into_iter().map(ended).fold(own, Result::and)
        })
    }

    /// Takes a file's content for the caller; otherwise returns the path under which somebody else has it.
    fn claim(&self, digest: &str, path: &std::path::Path) -> Option<String> {
        let mut claimed = self.claimed.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(other) = claimed.get(digest) {
            return Some(sources::path_text(other));
        }
        let known = self.ingest.lake.known_as(digest);
        if known.is_none() {
            claimed.insert(digest.to_owned(), path.to_owned());
        }
        known
    }

    fn tell(&self, place: usize, outcome: Outcome) {
        let mut outcomes = self.outcomes.lock().unwrap_or_else(PoisonError::into_inner);
        outcomes.insert(place, outcome);
    }

    fn finish(self) -> Result<Ingested, LakeError> {
        let outcomes = self.outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut ingested = Ingested { is_whole: true, ..Ingested::default() };
        if outcomes.len() != self.offers.len() {
            return Err(LakeError::Internal { invariant: "every offer has an outcome" });
        }
        for (place, outcome) in outcomes {
            let offer = self.offers.get(place);
            let offer =
                offer.ok_or(LakeError::Internal { invariant: "an outcome has an offer" })?;
            let sum = |of: fn(&LedgerRow) -> u64| {
                outcome.rows.iter().map(of).fold(0, u64::saturating_add)
            };
            ingested.answers.push(Answer {
                stored: sum(|row| row.stored),
                rejected: sum(|row| row.rejected),
                rejections: outcome.rejections,
                reasons: outcome.reasons,
                known_as: outcome.known_as.clone(),
            });
            ingested.is_whole &= outcome.is_whole;
            ingested.problems.extend(outcome.problems);
            if let Some(known) = outcome.known_as {
                ingested.known.push((offer.input.path().to_owned(), known));
            }
            for (table, rows) in outcome.tables {
                let all = ingested.tables.entry(table).or_default();
                *all = all.saturating_add(rows);
            }
            ingested.rows.extend(outcome.rows);
        }
        Ok(ingested)
    }
}
