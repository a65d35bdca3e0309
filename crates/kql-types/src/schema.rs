//! Tables as their columns: names and types, in order.

use crate::KqlType;

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnSchema {
    /// The name, case-sensitive.
    pub name: String,
    /// The type.
    pub ty: KqlType,
}

/// A table's name and columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSchema {
    /// The name, case-sensitive.
    pub name: String,
    /// The columns, in order; names are distinct.
    pub columns: Vec<ColumnSchema>,
}

impl TableSchema {
    /// Returns the column of that exact name.
    pub fn column(&self, name: &str) -> Option<&ColumnSchema> {
        self.columns.iter().find(|column| column.name == name)
    }
}
