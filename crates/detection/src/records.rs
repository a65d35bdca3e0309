//! The records that alerts cite, read once more with all their fields.
//!
//! A hunt decodes of a record only what the rules ask for. Whoever is to believe an alert wants to
//! see the rest of it.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    fmt::Write,
};

use engine::{
    Balance, Clock, Engine, EngineError, Environment, Input, NoProgress, Reservation, Run,
};
use kql_types::{Value, dynamic, schema::ColumnSchema};

use crate::alert::{Evidence, evidence::Origins};

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

/// About what a cited record takes besides its fields.
const PLACE_BYTES: usize = 400;
/// The table of events from Windows.
const EVENTS: &str = "WindowsEvent";
/// With more ids than this, testing for them costs more than it saves.
const MAX_IDS: usize = 5_000;

/// Reads the cited records of those inputs that hold any, in order of place; `inputs` and `balance` are
/// those of the hunt. What has changed or gone since, or came through a pipe, is not among them.
///
/// # Errors
///
/// If the engine fails.
pub fn cited_records<'a>(
    engine: &Engine,
    environment: &Environment,
    inputs: &[Input],
    balance: &Balance,
    cited: impl IntoIterator<Item = &'a Evidence>,
) -> Result<Vec<CitedRecord>, EngineError> {
    let cited: Vec<&Evidence> = cited.into_iter().collect();
    let files: BTreeSet<&str> = cited.iter().map(|record| &*record.origin.file).collect();
    let tables = tables(balance, &files);
    cited_records_of(engine, environment, inputs, &tables, cited)
}

/// Reads the cited records, as [`cited_records`] does, of the raw tables that are given by name.
///
/// # Errors
///
/// If the engine fails.
pub fn cited_records_of<'a>(
    engine: &Engine,
    environment: &Environment,
    inputs: &[Input],
    tables: &BTreeSet<String>,
    cited: impl IntoIterator<Item = &'a Evidence>,
) -> Result<Vec<CitedRecord>, EngineError> {
    let wanted: BTreeMap<Key<'_>, &Evidence> =
        cited.into_iter().map(|record| (key(record), record)).collect();
    let files: BTreeSet<&str> = wanted.keys().map(|(file, ..)| *file).collect();
    let holds_any = |input: &&Input| {
        match input {
            Input::Stdin => false,
            // Its rows are of files of other names.
            Input::Kept(_) => true,
            input => files.contains(&*engine::path_text(input.path())),
        }
    };
    let inputs: Vec<Input> = inputs.iter().filter(holds_any).cloned().collect();
    let queries: Vec<(&String, String)> =
        tables.iter().map(|table| (table, query(table, wanted.values().copied()))).collect();
    let mut compiled = Vec::new();
    let mut names = Vec::new();
    for (table, text) in &queries {
        // A table that the environment lacks has no rows in the hunt either.
        if let Ok(query) = engine::compile(text, environment, true) {
            compiled.push(query);
            names.push(*table);
        }
    }
    let run = engine.run(&compiled, &inputs, Clock::NewestEvent(0), &NoProgress)?;
    let held = engine.reserve("the records that alerts cite");
    let mut found: BTreeMap<Key<'_>, CitedRecord> = BTreeMap::new();
    // A row that a view makes of an event rests on its record too, but the event says more.
    let mut in_turn: Vec<(usize, &String)> = names.into_iter().enumerate().collect();
    in_turn.sort_by_key(|(_, table)| *table != EVENTS);
    for (query, table) in in_turn {
        collect(&run, query, table, &wanted, &mut found, &held)?;
    }
    Ok(found.into_values().collect())
}

/// File, member and index of a record.
type Key<'a> = (&'a str, Option<&'a str>, u64);

fn key(record: &Evidence) -> Key<'_> {
    (&record.origin.file, record.origin.member.as_deref(), record.line)
}

/// Returns the raw tables that the files hold.
fn tables(balance: &Balance, files: &BTreeSet<&str>) -> BTreeSet<String> {
    let members = balance.members.iter();
    let members = members.filter(|member| files.contains(&*engine::path_text(&member.file)));
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
    held: &Reservation,
) -> Result<(), EngineError> {
    let mut origins = Origins::default();
    for rows in run.rows(query)? {
        let columns = rows.columns().to_vec();
        for batch in rows {
            let batch = batch?;
            let records = batch.columns().last().map(|last| engine::records(last));
            for (row, records) in records.unwrap_or_default().iter().enumerate() {
                let places = origins.evidence(records, run.balance());
                let [place] = places.as_slice() else { continue };
                let Some(place) = wanted.get(&key(place)).copied() else { continue };
                let values = columns.iter().zip(batch.columns());
                let values =
                    values.map(|(column, array)| (column, engine::value(array, column.ty, row)));
                let json = object(table, values);
                let record = CitedRecord { place: place.clone(), table: table.to_owned(), json };
                if let Entry::Vacant(entry) = found.entry(key(place)) {
                    held.grow(record.json.len().saturating_add(PLACE_BYTES))?;
                    entry.insert(record);
                }
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
    use std::sync::Arc;

    use super::*;
    use crate::alert::Origin;

    fn record(event_id: Option<i32>, record_id: Option<i64>) -> Evidence {
        Evidence {
            origin: Arc::new(Origin { file: "a".into(), member: None, channel: None, host: None }),
            line: 1,
            record_id,
            event_id,
        }
    }

    /// An object of a store.
    #[derive(Debug)]
    struct Object(&'static [u8]);

    impl sources::RemoteFile for Object {
        fn len(&self) -> u64 {
            self.0.len().try_into().unwrap()
        }

        fn read_range(&self, range: std::ops::Range<u64>) -> std::io::Result<bytes::Bytes> {
            let [start, end] = [range.start, range.end].map(|at| usize::try_from(at).unwrap());
            Ok(bytes::Bytes::from_static(&self.0[start..end]))
        }
    }

    /// Hunts the inputs with a rule for all processes, and reads again what its alerts cite.
    fn cited_in(inputs: &[Input]) -> Vec<(String, u64, String)> {
        let environment = Environment::builtin(tables::Environment::Both);
        let settings = engine::Settings {
            threads: std::num::NonZeroUsize::MIN,
            staging_bytes: 1 << 20,
            operator_bytes: 1 << 26,
            spill_folder: std::env::temp_dir(),
            carve: false,
            local_offset: None,
            passwords: engine::Passwords::default(),
            date_order: None,
        };
        let engine = Engine::new(&environment, settings).unwrap();
        let query = "DeviceProcessEvents | where FileName == 'amber.exe'";
        let query = engine::compile(query, &environment, true).unwrap();
        let run = engine.run(&[query], inputs, Clock::At(0), &NoProgress).unwrap();
        let mut cited = Vec::new();
        for batch in run.rows(0).unwrap().remove(0) {
            let batch = batch.unwrap();
            for records in engine::records(batch.columns().last().unwrap()) {
                cited.extend(Origins::default().evidence(&records, run.balance()));
            }
        }
        let found = cited_records(&engine, &environment, inputs, run.balance(), &cited).unwrap();
        found.into_iter().map(|it| (it.place.origin.file.clone(), it.place.line, it.json)).collect()
    }

    const PROCESSES: &[u8] = b"Timestamp,DeviceName,FileName,ActionType\n\
        2026-01-05T08:00:00Z,quay-1,other.exe,ProcessCreated\n\
        2026-01-05T08:00:01Z,quay-1,amber.exe,ProcessCreated\n";

    #[test]
    fn records_of_an_object_store_are_read_again() {
        let object = Arc::new(Object(PROCESSES));
        let name = "s3://bucket/DeviceProcessEvents.csv";
        let found = cited_in(&[Input::Remote(name.into(), object)]);
        let [(file, line, json)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((file.as_str(), *line), (name, 2));
        assert!(json.contains("\"DeviceName\":\"quay-1\""), "{json}");
    }

    #[cfg(unix)]
    #[test]
    fn records_of_files_whose_paths_are_no_text_are_read_again_and_kept_apart() {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt, path::Path};
        let folder = testkit::Folder::empty();
        let write = |folder_name: &[u8], csv: &[u8]| {
            let path = folder.path().join(Path::new(OsStr::from_bytes(folder_name)));
            std::fs::create_dir(&path).unwrap();
            let path = path.join("DeviceProcessEvents.csv");
            std::fs::write(&path, csv).unwrap();
            Input::File(path)
        };
        let other = String::from_utf8_lossy(PROCESSES).replace("quay-1", "quay-2");
        let inputs = [write(b"K\xFCste", PROCESSES), write(b"K\xE4ste", other.as_bytes())];
        let found = cited_in(&inputs);
        let hosts: Vec<_> = found
            .iter()
            .map(|(file, _, json)| (file.contains("\\xFC"), json.contains("quay-1")))
            .collect();
        assert_eq!(hosts, [(false, false), (true, true)], "{found:?}");
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
