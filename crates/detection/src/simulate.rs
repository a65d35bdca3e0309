//! A simulation: what Sentinel would have done with rules over the history that the inputs hold, run by
//! run.
//!
//! The rows of all runs come from one reading of the inputs, by no more looks than it takes to know them
//! (`runs`, `found`); what becomes of them is the crate `sentinel`'s. Two modes: *exact* does what
//! Sentinel documents, its duplicates, caps, gaps and dropped entities included; *strict* raises an alert
//! for each finding once, in the first run that has it, and loses nothing. With a schedule that nobody
//! has moved, strict finds what a hunt finds.

mod change;
mod lateness;
mod phases;
mod settled;
mod simulated_rule;
mod span;
mod told;
mod written;

use std::{io, path::PathBuf, sync::Arc};

use engine::{Arrivals, Clock, CompiledQuery, Engine, EngineError, Input, Progress, Run};
use kql_types::Ticks;
use sentinel::{Assumptions, Failure, FailureKind, Incident, Kind, Losses, Schedule};
use thiserror::Error;

pub use self::change::{ChangedAlert, Counts, RuleChange, simulate_change};
pub use self::phases::{Counted, Detection, RulePhases, simulate_phases};
pub use self::span::BlindSpan;
pub use self::told::{
    LateRecord, SimulatedAlert, SimulatedHistory, SimulatedIncident, SimulatedLateness,
    SimulatedRun, Told,
};
use self::{
    settled::{Settled, Settling, in_order},
    simulated_rule::{Answer, SimulatedRule, answers},
    span::times_of,
    written::{reads_only_own, reads_own},
};
use crate::{
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
    /// When each record arrived, in place of a delay that all have, in exact mode.
    pub arrivals: Option<Arc<Arrivals>>,
    /// Whether to tell from which delay on records are missed, where there is any delay.
    pub tells_lateness: bool,
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
    /// It is over what other rules write, and was not simulated at all start minutes.
    OverOwnTables,
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
    /// What rules over Sentinel's own tables write changes what they write, for ever.
    #[error(
        "rules over `SecurityAlert`, `SecurityIncident` or `SentinelHealth` raise alerts on what they write themselves: nothing has settled after {rounds} rounds"
    )]
    Unsettled {
        /// How often it has been tried.
        rounds: usize,
    },
}

/// Reads the inputs once, runs every rule at every time of its schedule, and tells what happens: mode by
/// mode, in each rule by rule and run by run, then the mode's incidents in order of time; at last, where
/// that is asked for, from which delay on records are missed.
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
    let numbers = rules.queries().enumerate().filter(|(_, (_, query))| reads_own(query));
    let numbers: Vec<usize> = numbers.map(|(number, _)| number).collect();
    let over_own = rules.only(|number| numbers.contains(&number));
    // What Sentinel writes is what it writes in exact mode.
    let modes = match &*numbers {
        [] => simulation.modes.clone(),
        _ => vec![Mode::Exact, Mode::Strict],
    };
    let answered = Simulation { modes, ..simulation.clone() };
    let run = read(engine, rules, inputs, progress)?;
    let times = times_of(run.balance());
    let mut remarks = Vec::new();
    let mut simulated = ready(&run, rules, &answered, (Start::AsInHunt, times), &mut remarks)?;
    simulated.retain(|of_rule| !numbers.contains(&of_rule.number));
    let mut of_others = answers(&simulated, engine, SimulatedRule::answer);
    let others: Vec<_> = simulated.iter().zip(&of_others).collect();
    let (numbers, simulation_of) = (&numbers[..], &answered);
    let settling = Settling {
        engine,
        rules: &over_own,
        numbers,
        inputs,
        simulation: simulation_of,
        times,
        others: &others,
        read: &run,
    };
    let settled = if over_own.is_empty() { None } else { Some(settling.settle()?) };
    let mut failed = Vec::new();
    if let Some(Settled { run: of_own, answers: of_answers }) = settled {
        let of_rules = settling.ready(&of_own)?;
        let all = in_order(&others, &of_rules, &of_answers);
        for mode in &simulation.modes {
            tell_mode(*mode, &all, &mut remarks, tell)?;
        }
        let numbers: Vec<usize> = of_rules.iter().map(|of_rule| of_rule.number).collect();
        failed.extend(failures(numbers, of_answers));
    } else {
        for mode in &simulation.modes {
            tell_mode(*mode, &others, &mut remarks, tell)?;
        }
    }
    for (of_rule, answer) in simulated.iter().zip(&of_others) {
        if let Ok(Answer { late: records, .. }) = answer
            && !records.is_empty()
        {
            tell(Told::Late(SimulatedLateness { rule: of_rule.rule, records }))?;
        }
    }
    let numbers: Vec<usize> = simulated.iter().map(|of_rule| of_rule.number).collect();
    failed.extend(failures(numbers, std::mem::take(&mut of_others)));
    failed.sort_by_key(|failed| failed.query);
    drop(simulated);
    Ok(Simulated { run, failed, remarks })
}

/// Returns how many rules run in near real time, if a workspace of Sentinel does not take so many.
pub fn too_many_near_real_time(rules: &CompiledRules<'_>) -> Option<usize> {
    let analytics = rules.queries().filter_map(|(packaged, _)| packaged.analytics.as_ref());
    Kind::too_many_near_real_time(analytics.map(|rule| rule.kind))
}

/// Returns the rules that failed, by their numbers.
fn failures(
    numbers: Vec<usize>,
    answers: Vec<Result<Answer, EngineError>>,
) -> impl Iterator<Item = FailedRule> {
    let answers = numbers.into_iter().zip(answers);
    answers.filter_map(|(query, answer)| Some(FailedRule { query, error: answer.err()? }))
}

/// Tells what happens in a mode, rule by rule, then the incidents in order of time.
fn tell_mode(
    mode: Mode,
    rules: &[(&SimulatedRule<'_>, &Result<Answer, EngineError>)],
    remarks: &mut Vec<Remark>,
    tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
) -> Result<(), SimulationError> {
    let mut incidents = Vec::new();
    for (of_rule, answer) in rules {
        let Ok(answer) = answer else { continue };
        let found = answer.found(mode);
        if mode == Mode::Strict && of_rule.raises_alerts_of_nothing(found) {
            remarks.push(Remark::of(of_rule.packaged, RemarkKind::AlertsOfNothing));
            continue;
        }
        let of_mode = of_rule.tell(mode, answer, tell)?;
        incidents.extend(of_mode.into_iter().map(|incident| (of_rule.rule, incident)));
    }
    tell_incidents(mode, incidents, tell)
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
    (start, input): (Start, Option<(Ticks, Ticks)>),
    remarks: &mut Vec<Remark>,
) -> Result<Vec<SimulatedRule<'a>>, SimulationError> {
    let mut simulated = Vec::new();
    for (query, (packaged, compiled)) in rules.queries().enumerate() {
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
        let own_delay = simulation.assumptions.own_delay();
        let ingestion_delay = match (reads_own(compiled), reads_only_own(compiled)) {
            (true, true) => own_delay,
            (true, false) => own_delay.max(simulation.ingestion_delay),
            _ => simulation.ingestion_delay,
        };
        let number = query;
        let of_rule = SimulatedRule {
            run,
            query,
            number,
            packaged,
            rule,
            simulation,
            span,
            ingestion_delay,
            arrivals: simulation.arrivals.clone().filter(|_| !reads_only_own(compiled)),
            is_over_own: reads_own(compiled),
            reads_ingestion_time: compiled.reads_ingestion_time,
        };
        simulated.push(of_rule.checked()?);
    }
    Ok(simulated)
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

impl Remark {
    fn of(rule: &PackagedRule, kind: RemarkKind) -> Self {
        Self { path: rule.path.clone(), name: rule.rule.name.clone(), kind }
    }
}
