//! Rows that a run of a rule found.

use kql_types::{Ticks, Value};

/// A row of a run's result.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What tells it from other rows; the same finding has the same id in every run.
    pub id: [u8; 16],
    /// Its `TimeGenerated`, if it has one.
    pub time: Option<Ticks>,
    /// The values of the result's columns, in order.
    pub values: Vec<Value>,
}

/// The rows of a run's result, oldest first.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    columns: &'a [String],
    rows: &'a [&'a Row],
}

impl<'a> Rows<'a> {
    /// Puts rows and the names of their columns together.
    pub const fn new(columns: &'a [String], rows: &'a [&'a Row]) -> Self {
        Self { columns, rows }
    }

    /// Returns how many rows there are.
    pub const fn len(self) -> usize {
        self.rows.len()
    }

    /// Tells whether there is no row.
    pub const fn is_empty(self) -> bool {
        self.rows.is_empty()
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = &'a Row> {
        self.rows.iter().copied()
    }

    /// Returns the names of the columns.
    pub(crate) const fn columns(self) -> &'a [String] {
        self.columns
    }

    /// Returns some of the rows, by their places.
    pub(crate) fn some(self, places: &[usize]) -> Vec<&'a Row> {
        places.iter().filter_map(|place| self.rows.get(*place).copied()).collect()
    }

    /// Returns a row by itself.
    pub(crate) fn only(self, at: usize) -> Self {
        let rows = at.checked_add(1).and_then(|end| self.rows.get(at..end)).unwrap_or_default();
        Self { rows, ..self }
    }

    /// Yields the values of a column in all rows, as text; nothing for those that are missing.
    pub(crate) fn texts(self, column: &str) -> impl Iterator<Item = String> + use<'a> {
        let place = self.columns.iter().position(|name| name == column);
        let value = move |row: &&'a Row| place.and_then(|place| row.values.get(place));
        self.rows.iter().filter_map(value).map(Value::to_text).filter(|text| !text.is_empty())
    }

    /// Yields the values of a column in all rows, as text, each once.
    pub(crate) fn distinct_texts(self, column: &str) -> impl Iterator<Item = String> + use<'a> {
        let mut seen = std::collections::BTreeSet::new();
        self.texts(column).filter(move |text| seen.insert(text.clone()))
    }

    /// Returns the first row as JSON, by its columns.
    pub(crate) fn first_as_json(self) -> serde_json::Map<String, serde_json::Value> {
        let values = self.rows.first().map(|row| &*row.values).unwrap_or_default();
        let cells = self.columns.iter().zip(values);
        cells.map(|(name, value)| (name.clone(), value.to_text().into())).collect()
    }
}
