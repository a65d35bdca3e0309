//! What the state has of rules, their runs and alerts.

use std::{collections::BTreeMap, sync::Arc};

use kql_types::{Ticks, datetime};
use serde::{Serialize, Serializer};
use state::{
    State, StateError,
    sqlite::{OptionalExtension, Result, Row, Transaction, named_params, params},
};

use crate::{
    intervals::Intervals,
    pending::write_runs,
    rules::{Ready, Rules},
};

/// What the state has of rules, runs, alerts and incidents.
#[derive(Clone, Debug)]
pub struct Book {
    pub(crate) state: Arc<State>,
}

/// A rule, as the state has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// When it was first there.
    #[serde(serialize_with = "time")]
    pub added: Ticks,
    /// Why it does not run, if it does not: `somebody`, or `failures`.
    pub disabled_by: Option<String>,
    /// Lasting failures in a row.
    pub failures: u32,
    /// The reason of the last one.
    pub error: Option<String>,
    /// The last run of its schedule that is in the account.
    #[serde(serialize_with = "maybe_time")]
    pub covered: Option<Ticks>,
    /// Alerts that it has raised.
    pub alerts: u64,
    /// What its last look took, in milliseconds, without the reading of the input.
    pub last_took_ms: Option<u64>,
}

/// Runs of a rule that were looked at together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunRow {
    /// Its number.
    pub number: i64,
    /// The rule's id.
    pub rule: String,
    /// The first run of the schedule.
    #[serde(serialize_with = "time")]
    pub first: Ticks,
    /// The last one.
    #[serde(serialize_with = "time")]
    pub last: Ticks,
    /// When they were looked at.
    #[serde(serialize_with = "time")]
    pub started: Ticks,
    /// When that was done.
    #[serde(serialize_with = "time")]
    pub ended: Ticks,
    /// `done`; `late`, if what they saw came after their time, or nobody was there at their time; `nothing`, if
    /// there was nothing new to see; `failed`.
    pub status: String,
    /// Alerts raised.
    pub alerts: u32,
    /// Alerts set aside by exceptions.
    pub suppressed: u32,
    /// What the rule took by itself, in milliseconds.
    pub took_ms: u64,
    /// Why it failed.
    pub error: Option<String>,
}

/// An alert, as the state has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AlertRow {
    /// Its number, in the order in which alerts were raised.
    pub number: i64,
    /// Its id.
    pub id: String,
    /// The rule's id.
    pub rule: String,
    /// Its title.
    pub title: String,
    /// How bad it is.
    pub severity: String,
    /// When it happened.
    #[serde(serialize_with = "maybe_time")]
    pub time: Option<Ticks>,
    /// When it was raised.
    #[serde(serialize_with = "time")]
    pub raised: Ticks,
    /// The exception that sets it aside.
    pub suppressed_by: Option<String>,
    /// The incident that it is of.
    pub incident: Option<i64>,
    /// All of it, as `quarry hunt --format json` has it.
    pub alert: serde_json::Value,
}

/// Which alerts are wanted; the newest first.
#[derive(Clone, Debug, Default)]
pub struct AlertsWanted {
    /// Of this rule.
    pub rule: Option<String>,
    /// As bad as this.
    pub severity: Option<String>,
    /// Of this incident.
    pub incident: Option<i64>,
    /// Raised at this time or later.
    pub since: Option<Ticks>,
    /// Raised before the alert of this number.
    pub before: Option<i64>,
    /// With those that exceptions set aside.
    pub with_suppressed: bool,
    /// At most so many.
    pub most: u32,
}

/// What a look came to for a rule.
#[derive(Clone, Debug)]
pub(crate) struct RunEntry<'a> {
    pub(crate) rule: &'a str,
    pub(crate) first: Ticks,
    pub(crate) last: Ticks,
    pub(crate) started: Ticks,
    pub(crate) ended: Ticks,
    pub(crate) status: &'a str,
    pub(crate) alerts: u32,
    pub(crate) suppressed: u32,
    pub(crate) took_ms: u64,
    pub(crate) error: Option<&'a str>,
}

/// What a turn has to know of a rule.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RuleState {
    pub(crate) is_disabled: bool,
    pub(crate) covered: Option<Ticks>,
}

impl<'a> RunEntry<'a> {
    /// Makes the entry of runs that had nothing to see.
    pub(crate) const fn of_nothing(
        rule: &'a str,
        (first, last): (Ticks, Ticks),
        now: Ticks,
    ) -> Self {
        Self {
            rule,
            first,
            last,
            started: now,
            ended: now,
            status: "nothing",
            alerts: 0,
            suppressed: 0,
            took_ms: 0,
            error: None,
        }
    }
}

impl Book {
    /// Opens what a state has.
    pub const fn new(state: Arc<State>) -> Self {
        Self { state }
    }

    /// Takes note of the rules that there are. Those that are there for the first time, or again, have to look at
    /// what there is: returns their ids.
    ///
    /// - `runs`: which runs of a rule see anything of that.
    pub(crate) fn register(
        &self,
        rules: &Rules,
        runs: impl Fn(&Ready) -> Intervals,
        now: Ticks,
    ) -> Result<Vec<String>, StateError> {
        // One change: a process that ends in between must not leave a rule that is known and has not looked.
        self.state.write(|change| {
            let known = versions(change)?;
            change.execute("UPDATE rule SET is_there = 0", [])?;
            let mut added = Vec::new();
            for rule in &rules.ready {
                let of_rule = &rule.packaged.rule;
                let known = known.get(rule.id());
                let is_changed = known.is_some_and(|known| known.version != of_rule.version);
                // Another version of a rule that failed may do better.
                let keep = "INSERT INTO rule (id, name, version, added, is_there)
                    VALUES (:id, :name, :version, :now, 1)
                    ON CONFLICT DO UPDATE SET name = :name, version = :version, is_there = 1,
                        disabled_by = iif(:changed AND disabled_by = 'failures', NULL, disabled_by),
                        failures = iif(:changed, 0, failures)";
                change.execute(
                    keep,
                    named_params! {
                        ":id": rule.id(),
                        ":name": of_rule.name,
                        ":version": of_rule.version,
                        ":now": now,
                        ":changed": is_changed,
                    },
                )?;
                if known.is_none_or(|known| !known.is_there) {
                    write_runs(change, rule.id(), Some(&runs(rule)))?;
                    added.push(rule.id().to_owned());
                }
            }
            Ok(added)
        })
    }

    /// Returns the rules that there are and were, by name.
    ///
    /// # Errors
    ///
    /// Those of the state.
    pub fn rules(&self) -> Result<Vec<RuleRow>, StateError> {
        let wanted = "SELECT id, name, version, added, disabled_by, failures, error, covered,
                (SELECT count(*) FROM alert WHERE rule = rule.id AND suppressed_by IS NULL),
                (SELECT took_ms FROM run WHERE rule = rule.id AND status IN ('done', 'late') ORDER BY number DESC LIMIT 1)
            FROM rule ORDER BY name, id";
        self.state.read(|connection| {
            let mut rows = connection.prepare(wanted)?;
            let rows = rows.query_map([], |row| {
                Ok(RuleRow {
                    id: row.get(0)?,
                    name: row.get(1)?,
                    version: row.get(2)?,
                    added: row.get(3)?,
                    disabled_by: row.get(4)?,
                    failures: row.get(5)?,
                    error: row.get(6)?,
                    covered: row.get(7)?,
                    alerts: row.get(8)?,
                    last_took_ms: row.get(9)?,
                })
            })?;
            rows.collect()
        })
    }

    /// Returns what a turn has to know of rules, by their ids.
    pub(crate) fn rule_states(&self) -> Result<BTreeMap<String, RuleState>, StateError> {
        self.state.read(|connection| {
            let select = "SELECT id, disabled_by IS NOT NULL, covered FROM rule";
            let mut rows = connection.prepare_cached(select)?;
            let rows = rows.query_map([], |row| {
                Ok((row.get(0)?, RuleState { is_disabled: row.get(1)?, covered: row.get(2)? }))
            })?;
            rows.collect()
        })
    }

    /// Has a rule run no more, or again. Returns whether there is such a rule.
    ///
    /// # Errors
    ///
    /// Those of the state.
    pub fn set_disabled(&self, rule: &str, is_disabled: bool) -> Result<bool, StateError> {
        let by = is_disabled.then_some("somebody");
        self.state.write(|change| {
            let set = "UPDATE rule SET disabled_by = ?2, failures = 0 WHERE id = ?1";
            Ok(change.execute(set, params![rule, by])? > 0)
        })
    }

    /// Returns runs, the newest first.
    ///
    /// # Errors
    ///
    /// Those of the state.
    pub fn runs(
        &self,
        rule: Option<&str>,
        before: Option<i64>,
        most: u32,
    ) -> Result<Vec<RunRow>, StateError> {
        let wanted = "SELECT number, rule, first, last, started, ended, status, alerts, suppressed, took_ms, error
            FROM run WHERE (?1 IS NULL OR rule = ?1) AND (?2 IS NULL OR number < ?2)
            ORDER BY number DESC LIMIT ?3";
        self.state.read(|connection| {
            let mut rows = connection.prepare(wanted)?;
            let rows = rows.query_map(params![rule, before, most], |row| {
                Ok(RunRow {
                    number: row.get(0)?,
                    rule: row.get(1)?,
                    first: row.get(2)?,
                    last: row.get(3)?,
                    started: row.get(4)?,
                    ended: row.get(5)?,
                    status: row.get(6)?,
                    alerts: row.get(7)?,
                    suppressed: row.get(8)?,
                    took_ms: row.get(9)?,
                    error: row.get(10)?,
                })
            })?;
            rows.collect()
        })
    }

    /// Returns alerts, the newest first.
    ///
    /// # Errors
    ///
    /// Those of the state.
    pub fn alerts(&self, wanted: &AlertsWanted) -> Result<Vec<AlertRow>, StateError> {
        let AlertsWanted { rule, severity, incident, since, before, with_suppressed, most } =
            wanted;
        let select = "SELECT number, id, rule, title, severity, time, raised, suppressed_by, incident, body
            FROM alert WHERE (?1 IS NULL OR rule = ?1) AND (?2 IS NULL OR severity = ?2 COLLATE NOCASE)
                AND (?3 IS NULL OR incident = ?3) AND (?4 IS NULL OR raised >= ?4)
                AND (?5 IS NULL OR number < ?5) AND (?6 OR suppressed_by IS NULL)
            ORDER BY number DESC LIMIT ?7";
        self.state.read(|connection| {
            let mut rows = connection.prepare(select)?;
            let wanted = params![rule, severity, incident, since, before, with_suppressed, most];
            let rows = rows.query_map(wanted, alert_row)?;
            rows.collect()
        })
    }

    /// Returns what people took incidents for that they have classified, by their numbers.
    pub(crate) fn classifications(&self) -> Result<BTreeMap<i64, String>, StateError> {
        let select = "SELECT number, classification FROM incident WHERE classification <> ''";
        self.state.read(|connection| {
            let mut rows = connection.prepare(select)?;
            let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        })
    }

    /// Returns when the newest alert happened that is not set aside.
    pub(crate) fn newest_alert(&self) -> Result<Option<Ticks>, StateError> {
        let select = "SELECT max(time) FROM alert WHERE suppressed_by IS NULL";
        self.state.read(|connection| connection.query_row(select, [], |row| row.get(0)))
    }

    /// Returns the alert of an id.
    ///
    /// # Errors
    ///
    /// Those of the state.
    pub fn alert(&self, id: &str) -> Result<Option<AlertRow>, StateError> {
        let select =
            "SELECT number, id, rule, title, severity, time, raised, suppressed_by, incident, body
            FROM alert WHERE id = ?1";
        self.state.read(|connection| connection.query_row(select, [id], alert_row).optional())
    }
}

/// What is known of a rule before it is looked for.
struct KnownRule {
    version: String,
    is_there: bool,
}

fn versions(change: &Transaction<'_>) -> Result<BTreeMap<String, KnownRule>> {
    let mut rows = change.prepare("SELECT id, version, is_there FROM rule")?;
    let rows = rows.query_map([], |row| {
        Ok((row.get(0)?, KnownRule { version: row.get(1)?, is_there: row.get(2)? }))
    })?;
    rows.collect()
}

fn alert_row(row: &Row<'_>) -> Result<AlertRow> {
    let body: String = row.get(9)?;
    let unreadable = |error: serde_json::Error| {
        state::sqlite::Error::FromSqlConversionFailure(
            9,
            state::sqlite::types::Type::Text,
            error.into(),
        )
    };
    Ok(AlertRow {
        number: row.get(0)?,
        id: row.get(1)?,
        rule: row.get(2)?,
        title: row.get(3)?,
        severity: row.get(4)?,
        time: row.get(5)?,
        raised: row.get(6)?,
        suppressed_by: row.get(7)?,
        incident: row.get(8)?,
        alert: serde_json::from_str(&body).map_err(unreadable)?,
    })
}

/// Writes what a look came to for a rule. What was not looked at before and is up to the last run, has been now.
pub(crate) fn write_run(change: &Transaction<'_>, entry: &RunEntry<'_>) -> Result<()> {
    let RunEntry { rule, last, status, .. } = *entry;
    let (covered, newest): (Option<Ticks>, Option<(i64, String, Ticks)>) = (
        change.query_row("SELECT covered FROM rule WHERE id = ?1", [rule], |row| row.get(0))?,
        change
            .query_row(
                "SELECT number, status, last FROM run WHERE rule = ?1 ORDER BY number DESC LIMIT 1",
                [rule],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()?,
    );
    if status != "failed" && covered.is_none_or(|covered| covered < last) {
        change.execute("UPDATE rule SET covered = ?2 WHERE id = ?1", params![rule, last])?;
    }
    // Runs without anything to see follow each other for days: they are one row.
    if let Some((number, of_newest, _)) = newest
        && status == "nothing"
        && of_newest == "nothing"
    {
        let more = "UPDATE run SET last = ?2, ended = ?3 WHERE number = ?1";
        change.execute(more, params![number, last, entry.ended])?;
        return Ok(());
    }
    let add = "INSERT INTO run (rule, first, last, started, ended, status, alerts, suppressed, took_ms, error)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    change.execute(
        add,
        params![
            rule,
            entry.first,
            last,
            entry.started,
            entry.ended,
            status,
            entry.alerts,
            entry.suppressed,
            entry.took_ms,
            entry.error,
        ],
    )?;
    Ok(())
}

/// Writes a time as clients read it.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
pub(crate) fn time<S: Serializer>(ticks: &Ticks, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&datetime::format_json(*ticks))
}

/// Writes a time that may not be there.
#[expect(clippy::ref_option, reason = "serde passes fields by reference")]
pub(crate) fn maybe_time<S: Serializer>(
    ticks: &Option<Ticks>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match ticks {
        Some(ticks) => time(ticks, serializer),
        None => serializer.serialize_none(),
    }
}
