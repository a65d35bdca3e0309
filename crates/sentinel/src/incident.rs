//! From alerts to incidents.
//!
//! Source: <https://learn.microsoft.com/azure/sentinel/scheduled-rules-overview>, incident settings.

mod grouping;

use kql_types::Ticks;
use serde::{Deserialize, Serialize};

use self::grouping::GroupKey;
use crate::{
    alert::{Alert, Losses},
    assumptions::{Assumptions, End, FrameStart, IncidentSeverity},
    id::Id,
    rule::{Grouping, Rule, Severity},
};

/// The most alerts of an incident; further ones make a further incident.
const MOST_ALERTS: usize = 150;

/// An incident, with its history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    /// Made of its rule and its first alert.
    pub id: String,
    /// The rule whose alerts it has.
    pub rule: String,
    /// The name of its first alert.
    pub title: String,
    /// The description of its first alert.
    pub description: String,
    /// How bad it is.
    pub severity: Severity,
    /// The tactics of its alerts.
    pub tactics: Vec<String>,
    /// When it was created: with the alerts of its first run.
    pub created: Ticks,
    /// When it was closed, if it is.
    pub closed: Option<Ticks>,
    /// The first and the last time of what its alerts stand for.
    pub activity: (Ticks, Ticks),
    /// The ids of its alerts.
    pub alerts: Vec<String>,
    /// What happened to it, in order of time; the first is its creation.
    pub history: Vec<Change>,
    key: Option<GroupKey>,
    frame_start: Ticks,
}

/// Something that happened to an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// When.
    pub time: Ticks,
    /// What.
    pub kind: ChangeKind,
    /// How many alerts the incident has from then on.
    pub alerts: usize,
    /// How bad it is from then on.
    pub severity: Severity,
    /// The first and the last time of what its alerts stand for, from then on.
    pub activity: (Ticks, Ticks),
}

/// What can happen to an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChangeKind {
    /// It was created.
    Created,
    /// Alerts joined it.
    Updated,
    /// Somebody closed it.
    Closed,
    /// Alerts that belong to it reopened it.
    Reopened,
}

/// The incidents of a rule, so far.
#[derive(Debug, Default)]
pub struct Incidents {
    incidents: Vec<Incident>,
}

/// What incidents are made by.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Making<'a> {
    pub(crate) rule: &'a Rule,
    pub(crate) losses: Losses,
    pub(crate) assumptions: &'a Assumptions,
}

impl Incidents {
    /// Takes up incidents that there are, in the order in which they were made: those that alerts may still
    /// join are enough.
    pub const fn taken_up(incidents: Vec<Incident>) -> Self {
        Self { incidents }
    }

    /// Returns them, in the order in which they were made.
    pub fn into_incidents(self) -> Vec<Incident> {
        self.incidents
    }

    /// Puts the alerts of one run into incidents where nothing is lost: an incident takes any number.
    pub fn add_all(&mut self, rule: &Rule, assumptions: &Assumptions, alerts: &[Alert]) {
        self.add(Making { rule, losses: Losses::None, assumptions }, alerts);
    }

    /// Puts the alerts of one run, all of which are there, into incidents.
    pub(crate) fn add(&mut self, making: Making<'_>, alerts: &[Alert]) {
        if !making.rule.creates_incidents {
            return;
        }
        for alert in alerts {
            self.close_until(making.assumptions, alert.generated);
            match self.place_for(making, alert) {
                Some(incident) => incident.join(making, alert),
                None => self.incidents.push(Incident::new(making, alert)),
            }
        }
    }

    /// Returns all incidents, as they are at the end of the simulation.
    pub(crate) fn finish(mut self, assumptions: &Assumptions, to: Ticks) -> Vec<Incident> {
        self.close_until(assumptions, to);
        self.incidents
    }

    /// Closes what somebody would have closed by then.
    fn close_until(&mut self, assumptions: &Assumptions, time: Ticks) {
        let Some(after) = assumptions.closed_after else { return };
        for incident in self.incidents.iter_mut().filter(|incident| incident.closed.is_none()) {
            let opened =
                incident.history.iter().rev().find(|change| {
                    matches!(change.kind, ChangeKind::Created | ChangeKind::Reopened)
                });
            let closed = opened.map_or(incident.created, |it| it.time).saturating_add(after);
            if closed <= time {
                incident.closed = Some(closed);
                incident.change(closed, ChangeKind::Closed);
            }
        }
    }

    /// Returns the incident that an alert joins, the latest one that takes it.
    fn place_for(&mut self, making: Making<'_>, alert: &Alert) -> Option<&mut Incident> {
        let grouping = making.rule.grouping.as_ref()?;
        let key = grouping.method.key(alert, making.assumptions)?;
        self.incidents
            .iter_mut()
            .rev()
            .find(|incident| incident.takes(making, grouping, &key, alert))
    }
}

impl Incident {
    fn new(making: Making<'_>, alert: &Alert) -> Self {
        let Making { rule, assumptions, .. } = making;
        let key = rule.grouping.as_ref().and_then(|it| it.method.key(alert, assumptions));
        let mut incident = Self {
            id: Id::of("incident").and(rule.id.as_bytes()).and(alert.id.as_bytes()).guid(),
            rule: rule.id.clone(),
            title: alert.name.clone(),
            description: alert.description.clone(),
            severity: alert.severity,
            tactics: alert.tactics.clone(),
            created: alert.generated,
            closed: None,
            activity: (alert.start, alert.end),
            alerts: vec![alert.id.clone()],
            history: Vec::new(),
            key,
            frame_start: match assumptions.frame_start {
                FrameStart::Generated => alert.generated,
                FrameStart::Started => alert.start,
            },
        };
        incident.change(alert.generated, ChangeKind::Created);
        incident
    }

    fn takes(
        &self,
        making: Making<'_>,
        grouping: &Grouping,
        key: &GroupKey,
        alert: &Alert,
    ) -> bool {
        let time = match making.assumptions.frame_start {
            FrameStart::Generated => alert.generated,
            FrameStart::Started => alert.start,
        };
        let end = self.frame_start.saturating_add(grouping.look_back);
        let is_within = match making.assumptions.frame_end {
            End::Open => time < end,
            End::Closed => time <= end,
        };
        let has_room = making.losses == Losses::None || self.alerts.len() < MOST_ALERTS;
        let is_open = self.closed.is_none() || grouping.reopens_closed;
        is_within && has_room && is_open && self.key.as_ref() == Some(key)
    }

    /// Closes it, because somebody says so.
    pub fn close(&mut self, time: Ticks) {
        if self.closed.is_none() {
            self.closed = Some(time);
            self.change(time, ChangeKind::Closed);
        }
    }

    /// Reopens it, because somebody says so.
    pub fn reopen(&mut self, time: Ticks) {
        if self.closed.take().is_some() {
            self.change(time, ChangeKind::Reopened);
        }
    }

    /// Adds an alert.
    fn join(&mut self, making: Making<'_>, alert: &Alert) {
        self.alerts.push(alert.id.clone());
        let (start, end) = self.activity;
        self.activity = (start.min(alert.start), end.max(alert.end));
        if making.assumptions.incident_severity == IncidentSeverity::Highest {
            self.severity = self.severity.max(alert.severity);
        }
        for tactic in &alert.tactics {
            if !self.tactics.contains(tactic) {
                self.tactics.push(tactic.clone());
            }
        }
        let kind = match self.closed.take() {
            Some(_) => ChangeKind::Reopened,
            None => ChangeKind::Updated,
        };
        self.change(alert.generated, kind);
    }

    /// Writes down what the incident is from now on. The alerts of a run come at once.
    fn change(&mut self, time: Ticks, kind: ChangeKind) {
        let now = |kind| Change {
            time,
            kind,
            alerts: self.alerts.len(),
            severity: self.severity,
            activity: self.activity,
        };
        match self.history.last_mut() {
            Some(last) if last.time == time && kind == ChangeKind::Updated => {
                *last = now(last.kind);
            }
            _ => self.history.push(now(kind)),
        }
    }
}
