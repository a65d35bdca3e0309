//! The alerts of one rule in a hunt.

use std::{cmp::Ordering, collections::BTreeSet, sync::Arc};

use engine::{EngineError, Look, LookRows, Reservation, Run};
use kql_types::{Ticks, Value};
use sentinel::{Assumptions, Row};

use super::{Way, When};
use crate::{
    alert::{Alert, RuleRef, Severity, alert_id::written, entity::entities, evidence::Origins},
    package::PackagedRule,
    rule::Rule,
    runs::{
        Runs, count, first_multiple,
        found::{Asked, FoundRow, Question, RowReader, Wanted},
        reported::Reported,
    },
};

/// A rule whose alerts are looked for.
#[derive(Clone, Copy)]
pub(super) struct Hunted<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) query: usize,
    pub(super) rule: &'a PackagedRule,
    pub(super) when: When,
    pub(super) way: Way,
}

impl Hunted<'_> {
    /// Returns what the rule finds, each alert once, in order of their evidence, and what they take of the
    /// memory; `None` if the rule raises alerts in a window without any record, as one does that counts the
    /// records of a host and finds none.
    pub(super) fn alerts(self) -> Result<Option<(Vec<Alert>, Reservation)>, EngineError> {
        let assumptions = Assumptions::default();
        let runs = self.runs(&assumptions)?;
        let Self { run, query, rule, .. } = self;
        // Every row raises an alert, whichever runs have it; otherwise it takes a run that raises any.
        let is_once = matches!(self.when, When::Once(_));
        let is_each_row = !is_once && rule.rule.fires_on_each_row();
        let wanted = if is_each_row { Wanted::Findings } else { Wanted::SeeingRuns };
        let question = Question { run, query, rule: &rule.rule, runs, arrivals: None, wanted };
        let asked = question.ask()?;
        if rule.rule.is_met_by(asked.of_nothing()) {
            return Ok(None);
        }
        let mut reader = RowReader::new(run, query, &rule.rule)?;
        let mut raising = Raising::new(run, rule, reader.columns());
        match self.way {
            Way::Needed if is_each_row => {
                let raise = |row: FoundRow| {
                    if self.is_seen(runs, &row) { raising.raise(row) } else { Ok(()) }
                };
                asked.tell(Box::new(raise))?;
            }
            Way::Needed => self.of_needed(runs, asked, &mut raising)?,
            Way::EveryRun => self.of_every_run(runs, &mut reader, &mut raising)?,
        }
        let Raising { mut alerts, held, .. } = raising;
        // Groups come in no order of their own.
        alerts.sort_by(by_evidence);
        Ok(Some((alerts, held)))
    }

    /// Returns the rule's runs: over all that it keeps, at multiples of its frequency, unless it runs once.
    fn runs(self, assumptions: &Assumptions) -> Result<Runs<'_>, EngineError> {
        let schedule = self.rule.schedule();
        let every = schedule.frequency();
        let times = self.run.times(self.query)?;
        let span = match (self.when, times.times().first(), times.times().last()) {
            (When::Once(now), ..) => Some((now, now)),
            (When::Between(from, to), ..) => first_multiple(from, every).map(|from| (from, to)),
            (When::History, Some(first), Some(last)) => {
                first_multiple(*first, every).zip(last.checked_add(schedule.period()))
            }
            (When::History, ..) => Some((self.run.now(), self.run.now())),
        };
        let (first, to) = span.ok_or(EngineError::Internal { what: "a run has no time" })?;
        Ok(Runs { schedule, every, first, to, ingestion_delay: 0, assumptions })
    }

    /// Tells whether any run sees a row of a rule that judges each by itself: rows are told without being
    /// asked for the runs that see them.
    fn is_seen(self, runs: Runs<'_>, row: &FoundRow) -> bool {
        let When::Between(..) = self.when else { return true };
        let newest = row.records.iter().filter_map(|record| record.time).max();
        // A row that rests on no time is seen by every run.
        newest.is_none_or(|time| !runs.seeing(&[time]).is_empty())
    }

    /// Raises the alerts of runs by no more looks than it takes to know what all of them find.
    fn of_needed(
        self,
        runs: Runs<'_>,
        asked: Asked<'_>,
        raising: &mut Raising<'_>,
    ) -> Result<(), EngineError> {
        let rule = &self.rule.rule;
        let found = asked.answer()?;
        let turns = match self.when {
            When::Once(now) => BTreeSet::from([now]),
            When::History | When::Between(..) => found.turns(runs),
        };
        let mut cursor = found.cursor(runs);
        let mut reported = Reported::default();
        for turn in turns {
            let rows = cursor.rows(turn)?;
            if rule.is_met_by(count(&rows)) {
                for row in reported.new_findings(&rows) {
                    raising.raise(row.clone())?;
                }
            }
        }
        Ok(())
    }

    /// Raises the alerts of runs one by one: in plain words and at great length, for tests.
    fn of_every_run(
        self,
        runs: Runs<'_>,
        reader: &mut RowReader<'_>,
        raising: &mut Raising<'_>,
    ) -> Result<(), EngineError> {
        let Self { run, query, rule, when, .. } = self;
        let times = run.times(query)?;
        let looked = match when {
            When::Once(now) => BTreeSet::from([now]),
            When::History | When::Between(..) => runs.seeing(times.times()),
        };
        let looks: Vec<Look> = looked.into_iter().map(|it| runs.look(it)).collect();
        let mut seen = BTreeSet::new();
        run.at_each_look(query, &looks, |_now, rows: LookRows<'_>| {
            let mut of_run = Vec::new();
            for batch in rows {
                let batch = batch?;
                let records = batch.columns().last().map(|last| engine::records(last));
                for (at, records) in records.unwrap_or_default().into_iter().enumerate() {
                    of_run.push(reader.row(&batch, at, records)?);
                }
            }
            if rule.rule.is_met_by(count(&of_run)) {
                for row in of_run {
                    if seen.insert(row.row.id) {
                        raising.raise(row)?;
                    }
                }
            }
            Ok::<(), EngineError>(())
        })
    }
}

/// Alerts of one rule under way. What many of them have alike they share.
struct Raising<'a> {
    run: &'a Run<'a>,
    rule: &'a Rule,
    reference: Arc<RuleRef>,
    columns: Vec<Arc<str>>,
    origins: Origins,
    alerts: Vec<Alert>,
    held: Reservation,
}

impl<'a> Raising<'a> {
    fn new(run: &'a Run<'_>, rule: &'a PackagedRule, columns: &[Arc<str>]) -> Self {
        Self {
            run,
            rule: &rule.rule,
            reference: Arc::new(rule.reference()),
            columns: columns.to_vec(),
            origins: Origins::default(),
            alerts: Vec::new(),
            held: run.reserve("the alerts"),
        }
    }

    /// Raises the alert of a row.
    fn raise(&mut self, row: FoundRow) -> Result<(), EngineError> {
        let FoundRow { row: Row { id, values, .. }, records, .. } = row;
        let columns: Vec<(Arc<str>, Value)> = self.columns.iter().cloned().zip(values).collect();
        let newest = records.iter().filter_map(|record| record.time).max();
        let alert = Alert {
            id: written(&id),
            rule: Arc::clone(&self.reference),
            severity: severity(self.rule, &columns),
            time: time(&columns).or(newest),
            entities: entities(&self.rule.entity_mappings, &columns),
            columns,
            evidence: self.origins.evidence(&records, self.run.balance()),
        };
        self.held.grow(bytes_for(&alert))?;
        self.alerts.push(alert);
        Ok(())
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

fn by_evidence(left: &Alert, right: &Alert) -> Ordering {
    let places = left.evidence.iter().zip(&right.evidence);
    places
        .map(|(left, right)| left.by_place(right))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
        .then_with(|| left.evidence.len().cmp(&right.evidence.len()))
        .then_with(|| left.id.cmp(&right.id))
}
