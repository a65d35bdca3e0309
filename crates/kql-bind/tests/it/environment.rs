//! Catalogs for tests: the environments that the real queries were bound against, and small ones.

use std::{collections::HashMap, sync::Arc};

use kql_bind::{Catalog, TableDefinition, ViewText};
use kql_types::schema::{ColumnSchema, TableSchema};
use serde_json::Value as Json;

/// Tables and functions, kept in memory.
#[derive(Clone, Default)]
pub(crate) struct Environment {
    tables: HashMap<String, TableDefinition>,
    functions: HashMap<String, Arc<str>>,
}

/// What `FileProfile` adds to a row, in Defender.
const FILE_PROFILE: &str = "(source: (*), hash: string = 'SHA1', most: long = 1000) {
    source
    | extend __key = 0
    | lookup (datatable (__key: long, SHA1: string, SHA256: string, MD5: string, FileSize: long,
        GlobalPrevalence: long, GlobalFirstSeen: datetime, GlobalLastSeen: datetime,
        Signer: string, Issuer: string, SignerHash: string, IsCertificateValid: bool,
        IsRootSignerMicrosoft: bool, SignatureState: string, IsExecutable: bool,
        ThreatName: string, Publisher: string, SoftwareName: string,
        ProfileAvailability: string) []) on __key
    | project-away __key
}";

/// What `_GetWatchlist` yields, in Sentinel.
const WATCHLIST: &str = "(name: string) {
    datatable (_DTItemId: string, LastUpdatedTimeUTC: datetime, SearchKey: string,
        WatchlistItem: dynamic) []
}";

impl Environment {
    /// Returns the environment of that name in the reference material, or both in one.
    pub(crate) fn reference(name: &str) -> Self {
        let all: Json =
            serde_json::from_str(&testkit::shared_text("kql/environments.json")).unwrap();
        let names: &[&str] = if name == "both" { &["m365", "sentinel"] } else { &[name] };
        let mut environment = Self::default();
        for name in names {
            for (table, columns) in all[name]["tables"].as_object().unwrap() {
                let columns: Vec<(&str, &str)> = columns
                    .as_object()
                    .unwrap()
                    .iter()
                    .map(|(column, ty)| (column.as_str(), ty.as_str().unwrap()))
                    .collect();
                environment.add_columns(table, &columns);
            }
        }
        environment
            .with_function("FileProfile", FILE_PROFILE)
            .with_function("_GetWatchlist", WATCHLIST)
    }

    /// Adds a table, `("T", "a: long, b: string")`.
    pub(crate) fn with_table(mut self, name: &str, columns: &str) -> Self {
        let columns: Vec<(&str, &str)> =
            columns.split(',').map(|it| it.trim().split_once(": ").unwrap()).collect();
        self.add_columns(name, &columns);
        self
    }

    /// Adds a saved function.
    pub(crate) fn with_function(mut self, name: &str, text: &str) -> Self {
        self.functions.insert(name.to_owned(), text.into());
        self
    }

    /// Adds a view to a table.
    pub(crate) fn with_view(mut self, table: &str, name: &str, text: &str) -> Self {
        let view = ViewText { name: name.into(), text: text.into() };
        self.tables.get_mut(table).unwrap().views.push(view);
        self
    }

    /// Adds columns to a table that may be there; of a column that is, the first type holds.
    fn add_columns(&mut self, name: &str, columns: &[(&str, &str)]) {
        let known = self.tables.get(name).map(|it| it.schema.columns.clone()).unwrap_or_default();
        let mut all = known;
        for (column, ty) in columns {
            if !all.iter().any(|it| it.name == *column) {
                all.push(ColumnSchema { name: (*column).to_owned(), ty: ty.parse().unwrap() });
            }
        }
        let schema = Arc::new(TableSchema { name: name.to_owned(), columns: all });
        self.tables.insert(name.to_owned(), TableDefinition { schema, views: Vec::new() });
    }
}

impl Catalog for Environment {
    fn table(&self, name: &str) -> Option<TableDefinition> {
        self.tables.get(name).cloned()
    }

    fn table_names(&self) -> Vec<Arc<str>> {
        let mut names: Vec<Arc<str>> = self.tables.keys().map(|it| it.as_str().into()).collect();
        names.sort();
        names
    }

    fn function(&self, name: &str) -> Option<Arc<str>> {
        self.functions.get(name).cloned()
    }
}
