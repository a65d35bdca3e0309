//! What of a simulation a picture shows: for each rule its events, runs, windows, alerts and incidents.
//!
//! In: what a simulation tells, one by one. Out: marks along time, as many as a picture can show: where
//! there are more, neighbours become one mark that counts them, so that the whole span is always there.
//! Alerts are kept one by one up to a number, and counted beyond it.

mod marks;
mod strip;

use std::{collections::BTreeMap, io};

use detection::simulate::{Mode, SimulatedAlert, SimulatedIncident, SimulatedRun, Told};
use kql_types::{Ticks, datetime};
use sentinel::{Rule, RunStatus, Schedule};

pub(super) use self::marks::{EventMark, Marks, RunMark};
use super::summary::shown;
use crate::{TableOptions, WriteError};

/// Alerts that are kept one by one, of each rule and mode.
const MAX_ALERTS: usize = 500;
/// Incidents that are kept one by one, of each rule and mode.
const MAX_INCIDENTS: usize = 500;
/// Rules that are few enough for each to be drawn.
const FEW_RULES: usize = 3;
/// Records that are named of an alert.
const MAX_RECORDS: usize = 25;

/// What a picture of a simulation shows.
#[derive(Debug, Default)]
pub struct Timeline {
    /// The places of rules by their ids, in the order in which they were told of.
    places: BTreeMap<String, usize>,
    rules: Vec<RuleTimeline>,
}

/// What a picture of a rule shows.
#[derive(Debug)]
pub(super) struct RuleTimeline {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) frequency: Ticks,
    pub(super) period: Ticks,
    pub(super) events: Marks<EventMark>,
    pub(super) modes: BTreeMap<Mode, ModeTimeline>,
}

/// What a picture of a rule shows in a mode.
#[derive(Debug, Default)]
pub(super) struct ModeTimeline {
    pub(super) runs: Marks<RunMark>,
    pub(super) alerts: Vec<AlertMark>,
    pub(super) all_alerts: usize,
    pub(super) incidents: Vec<IncidentMark>,
    pub(super) all_incidents: usize,
}

/// An alert.
#[derive(Debug)]
pub(super) struct AlertMark {
    pub(super) scheduled: Ticks,
    pub(super) generated: Ticks,
    pub(super) name: String,
    pub(super) severity: &'static str,
    pub(super) is_repeated: bool,
    pub(super) entities: Vec<String>,
    pub(super) dropped: Vec<String>,
    pub(super) times: Vec<Ticks>,
    /// Where its records stand, the first of them.
    pub(super) records: Vec<String>,
    pub(super) all_records: usize,
}

/// An incident.
#[derive(Debug)]
pub(super) struct IncidentMark {
    pub(super) created: Ticks,
    pub(super) closed: Option<Ticks>,
    pub(super) title: String,
    pub(super) severity: &'static str,
    pub(super) alerts: usize,
}

impl Timeline {
    /// Takes note of what happens.
    pub fn add(&mut self, told: &Told<'_>) {
        match told {
            Told::Rule(history) => {
                let rule = self.of(history.rule);
                rule.modes.entry(history.mode).or_default();
                if rule.events.is_empty() {
                    for time in history.times {
                        rule.events.push(EventMark::at(*time));
                    }
                }
            }
            Told::Run(run) => self.of(run.rule).mode(run.mode).runs.push(RunMark::of(run)),
            Told::Alert(alert) => self.of(alert.rule).add_alert(alert),
            Told::Incident(incident) => self.of(incident.rule).add_incident(incident),
            Told::Late(_) => {}
        }
    }

    /// Draws each rule in a few lines of characters, for a terminal.
    ///
    /// # Errors
    ///
    /// Fails if `out` does.
    pub fn write(&self, options: TableOptions, out: &mut dyn io::Write) -> Result<(), WriteError> {
        Ok(strip::write(self, options, out)?)
    }

    /// Yields the rules that are drawn: those of which some run has a row or did not happen. Of few
    /// rules all are, since whoever asks for these wants to see where their events are.
    pub(super) fn shown(&self) -> impl Iterator<Item = &RuleTimeline> {
        self.rules.iter().filter(|rule| self.is_shown(rule))
    }

    /// Yields the rules of which nothing is shown but that they ran.
    pub(super) fn quiet(&self) -> impl Iterator<Item = &RuleTimeline> {
        self.rules.iter().filter(|rule| !self.is_shown(rule))
    }

    fn is_shown(&self, rule: &RuleTimeline) -> bool {
        self.rules.len() <= FEW_RULES || !rule.is_quiet()
    }

    fn of(&mut self, rule: &Rule) -> &mut RuleTimeline {
        let next = self.rules.len();
        let place = *self.places.entry(rule.id.clone()).or_insert(next);
        if place == next {
            self.rules.push(RuleTimeline::new(rule));
        }
        #[expect(clippy::indexing_slicing, reason = "every place is that of a rule")]
        &mut self.rules[place]
    }
}

impl RuleTimeline {
    fn new(rule: &Rule) -> Self {
        let schedule = Schedule::of(rule.kind);
        Self {
            id: rule.id.clone(),
            name: rule.name.clone(),
            frequency: schedule.frequency(),
            period: schedule.period(),
            events: Marks::default(),
            modes: BTreeMap::new(),
        }
    }

    fn mode(&mut self, mode: Mode) -> &mut ModeTimeline {
        self.modes.entry(mode).or_default()
    }

    fn add_alert(&mut self, told: &SimulatedAlert<'_>) {
        for time in &told.times {
            if let Some(mark) = self.events.at_mut(*time) {
                mark.cite(told.mode);
            }
        }
        let mode = self.mode(told.mode);
        mode.all_alerts = mode.all_alerts.saturating_add(1);
        if mode.alerts.len() < MAX_ALERTS {
            mode.alerts.push(AlertMark::of(told));
        }
    }

    fn add_incident(&mut self, told: &SimulatedIncident<'_>) {
        let mode = self.mode(told.mode);
        mode.all_incidents = mode.all_incidents.saturating_add(1);
        if mode.incidents.len() < MAX_INCIDENTS {
            let incident = told.incident;
            mode.incidents.push(IncidentMark {
                created: incident.created,
                closed: incident.closed,
                title: incident.title.clone(),
                severity: incident.severity.name(),
                alerts: incident.alerts.len(),
            });
        }
    }

    /// Returns the first and the last time of the picture.
    pub(super) fn span(&self) -> Option<(Ticks, Ticks)> {
        let runs = self.modes.values().flat_map(|mode| mode.runs.iter());
        let runs = runs.map(|run| (run.window.0, run.last.max(run.window.1)));
        let events = self.events.iter().map(|event| (event.first, event.last));
        let alerts = self.modes.values().flat_map(|mode| &mode.alerts);
        let alerts = alerts.map(|alert| (alert.scheduled, alert.generated));
        runs.chain(events)
            .chain(alerts)
            .reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
    }

    fn is_quiet(&self) -> bool {
        let mut runs = self.modes.values().flat_map(|mode| mode.runs.iter());
        runs.all(|run| run.rows == 0 && run.alerts == 0 && run.not_ok.is_empty())
    }
}

impl ModeTimeline {
    pub(super) fn count_of_runs(&self) -> u64 {
        self.runs.iter().map(|run| run.runs).sum()
    }
}

impl AlertMark {
    fn of(told: &SimulatedAlert<'_>) -> Self {
        let alert = told.alert;
        let record = |record: &detection::alert::Evidence| {
            let member = record.origin.member.as_ref();
            let member = member.map(|it| format!(" > {it}")).unwrap_or_default();
            format!("{}{member}, record {}", record.origin.file, record.line)
        };
        let dropped = alert.dropped.iter();
        let dropped = dropped.map(|it| format!("{}: {}", shown(&it.entity), it.reason));
        Self {
            scheduled: alert.scheduled,
            generated: alert.generated,
            name: alert.name.clone(),
            severity: alert.severity.name(),
            is_repeated: told.is_repeated,
            entities: alert.entities.iter().take(MAX_RECORDS).map(shown).collect(),
            dropped: dropped.take(MAX_RECORDS).collect(),
            times: told.times.iter().take(MAX_RECORDS).copied().collect(),
            records: told.evidence.iter().take(MAX_RECORDS).map(record).collect(),
            all_records: told.evidence.len(),
        }
    }
}

impl RunMark {
    fn of(run: &SimulatedRun<'_>) -> Self {
        let is_ok = run.status == RunStatus::Ok;
        let not_ok = if is_ok { None } else { Some((run.status.name(), 1)) };
        Self {
            first: run.scheduled,
            last: run.scheduled,
            window: run.window,
            runs: 1,
            rows: run.rows,
            alerts: run.raised.alerts.len(),
            repeated: run.repeated,
            not_ok: not_ok.into_iter().collect(),
        }
    }
}

/// Returns a time as people read it.
pub(super) fn time(ticks: Ticks) -> String {
    datetime::format_json(ticks).to_string()
}
