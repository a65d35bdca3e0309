//! `quarry investigate`: the questions to ask about an alert, with queries filled in from it.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use detection::{Package, investigation::FilledQuestion};
use engine::{Clock, Engine, Environment};
use report::{Format, Options};
use serde_json::Value;

use crate::{clock, error::CommandError, exit::ExitStatus, inputs, ui::Ui};

/// Ask the questions of the investigation guide about an alert
///
/// Prints each question with a query that helps to answer it, filled in with the alert's host,
/// account, address, session and time. With a PATH, runs the queries there and prints what they find.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry hunt --format jsonl logs/ > alerts.jsonl
  quarry investigate --alerts alerts.jsonl 79e2345336f2857d
  quarry investigate --alerts alerts.jsonl 79e2345336f2857d logs/

Exit status: 0 finished, 2 usage, query or input error, 3 finished but some input was unreadable.")]
pub(crate) struct InvestigateArgs {
    /// The alert's id, or how it begins
    #[arg(value_name = "ALERT")]
    alert: String,

    /// Files, folders and archives to ask
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Alerts as `quarry hunt --format jsonl` writes them; `-` for stdin
    #[arg(long, value_name = "FILE", default_value = "-")]
    alerts: PathBuf,

    /// Use the guide of a package's folder
    #[arg(long, value_name = "DIR")]
    package: Option<PathBuf>,
}

pub(crate) fn run(args: &InvestigateArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let package = match &args.package {
        Some(folder) => Package::load(folder)?,
        None => Package::builtin()?,
    };
    let guide = package
        .guide
        .ok_or_else(|| CommandError::user("the package has no `investigation.yaml`"))?;
    let alert = alert(&args.alerts, &args.alert)?;
    let questions = guide.fill(&columns(&alert));
    let mut stdout = ui.stdout();
    writeln!(stdout, "{}: {}", text(at(&alert, "/severity")), text(at(&alert, "/rule/name")))?;
    writeln!(stdout, "{}", text(at(&alert, "/columns/Reason")))?;
    if args.paths.is_empty() {
        for (number, question) in (1_usize..).zip(&questions) {
            write_question(&mut stdout, number, question)?;
        }
        stdout.flush()?;
        return Ok(ExitStatus::Nothing);
    }
    ask(args, &questions, ui, &mut stdout)
}

/// Runs the queries and prints what they find.
fn ask(
    args: &InvestigateArgs,
    questions: &[FilledQuestion],
    ui: &Ui,
    stdout: &mut impl Write,
) -> Result<ExitStatus, CommandError> {
    let environment = Environment::builtin(tables::Environment::Both);
    let mut compiled = Vec::new();
    for question in questions {
        compiled.push(engine::compile(&question.query, &environment, false).map_err(
            |diagnostics| {
                ui.diagnostics(&question.ask, &question.query, &diagnostics);
                CommandError::reported()
            },
        )?);
    }
    let (inputs, before) = inputs::find(&args.paths)?;
    let engine = Engine::new(&environment, inputs::settings())?;
    let clock = Clock::NewestEvent(clock::now());
    let run = engine.run(&compiled, &inputs, clock, &ui.progress())?;
    let options = Options { table: ui.table_options(), ..Options::default() };
    for (index, question) in questions.iter().enumerate() {
        write_question(stdout, index.saturating_add(1), question)?;
        for rows in run.rows(index)? {
            let columns = rows.columns().to_vec();
            let mut writer = report::begin(Format::Table, &columns, &options, &mut *stdout)?;
            for batch in rows {
                writer.batch(&batch?)?;
            }
            writer.finish()?;
        }
    }
    stdout.flush()?;
    let balance = run.balance();
    inputs::tell(ui, &before, balance);
    Ok(ExitStatus::of_run(before.is_empty() && balance.is_clean(), false))
}

fn write_question(
    out: &mut impl Write,
    number: usize,
    question: &FilledQuestion,
) -> io::Result<()> {
    writeln!(out, "\n{number}. {}\n   {}\n", question.ask, question.tells)?;
    for line in question.query.trim_end().lines() {
        writeln!(out, "       {line}")?;
    }
    writeln!(out)
}

/// Returns the alert whose id begins so; there has to be exactly one.
fn alert(file: &Path, id: &str) -> Result<Value, CommandError> {
    let name = file.display();
    let text = if file == Path::new("-") {
        io::read_to_string(io::stdin())
    } else {
        fs::read_to_string(file)
    };
    let text = text.map_err(|error| CommandError::user(format!("{name}: {error}")))?;
    let mut found: Option<Value> = None;
    for (line, json) in (1_usize..).zip(text.lines()).filter(|(_, json)| !json.trim().is_empty()) {
        let alert: Value = serde_json::from_str(json)
            .map_err(|error| CommandError::user(format!("{name}: line {line}: {error}")))?;
        if !at(&alert, "/id").as_str().is_some_and(|own| own.starts_with(id)) {
            continue;
        }
        if found.replace(alert).is_some() {
            return Err(CommandError::user(format!("several alerts' ids begin with `{id}`")));
        }
    }
    found.ok_or_else(|| {
        CommandError::user(format!("{name}: no alert whose id begins with `{id}`"))
            .with_hint("`quarry hunt --format jsonl` writes the ids of alerts")
    })
}

/// Returns an alert's columns as text.
fn columns(alert: &Value) -> BTreeMap<String, String> {
    let columns = at(alert, "/columns").as_object().into_iter().flatten();
    columns.map(|(name, value)| (name.clone(), self::text(value))).collect()
}

/// Returns what stands at a JSON pointer, null where nothing does.
fn at<'a>(alert: &'a Value, pointer: &str) -> &'a Value {
    alert.pointer(pointer).unwrap_or(&Value::Null)
}

/// Returns a value as text: of a list its first element.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Array(values) => values.first().map(text).unwrap_or_default(),
        other => other.to_string(),
    }
}
