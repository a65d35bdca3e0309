//! A hunt: all rules over all inputs, in one pass.

use std::{cmp::Ordering, collections::BTreeSet, num::NonZeroUsize};

use arrow::record_batch::RecordBatch;
use engine::{
    Clock, CompiledQuery, Diagnostic, Engine, EngineError, Environment, Input, Look, Progress, Run,
};
use kql_types::{Ticks, Value, schema::ColumnSchema};
use thiserror::Error;

use crate::{
    alert::{Alert, Severity},
    alert_id::alert_id,
    entity::entities,
    evidence::evidence,
    package::PackagedRule,
    rule::Rule,
    schedule::Schedule,
};

/// Rules whose queries run.
#[derive(Debug)]
pub struct CompiledRules<'a> {
    rules: Vec<&'a PackagedRule>,
    queries: Vec<CompiledQuery>,
}

/// A rule whose query does not run, and why.
#[derive(Debug)]
pub struct RefusedRule<'a> {
    /// The rule.
    pub rule: &'a PackagedRule,
    /// What is wrong with its query, or what of it does not run yet.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a hunt finds.
#[derive(Debug)]
pub struct Found<'engine> {
    /// The alerts, in order of time, then of rules, then of evidence; each once.
    pub alerts: Vec<Alert>,
    /// The run, with its balance. Its queries are those of the rules, in order, and then those
    /// that ran beside them.
    pub run: Run<'engine>,
    /// The number of the first query that ran beside the rules.
    pub beside: usize,
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
        let texts: Vec<&str> = rules.iter().map(|rule| &*rule.rule.query.value).collect();
        let queries = engine::compile_all(&texts, environment, true, threads);
        let mut compiled = Self { rules: Vec::new(), queries: Vec::new() };
        let mut refused = Vec::new();
        for (rule, query) in rules.iter().zip(queries) {
            match query {
                Ok(query) => {
                    compiled.rules.push(rule);
                    compiled.queries.push(query);
                }
                Err(diagnostics) => refused.push(RefusedRule { rule, diagnostics }),
            }
        }
        (compiled, refused)
    }

    /// Returns how many rules there are.
    pub fn len(&self) -> usize {
        self.rules.len()
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
    // Where nothing has a time, any will do: no window holds anything then.
    let clock = now.map_or(Clock::NewestEvent(0), Clock::At);
    let queries: Vec<CompiledQuery> = rules.queries.iter().chain(beside).cloned().collect();
    let run = engine.run(&queries, inputs, clock, progress)?;
    let mut alerts = Vec::new();
    for (query, rule) in rules.rules.iter().enumerate() {
        let mut seen = BTreeSet::new();
        let mut of_rule = Vec::new();
        for look in looks(&run, query, rule, now)? {
            let found = run_once(&run, query, rule, &look)?;
            of_rule.extend(found.into_iter().filter(|alert| seen.insert(alert.id.clone())));
        }
        // Groups come in no order of their own.
        of_rule.sort_by(by_evidence);
        alerts.extend(of_rule);
    }
    // The sort is stable: alerts of the same time stay in order of rules.
    alerts.sort_by_key(|alert: &Alert| alert.time);
    Ok(Found { alerts, run, beside: rules.queries.len() })
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

/// Returns the looks that find what a rule's schedule would have found, or with `now` the one at that
/// time.
fn looks(
    run: &Run<'_>,
    query: usize,
    rule: &PackagedRule,
    now: Option<Ticks>,
) -> Result<Vec<Look>, HuntError> {
    let schedule = Schedule::new(rule.rule.query_frequency, rule.rule.query_period);
    let look = |now: Ticks| Look { now, window: Some(schedule.window(now)) };
    if let Some(now) = now {
        return Ok(vec![look(now)]);
    }
    let times = run.times(query)?;
    let is_row_local = run.is_row_local(query) && rule.rule.fires_on_each_row();
    if is_row_local
        && !run.asks_for_time(query)
        && let (Some(first), Some(last)) = (times.first(), times.last())
    {
        // Every row is judged alike whenever it is looked at, so that one look sees them all.
        return Ok(vec![Look { now: *last, window: Some(*first..=*last) }]);
    }
    Ok(schedule.runs(&times, is_row_local).into_iter().map(look).collect())
}

/// Runs a rule for one look; one alert for each row, if the trigger is met.
fn run_once(
    run: &Run<'_>,
    query: usize,
    rule: &PackagedRule,
    look: &Look,
) -> Result<Vec<Alert>, HuntError> {
    let mut alerts = Vec::new();
    // A rule has one result; Sentinel takes no more.
    if let Some(rows) = run.look(query, look)?.into_iter().next() {
        let columns = rows.columns().to_vec();
        for batch in rows {
            alerts.extend(alerts_of(rule, run, &columns, &batch?));
        }
    }
    let rows = u64::try_from(alerts.len()).unwrap_or(u64::MAX);
    if !rule.rule.trigger_operator.is_met(rows, rule.rule.trigger_threshold) {
        alerts.clear();
    }
    Ok(alerts)
}

fn alerts_of(
    rule: &PackagedRule,
    run: &Run<'_>,
    columns: &[ColumnSchema],
    batch: &RecordBatch,
) -> Vec<Alert> {
    let records = batch.columns().last().map(|last| engine::records(last)).unwrap_or_default();
    let row = |(index, records): (usize, Vec<engine::RecordRef>)| {
        let columns: Vec<(String, Value)> = columns
            .iter()
            .zip(batch.columns())
            .map(|(column, array)| (column.name.clone(), engine::value(array, column.ty, index)))
            .collect();
        let newest = records.iter().filter_map(|record| record.time).max();
        let evidence = evidence(&records, run.balance());
        Alert {
            id: alert_id(&rule.rule, &columns, &evidence),
            rule: rule.reference(),
            severity: severity(&rule.rule, &columns),
            time: time(&columns).or(newest),
            entities: entities(&rule.rule.entity_mappings, &columns),
            columns,
            evidence,
        }
    };
    records.into_iter().enumerate().map(row).collect()
}

/// Returns what the row says of its severity, if the rule has a column for that, or the rule's own.
fn severity(rule: &Rule, columns: &[(String, Value)]) -> Severity {
    let wanted = rule.alert_details_override.alert_severity_column_name.as_deref();
    let told = columns.iter().find_map(|(name, value)| match value {
        Value::String(text) if wanted == Some(name.as_str()) => Severity::parse(text),
        _ => None,
    });
    told.unwrap_or(rule.severity)
}

/// Returns a row's own time, by the column that Sentinel or Defender would take it from.
fn time(columns: &[(String, Value)]) -> Option<Ticks> {
    let of = |wanted: &str| {
        columns.iter().find_map(|(name, value)| match value {
            Value::Datetime(time) if name == wanted => *time,
            _ => None,
        })
    };
    of("TimeGenerated").or_else(|| of("Timestamp"))
}
