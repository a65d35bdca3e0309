//! `cargo xtask schemas`: makes `crates/tables/schemas/documented.txt`, the columns of the tables that
//! Microsoft documents.
//!
//! In: a JSON file of schemas, `{"m365": {"tables": {TABLE: {COLUMN: TYPE}}}, "sentinel": …}`, or clones
//! of the documentation, of whose pages the tables of columns are read. Out: one text, tables in order of
//! their names, columns in the order of the source. Tables that have a file of their own under `schemas/`
//! are left out. Names and types are facts; descriptions are not read.

mod markdown;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::{Path, PathBuf},
};

use clap::Args;
use kql_types::KqlType;
use serde_json::{Map, Value};
use thiserror::Error;

/// What is written, below the workspace.
const FILE: &str = "crates/tables/schemas/documented.txt";
/// The folders of tables that have a file each.
const OWN_FILES: [&str; 2] = ["crates/tables/schemas/defender", "crates/tables/schemas/sentinel"];
/// What stands before the first table.
const HEADER: &str = "\
Columns of tables as Microsoft documents them. Made by `cargo xtask schemas`; not edited.
A table starts with an at sign, its product and its name; each line below is a letter for the type
and a column's name: b bool, d dynamic, g guid, i int, l long, m decimal, n timespan, r real,
s string, t datetime.
";

/// Options of the chore.
#[derive(Args)]
pub(crate) struct SchemasArgs {
    /// A JSON file of schemas; `kql/environments.json` of the reference material unless given
    #[arg(long, value_name = "FILE", conflicts_with_all = ["defender", "sentinel"])]
    from: Option<PathBuf>,

    /// The folder of Defender XDR's pages, `defender-xdr` of MicrosoftDocs/defender-docs
    #[arg(long, value_name = "DIR", requires = "sentinel")]
    defender: Option<PathBuf>,

    /// The folder of Log Analytics' pages, `articles/azure-monitor/reference/tables` of
    /// MicrosoftDocs/azure-monitor-docs
    #[arg(long, value_name = "DIR", requires = "defender")]
    sentinel: Option<PathBuf>,

    /// Write nothing; say whether the file is what would be written
    #[arg(long)]
    check: bool,
}

/// The chore could not run.
#[derive(Debug, Error)]
pub(crate) enum SchemasError {
    #[error("{path}: {source}", path = path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{path}: {source}", path = path.display())]
    Json { path: PathBuf, source: serde_json::Error },
    #[error("{path}: expected `{expected}`", path = path.display())]
    Shape { path: PathBuf, expected: &'static str },
    #[error("table `{table}`, column `{column}`: `{found}` is not a type")]
    Type { table: String, column: String, found: String },
    #[error("table `{table}`: `{name}` is not a plain name")]
    Name { table: String, name: String },
}

/// The columns of a table, in order.
type Columns = Vec<(String, KqlType)>;

/// By product, as the file calls it, and table.
type Tables = BTreeMap<(String, &'static str), Columns>;

/// Returns the lines to print, and whether all is well.
///
/// # Errors
///
/// If a file cannot be read or written, or holds what is not a schema.
pub(crate) fn run(root: &Path, args: &SchemasArgs) -> Result<(Vec<String>, bool), SchemasError> {
    let mut tables = match (&args.defender, &args.sentinel) {
        (Some(defender), Some(sentinel)) => {
            let mut tables = Tables::new();
            markdown::read_pages(defender, "defender", &mut tables)?;
            markdown::read_pages(sentinel, "sentinel", &mut tables)?;
            tables
        }
        _ => from_json(&args.from.clone().unwrap_or_else(|| reference_file(root)))?,
    };
    let own = own_files(root)?;
    tables.retain(|(name, _), columns| !own.contains(name) && !columns.is_empty());
    let text = written(&tables)?;
    let path = root.join(FILE);
    if args.check {
        let is_same = read(&path)? == text;
        let state = if is_same { "up to date" } else { "not up to date" };
        return Ok((vec![format!("{FILE}: {state}")], is_same));
    }
    fs::write(&path, text).map_err(|source| SchemasError::File { path, source })?;
    Ok((vec![format!("{FILE}: {} tables", tables.len())], true))
}

fn reference_file(root: &Path) -> PathBuf {
    root.parent().unwrap_or(root).join("shared/kql/environments.json")
}

fn from_json(path: &Path) -> Result<Tables, SchemasError> {
    let file: Value = serde_json::from_str(&read(path)?)
        .map_err(|source| SchemasError::Json { path: path.to_owned(), source })?;
    let shape = |expected| SchemasError::Shape { path: path.to_owned(), expected };
    let mut tables = Tables::new();
    for (product, called) in [("m365", "defender"), ("sentinel", "sentinel")] {
        let of_product = file.get(product).and_then(|it| it.get("tables"));
        let of_product = of_product.and_then(Value::as_object);
        for (table, columns) in of_product.ok_or_else(|| shape("tables of both products"))? {
            let columns = columns.as_object().ok_or_else(|| shape("columns and their types"))?;
            tables.insert((table.clone(), called), typed(table, columns)?);
        }
    }
    Ok(tables)
}

fn typed(table: &str, columns: &Map<String, Value>) -> Result<Columns, SchemasError> {
    let column = |(name, ty): (&String, &Value)| {
        let found = ty.as_str().unwrap_or_default();
        let ty = found.parse().map_err(|_| SchemasError::Type {
            table: table.to_owned(),
            column: name.clone(),
            found: found.to_owned(),
        })?;
        Ok((name.clone(), ty))
    };
    columns.iter().map(column).collect()
}

/// Returns the names of the tables that have a file of their own.
fn own_files(root: &Path) -> Result<BTreeSet<String>, SchemasError> {
    let mut names = BTreeSet::new();
    for folder in OWN_FILES {
        for path in files(&root.join(folder))? {
            names.extend(path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned));
        }
    }
    Ok(names)
}

fn written(tables: &Tables) -> Result<String, SchemasError> {
    let mut text = HEADER.to_owned();
    for ((table, product), columns) in tables {
        let checked = |name: &str| {
            let wrong = || SchemasError::Name { table: table.clone(), name: name.to_owned() };
            is_name(name).then_some(()).ok_or_else(wrong)
        };
        checked(table)?;
        for part in ["@", product, " ", table, "\n"] {
            text.push_str(part);
        }
        for (name, ty) in columns {
            checked(name)?;
            text.push(letter(*ty));
            text.push_str(name);
            text.push('\n');
        }
    }
    Ok(text)
}

const fn letter(ty: KqlType) -> char {
    match ty {
        KqlType::Bool => 'b',
        KqlType::Dynamic => 'd',
        KqlType::Guid => 'g',
        KqlType::Int => 'i',
        KqlType::Long => 'l',
        KqlType::Decimal => 'm',
        KqlType::Timespan => 'n',
        KqlType::Real => 'r',
        KqlType::String => 's',
        KqlType::Datetime => 't',
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '_')
}

fn read(path: &Path) -> Result<String, SchemasError> {
    fs::read_to_string(path).map_err(|source| SchemasError::File { path: path.to_owned(), source })
}

/// Returns the files of a folder, by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>, SchemasError> {
    let failed = |source| SchemasError::File { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(failed)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()).map_err(failed));
    let mut paths = paths.collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_letters_and_their_aliases_are_read() {
        let columns = serde_json::json!({ "A": "boolean", "B_d": "double", "_Id": "string" });
        let columns = typed("T", columns.as_object().expect("an object")).expect("types");
        let tables = Tables::from([(("T".to_owned(), "sentinel"), columns)]);
        let text = written(&tables).expect("plain names");
        assert_eq!(text.strip_prefix(HEADER), Some("@sentinel T\nbA\nrB_d\ns_Id\n"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let columns = serde_json::json!({ "A": "text" });
        let error = typed("T", columns.as_object().expect("an object")).expect_err("no type");
        assert_eq!(error.to_string(), "table `T`, column `A`: `text` is not a type");
        let tables =
            Tables::from([(("T".to_owned(), "sentinel"), vec![("a b".into(), KqlType::Int)])]);
        let error = written(&tables).expect_err("a name with a space");
        assert_eq!(error.to_string(), "table `T`: `a b` is not a plain name");
    }
}
