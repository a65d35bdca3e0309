//! What the logs hold at all: hosts, their logs and the kinds of events in them. Why a signal is missing
//! follows from that.

use std::collections::{BTreeMap, BTreeSet};

use engine::{EngineError, Run};
use kql_types::{KqlType, Ticks, Value};

use crate::log_name;

use super::{
    binding::short,
    event::{EventName, column_of},
    plan::Plan,
};

/// A query that counts what is in the logs.
#[derive(Debug)]
pub(super) struct Count {
    kind: CountKind,
    query: String,
}

#[derive(Clone, Debug)]
enum CountKind {
    /// Records by host, log and event id.
    Events,
    /// Rows of a table of Defender by host.
    Table(String),
    /// Records of an event, by host, in which a field holds something.
    Filled { event: String, field: String },
}

impl Count {
    pub(super) fn query(&self) -> &str {
        &self.query
    }

    pub(super) fn name(&self) -> String {
        match &self.kind {
            CountKind::Events => "events".to_owned(),
            CountKind::Table(table) => table.clone(),
            CountKind::Filled { event, field } => format!("{event} {field}"),
        }
    }
}

/// Returns the queries that count what a plan's signals rest on.
pub(super) fn counts(plan: &Plan) -> Vec<Count> {
    let by_host =
        "Records = count(), First = min(TimeGenerated), Last = max(TimeGenerated) by Host";
    let mut counts = vec![
        Count {
            kind: CountKind::Events,
            query: format!(
                "WindowsEvent\n| where Channel !~ \"Security\"\n| summarize {by_host} = Computer, Log = Channel, Id = EventID"
            ),
        },
        Count {
            kind: CountKind::Events,
            query: format!(
                "SecurityEvent\n| summarize {by_host} = Computer, Log = \"Security\", Id = EventID"
            ),
        },
    ];
    for source in &plan.events {
        let Ok(event) = EventName::parse(&source.event) else { continue };
        let (table, host) = match &event {
            EventName::Defender { table } => {
                counts.push(Count {
                    kind: CountKind::Table((*table).to_owned()),
                    query: format!("{table}\n| summarize {by_host} = DeviceName"),
                });
                ((*table).to_owned(), "DeviceName")
            }
            EventName::Windows { log: "Security", id, .. } => {
                (format!("SecurityEvent\n| where EventID == {id}"), "Computer")
            }
            EventName::Windows { provider, id, .. } => (
                format!("WindowsEvent\n| where Provider == \"{provider}\" and EventID == {id}"),
                "Computer",
            ),
        };
        for field in source.fields.keys() {
            let Ok(column) = column_of(&event, field) else { continue };
            counts.push(Count {
                kind: CountKind::Filled { event: source.event.clone(), field: field.clone() },
                query: format!(
                    "{table}\n| where isnotempty(tostring({column}))\n| summarize {by_host} = {host}"
                ),
            });
        }
    }
    counts
}

/// How many records, from when to when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Extent {
    records: i64,
    first: Ticks,
    last: Ticks,
}

impl Extent {
    fn and(self, other: Self) -> Self {
        Self {
            records: self.records.saturating_add(other.records),
            first: self.first.min(other.first),
            last: self.last.max(other.last),
        }
    }
}

/// What the logs hold.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    /// By host, log and event id.
    events: BTreeMap<(String, String, i64), Extent>,
    /// By host and table, rows made of Windows events among them.
    rows: BTreeMap<(String, String), Extent>,
    /// By host, event and field.
    filled: BTreeMap<(String, String, String), i64>,
    /// The tables that exports of Defender hold.
    exported: BTreeSet<String>,
}

/// Why an event that shows a signal was not found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// Nothing in the input was recorded by the host.
    NoHost,
    /// The host's log, or the table, is not in the input.
    NoLog {
        /// The log or table.
        log: String,
    },
    /// The log is there, but does not reach the time.
    OutOfSpan {
        /// The log or table.
        log: String,
        /// Its first and last record.
        span: (Ticks, Ticks),
    },
    /// The log is there, but none of its records is of the event.
    NotRecorded,
    /// The event was recorded, but a field that it is told by is always empty.
    FieldEmpty {
        /// The field.
        field: String,
        /// How many records there are.
        records: i64,
    },
    /// The event was recorded, and no record fits.
    NoneFits {
        /// How many records there are.
        records: i64,
    },
}

/// What would record it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remedy {
    /// The audit policy, the Sysmon setting, the product or the log.
    pub enable: String,
    /// A command that does it, if there is one.
    pub command: Option<String>,
}

impl Inventory {
    /// Reads the rows of [`counts`], the first of which is the run's query `first`.
    pub(super) fn read(run: &Run<'_>, first: usize, counts: &[Count]) -> Result<Self, EngineError> {
        let mut inventory = Self::default();
        for member in &run.balance().members {
            inventory.exported.extend(member.tables.iter().cloned());
        }
        for (query, count) in (first..).zip(counts) {
            for rows in run.rows(query)? {
                let columns = rows.columns().to_vec();
                for batch in rows {
                    let batch = batch?;
                    for row in 0..batch.num_rows() {
                        let value = |name: &str| {
                            let at = columns.iter().position(|column| column.name == name)?;
                            let ty = columns.get(at).map_or(KqlType::String, |column| column.ty);
                            Some(engine::value(batch.columns().get(at)?, ty, row))
                        };
                        inventory.add(&count.kind, &value);
                    }
                }
            }
        }
        Ok(inventory)
    }

    fn add(&mut self, kind: &CountKind, value: &impl Fn(&str) -> Option<Value>) {
        let text = |name: &str| value(name).map(|value| value.to_text()).unwrap_or_default();
        let number = |name: &str| text(name).parse::<i64>().ok();
        let time = |name: &str| match value(name) {
            Some(Value::Datetime(time)) => time,
            _ => None,
        };
        let host = short(&text("Host"));
        let (Some(records), Some(first), Some(last)) =
            (number("Records"), time("First"), time("Last"))
        else {
            return;
        };
        let extent = Extent { records, first, last };
        let join = |known: Extent| known.and(extent);
        match kind {
            CountKind::Events => {
                let log = log_name::of_channel(&text("Log")).to_owned();
                let key = (host, log, number("Id").unwrap_or(-1));
                self.events.entry(key).and_modify(|known| *known = join(*known)).or_insert(extent);
            }
            CountKind::Table(table) => {
                let key = (host, table.clone());
                self.rows.entry(key).and_modify(|known| *known = join(*known)).or_insert(extent);
            }
            CountKind::Filled { event, field } => {
                let known = self.filled.entry((host, event.clone(), field.clone())).or_default();
                *known = known.saturating_add(records);
            }
        }
    }

    /// Tells whether the input has this kind of telemetry at all: Windows events, or Defender's export.
    pub(super) fn has_kind_of(&self, event: &EventName<'_>) -> bool {
        match event {
            EventName::Windows { .. } => !self.events.is_empty(),
            EventName::Defender { .. } => {
                self.exported.iter().any(|table| table.starts_with("Device"))
            }
        }
    }

    /// Says why nothing was found of an event of the hosts that are meant: one, or all that may be it.
    ///
    /// `fields` are those that the event is told by, `window` is when it had to happen.
    pub(super) fn why_missing(
        &self,
        event: &str,
        name: &EventName<'_>,
        is_host: impl Fn(&str) -> bool,
        fields: &BTreeSet<&str>,
        window: Option<(Ticks, Ticks)>,
    ) -> Missing {
        let is_known = self.events.keys().any(|(other, ..)| is_host(other))
            || self.rows.keys().any(|(other, _)| is_host(other));
        if !is_known {
            return Missing::NoHost;
        }
        let (log, of_log, of_event) = match name {
            EventName::Windows { log, id, .. } => {
                let of_log = self.events.iter().filter(|((h, l, _), _)| is_host(h) && l == log);
                let of_event = of_log.clone().filter(|((.., other), _)| *other == i64::from(*id));
                ((*log).to_owned(), sum(of_log), sum(of_event))
            }
            EventName::Defender { table } => {
                let of_table = self.rows.iter().filter(|((h, t), _)| is_host(h) && t == table);
                let rows = if self.exported.contains(*table) { sum(of_table) } else { None };
                (format!("table {table}"), rows, rows)
            }
        };
        let Some(of_log) = of_log else { return Missing::NoLog { log } };
        if let Some((from, to)) = window
            && (of_log.last < from || of_log.first > to)
        {
            return Missing::OutOfSpan { log, span: (of_log.first, of_log.last) };
        }
        let Some(of_event) = of_event else { return Missing::NotRecorded };
        let filled = |field: &str| {
            let of_field =
                self.filled.iter().filter(|((h, e, f), _)| is_host(h) && e == event && f == field);
            of_field.map(|(_, records)| records).sum::<i64>()
        };
        match fields.iter().find(|field| filled(field) == 0) {
            Some(field) => {
                Missing::FieldEmpty { field: (*field).to_owned(), records: of_event.records }
            }
            None => Missing::NoneFits { records: of_event.records },
        }
    }
}

fn sum<'a, K: 'a>(extents: impl Iterator<Item = (K, &'a Extent)>) -> Option<Extent> {
    extents.map(|(_, extent)| *extent).reduce(Extent::and)
}
