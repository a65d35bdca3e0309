//! Shapes of JSON that users describe, in a small TOML file each.
//!
//! ```toml
//! requires = ["evt.id", "evt.log"]     # what every record of the shape has
//! time = "evt.created"
//! data = "evt.fields"                  # the object with the event's data
//!
//! [header]                             # columns of WindowsEvent, and where they are
//! Provider = "evt.source"
//! EventID = "evt.id"
//! Channel = "evt.log"
//! Computer = "host.name"
//! EventRecordId = "evt.record"
//! ```
//!
//! Steps of a path are separated by points; a list instead of a path names several places, of which
//! the first that has a value counts. Without `data`, whatever else stands at the top level is data.

use std::collections::BTreeMap;

use thiserror::Error;
use toml::{Table, Value};

use crate::{
    json::probe::Probe,
    shapes::epoch_seconds,
    tree::{
        draft::{Draft, text_of},
        event::{TreeEvent, time},
        names::keywords_of,
    },
};

/// A shape of JSON records that are events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserShape {
    requires: Vec<Place>,
    time: Vec<Place>,
    data: Option<Place>,
    /// By column of `WindowsEvent`.
    header: BTreeMap<String, Vec<Place>>,
}

/// The keys that lead to a value.
type Place = Vec<String>;

/// Why a shape file could not be read.
#[derive(Debug, Error)]
pub enum ShapeError {
    /// It is no TOML.
    #[error(transparent)]
    Toml(#[from] toml::de::Error),
    /// A key is missing, or what it has is of the wrong kind.
    #[error("`{key}`: expected {expected}")]
    Expected {
        /// The key.
        key: String,
        /// What should have been there.
        expected: &'static str,
    },
    /// A key is none that a shape has.
    #[error("unknown key `{key}`; a shape has `requires`, `time`, `data` and `[header]`")]
    UnknownKey {
        /// The key.
        key: String,
    },
    /// A column is none of an event's header.
    #[error("unknown column `{column}`; an event's header has {}", names())]
    UnknownColumn {
        /// The column.
        column: String,
    },
}

/// Columns of an event's header, and where its XML has them: the element, and the attribute if it
/// is one.
const COLUMNS: [(&str, &str, Option<&str>); 15] = [
    ("Provider", "Provider", Some("Name")),
    ("ProviderGuid", "Provider", Some("Guid")),
    ("EventID", "EventID", None),
    ("Version", "Version", None),
    ("EventLevel", "Level", None),
    ("Task", "Task", None),
    ("Opcode", "Opcode", None),
    ("Keywords", "Keywords", None),
    ("EventRecordId", "EventRecordID", None),
    ("Correlation", "Correlation", Some("ActivityID")),
    ("SystemProcessId", "Execution", Some("ProcessID")),
    ("SystemThreadId", "Execution", Some("ThreadID")),
    ("Channel", "Channel", None),
    ("Computer", "Computer", None),
    ("SystemUserId", "Security", Some("UserID")),
];

fn names() -> String {
    COLUMNS.map(|(name, ..)| format!("`{name}`")).join(", ")
}

impl UserShape {
    /// Reads a shape from the text of its file.
    ///
    /// # Errors
    ///
    /// What is wrong with the file first.
    pub fn parse(text: &str) -> Result<Self, ShapeError> {
        let file: Table = text.parse()?;
        let known = ["requires", "time", "data", "header"];
        if let Some(key) = file.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(ShapeError::UnknownKey { key: key.clone() });
        }
        let expected = |key: &str, expected| ShapeError::Expected { key: key.to_owned(), expected };
        let required = file.get("requires").and_then(places);
        let requires = required.ok_or_else(|| expected("requires", "a list of paths"))?;
        let time = file.get("time").and_then(places).ok_or_else(|| expected("time", "a path"))?;
        let data = match file.get("data") {
            None => None,
            Some(data) => Some(path(data).ok_or_else(|| expected("data", "a path"))?),
        };
        let header = file.get("header").and_then(Value::as_table);
        let mut shape = Self { requires, time, data, header: BTreeMap::new() };
        for (column, value) in
            header.ok_or_else(|| expected("header", "columns and their paths"))?
        {
            if !COLUMNS.iter().any(|(name, ..)| name == column) {
                return Err(ShapeError::UnknownColumn { column: column.clone() });
            }
            let places = places(value).ok_or_else(|| expected(column, "a path"))?;
            shape.header.insert(column.clone(), places);
        }
        if !shape.header.contains_key("EventID") {
            return Err(expected("header.EventID", "a path"));
        }
        Ok(shape)
    }

    /// Tells whether the shape says where the provider is.
    pub(crate) fn has_provider(&self) -> bool {
        self.header.contains_key("Provider")
    }

    /// Tells whether a record is of the shape.
    pub(crate) fn is_of(&self, record: Probe<'_>) -> bool {
        !self.requires.is_empty() && self.requires.iter().all(|place| get(record, place).is_some())
    }

    /// Reads a record; `None` if it is not of the shape.
    pub(crate) fn read(&self, record: Probe<'_>) -> Option<TreeEvent> {
        if !self.is_of(record) {
            return None;
        }
        let text = |places: &[Place]| {
            places
                .iter()
                .find_map(|place| text_of(get(record, place)?))
                .filter(|text| !text.is_empty())
        };
        let mut draft = Draft::default();
        draft.set_time(text(&self.time), |text| time(text).or_else(|| epoch_seconds(text)));
        for (column, element, attribute) in COLUMNS {
            let Some(value) = self.header.get(column).and_then(|places| text(places)) else {
                continue;
            };
            let bits = (column == "Keywords").then(|| keywords_of(&value)).flatten();
            let value = bits.map_or(value, str::to_owned);
            match attribute {
                Some(attribute) => draft.attribute(element, attribute, Some(value)),
                None => draft.element(element, Some(value)),
            }
        }
        if let Some(place) = &self.data {
            let value = get(record, place).filter(|value| !matches!(*value, "null" | "\"\""));
            match (value.and_then(Probe::new), value) {
                (Some(data), _) => {
                    data.members().for_each(|(name, value)| draft.json(&name, value));
                }
                (None, Some(other)) => draft.set_strange_data(other),
                (None, None) => {}
            }
        } else {
            let places = self.header.values().flatten().chain(&self.time);
            let header: Vec<&str> =
                places.filter_map(|place| place.first().map(String::as_str)).collect();
            let fields = record.members().filter(|(name, _)| !header.contains(&&**name));
            fields.for_each(|(name, value)| draft.json(&name, value));
        }
        Some(draft.finish())
    }
}

fn get<'r>(record: Probe<'r>, place: &[String]) -> Option<&'r str> {
    let steps: Vec<&str> = place.iter().map(String::as_str).collect();
    // A key may itself have points, as flattened exports write them.
    record.get(&steps).or_else(|| record.get(&[&steps.join(".")]))
}

fn path(value: &Value) -> Option<Place> {
    let text = value.as_str().filter(|text| !text.is_empty())?;
    Some(text.split('.').map(str::to_owned).collect())
}

fn places(value: &Value) -> Option<Vec<Place>> {
    match value.as_array() {
        Some(list) => list.iter().map(path).collect(),
        None => Some(vec![path(value)?]),
    }
}

#[cfg(test)]
mod tests {
    use evtx_arrow::{DataValue, Event, SystemField, SystemValue};

    use super::*;

    const SHAPE: &str = r#"
        requires = ["evt.id"]
        time = ["evt.created", "ts"]
        data = "evt.fields"
        [header]
        EventID = "evt.id"
        Channel = "evt.log"
        Keywords = "evt.outcome"
        Computer = ["host.name", "host"]
    "#;

    #[test]
    fn records_are_read_as_the_file_says() {
        let shape = UserShape::parse(SHAPE).unwrap();
        let text = r#"{"ts":1600800811,"host":"h","evt":{"id":5140,"log":"Security","outcome":"Audit Failure","fields":{"A":1}}}"#;
        let event = shape.read(Probe::new(text).unwrap()).unwrap();
        let header = |field| match event.system(field) {
            Some(SystemValue::Text(text)) => text.into_owned(),
            other => format!("{other:?}"),
        };
        assert_eq!(header(SystemField::EventID), "5140");
        assert_eq!(header(SystemField::Computer), "h");
        assert_eq!(header(SystemField::Keywords), "0x8010000000000000");
        assert_eq!(header(SystemField::TimeGenerated), "Some(Number(637363976110000000))");
        assert_eq!(event.data(&[]), Some(DataValue::Json(r#"{"A":"1"}"#.into())));
        assert!(shape.read(Probe::new(r#"{"evt":{}}"#).unwrap()).is_none());
    }

    #[test]
    fn without_a_place_for_data_they_are_what_is_left() {
        let shape =
            UserShape::parse("requires = ['id']\ntime = 't'\n[header]\nEventID = 'id'").unwrap();
        let event =
            shape.read(Probe::new(r#"{"id":1,"t":"2020-01-01","x.y":"z"}"#).unwrap()).unwrap();
        assert_eq!(event.data(&[]), Some(DataValue::Json(r#"{"x.y":"z"}"#.into())));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = |text: &str| UserShape::parse(text).unwrap_err().to_string();
        assert!(error("requires = 1\ntime = 't'").starts_with("`requires`: expected a list"));
        assert!(error(&SHAPE.replace("Channel", "Kanal")).starts_with("unknown column `Kanal`"));
        assert!(error(&SHAPE.replace("data =", "date =")).starts_with("unknown key `date`"));
        assert!(error(&SHAPE.replace("EventID =", "Task =")).contains("header.EventID"));
        assert!(error("x").contains("TOML"));
    }
}
