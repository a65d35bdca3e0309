//! The tables and functions that Quarry knows by itself, as a catalogue for editors.

use std::{collections::BTreeMap, sync::Arc};

use kql_bind::{Catalog, TableDefinition};
use kql_types::schema::TableSchema;
use tables::Environment;

/// What `_GetWatchlist` gives when no watchlist is at hand: the columns that every watchlist has.
const WATCHLIST: &str = "(alias: string) {
    datatable (_DTItemId: string, LastUpdatedTimeUTC: datetime, SearchKey: string, WatchlistItem: dynamic) []
}";

/// Every documented table and saved function of an environment, and those that were added.
///
/// Has columns and no views: enough to write a query, not to run one.
#[derive(Clone, Debug)]
pub struct StandardTables {
    environment: Environment,
    tables: BTreeMap<String, Arc<TableSchema>>,
    functions: BTreeMap<String, Arc<str>>,
}

impl StandardTables {
    /// Makes the catalogue of an environment.
    pub fn new(environment: Environment) -> Self {
        let schemas = tables::catalog(environment).into_iter().map(|table| table.schema);
        let tables = schemas.map(|it| (it.name.clone(), Arc::new(it))).collect();
        let functions = tables::functions().iter().map(|it| (it.name.to_owned(), it.text.into()));
        let mut this = Self { environment, tables, functions: functions.collect() };
        this.add_function("_GetWatchlist", WATCHLIST);
        this
    }

    /// Adds a table, in place of one of the same name.
    pub fn add_table(&mut self, schema: TableSchema) {
        self.tables.insert(schema.name.clone(), Arc::new(schema));
    }

    /// Adds a saved function, `(parameters) { body }`, in place of one of the same name.
    pub fn add_function(&mut self, name: &str, text: &str) {
        self.functions.insert(name.to_owned(), text.into());
    }
}

impl Catalog for StandardTables {
    fn table(&self, name: &str) -> Option<TableDefinition> {
        let documented = || tables::documented(self.environment, name).map(Arc::new);
        let schema = self.tables.get(name).cloned().or_else(documented)?;
        Some(TableDefinition { schema, views: Vec::new() })
    }

    fn table_names(&self) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> =
            self.tables.keys().map(|name| name.as_str().into()).collect();
        names.extend(tables::documented_names(self.environment).map(Arc::from));
        names.sort_unstable();
        names.dedup();
        names
    }

    fn renamed_table(&self, name: &str) -> Vec<&'static str> {
        tables::renamed_table(name).collect()
    }

    fn renamed_column(&self, name: &str) -> Vec<&'static str> {
        tables::renamed_column(name).collect()
    }

    fn function_names(&self) -> Vec<Arc<str>> {
        self.functions.keys().map(|name| name.as_str().into()).collect()
    }

    fn function(&self, name: &str) -> Option<Arc<str>> {
        self.functions.get(name).cloned()
    }

    fn ingestion_time(&self) -> &[&str] {
        &["TimeGenerated", "Timestamp"]
    }
}
