//! The one pass over the input: every file is read once, for all branches of all queries.

use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray},
    compute::{filter_record_batch, kernels::boolean::or},
    datatypes::Schema,
    error::ArrowError,
    record_batch::RecordBatch,
};
use sources::{EVENTS, Input, KnownTables, MemberSummary, Origin, Problem, Sink};

use crate::{
    balance::{Balance, MemberBalance},
    branch::Branch,
    duplicates,
    error::EngineError,
    evidence::MemberId,
    layout::Layout,
    lines::Lines,
    progress::Progress,
    staging::Staging,
};

/// What the pass needs to know; it is shared by its threads.
pub(crate) struct Pass<'a> {
    pub(crate) branches: &'a [Branch],
    pub(crate) layout: &'a Layout,
    pub(crate) known: &'a KnownTables,
    pub(crate) staging: &'a Staging,
    pub(crate) progress: &'a dyn Progress,
    /// Reading may end when every branch has the rows it asked for.
    pub(crate) may_stop_early: bool,
}

/// What came of one input.
type Outcome = (Vec<MemberBalance>, Vec<Problem>);

impl Pass<'_> {
    /// Reads all inputs on up to `threads` threads and stages what the branches want.
    ///
    /// # Errors
    ///
    /// If a filter fails or staged rows cannot be written out; damaged input is no error.
    pub(crate) fn run(&self, inputs: &[Input], threads: usize) -> Result<Balance, EngineError> {
        let next = AtomicUsize::new(0);
        let stop = AtomicBool::new(false);
        let outcomes: Mutex<BTreeMap<usize, Outcome>> = Mutex::new(BTreeMap::new());
        let failure: Mutex<Option<EngineError>> = Mutex::new(None);
        let work = || {
            while !stop.load(Ordering::Relaxed) {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(input) = inputs.get(index) else { break };
                let mut reader = InputReader::new(self, index, &stop);
                let summaries = sources::scan(input, &self.layout.request, self.known, &mut reader);
                let (outcome, error) = reader.finish(summaries);
                outcomes.lock().unwrap_or_else(PoisonError::into_inner).insert(index, outcome);
                if let Some(error) = error {
                    *failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                }
            }
        };
        thread::scope(|scope| {
            for _ in 1..threads.min(inputs.len()) {
                scope.spawn(work);
            }
            work();
        });
        if let Some(error) = failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        let mut balance = Balance { stopped_early: stop.into_inner(), ..Balance::default() };
        for (members, problems) in
            outcomes.into_inner().unwrap_or_else(PoisonError::into_inner).into_values()
        {
            balance.members.extend(members);
            balance.problems.extend(problems);
        }
        Ok(balance)
    }

    /// Tells whether every branch has all the rows that it asked for.
    fn is_satisfied(&self) -> bool {
        self.may_stop_early
            && self.branches.iter().enumerate().all(|(index, branch)| {
                branch.fetch.is_some_and(|fetch| self.staging.rows(index) >= fetch)
            })
    }
}

/// Reads one input into the staging area.
struct InputReader<'a> {
    pass: &'a Pass<'a>,
    input: usize,
    stop: &'a AtomicBool,
    /// Archive members met so far; a plain file is its own single member.
    members: Vec<Option<String>>,
    /// Records that a branch kept, by member.
    matched: Vec<Lines>,
    problems: Vec<Problem>,
    batches: u64,
    error: Option<EngineError>,
}

impl<'a> InputReader<'a> {
    fn new(pass: &'a Pass<'a>, input: usize, stop: &'a AtomicBool) -> Self {
        Self {
            pass,
            input,
            stop,
            members: Vec::new(),
            matched: Vec::new(),
            problems: Vec::new(),
            batches: 0,
            error: None,
        }
    }

    fn member(&mut self, name: Option<&String>) -> usize {
        // Members come one after another, so the last one is nearly always it.
        if let Some(index) = self.members.iter().rposition(|member| member.as_ref() == name) {
            return index;
        }
        self.members.push(name.cloned());
        self.matched.push(Lines::default());
        self.members.len().saturating_sub(1)
    }

    fn stage(&mut self, origin: &Origin, batch: &RecordBatch) -> Result<(), EngineError> {
        let member = self.member(origin.member.as_ref());
        let id = MemberId::new(self.input, member);
        let place = (self.input, self.batches);
        self.batches = self.batches.saturating_add(1);
        let keys = match &*origin.table {
            EVENTS => self.pass.layout.keys(origin.request, batch),
            _ => None,
        };
        let mut kept: Option<BooleanArray> = None;
        let wanted = self.pass.branches.iter().enumerate().filter(|(index, branch)| {
            let is_its_request = self.pass.layout.request_of(*index) == Some(origin.request);
            is_its_request && *branch.table == *origin.table
        });
        for (index, branch) in wanted {
            let rows = self.pass.layout.assemble(index, id, batch).map_err(EngineError::Batch)?;
            let mask = accepted(branch, &rows)?;
            if mask.true_count() > 0 {
                let rows = rows.project(&branch.projection).map_err(EngineError::Batch)?;
                let rows = with_keys(&rows, keys.as_ref()).map_err(EngineError::Batch)?;
                let rows = filter_record_batch(&rows, &mask).map_err(EngineError::Batch)?;
                self.pass.staging.push(index, place, id, &rows)?;
            }
            kept = Some(match kept {
                Some(kept) => or(&kept, &mask).map_err(EngineError::Batch)?,
                None => mask,
            });
        }
        if let (Some(kept), Some(matched)) = (kept, self.matched.get_mut(member)) {
            matched.add(batch, &kept);
        }
        Ok(())
    }

    /// Joins the reader's summaries of one member, which has one for each table, to its balance.
    fn finish(mut self, summaries: Vec<MemberSummary>) -> (Outcome, Option<EngineError>) {
        let mut balances: BTreeMap<usize, MemberBalance> = BTreeMap::new();
        for summary in summaries {
            let index = self.member(summary.member.as_ref());
            let balance = balances.entry(index).or_insert_with(|| MemberBalance {
                id: MemberId::new(self.input, index),
                file: summary.file,
                member: summary.member,
                format: summary.format,
                ..MemberBalance::default()
            });
            balance.tables.extend(summary.table);
            balance.read = balance.read.saturating_add(summary.read);
            balance.rejected = balance.rejected.saturating_add(summary.rejected);
            balance.newest = balance.newest.max(summary.newest);
            balance.assumed_utc.extend(summary.assumed_utc);
            balance.ignored_columns.extend(summary.ignored_columns);
        }
        for (index, balance) in &mut balances {
            balance.matched = self.matched.get(*index).map_or(0, Lines::count);
            let accounted = balance.matched.saturating_add(balance.rejected);
            balance.not_needed = balance.read.saturating_sub(accounted);
        }
        ((balances.into_values().collect(), self.problems), self.error)
    }
}

impl Sink for InputReader<'_> {
    fn batch(&mut self, origin: &Origin, batch: RecordBatch) -> ControlFlow<()> {
        if let Err(error) = self.stage(origin, &batch) {
            self.error = Some(error);
            self.stop.store(true, Ordering::Relaxed);
        }
        if self.pass.is_satisfied() {
            self.stop.store(true, Ordering::Relaxed);
        }
        if self.stop.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn progress(&mut self, bytes: u64) {
        self.pass.progress.advance(bytes);
    }
}

/// Appends what tells the rows' records apart.
fn with_keys(rows: &RecordBatch, keys: Option<&[ArrayRef; 2]>) -> Result<RecordBatch, ArrowError> {
    let Some(keys) = keys else { return Ok(rows.clone()) };
    let fields = rows.schema().fields().iter().cloned().collect::<Vec<_>>();
    let fields = fields.into_iter().chain(duplicates::fields().map(Arc::new));
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let columns = rows.columns().iter().chain(keys).cloned().collect();
    RecordBatch::try_new(schema, columns)
}

/// Returns for each row whether the branch's filter is true: neither false nor null.
fn accepted(branch: &Branch, rows: &RecordBatch) -> Result<BooleanArray, EngineError> {
    let Some(filter) = &branch.filter else {
        return Ok(BooleanArray::from(vec![true; rows.num_rows()]));
    };
    let value = filter
        .evaluate(rows)
        .and_then(|value| value.into_array(rows.num_rows()))
        .map_err(EngineError::Execute)?;
    let Some(mask) = value.as_boolean_opt() else {
        return Ok(BooleanArray::from(vec![false; rows.num_rows()]));
    };
    Ok(if mask.null_count() > 0 {
        arrow::compute::prep_null_mask_filter(mask)
    } else {
        mask.clone()
    })
}
