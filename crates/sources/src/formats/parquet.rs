//! Parquet: native tables column by column, and events as the JSON objects that their rows could be.
//!
//! Row groups that hold nothing that is wanted are not read, and of the others only the columns
//! asked for, the tested ones first. Parts of row groups are independent of one another, so that
//! several threads can read them.

use std::{collections::BTreeMap, ops::ControlFlow};

use arrow_array::RecordBatch;
use kql_types::schema::TableSchema;
use parquet::errors::ParquetError;

use super::{Format, json};
use crate::{
    input::content::{Content, Head},
    losses::{Cause, Losses},
    ordered::in_order,
    parquet::{
        file::ParquetFile,
        lines::JsonLines,
        partition,
        plan::{Part, TablePlan},
    },
    problem::Reason,
    request::EVENTS,
    rows::time::{has_time, unreadable},
    scan::Scan,
    sink::{Found, Origin},
    summary::MemberSummary,
};

/// The name of the format.
const NAME: &str = "Parquet";
/// Bytes of a file that comes as a stream and so has to be held in memory.
const MAX_HELD_BYTES: u64 = 256 << 20;

pub(super) const FORMAT: Format = Format { recognise, read };

fn recognise(head: &Head<'_>) -> bool {
    head.bytes.starts_with(b"PAR1")
}

fn read(content: Content<'_>, scan: &mut Scan<'_>) {
    let chunks = match content.into_chunks(MAX_HELD_BYTES) {
        Ok(Some(chunks)) => chunks,
        Ok(None) => return scan.problem(None, None, Reason::Nested { kind: NAME }),
        Err(error) => return scan.problem(None, None, Reason::of_io(error)),
    };
    let path = scan.path().to_owned();
    let opened = ParquetFile::open(chunks, &path).and_then(|mut file| {
        file.settle(scan.known, scan.request)?;
        Ok(file)
    });
    let file = match opened {
        Ok(file) => file,
        Err(error) => return scan.problem(None, None, Reason::Parquet(error)),
    };
    let names = scan.stems().into_iter().chain(partition::names(&path)).collect::<Vec<_>>();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    match scan.known.identify(&file.columns(), &names) {
        Ok(table) if table.name != EVENTS => read_table(&file, table, scan),
        // Events, exported or flattened by whatever else, have the shapes that JSON has.
        _ => match file.read_all() {
            Ok(reader) => json::read_lines(Box::new(JsonLines::new(reader)), scan),
            Err(error) => scan.problem(None, None, Reason::Parquet(error)),
        },
    }
}

fn read_table(file: &ParquetFile, table: &TableSchema, scan: &mut Scan<'_>) {
    let mut summary = MemberSummary {
        format: NAME,
        table: Some(table.name.clone()),
        times: file.times(),
        ..scan.empty_summary()
    };
    summary.newest = summary.times.spans().map(|span| span.newest).max();
    summary.ignored_columns = file
        .columns()
        .into_iter()
        .filter(|name| !scan.known.has_column(table, name))
        .map(str::to_owned)
        .collect();
    let has = |name: &str| {
        let aliases = scan.known.aliases(table, name);
        aliases.iter().any(|alias| file.columns().contains(&alias.as_str()))
    };
    let names = table.columns.iter().map(|column| column.name.clone());
    summary.head = Some(names.filter(|name| has(name)).collect());
    let rejected = match file.rows_without_time() {
        Ok(rejected) => rejected,
        Err(error) => return scan.problem(None, None, Reason::Parquet(error)),
    };
    reject(file, &rejected, &mut summary, scan);
    let mut outcome = Ok(());
    if let Some(request) = scan.request.tables.get(&table.name) {
        if file.time_column().is_none() && has_time(table) {
            summary.losses.add_all(Cause::NoTime, file.rows());
        }
        let block_bytes = scan.request.limits.block_bytes;
        let rejected = rejected.into_keys().collect();
        let plan = TablePlan::new(file, table, request, scan.known, rejected, block_bytes);
        summary.passed_over = plan.passed_over;
        let mut collector = Collector::new(&mut summary, scan);
        // A break is known to the scan if the sink wanted it; otherwise it is a failure.
        let _ = collector.read(&plan);
        outcome = collector.outcome;
    }
    let parts = [summary.passed_over, summary.rejected];
    let accounted = parts.into_iter().try_fold(summary.emitted, u64::checked_add);
    let filtered = accounted.and_then(|accounted| file.rows().checked_sub(accounted));
    let outcome = outcome.and_then(|()| {
        let too_many = || ParquetError::General("more rows than the footer says".to_owned());
        filtered.ok_or_else(|| Reason::Parquet(too_many()))
    });
    match outcome {
        // What was left unread was not wanted.
        Ok(filtered) => (summary.read, summary.filtered) = (file.rows(), filtered),
        Err(reason) => {
            summary.read = accounted.unwrap_or(u64::MAX);
            scan.problem(None, None, reason);
        }
    }
    scan.summaries.push(summary);
}

/// Tells of the rows whose time cannot be read: they are rejected.
fn reject(
    file: &ParquetFile,
    rejected: &BTreeMap<i64, String>,
    summary: &mut MemberSummary,
    scan: &mut Scan<'_>,
) {
    let column = file.time_column().unwrap_or_default();
    for (line, text) in rejected {
        scan.problem(u64::try_from(*line).ok(), None, unreadable(column, text));
        summary.rejected = summary.rejected.saturating_add(1);
    }
}

/// The rows of a part, or what there is of them before a failure.
struct PartYield {
    /// Those rows that are needed, each batch with what was found out about it.
    batches: Vec<(RecordBatch, Found)>,
    /// Rows that there were.
    rows: u64,
    losses: Losses,
    passed_over: u64,
    zoneless: Vec<String>,
    outcome: Result<(), Reason>,
}

/// - `examine`: looks at a batch.
fn read_part(
    plan: &TablePlan<'_>,
    part: &Part,
    examine: &(dyn Fn(RecordBatch) -> Option<(RecordBatch, Found)> + Sync),
) -> PartYield {
    let mut yielded = PartYield {
        batches: Vec::new(),
        rows: 0,
        losses: Losses::default(),
        passed_over: 0,
        zoneless: Vec::new(),
        outcome: Ok(()),
    };
    yielded.outcome = plan.read(part).map_err(Reason::Parquet).and_then(|mut reader| {
        for batch in reader.by_ref() {
            let batch = batch?;
            let rows = u64::try_from(batch.num_rows()).unwrap_or(u64::MAX);
            yielded.rows = yielded.rows.saturating_add(rows);
            if rows > 0 {
                yielded.batches.extend(examine(batch));
            }
        }
        yielded.losses = reader.take_losses();
        yielded.zoneless = reader.take_zoneless();
        yielded.passed_over = reader.passed_over;
        Ok(())
    });
    yielded
}

/// Passes on what is read, and adds up the account.
struct Collector<'c, 's> {
    scan: &'c mut Scan<'s>,
    origin: Origin,
    summary: &'c mut MemberSummary,
    outcome: Result<(), Reason>,
}

impl<'c, 's> Collector<'c, 's> {
    fn new(summary: &'c mut MemberSummary, scan: &'c mut Scan<'s>) -> Self {
        let origin = Origin {
            file: summary.file.clone(),
            member: summary.member.clone(),
            format: NAME,
            table: summary.table.clone().unwrap_or_default(),
            request: 0,
        };
        Self { scan, origin, summary, outcome: Ok(()) }
    }

    fn read(&mut self, plan: &TablePlan<'_>) -> ControlFlow<()> {
        let threads = self.scan.request.limits.threads.get();
        if threads == 1 || plan.parts.len() == 1 {
            return self.read_serially(plan);
        }
        let (examiner, table) = (self.scan.examiner, self.origin.table.clone());
        let examine = |batch: RecordBatch| match examiner {
            Some(examiner) => examiner.examine(&table, 0, batch),
            None => Some((batch, None)),
        };
        let start = || |part| read_part(plan, part, &examine);
        let workers = vec![start; threads.min(plan.parts.len())];
        in_order(plan.parts.iter(), workers, |yielded| self.take(yielded))
    }

    /// Reads part by part as well, so that batches are the same on any number of threads.
    fn read_serially(&mut self, plan: &TablePlan<'_>) -> ControlFlow<()> {
        plan.parts.iter().try_for_each(|part| {
            let mut reader = match plan.read(part) {
                Ok(reader) => reader,
                Err(error) => return self.fail(Reason::Parquet(error)),
            };
            while let Some(batch) = reader.next() {
                match batch {
                    Ok(batch) => self.batch(batch, reader.take_losses())?,
                    Err(error) => return self.fail(error.into()),
                }
            }
            self.taken_for_utc(reader.take_zoneless());
            self.pass_over(reader.passed_over);
            ControlFlow::Continue(())
        })
    }

    fn take(&mut self, yielded: PartYield) -> ControlFlow<()> {
        self.taken_for_utc(yielded.zoneless);
        self.pass_over(yielded.passed_over);
        self.summary.losses.merge(yielded.losses, 0);
        self.summary.emitted = self.summary.emitted.saturating_add(yielded.rows);
        for (batch, found) in yielded.batches {
            self.scan.tell_progress();
            self.scan.examined(&self.origin, batch, found)?;
        }
        match yielded.outcome {
            Ok(()) => ControlFlow::Continue(()),
            Err(reason) => self.fail(reason),
        }
    }

    fn taken_for_utc(&mut self, columns: Vec<String>) {
        let known = &mut self.summary.assumed_utc;
        known.extend(columns);
        known.sort();
        known.dedup();
    }

    fn pass_over(&mut self, rows: u64) {
        self.summary.passed_over = self.summary.passed_over.saturating_add(rows);
    }

    /// - `losses`: what of the batch's values was lost.
    fn batch(&mut self, batch: RecordBatch, losses: Losses) -> ControlFlow<()> {
        self.summary.losses.merge(losses, 0);
        let rows = u64::try_from(batch.num_rows()).unwrap_or(u64::MAX);
        if rows == 0 {
            return ControlFlow::Continue(());
        }
        self.summary.emitted = self.summary.emitted.saturating_add(rows);
        self.scan.tell_progress();
        self.scan.batch(&self.origin, batch)
    }

    fn fail(&mut self, reason: Reason) -> ControlFlow<()> {
        self.outcome = Err(reason);
        ControlFlow::Break(())
    }
}
