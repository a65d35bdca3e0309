//! Commands, which begin with a dot: what clients ask about databases, tables and the service itself.
//!
//! A command's rows become a `datatable` in front of what is piped over them, so that any query works on
//! them. Only what shows is answered; what would change anything is refused.
//!
//! Source: <https://learn.microsoft.com/kusto/management/show-databases> and the pages beside it.

use std::{fmt::Write, sync::Arc};

use kql_types::{KqlType, schema::TableSchema};
use serde_json::{Map, Value, json};

use crate::{query_error::QueryError, wire::types::system_type};

/// What a command is answered from.
#[derive(Debug)]
pub(crate) struct Catalog<'a> {
    /// The one database.
    pub(crate) database: &'a str,
    /// The version of Quarry.
    pub(crate) version: &'a str,
    /// The tables, by name.
    pub(crate) tables: Vec<&'a Arc<TableSchema>>,
}

/// A text that a client sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// A query.
    Query(String),
    /// A command, by its words in lower case, and what is piped over its rows.
    Show {
        /// The words.
        words: Vec<String>,
        /// What comes behind the first pipe, that included; or nothing.
        behind: String,
    },
}

/// Tells a command from a query.
///
/// # Errors
///
/// If it is a command that would change something.
pub(crate) fn command(text: &str) -> Result<Command, QueryError> {
    let trimmed = without_comments(text);
    let Some(command) = trimmed.strip_prefix('.') else {
        return Ok(Command::Query(text.to_owned()));
    };
    let (command, behind) = command.split_at(command.find('|').unwrap_or(command.len()));
    let words = words(command);
    match words.first().map(String::as_str) {
        Some("show") => Ok(Command::Show { words, behind: behind.to_owned() }),
        Some(word) => Err(QueryError::Request(format!(
            "`.{word}` is not answered: this endpoint only shows, by `.show …`"
        ))),
        None => Err(QueryError::Request("a command without a name".to_owned())),
    }
}

/// Leaves out white space and comments in front.
fn without_comments(mut text: &str) -> &str {
    loop {
        text = text.trim_start();
        match text.strip_prefix("//") {
            Some(comment) => text = comment.split_once('\n').map_or("", |(_, behind)| behind),
            None => return text,
        }
    }
}

/// Returns the words of a command in lower case; a name in brackets or quotes is one, as it stands.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = command.trim_start();
    while let Some(first) = rest.chars().next() {
        let quoted = ["['", "[\"", "'", "\""].into_iter().find(|open| rest.starts_with(open));
        let (word, behind) = if let Some(open) = quoted {
            let close = if open.ends_with('\'') { '\'' } else { '"' };
            let inside = rest.get(open.len()..).unwrap_or_default();
            let (name, behind) = inside.split_once(close).unwrap_or((inside, ""));
            (name.to_owned(), behind.strip_prefix(']').unwrap_or(behind))
        } else if first.is_alphanumeric() || matches!(first, '_' | '-' | '*') {
            let end = rest.find(|char: char| !char.is_alphanumeric() && !"_-*.".contains(char));
            let (word, behind) = rest.split_at(end.unwrap_or(rest.len()));
            (word.to_owned(), behind)
        } else {
            rest = rest.get(first.len_utf8()..).unwrap_or_default().trim_start();
            continue;
        };
        words.push(word);
        rest = behind.trim_start();
    }
    words
}

/// The rows of a command.
struct Shown {
    columns: Vec<(&'static str, KqlType)>,
    /// Values as the literals of KQL.
    rows: Vec<Vec<String>>,
}

use KqlType::{Bool, Datetime, Dynamic, Guid, Long, String as Text};

const DATABASES: &[(&str, KqlType)] = &[
    ("DatabaseName", Text),
    ("PersistentStorage", Text),
    ("Version", Text),
    ("IsCurrent", Bool),
    ("DatabaseAccessMode", Text),
    ("PrettyName", Text),
    ("ReservedSlot1", Bool),
    ("DatabaseId", Guid),
    ("InTransitionTo", Text),
    ("SuspensionState", Text),
];
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
const IDENTITY: &[(&str, KqlType)] = &[
    ("DatabaseName", Text),
    ("PrettyName", Text),
    ("IsCurrent", Bool),
    ("DatabaseAccessMode", Text),
    ("DatabaseId", Guid),
];

impl Command {
    /// Returns the query that answers it.
    ///
    /// # Errors
    ///
    /// If nobody knows what it shows.
    pub(crate) fn query(self, catalog: &Catalog<'_>) -> Result<String, QueryError> {
        match self {
            Self::Query(text) => Ok(text),
            Self::Show { words, behind } => {
                let shown = shown(&words, catalog)?;
                Ok(shown.datatable(&behind))
            }
        }
    }
}

fn shown(words: &[String], catalog: &Catalog<'_>) -> Result<Shown, QueryError> {
    let lower: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let is_json = lower.ends_with(&["as", "json"]);
    let none = |columns: &'static [(&'static str, KqlType)]| Shown {
        columns: columns.to_vec(),
        rows: Vec::new(),
    };
    Ok(match lower.as_slice() {
        ["show", "version"] => version(catalog),
        ["show", "databases"] | ["show", "cluster", "databases", ..] => databases(catalog),
        ["show", "databases" | "database", .., "entities"]
        | ["show", "databases" | "database", "entities", ..] => entities(catalog),
        ["show", "database", "identity", ..] | ["show", "database", _, "identity"] => {
            identity(catalog)
        }
        ["show", "databases" | "database", .., "schema", "as", "json"] => schema_as_json(catalog),
        ["show", "databases" | "database", .., "schema"] => schema(catalog),
        ["show", "tables", ..] => tables(catalog),
        ["show", "table", _, "cslschema"] | ["show", "table", _, "schema", ..] => {
            table(words.get(2).map_or("", String::as_str), is_json, catalog)?
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

fn text(value: &str) -> String {
    // A string of KQL with escapes is one of JSON, but for what JSON writes as a pair of surrogates.
    let mut quoted = String::from("\"");
    for char in value.chars() {
        match char {
            '"' | '\\' => quoted.extend(['\\', char]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            char => quoted.push(char),
        }
    }
    quoted.push('"');
    quoted
}

/// Always the same, as there is one database.
const DATABASE_ID: &str = "guid(7175617272790000000000006c616b65)";

fn version(catalog: &Catalog<'_>) -> Shown {
    let (version, name) = (text(catalog.version), text("Quarry"));
    Shown {
        columns: vec![
            ("BuildVersion", Text),
            ("BuildTime", Datetime),
            ("ServiceType", Text),
            ("ProductVersion", Text),
            ("ServiceOffering", Text),
        ],
        rows: vec![vec![
            version.clone(),
            "datetime(null)".to_owned(),
            text("Engine"),
            version,
            text(&format!("{{\"Type\":{name}}}")),
        ]],
    }
}

fn databases(catalog: &Catalog<'_>) -> Shown {
    let name = text(catalog.database);
    let row = vec![
        name.clone(),
        text(""),
        text("v1.0"),
        "true".to_owned(),
        text("ReadOnly"),
        name,
        "bool(null)".to_owned(),
        DATABASE_ID.to_owned(),
        text(""),
        text(""),
    ];
    Shown { columns: DATABASES.to_vec(), rows: vec![row] }
}

fn identity(catalog: &Catalog<'_>) -> Shown {
    let name = text(catalog.database);
    let row = vec![name.clone(), name, "true".to_owned(), text("ReadOnly"), DATABASE_ID.to_owned()];
    Shown { columns: IDENTITY.to_vec(), rows: vec![row] }
}

fn entities(catalog: &Catalog<'_>) -> Shown {
    let row = |table: &&Arc<TableSchema>| {
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

fn schema(catalog: &Catalog<'_>) -> Shown {
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

fn schema_as_json(catalog: &Catalog<'_>) -> Shown {
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

fn tables(catalog: &Catalog<'_>) -> Shown {
    let row = |table: &&Arc<TableSchema>| {
        vec![text(&table.name), text(catalog.database), text(""), text("")]
    };
    Shown { columns: TABLES.to_vec(), rows: catalog.tables.iter().map(row).collect() }
}

fn table(name: &str, is_json: bool, catalog: &Catalog<'_>) -> Result<Shown, QueryError> {
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

impl Shown {
    fn datatable(&self, behind: &str) -> String {
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

#[cfg(test)]
mod tests {
    use kql_types::schema::ColumnSchema;

    use super::*;

    fn answer(text: &str) -> Result<String, QueryError> {
        let columns = vec![
            ColumnSchema { name: "Host".to_owned(), ty: Text },
            ColumnSchema { name: "n".to_owned(), ty: Long },
        ];
        let table = Arc::new(TableSchema { name: "Visits".to_owned(), columns });
        let catalog = Catalog { database: "lake", version: "0.1", tables: vec![&table] };
        command(text)?.query(&catalog)
    }

    #[test]
    fn what_clients_ask_first_is_a_query_that_binds() {
        let environment = engine::Environment::empty();
        for text in [
            ".show version",
            ".show databases | project DatabaseName, PrettyName",
            "// who is there?\n.show cluster databases",
            ".show databases schema",
            ".show database lake schema as json",
            ".show databases (['lake']) schema as json",
            ".show database ['lake'] schema | where TableName != '' | distinct TableName",
            ".show database identity | project DatabaseName",
            ".show databases entities with (showObfuscatedStrings=true) | where EntityType == 'Table'",
            ".show tables",
            ".show table Visits cslschema",
            ".show table ['Visits'] schema as json",
            ".show functions",
            ".show materialized-views",
            ".show external tables",
            ".show entity_groups",
            ".show graph_snapshots * | summarize count() by Name",
        ] {
            let query = answer(text).unwrap();
            let checked = engine::check(&query, &environment);
            assert!(checked.is_ok(), "{text}: {:?}\n{query}", checked.diagnostics);
        }
        assert!(answer(".show table Visits cslschema").unwrap().contains("\"Host:string,n:long\""));
    }

    #[test]
    fn a_query_is_left_as_it_is() {
        for text in ["print 1", "  Visits | take 1", "// .show version\nVisits"] {
            assert_eq!(answer(text).unwrap(), text);
        }
    }

    #[test]
    fn what_would_change_something_and_what_nobody_knows_is_refused() {
        for (text, said) in [
            (".create table T (a: long)", "`.create`"),
            (".drop table Visits", "only shows"),
            (".show queries", "`.show queries` shows nothing"),
            (".show table Nothing cslschema", "`Nothing`"),
            (".", "without a name"),
        ] {
            let error = answer(text).unwrap_err().to_string();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn names_with_quotes_stay_text() {
        let columns = Vec::new();
        let table = Arc::new(TableSchema { name: "a\"] | print \\".to_owned(), columns });
        let catalog = Catalog { database: "l'a\nke", version: "0.1", tables: vec![&table] };
        let query = command(".show tables").unwrap().query(&catalog).unwrap();
        assert!(engine::check(&query, &engine::Environment::empty()).is_ok(), "{query}");
    }
}
