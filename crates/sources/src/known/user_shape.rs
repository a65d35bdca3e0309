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

/// A shape of JSON records that are events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserShape {
    /// What every record has.
    pub(crate) requires: Vec<Place>,
    pub(crate) time: Vec<Place>,
    pub(crate) data: Option<Place>,
    /// By column of `WindowsEvent`.
    pub(crate) header: BTreeMap<String, Vec<Place>>,
}

/// The keys that lead to a value.
pub(crate) type Place = Vec<String>;

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
pub(crate) const COLUMNS: [(&str, &str, Option<&str>); 15] = [
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
    use super::*;

    #[test]
    fn what_is_wrong_is_named() {
        const SHAPE: &str = r#"
            requires = ["evt.id"]
            time = "ts"
            data = "evt.fields"
            [header]
            EventID = "evt.id"
            Channel = "evt.log"
        "#;
        let error = |text: &str| UserShape::parse(text).unwrap_err().to_string();
        assert!(error("requires = 1\ntime = 't'").starts_with("`requires`: expected a list"));
        assert!(error(&SHAPE.replace("Channel", "Kanal")).starts_with("unknown column `Kanal`"));
        assert!(error(&SHAPE.replace("data =", "date =")).starts_with("unknown key `date`"));
        assert!(error(&SHAPE.replace("EventID =", "Task =")).contains("header.EventID"));
        assert!(error("x").contains("TOML"));
    }
}
