//! Turns: processes that have the same list of work take pieces of it one after the other, by leases in the lake.
//!
//! A lease is a file that only one process can make. It says until when it holds, and its owner writes it anew
//! before that; when it has run out, the next one is a file with a number higher by one, which again only one
//! process can make. Clocks of machines differ, so a piece may be done by two: what is ingested is in once all
//! the same, since the ledger decides that. Leases only save work.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use kql_types::{Ticks, timespan};
use serde::{Deserialize, Serialize};

use crate::{error::LakeError, ledger::offer::digest_of_name, open::Lake, store::Store};

/// The folder of leases.
const FOLDER: &str = "_lease";
/// What stands in the place of a lease's number when the piece is done.
const DONE: &str = "done";

/// One process's part in a list of work.
pub struct Turns<'a> {
    store: &'a Store,
    folder: String,
    pieces: usize,
    owner: String,
    term: Duration,
    now: &'a (dyn Fn() -> Ticks + Sync),
}

/// What a process may do.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    /// Do this piece.
    Take(Lease),
    /// Others have what is left. Ask again: one of them may have ended.
    Wait,
    /// All is done.
    Done,
}

/// The right to do a piece, as long as it is renewed.
#[derive(Debug, PartialEq, Eq)]
pub struct Lease {
    /// The piece's number.
    pub piece: usize,
    number: u64,
}

/// What a lease's file says.
#[derive(Debug, Serialize, Deserialize)]
struct Said {
    owner: String,
    until: Ticks,
}

impl<'a> Turns<'a> {
    /// Begins with a list.
    ///
    /// - `list`: what all who share it call it, and all that is in it.
    /// - `pieces`: how many pieces it has.
    /// - `owner`: who this is, for people who look into the lake.
    /// - `term`: how long a lease holds unless it is renewed.
    pub fn new(
        lake: &'a Lake,
        list: &str,
        pieces: usize,
        owner: String,
        term: Duration,
        now: &'a (dyn Fn() -> Ticks + Sync),
    ) -> Self {
        let folder = format!("{FOLDER}/{}", digest_of_name(list));
        Self { store: &lake.store, folder, pieces, owner, term, now }
    }

    /// Returns what is to be done next.
    ///
    /// # Errors
    ///
    /// Those of the store.
    pub fn next(&self) -> Result<Turn, LakeError> {
        let (leased, done) = self.state()?;
        let mut is_left = false;
        for piece in (0..self.pieces).filter(|piece| !done.contains(piece)) {
            is_left = true;
            let number = match leased.get(&piece) {
                Some(number) if self.holds(piece, *number)? => continue,
                Some(number) => number.saturating_add(1),
                None => 1,
            };
            let path = self.path(piece, &number.to_string());
            if !self.store.put_new(&path, self.said()?)? {
                continue;
            }
            // Somebody may have had the piece, and be done with it, since it was looked at: the mark of that is
            // there before the lease goes.
            if self.store.get(&self.path(piece, DONE))?.is_some() {
                self.store.delete(&path)?;
                continue;
            }
            return Ok(Turn::Take(Lease { piece, number }));
        }
        Ok(if is_left { Turn::Wait } else { Turn::Done })
    }

    /// Does a piece, and renews its lease meanwhile. It is done when the work has no error.
    ///
    /// # Errors
    ///
    /// Those of the work, or of the store.
    pub fn hold<T, E: From<LakeError>>(
        &self,
        lease: &Lease,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let (end, ended) = mpsc::channel::<()>();
        let outcome = thread::scope(|scope| {
            scope.spawn(move || {
                // A third, so that one that fails or comes late loses nothing.
                let every = self.term.checked_div(3).unwrap_or(self.term);
                while ended.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                    if let Err(error) = self.renew(lease) {
                        // The lease may run out: then another process does the piece, too.
                        drop(error);
                    }
                }
            });
            let outcome = work();
            drop(end);
            outcome
        })?;
        self.done(lease)?;
        Ok(outcome)
    }

    fn renew(&self, lease: &Lease) -> Result<(), LakeError> {
        self.store.put(&self.path(lease.piece, &lease.number.to_string()), self.said()?)
    }

    fn done(&self, lease: &Lease) -> Result<(), LakeError> {
        self.store.put(&self.path(lease.piece, DONE), self.owner.clone().into_bytes())?;
        for number in 1..=lease.number {
            self.store.delete(&self.path(lease.piece, &number.to_string()))?;
        }
        Ok(())
    }

    /// Returns the newest lease of each piece that has one, and the pieces that are done.
    fn state(&self) -> Result<(BTreeMap<usize, u64>, BTreeSet<usize>), LakeError> {
        let (mut leased, mut done) = (BTreeMap::new(), BTreeSet::new());
        for name in self.store.list(&self.folder)? {
            let Some((piece, number)) = name.split_once('.') else { continue };
            let Ok(piece) = piece.parse::<usize>() else { continue };
            if number == DONE {
                done.insert(piece);
            } else if let Ok(number) = number.parse::<u64>() {
                let newest = leased.entry(piece).or_insert(number);
                *newest = number.max(*newest);
            }
        }
        Ok((leased, done))
    }

    /// Tells whether a lease holds.
    fn holds(&self, piece: usize, number: u64) -> Result<bool, LakeError> {
        let path = self.path(piece, &number.to_string());
        // One that is gone is of a piece that has been done since.
        let Some(bytes) = self.store.get(&path)? else { return Ok(true) };
        let said: Said = serde_json::from_slice(&bytes)
            .map_err(|error| LakeError::Damaged { file: path, reason: error.to_string() })?;
        Ok(said.until > (self.now)())
    }

    fn said(&self) -> Result<Vec<u8>, LakeError> {
        let term = i64::try_from(self.term.as_millis()).unwrap_or(i64::MAX);
        let term = term.saturating_mul(timespan::MILLISECOND);
        let until = (self.now)().saturating_add(term);
        let said = Said { owner: self.owner.clone(), until };
        Ok(serde_json::to_vec(&said).map_err(std::io::Error::from)?)
    }

    fn path(&self, piece: usize, end: &str) -> String {
        format!("{}/{piece}.{end}", self.folder)
    }
}
