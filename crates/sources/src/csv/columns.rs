//! The columns of a CSV file: their names, and how their times are read.

use std::sync::Arc;

use kql_types::datetime;
use windows_event_model::write_json_string;

use super::{
    fields::Fields,
    header::{HeaderColumn, Zone},
};
use crate::{
    dates::{
        Time, TimeForm,
        order::{Evidence, Settled},
    },
    json::probe::Probe,
    known::KnownTables,
    problem::Reason,
    request::ScanRequest,
    rows::time::{TimeNotes, unreadable},
};

/// Columns that hold the time of an event or a row, whatever else there is.
const TIMES: [&str; 3] = ["TimeGenerated", "Timestamp", "TimeCreated"];
/// Columns that an export of `EvtxECmd` has: its times are in UTC.
const EVTXECMD: [&str; 2] = ["EventRecordId", "ChunkNumber"];

/// The columns of a CSV file.
#[derive(Clone, Debug)]
pub(crate) struct Columns(Arc<Vec<Column>>);

#[derive(Clone, Debug)]
struct Column {
    name: String,
    form: TimeForm,
    /// Whether it may hold times.
    is_date: bool,
    /// Whether the header says that it does.
    is_marked: bool,
}

impl Columns {
    /// Makes the columns of a header.
    pub(crate) fn new(
        header: Vec<HeaderColumn>,
        known: &KnownTables,
        request: &ScanRequest,
    ) -> Self {
        let is_in_utc =
            EVTXECMD.iter().all(|name| header.iter().any(|column| column.name == *name));
        let settled = request.date_order.map_or(Settled::Undecided, Settled::Given);
        let column = |column: HeaderColumn| {
            let is_zoned = matches!(column.zone, Zone::Offset(_)) || is_in_utc;
            let offset = match column.zone {
                Zone::Offset(offset) => offset,
                Zone::Local | Zone::Unsaid if is_zoned => 0,
                Zone::Local | Zone::Unsaid => request.local_offset.unwrap_or(0),
            };
            Column {
                is_date: TIMES.contains(&&*column.name)
                    || column.zone != Zone::Unsaid
                    || known.is_datetime(&column.name),
                name: column.name,
                form: TimeForm {
                    settled,
                    offset,
                    is_zone_known: is_zoned || request.local_offset.is_some(),
                },
                is_marked: column.zone != Zone::Unsaid,
            }
        };
        Self(Arc::new(header.into_iter().map(column).collect()))
    }

    /// Returns the number of columns.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Yields the names, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|column| column.name.as_str())
    }

    /// Returns the name of a column.
    pub(crate) fn name(&self, place: usize) -> &str {
        self.0.get(place).map_or("", |column| &column.name)
    }

    /// Returns a row without values as a JSON object.
    pub(crate) fn json_of_names(&self) -> String {
        let mut json = String::from("{");
        for column in self.0.iter() {
            if json.len() > 1 {
                json.push(',');
            }
            write_json_string(&column.name, &mut json);
            json.push_str(":\"\"");
        }
        json.push('}');
        json
    }

    /// Yields the names of columns that stand to the left as well.
    pub(crate) fn repeated(&self) -> impl Iterator<Item = &str> {
        let is_again =
            |(place, name): &(usize, &str)| self.place(name).is_some_and(|first| first < *place);
        self.names().enumerate().filter(is_again).map(|(_, name)| name)
    }

    /// Returns the place of the column of that name.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|column| column.name == name)
    }

    /// Yields the places of the columns that may hold times.
    pub(crate) fn dates(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().filter(|(_, column)| column.is_date).map(|(place, _)| place)
    }

    /// Returns the columns with the order of day and month as their values show it.
    pub(crate) fn settled(self, evidence: &[(usize, Evidence)]) -> Self {
        let mut columns = self.0.to_vec();
        for (place, evidence) in evidence {
            if let Some(column) = columns.get_mut(*place)
                && column.form.settled == Settled::Undecided
            {
                column.form.settled = evidence.settled();
            }
        }
        Self(Arc::new(columns))
    }

    /// Reads the text of a field as a time, in UTC.
    pub(crate) fn time(&self, place: usize, text: &str, notes: &mut TimeNotes) -> Option<Time> {
        let column = self.0.get(place)?;
        let time = column.form.read(text)?;
        notes.see(&column.name, &time, text);
        Some(time)
    }

    /// Returns the row that was split as a JSON object: texts, and JSON where a field holds it.
    ///
    /// # Errors
    ///
    /// One of the columns that hold the time of an event holds none that can be read.
    pub(crate) fn json(
        &self,
        row: &str,
        fields: &Fields,
        notes: &mut TimeNotes,
    ) -> Result<String, Reason> {
        let mut json = String::with_capacity(row.len().saturating_mul(2));
        for (place, column) in self.0.iter().enumerate() {
            let text = fields.text(row, place);
            let is_time = TIMES.contains(&&*column.name);
            if text.is_empty() {
                continue;
            }
            json.push(if json.is_empty() { '{' } else { ',' });
            write_json_string(&column.name, &mut json);
            json.push(':');
            let time = if is_time || (column.is_marked && column.form.offset != 0) {
                self.time(place, &text, notes)
            } else {
                None
            };
            match time {
                Some(time) => {
                    write_json_string(&datetime::format(time.ticks).to_string(), &mut json);
                }
                None if is_time && !is_json_time(&text) => {
                    return Err(unreadable(&column.name, &text));
                }
                None => write_value(&text, &mut json),
            }
        }
        json.push_str(if json.is_empty() { "{}" } else { "}" });
        Ok(json)
    }
}

fn write_value(text: &str, json: &mut String) {
    if Probe::new(text).is_some() {
        json.push_str(text);
    } else {
        write_json_string(text, json);
    }
}

/// Tells whether a time is written as .NET writes it into JSON, which shapes read themselves.
fn is_json_time(text: &str) -> bool {
    text.starts_with("/Date(") || text.starts_with('{')
}
