//! What Sentinel writes in a simulation, as an input that rules read.

use std::path::PathBuf;

use engine::{CompiledQuery, Input};
use kql_types::Ticks;
use sentinel::table::{RunHealth, json_line, security_alert, security_incident, sentinel_health};

use super::{
    Mode,
    told::{SimulatedRun, Told},
};

pub(super) use sentinel::table::OWN as OWN_TABLES;

/// Tells whether a query reads a table that Sentinel writes itself.
pub(super) fn reads_own(query: &CompiledQuery) -> bool {
    query.tables().iter().any(|table| OWN_TABLES.contains(&&**table))
}

/// Tells whether a query reads no other table.
pub(super) fn reads_only_own(query: &CompiledQuery) -> bool {
    query.tables().iter().all(|table| OWN_TABLES.contains(&&**table))
}

/// The rows of Sentinel's tables, an object a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    alerts: String,
    incidents: String,
    health: String,
    newest: Option<Ticks>,
}

impl Written {
    /// Adds the rows that Sentinel has of something that happens.
    pub(super) fn add(&mut self, told: &Told<'_>) {
        match told {
            // Sentinel does not tell of what Defender runs.
            Told::Run(run) if run.mode == Mode::Exact && !run.rule.kind.is_of_defender() => {
                let SimulatedRun { rule, scheduled, rows, raised, .. } = *run;
                for attempt in run.attempts {
                    self.newest = self.newest.max(Some(attempt.time));
                    let health = RunHealth { scheduled, attempt, rows, raised };
                    json_line(&sentinel_health(rule, health), &mut self.health);
                }
            }
            Told::Alert(alert) if alert.mode == Mode::Exact => {
                self.newest = self.newest.max(Some(alert.alert.generated));
                json_line(&security_alert(alert.rule, alert.alert), &mut self.alerts);
            }
            Told::Incident(incident) if incident.mode == Mode::Exact => {
                for row in security_incident(incident.incident, incident.number) {
                    json_line(&row, &mut self.incidents);
                }
            }
            _ => {}
        }
    }

    /// Returns the newest time of an alert or a run.
    pub(super) fn newest(&self) -> Option<Ticks> {
        self.newest
    }

    /// Returns how much memory the rows take.
    pub(super) fn bytes(&self) -> usize {
        [&self.alerts, &self.incidents, &self.health]
            .into_iter()
            .map(String::len)
            .fold(0, usize::saturating_add)
    }

    /// Returns the tables that have rows, as inputs.
    pub(super) fn inputs(&self) -> Vec<Input> {
        let rows = [&self.alerts, &self.incidents, &self.health];
        let tables = OWN_TABLES.into_iter().zip(rows).filter(|(_, rows)| !rows.is_empty());
        let input = |(table, rows): (&str, &String)| {
            let name = PathBuf::from(format!("simulated/{table}.jsonl"));
            Input::of_bytes(name, rows.clone().into_bytes())
        };
        tables.map(input).collect()
    }
}
