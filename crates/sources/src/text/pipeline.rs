//! From blocks of records to the sink: one thread reads, one or more parse, order is kept.

use std::{collections::BTreeMap, ops::ControlFlow};

use arrow_array::RecordBatch;
use arrow_select::concat::concat_batches;
use memchr::memchr;

use super::{
    block::{Block, BlockReader},
    yielded::{Part, PartBatch, RejectedRecord, Yield},
};
use crate::{
    lines::with_lines_after, ordered::in_order, problem::Reason, scan::Scan, sink::Origin,
    summary::MemberSummary,
};

/// Records of which the rows are gathered, from several blocks, before the sink gets them.
const BATCH_RECORDS: usize = 8192;
/// Batches that are gathered; each holds buffers of its own.
const PENDING_BATCHES: usize = 64;

/// Turns the records of a block into batches.
pub(crate) trait RecordReader: Send {
    /// Returns the name of the format.
    fn format(&self) -> &'static str;

    /// Returns a reader that knows what this one has learnt and has read nothing.
    fn fork(&self) -> Self;

    /// Reads a block; records are counted from 1 within it.
    fn read(&mut self, block: &Block) -> Yield;

    /// Returns the table of a text that has turned out to have no record, `None` if that is not told.
    ///
    /// # Errors
    ///
    /// Why such a text is none of the format.
    fn table_without_records(&self) -> Result<Option<String>, Reason>;
}

/// Reads all blocks and passes what they give to the scan's sink.
pub(crate) fn run(scan: &mut Scan<'_>, mut blocks: BlockReader<'_>, records: impl RecordReader) {
    let threads = scan.request.limits.threads.get();
    let without_records = records.table_without_records();
    let mut collector = Collector::new(scan, records.format());
    // A break is known to the scan if the sink wanted it; otherwise the input was of no use.
    let _ = if threads == 1 {
        run_serially(&mut blocks, records, &mut collector)
    } else {
        run_in_parallel(&mut blocks, records, &mut collector, threads)
    };
    collector.finish(without_records);
    if !scan.is_stopped()
        && let Some((offset, error)) = blocks.failure()
    {
        scan.problem(None, Some(offset), Reason::of_io(error));
    }
}

fn run_serially(
    blocks: &mut BlockReader<'_>,
    mut records: impl RecordReader,
    collector: &mut Collector<'_, '_>,
) -> ControlFlow<()> {
    while let Some(block) = blocks.next() {
        collector.take(read_block(&mut records, &block, collector.limit()))?;
    }
    ControlFlow::Continue(())
}

/// Reads the first block to learn the shape of the records, then the others on several threads.
fn run_in_parallel<R: RecordReader>(
    blocks: &mut BlockReader<'_>,
    mut records: R,
    collector: &mut Collector<'_, '_>,
    threads: usize,
) -> ControlFlow<()> {
    let Some(first) = blocks.next() else { return ControlFlow::Continue(()) };
    let limit = collector.limit();
    collector.take(read_block(&mut records, &first, limit))?;
    let worker = |_| {
        let mut records = records.fork();
        move || move |block: Block| read_block(&mut records, &block, limit)
    };
    let workers = (0..threads).map(worker).collect();
    in_order(std::iter::from_fn(|| blocks.next()), workers, |yielded| collector.take(yielded))
}

/// Reads a block, or accounts for the record that it stands for.
fn read_block(records: &mut impl RecordReader, block: &Block, limit: usize) -> Yield {
    if !block.is_too_long {
        let zero = memchr(0, &block.bytes).and_then(|at| u64::try_from(at).ok());
        let zero = zero.map(|at| block.offset.saturating_add(at));
        return Yield { zero, ..records.read(block) };
    }
    let reason = Reason::TooLong { limit };
    Yield {
        records: 1,
        rejected: vec![RejectedRecord { index: 1, offset: block.offset, reason }],
        ..Yield::default()
    }
}

/// Adds up what blocks give and passes it on.
struct Collector<'c, 's> {
    scan: &'c mut Scan<'s>,
    /// Records in the blocks before.
    lines_before: u64,
    tables: Vec<TableState>,
    /// Whether something has been told of the whole.
    has_told: bool,
    format: &'static str,
    /// Records that could not be read, whatever their table.
    rejected: u64,
}

/// What one table has got so far.
struct TableState {
    summary: MemberSummary,
    /// By the index of the table's request.
    pending: BTreeMap<usize, Pending>,
}

/// What one request has got since it was last passed on.
#[derive(Default)]
struct Pending {
    batches: Vec<RecordBatch>,
    /// The records that they stand for: where the sink may end the scan depends on the input, and not on
    /// which of its rows were left out early.
    records: usize,
}

impl<'c, 's> Collector<'c, 's> {
    fn new(scan: &'c mut Scan<'s>, format: &'static str) -> Self {
        let lines_before = scan.request.piece.lines_before();
        Self { scan, lines_before, tables: Vec::new(), has_told: false, format, rejected: 0 }
    }

    fn limit(&self) -> usize {
        self.scan.request.limits.record_bytes
    }

    fn take(&mut self, yielded: Yield) -> ControlFlow<()> {
        self.scan.tell_progress();
        for record in yielded.rejected {
            let line = self.lines_before.saturating_add(record.index);
            self.scan.problem(Some(line), Some(record.offset), record.reason);
            self.rejected = self.rejected.saturating_add(1);
        }
        for blemish in yielded.blemishes {
            let record = self.lines_before.saturating_add(blemish.index);
            let reason = Reason::NotWellFormed { record, what: blemish.what };
            self.scan.problem(None, Some(blemish.offset), reason);
        }
        if let Some(offset) = yielded.zero {
            self.scan.problem(None, Some(offset), Reason::ZeroByte);
        }
        for reason in yielded.failures {
            self.scan.problem(None, None, reason);
        }
        for part in yielded.parts {
            self.add(part)?;
        }
        self.lines_before = self.lines_before.saturating_add(yielded.records);
        if let Some(reason) = yielded.gives_up {
            self.has_told = true;
            self.scan.problem(None, None, reason);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn add(&mut self, part: Part) -> ControlFlow<()> {
        let at = self.table(&part);
        let Some(state) = self.tables.get_mut(at) else { return ControlFlow::Continue(()) };
        state.count(&part, self.lines_before);
        state.summary.losses.merge(part.losses, self.lines_before);
        let mut due = Vec::new();
        for PartBatch { request, batch, records } in part.batches {
            let pending = state.pending.entry(request).or_default();
            pending.records = pending.records.saturating_add(records);
            pending.batches.push(with_lines_after(batch, self.lines_before));
            let is_due =
                pending.records >= BATCH_RECORDS || pending.batches.len() >= PENDING_BATCHES;
            if is_due && let Some(pending) = state.pending.remove(&request) {
                due.push((request, pending));
            }
        }
        due.into_iter().try_for_each(|(request, pending)| self.pass_on(at, request, &pending))
    }

    /// Returns the place of the state that a part belongs to.
    fn table(&mut self, part: &Part) -> usize {
        let is_its = |state: &TableState| {
            state.summary.format == part.format
                && state.summary.table.as_deref() == Some(&*part.table)
        };
        if let Some(at) = self.tables.iter().position(is_its) {
            return at;
        }
        let summary = MemberSummary {
            format: part.format,
            table: Some(part.table.clone()),
            head: part.head.clone(),
            ignored_columns: part.ignored_columns.clone(),
            ..self.scan.empty_summary()
        };
        self.tables.push(TableState { summary, pending: BTreeMap::new() });
        self.tables.len().saturating_sub(1)
    }

    /// Passes on what one request of a table has got.
    fn pass_on(&mut self, at: usize, request: usize, pending: &Pending) -> ControlFlow<()> {
        let Some(state) = self.tables.get(at) else { return ControlFlow::Continue(()) };
        let batch = match &*pending.batches {
            [] => return ControlFlow::Continue(()),
            [batch] => Ok(batch.clone()),
            [first, ..] => concat_batches(&first.schema(), &pending.batches),
        };
        let origin = Origin {
            file: state.summary.file.clone(),
            member: state.summary.member.clone(),
            format: state.summary.format,
            table: state.summary.table.clone().unwrap_or_default(),
            request,
        };
        match batch {
            Ok(batch) => self.scan.batch(&origin, batch),
            Err(error) => {
                self.scan.problem(None, None, Reason::Batch(error));
                ControlFlow::Continue(())
            }
        }
    }

    /// Passes on what is pending and the account of every table.
    ///
    /// - `without_records`: the table if no record was there, or why that cannot be.
    fn finish(mut self, without_records: Result<Option<String>, Reason>) {
        for at in 0..self.tables.len() {
            let pending = self.tables.get_mut(at).map(|state| std::mem::take(&mut state.pending));
            for (request, pending) in pending.into_iter().flatten() {
                if !self.scan.is_stopped() {
                    // The scan knows of a break.
                    let _ = self.pass_on(at, request, &pending);
                }
            }
        }
        self.account_for_rejected();
        if self.tables.is_empty() && !self.has_told {
            match without_records {
                Ok(table) => {
                    let empty = self.scan.empty_summary();
                    let summary = MemberSummary { format: self.format, table, ..empty };
                    self.scan.summaries.push(summary);
                }
                Err(reason) => self.scan.problem(None, Some(0), reason),
            }
        }
        self.scan.summaries.extend(self.tables.into_iter().map(|state| state.summary));
        self.scan.tell_progress();
    }
}

impl Collector<'_, '_> {
    /// Counts damaged records, which have no table of their own, with those of the first table.
    fn account_for_rejected(&mut self) {
        if self.rejected == 0 {
            return;
        }
        if self.tables.is_empty() {
            let summary = MemberSummary { format: self.format, ..self.scan.empty_summary() };
            self.tables.push(TableState { summary, pending: BTreeMap::new() });
        }
        if let Some(TableState { summary, .. }) = self.tables.first_mut() {
            summary.read = summary.read.saturating_add(self.rejected);
            summary.rejected = summary.rejected.saturating_add(self.rejected);
        }
    }
}

impl TableState {
    fn count(&mut self, part: &Part, lines_before: u64) {
        let summary = &mut self.summary;
        let read = part.filtered.saturating_add(part.emitted).saturating_add(part.passed_over);
        summary.read = summary.read.saturating_add(read);
        summary.filtered = summary.filtered.saturating_add(part.filtered);
        summary.emitted = summary.emitted.saturating_add(part.emitted);
        summary.passed_over = summary.passed_over.saturating_add(part.passed_over);
        summary.newest = summary.newest.max(part.newest);
        summary.times.append(&part.times, lines_before);
        for column in &part.ignored_columns {
            if !summary.ignored_columns.contains(column) {
                summary.ignored_columns.push(column.clone());
            }
        }
        for column in &part.assumed_utc {
            if !summary.assumed_utc.contains(column) {
                summary.assumed_utc.push(column.clone());
            }
        }
    }
}
