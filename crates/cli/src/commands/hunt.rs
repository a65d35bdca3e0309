//! `quarry hunt`: the detection package, or any rules, over any input.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use clap::Args;
use detection::{CompiledRules, Found, PackagedRule, UnfoundedRule, tuning::Tuning};
use engine::{Engine, Environment, Problem, Run};
use kql_types::datetime;
use lateral::Observers;
use report::{
    Options,
    alerts::{self, AlertFormat},
    findings::Findings,
};

use crate::{
    args::{
        CsvArgs, RunArgs,
        given::{self, GivenArgs},
        lake::LakeArgs,
        workers::WorkersArgs,
    },
    baseline::Baseline,
    clock,
    error::CommandError,
    exit::ExitStatus,
    findings::{
        self, bundle,
        unfilled::{self, Unfilled},
    },
    inputs,
    project::{ExportArgs, Project, ProjectArgs, load_project},
    rules::{self, Purpose, Rules},
    stats, tuning,
    ui::Ui,
    whole,
};

/// Run detections on files and folders
///
/// Without --package or --rule, runs the package for SMB and Windows admin shares (MITRE ATT&CK
/// T1021.002) that comes with Quarry.
///
/// Each rule runs at every time of its schedule over all of the history that the input holds. A hunt is
/// the mode `strict` of `quarry simulate`: each finding is raised once, by the first run that has it, and
/// nothing is lost to Sentinel's caps, suppression, late events and dropped entities, which `--mode exact`
/// shows there. With --now, each rule runs once, at that time.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry hunt /mnt/image/Windows/System32/winevt/Logs
  quarry hunt --report report.html /evidence
  quarry hunt --format jsonl --stats balance.json exports/ > alerts.jsonl
  quarry hunt --baseline known today/
  quarry hunt --lake lake
  quarry hunt --rule my-rule.yaml --now 2024-05-01T12:00:00Z logs.zip

Exit status: 0 nothing found, 1 alerts, 2 usage or input error, or no rule ran, 3 finished but some \
input was unreadable, 4 finished but some rules did not run. Of several the first of 2, 4, 3, 1 holds.")]
pub(crate) struct HuntArgs {
    /// Files, folders and archives; `-` for stdin
    #[arg(required_unless_present = "lake", value_name = "PATH")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    lake: LakeArgs,

    #[command(flatten)]
    workers: WorkersArgs,

    /// Run the rules of a package's folder (can be repeated)
    #[arg(long = "package", value_name = "DIR")]
    packages: Vec<PathBuf>,

    /// Run the rules of a file or a folder, or the package's rule of that id (can be repeated)
    ///
    /// A file is a rule in YAML, a template with rules, or a custom detection as YAML or as Graph has it. A
    /// rule that cannot run is told and left out.
    #[arg(long = "rule", value_name = "PATH|ID")]
    rules: Vec<String>,

    /// Set aside what these exceptions are for, beside the package's (can be repeated)
    #[arg(long, value_name = "FILE")]
    exceptions: Vec<PathBuf>,

    /// Apply no exceptions, not even the package's
    #[arg(long, conflicts_with = "exceptions")]
    no_tuning: bool,

    /// Write what was set aside as well, as informational alerts that name the exception
    #[arg(long)]
    show_suppressed: bool,

    /// Keep history for rules of first times in this folder, and read what earlier hunts kept there
    #[arg(long, value_name = "DIR")]
    baseline: Option<PathBuf>,

    /// How to write what is found: table, html, json, jsonl, csv, parquet; hops, graphml, mermaid,
    /// dot; sentinel, ocsf, ecs, splunk, sarif, junit, timesketch, navigator
    #[arg(long, default_value_t = AlertFormat::Table, value_name = "FORMAT")]
    format: AlertFormat,

    /// Write a page for people besides: one file that loads nothing from anywhere
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// Write alerts, hops, rules and the cited records to a zip archive that `quarry verify` checks
    #[arg(long, value_name = "FILE.zip")]
    bundle: Option<PathBuf>,

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

pub(crate) fn run(args: &HuntArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let package = rules::packages(args.packages.iter().map(PathBuf::as_path))?;
    let Rules { rules, is_whole } = rules::load(&args.rules, &package, Purpose::Hunt, ui)?;
    let tuning = if args.no_tuning {
        Tuning::default()
    } else {
        tuning::load(&package, &args.exceptions, args.run.now.unwrap_or_else(clock::now))?
    };
    tuning::warn_of_expired(ui, &tuning);
    let builtin = Environment::builtin(tables::Environment::Both);
    let Project { mut environment, times } = load_project(builtin, &args.project)?;
    environment.set_room(inputs::room(args.run.read.memory.unwrap_or_default()));
    for folder in &args.packages {
        given::add_package_watchlists(folder, &mut environment)?;
    }
    args.given.apply(&mut environment, ui)?;
    let settings = inputs::settings_of(&args.run.read, &args.export, times);
    let (compiled, refused) = CompiledRules::compile(&rules, &environment, settings.threads);
    rules::tell_refused(ui, &refused);
    if compiled.is_empty() {
        return Err(CommandError::reported());
    }
    let is_refused = |rule: &PackagedRule| {
        refused.iter().any(|it| it.rule.path == rule.path && it.rule.rule.id == rule.rule.id)
    };
    let ran: Vec<PackagedRule> = rules.iter().filter(|rule| !is_refused(rule)).cloned().collect();
    let is_whole = is_whole && refused.is_empty();
    let baseline = args.baseline.as_deref();
    let mut baseline =
        baseline.map(|path| Baseline::open(path, &package, &environment, ui)).transpose()?;
    let mut paths = args.paths.clone();
    if let Some(baseline) = &baseline {
        baseline.add_to(&mut paths, ui);
    }
    let (inputs, before) = inputs::find_with_lake(&paths, &args.lake, false)?;
    let workers = args.workers.connect(&args.lake, &settings, ui)?;
    let engine = workers.read_for(Engine::new(&environment, settings)?);
    let observers = Observers::compile(&environment).map_err(CommandError::user)?;
    let (now, progress) = (args.run.now, ui.progress());
    let mut beside = observers.queries().to_vec();
    beside.extend(baseline.as_ref().map(|baseline| baseline.query().clone()));
    let mut found = detection::hunt(&engine, &compiled, &beside, &inputs, now.into(), &progress)?;
    if let Some(baseline) = &mut baseline {
        baseline.drop_known(&mut found);
    }
    let suppressed = set_aside(args, &tuning, &mut found, ui);
    let mut findings = findings::gather(&package, &ran, &mut found, &observers, &before)?;
    findings.suppressed = suppressed;
    let unfilled = unfilled::find(&compiled, &environment, found.run.balance());
    findings.unfilled = unfilled.iter().map(Unfilled::text).collect();
    let needs_all = args.bundle.is_some();
    if needs_all || args.format.shows_records() || args.report.is_some() {
        let balance = found.run.balance();
        let alerts = &findings.alerts;
        let cited = findings::cited(&engine, &environment, &inputs, balance, alerts, needs_all)?;
        findings.records = findings::records(&cited, args.run.read.memory.unwrap_or_default());
        if let Some(path) = &args.bundle {
            let missing = bundle::missing(&findings.alerts, &cited);
            let digest = bundle::write(path, &findings, &ran, &inputs, cited, args.run.now)?;
            ui.note(&format!("{}: manifest SHA-256 {digest}", path.display()));
            if missing > 0 {
                ui.warning(&format!(
                    "{}: {missing} cited records could not be read again and are not in it",
                    path.display()
                ));
            }
        }
    }
    if let Some(path) = &args.report {
        write_report(path, &findings)?;
    }
    write_alerts(&findings, args.format, args.csv, ui)?;
    if let Some(path) = &args.run.read.stats {
        stats::write(path, found.run.balance(), &before, &unfilled)?;
    }
    workers.write_report()?;
    if let Some(baseline) = &baseline {
        baseline.write(&found.run, found.beside.saturating_add(observers.queries().len()))?;
    }
    unfilled::tell(ui, &unfilled);
    rules::tell_failed(ui, &found.failed, &ran);
    let all_ran = is_whole && found.failed.is_empty() && found.unfounded.is_empty();
    let is_found = !findings.alerts.is_empty();
    let outcome =
        tell_outcome(ui, &found.run, &found.unfounded, is_found, &before, args.run.now.is_some());
    Ok(outcome.with_rules(all_ran))
}

/// Takes the alerts that exceptions are for out of what was found, says so, and returns them as a
/// report shows them.
fn set_aside(
    args: &HuntArgs,
    tuning: &Tuning,
    found: &mut Found<'_>,
    ui: &Ui,
) -> Vec<report::findings::Suppressed> {
    let tuned = tuning.apply(std::mem::take(&mut found.alerts));
    found.alerts = tuned.alerts;
    tuning::tell_suppressed(ui, &tuned.suppressed, tuning);
    let reported = tuning::reported(&tuned.suppressed, tuning);
    if args.show_suppressed {
        found.alerts.extend(tuned.suppressed.into_iter().map(|found| found.alert));
        // Stable: alerts of the same time stay in order of rules.
        found.alerts.sort_by_key(|alert| alert.time);
    }
    reported
}

fn write_alerts(
    findings: &Findings,
    format: AlertFormat,
    csv: CsvArgs,
    ui: &Ui,
) -> Result<(), CommandError> {
    let mut stdout = ui.stdout();
    let options = Options { table: ui.table_options(), csv: csv.options() };
    alerts::write(format, findings, options, &mut stdout)?;
    stdout.flush()?;
    Ok(())
}

/// Writes the page to a file.
fn write_report(path: &Path, findings: &Findings) -> Result<(), CommandError> {
    whole::write(path, |out| {
        Ok(alerts::write(AlertFormat::Html, findings, Options::default(), out)?)
    })
}

fn tell_outcome(
    ui: &Ui,
    run: &Run<'_>,
    unfounded: &[UnfoundedRule],
    is_found: bool,
    before: &[Problem],
    now_given: bool,
) -> ExitStatus {
    let balance = run.balance();
    inputs::tell(ui, before, balance);
    if !now_given {
        inputs::tell_wrong_times(ui, balance);
    }
    for rule in unfounded {
        ui.warning(&format!(
            "{path}: rule `{name}` was not run: it raises alerts where there is no record at all, \
             and an alert has to say what it rests on",
            path = rule.path.display(),
            name = rule.name,
        ));
    }
    ui.note(&stats::summary(balance));
    if run.uses_now() && !now_given && balance.total().newest.is_some() {
        ui.note(&format!(
            "schedules were replayed up to the newest event, {}; `--now` runs each rule once",
            datetime::format(run.now())
        ));
    }
    let is_whole = before.is_empty() && balance.is_clean();
    ExitStatus::of_run(is_whole, is_found)
}
