//! What there is to do: alerts and incidents in brief, all at once, for whoever filters and counts them.

use std::collections::BTreeSet;

use kql_types::Ticks;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use state::{
    StateError,
    sqlite::{self, Row},
};

use super::{Desk, DeskError};
use crate::book::{maybe_time, time};

/// Alerts and incidents in brief, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct QueueRow {
    /// The incidents.
    pub incidents: Vec<QueueIncidentRow>,
    /// The alerts.
    pub alerts: Vec<QueueAlertRow>,
    /// Whether there are more than these.
    pub is_cut: bool,
}

/// An incident in brief.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QueueIncidentRow {
    /// Its number.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// The rule whose alerts it has.
    pub rule: String,
    /// How bad it is.
    pub severity: String,
    /// `New`, `Active` or `Closed`.
    pub status: String,
    /// Who has it, or nothing.
    pub owner: String,
    /// What it was taken for, or nothing.
    pub classification: String,
    /// When it was made.
    #[serde(serialize_with = "time")]
    pub created: Ticks,
}

/// An alert in brief.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct QueueAlertRow {
    /// Its id.
    pub id: String,
    /// The incident that it is of.
    pub incident: Option<i64>,
    /// The rule's id.
    pub rule: String,
    /// Its title.
    pub title: String,
    /// How bad it is.
    pub severity: String,
    /// When it happened.
    #[serde(serialize_with = "maybe_time")]
    pub time: Option<Ticks>,
    /// The exception that sets it aside.
    pub suppressed_by: Option<String>,
    /// The behaviour that its row names, or nothing.
    pub behaviour: String,
    /// What happened, in a few words, or nothing.
    pub reason: String,
    /// The hosts that it names.
    pub hosts: Vec<String>,
    /// The accounts that it names.
    pub accounts: Vec<String>,
    /// The host that logged its first record, or nothing.
    pub seen_on: String,
    /// What it is about: `task`, `service`, `process`, `file`, `share`, or nothing.
    pub kind: &'static str,
}

/// What is taken out of an alert's text, in this order.
#[derive(Deserialize)]
struct Brief(
    Option<Vec<Entity>>,
    Option<String>,
    Option<Value>,
    Option<Value>,
    Option<Value>,
    Option<Value>,
    Option<Value>,
    Option<Value>,
    Option<Value>,
);

const BRIEF: &str = "'$.entities', '$.evidence[0].host', '$.columns.Behaviour', '$.columns.Reason',
    '$.columns.TaskName', '$.columns.ServiceName', '$.columns.ProcessCommandLine',
    '$.columns.RelativePath', '$.columns.ShareName'";

/// An entity of an alert, as far as hosts and accounts go.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entity {
    #[serde(rename = "type")]
    kind: String,
    full_name: Option<String>,
    host_name: Option<String>,
    name: Option<String>,
    #[serde(rename = "NTDomain")]
    domain: Option<String>,
}

impl Entity {
    fn host(&self) -> Option<String> {
        let name = self.full_name.as_ref().or(self.host_name.as_ref())?;
        (self.kind == "Host" && !name.is_empty()).then(|| name.to_lowercase())
    }

    fn account(&self) -> Option<String> {
        let name = self.name.as_ref().or(self.full_name.as_ref())?;
        if self.kind != "Account" || name.is_empty() {
            return None;
        }
        let domain = self.domain.as_deref().filter(|domain| !domain.is_empty());
        Some(
            domain
                .map_or_else(|| name.clone(), |domain| format!("{domain}\\{name}"))
                .to_lowercase(),
        )
    }
}

impl Desk {
    /// Returns what there is to do.
    ///
    /// - `most`: alerts, and incidents, at most.
    ///
    /// # Errors
    ///
    /// Those of the state.
    pub fn queue(&self, most: u32) -> Result<QueueRow, DeskError> {
        let incidents = self.queue_incidents(most)?;
        let alerts = self.queue_alerts(most)?;
        let is_full = |len: usize| u32::try_from(len).is_ok_and(|len| len >= most);
        let is_cut = is_full(incidents.len()) || is_full(alerts.len());
        Ok(QueueRow { incidents, alerts, is_cut })
    }

    fn queue_incidents(&self, most: u32) -> Result<Vec<QueueIncidentRow>, StateError> {
        let select = "SELECT number, title, rule, severity, status, owner, classification, created
            FROM incident ORDER BY number DESC LIMIT ?1";
        self.book.state.read(|connection| {
            let mut rows = connection.prepare(select)?;
            let rows = rows.query_map([most], |row| {
                Ok(QueueIncidentRow {
                    number: row.get(0)?,
                    title: row.get(1)?,
                    rule: row.get(2)?,
                    severity: row.get(3)?,
                    status: row.get(4)?,
                    owner: row.get(5)?,
                    classification: row.get(6)?,
                    created: row.get(7)?,
                })
            })?;
            rows.collect()
        })
    }

    fn queue_alerts(&self, most: u32) -> Result<Vec<QueueAlertRow>, StateError> {
        // SQLite takes what is wanted out of the text: an alert has forty columns that nobody asks for here.
        let select = format!(
            "SELECT id, incident, rule, title, severity, time, suppressed_by,
                json_extract(body, {BRIEF})
            FROM alert ORDER BY number DESC LIMIT ?1"
        );
        self.book.state.read(|connection| {
            let mut rows = connection.prepare(&select)?;
            let rows = rows.query_map([most], alert_row)?;
            rows.collect()
        })
    }
}

fn alert_row(row: &Row<'_>) -> sqlite::Result<QueueAlertRow> {
    let brief: String = row.get(7)?;
    let unreadable = |error: serde_json::Error| {
        sqlite::Error::FromSqlConversionFailure(7, sqlite::types::Type::Text, error.into())
    };
    let brief: Brief = serde_json::from_str(&brief).map_err(unreadable)?;
    let Brief(entities, seen_on, behaviour, reason, task, service, process, file, share) = brief;
    let entities = entities.unwrap_or_default();
    let kinds = [
        ("task", task),
        ("service", service),
        ("process", process),
        ("file", file),
        ("share", share),
    ];
    let kind = kinds.into_iter().find(|(_, value)| !words(value.clone()).is_empty());
    let hosts: BTreeSet<String> = entities.iter().filter_map(Entity::host).collect();
    let accounts: BTreeSet<String> = entities.iter().filter_map(Entity::account).collect();
    Ok(QueueAlertRow {
        id: row.get(0)?,
        incident: row.get(1)?,
        rule: row.get(2)?,
        title: row.get(3)?,
        severity: row.get(4)?,
        time: row.get(5)?,
        suppressed_by: row.get(6)?,
        behaviour: words(behaviour),
        reason: words(reason),
        hosts: hosts.into_iter().collect(),
        accounts: accounts.into_iter().collect(),
        seen_on: seen_on.unwrap_or_default().to_lowercase(),
        kind: kind.map_or("", |(kind, _)| kind),
    })
}

/// Returns what a column says in words; nothing if it holds something else.
fn words(value: Option<Value>) -> String {
    match value {
        Some(Value::String(text)) => text,
        _ => String::new(),
    }
}
