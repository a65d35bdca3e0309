//! What is known of a rule, and of what there is to see.

use std::collections::BTreeMap;

use detection::{PackagedRule, Seen};
use kql_types::Ticks;
use serde::Serialize;

use super::{Desk, DeskError};
use crate::rules::{PlaybookStep, Ready};

/// All that there is to read of a rule.
#[derive(Clone, Debug, Serialize)]
pub struct RulePage {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// What it finds and why that matters.
    pub description: String,
    /// How bad a finding is.
    pub severity: String,
    /// ATT&CK tactics.
    pub tactics: Vec<String>,
    /// ATT&CK techniques.
    pub techniques: Vec<String>,
    /// The KQL.
    pub query: String,
    /// The tables that it reads.
    pub tables: Vec<String>,
    /// Seconds from run to run.
    pub frequency_seconds: i64,
    /// Seconds that a run looks back.
    pub period_seconds: i64,
    /// Its file.
    pub path: String,
    /// How far it sees behaviours.
    pub behaviours: Vec<SeenRow>,
    /// What it does not see.
    pub blind_spots: String,
    /// What else looks like it.
    pub false_positives: String,
    /// How to make it quieter.
    pub tuning: String,
    /// Its versions, the first one first.
    pub history: Vec<ChangeRow>,
}

/// How far a rule sees a behaviour.
#[derive(Clone, Debug, Serialize)]
pub struct SeenRow {
    /// The behaviour's id.
    pub id: String,
    /// Its name, if a package has one.
    pub name: String,
    /// `full`, `partial` or `none`.
    pub seen: &'static str,
    /// By what, or why not.
    pub why: String,
}

/// A version of a rule.
#[derive(Clone, Debug, Serialize)]
pub struct ChangeRow {
    /// Its number.
    pub version: String,
    /// The day on which it came.
    pub date: String,
    /// What is other than before.
    pub change: String,
}

/// Something that there is to see, and which rules see it.
#[derive(Clone, Debug, Serialize)]
pub struct BehaviourRow {
    /// Its id.
    pub id: String,
    /// What happens.
    pub name: String,
    /// ATT&CK techniques.
    pub techniques: Vec<String>,
    /// Ids of the rules that see all of its forms.
    pub full: Vec<String>,
    /// Ids of the rules that see some.
    pub partial: Vec<String>,
    /// Tables that these rules read.
    pub tables: Vec<String>,
}

impl Desk {
    /// Returns all that there is to read of a rule.
    ///
    /// # Errors
    ///
    /// If no such rule is watched with.
    pub fn rule(&self, id: &str) -> Result<RulePage, DeskError> {
        let rules = self.rules()?;
        let ready = rules.ready.iter().find(|ready| ready.id() == id);
        let ready = ready.ok_or_else(|| DeskError::NoRule(id.to_owned()))?;
        Ok(page(ready, &rules.content.behaviours))
    }

    /// Returns what there is to see, by the ids of behaviours.
    ///
    /// # Errors
    ///
    /// If the watch has not begun.
    pub fn behaviours(&self) -> Result<Vec<BehaviourRow>, DeskError> {
        let rules = self.rules()?;
        let rows = rules.content.behaviours.values().map(|behaviour| {
            let seeing = |wanted: Seen| {
                let sees = move |ready: &&Ready| {
                    let mut seen = ready.packaged.notes.behaviours.iter();
                    seen.any(|it| it.id == behaviour.id && it.seen == wanted)
                };
                rules.ready.iter().filter(sees)
            };
            let ids = |wanted| seeing(wanted).map(|ready| ready.id().to_owned()).collect();
            let reading = seeing(Seen::Full).chain(seeing(Seen::Partial));
            let tables: std::collections::BTreeSet<String> =
                reading.flat_map(|ready| ready.tables().iter().cloned()).collect();
            BehaviourRow {
                id: behaviour.id.clone(),
                name: behaviour.name.clone(),
                techniques: behaviour.techniques.clone(),
                full: ids(Seen::Full),
                partial: ids(Seen::Partial),
                tables: tables.into_iter().collect(),
            }
        });
        Ok(rows.collect())
    }

    /// Returns what is to be done about an incident, in order.
    ///
    /// # Errors
    ///
    /// If the watch has not begun.
    pub fn playbook(&self) -> Result<Vec<PlaybookStep>, DeskError> {
        Ok(self.rules()?.content.playbook.clone())
    }
}

fn page(ready: &Ready, behaviours: &BTreeMap<String, detection::Behaviour>) -> RulePage {
    let PackagedRule { rule, notes, path, .. } = &ready.packaged;
    let seconds = |ticks: Ticks| ticks / 10_000_000;
    RulePage {
        id: rule.id.clone(),
        name: rule.name.clone(),
        version: rule.version.clone(),
        description: rule.description.clone(),
        severity: rule.severity.name().to_owned(),
        tactics: rule.tactics.clone(),
        techniques: rule.relevant_techniques.clone(),
        query: rule.query.clone(),
        tables: ready.tables().iter().cloned().collect(),
        frequency_seconds: seconds(ready.frequency()),
        period_seconds: seconds(ready.period()),
        path: engine::path_text(path),
        behaviours: notes
            .behaviours
            .iter()
            .map(|it| SeenRow {
                id: it.id.clone(),
                name: behaviours.get(&it.id).map(|it| it.name.clone()).unwrap_or_default(),
                seen: match it.seen {
                    Seen::Full => "full",
                    Seen::Partial => "partial",
                    Seen::None => "none",
                },
                why: it.why.clone(),
            })
            .collect(),
        blind_spots: notes.blind_spots.clone(),
        false_positives: notes.false_positives.clone(),
        tuning: notes.tuning.clone(),
        history: notes
            .history
            .iter()
            .map(|it| ChangeRow {
                version: it.version.clone(),
                date: it.date.clone(),
                change: it.change.clone(),
            })
            .collect(),
    }
}
