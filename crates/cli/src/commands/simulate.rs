//! `quarry simulate`: what Sentinel would have raised, dropped and repeated.

mod against;
mod ingestion_delay;
mod phase;
mod remarks;
mod settings;

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use detection::{
    CompiledRules, PackagedRule,
    simulate::{
        Mode, Remark, RemarkKind, Simulated, SimulatedRun, Simulation, Told, simulate,
        simulate_phases, too_many_near_real_time,
    },
};
use engine::{Engine, Environment, Input};
use kql_types::Ticks;
use report::simulation::{
    Summary, Timeline, write_detections, write_line, write_page, write_phases, write_rows,
};
use sentinel::table::{RunHealth, security_alert, security_incident, sentinel_health};

use self::{
    against::Against,
    ingestion_delay::{IngestionDelay, ingestion_delay},
    phase::{Phase, phase},
    remarks::tell_remarks,
    settings::simulation,
};
use crate::{
    args::{
        ReadArgs,
        given::{self, GivenArgs},
        lake::LakeArgs,
    },
    clock,
    error::CommandError,
    exit::ExitStatus,
    findings::unfilled,
    inputs,
    project::{ExportArgs, Project, ProjectArgs, load_project},
    rules::{self, Purpose, Rules},
    stats,
    ui::Ui,
    whole,
};

/// Simulate what Sentinel would have done with rules, run by run
///
/// Every run of each rule's schedule is told, with what it would have found, raised and lost: alerts
/// that repeat what an earlier run had raised, rows above the cap of 150 alerts, entities that Sentinel
/// drops, suppressed runs, and the incidents that alerts become.
///
/// Two modes stand side by side. `exact` does what Microsoft documents of Sentinel. `strict` raises an
/// alert for each finding once, in the first run that has it, and loses nothing.
///
/// Where the documentation is silent, something is assumed. Every result lists what;
/// `--choice NAME=OPTION` takes another option.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  quarry simulate --rule my-rule.yaml logs/
  quarry simulate --rule my-rule.yaml --mode exact --format jsonl logs/ > runs.jsonl
  quarry simulate --rule my-rule.yaml --from 2024-05-01 --to 2024-05-02 --phase 3 logs/
  quarry simulate --rule my-rule.yaml --phase all logs/
  quarry simulate --rule my-rule.yaml --against old-rule.yaml logs/
  quarry simulate --rule my-rule.yaml --format timeline --report timeline.html logs/
  quarry simulate --ingestion-delay 10m --choice window=closed logs/
  quarry simulate --rule my-rule.yaml --ingestion-delay p50=2m,p99=20m --seed 7 logs/

Exit status: 0 no alert, 1 alerts (with --against: 0 no alert won or lost, 1 some), 2 usage or input error, or no rule ran, 3 finished but some input was \
unreadable, 4 finished but some rules did not run. Of several the first of 2, 4, 3, 1 holds.")]
pub(crate) struct SimulateArgs {
    /// Files, folders and archives; `-` for stdin
    #[arg(required_unless_present = "lake", value_name = "PATH")]
    paths: Vec<PathBuf>,

    #[command(flatten)]
    lake: LakeArgs,

    /// Simulate the rules of a package's folder
    #[arg(long, value_name = "DIR")]
    package: Option<PathBuf>,

    /// Simulate the rules of a file or a folder, or the package's rule of that id (can be repeated)
    ///
    /// A rule that Sentinel would not save is refused with all reasons, and left out.
    #[arg(long = "rule", value_name = "PATH|ID")]
    rules: Vec<String>,

    /// Compare with what an older version of the rules does at the same times: a rule's file, a folder, or
    /// a package's folder
    ///
    /// A rule is compared with that of the same id; where there is one rule on each side, with that. An
    /// alert is won if it rests on a record that no alert of the older version rests on, and lost the
    /// other way round.
    #[arg(long, value_name = "PATH")]
    against: Option<PathBuf>,

    /// When the rules are created: they run then for the first time
    ///
    /// Without it, rules run at multiples of their frequency, as in a hunt, from the first event on.
    #[arg(long, value_name = "TIME", value_parser = clock::parse)]
    from: Option<Ticks>,

    /// The last time at which a rule may run; without it, that of the last event and the rule's period
    #[arg(long, value_name = "TIME", value_parser = clock::parse)]
    to: Option<Ticks>,

    /// Run every rule so many minutes later; `all` tells how likely each event is found and how often it
    /// is alerted on, over all minutes at which a rule may have been created
    ///
    /// Rules that run rarely have many such minutes, 1,440 if they run daily. `all:60` simulates 60 of
    /// them at most, evenly spread. `all` alone does so by itself where all of them would have to look at
    /// too many rows, and says so.
    #[arg(long, value_name = "MINUTES|all[:N]", default_value = "0", value_parser = phase)]
    phase: Phase,

    /// How long after its time an event is there to be queried: `5m`, `1h`, or `00:01:30`; percentiles such
    /// as `p50=2m,p99=20m`, or a list such as `0,2m,30m`
    ///
    /// With percentiles, delays rise evenly from none to the first one and between them; what is above the
    /// last one takes as long as that. Of a list, each is as likely. An event's delay is drawn by its place
    /// in the input and `--seed`. Beside what is found with it stands from which delay on, were it that of
    /// all events, each detection is missed.
    #[arg(long, value_name = "SPAN", default_value = "0", value_parser = ingestion_delay)]
    ingestion_delay: IngestionDelay,

    /// What delays are drawn by
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,

    /// Have whatever is tried within a time fail for a passing reason, as when the workspace cannot be
    /// reached: `2024-05-01T10:00:00Z/2024-05-01T11:30:00Z` (can be repeated)
    #[arg(long = "outage", value_name = "FROM/TO", value_parser = outage)]
    outages: Vec<(Ticks, Ticks)>,

    /// Have it fail for a lasting reason, as when a table is gone (can be repeated)
    #[arg(long = "breakage", value_name = "FROM/TO", value_parser = outage)]
    breakages: Vec<(Ticks, Ticks)>,

    /// What to simulate
    #[arg(long, value_enum, default_value_t = Modes::Both, value_name = "MODE")]
    mode: Modes,

    /// Take another option where the documentation is silent (can be repeated)
    #[arg(long = "choice", value_name = "NAME=OPTION")]
    choices: Vec<String>,

    /// How to write what happens
    #[arg(long, value_enum, default_value_t = SimulationFormat::Table, value_name = "FORMAT")]
    format: SimulationFormat,

    /// Write a page with a picture of each rule besides: its events, windows, runs, alerts and incidents
    /// along time, in one file that loads nothing from anywhere
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,

    /// Write the rows that Sentinel would have, as JSON lines, to a folder: `SecurityAlert`,
    /// `SecurityIncident` and `SentinelHealth`
    #[arg(long, value_name = "DIR")]
    tables: Option<PathBuf>,

    #[command(flatten)]
    read: ReadArgs,

    #[command(flatten)]
    given: GivenArgs,

    #[command(flatten)]
    project: ProjectArgs,

    #[command(flatten)]
    export: ExportArgs,
}

/// What is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Modes {
    /// What Sentinel documents
    Exact,
    /// Each finding once
    Strict,
    /// One after the other
    Both,
}

impl Modes {
    fn modes(self) -> Vec<Mode> {
        match self {
            Self::Exact => vec![Mode::Exact],
            Self::Strict => vec![Mode::Strict],
            Self::Both => vec![Mode::Exact, Mode::Strict],
        }
    }
}

/// How what happens is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum SimulationFormat {
    /// A summary for people
    Table,
    /// A picture of each rule in characters
    Timeline,
    /// A JSON object for each run, alert and incident
    Jsonl,
}

pub(crate) fn run(args: &SimulateArgs, ui: &Ui) -> Result<ExitStatus, CommandError> {
    let simulation = simulation(args)?;
    let package = rules::package(args.package.as_deref())?;
    let Rules { rules, is_whole } = rules::load(&args.rules, &package, Purpose::Simulation, ui)?;
    let against = args.against.as_deref();
    let against = against.map(|path| Against::load(path, args, ui)).transpose()?;
    let Project { environment, times } = project_of(args, args.package.as_deref(), ui)?;
    let settings = inputs::settings_of(&args.read, &args.export, times);
    let (compiled, refused) =
        CompiledRules::compile_for_simulation(&rules, &environment, settings.threads);
    rules::tell_refused(ui, &refused);
    if compiled.is_empty() {
        return Err(CommandError::reported());
    }
    if let Some(count) = too_many_near_real_time(&compiled) {
        ui.warning(&format!("{count} rules run in near real time; a workspace takes 50 of them"));
    }
    let (inputs, before) = inputs::find_with_lake(&args.paths, &args.lake, false)?;
    let engine = Engine::new(&environment, settings)?;
    let prepared = Prepared { args, engine: &engine, compiled: &compiled, inputs: &inputs, ui };
    let old = against.as_ref().map(|it| it.compile(&environment, &prepared)).transpose()?;
    let (simulated, has_alerts) = match &old {
        Some(old) => prepared.write_changes(&old.compiled, &simulation)?,
        None => prepared.simulate(&simulation)?,
    };
    let balance = simulated.run.balance();
    let unfilled = unfilled::find(&compiled, &environment, balance);
    if let Some(path) = &args.read.stats {
        stats::write(path, balance, &before, &unfilled)?;
    }
    inputs::tell(ui, &before, balance);
    inputs::tell_wrong_times(ui, balance);
    unfilled::tell(ui, &unfilled);
    let of_old = old.iter().flat_map(|old| old.compiled.queries());
    let ran: Vec<PackagedRule> =
        compiled.queries().chain(of_old).map(|(rule, _)| rule.clone()).collect();
    rules::tell_failed(ui, &simulated.failed, &ran);
    tell_remarks(ui, &simulated.remarks);
    ui.note(&stats::summary(balance));
    let is_left_out = |remark: &Remark| match remark.kind {
        RemarkKind::NoTime | RemarkKind::OverOwnTables => true,
        RemarkKind::AlertsOfNothing => args.mode == Modes::Strict,
        RemarkKind::BlindSpan(_) | RemarkKind::SomePhases { .. } => false,
    };
    let all_ran = is_whole
        && refused.is_empty()
        && old.is_none_or(|old| old.all_compiled)
        && simulated.failed.is_empty()
        && !simulated.remarks.iter().any(is_left_out);
    let outcome = ExitStatus::of_run(before.is_empty() && balance.is_clean(), has_alerts);
    Ok(outcome.with_rules(all_ran))
}

/// Returns what the queries of a package's rules may ask for.
fn project_of(
    args: &SimulateArgs,
    package: Option<&Path>,
    ui: &Ui,
) -> Result<Project, CommandError> {
    let builtin = Environment::builtin(tables::Environment::Both);
    let Project { mut environment, times } = load_project(builtin, &args.project)?;
    environment.set_room(inputs::room(args.read.memory.unwrap_or_default()));
    if let Some(folder) = package {
        given::add_package_watchlists(folder, &mut environment)?;
    }
    args.given.apply(&mut environment, ui)?;
    // Of delays that are drawn no query can ask.
    if let IngestionDelay::Same(delay) = &args.ingestion_delay {
        environment.assume_ingestion_after(*delay);
    }
    Ok(Project { environment, times })
}

/// Reads a time from one moment to another.
fn outage(text: &str) -> Result<(Ticks, Ticks), String> {
    let (from, to) = text.split_once('/').ok_or("expected two times with `/` between them")?;
    let (from, to) = (clock::parse(from)?, clock::parse(to)?);
    if from < to { Ok((from, to)) } else { Err("it is over before it starts".to_owned()) }
}

/// All that a simulation needs.
struct Prepared<'a> {
    args: &'a SimulateArgs,
    engine: &'a Engine,
    compiled: &'a CompiledRules<'a>,
    inputs: &'a [Input],
    ui: &'a Ui,
}

/// Where the rows of Sentinel's tables go.
struct Tables<'a> {
    alerts: &'a mut dyn Write,
    incidents: &'a mut dyn Write,
    health: &'a mut dyn Write,
}

impl<'a> Prepared<'a> {
    /// Simulates, writes what happens, and tells whether there are alerts.
    fn simulate(&self, simulation: &Simulation) -> Result<(Simulated<'a>, bool), CommandError> {
        if let Phase::All(most) = self.args.phase {
            return self.write_phases(simulation, most);
        }
        let Some(folder) = &self.args.tables else { return self.write(simulation, None) };
        let unwritable = |error: io::Error| {
            CommandError::user(format!("{}: cannot be written: {error}", folder.display()))
        };
        fs::create_dir_all(folder).map_err(unwritable)?;
        let path = |table: &str| -> PathBuf { Path::new(folder).join(format!("{table}.jsonl")) };
        whole::write(&path("SecurityAlert"), |alerts| {
            whole::write(&path("SecurityIncident"), |incidents| {
                whole::write(&path("SentinelHealth"), |health| {
                    self.write(simulation, Some(Tables { alerts, incidents, health }))
                })
            })
        })
    }

    fn write(
        &self,
        simulation: &Simulation,
        mut tables: Option<Tables<'_>>,
    ) -> Result<(Simulated<'a>, bool), CommandError> {
        let Self { args, engine, compiled, inputs, ui } = self;
        let mut stdout = ui.stdout();
        let mut summary = Summary::default();
        let is_drawn = args.report.is_some() || args.format == SimulationFormat::Timeline;
        let mut timeline = Timeline::default();
        let mut tell = |told: Told<'_>| {
            summary.add(&told);
            if is_drawn {
                timeline.add(&told);
            }
            if args.format == SimulationFormat::Jsonl {
                write_line(&told, &mut stdout)?;
            }
            match &mut tables {
                Some(tables) => tables.write(&told),
                None => Ok(()),
            }
        };
        let progress = ui.progress();
        let simulated = simulate(engine, compiled, inputs, simulation, &progress, &mut tell)?;
        match args.format {
            SimulationFormat::Table => {
                summary.write(&simulation.assumptions, ui.table_options(), &mut stdout)?;
                self.tell_delays();
            }
            SimulationFormat::Timeline => {
                timeline.write(ui.table_options(), &mut stdout)?;
                self.tell_assumptions(simulation);
            }
            SimulationFormat::Jsonl => self.tell_assumptions(simulation),
        }
        stdout.flush()?;
        if let Some(path) = &args.report {
            let assumptions = &simulation.assumptions;
            whole::write(path, |out| Ok(write_page(&summary, &timeline, assumptions, out)?))?;
        }
        Ok((simulated, summary.alerts() > 0))
    }

    fn write_phases(
        &self,
        simulation: &Simulation,
        most: Option<u32>,
    ) -> Result<(Simulated<'a>, bool), CommandError> {
        let Self { args, engine, compiled, inputs, ui } = self;
        let (simulated, phases) =
            simulate_phases(engine, compiled, inputs, simulation, most, &ui.progress())?;
        let mut stdout = ui.stdout();
        match args.format {
            SimulationFormat::Table => {
                let options = ui.table_options();
                write_phases(&phases, &simulation.assumptions, options, &mut stdout)?;
            }
            // Refused before anything runs.
            SimulationFormat::Timeline => {}
            SimulationFormat::Jsonl => {
                write_detections(&phases, &mut stdout)?;
                self.tell_assumptions(simulation);
            }
        }
        stdout.flush()?;
        Ok((simulated, phases.iter().any(|rule| rule.alerts.most > 0)))
    }

    /// Says what delays are drawn by.
    fn tell_delays(&self) {
        if self.args.ingestion_delay.is_drawn() {
            let (delays, seed) = (&self.args.ingestion_delay, self.args.seed);
            self.ui.note(&format!("ingestion delays are drawn: {delays}, seed {seed}"));
        }
    }

    /// Says what is assumed, where the results are for programs.
    fn tell_assumptions(&self, simulation: &Simulation) {
        self.tell_delays();
        for assumption in simulation.assumptions.list() {
            let (name, value, about) = (assumption.name, assumption.value, assumption.about);
            self.ui.note(&format!("assumed: {name}={value}: {about}"));
        }
    }
}

impl Tables<'_> {
    /// Writes the rows that Sentinel has of something that happens.
    fn write(&mut self, told: &Told<'_>) -> io::Result<()> {
        match told {
            // Sentinel does not tell of what Defender runs.
            Told::Run(run) if run.mode == Mode::Exact && !run.rule.kind.is_of_defender() => {
                let SimulatedRun { rule, scheduled, rows, raised, .. } = *run;
                let health = run.attempts.iter().map(|attempt| {
                    sentinel_health(rule, RunHealth { scheduled, attempt, rows, raised })
                });
                write_rows(&health.collect::<Vec<_>>(), self.health)
            }
            Told::Alert(alert) if alert.mode == Mode::Exact => {
                write_rows(&[security_alert(alert.rule, alert.alert)], self.alerts)
            }
            Told::Incident(incident) if incident.mode == Mode::Exact => {
                write_rows(&security_incident(incident.incident, incident.number), self.incidents)
            }
            _ => Ok(()),
        }
    }
}
