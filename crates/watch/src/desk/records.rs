//! The records that an alert rests on, with all their fields, read from the lake.

use std::collections::BTreeSet;

use detection::{CitedRecord, cited_records_of};
use engine::{Engine, Input};
use kql_types::timespan;
use serde::Serialize;
use serde_json::value::RawValue;

use super::{Desk, DeskError, stored};
use crate::look::inputs_of;

/// Records that are read for one alert; a count of many rests on more.
const MOST_RECORDS: usize = 50;

/// A record that an alert rests on.
#[derive(Debug, Serialize)]
pub struct RecordRow {
    /// The file that it is from.
    pub file: String,
    /// The member, if the file is an archive.
    pub member: Option<String>,
    /// Its place there, from 1.
    pub line: u64,
    /// The event's own record id.
    pub record_id: Option<i64>,
    /// The event id.
    pub event_id: Option<i32>,
    /// The channel.
    pub channel: Option<String>,
    /// The host that logged it.
    pub host: Option<String>,
    /// The table that it is a row of; none if it is not in the lake any more.
    pub table: Option<String>,
    /// The columns that hold something, in the order of the table.
    pub fields: Option<Box<RawValue>>,
}

impl Desk {
    /// Returns the records that an alert rests on, in order, the first ones of many.
    ///
    /// # Errors
    ///
    /// If there is no such alert; those of the lake and the engine.
    pub fn records(&self, alert: &str) -> Result<Vec<RecordRow>, DeskError> {
        let row = self.book.alert(alert)?.ok_or_else(|| DeskError::NoAlert(alert.to_owned()))?;
        let mut cited = stored::evidence(&row.alert)
            .map_err(|error| DeskError::Wrong(format!("the alert's records: {error}")))?;
        cited.truncate(MOST_RECORDS);
        let rules = self.rules()?;
        let rule = rules.ready.iter().find(|ready| ready.id() == row.rule);
        // A look goes back by the rule's period, and what it finds may be as old as that.
        let period = rule.map_or(timespan::DAY, crate::rules::Ready::period).max(timespan::DAY);
        let (oldest, newest) = match row.time {
            Some(time) => (time.saturating_sub(period), time.saturating_add(period)),
            None => (i64::MIN, i64::MAX),
        };
        self.lake.update()?;
        let mut inputs = inputs_of(&self.lake, oldest, newest, None)?;
        let has_any = |input: &Input| match (input, rule) {
            (Input::Kept(kept), Some(rule)) => {
                kept.table == "WindowsEvent" || rule.reads(&kept.table)
            }
            _ => true,
        };
        inputs.retain(has_any);
        let tables: BTreeSet<String> = inputs
            .iter()
            .filter_map(|input| match input {
                Input::Kept(kept) => Some(kept.table.clone()),
                _ => None,
            })
            .collect();
        let engine = Engine::new(&rules.environment, self.settings.clone())?;
        let found = cited_records_of(&engine, &rules.environment, &inputs, &tables, &cited)?;
        Ok(cited.iter().map(|place| record_row(place, &found)).collect())
    }
}

fn record_row(place: &detection::alert::Evidence, found: &[CitedRecord]) -> RecordRow {
    let is_it = |record: &&CitedRecord| {
        record.place.line == place.line
            && record.place.origin.file == place.origin.file
            && record.place.origin.member == place.origin.member
    };
    let record = found.iter().find(is_it);
    RecordRow {
        file: place.origin.file.clone(),
        member: place.origin.member.clone(),
        line: place.line,
        record_id: place.record_id,
        event_id: place.event_id,
        channel: place.origin.channel.clone(),
        host: place.origin.host.clone(),
        table: record.map(|record| record.table.clone()),
        fields: record.and_then(|record| RawValue::from_string(record.json.clone()).ok()),
    }
}
