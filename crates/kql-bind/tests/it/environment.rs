//! Small catalogues, written as text.

use kql_types::schema::ColumnSchema;
pub(crate) use measure::Environment;

/// Adds to a catalogue.
pub(crate) trait Build: Sized {
    /// Adds a table, `("T", "a: long, b: string")`.
    fn with_table(self, name: &str, columns: &str) -> Self;

    /// Adds a saved function.
    fn with_function(self, name: &str, text: &str) -> Self;

    /// Adds a view to a table.
    fn with_view(self, table: &str, name: &str, text: &str) -> Self;
}

impl Build for Environment {
    fn with_table(mut self, name: &str, columns: &str) -> Self {
        let columns = columns.split(',').map(|column| {
            let (name, ty) = column.trim().split_once(": ").unwrap();
            ColumnSchema { name: name.to_owned(), ty: ty.parse().unwrap() }
        });
        self.add_columns(name, columns.collect());
        self
    }

    fn with_function(mut self, name: &str, text: &str) -> Self {
        self.add_function(name, text);
        self
    }

    fn with_view(mut self, table: &str, name: &str, text: &str) -> Self {
        self.add_view(table, name, text);
        self
    }
}
