//! `quarry explain`: how many rows a query has after each of its stages.

use std::{
    ffi::OsString,
    fs,
    io::Write,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use detection::PackagedRule;
use engine::{Clock, CompiledQuery, Diagnostic, Engine, Environment, Run, Stage};

use crate::{
    args::{RunArgs, given::GivenArgs, lake::LakeArgs, workers::WorkersArgs},
    clock,
    error::CommandError,
    exit::ExitStatus,
    inputs,
    project::{ExportArgs, Project, ProjectArgs, load_project},
    rules::places,
    stats,
    ui::Ui,
};

/// Show how many rows a query or rule has after each stage, and why it matches nothing
///
/// Every stage is counted in one pass over the input. The time is what the stage takes beyond the
/// one before it; reading the input comes before all of them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry explain rule.yaml logs/
  quarry explain 'DeviceProcessEvents | where FileName =~ \"psexec.exe\" | count' logs/
  quarry explain --plan hunt.kql logs/

Exit status: 0 finished, 2 usage, query or input error, 3 finished but some input was unreadable.")]
pub(crate) struct ExplainArgs {
    /// A rule or query file (`.yaml`, `.yml`, `.json`, `.kql`), or a query's text
    #[arg(value_name = "RULE|QUERY")]
    query: OsString,

    /// Files, folders and archives; `-` for stdin
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Show what the query becomes: its typed tree, the plan, and what workers do of it
    #[arg(long)]
    plan: bool,

    #[command(flatten)]
    lake: LakeArgs,

    #[command(flatten)]
    workers: WorkersArgs,

    #[command(flatten)]
    run: RunArgs,

    #[command(flatten)]
    given: GivenArgs,

    #[command(flatten)]
    project: ProjectArgs,

    #[command(flatten)]
    export: ExportArgs,
}

pub(crate) fn run(args: &ExplainArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let query = query_text(&args.query)?;
    let builtin = Environment::builtin(tables::Environment::Both);
    let Project { mut environment, times } = load_project(builtin, &args.project)?;
    environment.set_room(inputs::room(args.run.read.memory.unwrap_or_default()));
    args.given.apply(&mut environment, ui)?;
    let stages = engine::stages(&query.text, &environment).map_err(|diagnostics| {
        query.tell(ui, &diagnostics);
        CommandError::reported()
    })?;
    let settings = inputs::settings_of(&args.run.read, &args.export, times);
    let workers = args.workers.connect(&args.lake, &settings, ui)?;
    let engine = workers.read_for(Engine::new(&environment, settings)?);
    let (inputs, before) = if args.paths.is_empty() && args.lake.lake.is_none() {
        Default::default()
    } else {
        inputs::find_with_lake(&args.paths, &args.lake, false)?
    };
    let clock = match args.run.now {
        Some(now) => Clock::At(now),
        None if inputs.is_empty() => Clock::At(clock::now()),
        None => Clock::NewestEvent(clock::now()),
    };
    if args.plan {
        let compiled =
            engine::compile(&query.text, &environment, false).map_err(|diagnostics| {
                query.tell(ui, &diagnostics);
                CommandError::reported()
            })?;
        write_plan(&engine, &compiled, ui)?;
        let split = engine.split(std::slice::from_ref(&compiled), &inputs, clock)?;
        workers.write_split(&split, &inputs, ui)?;
    }
    let running: Vec<CompiledQuery> =
        stages.iter().filter_map(|stage| stage.query.as_ref().ok().cloned()).collect();
    let run = engine.run(&running, &inputs, clock, &ui.progress())?;
    let counted = count(&run, &stages)?;
    write_stages(&counted, ui)?;
    for stage in &stages {
        if let Err(diagnostics) = &stage.query {
            query.tell(ui, diagnostics);
            break;
        }
    }
    let balance = run.balance();
    inputs::tell(ui, &before, balance);
    if !inputs.is_empty() {
        ui.note(&stats::summary(balance));
    }
    if let Some(path) = &args.run.read.stats {
        stats::write(path, balance, &before, &[])?;
    }
    Ok(ExitStatus::of_run(before.is_empty() && balance.is_clean(), false))
}

/// A query's text, what diagnostics call it, and the rule that it is of.
struct QueryText {
    name: String,
    text: String,
    rule: Option<PackagedRule>,
}

impl QueryText {
    /// Shows diagnostics of the query, at their places in the rule's file if it has one.
    fn tell(&self, ui: &Ui, diagnostics: &[Diagnostic]) {
        let mut diagnostics = diagnostics.to_vec();
        places::add_ways_out(&mut diagnostics);
        match &self.rule {
            Some(rule) => {
                rule.move_to_file(&mut diagnostics);
                ui.diagnostics(&self.name, &rule.yaml, &diagnostics);
            }
            None => ui.diagnostics(&self.name, &self.text, &diagnostics),
        }
    }
}

/// Returns a query's text and what diagnostics call it: of a rule, of a file, or the text itself.
fn query_text(query: &OsString) -> Result<QueryText, CommandError> {
    let path = Path::new(query);
    let name = path.display().to_string();
    match path.extension().and_then(|extension| extension.to_str()) {
        Some(ending)
            if ["yaml", "yml", "json"].iter().any(|it| ending.eq_ignore_ascii_case(it)) =>
        {
            let rule = PackagedRule::load(path)?;
            Ok(QueryText { name, text: rule.rule.query.clone(), rule: Some(rule) })
        }
        Some("kql" | "csl") => match fs::read_to_string(path) {
            Ok(text) => Ok(QueryText { name, text, rule: None }),
            Err(error) => Err(CommandError::user(format!("{name}: {error}"))),
        },
        _ => match query.clone().into_string() {
            Ok(text) => Ok(QueryText { name: "query".to_owned(), text, rule: None }),
            Err(_) => Err(CommandError::user("the query is not valid UTF-8")),
        },
    }
}

/// A stage with what was counted; nothing if it does not run yet.
struct Counted<'s> {
    stage: &'s Stage,
    rows: Option<(u64, Duration)>,
}

fn count<'s>(run: &Run<'_>, stages: &'s [Stage]) -> Result<Vec<Counted<'s>>, CommandError> {
    let mut counted: Vec<Counted<'s>> = Vec::with_capacity(stages.len());
    let mut before = Duration::ZERO;
    let mut query: usize = 0;
    for stage in stages {
        if stage.query.is_err() {
            counted.push(Counted { stage, rows: None });
            continue;
        }
        let (rows, time) = clock::timed(|| rows_of(run, query));
        query = query.saturating_add(1);
        let own = time.saturating_sub(before);
        before = time;
        counted.push(Counted { stage, rows: Some((rows?, own)) });
    }
    Ok(counted)
}

/// Returns the one number that a stage's query gives.
fn rows_of(run: &Run<'_>, query: usize) -> Result<u64, CommandError> {
    let mut count = 0;
    for rows in run.rows(query)? {
        for batch in rows {
            let batch = batch?;
            for row in 0..batch.num_rows() {
                let value = batch
                    .columns()
                    .first()
                    .map(|column| engine::value(column.as_ref(), kql_types::KqlType::Long, row));
                if let Some(kql_types::Value::Long(Some(number))) = value {
                    count = u64::try_from(number).unwrap_or_default();
                }
            }
        }
    }
    Ok(count)
}

fn write_stages(counted: &[Counted<'_>], ui: &Ui) -> Result<(), CommandError> {
    let mut stdout = ui.stdout();
    writeln!(stdout, "{:>12}  {:>10}  stage", "rows", "time")?;
    let mut variable = None;
    for Counted { stage, rows } in counted {
        if stage.variable != variable {
            variable.clone_from(&stage.variable);
            if let Some(name) = &variable {
                writeln!(stdout, "{:>12}  {:>10}  let {name} =", "", "")?;
            } else {
                writeln!(stdout)?;
            }
        }
        let (rows, time) = match rows {
            Some((rows, time)) => (rows.to_string(), format!("{:.1} ms", millis(*time))),
            None => ("refused".to_owned(), String::new()),
        };
        let indent = stage.depth.saturating_mul(4);
        writeln!(stdout, "{rows:>12}  {time:>10}  {:indent$}{}", "", line(stage))?;
    }
    if let Some(first) = counted.iter().find(|it| matches!(it.rows, Some((0, _)))) {
        writeln!(stdout, "\nno rows from here on: {}", line(first.stage))?;
    }
    stdout.flush()?;
    Ok(())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Returns a stage's text as one line, comments left out.
fn line(stage: &Stage) -> String {
    const WIDTH: usize = 100;
    let without_comments = stage.text.lines().map(|line| line.split(" //").next().unwrap_or(line));
    let words: Vec<String> =
        without_comments.flat_map(str::split_whitespace).map(printable).collect();
    let text = words.join(" ");
    if text.chars().count() <= WIDTH {
        return text;
    }
    let cut: String = text.chars().take(WIDTH.saturating_sub(1)).collect();
    format!("{cut}…")
}

/// Returns a word without what a terminal would act on.
fn printable(word: &str) -> String {
    word.chars()
        .map(|char| if char.is_control() { char::REPLACEMENT_CHARACTER } else { char })
        .collect()
}

fn write_plan(engine: &Engine, query: &CompiledQuery, ui: &Ui) -> Result<(), CommandError> {
    let mut stdout = ui.stdout();
    for (result, plan) in query.results.iter().zip(engine.plans(query)?) {
        writeln!(stdout, "typed tree\n\n{}\nplan\n\n{plan}\n", result.tree)?;
        writeln!(stdout, "replay of a schedule: {}\n", engine.replay(result)?)?;
    }
    stdout.flush()?;
    Ok(())
}
