//! A hunt: all rules over all inputs, in one pass.

mod refusal;

use std::{
    cmp::{Ordering, Reverse},
    collections::BTreeSet,
    num::NonZeroUsize,
    path::PathBuf,
    sync::Arc,
};

use arrow::record_batch::RecordBatch;
use engine::{
    Clock, CompiledQuery, Diagnostic, Engine, EngineError, Environment, Input, Look, LookRows,
    Progress, RecordRef, Reservation, Run,
};
use kql_types::{KqlType, Ticks, Value};
use thiserror::Error;

use crate::{
    alert::{Alert, RuleRef, Severity, alert_id::alert_id, entity::entities, evidence::Origins},
    package::PackagedRule,
    rule::Rule,
    schedule::{Replay, Schedule},
};

/// Rules whose queries run.
#[derive(Debug)]
pub struct CompiledRules<'a> {
    rules: Vec<&'a PackagedRule>,
    queries: Vec<CompiledQuery>,
}

/// A rule that does not run, and why.
#[derive(Debug)]
pub struct RefusedRule<'a> {
    /// The rule.
    pub rule: &'a PackagedRule,
    /// What is wrong with its query, or what of it does not run yet.
    pub diagnostics: Vec<Diagnostic>,
    /// What is wrong with the rule around the query; the places are those in the rule's file.
    pub of_rule: Vec<Diagnostic>,
}

/// A rule whose query compiles and that was not run, since it would raise alerts that rest on no
/// record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnfoundedRule {
    /// The rule's file.
    pub path: PathBuf,
    /// The rule's name.
    pub name: String,
}

/// What a hunt finds.
#[derive(Debug)]
pub struct Found<'engine> {
    /// The alerts, in order of time, then of rules, then of evidence; each once.
    pub alerts: Vec<Alert>,
    /// The run, with its balance. Its queries are those of the rules, in order, whose rows have been
    /// given back, and then those that ran beside them.
    pub run: Run<'engine>,
    /// Rules that raise alerts where there is no record at all, so that an alert of theirs could not
    /// say what it rests on: they were not run.
    pub unfounded: Vec<UnfoundedRule>,
    /// The number of the first query that ran beside the rules.
    pub beside: usize,
    /// The rules that failed while they ran; they have no alerts.
    pub failed: Vec<FailedRule>,
    /// What the alerts, and what is made of them, take of the memory, rule by rule.
    pub held: Vec<Reservation>,
}

/// A rule that failed while it ran.
#[derive(Debug)]
pub struct FailedRule {
    /// The number of its query.
    pub query: usize,
    /// Why.
    pub error: EngineError,
}

/// A hunt that failed. Damaged input is no failure.
#[derive(Debug, Error)]
pub enum HuntError {
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl<'a> CompiledRules<'a> {
    /// Compiles the queries of rules, on several threads; those that do not run are returned beside
    /// the others.
    pub fn compile(
        rules: &'a [PackagedRule],
        environment: &Environment,
        threads: NonZeroUsize,
    ) -> (Self, Vec<RefusedRule<'a>>) {
        Self::compile_unless(refusal::of_rule, rules, environment, threads)
    }

    /// Does as [`compile`](Self::compile), for a simulation: refuses what Sentinel would not save, and
    /// takes rules that raise alerts where there is nothing.
    pub fn compile_for_simulation(
        rules: &'a [PackagedRule],
        environment: &Environment,
        threads: NonZeroUsize,
    ) -> (Self, Vec<RefusedRule<'a>>) {
        Self::compile_unless(refusal::of_simulation, rules, environment, threads)
    }

    fn compile_unless(
        refusals: impl Fn(&PackagedRule) -> Vec<Diagnostic>,
        rules: &'a [PackagedRule],
        environment: &Environment,
        threads: NonZeroUsize,
    ) -> (Self, Vec<RefusedRule<'a>>) {
        let texts: Vec<&str> = rules.iter().map(|rule| &*rule.rule.query).collect();
        let queries = engine::compile_all(&texts, environment, true, threads);
        let mut compiled = Self { rules: Vec::new(), queries: Vec::new() };
        let mut refused = Vec::new();
        for (rule, query) in rules.iter().zip(queries) {
            let of_rule = refusals(rule);
            match query {
                Ok(query) if of_rule.is_empty() => {
                    compiled.rules.push(rule);
                    compiled.queries.push(query);
                }
                query => {
                    let diagnostics = query.err().unwrap_or_default();
                    refused.push(RefusedRule { rule, diagnostics, of_rule });
                }
            }
        }
        (compiled, refused)
    }

    /// Returns those rules of which something holds.
    pub(crate) fn only(&self, holds: impl Fn(usize) -> bool) -> Self {
        let rules = self.rules.iter().zip(&self.queries).enumerate();
        let (rules, queries) = rules
            .filter(|(number, _)| holds(*number))
            .map(|(_, (rule, query))| (*rule, query.clone()))
            .unzip();
        Self { rules, queries }
    }

    /// Returns how many rules there are.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// Yields the rules with their queries, in order.
    pub fn queries(&self) -> impl Iterator<Item = (&'a PackagedRule, &CompiledQuery)> {
        self.rules.iter().copied().zip(&self.queries)
    }

    /// Tells whether there is no rule.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

/// Reads the inputs once and runs every rule.
///
/// Queries that are to see the same pass are given as `beside`; they raise no alerts.
///
/// With `now`, each rule runs once, at that time, over the period it looks back on. Without, its
/// schedule is replayed over all of the history that the inputs hold (see [`Schedule`]).
///
/// # Errors
///
/// If the engine fails.
pub fn hunt<'engine>(
    engine: &'engine Engine,
    rules: &CompiledRules<'_>,
    beside: &[CompiledQuery],
    inputs: &[Input],
    now: Option<Ticks>,
    progress: &dyn Progress,
) -> Result<Found<'engine>, HuntError> {
    hunt_by(engine, rules, beside, inputs, now, progress, Way::Needed)
}

/// Runs every rule at every time of its schedule at which there is an event to see.
///
/// This is what [`hunt`] has to find, in plain words and at great length: for tests.
///
/// # Errors
///
/// If the engine fails.
#[doc(hidden)]
pub fn hunt_at_every_run<'engine>(
    engine: &'engine Engine,
    rules: &CompiledRules<'_>,
    inputs: &[Input],
    progress: &dyn Progress,
) -> Result<Found<'engine>, HuntError> {
    hunt_by(engine, rules, &[], inputs, None, progress, Way::EveryRun)
}

/// How a schedule is replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// By the runs that may find anything new, many at a time.
    Needed,
    /// Run by run.
    EveryRun,
}

fn hunt_by<'engine>(
    engine: &'engine Engine,
    rules: &CompiledRules<'_>,
    beside: &[CompiledQuery],
    inputs: &[Input],
    now: Option<Ticks>,
    progress: &dyn Progress,
    way: Way,
) -> Result<Found<'engine>, HuntError> {
    // Where nothing has a time, any will do: no window holds anything then.
    let clock = now.map_or(Clock::NewestEvent(0), Clock::At);
    let queries: Vec<CompiledQuery> = rules.queries.iter().chain(beside).cloned().collect();
    let mut run = engine.run(&queries, inputs, clock, progress)?;
    let mut numbered: Vec<(usize, &PackagedRule)> =
        rules.rules.iter().copied().enumerate().collect();
    // Those with most to look at first, so that none of them runs alone at the end.
    numbered.sort_by_key(|(query, _)| Reverse(run.kept(*query)));
    let of_rule = |(query, rule): &(usize, &PackagedRule)| all_looks(&run, *query, rule, now, way);
    let mut found = engine::map_in_parallel(&numbered, engine.threads(), of_rule);
    let is_out_of_memory = |found: &Result<_, HuntError>| matches!(found, Err(HuntError::Engine(error)) if error.is_out_of_memory());
    if found.iter().any(is_out_of_memory) {
        // Which rules there is memory for is decided rule by rule, whatever the number of threads.
        found.clear();
        numbered.sort_by_key(|(query, _)| *query);
        found.extend(numbered.iter().map(of_rule));
    }
    let mut found: Vec<_> = numbered.into_iter().zip(found).collect();
    found.sort_by_key(|((query, _), _)| *query);
    let (mut alerts, mut unfounded, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    let mut held = Vec::new();
    for ((query, rule), found) in found {
        // One rule's failure must not lose what the others find.
        match found {
            Ok(Some((of_rule, of_memory))) => {
                alerts.extend(of_rule);
                held.push(of_memory);
            }
            Ok(None) => {
                let (path, name) = (rule.path.clone(), rule.rule.name.clone());
                unfounded.push(UnfoundedRule { path, name });
            }
            Err(HuntError::Engine(error)) => failed.push(FailedRule { query, error }),
        }
    }
    // What alerts are put together to takes the place of the rows.
    run.give_back(0..rules.queries.len());
    // The sort is stable: alerts of the same time stay in order of rules.
    alerts.sort_by_key(|alert: &Alert| alert.time);
    Ok(Found { alerts, run, unfounded, beside: rules.queries.len(), failed, held })
}

/// Returns what a rule's looks find, each alert once, in order of their evidence, and what they take
/// of the memory; `None` if the rule raises alerts of nothing.
fn all_looks(
    run: &Run<'_>,
    query: usize,
    rule: &PackagedRule,
    now: Option<Ticks>,
    way: Way,
) -> Result<Option<(Vec<Alert>, Reservation)>, HuntError> {
    if raises_alerts_of_nothing(run, query, rule)? {
        return Ok(None);
    }
    // Looks come in order of time: of what several runs find, the first one's is kept.
    let mut seen = BTreeSet::new();
    let mut of_rule = Vec::new();
    let mut raising = Raising::new(run, query, rule)?;
    let take = |_now, rows: LookRows<'_>| {
        for alert in raising.raised(rows)? {
            let bytes = bytes_for(&alert);
            if seen.insert(alert.id.clone()) {
                of_rule.push(alert);
            } else {
                raising.held.shrink(bytes);
            }
        }
        Ok::<(), HuntError>(())
    };
    match (now, way) {
        (Some(now), _) => run.at_each_look(query, &[schedule(rule).run(now)], take)?,
        (None, Way::EveryRun) => {
            let looks = schedule(rule).looks(run.times(query)?.times(), Replay::EveryRun);
            run.at_each_look(query, &looks, take)?;
        }
        (None, Way::Needed) => {
            let times = run.times(query)?;
            let looks = needed_looks(run, query, rule, times.times())?;
            run.at_looks(query, &looks, &times, take)?;
        }
    }
    // Groups come in no order of their own.
    of_rule.sort_by(by_evidence);
    Ok(Some((of_rule, raising.held)))
}

fn schedule(rule: &PackagedRule) -> Schedule {
    Schedule::new(rule.rule.query_frequency, rule.rule.query_period)
}

/// Tells whether a rule raises alerts in a window without any record, as one does that counts the
/// records of a host and finds none.
fn raises_alerts_of_nothing(
    run: &Run<'_>,
    query: usize,
    rule: &PackagedRule,
) -> Result<bool, HuntError> {
    let now = schedule(rule).first_run(run.now());
    let nothing = now.saturating_add(1)..=now;
    let mut raising = Raising::new(run, query, rule)?;
    let mut raises = false;
    run.at_each_look(query, &[Look { now, window: Some(nothing) }], |_now, rows| {
        raises = !raising.raised(rows)?.is_empty();
        Ok::<(), HuntError>(())
    })?;
    Ok(raises)
}

fn by_evidence(left: &Alert, right: &Alert) -> Ordering {
    let places = left.evidence.iter().zip(&right.evidence);
    places
        .map(|(left, right)| left.by_place(right))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
        .then_with(|| left.evidence.len().cmp(&right.evidence.len()))
        .then_with(|| left.id.cmp(&right.id))
}

/// Returns the looks that find what a rule's schedule would have found.
fn needed_looks(
    run: &Run<'_>,
    query: usize,
    rule: &PackagedRule,
    times: &[Ticks],
) -> Result<Vec<Look>, HuntError> {
    let is_each_row = run.is_row_local(query) && rule.rule.fires_on_each_row();
    if is_each_row
        && !run.asks_for_time(query)
        && let (Some(first), Some(last)) = (times.first(), times.last())
    {
        // Every row is judged alike whenever it is looked at, so that one look sees them all.
        return Ok(vec![Look { now: *last, window: Some(*first..=*last) }]);
    }
    let steps = run.steps(query)?;
    let replay = match &steps {
        None => Replay::EveryRun,
        Some(steps) if is_each_row => Replay::EachRow(steps),
        Some(steps) => Replay::Window(steps),
    };
    Ok(schedule(rule).looks(times, replay))
}

/// Alerts of one rule under way. What many of them have alike they share.
struct Raising<'a> {
    run: &'a Run<'a>,
    query: usize,
    rule: &'a Rule,
    reference: Arc<RuleRef>,
    columns: Vec<(Arc<str>, KqlType)>,
    origins: Origins,
    held: Reservation,
}

impl<'a> Raising<'a> {
    fn new(run: &'a Run<'_>, query: usize, rule: &'a PackagedRule) -> Result<Self, EngineError> {
        let columns = run.columns(query)?.iter();
        Ok(Self {
            run,
            query,
            rule: &rule.rule,
            reference: Arc::new(rule.reference()),
            columns: columns.map(|it| (Arc::from(it.name.as_str()), it.ty)).collect(),
            origins: Origins::default(),
            held: run.reserve("the alerts"),
        })
    }

    /// Returns the alerts that the rows of one look raise: one for each, if the trigger is met.
    ///
    /// A rule has one result; Sentinel takes no more.
    fn raised(&mut self, rows: LookRows<'_>) -> Result<Vec<Alert>, HuntError> {
        let mut alerts: Vec<Alert> = Vec::new();
        for batch in rows {
            let batch = batch?;
            let records = batch.columns().last().map(|last| engine::records(last));
            for (row, records) in records.unwrap_or_default().iter().enumerate() {
                let alert = self.alert(&batch, row, records);
                self.held.grow(bytes_for(&alert))?;
                alerts.push(alert);
            }
        }
        let count = u64::try_from(alerts.len()).unwrap_or(u64::MAX);
        if !self.rule.trigger_operator.is_met(count, self.rule.trigger_threshold) {
            self.held.shrink(alerts.iter().map(bytes_for).fold(0, usize::saturating_add));
            alerts.clear();
        }
        Ok(alerts)
    }

    fn alert(&mut self, batch: &RecordBatch, row: usize, records: &[RecordRef]) -> Alert {
        let values = self.columns.iter().zip(batch.columns());
        let values = values.map(|((name, ty), array)| {
            let value = engine::value(array, *ty, row);
            (Arc::clone(name), value)
        });
        let columns: Vec<(Arc<str>, Value)> = values.collect();
        let newest = records.iter().filter_map(|record| record.time).max();
        let evidence = self.origins.evidence(records, self.run.balance());
        Alert {
            id: alert_id(self.rule, &columns, self.run.columns_of_time(self.query), &evidence),
            rule: Arc::clone(&self.reference),
            severity: severity(self.rule, &columns),
            time: time(&columns).or(newest),
            entities: entities(&self.rule.entity_mappings, &columns),
            columns,
            evidence,
        }
    }
}

/// What an alert takes once it is reported: as itself, and in the hops that are made of it.
fn bytes_for(alert: &Alert) -> usize {
    alert.held_bytes().saturating_mul(SHARES)
}

/// An alert, and its part of a hop, which shares the texts.
const SHARES: usize = 2;

/// Returns what the row says of its severity, if the rule has a column for that, or the rule's own.
fn severity(rule: &Rule, columns: &[(Arc<str>, Value)]) -> Severity {
    let wanted = rule.alert_details_override.alert_severity_column_name.as_deref();
    let told = columns.iter().find_map(|(name, value)| match value {
        Value::String(text) if wanted == Some(&**name) => Severity::parse(text),
        _ => None,
    });
    told.unwrap_or(rule.severity)
}

/// Returns a row's own time, by the column that Sentinel or Defender would take it from.
fn time(columns: &[(Arc<str>, Value)]) -> Option<Ticks> {
    let of = |wanted: &str| {
        columns.iter().find_map(|(name, value)| match value {
            Value::Datetime(time) if **name == *wanted => *time,
            _ => None,
        })
    };
    of("TimeGenerated").or_else(|| of("Timestamp"))
}
