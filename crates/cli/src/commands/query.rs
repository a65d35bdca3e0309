//! `quarry query`: any query over any input.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use clap::Args;
use engine::{Clock, CompiledQuery, Engine, Environment, Filled, Input, Run};
use kql_types::datetime;
use report::{Format, Options};

use crate::{
    args::{CsvArgs, RunArgs, given::GivenArgs, lake::LakeArgs, workers::WorkersArgs},
    clock,
    error::CommandError,
    exit::ExitStatus,
    findings::unfilled,
    inputs,
    project::{ExportArgs, Project, ProjectArgs, load_project},
    stats,
    ui::Ui,
};

/// Run a KQL query on files and folders
///
/// Without a PATH, tables are empty: `print`, `range` and `datatable` still have rows.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry query 'DeviceProcessEvents | summarize count() by FileName | top 10 by count_' logs/
  quarry query -f hunt.kql --format csv image/Windows/System32/winevt/Logs > rows.csv
  zcat export.csv.gz | quarry query 'DeviceNetworkEvents | where RemotePort == 445' -
  quarry query 'print now()'
  quarry query --watchlist VIP=vip.csv 'DeviceLogonEvents | where AccountName in (_GetWatchlist(\"VIP\"))' logs/

Exit status: 0 finished, 2 usage, query or input error, 3 finished but some input was unreadable.")]
pub(crate) struct QueryArgs {
    /// Read the query from a file, `-` for stdin; every argument is then a PATH
    #[arg(long, short, value_name = "FILE")]
    file: Option<PathBuf>,

    /// The query (`-` for stdin), then files, folders, or `-` for data on stdin
    #[arg(value_name = "QUERY] [PATH")]
    operands: Vec<OsString>,

    #[command(flatten)]
    lake: LakeArgs,

    #[command(flatten)]
    workers: WorkersArgs,

    /// How to write the rows
    #[arg(long, default_value_t = Format::Table, value_name = "table|json|jsonl|csv")]
    format: Format,

    #[command(flatten)]
    csv: CsvArgs,

    #[command(flatten)]
    run: RunArgs,

    #[command(flatten)]
    given: GivenArgs,

    #[command(flatten)]
    project: ProjectArgs,

    #[command(flatten)]
    export: ExportArgs,
}

/// A query's text and what diagnostics call it.
struct QueryText {
    name: String,
    text: String,
}

pub(crate) fn run(args: QueryArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let mut operands = args.operands.into_iter();
    let query = match &args.file {
        Some(file) => read_query(file)?,
        None => match operands.next() {
            Some(operand) if operand == "-" => read_query(Path::new("-"))?,
            Some(operand) => QueryText {
                name: "query".to_owned(),
                text: operand
                    .into_string()
                    .map_err(|_| CommandError::user("the query is not valid UTF-8"))?,
            },
            None => return Err(no_query()),
        },
    };
    let paths: Vec<PathBuf> = operands.map(PathBuf::from).collect();
    let builtin = Environment::builtin(tables::Environment::Both);
    let Project { mut environment, times } = load_project(builtin, &args.project)?;
    environment.set_room(inputs::room(args.run.read.memory.unwrap_or_default()));
    args.given.apply(&mut environment, ui)?;
    args.lake.add_ledger(&mut environment);
    // What is wrong with a query is said before anything is read.
    let asks = engine::asks_for_columns(&query.text, &environment);
    let needs_ledger = if asks {
        query.text.contains(lake::LEDGER)
    } else {
        compile(&query, &environment, ui)?.tables().contains(lake::LEDGER)
    };
    let (inputs, before) = if paths.is_empty() && args.lake.lake.is_none() {
        Default::default()
    } else {
        inputs::find_with_lake(&paths, &args.lake, needs_ledger)?
    };
    let clock = match args.run.now {
        Some(now) => Clock::At(now),
        None if inputs.is_empty() => Clock::At(clock::now()),
        None => Clock::NewestEvent(clock::now()),
    };
    let settings = inputs::settings_of(&args.run.read, &args.export, times);
    let workers = args.workers.connect(&args.lake, &settings, ui)?;
    let engine = workers.read_for(Engine::new(&environment, settings)?);
    if asks {
        check_readable_again(&inputs, "columns of the query depend on the data")?;
        let texts = [query.text.as_str()];
        engine.settle_columns(&texts, &mut environment, &inputs, clock, &ui.progress())?;
    }
    let mut compiled = compile(&query, &environment, ui)?;
    ui.diagnostics(&query.name, &query.text, &compiled.warnings);
    let mut run =
        engine.run_once(std::slice::from_ref(&compiled), &inputs, clock, &ui.progress())?;
    let held = environment.not_held(&compiled.patterns, run.balance());
    if !held.is_empty() {
        // What a pattern stands for is known once the input has been read: it is read again with that.
        let names: Vec<&str> = held.iter().map(String::as_str).collect();
        let why = format!("a pattern stands for {}, too", names.join(", "));
        check_readable_again(&inputs, &why)?;
        drop(run);
        environment.hold(held);
        compiled = compile(&query, &environment, ui)?;
        run = engine.run_once(std::slice::from_ref(&compiled), &inputs, clock, &ui.progress())?;
    }
    write_rows(&run, args.format, args.csv, ui)?;
    if run.uses_now() && matches!(clock, Clock::NewestEvent(_)) {
        inputs::tell_wrong_times(ui, run.balance());
        ui.note(&format!("now() is {}, the newest event", datetime::format(run.now())));
    }
    let balance = run.balance();
    inputs::tell(ui, &before, balance);
    let mut filled = Filled::new(&environment, balance);
    unfilled::tell_of_query(ui, &filled.lacks(&compiled));
    if !inputs.is_empty() {
        unfilled::tell_of_tables(ui, &filled.without_rows(&compiled));
    }
    if !inputs.is_empty() {
        ui.note(&stats::summary(balance));
    }
    if let Some(path) = &args.run.read.stats {
        stats::write(path, balance, &before, &[])?;
    }
    workers.write_report()?;
    Ok(ExitStatus::of_run(before.is_empty() && balance.is_clean(), false))
}

/// Refuses what has to be read again and cannot be.
fn check_readable_again(inputs: &[Input], why: &str) -> Result<(), CommandError> {
    if inputs.iter().any(|input| matches!(input, Input::Stdin)) {
        let error = CommandError::user(format!("{why}, and stdin cannot be read again"));
        return Err(error.with_hint("give the data as a file"));
    }
    Ok(())
}

fn compile(
    query: &QueryText,
    environment: &Environment,
    ui: &Ui,
) -> Result<CompiledQuery, CommandError> {
    engine::compile(&query.text, environment, false).map_err(|diagnostics| {
        ui.diagnostics(&query.name, &query.text, &diagnostics);
        CommandError::reported()
    })
}

fn write_rows(run: &Run<'_>, format: Format, csv: CsvArgs, ui: &Ui) -> Result<(), CommandError> {
    let options = Options { table: ui.table_options(), csv: csv.options() };
    let mut stdout = ui.stdout();
    for rows in run.rows(0)? {
        let columns = rows.columns().to_vec();
        let mut writer = report::begin(format, &columns, &options, &mut stdout)?;
        for batch in rows {
            writer.batch(&batch?)?;
        }
        writer.finish()?;
    }
    io::Write::flush(&mut stdout)?;
    Ok(())
}

fn read_query(file: &Path) -> Result<QueryText, CommandError> {
    let (name, text) = if file == Path::new("-") {
        ("stdin".to_owned(), io::read_to_string(io::stdin()))
    } else {
        (file.display().to_string(), fs::read_to_string(file))
    };
    match text {
        Ok(text) => Ok(QueryText { name, text }),
        Err(error) => Err(CommandError::user(format!("{name}: {error}"))),
    }
}

fn no_query() -> CommandError {
    CommandError::user("no query: expected its text or `--file FILE`")
        .with_hint("for example `quarry query 'DeviceProcessEvents | take 10' logs/`")
}
