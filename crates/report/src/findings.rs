//! All that a hunt found and all that one has to know to read it: what a report is made of.
//!
//! Plain data, which the caller fills; whatever writes a report reads it from here alone.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use detection::{
    alert::{Alert, Evidence, Origin, Severity},
    validation::ValidationReport,
};
use kql_types::Ticks;
use lateral::{Hop, Movement};

/// What a hunt found.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// The alerts, in order of time.
    pub alerts: Vec<Alert>,
    /// Alerts that tuning keeps quiet, and why, in order of time.
    pub suppressed: Vec<Suppressed>,
    /// Hops and what led to what.
    pub movement: Movement,
    /// The rules that ran, in order.
    pub rules: Vec<RuleFacts>,
    /// The behaviours that the package knows of, by id: their names.
    pub behaviours: BTreeMap<String, String>,
    /// What was read, in order of input.
    pub inputs: Vec<InputFacts>,
    /// What could not be read, in order of input.
    pub problems: Vec<String>,
    /// Columns that rules read and nothing in the input fills: in words, in order of rules.
    pub unfilled: Vec<String>,
    /// What tests run in a lab left, if the logs are those of such a run.
    pub validation: Option<ValidationReport>,
    /// The fields of cited records.
    pub records: Records,
    /// What it was made with.
    pub versions: Versions,
    /// The newest event of the input.
    pub newest: Option<Ticks>,
}

/// An alert that is not reported.
#[derive(Clone, Debug)]
pub struct Suppressed {
    /// The alert.
    pub alert: Alert,
    /// What keeps it quiet: the entry of an allow-list.
    pub reason: String,
}

/// A rule that ran.
#[derive(Clone, Debug)]
pub struct RuleFacts {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it finds, and why that matters.
    pub description: String,
    /// Its version.
    pub version: String,
    /// How bad a finding is, unless the row says otherwise.
    pub severity: Severity,
    /// ATT&CK tactics, by their names without blanks.
    pub tactics: Vec<String>,
    /// ATT&CK techniques, by their ids.
    pub techniques: Vec<String>,
    /// The behaviours it sees, by their ids.
    pub behaviours: Vec<String>,
    /// How many records of the input it looked at: without any, it could not see anything.
    pub looked_at: usize,
}

/// A file or archive member that was read.
#[derive(Clone, Debug, Default)]
pub struct InputFacts {
    /// The file, as given or found.
    pub file: String,
    /// The member of an archive.
    pub member: Option<String>,
    /// The format.
    pub format: String,
    /// Records found: the sum of the next three.
    pub read: u64,
    /// Records that a rule looked at.
    pub matched: u64,
    /// Records that no rule asked for.
    pub not_needed: u64,
    /// Records that were damaged.
    pub rejected: u64,
    /// What records that were read have lost, a text for each cause.
    pub losses: Vec<String>,
    /// Which columns of an export its table does not have.
    pub left_out: Option<String>,
}

/// What a report was made with.
#[derive(Clone, Debug, Default)]
pub struct Versions {
    /// Quarry's.
    pub quarry: String,
    /// The package's id.
    pub package: String,
    /// Its name.
    pub package_name: String,
    /// Its version.
    pub package_version: String,
}

/// The fields of records, by where they stand.
#[derive(Clone, Debug, Default)]
pub struct Records {
    by_place: HashMap<(Arc<Origin>, u64), String>,
}

impl Records {
    /// Adds a record's fields, as a JSON object.
    pub fn insert(&mut self, record: &Evidence, json: String) {
        self.by_place.insert((Arc::clone(&record.origin), record.line), json);
    }

    /// Returns a record's fields as a JSON object, if they were read.
    pub fn get(&self, record: &Evidence) -> Option<&str> {
        self.by_place.get(&(Arc::clone(&record.origin), record.line)).map(String::as_str)
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.by_place.len()
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.by_place.is_empty()
    }
}

impl Findings {
    /// Returns findings that consist of alerts alone.
    pub fn of(alerts: Vec<Alert>) -> Self {
        Self { alerts, ..Self::default() }
    }

    /// Returns the rule of an alert, if it is among those that ran.
    pub(crate) fn rule(&self, alert: &Alert) -> Option<&RuleFacts> {
        self.rules.iter().find(|rule| rule.id == alert.rule.id)
    }

    /// Returns, for each alert, the hop that it is part of.
    pub(crate) fn hop_of_alert(&self) -> BTreeMap<usize, &Hop> {
        let hops = self.movement.hops.iter();
        hops.flat_map(|hop| hop.alerts.iter().map(move |alert| (*alert, hop))).collect()
    }

    /// Returns how many alerts there are of each severity, most severe first, those of none left out.
    pub(crate) fn severities(&self) -> Vec<(Severity, usize)> {
        let count = |severity: Severity| {
            self.alerts.iter().filter(|alert| alert.severity == severity).count()
        };
        let all = Severity::ALL.into_iter().rev().map(|severity| (severity, count(severity)));
        all.filter(|(_, count)| *count > 0).collect()
    }
}
