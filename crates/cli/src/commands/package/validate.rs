//! `quarry validate`: what tests that were run in a lab left in the logs, and what the rules made of it.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use detection::{
    CompiledRules, Package, PackagedRule, When,
    tuning::Tuned,
    validation::{HuntFacts, LabTest, Plan, ValidateError, ValidationReport, Validator},
};
use engine::{Engine, Environment};
use lateral::Observers;
use report::{
    Options,
    alerts::{self, AlertFormat},
    findings::Findings,
    validation,
};

use crate::{
    args::ReadArgs,
    clock,
    error::CommandError,
    exit::ExitStatus,
    findings, inputs,
    project::{ExportArgs, Project, ProjectArgs, load_project},
    rules, stats, tuning,
    ui::Ui,
    whole,
};

/// Say what tests of a technique left in the logs, and what would record the rest
///
/// The package's `validation.yaml` has tests to run on hosts that one owns, and the signals that each leaves.
/// This holds the logs of such a run against it: which signals were recorded and where, which audit policy,
/// Sysmon setting or host would give those that are missing, which rules fired, how severely and after
/// how long, and which other alerts the run raised. It runs no test itself. Without LOGS, says how each
/// test is run and how to clear up behind it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry validate
  quarry validate samples/evtx_dump
  quarry validate --test reference-3 --source ws-117 --target srv-files02 logs/
  quarry validate --test 0eb03d41-79e4-4393-8e57-6344856be1cf logs/
  quarry validate --format junit --report run.html logs/ > validation.xml

Exit status: 0 every test that was run left all that was expected, and its rules fired; 1 something is \
missing, or no test was run; 2 usage, package or input error; 3 finished but some input was unreadable; \
4 finished but some rules did not run. Of several the first of 2, 4, 3, 1 holds.")]
pub(crate) struct ValidateArgs {
    /// Files, folders and archives with the logs of the run
    #[arg(value_name = "LOGS")]
    paths: Vec<PathBuf>,

    /// Look for this test alone, by its id or its GUID in Atomic Red Team (can be repeated)
    #[arg(long = "test", value_name = "ID")]
    tests: Vec<String>,

    /// The host that tests were run from: a name or an address
    #[arg(long, value_name = "HOST")]
    source: Option<String>,

    /// The host that tests were run against: a name or an address
    #[arg(long, value_name = "HOST")]
    target: Option<String>,

    /// Use the tests and rules of a package's folder
    #[arg(long, value_name = "DIR")]
    package: Option<PathBuf>,

    /// How to write what came of the tests
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: ValidationFormat,

    /// Write a page for people besides, as `hunt` does, with a section on the tests
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    #[command(flatten)]
    read: ReadArgs,

    #[command(flatten)]
    project: ProjectArgs,

    #[command(flatten)]
    export: ExportArgs,
}

/// How the outcome of tests is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ValidationFormat {
    /// For people
    #[default]
    Table,
    /// One object
    Json,
    /// A suite for each test, a case for each of its signals and rules
    Junit,
}

pub(crate) fn run(args: &ValidateArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let package = rules::package(args.package.as_deref())?;
    let plan = package
        .validation
        .as_ref()
        .ok_or_else(|| CommandError::user("the package has no `validation.yaml`"))?;
    let tests = wanted(plan, &args.tests)?;
    if args.paths.is_empty() {
        let mut stdout = ui.stdout();
        validation::write_plan(tests, &mut stdout)?;
        stdout.flush()?;
        return Ok(ExitStatus::Nothing);
    }
    let builtin = Environment::builtin(tables::Environment::Both);
    let Project { mut environment, times } = load_project(builtin, &args.project)?;
    environment.set_room(inputs::room(args.read.memory.unwrap_or_default()));
    let settings = inputs::settings_of(&args.read, &args.export, times);
    let hosts = [args.source.as_deref(), args.target.as_deref()];
    let validator = Validator::compile(plan, tests, hosts, &environment).map_err(to_command)?;
    let (compiled, refused) =
        CompiledRules::compile(&package.rules, &environment, settings.threads);
    rules::tell_refused(ui, &refused);
    let is_refused = |id: &str| refused.iter().any(|refused| refused.rule.rule.id == id);
    let ran: Vec<_> =
        package.rules.iter().filter(|rule| !is_refused(&rule.rule.id)).cloned().collect();
    let tuning = tuning::load(&package, &[], clock::now())?;
    let (inputs, before) = inputs::find(&args.paths)?;
    let engine = Engine::new(&environment, settings)?;
    let observers = Observers::compile(&environment).map_err(CommandError::user)?;
    let mut beside = observers.queries().to_vec();
    let own = beside.len();
    beside.extend_from_slice(validator.queries());
    let progress = ui.progress();
    let mut found =
        detection::hunt(&engine, &compiled, &beside, &inputs, When::History, &progress)?;
    let first = found.beside.saturating_add(own);
    let Tuned { alerts, suppressed } = tuning.apply(std::mem::take(&mut found.alerts));
    let tuned = Tuned { alerts, suppressed };
    let of_rules: Vec<_> = ran.iter().map(PackagedRule::facts).collect();
    let facts = HuntFacts { tuned: &tuned, rules: &of_rules };
    let report = validator.read(&found.run, first, &facts).map_err(to_command)?;
    write(args, &package, &report, ui)?;
    if let Some(path) = &args.report {
        let suppressed = tuning::reported(&tuned.suppressed, &tuning);
        found.alerts = tuned.alerts;
        let mut findings = findings::gather(&package, &ran, &mut found, &observers, &before)?;
        findings.suppressed = suppressed;
        findings.validation = Some(report.clone());
        let balance = found.run.balance();
        let cited =
            findings::cited(&engine, &environment, &inputs, balance, &findings.alerts, false)?;
        findings.records = findings::records(&cited, args.read.memory.unwrap_or_default());
        write_page(path, &findings)?;
    }
    let balance = found.run.balance();
    if let Some(path) = &args.read.stats {
        stats::write(path, balance, &before, &[])?;
    }
    inputs::tell(ui, &before, balance);
    rules::tell_failed(ui, &found.failed, &ran);
    if report.attempted().next().is_none() {
        ui.warning(
            "no attempt at any of the tests is in these logs; `--test ID` says what would show it",
        );
    }
    ui.note(&stats::summary(balance));
    let all_ran = refused.is_empty() && found.failed.is_empty() && found.unfounded.is_empty();
    let is_whole = before.is_empty() && balance.is_clean();
    Ok(ExitStatus::of_run(is_whole, !report.is_good()).with_rules(all_ran))
}

/// Returns the tests asked for, all if none is.
fn wanted<'a>(plan: &'a Plan, ids: &[String]) -> Result<Vec<&'a LabTest>, CommandError> {
    if ids.is_empty() {
        return Ok(plan.tests.iter().collect());
    }
    let find = |id: &String| {
        let is_it = |test: &&LabTest| {
            test.id.eq_ignore_ascii_case(id)
                || test.atomic.as_ref().is_some_and(|guid| guid.eq_ignore_ascii_case(id))
        };
        plan.tests.iter().find(is_it).ok_or_else(|| {
            let known: Vec<&str> = plan.tests.iter().map(|test| test.id.as_str()).collect();
            CommandError::user(format!("the package has no test `{id}`"))
                .with_hint(format!("its tests: {}", known.join(", ")))
        })
    };
    ids.iter().map(find).collect()
}

fn write(
    args: &ValidateArgs,
    package: &Package,
    report: &ValidationReport,
    ui: &Ui,
) -> Result<(), CommandError> {
    let mut stdout = ui.stdout();
    match args.format {
        ValidationFormat::Table => {
            let wants_unseen = !args.tests.is_empty();
            validation::write_table(report, wants_unseen, ui.table_options(), &mut stdout)?;
        }
        ValidationFormat::Json => validation::write_json(report, &mut stdout)?,
        ValidationFormat::Junit => validation::write_junit(report, &package.id, &mut stdout)?,
    }
    Ok(stdout.flush()?)
}

fn write_page(path: &Path, findings: &Findings) -> Result<(), CommandError> {
    whole::write(path, |out| {
        Ok(alerts::write(AlertFormat::Html, findings, Options::default(), out)?)
    })
}

fn to_command(error: ValidateError) -> CommandError {
    match error {
        ValidateError::Engine(error) => error.into(),
        signal @ ValidateError::Signal { .. } => CommandError::user(signal),
    }
}
