//! A simulation: what Sentinel would have done with rules over the history that the inputs hold, run by
//! run.
//!
//! The rows of all runs come from one reading of the inputs, by no more looks than it takes to know them
//! (`runs`, `found`); what becomes of them is the crate `sentinel`'s. Two modes: *exact* does what
//! Sentinel documents, its duplicates, caps, gaps and dropped entities included; *strict* raises an alert
//! for each finding once, in the first run that has it, and loses nothing. With a schedule that nobody
//! has moved, strict finds what a hunt finds.

mod by_run;
mod cursor;
mod found;
mod phases;
mod reported;
mod runs;
mod span;
mod told;

use std::{io, path::PathBuf};

use engine::{Clock, CompiledQuery, Engine, EngineError, Input, Progress, Run};
use kql_types::Ticks;
use sentinel::{
    Assumptions, Failure, FailureKind, Incident, Losses, Row, Rows, RuleRuns, RunStatus, Schedule,
};
use thiserror::Error;

pub use self::phases::{Counted, Detection, RulePhases, simulate_phases};
pub use self::span::BlindSpan;
pub use self::told::{SimulatedAlert, SimulatedIncident, SimulatedRun, Told};
use self::{
    found::{Found, FoundRow, Question},
    reported::{Reported, count, rows_of},
    runs::Runs,
    span::times_of,
};
use crate::{
    evidence::Origins,
    hunt::{CompiledRules, FailedRule},
    package::PackagedRule,
};

/// The most runs of one rule: almost six years of one in near real time.
const MOST_RUNS: u64 = 3_000_000;

/// How rules are simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// As Sentinel documents it.
    Exact,
    /// Each finding once, without losses.
    Strict,
}

impl Mode {
    /// Returns the name that people give it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Strict => "strict",
        }
    }

    const fn losses(self) -> Losses {
        match self {
            Self::Exact => Losses::Sentinel,
            Self::Strict => Losses::None,
        }
    }
}

/// What is simulated.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// When the rules are created; without it, their schedules are those of a hunt, from the first time
    /// in the input on.
    pub from: Option<Ticks>,
    /// The last time at which a rule may run; without it, the last time in the input and the rule's
    /// period.
    pub to: Option<Ticks>,
    /// By how much the schedules are moved.
    pub phase: Ticks,
    /// How long after its time a row is there to be queried, in exact mode.
    pub ingestion_delay: Ticks,
    /// Times in which whatever is tried fails, in exact mode.
    pub outages: Vec<Outage>,
    /// The modes, in order.
    pub modes: Vec<Mode>,
    /// What is taken where the documentation is silent.
    pub assumptions: Assumptions,
}

/// A time in which whatever is tried fails, whichever rule it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    /// When it starts.
    pub from: Ticks,
    /// When it is over.
    pub to: Ticks,
    /// Whether what fails may do better later.
    pub kind: FailureKind,
}

impl Outage {
    fn failure(&self, time: Ticks) -> Option<Failure> {
        let reason = match self.kind {
            FailureKind::Transient => "the workspace is not available",
            FailureKind::Permanent => "a table or a function of the query is not there",
        };
        let is_inside = (self.from..self.to).contains(&time);
        is_inside.then(|| Failure { kind: self.kind, reason: reason.to_owned() })
    }
}

/// A simulation that has ended.
#[derive(Debug)]
pub struct Simulated<'engine> {
    /// The run, with its balance.
    pub run: Run<'engine>,
    /// Rules that failed while they ran.
    pub failed: Vec<FailedRule>,
    /// What is to be said of single rules.
    pub remarks: Vec<Remark>,
}

/// Something to be said of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The rule's file.
    pub path: PathBuf,
    /// The rule's name.
    pub name: String,
    /// What it is.
    pub kind: RemarkKind,
}

/// What there is to say of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RemarkKind {
    /// It raises alerts when there are no records at all. Strict mode leaves these out.
    AlertsOfNothing,
    /// No time is known to run it at.
    NoTime,
    /// It has to see several events together, and there are some that no run does.
    BlindSpan(BlindSpan),
    /// Not all start minutes were simulated, since their runs would have had to look at too many rows.
    SomePhases {
        /// How many were.
        phases: u32,
        /// How many there are.
        of: u32,
    },
}

/// Why a simulation failed. Damaged input does not make it fail.
#[derive(Debug, Error)]
pub enum SimulationError {
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// What is told cannot be written.
    #[error(transparent)]
    Write(#[from] io::Error),
    /// A rule would run too often.
    #[error("{path}: `{name}` would run {runs} times, more than {MOST_RUNS}", path = path.display())]
    TooManyRuns {
        /// The rule's file.
        path: PathBuf,
        /// The rule's name.
        name: String,
        /// How often.
        runs: u64,
    },
}

/// Reads the inputs once, runs every rule at every time of its schedule, and tells what happens: mode by
/// mode, in each rule by rule and run by run, then the mode's incidents in order of time.
///
/// # Errors
///
/// If the engine fails, a rule would run more often than anybody waits for, or `tell` fails. A rule whose
/// own query fails is left out and returned.
pub fn simulate<'engine>(
    engine: &'engine Engine,
    rules: &CompiledRules<'_>,
    inputs: &[Input],
    simulation: &Simulation,
    progress: &dyn Progress,
    tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
) -> Result<Simulated<'engine>, SimulationError> {
    let run = read(engine, rules, inputs, progress)?;
    let mut remarks = Vec::new();
    let simulated = ready(&run, rules, simulation, Start::AsInHunt, &mut remarks)?;
    let answers = answers(&simulated, engine, SimulatedRule::answer);
    for mode in &simulation.modes {
        let mut incidents = Vec::new();
        for (of_rule, answer) in simulated.iter().zip(&answers) {
            let Ok(answer) = answer else { continue };
            let found = answer.found(*mode);
            if *mode == Mode::Strict && of_rule.raises_alerts_of_nothing(found) {
                remarks.push(Remark::of(of_rule.packaged, RemarkKind::AlertsOfNothing));
                continue;
            }
            let of_mode = of_rule.tell(*mode, found, tell)?;
            incidents.extend(of_mode.into_iter().map(|incident| (of_rule.rule, incident)));
        }
        tell_incidents(*mode, incidents, tell)?;
    }
    let failed = simulated.iter().zip(answers).filter_map(|(of_rule, answer)| {
        Some(FailedRule { query: of_rule.query, error: answer.err()? })
    });
    let failed = failed.collect();
    drop(simulated);
    Ok(Simulated { run, failed, remarks })
}

/// Reads the inputs.
fn read<'engine>(
    engine: &'engine Engine,
    rules: &CompiledRules<'_>,
    inputs: &[Input],
    progress: &dyn Progress,
) -> Result<Run<'engine>, EngineError> {
    let queries: Vec<CompiledQuery> = rules.queries().map(|(_, query)| query.clone()).collect();
    // Where nothing has a time, any will do: no window holds anything then.
    engine.run(&queries, inputs, Clock::NewestEvent(0), progress)
}

/// When rules first run, unless somebody says when.
#[derive(Clone, Copy)]
enum Start {
    /// At a multiple of their frequency.
    AsInHunt,
    /// At any minute.
    AnyMinute,
}

const MINUTE: Ticks = 600_000_000;

/// Returns the rules that can be simulated; what is to be said of the others goes to `remarks`.
fn ready<'a>(
    run: &'a Run<'a>,
    rules: &CompiledRules<'a>,
    simulation: &'a Simulation,
    start: Start,
    remarks: &mut Vec<Remark>,
) -> Result<Vec<SimulatedRule<'a>>, SimulationError> {
    let input = times_of(run.balance());
    let mut simulated = Vec::new();
    for (query, (packaged, _)) in rules.queries().enumerate() {
        let Some(rule) = &packaged.analytics else { continue };
        let schedule = Schedule::of(rule.kind);
        let every = match start {
            Start::AsInHunt => schedule.frequency(),
            Start::AnyMinute => MINUTE,
        };
        let Some(span) = simulation.span(schedule, every, input) else {
            remarks.push(Remark::of(packaged, RemarkKind::NoTime));
            continue;
        };
        let runs_in_exact = simulation.modes.contains(&Mode::Exact);
        let takes_several = !run.is_row_local(query) || rule.threshold > 0;
        if let Some(blind) =
            BlindSpan::of(schedule, span.0).filter(|_| runs_in_exact && takes_several)
        {
            remarks.push(Remark::of(packaged, RemarkKind::BlindSpan(blind)));
        }
        simulated.push(SimulatedRule::new(run, query, packaged, rule, span, simulation)?);
    }
    Ok(simulated)
}

/// A rule that is simulated.
struct SimulatedRule<'a> {
    run: &'a Run<'a>,
    query: usize,
    packaged: &'a PackagedRule,
    rule: &'a sentinel::Rule,
    simulation: &'a Simulation,
    /// Its first run, and the last time for one.
    span: (Ticks, Ticks),
}

/// What the runs of a rule find, in each mode.
struct Answer {
    found: Found,
    /// In strict mode, where that is not the same.
    strict: Option<Found>,
}

impl Answer {
    fn found(&self, mode: Mode) -> &Found {
        match (mode, &self.strict) {
            (Mode::Strict, Some(strict)) => strict,
            _ => &self.found,
        }
    }
}

/// Asks something of all rules side by side; one after the other if there is not enough memory for that,
/// so that which rules there is memory for does not depend on the number of threads.
fn answers<'a, T: Send>(
    rules: &[SimulatedRule<'a>],
    engine: &Engine,
    ask: impl Fn(&SimulatedRule<'a>) -> Result<T, EngineError> + Sync,
) -> Vec<Result<T, EngineError>> {
    let mut answers = engine::map_in_parallel(rules, engine.threads(), &ask);
    let is_out_of_memory =
        |it: &Result<_, EngineError>| matches!(it, Err(error) if error.is_out_of_memory());
    if answers.iter().any(is_out_of_memory) {
        answers.clear();
        answers.extend(rules.iter().map(ask));
    }
    answers
}

/// Tells incidents in order of time, numbered.
fn tell_incidents(
    mode: Mode,
    mut incidents: Vec<(&sentinel::Rule, Incident)>,
    tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
) -> Result<(), SimulationError> {
    // Stable: those of the same time stay in order of rules.
    incidents.sort_by_key(|(_, incident)| incident.created);
    for (number, (rule, incident)) in (1..).zip(&incidents) {
        tell(Told::Incident(SimulatedIncident { mode, rule, incident, number }))?;
    }
    Ok(())
}

impl<'a> SimulatedRule<'a> {
    fn new(
        run: &'a Run<'a>,
        query: usize,
        packaged: &'a PackagedRule,
        rule: &'a sentinel::Rule,
        span: (Ticks, Ticks),
        simulation: &'a Simulation,
    ) -> Result<Self, SimulationError> {
        let of_rule = Self { run, query, packaged, rule, simulation, span };
        let runs = of_rule.runs(Mode::Exact).count();
        if runs > MOST_RUNS {
            let (path, name) = (packaged.path.clone(), packaged.rule.name.clone());
            return Err(SimulationError::TooManyRuns { path, name, runs });
        }
        Ok(of_rule)
    }

    fn runs(&self, mode: Mode) -> Runs<'a> {
        let Self { simulation, span: (first, to), .. } = *self;
        let ingestion_delay = match mode {
            Mode::Exact => simulation.ingestion_delay,
            Mode::Strict => 0,
        };
        let (schedule, assumptions) = (Schedule::of(self.rule.kind), &simulation.assumptions);
        let every = schedule.frequency();
        Runs { schedule, every, first, to, ingestion_delay, assumptions }
    }

    fn answer(&self) -> Result<Answer, EngineError> {
        let is_asked = |mode| self.simulation.modes.contains(&mode);
        if !is_asked(Mode::Exact) {
            return Ok(Answer { found: self.found(self.runs(Mode::Strict))?, strict: None });
        }
        let look = |mode| self.runs(mode).look(self.span.0);
        let is_the_same = look(Mode::Exact) == look(Mode::Strict);
        let found = self.found(self.runs(Mode::Exact))?;
        let strict = if is_asked(Mode::Strict) && !is_the_same {
            Some(self.found(self.runs(Mode::Strict))?)
        } else {
            None
        };
        Ok(Answer { found, strict })
    }

    /// Finds the rows of runs.
    fn found(&self, runs: Runs<'_>) -> Result<Found, EngineError> {
        self.question(runs).answer()
    }

    fn question<'q>(&'q self, runs: Runs<'q>) -> Question<'q> {
        let Self { run, query, packaged, .. } = *self;
        Question { run, query, rule: &packaged.rule, runs }
    }

    /// Tells whether runs without any record raise alerts. A rule that counts the records of a host and
    /// finds none is one example.
    fn raises_alerts_of_nothing(&self, found: &Found) -> bool {
        self.rule.operator.is_met(count(&found.of_nothing), self.rule.threshold)
    }

    /// Returns why a run fails if it is tried at a time.
    fn failure(&self, mode: Mode, found: &Found, scheduled: Ticks, time: Ticks) -> Option<Failure> {
        let of_outage = || self.simulation.outages.iter().find_map(|outage| outage.failure(time));
        if mode == Mode::Exact
            && let Some(failure) = of_outage()
        {
            return Some(failure);
        }
        let kind = self.simulation.assumptions.query_failure();
        found.failed.get(&scheduled).map(|reason| Failure { kind, reason: reason.clone() })
    }

    /// Tells of all runs of a mode and of their alerts, and returns the incidents.
    fn tell(
        &self,
        mode: Mode,
        found: &Found,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<Vec<Incident>, SimulationError> {
        let Self { rule, simulation, .. } = *self;
        let runs = self.runs(mode);
        let mut state = RuleRuns::new(rule, mode.losses(), &simulation.assumptions);
        let mut cursor = found.cursor(runs);
        let mut reported = Reported::default();
        let mut origins = Origins::default();
        for scheduled in runs.all() {
            let begun = state.begin(scheduled, &|time| self.failure(mode, found, scheduled, time));
            let rows = match begun.status {
                RunStatus::Ok => cursor.rows(scheduled)?,
                _ => Vec::new(),
            };
            let alerting = match mode {
                Mode::Exact => rows.clone(),
                Mode::Strict => reported.new_findings(&rows, rule),
            };
            let of_alerts: Vec<&Row> = alerting.iter().map(|found| &found.row).collect();
            let raised = match begun.status {
                RunStatus::Ok => {
                    state.run(scheduled, count(&rows), Rows::new(&found.columns, &of_alerts))
                }
                _ => sentinel::Raised::default(),
            };
            let cited: Vec<Vec<&FoundRow>> =
                raised.alerts.iter().map(|alert| rows_of(alert.kind, &alerting)).collect();
            let are_repeated: Vec<bool> = cited.iter().map(|rows| reported.has_all(rows)).collect();
            let repeated = are_repeated.iter().filter(|is_repeated| **is_repeated).count();
            let window = runs.schedule.span(scheduled);
            let rows = count(&rows);
            tell(Told::Run(SimulatedRun {
                mode,
                rule,
                scheduled,
                window,
                rows,
                status: begun.status,
                attempts: &begun.attempts,
                raised: &raised,
                repeated,
            }))?;
            for ((alert, rows), is_repeated) in raised.alerts.iter().zip(&cited).zip(are_repeated) {
                let evidence = origins.evidence(&Reported::records(rows), self.run.balance());
                tell(Told::Alert(SimulatedAlert { mode, rule, alert, evidence, is_repeated }))?;
            }
            for rows in &cited {
                reported.add(rows);
            }
        }
        Ok(state.finish(self.span.1))
    }
}

impl Remark {
    fn of(rule: &PackagedRule, kind: RemarkKind) -> Self {
        Self { path: rule.path.clone(), name: rule.rule.name.clone(), kind }
    }
}
