//! `quarry check`: do queries and rules parse and bind, without any data?

use std::{fs, io::Write, path::PathBuf};

use clap::{Args, ValueEnum};
use engine::Environment;
use kql_syntax::{Diagnostic, Severity};
use serde::Serialize;

use self::{
    found::{FoundQuery, find},
    schema_file::load,
};
use crate::{error::CommandError, exit::ExitStatus, ui::Ui};

mod found;
mod schema_file;

/// Check queries and rules without running them
///
/// Reads `.kql` files and the queries of rules in YAML, Sentinel's analytics rules and Defender's
/// custom detections. Folders are walked.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry check detections/
  quarry check --tables defender hunting/*.kql
  quarry check --runnable --format jsonl rules/ > diagnostics.jsonl

Exit status: 0 all is well, 1 a query has errors, 2 usage or input error.")]
pub(crate) struct CheckArgs {
    /// Files and folders
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Which built-in tables there are
    #[arg(long, value_enum, default_value_t, value_name = "WHICH")]
    tables: BuiltinTables,

    /// Add tables from a JSON file, `{table: {column: type}}` (can be repeated)
    #[arg(long, value_name = "FILE")]
    schema: Vec<PathBuf>,

    /// Also refuse what is valid but does not run yet
    #[arg(long)]
    runnable: bool,

    /// How to write what is found
    #[arg(long, value_enum, default_value_t)]
    format: CheckFormat,
}

/// Which built-in tables a query may name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum BuiltinTables {
    /// Those of Defender's advanced hunting
    Defender,
    /// Those of a Sentinel workspace
    Sentinel,
    /// Both
    #[default]
    Both,
    /// None
    None,
}

/// How diagnostics are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum CheckFormat {
    /// With the lines they are about
    #[default]
    Text,
    /// One JSON object per query
    Jsonl,
}

/// What is said of one query; a contract with scripts.
#[derive(Serialize)]
struct Verdict<'a> {
    file: String,
    ok: bool,
    diagnostics: Vec<JsonDiagnostic<'a>>,
    columns: Option<Vec<(String, &'static str)>>,
}

/// A diagnostic; `start` and `end` are byte offsets into the file.
#[derive(Serialize)]
struct JsonDiagnostic<'a> {
    code: String,
    severity: &'static str,
    message: &'a str,
    help: Option<&'a str>,
    start: usize,
    end: usize,
}

pub(crate) fn run(args: &CheckArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let environment = environment(args)?;
    let queries = find(&args.paths)?;
    let mut stdout = ui.stdout();
    let mut refused = 0_usize;
    for query in &queries {
        let (diagnostics, columns) = check(query, &environment, args.runnable);
        let ok = !diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        refused = refused.saturating_add(usize::from(!ok));
        match args.format {
            CheckFormat::Text => ui.diagnostics(&query.name(), query.shown_text(), &diagnostics),
            CheckFormat::Jsonl => {
                serde_json::to_writer(&mut stdout, &verdict(query, ok, &diagnostics, columns))
                    .map_err(std::io::Error::from)?;
                stdout.write_all(b"\n")?;
            }
        }
    }
    stdout.flush()?;
    let noun = if queries.len() == 1 { "query" } else { "queries" };
    ui.note(&format!("{} {noun} checked, {refused} with errors", queries.len()));
    Ok(if refused == 0 { ExitStatus::Nothing } else { ExitStatus::Findings })
}

type Columns = Option<Vec<(String, &'static str)>>;

/// Checks one query; the diagnostics' spans are places in its file.
fn check(
    query: &FoundQuery,
    environment: &Environment,
    runnable: bool,
) -> (Vec<Diagnostic>, Columns) {
    let checked = engine::check(&query.text, environment);
    let mut diagnostics = checked.diagnostics;
    if runnable
        && !diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
        && let Err(refused) = engine::compile(&query.text, environment, false)
    {
        diagnostics = refused;
    }
    for diagnostic in &mut diagnostics {
        diagnostic.span = query.place(diagnostic.span);
        for label in &mut diagnostic.labels {
            label.span = query.place(label.span);
        }
    }
    let columns = checked
        .columns
        .map(|columns| columns.into_iter().map(|column| (column.name, column.ty.name())).collect());
    (diagnostics, columns)
}

fn verdict<'a>(
    query: &FoundQuery,
    ok: bool,
    diagnostics: &'a [Diagnostic],
    columns: Columns,
) -> Verdict<'a> {
    let diagnostic = |diagnostic: &'a Diagnostic| JsonDiagnostic {
        code: diagnostic.code.to_string(),
        severity: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: &diagnostic.message,
        help: diagnostic.help.as_deref(),
        start: diagnostic.span.range().start,
        end: diagnostic.span.range().end,
    };
    Verdict {
        file: query.name(),
        ok,
        diagnostics: diagnostics.iter().map(diagnostic).collect(),
        columns,
    }
}

fn environment(args: &CheckArgs) -> Result<Environment, CommandError> {
    let mut environment = match args.tables {
        BuiltinTables::Defender => Environment::builtin(tables::Environment::Defender),
        BuiltinTables::Sentinel => Environment::builtin(tables::Environment::Sentinel),
        BuiltinTables::Both => Environment::builtin(tables::Environment::Both),
        BuiltinTables::None => Environment::empty(),
    };
    for path in &args.schema {
        let json = fs::read_to_string(path)
            .map_err(|error| CommandError::user(format!("{}: {error}", path.display())))?;
        for table in load(path, &json)? {
            environment.add(table);
        }
    }
    // Views are needed by queries that run; checking them again for every query is wasted.
    Ok(if args.runnable { environment } else { environment.without_views() })
}
