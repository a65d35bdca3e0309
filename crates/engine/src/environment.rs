//! The tables and functions that queries may name.

use std::{collections::BTreeMap, sync::Arc};

use kql_bind::{Catalog, TableDefinition, catalog::ViewText};
use kql_types::schema::TableSchema;

/// Tables with their views, and saved functions, by name.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    tables: BTreeMap<Arc<str>, TableDefinition>,
    functions: BTreeMap<Arc<str>, Arc<str>>,
}

impl Environment {
    /// Returns an environment without tables.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Returns the built-in tables of Defender, Sentinel or both; with both, also the saved functions
    /// over them.
    pub fn builtin(environment: tables::Environment) -> Self {
        let mut this = Self::empty();
        for table in tables::catalog(environment) {
            this.add(table);
        }
        if environment == tables::Environment::Both {
            for function in tables::functions() {
                this.add_function(function.name, function.text);
            }
        }
        this
    }

    /// Adds a table, in place of one of the same name.
    pub fn add(&mut self, table: tables::TableDefinition) {
        let name: Arc<str> = table.schema.name.as_str().into();
        let views = table
            .views
            .into_iter()
            .map(|view| ViewText {
                name: format!("{name}/{view}", view = view.name).into(),
                text: view.text.into(),
            })
            .collect();
        let schema = Arc::new(table.schema);
        self.tables.insert(name, TableDefinition { schema, views });
    }

    /// Adds a saved function, `(parameters) { body }`, in place of one of the same name.
    pub fn add_function(&mut self, name: &str, text: &str) {
        self.functions.insert(name.into(), text.into());
    }

    /// Returns the same tables without their views: enough to check a query, not to run it.
    #[must_use]
    pub fn without_views(mut self) -> Self {
        for table in self.tables.values_mut() {
            table.views.clear();
        }
        self
    }

    /// Returns the columns of every table, by name.
    pub fn schemas(&self) -> impl Iterator<Item = &Arc<TableSchema>> {
        self.tables.values().map(|table| &table.schema)
    }

    /// Returns the views of a table: name and text.
    pub fn views(&self, table: &str) -> &[ViewText] {
        self.tables.get(table).map_or(&[], |table| &table.views)
    }
}

impl Catalog for Environment {
    fn table(&self, name: &str) -> Option<TableDefinition> {
        self.tables.get(name).cloned()
    }

    fn table_names(&self) -> Vec<Arc<str>> {
        self.tables.keys().cloned().collect()
    }

    fn function(&self, name: &str) -> Option<Arc<str>> {
        self.functions.get(name).cloned()
    }
}
