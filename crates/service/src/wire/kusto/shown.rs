//! What commands show: which one shows what, as the rows of a `datatable`.

mod schema;
mod service;

use std::{fmt::Write, sync::Arc};

use kql_types::{
    KqlType::{self, Bool, Datetime, Dynamic, Guid, Long, String as Text},
    schema::TableSchema,
};

use crate::query_error::QueryError;

/// What a command is answered from.
#[derive(Debug)]
pub(crate) struct Catalog<'a> {
    /// The one database.
    pub(crate) database: &'a str,
    /// The version of Quarry.
    pub(crate) version: &'a str,
    /// The tables, by name.
    pub(crate) tables: Vec<Arc<TableSchema>>,
}

/// The rows of a command.
pub(super) struct Shown {
    columns: Vec<(&'static str, KqlType)>,
    /// Values as the literals of KQL.
    rows: Vec<Vec<String>>,
}

const FUNCTIONS: &[(&str, KqlType)] =
    &[("Name", Text), ("Parameters", Text), ("Body", Text), ("Folder", Text), ("DocString", Text)];
const VIEWS: &[(&str, KqlType)] = &[
    ("Name", Text),
    ("SourceTable", Text),
    ("Query", Text),
    ("MaterializedTo", Datetime),
    ("LastRun", Datetime),
    ("LastRunResult", Text),
    ("IsHealthy", Bool),
    ("IsEnabled", Bool),
    ("Folder", Text),
    ("DocString", Text),
    ("AutoUpdateSchema", Bool),
    ("EffectiveDateTime", Datetime),
    ("Lookback", KqlType::Timespan),
    ("LookbackColumn", Text),
];
const EXTERNAL: &[(&str, KqlType)] = &[
    ("TableName", Text),
    ("TableType", Text),
    ("Folder", Text),
    ("DocString", Text),
    ("Properties", Text),
    ("ConnectionStrings", Dynamic),
    ("Partitions", Dynamic),
    ("PathFormat", Text),
];
const GROUPS: &[(&str, KqlType)] = &[("Name", Text), ("Entities", Text)];
const SNAPSHOTS: &[(&str, KqlType)] = &[
    ("DatabaseName", Text),
    ("Name", Text),
    ("SnapshotTime", Datetime),
    ("ModelName", Text),
    ("ModelId", Guid),
    ("NodesCount", Long),
    ("EdgesCount", Long),
];

/// Returns what a command shows.
///
/// # Errors
///
/// If nobody knows what it shows.
pub(super) fn shown(words: &[String], catalog: &Catalog<'_>) -> Result<Shown, QueryError> {
    let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let is_json = lower.ends_with(&["as", "json"]);
    let none = |columns: &'static [(&'static str, KqlType)]| Shown {
        columns: columns.to_vec(),
        rows: Vec::new(),
    };
    Ok(match lower.as_slice() {
        ["show", "version"] => service::version(catalog),
        ["show", "databases"] | ["show", "cluster", "databases", ..] => service::databases(catalog),
        ["show", "databases" | "database", .., "entities"]
        | ["show", "databases" | "database", "entities", ..] => schema::entities(catalog),
        ["show", "database", "identity", ..] | ["show", "database", _, "identity"] => {
            service::identity(catalog)
        }
        ["show", "databases" | "database", .., "schema", "as", "json"] => {
            schema::schema_as_json(catalog)
        }
        ["show", "databases" | "database", .., "schema"] => schema::schema(catalog),
        // Their sizes and extents are other columns.
        ["show", "tables", names @ ..] if !names.contains(&"details") => {
            let names = words.get(2..).unwrap_or_default();
            schema::tables(names, catalog)
        }
        ["show", "table", _, "cslschema"] | ["show", "table", _, "schema", ..] => {
            schema::table(words.get(2).map_or("", String::as_str), is_json, catalog)?
        }
        ["show", "functions" | "function", ..] => none(FUNCTIONS),
        ["show", "materialized-views" | "materialized-view", ..] => none(VIEWS),
        ["show", "external", ..] => none(EXTERNAL),
        ["show", "entity_groups" | "entity_group", ..] => none(GROUPS),
        ["show", "graph_snapshots" | "graph_models", ..] => none(SNAPSHOTS),
        _ => {
            let text = words.join(" ");
            let known = "`.show version`, `databases`, `tables`, `table NAME cslschema`, \
                         `database schema`, `database schema as json`, `databases entities`";
            return Err(QueryError::Request(format!("`.{text}` shows nothing; known are {known}")));
        }
    })
}

impl Shown {
    /// Returns the query whose rows they are.
    ///
    /// - `behind`: what is piped over them.
    pub(super) fn datatable(&self, behind: &str) -> String {
        let columns: Vec<String> =
            self.columns.iter().map(|(name, ty)| format!("{name}:{}", ty.name())).collect();
        let mut query = format!("datatable({})[", columns.join(","));
        for row in &self.rows {
            // Writing to a string cannot fail.
            let _infallible = write!(query, "\n{},", row.join(","));
        }
        query.push_str("\n]\n");
        query.push_str(behind);
        query
    }
}
