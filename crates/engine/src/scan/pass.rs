//! The one pass over the input: every file is read once, for all branches of all queries.

mod input_reader;

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use sources::{Input, KnownTables, Limits, Problem, ScanRequest};

use self::input_reader::InputReader;
use super::{
    balance::{Balance, MemberBalance},
    conditions::Conditions,
    early_stop::EarlyStop,
    examined::Examiner,
    failures::Failures,
    kept::Kept,
    progress::Progress,
    shares::{Share, Shares},
    workers::{Afar, FileRead},
};
use crate::{
    account::Reservation,
    cancel::Cancel,
    error::EngineError,
    pipeline::Outlets,
    plan::{branch::Branch, layout::Layout},
    store::Store,
};

/// What the pass needs to know; it is shared by its threads.
pub(crate) struct Pass<'a> {
    pub(crate) branches: &'a [Branch],
    pub(crate) conditions: &'a Conditions<'a>,
    pub(crate) layout: &'a Layout,
    pub(crate) known: &'a KnownTables,
    pub(crate) store: &'a Store,
    /// Where rows go that nobody keeps.
    pub(crate) outlets: &'a Outlets,
    pub(crate) progress: &'a dyn Progress,
    pub(crate) cancel: &'a Cancel,
    /// Reading may end when every branch has the rows it asked for.
    pub(crate) may_stop_early: bool,
    /// Opens an account for what tells an input's records apart.
    pub(crate) account: &'a (dyn Fn() -> Reservation + Sync),
    /// The account of what could not be read: a file may have millions of damaged lines.
    pub(crate) problems: &'a Reservation,
    /// The branches whose filters failed.
    pub(crate) failures: &'a Failures,
    /// What a lake among the inputs kept.
    pub(crate) kept: Option<Kept>,
    /// Rows of one input may be copies: there was no memory to tell while they were read, or they are a
    /// lake's, where the first of them in the order of what was ingested may come last.
    pub(crate) has_unsorted_copies: AtomicBool,
    /// Who reads the inputs, if this process does not.
    pub(crate) afar: Option<Afar<'a>>,
}

/// Where the rows of an input come from.
enum Rows<'a> {
    /// They are read.
    Request(&'a ScanRequest),
    /// A worker has read them.
    Worker(FileRead),
}

/// What came of one input.
type Outcome = (Vec<MemberBalance>, Vec<Problem>);

impl Pass<'_> {
    /// Reads all inputs on up to `threads` threads and stores what the branches want; returns also the
    /// last input that counts if reading ended early. Rows of later ones may have been stored.
    ///
    /// # Errors
    ///
    /// If stored rows cannot be written out; damaged input is not an error.
    pub(crate) fn run(
        &self,
        inputs: &[Input],
        threads: NonZeroUsize,
    ) -> Result<(Balance, Option<usize>), EngineError> {
        let stop = EarlyStop::new(self.branches, self.may_stop_early);
        let outcomes: Mutex<BTreeMap<usize, Outcome>> = Mutex::new(BTreeMap::new());
        let failures: Mutex<BTreeMap<usize, EngineError>> = Mutex::new(BTreeMap::new());
        let read = |index: usize, from: Rows<'_>| {
            let turn = self.outlets.turn(index);
            let is_wanted = !stop.is_over(index) && !self.cancel.is_cancelled();
            let Some(input) = inputs.get(index).filter(|_| is_wanted) else { return };
            let mut reader = InputReader::new(self, index, &stop, &turn);
            reader.kept = self.kept.as_ref().filter(|_| matches!(input, Input::Kept(_)));
            let examiner = self.examiner();
            let summaries = match from {
                Rows::Request(request) => {
                    sources::scan_examined(input, request, self.known, &examiner, &mut reader)
                }
                Rows::Worker(read) => reader.take(input, read),
            };
            stop.has_read(index, &reader.rows);
            let (outcome, error) = reader.finish(summaries);
            outcomes.lock().unwrap_or_else(PoisonError::into_inner).insert(index, outcome);
            if let Some(error) = error {
                failures.lock().unwrap_or_else(PoisonError::into_inner).insert(index, error);
            }
        };
        let sizes: Vec<u64> = inputs.iter().map(Input::stored_bytes).collect();
        let request = self.layout.request.clone();
        let request = ScanRequest { limits: Limits { threads, ..request.limits }, ..request };
        let one_thread = Limits { threads: NonZeroUsize::MIN, ..request.limits };
        let one_thread_request = ScanRequest { limits: one_thread, ..request.clone() };
        // Rows that pipelines take wait for those of the inputs before.
        let is_in_order = stop.is_possible() || !self.outlets.is_empty();
        if let Some(afar) = self.afar {
            let feed = |index: usize, file: FileRead| match file {
                FileRead::NotWhole => read(index, Rows::Request(&one_thread_request)),
                rows @ FileRead::Rows(_) => read(index, Rows::Worker(rows)),
            };
            afar.read(inputs, is_in_order, threads, self.cancel, &feed)?;
            return self.outcome(&stop, outcomes, failures);
        }
        for share in Shares::new(&sizes, threads.get()).in_turn(is_in_order) {
            let apart = match share {
                Share::Together(index) => {
                    read(index, Rows::Request(&request));
                    continue;
                }
                Share::Apart(apart) => apart,
            };
            let next = AtomicUsize::new(0);
            let work = || {
                while let Some(index) = apart.get(next.fetch_add(1, Ordering::Relaxed)) {
                    read(*index, Rows::Request(&one_thread_request));
                }
            };
            thread::scope(|scope| {
                for _ in 1..threads.get().min(apart.len()) {
                    scope.spawn(work);
                }
                work();
            });
        }
        self.outcome(&stop, outcomes, failures)
    }

    /// Puts together what came of the inputs that count.
    fn outcome(
        &self,
        stop: &EarlyStop,
        outcomes: Mutex<BTreeMap<usize, Outcome>>,
        failures: Mutex<BTreeMap<usize, EngineError>>,
    ) -> Result<(Balance, Option<usize>), EngineError> {
        if self.cancel.is_cancelled() {
            return Err(EngineError::Cancelled);
        }
        let last = stop.last();
        let counts = |input: usize| last.is_none_or(|last| input <= last);
        let failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, error)) = failures.into_iter().find(|(input, _)| counts(*input)) {
            return Err(error);
        }
        let mut balance = Balance { stopped_early: last.is_some(), ..Balance::default() };
        let outcomes = outcomes.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (_, (members, problems)) in outcomes.into_iter().filter(|(input, _)| counts(*input)) {
            balance.members.extend(members);
            balance.problems.extend(problems);
        }
        Ok((balance, last))
    }
}

impl<'a> Pass<'a> {
    fn examiner(&self) -> Examiner<'a> {
        Examiner { layout: self.layout, conditions: self.conditions }
    }
}
