//! `quarry check`: do queries and rules parse and bind, without any data?

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use engine::Environment;
use kql_syntax::{Diagnostic, Severity};

use self::{
    found::{Content, Form, Found, find},
    output::{Output, Verdict},
};
use crate::{
    error::CommandError,
    exit::ExitStatus,
    given::GivenArgs,
    places::move_to_file,
    project::{ProjectArgs, load_project},
    ui::Ui,
};

mod explain;
pub(crate) mod found;
mod output;
mod sarif;

/// Check queries and rules without running them
///
/// Reads `.kql` files and the queries of rules in YAML, Sentinel's analytics rules and Defender's
/// custom detections. Folders are walked. Of a rule it also says what Sentinel or Defender would not
/// take: lengths, schedules, entities, columns that the query does not yield.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry check detections/
  quarry check --tables defender hunting/*.kql
  quarry check --runnable --format jsonl rules/ > diagnostics.jsonl
  quarry check --format sarif rules/ > quarry.sarif
  quarry check --explain KQL0201

Exit status: 0 all is well, 1 a query or a rule has errors, 2 usage or input error, 3 finished but
some files were unreadable.")]
pub(crate) struct CheckArgs {
    /// Files and folders
    #[arg(required_unless_present = "explain", value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Which built-in tables there are
    #[arg(long, value_enum, default_value_t, value_name = "WHICH")]
    tables: BuiltinTables,

    #[command(flatten)]
    project: ProjectArgs,

    /// Also refuse what is valid but does not run yet
    #[arg(long)]
    runnable: bool,

    /// How to write what is found
    #[arg(long, value_enum, default_value_t)]
    format: CheckFormat,

    /// Say what the code of a diagnostic means
    #[arg(long, value_name = "CODE", conflicts_with = "paths")]
    explain: Option<String>,

    #[command(flatten)]
    given: GivenArgs,
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
    /// One JSON object per file
    Jsonl,
    /// SARIF 2.1.0, for code hosts
    Sarif,
}

pub(crate) fn run(args: &CheckArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    if let Some(code) = &args.explain {
        return explain::explain(code, ui);
    }
    let environment = environment(args, ui)?;
    let files = find(&args.paths)?;
    let mut output = Output::new(ui, args.format);
    let (mut queries, mut refused, mut unreadable) = (0_usize, 0_usize, 0_usize);
    for file in &files {
        match &file.content {
            Ok(content) => {
                let verdict = check(file, content, &environment, args.runnable);
                queries = queries.saturating_add(1);
                refused = refused.saturating_add(usize::from(!verdict.is_ok()));
                output.write(verdict)?;
            }
            Err(error) => {
                ui.warning(&format!("{}: {error}", file.name()));
                unreadable = unreadable.saturating_add(1);
            }
        }
    }
    output.finish()?;
    let noun = if queries == 1 { "query" } else { "queries" };
    ui.note(&format!("{queries} {noun} checked, {refused} with errors"));
    Ok(ExitStatus::of_run(unreadable == 0, refused > 0))
}

/// Checks one file; the diagnostics' spans are places in it.
fn check(file: &Found, content: &Content, environment: &Environment, runnable: bool) -> Verdict {
    let (mut diagnostics, columns) = match content.query() {
        Some(query) => check_query(query, environment, runnable),
        None => (Vec::new(), None),
    };
    move_to_file(&mut diagnostics, |span| content.place(span));
    match &content.form {
        Form::Query => {}
        Form::Rule(rule) => {
            let names: Option<Vec<String>> = columns
                .as_ref()
                .map(|columns| columns.iter().map(|(name, _)| name.clone()).collect());
            diagnostics.extend(rule.lint(names.as_deref()));
            if runnable {
                // What is refused is an error, not only worth knowing.
                for refused in rule.refusals() {
                    diagnostics.retain(|it| (it.code, it.span) != (refused.code, refused.span));
                    diagnostics.push(refused);
                }
            }
            diagnostics.sort_by_key(|diagnostic| diagnostic.span);
        }
        Form::NoYaml(diagnostic) => diagnostics.push(diagnostic.clone()),
    }
    Verdict { file: file.name(), text: content.text.clone(), diagnostics, columns }
}

type Columns = Option<Vec<(String, &'static str)>>;

fn check_query(
    query: &str,
    environment: &Environment,
    runnable: bool,
) -> (Vec<Diagnostic>, Columns) {
    let checked = engine::check(query, environment);
    let mut diagnostics = checked.diagnostics;
    if runnable
        && !diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
        && let Err(refused) = engine::compile(query, environment, false)
    {
        diagnostics = refused;
    }
    let columns = checked
        .columns
        .map(|columns| columns.into_iter().map(|column| (column.name, column.ty.name())).collect());
    (diagnostics, columns)
}

fn environment(args: &CheckArgs, ui: &Ui) -> Result<Environment, CommandError> {
    let builtin = match args.tables {
        BuiltinTables::Defender => Environment::builtin(tables::Environment::Defender),
        BuiltinTables::Sentinel => Environment::builtin(tables::Environment::Sentinel),
        BuiltinTables::Both => Environment::builtin(tables::Environment::Both),
        BuiltinTables::None => Environment::empty(),
    };
    let mut environment = load_project(builtin, &args.project)?.environment;
    args.given.apply(&mut environment, ui)?;
    // Views are needed by queries that run; checking them again for every query is wasted.
    Ok(if args.runnable { environment } else { environment.without_views() })
}
