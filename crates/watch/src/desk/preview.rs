//! What an exception would have hidden, had it been there from the beginning.

use kql_types::Ticks;
use serde::Serialize;

use super::{Desk, DeskError, stored};
use crate::{
    book::{AlertsWanted, maybe_time},
    exceptions,
};

/// Alerts that are looked at, the newest ones.
const MOST_ALERTS: u32 = 20_000;
/// Alerts that are listed; how many there are is counted.
const MOST_LISTED: usize = 100;

/// What an exception would hide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PreviewRow {
    /// The exception's id.
    pub id: String,
    /// Alerts that were looked at.
    pub looked_at: usize,
    /// Alerts that it would have hidden.
    pub hides: usize,
    /// Of these, those of incidents that somebody took for an attack.
    pub true_positives: usize,
    /// Rules whose alerts it would have hidden.
    pub rules: usize,
    /// The newest of them.
    pub alerts: Vec<HiddenRow>,
}

/// An alert that an exception would hide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HiddenRow {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// How bad it is.
    pub severity: String,
    /// When it happened.
    #[serde(serialize_with = "maybe_time")]
    pub time: Option<Ticks>,
    /// The incident that it is of.
    pub incident: Option<i64>,
    /// What somebody took that for, or nothing.
    pub classification: String,
}

impl Desk {
    /// Returns which alerts an exception would have hidden. Makes none.
    ///
    /// - `list`: a list of exceptions with one line, as a package has it.
    ///
    /// # Errors
    ///
    /// If the list is none, or has several lines; those of the state.
    pub fn preview(&self, list: &str) -> Result<PreviewRow, DeskError> {
        let entry = exceptions::one(list).map_err(DeskError::Wrong)?;
        let wanted = AlertsWanted { most: MOST_ALERTS, ..AlertsWanted::default() };
        let all = self.book.alerts(&wanted)?;
        let classified = self.book.classifications()?;
        let hidden: Vec<_> = all.iter().filter(|row| entry.is_for(&stored::alert(row))).collect();
        let class_of = |incident: Option<i64>| {
            incident.and_then(|number| classified.get(&number)).cloned().unwrap_or_default()
        };
        let is_attack = |row: &&&crate::book::AlertRow| class_of(row.incident) == "TruePositive";
        let rules: std::collections::BTreeSet<&str> =
            hidden.iter().map(|row| row.rule.as_str()).collect();
        let listed = hidden.iter().take(MOST_LISTED).map(|row| HiddenRow {
            id: row.id.clone(),
            title: row.title.clone(),
            severity: row.severity.clone(),
            time: row.time,
            incident: row.incident,
            classification: class_of(row.incident),
        });
        Ok(PreviewRow {
            id: entry.id.clone(),
            looked_at: all.len(),
            hides: hidden.len(),
            true_positives: hidden.iter().filter(is_attack).count(),
            rules: rules.len(),
            alerts: listed.collect(),
        })
    }
}
