//! Tables by what exports show of them: their names and their columns.

use std::collections::HashMap;

use kql_types::{KqlType, schema::TableSchema};

use super::ExportedTable;

/// Tables, and where each name stands among them.
#[derive(Debug)]
pub(super) struct Index {
    /// The first of a name counts.
    tables: Vec<ExportedTable>,
    by_name: HashMap<String, usize>,
    /// By name of a column.
    by_column: HashMap<String, Having>,
}

/// The tables that have a column of one name.
#[derive(Debug, Default)]
struct Having {
    tables: Vec<usize>,
    is_datetime: bool,
}

impl Index {
    pub(super) fn new(tables: Vec<ExportedTable>) -> Self {
        let mut by_name = HashMap::with_capacity(tables.len());
        let mut by_column: HashMap<String, Having> = HashMap::new();
        for (place, ExportedTable { schema: table, .. }) in tables.iter().enumerate() {
            if *by_name.entry(table.name.clone()).or_insert(place) != place {
                continue;
            }
            for column in &table.columns {
                // Most names are in many tables: asking first spares a copy of each.
                if !by_column.contains_key(&column.name) {
                    by_column.insert(column.name.clone(), Having::default());
                }
                if let Some(having) = by_column.get_mut(&column.name) {
                    having.tables.push(place);
                    having.is_datetime |= column.ty == KqlType::Datetime;
                }
            }
        }
        Self { tables, by_name, by_column }
    }

    pub(super) fn tables(&self) -> impl Iterator<Item = &TableSchema> {
        self.tables.iter().map(|table| &table.schema)
    }

    /// Returns the table of that exact name.
    pub(super) fn get(&self, name: &str) -> Option<&TableSchema> {
        self.of_name(name).map(|table| &table.schema)
    }

    /// Tells whether rows of the table of that name may come without a time.
    pub(super) fn may_lack_time(&self, name: &str) -> bool {
        self.of_name(name).is_some_and(|table| table.may_lack_time)
    }

    fn of_name(&self, name: &str) -> Option<&ExportedTable> {
        self.tables.get(*self.by_name.get(name)?)
    }

    /// Yields the tables that have a column of that exact name, in order.
    pub(super) fn with_column(&self, name: &str) -> impl Iterator<Item = &TableSchema> {
        let places = self.by_column.get(name).map(|having| &*having.tables).unwrap_or_default();
        places.iter().filter_map(|place| self.tables.get(*place)).map(|table| &table.schema)
    }

    /// Tells whether a column of that exact name is one of times in any table.
    pub(super) fn is_datetime(&self, name: &str) -> bool {
        self.by_column.get(name).is_some_and(|having| having.is_datetime)
    }
}
