//! What commands show of tables and their columns.

use std::sync::Arc;

use kql_types::{
    KqlType::{self, Bool, Dynamic, String as Text},
    schema::TableSchema,
};
use serde_json::{Map, Value, json};

use super::{Catalog, Shown};
use crate::{
    query_error::QueryError,
    wire::{kusto::literal::text, types::system_type},
};

const SCHEMA: &[(&str, KqlType)] = &[
    ("DatabaseName", Text),
    ("TableName", Text),
    ("ColumnName", Text),
    ("ColumnType", Text),
    ("IsDefaultTable", Bool),
    ("IsDefaultColumn", Bool),
    ("PrettyName", Text),
    ("Version", Text),
    ("Folder", Text),
    ("DocString", Text),
];
const ENTITIES: &[(&str, KqlType)] = &[
    ("DatabaseName", Text),
    ("EntityType", Text),
    ("EntityName", Text),
    ("DocString", Text),
    ("Folder", Text),
    ("CslInputSchema", Text),
    ("Content", Text),
    ("CslOutputSchema", Text),
    ("Properties", Dynamic),
];
const TABLES: &[(&str, KqlType)] =
    &[("TableName", Text), ("DatabaseName", Text), ("Folder", Text), ("DocString", Text)];
const ONE_SCHEMA: &[(&str, KqlType)] = &[
    ("TableName", Text),
    ("Schema", Text),
    ("DatabaseName", Text),
    ("Folder", Text),
    ("DocString", Text),
];

pub(super) fn entities(catalog: &Catalog<'_>) -> Shown {
    let row = |table: &Arc<TableSchema>| {
        vec![
            text(catalog.database),
            text("Table"),
            text(&table.name),
            text(""),
            text(""),
            text(""),
            text(""),
            text(&csl_schema(table)),
            "dynamic(null)".to_owned(),
        ]
    };
    Shown { columns: ENTITIES.to_vec(), rows: catalog.tables.iter().map(row).collect() }
}

pub(super) fn schema(catalog: &Catalog<'_>) -> Shown {
    let no = || "false".to_owned();
    let row = |table: &str, column: &str, ty: &str| {
        let version = text(if table.is_empty() { "v1.0" } else { "" });
        let pretty = text(if table.is_empty() { catalog.database } else { "" });
        vec![
            text(catalog.database),
            text(table),
            text(column),
            text(ty),
            no(),
            no(),
            pretty,
            version,
            text(""),
            text(""),
        ]
    };
    let mut rows = vec![row("", "", "")];
    for table in &catalog.tables {
        rows.push(row(&table.name, "", ""));
        rows.extend(
            table
                .columns
                .iter()
                .map(|column| row(&table.name, &column.name, &system_type(column.ty))),
        );
    }
    Shown { columns: SCHEMA.to_vec(), rows }
}

pub(super) fn schema_as_json(catalog: &Catalog<'_>) -> Shown {
    let mut tables = Map::new();
    for table in &catalog.tables {
        tables.insert(table.name.clone(), table_json(table));
    }
    let name = catalog.database;
    let database = json!({
        "Name": name,
        "Tables": tables,
        "ExternalTables": {},
        "MaterializedViews": {},
        "EntityGroups": {},
        "Functions": {},
        "PrettyName": name,
        "MajorVersion": 1,
        "MinorVersion": 0,
    });
    let schema = json!({ "Databases": { name: database } });
    Shown { columns: vec![("DatabaseSchema", Text)], rows: vec![vec![text(&schema.to_string())]] }
}

fn table_json(table: &TableSchema) -> Value {
    let columns = table.columns.iter().map(|column| {
        json!({
            "Name": column.name,
            "Type": system_type(column.ty),
            "CslType": column.ty.name(),
        })
    });
    json!({
        "Name": table.name,
        "DefaultColumn": null,
        "OrderedColumns": columns.collect::<Vec<Value>>(),
    })
}

/// - `names`: of which tables, if not of all.
pub(super) fn tables(names: &[String], catalog: &Catalog<'_>) -> Shown {
    let row = |table: &Arc<TableSchema>| {
        vec![text(&table.name), text(catalog.database), text(""), text("")]
    };
    let shown = catalog.tables.iter().filter(|it| names.is_empty() || names.contains(&it.name));
    Shown { columns: TABLES.to_vec(), rows: shown.map(row).collect() }
}

pub(super) fn table(name: &str, is_json: bool, catalog: &Catalog<'_>) -> Result<Shown, QueryError> {
    let found = catalog.tables.iter().find(|table| table.name == name);
    let table = found.ok_or_else(|| QueryError::Request(format!("there is no table `{name}`")))?;
    let schema = if is_json { table_json(table).to_string() } else { csl_schema(table) };
    let row = vec![text(&table.name), text(&schema), text(catalog.database), text(""), text("")];
    Ok(Shown { columns: ONE_SCHEMA.to_vec(), rows: vec![row] })
}

/// Returns a table's columns in the form `Name:type,Name:type`.
fn csl_schema(table: &TableSchema) -> String {
    let columns = table.columns.iter();
    let columns = columns.map(|column| format!("{}:{}", column.name, column.ty.name()));
    columns.collect::<Vec<_>>().join(",")
}
