//! One input of the pass: what leaves want of it goes to the store or to pipelines, and its records are counted.

use std::{
    collections::BTreeMap,
    io::BufReader,
    ops::ControlFlow,
    sync::{Arc, atomic::Ordering},
};

use arrow::{
    array::{ArrayRef, BooleanArray},
    compute::{
        BatchCoalescer,
        kernels::boolean::{not, or},
    },
    record_batch::RecordBatch,
};
use sources::{Found, Input, MemberSummary, Origin, Problem, Sink};

use super::{Outcome, Pass};
use crate::{
    error::EngineError,
    evidence::MemberId,
    pipeline::Turn,
    plan::layout::{LeafLayout, SharedColumns},
    scan::{
        balance::MemberBalance,
        early_stop::EarlyStop,
        examined::Examined,
        kept::{self, Kept, Matched},
        lines::Lines,
        members::Members,
        seen::Seen,
        workers::{FileRead, decode_batches},
    },
    store::{Batch, Filling, Members as RowMembers},
};

/// Rows of a batch that a pipeline is given, where fewer come at a time.
const PASSED_ROWS: usize = 8_192;

/// Reads one input into the store.
pub(super) struct InputReader<'a> {
    pass: &'a Pass<'a>,
    input: usize,
    stop: &'a EarlyStop,
    turn: &'a Turn<'a>,
    /// Rows for pipelines that do not make up a batch yet, by leaf.
    passing: BTreeMap<usize, BatchCoalescer>,
    /// Rows kept so far, by branch.
    pub(super) rows: Vec<usize>,
    members: Members<Option<String>>,
    /// Records that a branch kept, by member.
    matched: Vec<Lines>,
    /// Records that are copies of those, by member.
    copies: Vec<Lines>,
    /// The lake, if the input is a file of it.
    pub(super) kept: Option<&'a Kept>,
    /// Records of the lake's members that a branch kept.
    kept_matched: Matched,
    seen: Seen,
    filling: Filling,
    problems: Vec<Problem>,
    batches: u64,
    error: Option<EngineError>,
}

impl<'a> InputReader<'a> {
    pub(super) fn new(
        pass: &'a Pass<'a>,
        input: usize,
        stop: &'a EarlyStop,
        turn: &'a Turn<'a>,
    ) -> Self {
        Self {
            pass,
            input,
            stop,
            turn,
            passing: BTreeMap::new(),
            rows: vec![0; pass.branches.len()],
            members: Members::default(),
            matched: Vec::new(),
            copies: Vec::new(),
            kept: None,
            kept_matched: Matched::new(),
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

    fn store(
        &mut self,
        origin: &Origin,
        batch: RecordBatch,
        found: Found,
    ) -> Result<(), EngineError> {
        let member = if self.kept.is_none() { self.member(&origin.member) } else { 0 };
        let request = origin.request;
        let Some(layout) = self.pass.layout.of(&origin.table, request) else {
            return Ok(());
        };
        let examined = match found {
            None => self.pass.examiner().look_at(layout, batch),
            Some(found) => {
                let what = "found out by a stranger";
                let found = found.downcast::<Examined>();
                found.map_err(|_| EngineError::Internal { what })?.with_lines(batch)
            }
        };
        if let Some(kept) = self.kept {
            let codes = kept.codes(examined.shared.batch())?;
            return self.store_kept(&codes, examined);
        }
        let Some(keys) = examined.keys.clone() else {
            return self.store_fresh(request, member, examined);
        };
        let Some(copies) = self.seen.copies(request, &keys) else {
            return self.store_fresh(request, member, examined);
        };
        let fresh = not(&copies).map_err(EngineError::Batch)?;
        let batch = examined.shared.batch().clone();
        if fresh.true_count() > 0 {
            self.store_fresh(request, member, examined.among(&fresh)?)?;
        }
        let of_kept = self.seen.of_kept(request, &keys, &copies);
        if let Some((lines, of_kept)) = self.copies.get_mut(member).zip(of_kept) {
            lines.add(&batch, &of_kept);
        }
        Ok(())
    }

    /// Takes what a worker has read of the input. Of kept rows there are no summaries.
    pub(super) fn take(&mut self, input: &Input, read: FileRead) -> Vec<MemberSummary> {
        let (Input::Kept(file), FileRead::Rows(rows)) = (input, read) else {
            let what = "a worker has read what it was not asked for";
            self.error = Some(EngineError::Internal { what });
            return Vec::new();
        };
        for batch in decode_batches(BufReader::new(rows)) {
            let (request, batch) = match batch {
                Ok(batch) => batch,
                Err(error) => {
                    self.error = Some(error);
                    self.stop.end_with(self.input);
                    break;
                }
            };
            let origin = Origin {
                file: file.path.clone(),
                member: None,
                format: "lake",
                table: file.table.clone(),
                request,
            };
            if self.batch(&origin, batch).is_break() {
                break;
            }
        }
        self.pass.progress.advance(input.stored_bytes());
        Vec::new()
    }

    /// Stores those rows of a batch that a leaf wants; no record of it was kept before.
    fn store_fresh(
        &mut self,
        request: usize,
        member: usize,
        examined: Examined,
    ) -> Result<(), EngineError> {
        let id = MemberId::new(self.input, member);
        let (batch, keys) = (examined.shared.batch().clone(), examined.keys.clone());
        let Some(any) = self.store_rows(RowMembers::One(id), examined)? else { return Ok(()) };
        if let Some(matched) = self.matched.get_mut(member) {
            matched.add(&batch, &any);
        }
        if let Some(keys) = keys
            && !self.seen.keep(request, &keys, &any)
        {
            self.pass.has_unsorted_copies.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Stores those rows of a lake's batch that a leaf wants. Copies are told when all has been read.
    fn store_kept(&mut self, codes: &ArrayRef, examined: Examined) -> Result<(), EngineError> {
        let batch = examined.shared.batch().clone();
        if examined.keys.is_some() {
            self.pass.has_unsorted_copies.store(true, Ordering::Relaxed);
        }
        match self.store_rows(RowMembers::Each(codes), examined)? {
            Some(any) => kept::note(&mut self.kept_matched, &batch, codes, &any),
            None => Ok(()),
        }
    }

    /// Stores those rows of a batch that a leaf wants, and returns which those are.
    fn store_rows(
        &mut self,
        members: RowMembers<'_>,
        examined: Examined,
    ) -> Result<Option<BooleanArray>, EngineError> {
        let Examined { shared, keys, wanted: by_leaf } = examined;
        // A row that may be a copy does not count towards those that suffice.
        let counts = self.seen.is_complete() && (self.kept.is_none() || keys.is_none());
        let layout = Arc::clone(shared.layout());
        let place = (self.input, self.batches);
        self.batches = self.batches.saturating_add(1);
        let (mut any, mut kept): (Option<BooleanArray>, Option<BooleanArray>) = (None, None);
        let mut wanted = Vec::new();
        for (number, mask) in by_leaf {
            let leaf = layout.leaves.get(number);
            let leaf = leaf.ok_or(EngineError::Internal { what: "a leaf of another request" })?;
            let mask = match mask {
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
            if let Some(rows) = self.rows.get_mut(leaf.leaf).filter(|_| counts) {
                *rows = rows.saturating_add(count);
            }
            any = Some(union(any, &mask)?);
            if self.pass.outlets.has(leaf.leaf) {
                self.pass_on(leaf, &shared, &mask)?;
            } else {
                kept = Some(union(kept, &mask)?);
                wanted.push((number, mask));
            }
        }
        if let Some(kept) = kept {
            let rows = Batch { place, members, shared: &shared };
            self.filling.push(self.pass.store, &rows, &kept, &wanted)?;
        }
        Ok(any)
    }

    /// Gives a pipeline those rows of a batch that its leaf wants.
    fn pass_on(
        &mut self,
        leaf: &LeafLayout,
        shared: &SharedColumns,
        mask: &BooleanArray,
    ) -> Result<(), EngineError> {
        let rows = leaf.rows_of(&shared.layout().stored(shared)?, shared.rows())?;
        let accepted = mask.true_count();
        if accepted == rows.num_rows() && !self.passing.contains_key(&leaf.leaf) {
            self.turn.rows(leaf.leaf, rows);
            return Ok(());
        }
        let passing = self
            .passing
            .entry(leaf.leaf)
            .or_insert_with(|| BatchCoalescer::new(rows.schema(), PASSED_ROWS));
        passing.push_batch_with_filter(rows, mask).map_err(EngineError::Batch)?;
        while let Some(rows) = passing.next_completed_batch() {
            self.turn.rows(leaf.leaf, rows);
        }
        Ok(())
    }

    /// Gives pipelines what is left.
    fn pass_on_rest(&mut self) -> Result<(), EngineError> {
        for (leaf, mut passing) in std::mem::take(&mut self.passing) {
            passing.finish_buffered_batch().map_err(EngineError::Batch)?;
            while let Some(rows) = passing.next_completed_batch() {
                self.turn.rows(leaf, rows);
            }
        }
        Ok(())
    }

    /// Joins the reader's summaries of one member, which has one for each table, to its balance.
    pub(super) fn finish(
        mut self,
        summaries: Vec<MemberSummary>,
    ) -> (Outcome, Option<EngineError>) {
        if let Some(kept) = self.kept {
            kept.take(std::mem::take(&mut self.kept_matched));
        }
        let stored = self.filling.finish(self.pass.store).and_then(|()| self.pass_on_rest());
        let error = self.error.take().or(stored.err());
        let mut balances: BTreeMap<usize, MemberBalance> = BTreeMap::new();
        for summary in summaries {
            let index = self.member(&summary.member);
            let balance = balances.entry(index).or_insert_with(|| MemberBalance {
                id: MemberId::new(self.input, index),
                file: summary.file,
                member: summary.member,
                format: summary.format.into(),
                ..MemberBalance::default()
            });
            if let Some(table) = summary.table.as_ref().filter(|_| summary.read > 0) {
                balance.heads.push((table.clone(), summary.head));
            }
            balance.tables.extend(summary.table);
            balance.read = balance.read.saturating_add(summary.read);
            balance.rejected = balance.rejected.saturating_add(summary.rejected);
            // They are wanted as well, but what comes before them is enough.
            balance.matched = balance.matched.saturating_add(summary.passed_over);
            balance.newest = balance.newest.max(summary.newest);
            balance.times.append(&summary.times, 0);
            balance.assumed_utc.extend(summary.assumed_utc);
            balance.ignored_columns.extend(summary.ignored_columns);
            balance.losses.merge(summary.losses, 0);
        }
        for (index, balance) in &mut balances {
            let taken = self.matched.get(*index).map_or(0, Lines::count);
            balance.matched = balance.matched.saturating_add(taken);
            balance.duplicates = self.copies.get(*index).map_or(0, Lines::count);
            let accounted = balance.matched.saturating_add(balance.rejected);
            balance.not_needed = balance.read.saturating_sub(accounted);
        }
        ((balances.into_values().collect(), self.problems), error)
    }
}

impl Sink for InputReader<'_> {
    fn batch(&mut self, origin: &Origin, batch: RecordBatch) -> ControlFlow<()> {
        self.examined(origin, batch, None)
    }

    fn examined(&mut self, origin: &Origin, batch: RecordBatch, found: Found) -> ControlFlow<()> {
        if self.pass.cancel.is_cancelled() {
            self.error.get_or_insert(EngineError::Cancelled);
        }
        if self.error.is_none()
            && let Err(error) = self.store(origin, batch, found)
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

/// Adds rows to those that are accepted so far.
fn union(accepted: Option<BooleanArray>, more: &BooleanArray) -> Result<BooleanArray, EngineError> {
    accepted.map_or_else(|| Ok(more.clone()), |it| or(&it, more).map_err(EngineError::Batch))
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
