//! What has to go somewhere: kept until it has, tried again when it fails, and told apart by an identity under
//! which whoever takes it can take it once.

use std::sync::Arc;

use kql_types::{Ticks, timespan};
use serde::Serialize;
use state::{
    State, StateError,
    sqlite::{Result, Transaction, params},
};

use crate::{
    book::{Book, time},
    delivery::{Delivery, LAKE},
    sink::Sink,
};

/// Deliveries that are read at a time.
const BATCH: u32 = 100;

const SECOND: Ticks = timespan::DAY / 86_400;

/// The longest that is waited before something is tried again.
const LONGEST_WAIT: Ticks = 600 * SECOND;

/// How long what has been delivered is remembered.
const REMEMBERED: Ticks = 7 * timespan::DAY;

/// Rows on their way into the lake, an object a line.
#[derive(Debug, Default)]
pub(crate) struct ToLake {
    pub(crate) alerts: String,
    pub(crate) incidents: String,
    pub(crate) health: String,
}

impl ToLake {
    /// Has them delivered, if there are any.
    pub(crate) fn write(&self, change: &Transaction<'_>, now: Ticks) -> Result<()> {
        let tables = sentinel::table::OWN.into_iter();
        let rows = tables.zip([&self.alerts, &self.incidents, &self.health]);
        let rows: Vec<(&str, &String)> = rows.filter(|(_, rows)| !rows.is_empty()).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let body = serde_json::to_string(&rows)
            .map_err(|error| state::sqlite::Error::ToSqlConversionFailure(error.into()))?;
        let next = "SELECT coalesce(max(number), 0) + 1 FROM delivery";
        let number: i64 = change.query_row(next, [], |row| row.get(0))?;
        // The time tells it from what had the number in a state that is gone.
        deliver(change, LAKE, &format!("watch/{now}-{number}"), &body, now)
    }
}

/// Has something delivered, once for each identity.
pub(crate) fn deliver(
    change: &Transaction<'_>,
    sink: &str,
    identity: &str,
    body: &str,
    now: Ticks,
) -> Result<()> {
    let add =
        "INSERT INTO delivery (sink, identity, body, created, next_try) VALUES (?1, ?2, ?3, ?4, ?4)
        ON CONFLICT DO NOTHING";
    change.execute(add, params![sink, identity, body, now])?;
    Ok(())
}

/// Delivers what there is.
#[derive(Debug)]
pub struct Outbox {
    state: Arc<State>,
    sinks: Vec<Box<dyn Sink>>,
}

impl Outbox {
    /// Makes what delivers to some sinks, whose names differ.
    pub fn new(state: Arc<State>, sinks: Vec<Box<dyn Sink>>) -> Self {
        Self { state, sinks }
    }

    /// Returns the names of the sinks that take alerts.
    pub fn takers_of_alerts(&self) -> Vec<String> {
        let names = self.sinks.iter().map(|sink| sink.name().to_owned());
        names.filter(|name| name != LAKE).collect()
    }

    /// Delivers what is due, and returns how much went. What fails is tried again later.
    ///
    /// # Errors
    ///
    /// Those of the state.
    pub fn deliver(&self, now: Ticks) -> Result<usize, StateError> {
        let mut gone = 0_usize;
        for sink in &self.sinks {
            for delivery in self.due(sink.name(), now)? {
                match sink.deliver(&delivery) {
                    Ok(()) => {
                        gone = gone.saturating_add(1);
                        self.state.write(|change| {
                            let set = "UPDATE delivery SET delivered = ?2, error = NULL, body = '' WHERE number = ?1";
                            change.execute(set, params![delivery.number, now])
                        })?;
                    }
                    Err(error) => {
                        tracing::warn!(sink = sink.name(), identity = delivery.identity, %error, "a delivery failed");
                        self.put_off(&delivery, &error.to_string(), now)?;
                        // What comes after it would fail as well, and has its turn later.
                        break;
                    }
                }
            }
        }
        Ok(gone)
    }

    fn due(&self, sink: &str, now: Ticks) -> Result<Vec<Delivery>, StateError> {
        let select = "SELECT number, sink, identity, body, created, tries, next_try, error, delivered
            FROM delivery WHERE delivered IS NULL AND sink = ?1 AND next_try <= ?2 ORDER BY number LIMIT ?3";
        self.state.read(|connection| {
            let mut rows = connection.prepare_cached(select)?;
            let rows = rows.query_map(params![sink, now, BATCH], |row| {
                Ok(Delivery {
                    number: row.get(0)?,
                    sink: row.get(1)?,
                    identity: row.get(2)?,
                    body: row.get(3)?,
                    created: row.get(4)?,
                    tries: row.get(5)?,
                    next_try: row.get(6)?,
                    error: row.get(7)?,
                    delivered: row.get(8)?,
                })
            })?;
            rows.collect()
        })
    }

    /// Has a delivery, and those of its sink that would be tried before it is, tried later.
    fn put_off(&self, delivery: &Delivery, error: &str, now: Ticks) -> Result<(), StateError> {
        let doubled = SECOND.checked_shl(delivery.tries.min(20)).unwrap_or(LONGEST_WAIT);
        let next = now.saturating_add(doubled.min(LONGEST_WAIT));
        self.state.write(|change| {
            let set = "UPDATE delivery SET tries = tries + 1, error = ?2, next_try = ?3 WHERE number = ?1";
            change.execute(set, params![delivery.number, error, next])?;
            let others = "UPDATE delivery SET next_try = max(next_try, ?2) WHERE sink = ?1 AND delivered IS NULL";
            change.execute(others, params![delivery.sink, next])?;
            Ok(())
        })
    }

    /// Forgets what was delivered long ago.
    ///
    /// # Errors
    ///
    /// Those of the state.
    pub fn forget(&self, now: Ticks) -> Result<(), StateError> {
        self.state.write(|change| {
            let old = now.saturating_sub(REMEMBERED);
            change.execute("DELETE FROM delivery WHERE delivered < ?1", [old])
        })?;
        Ok(())
    }
}

/// What waits for a sink.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WaitingRow {
    /// The sink's name.
    pub sink: String,
    /// How many deliveries.
    pub count: u64,
    /// Since when the one that has waited longest does.
    #[serde(serialize_with = "time")]
    pub since: Ticks,
    /// Why one of them was not taken.
    pub error: Option<String>,
}

impl Book {
    /// Returns what waits to be delivered, by sink; nothing of those for which nothing does.
    ///
    /// # Errors
    ///
    /// Those of the state.
    pub fn waiting(&self) -> Result<Vec<WaitingRow>, StateError> {
        let select = "SELECT sink, count(*), min(created), max(error) FROM delivery
            WHERE delivered IS NULL GROUP BY sink ORDER BY sink";
        self.state.read(|connection| {
            let mut rows = connection.prepare_cached(select)?;
            let rows = rows.query_map([], |row| {
                Ok(WaitingRow {
                    sink: row.get(0)?,
                    count: row.get(1)?,
                    since: row.get(2)?,
                    error: row.get(3)?,
                })
            })?;
            rows.collect()
        })
    }
}
