//! Incidents: made of alerts as Sentinel makes them, and changed by people.

use std::collections::BTreeMap;

use kql_types::Ticks;
use sentinel::{
    Alert, Assumptions, Incident, Incidents, Rule,
    table::{Standing, json_line, security_incident_now},
};
use serde::{Deserialize, Serialize};
use state::{
    StateError,
    sqlite::{Error, OptionalExtension, Result, Row, Transaction, params, types::Type},
};

use crate::{
    book::{Book, time},
    deliveries::ToLake,
};

/// Incidents of a rule, the newest, that its alerts may still join.
const MOST_OPEN: u32 = 500;

/// An incident, as the state has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IncidentRow {
    /// Its number, from 1.
    pub number: i32,
    /// Its id.
    pub id: String,
    /// The rule whose alerts it has.
    pub rule: String,
    /// When it was made.
    #[serde(serialize_with = "time")]
    pub created: Ticks,
    /// When it last changed.
    #[serde(serialize_with = "time")]
    pub changed: Ticks,
    /// `New`, `Active` or `Closed`.
    pub status: String,
    /// How bad it is.
    pub severity: String,
    /// Its title.
    pub title: String,
    /// Its description.
    pub description: String,
    /// Who has it, or nothing.
    pub owner: String,
    /// `TruePositive`, `BenignPositive`, `FalsePositive`, `Undetermined`, or nothing.
    pub classification: String,
    /// Why, in Sentinel's words, or nothing.
    pub classification_reason: String,
    /// Why, in somebody's words, or nothing.
    pub classification_comment: String,
    /// Words that somebody has put on it.
    pub labels: Vec<String>,
    /// ATT&CK tactics.
    pub tactics: Vec<String>,
    /// The first time of what its alerts stand for.
    #[serde(serialize_with = "time")]
    pub first_activity: Ticks,
    /// The last one.
    #[serde(serialize_with = "time")]
    pub last_activity: Ticks,
    /// The ids of its alerts, in order.
    pub alerts: Vec<String>,
    /// What people said of it, in order.
    pub comments: Vec<CommentRow>,
    /// The steps of the playbook that were done, in order of time.
    pub steps: Vec<StepRow>,
}

/// A step of the playbook that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepRow {
    /// The step's id.
    pub id: String,
    /// When.
    #[serde(serialize_with = "time")]
    pub time: Ticks,
    /// By whom.
    pub author: String,
}

/// What somebody said of an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CommentRow {
    /// When.
    #[serde(serialize_with = "time")]
    pub time: Ticks,
    /// Who.
    pub author: String,
    /// What.
    pub message: String,
}

/// What somebody makes of an incident: what is not given stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IncidentChange {
    /// `New`, `Active` or `Closed`.
    pub status: Option<String>,
    /// Who has it, or nothing.
    pub owner: Option<String>,
    /// `TruePositive`, `BenignPositive`, `FalsePositive`, `Undetermined`, or nothing.
    pub classification: Option<String>,
    /// Why, in Sentinel's words.
    pub classification_reason: Option<String>,
    /// Why, in somebody's own.
    pub classification_comment: Option<String>,
    /// `Informational`, `Low`, `Medium` or `High`.
    pub severity: Option<String>,
    /// Words to put on it, in place of those that are on it.
    pub labels: Option<Vec<String>>,
    /// Something to say of it.
    pub comment: Option<String>,
    /// Steps of the playbook, by their ids: whether they are done.
    pub steps: Option<BTreeMap<String, bool>>,
}

/// Alerts of a run that become part of incidents.
#[derive(Debug)]
pub(crate) struct Joined<'a> {
    pub(crate) rule: &'a Rule,
    pub(crate) alerts: &'a [Alert],
    pub(crate) now: Ticks,
}

impl IncidentChange {
    /// Returns what is wrong with it, if anything is.
    pub fn problem(&self) -> Option<String> {
        let one_of = |what: &str, value: &Option<String>, known: &[&str]| {
            let value = value.as_ref().filter(|value| !known.contains(&value.as_str()))?;
            Some(format!("{what} is `{value}`, not one of {}", known.join(", ")))
        };
        let classes = ["TruePositive", "BenignPositive", "FalsePositive", "Undetermined", ""];
        one_of("status", &self.status, &["New", "Active", "Closed"])
            .or_else(|| one_of("classification", &self.classification, &classes))
            .or_else(|| {
                let severities = ["Informational", "Low", "Medium", "High"];
                one_of("severity", &self.severity, &severities)
            })
    }
}

impl Book {
    /// Returns incidents, the newest first.
    ///
    /// - `status`: with this one; without it, all.
    /// - `before`: with a smaller number.
    ///
    /// # Errors
    ///
    /// Those of the state.
    pub fn incidents(
        &self,
        status: Option<&str>,
        before: Option<i32>,
        most: u32,
    ) -> Result<Vec<IncidentRow>, StateError> {
        let select = format!(
            "{SELECT} WHERE (?1 IS NULL OR status = ?1 COLLATE NOCASE) AND (?2 IS NULL OR number < ?2)
             ORDER BY number DESC LIMIT ?3"
        );
        self.state.read(|connection| {
            let mut found = connection.prepare(&select)?;
            let found = found.query_map(params![status, before, most], Kept::read)?;
            found.map(|kept| kept?.row(connection)).collect()
        })
    }

    /// Returns the incident of a number.
    ///
    /// # Errors
    ///
    /// Those of the state.
    pub fn incident(&self, number: i32) -> Result<Option<IncidentRow>, StateError> {
        self.state.read(|connection| {
            let kept = kept(connection, number)?;
            kept.map(|kept| kept.row(connection)).transpose()
        })
    }

    /// Changes an incident, as somebody wants it; the lake gets a row that says so. Returns what it is then, or
    /// nothing if there is none of the number.
    ///
    /// # Errors
    ///
    /// Those of the state.
    pub fn change_incident(
        &self,
        number: i32,
        wanted: &IncidentChange,
        author: &str,
        now: Ticks,
    ) -> Result<Option<IncidentRow>, StateError> {
        self.state.write(|change| change_one(change, number, wanted, author, now))
    }

    /// Changes incidents in the same way, all of them or none. Returns the numbers of those that there are.
    ///
    /// # Errors
    ///
    /// Those of the state.
    pub fn change_incidents(
        &self,
        numbers: &[i32],
        wanted: &IncidentChange,
        author: &str,
        now: Ticks,
    ) -> Result<Vec<i32>, StateError> {
        self.state.write(|change| {
            let mut changed = Vec::with_capacity(numbers.len());
            for number in numbers {
                if change_one(change, *number, wanted, author, now)?.is_some() {
                    changed.push(*number);
                }
            }
            Ok(changed)
        })
    }
}

fn change_one(
    change: &Transaction<'_>,
    number: i32,
    wanted: &IncidentChange,
    author: &str,
    now: Ticks,
) -> Result<Option<IncidentRow>> {
    let Some(mut kept) = kept(change, number)? else { return Ok(None) };
    let standing = &mut kept.standing;
    let set = |field: &mut String, value: &Option<String>| {
        if let Some(value) = value {
            field.clone_from(value);
        }
    };
    set(&mut standing.owner, &wanted.owner);
    set(&mut standing.classification, &wanted.classification);
    set(&mut standing.classification_reason, &wanted.classification_reason);
    set(&mut standing.classification_comment, &wanted.classification_comment);
    set(&mut standing.status, &wanted.status);
    if let Some(labels) = &wanted.labels {
        standing.labels.clone_from(labels);
    }
    author.clone_into(&mut standing.modified_by);
    match wanted.status.as_deref() {
        Some("Closed") => kept.incident.close(now),
        Some(_) => kept.incident.reopen(now),
        None => {}
    }
    if let Some(severity) = wanted.severity.as_deref().and_then(sentinel::Severity::parse) {
        kept.incident.severity = severity;
    }
    if let Some(message) = &wanted.comment {
        let add = "INSERT INTO comment (incident, time, author, message) VALUES (?1, ?2, ?3, ?4)";
        change.execute(add, params![number, now, author, message])?;
    }
    for (step, is_done) in wanted.steps.iter().flatten() {
        set_step(change, number, (step, *is_done), author, now)?;
    }
    kept.update(change, now)?;
    let mut to_lake = ToLake::default();
    kept.tell(change, now, &mut to_lake)?;
    to_lake.write(change, now)?;
    kept.row(change).map(Some)
}

fn set_step(
    change: &Transaction<'_>,
    number: i32,
    (step, is_done): (&str, bool),
    author: &str,
    now: Ticks,
) -> Result<()> {
    if is_done {
        let add = "INSERT INTO step (incident, id, done, author) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT DO NOTHING";
        change.execute(add, params![number, step, now, author])?;
    } else {
        change
            .execute("DELETE FROM step WHERE incident = ?1 AND id = ?2", params![number, step])?;
    }
    Ok(())
}

const SELECT: &str = "SELECT number, changed, status, owner, classification, classification_reason,
    classification_comment, labels, modified_by, body FROM incident";

/// An incident, with what people have made of it.
struct Kept {
    number: i32,
    changed: Ticks,
    incident: Incident,
    standing: Standing,
}

fn kept(connection: &state::sqlite::Connection, number: i32) -> Result<Option<Kept>> {
    let select = format!("{SELECT} WHERE number = ?1");
    connection.query_row(&select, [number], Kept::read).optional()
}

fn unreadable(column: usize) -> impl Fn(serde_json::Error) -> Error {
    move |error| Error::FromSqlConversionFailure(column, Type::Text, error.into())
}

fn json<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|error| Error::ToSqlConversionFailure(error.into()))
}

impl Kept {
    fn read(row: &Row<'_>) -> Result<Self> {
        let (labels, body): (String, String) = (row.get(7)?, row.get(9)?);
        let standing = Standing {
            status: row.get(2)?,
            owner: row.get(3)?,
            classification: row.get(4)?,
            classification_reason: row.get(5)?,
            classification_comment: row.get(6)?,
            comments: Vec::new(),
            labels: serde_json::from_str(&labels).map_err(unreadable(7))?,
            modified_by: row.get(8)?,
        };
        let incident = serde_json::from_str(&body).map_err(unreadable(9))?;
        Ok(Self { number: row.get(0)?, changed: row.get(1)?, incident, standing })
    }

    fn comments(&self, connection: &state::sqlite::Connection) -> Result<Vec<CommentRow>> {
        let select =
            "SELECT time, author, message FROM comment WHERE incident = ?1 ORDER BY number";
        let mut rows = connection.prepare_cached(select)?;
        let rows = rows.query_map([self.number], |row| {
            Ok(CommentRow { time: row.get(0)?, author: row.get(1)?, message: row.get(2)? })
        })?;
        rows.collect()
    }

    fn row(self, connection: &state::sqlite::Connection) -> Result<IncidentRow> {
        let comments = self.comments(connection)?;
        let steps = self.steps(connection)?;
        let Self { number, changed, incident, standing } = self;
        let (first_activity, last_activity) = incident.activity;
        Ok(IncidentRow {
            number,
            id: incident.id,
            rule: incident.rule,
            created: incident.created,
            changed,
            status: standing.status,
            severity: incident.severity.name().to_owned(),
            title: incident.title,
            description: incident.description,
            owner: standing.owner,
            classification: standing.classification,
            classification_reason: standing.classification_reason,
            classification_comment: standing.classification_comment,
            labels: standing.labels,
            tactics: incident.tactics,
            first_activity,
            last_activity,
            alerts: incident.alerts,
            comments,
            steps,
        })
    }

    fn steps(&self, connection: &state::sqlite::Connection) -> Result<Vec<StepRow>> {
        let select = "SELECT id, done, author FROM step WHERE incident = ?1 ORDER BY done, id";
        let mut rows = connection.prepare_cached(select)?;
        let rows = rows.query_map([self.number], |row| {
            Ok(StepRow { id: row.get(0)?, time: row.get(1)?, author: row.get(2)? })
        })?;
        rows.collect()
    }

    fn update(&self, change: &Transaction<'_>, now: Ticks) -> Result<()> {
        let Self { number, incident, standing, .. } = self;
        let set = "UPDATE incident SET changed = ?2, status = ?3, severity = ?4, owner = ?5,
                classification = ?6, classification_reason = ?7, classification_comment = ?8,
                labels = ?9, modified_by = ?10, body = ?11
            WHERE number = ?1";
        change.execute(
            set,
            params![
                number,
                now,
                standing.status,
                incident.severity.name(),
                standing.owner,
                standing.classification,
                standing.classification_reason,
                standing.classification_comment,
                json(&standing.labels)?,
                standing.modified_by,
                json(incident)?,
            ],
        )?;
        Ok(())
    }

    /// Adds the row that the lake has of the incident as it is now.
    fn tell(&self, change: &Transaction<'_>, now: Ticks, to_lake: &mut ToLake) -> Result<()> {
        let comments = self.comments(change)?;
        let comments = comments.into_iter().map(|it| (it.time, it.author, it.message)).collect();
        let standing = Standing { comments, ..self.standing.clone() };
        if let Some(row) = security_incident_now(&self.incident, self.number, &standing, now) {
            json_line(&row, &mut to_lake.incidents);
        }
        Ok(())
    }
}

/// Has the alerts of a run join incidents, or make them.
pub(crate) fn join(
    change: &Transaction<'_>,
    joined: &Joined<'_>,
    to_lake: &mut ToLake,
) -> Result<()> {
    let Joined { rule, alerts, now } = *joined;
    if alerts.is_empty() {
        return Ok(());
    }
    let select = format!("{SELECT} WHERE rule = ?1 ORDER BY number DESC LIMIT ?2");
    let mut open = change.prepare_cached(&select)?;
    let open = open.query_map(params![rule.id, MOST_OPEN], Kept::read)?;
    let mut open: Vec<Kept> = open.collect::<Result<_>>()?;
    open.reverse();
    let before = open.iter().map(|kept| kept.incident.clone()).collect();
    let mut incidents = Incidents::taken_up(before);
    incidents.add_all(rule, &Assumptions::default(), alerts);
    let mut known = open.into_iter();
    for incident in incidents.into_incidents() {
        let kept = match known.next() {
            Some(kept) if kept.incident == incident => continue,
            Some(mut kept) => {
                // Alerts that join a closed incident reopen it.
                if kept.incident.closed.is_some() && incident.closed.is_none() {
                    "Active".clone_into(&mut kept.standing.status);
                }
                "Alert".clone_into(&mut kept.standing.modified_by);
                let kept = Kept { incident, ..kept };
                kept.update(change, now)?;
                kept
            }
            None => insert(change, incident, now)?,
        };
        for alert in &kept.incident.alerts {
            let set = "UPDATE alert SET incident = ?2 WHERE id = ?1 AND incident IS NULL";
            change.execute(set, params![alert, kept.number])?;
        }
        kept.tell(change, now, to_lake)?;
    }
    Ok(())
}

fn insert(change: &Transaction<'_>, incident: Incident, now: Ticks) -> Result<Kept> {
    let standing = Standing {
        status: "New".to_owned(),
        modified_by: "Alert".to_owned(),
        ..Standing::default()
    };
    let add = "INSERT INTO incident (id, rule, created, changed, status, severity, title, modified_by, body)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING number";
    let values = params![
        incident.id,
        incident.rule,
        incident.created,
        now,
        standing.status,
        incident.severity.name(),
        incident.title,
        standing.modified_by,
        json(&incident)?,
    ];
    let number = change.query_row(add, values, |row| row.get(0))?;
    Ok(Kept { number, changed: now, incident, standing })
}
