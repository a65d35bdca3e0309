//! The tables that the real queries were bound against, as a catalogue.

use std::{collections::HashMap, sync::Arc};

use kql_bind::{Catalog, TableDefinition, ViewText};
use kql_types::schema::{ColumnSchema, TableSchema};
use serde_json::{Map, Value as Json};

use crate::reference::{ReferenceError, text};

/// Tables and saved functions, kept in memory.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    tables: HashMap<String, TableDefinition>,
    functions: HashMap<String, Arc<str>>,
}

/// Where the tables are.
const FILE: &str = "kql/environments.json";

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
    /// Returns the environment of that name, `m365` or `sentinel`, or `both` in one.
    ///
    /// # Errors
    ///
    /// If the reference material cannot be read, or has no such environment.
    pub fn reference(name: &str) -> Result<Self, ReferenceError> {
        let all: Json = serde_json::from_str(&text(FILE)?).map_err(|source| {
            ReferenceError::Parse { path: FILE.into(), line: source.line(), source }
        })?;
        let names: &[&str] = if name == "both" { &["m365", "sentinel"] } else { &[name] };
        let mut environment = Self::default();
        for name in names {
            let tables = all.get(name).and_then(|it| it.get("tables")).and_then(Json::as_object);
            let tables = tables.ok_or_else(|| content(format!("no environment `{name}`")))?;
            for (table, columns) in tables {
                environment.add_columns(table, schema(table, columns)?);
            }
        }
        environment.add_function("FileProfile", FILE_PROFILE);
        environment.add_function("_GetWatchlist", WATCHLIST);
        Ok(environment)
    }

    /// Adds columns to a table that may be there; of a column that is, the first type holds.
    pub fn add_columns(&mut self, table: &str, columns: Vec<ColumnSchema>) {
        let known = self.tables.get(table).map(|it| it.schema.columns.clone());
        let mut all = known.unwrap_or_default();
        for column in columns {
            if !all.iter().any(|it| it.name == column.name) {
                all.push(column);
            }
        }
        let schema = Arc::new(TableSchema { name: table.to_owned(), columns: all });
        self.tables.insert(table.to_owned(), TableDefinition { schema, views: Vec::new() });
    }

    /// Adds a saved function, `(parameters) { body }`.
    pub fn add_function(&mut self, name: &str, text: &str) {
        self.functions.insert(name.to_owned(), text.into());
    }

    /// Adds a view to a table that is there.
    pub fn add_view(&mut self, table: &str, name: &str, text: &str) {
        if let Some(table) = self.tables.get_mut(table) {
            table.views.push(ViewText::new(name, text));
        }
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

    fn ingestion_time(&self) -> &[&str] {
        &["TimeGenerated", "Timestamp"]
    }
}

/// Reads a table's columns, `{name: type}`.
fn schema(table: &str, columns: &Json) -> Result<Vec<ColumnSchema>, ReferenceError> {
    let wrong = || content(format!("table `{table}`: expected an object of columns and types"));
    let columns: &Map<String, Json> = columns.as_object().ok_or_else(wrong)?;
    columns
        .iter()
        .map(|(name, ty)| {
            let ty = ty.as_str().and_then(|ty| ty.parse().ok()).ok_or_else(wrong)?;
            Ok(ColumnSchema { name: name.clone(), ty })
        })
        .collect()
}

fn content(what: String) -> ReferenceError {
    ReferenceError::Content { path: FILE.into(), what }
}
