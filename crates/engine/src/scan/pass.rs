//! The one pass over the input: every file is read once, for all branches of all queries.

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    ops::ControlFlow,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use arrow::{
    array::{ArrayRef, BooleanArray},
    compute::{
        filter, filter_record_batch,
        kernels::boolean::{not, or},
    },
    record_batch::RecordBatch,
};
use sources::{Input, KnownTables, Limits, MemberSummary, Origin, Problem, ScanRequest, Sink};

use super::{
    balance::{Balance, MemberBalance},
    conditions::{Answers, BranchColumns, Conditions},
    early_stop::EarlyStop,
    failures::Failures,
    lines::Lines,
    members::Members,
    progress::Progress,
    seen::Seen,
    shares::{Share, Shares},
};
use crate::{
    account::Reservation,
    error::EngineError,
    evidence::MemberId,
    plan::{
        branch::Branch,
        layout::{Layout, LeafLayout, RequestLayout, SharedColumns},
    },
    store::{Batch, Filling, Store},
};

/// What the pass needs to know; it is shared by its threads.
pub(crate) struct Pass<'a> {
    pub(crate) branches: &'a [Branch],
    pub(crate) conditions: &'a Conditions<'a>,
    pub(crate) layout: &'a Layout,
    pub(crate) known: &'a KnownTables,
    pub(crate) store: &'a Store,
    pub(crate) progress: &'a dyn Progress,
    /// Reading may end when every branch has the rows it asked for.
    pub(crate) may_stop_early: bool,
    /// Opens an account for what tells an input's records apart.
    pub(crate) account: &'a (dyn Fn() -> Reservation + Sync),
    /// The account of what could not be read: a file may have millions of damaged lines.
    pub(crate) problems: &'a Reservation,
    /// The branches whose filters failed.
    pub(crate) failures: &'a Failures,
    /// Rows of one input may be copies: there was no memory to tell while they were read.
    pub(crate) has_unsorted_copies: AtomicBool,
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
        let read = |index: usize, request: &ScanRequest| {
            let Some(input) = inputs.get(index).filter(|_| !stop.is_over(index)) else { return };
            let mut reader = InputReader::new(self, index, &stop);
            let summaries = sources::scan(input, request, self.known, &mut reader);
            stop.has_read(index, &reader.rows);
            let (outcome, error) = reader.finish(summaries);
            outcomes.lock().unwrap_or_else(PoisonError::into_inner).insert(index, outcome);
            if let Some(error) = error {
                failures.lock().unwrap_or_else(PoisonError::into_inner).insert(index, error);
            }
        };
        let sizes: Vec<u64> = inputs.iter().map(Input::stored_bytes).collect();
        let mut request = self.layout.request.clone();
        let all_threads = Limits { threads, ..request.limits };
        let one_thread = Limits { threads: NonZeroUsize::MIN, ..request.limits };
        for share in Shares::new(&sizes, threads.get()).in_turn(stop.is_possible()) {
            let apart = match share {
                Share::Together(index) => {
                    request.limits = all_threads;
                    read(index, &request);
                    continue;
                }
                Share::Apart(apart) => apart,
            };
            request.limits = one_thread;
            let next = AtomicUsize::new(0);
            let work = || {
                while let Some(index) = apart.get(next.fetch_add(1, Ordering::Relaxed)) {
                    read(*index, &request);
                }
            };
            thread::scope(|scope| {
                for _ in 1..threads.get().min(apart.len()) {
                    scope.spawn(work);
                }
                work();
            });
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

/// Reads one input into the store.
struct InputReader<'a> {
    pass: &'a Pass<'a>,
    input: usize,
    stop: &'a EarlyStop,
    /// Rows kept so far, by branch.
    rows: Vec<usize>,
    members: Members<Option<String>>,
    /// Records that a branch kept, by member.
    matched: Vec<Lines>,
    /// Records that are copies of those, by member.
    copies: Vec<Lines>,
    seen: Seen,
    filling: Filling,
    problems: Vec<Problem>,
    batches: u64,
    error: Option<EngineError>,
}

impl<'a> InputReader<'a> {
    fn new(pass: &'a Pass<'a>, input: usize, stop: &'a EarlyStop) -> Self {
        Self {
            pass,
            input,
            stop,
            rows: vec![0; pass.branches.len()],
            members: Members::default(),
            matched: Vec::new(),
            copies: Vec::new(),
            seen: Seen::new((pass.account)()),
            filling: Filling::default(),
            problems: Vec::new(),
            batches: 0,
            error: None,
        }
    }

    #[expect(clippy::ref_option, reason = "as origins have it: to ask copies nothing")]
    fn member(&mut self, name: &Option<String>) -> usize {
        let (index, is_new) = self.members.number(name);
        if is_new {
            self.matched.push(Lines::default());
            self.copies.push(Lines::default());
        }
        index
    }

    fn store(&mut self, origin: &Origin, batch: &RecordBatch) -> Result<(), EngineError> {
        let member = self.member(&origin.member);
        let Some(layout) = self.pass.layout.of(&origin.table, origin.request) else {
            return Ok(());
        };
        let request = origin.request;
        let Some(keys) = layout.keys(batch) else {
            return self.store_fresh(layout, request, member, batch, None);
        };
        let Some(copies) = self.seen.copies(request, &keys) else {
            return self.store_fresh(layout, request, member, batch, Some(&keys));
        };
        let fresh = not(&copies).map_err(EngineError::Batch)?;
        if fresh.true_count() > 0 {
            let rows = filter_record_batch(batch, &fresh).map_err(EngineError::Batch)?;
            let [first, second] = keys.each_ref().map(|half| filter(half, &fresh));
            let fresh_keys =
                [first.map_err(EngineError::Batch)?, second.map_err(EngineError::Batch)?];
            self.store_fresh(layout, request, member, &rows, Some(&fresh_keys))?;
        }
        let of_kept = self.seen.of_kept(request, &keys, &copies);
        if let Some((lines, of_kept)) = self.copies.get_mut(member).zip(of_kept) {
            lines.add(batch, &of_kept);
        }
        Ok(())
    }

    /// Stores those rows of a batch that a leaf wants; no record of it was kept before.
    fn store_fresh(
        &mut self,
        layout: &Arc<RequestLayout>,
        request: usize,
        member: usize,
        batch: &RecordBatch,
        keys: Option<&[ArrayRef; 2]>,
    ) -> Result<(), EngineError> {
        let place = (self.input, self.batches);
        self.batches = self.batches.saturating_add(1);
        let shared = layout.shared(batch);
        let mut answers = Answers::default();
        let mut any: Option<BooleanArray> = None;
        let mut wanted = Vec::new();
        for (number, leaf) in layout.leaves.iter().enumerate() {
            let columns = LeafColumns { leaf, shared: &shared };
            let mask = match self.pass.conditions.accepted(leaf.leaf, &columns, &mut answers) {
                Ok(mask) => mask,
                Err(error) => {
                    self.pass.failures.note(leaf.leaf, place, error);
                    continue;
                }
            };
            let count = mask.true_count();
            if count == 0 {
                continue;
            }
            if let Some(rows) = self.rows.get_mut(leaf.leaf).filter(|_| self.seen.is_complete()) {
                *rows = rows.saturating_add(count);
            }
            any = Some(match any {
                Some(any) => or(&any, &mask).map_err(EngineError::Batch)?,
                None => mask.clone(),
            });
            wanted.push((number, mask));
        }
        let Some(any) = any else { return Ok(()) };
        let id = MemberId::new(self.input, member);
        let rows = Batch { layout, place, member: id, shared: &shared };
        self.filling.push(self.pass.store, &rows, &any, &wanted)?;
        if let Some(matched) = self.matched.get_mut(member) {
            matched.add(batch, &any);
        }
        if let Some(keys) = keys
            && !self.seen.keep(request, keys, &any)
        {
            self.pass.has_unsorted_copies.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Joins the reader's summaries of one member, which has one for each table, to its balance.
    fn finish(mut self, summaries: Vec<MemberSummary>) -> (Outcome, Option<EngineError>) {
        let stored = self.filling.finish(self.pass.store);
        let error = self.error.take().or(stored.err());
        let mut balances: BTreeMap<usize, MemberBalance> = BTreeMap::new();
        for summary in summaries {
            let index = self.member(&summary.member);
            let balance = balances.entry(index).or_insert_with(|| MemberBalance {
                id: MemberId::new(self.input, index),
                file: summary.file,
                member: summary.member,
                format: summary.format,
                ..MemberBalance::default()
            });
            if let Some(table) = summary.table.as_ref().filter(|_| summary.read > 0) {
                balance.heads.push((table.clone(), summary.head));
            }
            balance.tables.extend(summary.table);
            balance.read = balance.read.saturating_add(summary.read);
            balance.rejected = balance.rejected.saturating_add(summary.rejected);
            balance.newest = balance.newest.max(summary.newest);
            balance.times.append(&summary.times, 0);
            balance.assumed_utc.extend(summary.assumed_utc);
            balance.ignored_columns.extend(summary.ignored_columns);
            balance.losses.merge(summary.losses, 0);
        }
        for (index, balance) in &mut balances {
            balance.matched = self.matched.get(*index).map_or(0, Lines::count);
            balance.duplicates = self.copies.get(*index).map_or(0, Lines::count);
            let accounted = balance.matched.saturating_add(balance.rejected);
            balance.not_needed = balance.read.saturating_sub(accounted);
        }
        ((balances.into_values().collect(), self.problems), error)
    }
}

impl Sink for InputReader<'_> {
    fn batch(&mut self, origin: &Origin, batch: RecordBatch) -> ControlFlow<()> {
        if self.error.is_none()
            && let Err(error) = self.store(origin, &batch)
        {
            self.error = Some(error);
        }
        if self.error.is_some() {
            self.stop.end_with(self.input);
            return ControlFlow::Break(());
        }
        let is_end = self.stop.is_enough(self.input, &self.rows) || self.stop.is_over(self.input);
        if is_end { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn problem(&mut self, problem: Problem) {
        // Running out of memory ends the run, at the next batch or at the end of the input.
        match self.pass.problems.grow(bytes_of(&problem)) {
            Ok(()) => self.problems.push(problem),
            Err(error) => {
                self.error.get_or_insert(error);
            }
        }
    }

    fn progress(&mut self, bytes: u64) {
        self.pass.progress.advance(bytes);
    }
}

/// Returns what a problem takes of the memory, about.
fn bytes_of(problem: &Problem) -> usize {
    let Problem { place, reason } = problem;
    let member = place.member.as_ref().map_or(0, String::len);
    let texts = place.file.as_os_str().len().saturating_add(member);
    let texts = texts.saturating_add(reason.to_string().len());
    // The list of them may have room for twice as many.
    texts.saturating_add(size_of::<Problem>().saturating_mul(2))
}

/// The columns of a leaf in a batch.
struct LeafColumns<'a> {
    leaf: &'a LeafLayout,
    shared: &'a SharedColumns<'a>,
}

impl BranchColumns for LeafColumns<'_> {
    fn rows(&self) -> usize {
        self.shared.rows()
    }

    fn column(&self, column: usize) -> Option<ArrayRef> {
        self.leaf.column(column, self.shared)
    }
}
