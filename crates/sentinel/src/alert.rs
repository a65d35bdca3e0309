//! From the rows of a run to its alerts.

mod account_name;
mod bytes;
mod custom_details;
mod details;
mod entity;

use std::collections::BTreeMap;

use kql_types::Ticks;

pub(crate) use self::entity::entity_json;
pub use self::entity::{DropReason, DroppedEntity, Entity};
use self::{
    custom_details::custom_details,
    details::{Details, details},
    entity::Mapped,
};
use crate::{
    assumptions::{Assumptions, MissingTimes, Moment, RowOrder},
    id::{Id, hexadecimal},
    row::Rows,
    rule::{Kind, Rule, Severity},
    schedule::Schedule,
};

/// The most alerts of a run: of a scheduled rule, and of one in near real time.
const MOST_ALERTS: usize = 150;
const MOST_NEAR_REAL_TIME: usize = 30;

/// The most alerts of a run of a custom detection.
const MOST_OF_DEFENDER: usize = 100;

/// What of a rule's findings is lost on the way to alerts and incidents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Losses {
    /// What Sentinel loses: alerts above its caps, entities, values that are too long.
    Sentinel,
    /// Nothing: every row raises an alert of its own, and nothing of it is cut.
    None,
}

/// An alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// The same rule, run and rows give the same id.
    pub id: String,
    /// When the run was scheduled.
    pub scheduled: Ticks,
    /// When the alert was generated.
    pub generated: Ticks,
    /// From when to when the run looks.
    pub looked_at: (Ticks, Ticks),
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
    /// How bad it is.
    pub severity: Severity,
    /// ATT&CK tactics.
    pub tactics: Vec<String>,
    /// The time of its first row.
    pub start: Ticks,
    /// The time of its last row.
    pub end: Ticks,
    /// What it is about.
    pub entities: Vec<Entity>,
    /// What it would be about as well, had Sentinel not dropped it.
    pub dropped: Vec<DroppedEntity>,
    /// Custom details: keys and values.
    pub custom_details: Vec<(String, Vec<String>)>,
    /// Properties that columns gave values.
    pub properties: Vec<(String, Vec<String>)>,
    /// What it stands for.
    pub kind: AlertKind,
    /// The result's rows that the run has.
    pub rows_of_run: usize,
    /// The event that it stands for, by its columns, as JSON: of an alert for one row that is not too
    /// large.
    pub(crate) event: Option<String>,
}

/// Which rows of its run an alert stands for, by their places in the order of the alerts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlertKind {
    /// All of them: the only alert of the run, or the one that summarises it.
    AllRows,
    /// One of them.
    Row(usize),
    /// Those of a custom detection with the same entities and details.
    Alike(Vec<usize>),
}

/// The alerts of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Raised {
    /// The alerts, in order.
    pub alerts: Vec<Alert>,
    /// Rows that have no alert of their own though the rule raises one for each.
    pub rows_cut: usize,
}

/// A run of a rule that has met the trigger.
#[derive(Clone, Copy, Debug)]
pub struct RunOfRule<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// When it was scheduled.
    pub scheduled: Ticks,
    /// When it executed.
    pub executed: Ticks,
    /// It is the rule's first.
    pub is_first: bool,
    /// What is lost.
    pub losses: Losses,
    /// What is taken where the documentation is silent.
    pub assumptions: &'a Assumptions,
}

/// The most bytes of an event that an alert for one row holds.
const MOST_EVENT_BYTES: usize = 10 << 10;

impl RunOfRule<'_> {
    /// Returns the alerts that a run's rows raise.
    pub fn alerts(self, rows: Rows<'_>) -> Raised {
        let count = rows.len();
        let kinds = self.kinds(rows);
        let alone = kinds.iter().map(|kind| match kind {
            AlertKind::AllRows => 0,
            AlertKind::Row(_) => 1,
            AlertKind::Alike(places) => places.len(),
        });
        let alone: usize = alone.sum();
        let is_per_row = self.raises_one_for_each_row() || self.groups_rows();
        let rows_cut = if is_per_row { count.saturating_sub(alone) } else { 0 };
        let alert = |kind: AlertKind| {
            let alike;
            let of_alert = match &kind {
                AlertKind::AllRows => rows,
                AlertKind::Row(place) => rows.only(*place),
                AlertKind::Alike(places) => {
                    alike = rows.some(places);
                    Rows::new(rows.columns(), &alike)
                }
            };
            Alert { rows_of_run: count, ..self.alert(of_alert, kind) }
        };
        Raised { alerts: kinds.into_iter().map(alert).collect(), rows_cut }
    }

    /// Returns the one or the other time of the run.
    pub(crate) const fn moment(self, moment: Moment) -> Ticks {
        match moment {
            Moment::Scheduled => self.scheduled,
            Moment::Executed => self.executed,
        }
    }

    /// Returns what each alert of a run stands for.
    pub(crate) fn kinds(self, rows: Rows<'_>) -> Vec<AlertKind> {
        if self.groups_rows() {
            return self.alike(rows);
        }
        let count = rows.len();
        if !self.raises_one_for_each_row() {
            return vec![AlertKind::AllRows];
        }
        let places: Vec<usize> = match self.assumptions.row_order {
            RowOrder::OldestFirst => (0..count).collect(),
            RowOrder::NewestFirst => (0..count).rev().collect(),
        };
        let most = self.most_alerts();
        if count <= most {
            return places.into_iter().map(AlertKind::Row).collect();
        }
        // The last alert that there may be summarises all rows.
        let alone = places.into_iter().take(most.saturating_sub(1)).map(AlertKind::Row);
        alone.chain([AlertKind::AllRows]).collect()
    }

    /// Tells whether rows with the same entities and details are one alert.
    const fn groups_rows(self) -> bool {
        self.rule.kind.is_of_defender() && matches!(self.losses, Losses::Sentinel)
    }

    /// Returns the alerts of a custom detection's run, in the order of their first rows.
    fn alike(self, rows: Rows<'_>) -> Vec<AlertKind> {
        let Self { rule, losses, assumptions, .. } = self;
        let mut places: BTreeMap<_, usize> = BTreeMap::new();
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for at in 0..rows.len() {
            let row = rows.only(at);
            let Mapped { entities, .. } = entity::entities(rule, row, losses, assumptions);
            let key = (entities, custom_details(rule, row, losses));
            let group = *places.entry(key).or_insert(groups.len());
            match groups.get_mut(group) {
                Some(group) => group.push(at),
                None => groups.push(vec![at]),
            }
        }
        groups.into_iter().take(MOST_OF_DEFENDER).map(AlertKind::Alike).collect()
    }

    fn raises_one_for_each_row(self) -> bool {
        self.rule.is_per_result || self.losses == Losses::None
    }

    fn most_alerts(self) -> usize {
        match (self.losses, self.rule.kind) {
            (Losses::None, _) => usize::MAX,
            (Losses::Sentinel, Kind::Scheduled { .. }) => MOST_ALERTS,
            (Losses::Sentinel, Kind::NearRealTime) => MOST_NEAR_REAL_TIME,
            (Losses::Sentinel, Kind::CustomDetection { .. } | Kind::Continuous) => MOST_OF_DEFENDER,
        }
    }

    fn alert(self, rows: Rows<'_>, kind: AlertKind) -> Alert {
        let Self { rule, scheduled, losses, assumptions, .. } = self;
        let schedule = Schedule::of(rule.kind);
        let schedule = if self.is_first { schedule.of_first_run() } else { schedule };
        let looked_at = schedule.span(scheduled);
        let Mapped { entities, dropped } = entity::entities(rule, rows, losses, assumptions);
        let Details { name, description, severity, tactics, properties } =
            details(rule, rows, losses, assumptions);
        let custom_details = custom_details(rule, rows, losses);
        let missing = match assumptions.missing_times {
            MissingTimes::Window => looked_at,
            MissingTimes::Run => (scheduled, scheduled),
        };
        let times = || rows.iter().filter_map(|row| row.time);
        let event = match &kind {
            AlertKind::AllRows | AlertKind::Alike(_) => None,
            AlertKind::Row(_) => {
                let event = serde_json::Value::from(rows.first_as_json()).to_string();
                (event.len() <= MOST_EVENT_BYTES).then_some(event)
            }
        };
        Alert {
            id: self.id(rows, &kind),
            scheduled,
            generated: self.moment(assumptions.alert_time),
            looked_at,
            name,
            description,
            severity,
            tactics,
            start: times().min().unwrap_or(missing.0),
            end: times().max().unwrap_or(missing.1),
            entities,
            dropped,
            custom_details,
            properties,
            kind,
            rows_of_run: rows.len(),
            event,
        }
    }

    /// Returns an alert's id: without losses it is that of its one row, which is the same in every run.
    fn id(self, rows: Rows<'_>, kind: &AlertKind) -> String {
        let Self { rule, scheduled, losses, .. } = self;
        if let (Losses::None, AlertKind::Row(_), Some(row)) = (losses, kind, rows.iter().next()) {
            return hexadecimal(&row.id);
        }
        let id = Id::of("alert").and(rule.id.as_bytes()).and(rule.version.as_bytes());
        let id = id.and(&scheduled.to_le_bytes());
        let id = match kind {
            AlertKind::AllRows => id,
            // Two rows of a run may be the same.
            AlertKind::Row(place) => id.and(&place.to_le_bytes()),
            AlertKind::Alike(places) => match places.first() {
                Some(place) => id.and(&place.to_le_bytes()),
                None => id,
            },
        };
        rows.iter().fold(id, |id, row| id.and(&row.id)).guid()
    }
}
