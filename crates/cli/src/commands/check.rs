//! `quarry check`: do queries and rules parse and bind, without any data?

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use engine::Environment;
use kql_syntax::{Diagnostic, Severity};
use rule_file::RuleFile;

use self::{
    found::{Checkable, Form, Found, find, place},
    output::Output,
    verdict::Verdict,
};
use crate::{
    args::{given::GivenArgs, memory::Memory},
    error::CommandError,
    exit::ExitStatus,
    inputs,
    project::{ProjectArgs, load_project},
    rules::places::{self, move_to_file},
    ui::Ui,
};

mod explain;
pub(crate) mod found;
mod output;
mod sarif;
mod verdict;

/// Check queries and rules without running them
///
/// Reads `.kql` files, Sentinel's analytics rules in YAML and in templates, and custom detections in YAML
/// and as Graph has them. Folders are walked; files that hold no such rule are named. Of a rule it also
/// says what Sentinel or Defender would not take: lengths, schedules, entities, columns that the query
/// does not yield.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry check detections/
  quarry check --tables defender hunting/*.kql
  quarry check --runnable --format jsonl rules/ > diagnostics.jsonl
  quarry check --format sarif rules/ > quarry.sarif
  quarry check --explain KQL0201

Exit status: 0 all is well, 1 a query or a rule has errors, 2 usage or input error, a file named
holds no rule, or nothing was found to check, 3 finished but some files were unreadable.")]
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
    let (files, passed_over) = find(&args.paths)?;
    let mut output = Output::new(ui, args.format);
    let mut count = Count::default();
    for file in &files {
        match &file.content {
            Ok(content) => {
                let verdict = check(file, content, &environment, args.runnable, &mut count);
                output.write(verdict)?;
            }
            Err(error) => {
                ui.warning(&format!("{}: {error}", file.name()));
                count.unreadable = count.unreadable.saturating_add(1);
            }
        }
    }
    output.finish()?;
    let Count { queries, refused, unreadable } = count;
    let is_nothing = queries == 0 && unreadable == 0;
    passed_over.tell(ui, is_nothing);
    if is_nothing {
        return Err(CommandError::user("nothing was checked: no query and no rule was found")
            .with_hint(
                "expected KQL, or a rule as YAML, as a template, or as a custom detection",
            ));
    }
    let noun = if queries == 1 { "query" } else { "queries" };
    ui.note(&format!("{queries} {noun} checked, {refused} with errors"));
    if passed_over.has_named {
        return Ok(ExitStatus::Error);
    }
    Ok(ExitStatus::of_run(unreadable == 0, refused > 0))
}

/// How many queries there were, how many have errors, and how many files could not be read.
#[derive(Default)]
struct Count {
    queries: usize,
    refused: usize,
    unreadable: usize,
}

impl Count {
    fn add(&mut self, diagnostics: &[Diagnostic]) {
        let has_error = diagnostics.iter().any(|it| it.severity == Severity::Error);
        self.queries = self.queries.saturating_add(1);
        self.refused = self.refused.saturating_add(usize::from(has_error));
    }
}

/// Checks one file; the diagnostics' spans are places in it.
fn check(
    file: &Found,
    content: &Checkable,
    environment: &Environment,
    runnable: bool,
    count: &mut Count,
) -> Verdict {
    let mut verdict = Verdict {
        file: file.name(),
        text: content.text.clone(),
        diagnostics: Vec::new(),
        columns: None,
    };
    match &content.form {
        Form::Query => {
            (verdict.diagnostics, verdict.columns) =
                check_query(&content.text, environment, runnable);
            count.add(&verdict.diagnostics);
        }
        Form::Rules(rules) => {
            for rule in rules {
                let (diagnostics, columns) = check_rule(rule, environment, runnable);
                count.add(&diagnostics);
                verdict.diagnostics.extend(diagnostics);
                // Columns of one query among several would say nothing of which.
                verdict.columns = columns.filter(|_| rules.len() == 1);
            }
            verdict.diagnostics.sort_by_key(|diagnostic| diagnostic.span);
        }
        Form::Broken(diagnostic) => {
            verdict.diagnostics.push(diagnostic.clone());
            count.add(&verdict.diagnostics);
        }
    }
    verdict
}

fn check_rule(
    rule: &RuleFile,
    environment: &Environment,
    runnable: bool,
) -> (Vec<Diagnostic>, Columns) {
    let (mut diagnostics, columns) = match rule.query() {
        Some(query) => check_query(&query.text, environment, runnable),
        None => (Vec::new(), None),
    };
    if columns.is_none() && !diagnostics.iter().any(|it| it.severity == Severity::Error) {
        diagnostics.extend(rule.query().and_then(|query| without_result(query, environment)));
    }
    move_to_file(&mut diagnostics, |span| place(rule, span));
    let names: Option<Vec<String>> =
        columns.as_ref().map(|columns| columns.iter().map(|(name, _)| name.clone()).collect());
    diagnostics.extend(rule.lint(names.as_deref()));
    if runnable {
        // What is refused is an error, not only worth knowing.
        for refused in rule.refusals() {
            diagnostics.retain(|it| (it.code, it.span) != (refused.code, refused.span));
            diagnostics.push(refused);
        }
    }
    (diagnostics, columns)
}

/// Returns the error of a rule whose query has nothing but `let`s or comments: no run finds anything.
fn without_result(query: &rule_file::Query, environment: &Environment) -> Option<Diagnostic> {
    let refused = engine::compile(&query.text, environment, false).err()?;
    refused.into_iter().find(|it| it.code == engine::NO_RESULT)
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
    places::add_ways_out(&mut diagnostics);
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
    environment.set_room(inputs::room(Memory::default()));
    args.given.apply(&mut environment, ui)?;
    // Views are needed by queries that run; checking them again for every query is wasted.
    Ok(if args.runnable { environment } else { environment.without_views() })
}
