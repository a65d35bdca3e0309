//! The records that alerts cite, read once more with all their fields.
//!
//! A hunt decodes of a record only what the rules ask for. Whoever is to believe an alert wants to
//! see the rest of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    path::Path,
};

use engine::{Balance, Clock, Engine, EngineError, Environment, Input, NoProgress, Run};
use kql_types::{Value, dynamic, schema::ColumnSchema};

use crate::{alert::Evidence, evidence::evidence};

/// A cited record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CitedRecord {
    /// Where it stands.
    pub place: Evidence,
    /// The table that it is a row of.
    pub table: String,
    /// The columns that hold something, as a JSON object in the order of the table.
    pub json: String,
}

/// The table of events from Windows.
const EVENTS: &str = "WindowsEvent";
/// With more ids than this, testing for them costs more than it saves.
const MAX_IDS: usize = 5_000;

/// Reads the cited records of the files that hold any, in order of place; `balance` is that of the
/// hunt. What has changed or gone since is not among them.
///
/// # Errors
///
/// If the engine fails.
pub fn cited_records<'a>(
    engine: &Engine,
    environment: &Environment,
    balance: &Balance,
    cited: impl IntoIterator<Item = &'a Evidence>,
) -> Result<Vec<CitedRecord>, EngineError> {
    let wanted: BTreeMap<Key<'_>, &Evidence> =
        cited.into_iter().map(|record| (key(record), record)).collect();
    let files: BTreeSet<&str> = wanted.keys().map(|(file, ..)| *file).collect();
    // What came through a pipe is gone.
    let files: Vec<&str> = files.into_iter().filter(|file| *file != "-").collect();
    let inputs: Vec<Input> = files.iter().map(|file| Input::File(file.into())).collect();
    let queries: Vec<(String, String)> = tables(balance, &files)
        .into_iter()
        .map(|table| {
            let text = query(&table, wanted.values().copied());
            (table, text)
        })
        .collect();
    let mut compiled = Vec::new();
    let mut names = Vec::new();
    for (table, text) in &queries {
        // A table that the environment lacks has no rows in the hunt either.
        if let Ok(query) = engine::compile(text, environment, true) {
            compiled.push(query);
            names.push(table);
        }
    }
    let run = engine.run(&compiled, &inputs, Clock::NewestEvent(0), &NoProgress)?;
    let mut found: BTreeMap<Key<'_>, CitedRecord> = BTreeMap::new();
    for (query, table) in names.into_iter().enumerate() {
        collect(&run, query, table, &wanted, &mut found)?;
    }
    Ok(found.into_values().collect())
}

/// File, member and index of a record.
type Key<'a> = (&'a str, Option<&'a str>, u64);

fn key(record: &Evidence) -> Key<'_> {
    (&record.file, record.member.as_deref(), record.line)
}

/// Returns the raw tables that the files hold.
fn tables(balance: &Balance, files: &[&str]) -> BTreeSet<String> {
    let of_file = |file: &Path| files.iter().any(|wanted| Path::new(wanted) == file);
    let members = balance.members.iter().filter(|member| of_file(&member.file));
    members.flat_map(|member| member.tables.iter().cloned()).collect()
}

/// Returns the query for all columns of the records: events are asked for by their ids, which
/// readers test before they decode anything.
fn query<'a>(table: &str, cited: impl Iterator<Item = &'a Evidence> + Clone) -> String {
    let mut text = table.to_owned();
    if table != EVENTS {
        return text;
    }
    let events: BTreeSet<i32> = cited.clone().filter_map(|record| record.event_id).collect();
    let records: BTreeSet<i64> = cited.clone().filter_map(|record| record.record_id).collect();
    let list = |numbers: Vec<String>| numbers.join(", ");
    let ids = list(events.iter().map(ToString::to_string).collect());
    let _infallible = write!(text, "\n| where EventID in ({ids})");
    let all_have_one =
        cited.filter(|record| record.event_id.is_some()).all(|record| record.record_id.is_some());
    if all_have_one && !records.is_empty() && records.len() <= MAX_IDS {
        let ids = list(records.iter().map(|id| format!("\"{id}\"")).collect());
        let _infallible = write!(text, "\n| where tostring(EventRecordId) in ({ids})");
    }
    text
}

fn collect<'a>(
    run: &Run<'_>,
    query: usize,
    table: &str,
    wanted: &BTreeMap<Key<'a>, &'a Evidence>,
    found: &mut BTreeMap<Key<'a>, CitedRecord>,
) -> Result<(), EngineError> {
    for rows in run.rows(query)? {
        let columns = rows.columns().to_vec();
        for batch in rows {
            let batch = batch?;
            let records = batch.columns().last().map(|last| engine::records(last));
            for (row, records) in records.unwrap_or_default().iter().enumerate() {
                // A row of a view rests on a record too, but the record's own table says more.
                let places = evidence(records, run.balance());
                let [place] = places.as_slice() else { continue };
                let Some(place) = wanted.get(&key(place)).copied() else { continue };
                let values = columns.iter().zip(batch.columns());
                let values =
                    values.map(|(column, array)| (column, engine::value(array, column.ty, row)));
                let json = object(table, values);
                let record = CitedRecord { place: place.clone(), table: table.to_owned(), json };
                found.entry(key(place)).or_insert(record);
            }
        }
    }
    Ok(())
}

/// Columns by which readers know a row of events; they stand there even if they hold nothing.
const HEADER: [&str; 6] =
    ["TimeGenerated", "Provider", "Channel", "EventID", "Computer", "EventData"];

/// Writes a row as exports do, so that it can be read again.
fn object<'a>(table: &str, values: impl Iterator<Item = (&'a ColumnSchema, Value)>) -> String {
    let mut json = String::from("{");
    for (column, value) in values {
        let is_header = table == EVENTS && HEADER.contains(&column.name.as_str());
        let is_empty = value.to_text().is_empty();
        if column.name == "Type" || is_empty && !is_header {
            continue;
        }
        dynamic::quote(&column.name, &mut json);
        json.push(':');
        if is_empty && column.name == "EventData" {
            json.push_str("{}");
        } else {
            dynamic::encode(&value, &mut json);
        }
        json.push(',');
    }
    json.push_str("\"Type\":");
    dynamic::quote(table, &mut json);
    json.push('}');
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(event_id: Option<i32>, record_id: Option<i64>) -> Evidence {
        Evidence {
            file: "a".to_owned(),
            member: None,
            line: 1,
            record_id,
            event_id,
            channel: None,
            host: None,
        }
    }

    #[test]
    fn events_are_asked_for_by_their_ids() {
        let cited = [record(Some(5145), Some(7)), record(Some(4624), Some(8))];
        assert_eq!(
            query(EVENTS, cited.iter()),
            "WindowsEvent\n| where EventID in (4624, 5145)\n\
             | where tostring(EventRecordId) in (\"7\", \"8\")"
        );
        let without = [record(Some(1), None)];
        assert_eq!(query(EVENTS, without.iter()), "WindowsEvent\n| where EventID in (1)");
        assert_eq!(query("DeviceInfo", without.iter()), "DeviceInfo");
    }
}
