//! Runs queries for clients: within limits, each on a thread of its own, and streams what they find.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use engine::{
    Balance, Cancel, Clock, CompiledQuery, Engine, EngineError, Environment, Look, NoProgress,
    Rows, Settings,
};
use kql_types::{
    Ticks,
    schema::{ColumnSchema, TableSchema},
};
use report::{Dynamics, JsonRows};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::{
    answer::{self, Answer, Chunks, Gone},
    chart::{self, Chart},
    data::{Data, Now},
    metrics::{Ended, Metrics},
    query_error::QueryError,
};

/// What queries may take, unless they ask for less.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Queries that run at the same time; further ones wait as long as a query may take.
    pub concurrent: usize,
    /// How long one may take.
    pub time: Duration,
    /// Rows of one result.
    pub rows: usize,
    /// Bytes of one answer's rows.
    pub bytes: usize,
}

impl Default for Limits {
    /// Kusto's own: 4 minutes, 500,000 rows, 64 MB.
    fn default() -> Self {
        Self { concurrent: 8, time: Duration::from_mins(4), rows: 500_000, bytes: 64 * 1024 * 1024 }
    }
}

/// Answers questions in KQL.
#[derive(Debug)]
pub struct Queries {
    environment: Environment,
    settings: Settings,
    data: Arc<dyn Data>,
    now: Now,
    limits: Limits,
    permits: Arc<Semaphore>,
    pub(crate) metrics: Metrics,
}

/// A question.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// The KQL.
    pub(crate) text: String,
    /// The times of the records that it is about, if not of all.
    pub(crate) span: Option<Span>,
    /// What `now()` is, if the client says so.
    pub(crate) now: Option<Ticks>,
    /// How long it may take, if less than the limit.
    pub(crate) time: Option<Duration>,
    /// How many rows it may have, if less than the limit.
    pub(crate) rows: Option<usize>,
    /// Whether it may have as many rows as it has.
    pub(crate) is_unlimited: bool,
}

/// Times of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    /// So long before now, up to now.
    Last(Ticks),
    /// From a time to another one.
    Between(Ticks, Ticks),
}

/// Frames an answer in the form of a protocol: it is told what comes, and appends its bytes.
pub(crate) trait Frames: Send {
    /// Whether the protocol has a place for more than one result.
    fn takes_several_results(&self) -> bool {
        true
    }

    /// How values of the type dynamic are written.
    fn dynamics(&self) -> Dynamics;

    /// The answer begins.
    ///
    /// - `charts`: how each result is drawn, as far as the query says.
    fn begin(&mut self, charts: Vec<Option<Chart>>, out: &mut String);

    /// A result begins.
    fn begin_result(&mut self, columns: &[ColumnSchema], out: &mut String);

    /// A row comes.
    fn row(&mut self, rows: &JsonRows<'_>, row: usize, out: &mut String);

    /// So many rows have come together, and what is ready may be sent.
    fn end_batch(&mut self, out: &mut String);

    /// A result ends, early if there is an error.
    fn end_result(&mut self, rows: u64, error: Option<&QueryError>, out: &mut String);

    /// The answer ends.
    ///
    /// - `unread`: what of the telemetry could not be read, so that the answer is about the rest.
    fn end(&mut self, error: Option<&QueryError>, unread: &[String], out: &mut String);
}

/// Bytes of an answer that are sent together, about.
const CHUNK: usize = 64 * 1024;

/// How long a client has, when its query's time is over, to read what is ready: as long again, and no longer
/// than this. A client that does not read would keep others from being answered.
const TIME_TO_READ: Duration = Duration::from_secs(10);

/// How long a query has to end when its time is over, before its client is told.
const TIME_TO_END: Duration = Duration::from_secs(5);

impl Queries {
    /// Makes what answers questions about some data.
    pub fn new(
        environment: Environment,
        settings: Settings,
        data: Arc<dyn Data>,
        now: Now,
        limits: Limits,
    ) -> Self {
        let permits = Arc::new(Semaphore::new(limits.concurrent));
        let metrics = Metrics::default();
        Self { environment, settings, data, now, limits, permits, metrics }
    }

    /// Returns the tables that there are, by name: those that events fill, and whatever there are rows of.
    pub(crate) fn tables(&self) -> Result<Vec<Arc<TableSchema>>, QueryError> {
        let filled = self.environment.schemas().cloned();
        let mut tables: BTreeMap<String, _> =
            filled.map(|schema| (schema.name.clone(), schema)).collect();
        for name in self.data.tables()? {
            // A table that nobody knows has rows for other programs.
            if let Some(schema) = self.environment.schema(&name) {
                tables.insert(name, schema);
            }
        }
        Ok(tables.into_values().collect())
    }

    /// Returns what is wrong with a query, and its columns, without running it.
    pub(crate) fn check(&self, text: &str) -> engine::CheckedQuery {
        engine::check(text, &self.environment)
    }

    /// Returns the tables and functions that queries may name.
    pub(crate) const fn catalog(&self) -> &Environment {
        &self.environment
    }

    /// Starts to answer a question. What fails before there is any row is an error; what fails later is told
    /// in the answer.
    pub(crate) async fn answer(
        self: &Arc<Self>,
        question: Question,
        frames: Box<dyn Frames>,
    ) -> Result<Answer, QueryError> {
        let time = question.time.map_or(self.limits.time, |time| time.min(self.limits.time));
        let started = Instant::now();
        let too_long = || QueryError::TooLong { seconds: time.as_secs() };
        let permit = tokio::time::timeout(time, Arc::clone(&self.permits).acquire_owned());
        let permit = match permit.await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => {
                return Err(QueryError::Internal("no query is taken any more".to_owned()));
            }
            Err(_) => return Err(QueryError::Throttled { most: self.limits.concurrent }),
        };
        let (begun, has_begun) = oneshot::channel();
        let cancel = Cancel::default();
        let (chunks, answer) = answer::channel(cancel.clone());
        let left = time.saturating_sub(started.elapsed());
        let (deadline, patience) = (cancel.clone(), chunks.patience());
        let overdue = tokio::spawn(async move {
            tokio::time::sleep(left).await;
            deadline.cancel();
            tokio::time::sleep(time.min(TIME_TO_READ)).await;
            patience.end();
        });
        let running = Running {
            queries: Arc::clone(self),
            question,
            frames,
            begun: Some(begun),
            chunks,
            cancel,
            time,
            started,
            rows: 0,
        };
        let work = move || {
            running.run(permit);
            overdue.abort();
        };
        let name = thread::Builder::new().name("query".to_owned());
        drop(name.spawn(work).map_err(|error| QueryError::Internal(error.to_string()))?);
        // What does not look at its cancellation, as a store that does not answer, is left to itself.
        let patience = left.saturating_add(TIME_TO_END);
        match tokio::time::timeout(patience, has_begun).await {
            Ok(Ok(Ok(()))) => Ok(answer),
            Ok(Ok(Err(error))) => Err(error),
            Err(_) => Err(too_long()),
            // The thread ended without a word, which only a panic makes it do.
            Ok(Err(_)) if started.elapsed() >= time => Err(too_long()),
            Ok(Err(_)) => Err(QueryError::Internal("the query broke off".to_owned())),
        }
    }
}

/// A query that runs on its thread.
struct Running {
    queries: Arc<Queries>,
    question: Question,
    frames: Box<dyn Frames>,
    /// Who waits for the first rows, as long as there are none.
    begun: Option<oneshot::Sender<Result<(), QueryError>>>,
    chunks: Chunks,
    cancel: Cancel,
    time: Duration,
    started: Instant,
    rows: u64,
}

impl Running {
    /// Answers the question. The permit is given back when that is done.
    fn run(mut self, permit: OwnedSemaphorePermit) {
        let queries = Arc::clone(&self.queries);
        queries.metrics.started();
        let ended = self.try_run();
        drop(permit);
        let how = match &ended {
            Ok(()) => Ended::Answered,
            Err(QueryError::Refused { .. } | QueryError::Request(_)) => Ended::Refused,
            Err(_) => Ended::Failed,
        };
        queries.metrics.ended(how, self.rows, self.started.elapsed());
        if let Err(error) = ended {
            tracing::info!(%error, "a query was not answered");
            if let Some(begun) = self.begun.take() {
                // Nobody may be waiting any more.
                let _gone = begun.send(Err(error));
            }
        }
    }

    /// Runs the query and sends what it finds.
    ///
    /// Returns the error that ended it, which is told to the client unless there has been no row.
    fn try_run(&mut self) -> Result<(), QueryError> {
        let queries = Arc::clone(&self.queries);
        let text = self.question.text.clone();
        // Only rows with evidence have times that a look can choose by.
        let has_span = self.question.span.is_some();
        let mut environment = queries.environment.clone();
        let asks = engine::asks_for_columns(&text, &environment);
        let compile = |environment: &Environment| {
            engine::compile(&text, environment, has_span)
                .map_err(|diagnostics| QueryError::refused(&text, &diagnostics))
        };
        let tables = if asks {
            // What it reads is known when its columns are; the account may be among it.
            BTreeSet::from([lake::LEDGER.to_owned()])
        } else {
            compile(&environment)?.tables()
        };
        // What reads nothing waits for nobody, unless the newest event decides what time it is.
        let reads_nothing = tables.is_empty() && matches!(queries.now, Now::Clock(_));
        let inputs = if reads_nothing { Vec::new() } else { queries.data.inputs(&tables)? };
        let clock = match (self.question.now, queries.now) {
            (Some(now), _) => Clock::At(now),
            (None, Now::Clock(now)) => Clock::At(now()),
            (None, Now::NewestEvent(now)) if inputs.is_empty() => Clock::At(now()),
            (None, Now::NewestEvent(now)) => Clock::NewestEvent(now()),
        };
        let engine = Engine::new(&environment, queries.settings.clone());
        let engine = engine.map_err(|error| self.told(&error))?.with_cancel(self.cancel.clone());
        if asks {
            let texts = [text.as_str()];
            engine
                .settle_columns(&texts, &mut environment, &inputs, clock, &NoProgress)
                .map_err(|error| self.told(&error))?;
        }
        let start = |compiled: CompiledQuery| {
            let patterns = compiled.patterns.clone();
            let compiled = [compiled];
            let run = if has_span {
                engine.run(&compiled, &inputs, clock, &NoProgress)
            } else {
                engine.run_once(&compiled, &inputs, clock, &NoProgress)
            };
            Ok::<_, QueryError>((run.map_err(|error| self.told(&error))?, patterns))
        };
        let compiled = compile(&environment)?;
        if compiled.results.len() > 1 && !self.frames.takes_several_results() {
            let error = "the query has several results, and this protocol has a place for one";
            return Err(QueryError::Request(error.to_owned()));
        }
        let (mut run, patterns) = start(compiled)?;
        // What a pattern stands for is known once the input has been read: it is read again with that.
        let held = environment.not_held(&patterns, run.balance());
        if !held.is_empty() {
            drop(run);
            environment.hold(held);
            (run, _) = start(compile(&environment)?)?;
        }
        let results = match self.question.span {
            Some(span) => {
                let window = Some(span.window(run.now()));
                run.look(0, &Look { now: run.now(), window })
            }
            None => run.rows(0),
        };
        let results = results.map_err(|error| self.told(&error))?;
        let mut out = String::new();
        self.frames.begin(chart::charts(&text), &mut out);
        let mut ended = Ok(());
        for result in results {
            match self.send_result(result, &mut out) {
                Ok(Ok(())) => {}
                Ok(Err(error)) if self.begun.is_some() => return Err(error),
                Ok(Err(error)) => {
                    ended = Err(error);
                    break;
                }
                Err(Gone) => {
                    self.chunks.cut_off();
                    return Err(QueryError::Failed("the client did not read".to_owned()));
                }
            }
        }
        self.frames.end(ended.as_ref().err(), &unread(run.balance()), &mut out);
        self.begin();
        if self.chunks.send(out).is_err() {
            self.chunks.cut_off();
        }
        ended
    }

    /// Sends the rows of a result, as many as there may be.
    fn send_result(
        &mut self,
        result: Rows<'_>,
        out: &mut String,
    ) -> Result<Result<(), QueryError>, Gone> {
        let columns = result.columns().to_vec();
        let limits = self.queries.limits;
        let most_rows = self.question.rows.map_or(limits.rows, |rows| rows.min(limits.rows));
        let (mut count, mut bytes) = (0_usize, 0_usize);
        let mut error = None;
        let mut has_columns = false;
        'batches: for batch in result {
            let mut batch = match batch {
                Ok(batch) => batch,
                Err(failed) => {
                    error = Some(self.told(&failed));
                    break;
                }
            };
            if !has_columns {
                self.frames.begin_result(&columns, out);
                has_columns = true;
            }
            if batch.num_columns() > columns.len() {
                // The evidence, which is last.
                let wanted: Vec<usize> = (0..columns.len()).collect();
                match batch.project(&wanted) {
                    Ok(projected) => batch = projected,
                    Err(failed) => {
                        error = Some(QueryError::Internal(failed.to_string()));
                        break;
                    }
                }
            }
            let rows = match JsonRows::new(&batch, &columns, self.frames.dynamics()) {
                Ok(rows) => rows,
                Err(failed) => {
                    error = Some(QueryError::Internal(failed.to_string()));
                    break;
                }
            };
            for row in 0..rows.count() {
                let is_full = !self.question.is_unlimited;
                if is_full && count >= most_rows {
                    error = Some(QueryError::TooLarge { limit: most_rows, what: "rows" });
                    break 'batches;
                }
                if is_full && bytes >= limits.bytes {
                    error = Some(QueryError::TooLarge { limit: limits.bytes, what: "bytes" });
                    break 'batches;
                }
                let before = out.len();
                self.frames.row(&rows, row, out);
                bytes = bytes.saturating_add(out.len().saturating_sub(before));
                count = count.saturating_add(1);
                if out.len() >= CHUNK {
                    self.frames.end_batch(out);
                    self.begin();
                    self.chunks.send(std::mem::take(out))?;
                }
            }
        }
        let is_before_any = self.begun.is_some() && count == 0;
        if let Some(error) = error.take_if(|_| is_before_any) {
            return Ok(Err(error));
        }
        if !has_columns {
            self.frames.begin_result(&columns, out);
        }
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        self.rows = self.rows.saturating_add(count);
        self.frames.end_result(count, error.as_ref(), out);
        if error.is_some() {
            // What there is has to reach the client, though it is not all.
            self.begin();
        }
        Ok(error.map_or(Ok(()), Err))
    }

    /// Tells who waits that the answer begins.
    fn begin(&mut self) {
        if let Some(begun) = self.begun.take() {
            // Whether anybody is there shows when the chunks are sent.
            let _gone = begun.send(Ok(()));
        }
    }

    fn told(&self, error: &EngineError) -> QueryError {
        match error {
            EngineError::Cancelled => QueryError::TooLong { seconds: self.time.as_secs() },
            error if error.is_out_of_memory() => QueryError::Memory(error.to_string()),
            error => match error.of_query() {
                Some(what) => QueryError::Failed(what),
                None => QueryError::Internal(with_causes(error)),
            },
        }
    }
}

/// What could not be read that is told one by one.
const MOST_TOLD: usize = 10;

/// Returns what could not be read.
fn unread(balance: &Balance) -> Vec<String> {
    let mut told: Vec<String> =
        balance.problems.iter().take(MOST_TOLD).map(ToString::to_string).collect();
    let more = balance.problems.len().saturating_sub(MOST_TOLD);
    if more > 0 {
        told.push(format!("{more} more could not be read"));
    }
    if told.is_empty() && !balance.is_clean() {
        told.push("records have lost values; `quarry query` says which".to_owned());
    }
    told
}

/// Returns an error's text and those of what caused it.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

impl Span {
    /// Returns the times, the last one included.
    fn window(self, now: Ticks) -> RangeInclusive<Ticks> {
        match self {
            Self::Last(span) => now.saturating_sub(span)..=now,
            Self::Between(from, to) => from..=to,
        }
    }
}
