//! `quarry tables`: what tables there are, and their columns.

use std::path::PathBuf;

use clap::Args;
use engine::Environment;
use kql_types::{KqlType, schema::TableSchema};
use report::Format;

use crate::{
    args::lake::LakeArgs,
    error::CommandError,
    exit::ExitStatus,
    project::{ArchiveArgs, ProjectArgs, load_project},
    ui::{
        Ui,
        listing::{self, Listing, texts},
    },
};

mod coverage;
mod search;
mod switch_on;

/// List the tables that queries may name, or the columns of one
///
/// Windows events fill a few tables; rows of every other table that Defender XDR and Log Analytics document
/// come from exports. Without an argument, those are grouped by the word that their names begin with; a text
/// that is not a table's name is searched for in the names of tables and columns.
///
/// With --coverage, say what an input can fill: of each table which sources and how many columns are
/// there, which rules can therefore see anything at all, and what would have to be switched on for
/// the others.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry tables
  quarry tables DeviceNetworkEvents
  quarry tables signin
  quarry tables --all --format csv
  quarry tables SecurityEvent --format csv
  quarry tables --coverage /mnt/image/Windows/System32/winevt/Logs
  quarry tables --lake lake")]
pub(crate) struct TablesArgs {
    /// Show this table's columns, or the tables with this text in their names or their columns'
    #[arg(value_name = "TABLE|TEXT")]
    table: Option<String>,

    /// List every table by itself
    #[arg(long, conflicts_with_all = ["table", "coverage"])]
    all: bool,

    /// Say what these files and folders can fill; --lake alone says it of the lake
    #[arg(long, value_name = "PATH", num_args = 1.., conflicts_with = "table")]
    coverage: Vec<PathBuf>,

    #[command(flatten)]
    lake: LakeArgs,

    /// With --coverage or --lake: the rules of a package's folder instead of the built-in ones
    #[arg(long, value_name = "DIR", conflicts_with = "table")]
    package: Option<PathBuf>,

    /// How to write the list
    #[arg(long, default_value_t = Format::Table, value_name = "table|json|jsonl|csv")]
    format: Format,

    #[command(flatten)]
    project: ProjectArgs,

    #[command(flatten)]
    archives: ArchiveArgs,
}

pub(crate) fn run(args: &TablesArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let builtin = Environment::builtin(tables::Environment::Both);
    let project = load_project(builtin, &args.project)?;
    let environment = &project.environment;
    let (status, listing) = match &args.table {
        None if !args.coverage.is_empty() || args.lake.lake.is_some() => {
            coverage::listing(args, &project, ui)?
        }
        None if args.all => (ExitStatus::Nothing, search::all(environment)),
        None => (ExitStatus::Nothing, search::overview(environment)),
        Some(name) => (ExitStatus::Nothing, find(environment, name)?),
    };
    listing::write(listing, args.format, ui)?;
    Ok(status)
}

fn columns(schema: &TableSchema) -> Listing {
    let columns = &schema.columns;
    listing::of(vec![
        ("Column", KqlType::String, texts(columns.iter().map(|column| column.name.clone()))),
        ("Type", KqlType::String, texts(columns.iter().map(|column| column.ty.to_string()))),
    ])
}

fn find(environment: &Environment, name: &str) -> Result<Listing, CommandError> {
    if let Some(schema) = environment.schema(name) {
        return Ok(columns(&schema));
    }
    search::matching(environment, name).ok_or_else(|| {
        let error = CommandError::user(format!("unknown table `{name}`"));
        let today: Vec<String> =
            tables::renamed_table(name).map(|today| format!("`{today}`")).collect();
        if today.is_empty() {
            error.with_hint("`quarry tables --all` lists them; `--schema FILE` adds one")
        } else {
            error.with_hint(format!("Microsoft has replaced it by {}", today.join(" and ")))
        }
    })
}
