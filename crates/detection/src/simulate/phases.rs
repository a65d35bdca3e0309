//! Every minute at which a rule may have been created: how likely it is that an event is found, and how
//! many alerts cite it.
//!
//! When a rule first runs is up to whoever creates it, and so is the minute of all its runs. The rows of
//! the runs of all phases come from one answer, as if the rule ran every minute; each phase is then its
//! own runs among those.

use std::collections::BTreeMap;

use engine::{EngineError, Input, MemberId, Progress, RecordRef};
use kql_types::Ticks;
use sentinel::{AlertKind, Row, Rows, Rule, RuleRuns, RunStatus};

use super::{
    MINUTE, Mode, Remark, RemarkKind, Simulated, SimulatedRule, Simulation, SimulationError, Start,
    answers, read, ready, simulated_rule, span::times_of, written::reads_own,
};
use crate::{
    alert::{Evidence, evidence::Origins},
    hunt::CompiledRules,
    runs::{
        Runs,
        found::{Found, FoundRow},
        reported::rows_of,
    },
};

/// What becomes of the events of a rule at all phases.
#[derive(Clone, Debug, PartialEq)]
pub struct RulePhases {
    /// The rule's id.
    pub rule: String,
    /// The rule's name.
    pub name: String,
    /// How many start minutes there are: the minutes of the rule's frequency.
    pub minutes: u32,
    /// How many of them are simulated, evenly spread: phases.
    pub phases: u32,
    /// The fewest and the most alerts of a phase, and those of all phases.
    pub alerts: Counted,
    /// The records that alerts of any phase cite, in order of file and place.
    pub records: Vec<Detection>,
}

/// How often a record is found.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// The record.
    pub record: Evidence,
    /// How many phases have an alert that cites it.
    pub detected: u32,
    /// How many alerts of a phase cite it.
    pub alerts: Counted,
}

/// A number in each phase.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// The least.
    pub least: u32,
    /// The most.
    pub most: u32,
    /// The sum.
    pub all: u64,
}

impl Detection {
    /// Returns how likely it is that the record is found, if every simulated phase is as likely.
    pub fn probability(&self, phases: u32) -> f64 {
        f64::from(self.detected) / f64::from(phases.max(1))
    }
}

/// Reads the inputs once and simulates every rule in exact mode at every phase, or at some.
///
/// - `most`: the most phases of a rule, evenly spread. Without it, it is every start minute, unless the
///   runs of a rule would have to look at very many rows, which is remarked: then it is at least as many
///   as an hour has minutes.
///
/// # Errors
///
/// As [`simulate`](super::simulate) does.
pub fn simulate_phases<'engine>(
    engine: &'engine engine::Engine,
    rules: &CompiledRules<'_>,
    inputs: &[Input],
    simulation: &Simulation,
    most: Option<u32>,
    progress: &dyn Progress,
) -> Result<(Simulated<'engine>, Vec<RulePhases>), SimulationError> {
    if simulation.arrivals.is_some() {
        let what = "all phases are simulated with the same delay for all records";
        return Err(EngineError::Internal { what }.into());
    }
    let run = read(engine, rules, inputs, progress)?;
    let mut remarks = Vec::new();
    let start = (Start::AnyMinute, times_of(run.balance()));
    let mut simulated = ready(&run, rules, simulation, start, &mut remarks)?;
    // What they see differs from phase to phase of every other rule.
    simulated.retain(|of_rule| {
        let is_over_own = rules.queries().nth(of_rule.query).is_some_and(|(_, it)| reads_own(it));
        if is_over_own {
            remarks.push(Remark::of(of_rule.packaged, RemarkKind::OverOwnTables));
        }
        !is_over_own
    });
    let answers = answers(&simulated, engine, |of_rule| of_rule.phases(most));
    let mut phases = Vec::new();
    let mut failed = Vec::new();
    for (of_rule, answer) in simulated.iter().zip(answers) {
        match answer {
            Ok(found) => {
                if most.is_none() && found.phases < found.minutes {
                    let kind = RemarkKind::SomePhases { phases: found.phases, of: found.minutes };
                    remarks.push(Remark::of(of_rule.packaged, kind));
                }
                phases.push(found);
            }
            Err(error) => failed.push(crate::hunt::FailedRule { query: of_rule.query, error }),
        }
    }
    drop(simulated);
    Ok((Simulated { run, failed, remarks }, phases))
}

impl SimulatedRule<'_> {
    /// Returns what becomes of the rule at all phases, or at some.
    fn phases(&self, most: Option<u32>) -> Result<RulePhases, EngineError> {
        let runs = self.runs(Mode::Exact);
        let minutes = runs.every.checked_div(MINUTE).and_then(|it| u32::try_from(it).ok());
        let minutes = minutes.unwrap_or(1).max(1);
        let (phases, found) = self.found_at_phases(runs, minutes, most)?;
        let apart = spacing(runs, phases)?;
        // The first run of each phase, where it looks back further than the others.
        let last = runs.first.saturating_add(runs.every).saturating_sub(apart);
        let first_runs =
            simulated_rule::first_runs(Runs { every: apart, ..runs }, last.min(runs.to));
        let of_first = first_runs.map(|runs| self.question(runs, None).answer()).transpose()?;
        let firsts = of_first.as_ref().zip(first_runs);
        let mut of_rule = OfPhases::default();
        let mut first = Some(runs.first);
        for phase in 0..phases {
            let Some(start) = first else { break };
            let runs = Runs { first: start, ..runs };
            of_rule.add(phase, self.phase(&found, firsts, runs)?);
            first = start.checked_add(apart);
        }
        let Rule { id, name, .. } = self.rule;
        let mut origins = Origins::default();
        let records = of_rule.records.into_values().map(|counts| {
            let record = origins.evidence(&[counts.record], self.run.balance()).pop();
            let least = if counts.detected < phases { 0 } else { counts.alerts.least };
            let alerts = Counted { least, ..counts.alerts };
            Some(Detection { record: record?, detected: counts.detected, alerts })
        });
        let mut records: Vec<Detection> = records.flatten().collect();
        records.sort_by(|one, other| one.record.by_place(&other.record));
        Ok(RulePhases {
            rule: id.clone(),
            name: name.clone(),
            minutes,
            phases,
            alerts: of_rule.alerts,
            records,
        })
    }

    /// Returns how many phases there are, and what their runs find.
    fn found_at_phases(
        &self,
        runs: Runs<'_>,
        minutes: u32,
        most: Option<u32>,
    ) -> Result<(u32, Found), EngineError> {
        let at_most = |most: u32| {
            (1..=minutes.min(most))
                .rev()
                .find(|phases| minutes.is_multiple_of(*phases))
                .unwrap_or(1)
        };
        if most.is_none() {
            for phases in [minutes, at_most(FEWER_PHASES)] {
                let every = spacing(runs, phases)?;
                let found = self.question(Runs { every, ..runs }, None).answer_within(MOST_ROWS)?;
                if let Some(found) = found {
                    return Ok((phases, found));
                }
            }
        }
        let phases = at_most(most.unwrap_or(LEAST_PHASES));
        let every = spacing(runs, phases)?;
        Ok((phases, self.question(Runs { every, ..runs }, None).answer()?))
    }

    /// Returns how many alerts a phase has, and for each record how many cite it.
    pub(super) fn phase<'f>(
        &self,
        found: &'f Found,
        firsts: Option<(&'f Found, Runs<'f>)>,
        runs: Runs<'f>,
    ) -> Result<OfPhase<'f>, EngineError> {
        let mut of_phase = OfPhase::default();
        let mut state =
            RuleRuns::new(self.rule, Mode::Exact.losses(), &self.simulation.assumptions);
        let mut cursor = found.cursor(runs);
        for scheduled in runs.all() {
            let failure = |time| self.failure(Mode::Exact, found, scheduled, time);
            if state.begin(scheduled, &failure).status != RunStatus::Ok {
                continue;
            }
            let rows = match firsts.filter(|_| scheduled == runs.first) {
                Some((found, first_runs)) => found.cursor(first_runs).rows(scheduled)?,
                None => cursor.rows(scheduled)?,
            };
            let of_alerts: Vec<&Row> = rows.iter().map(|found| &found.row).collect();
            for kind in state.outline(scheduled, Rows::new(&found.columns, &of_alerts)) {
                of_phase.add(&kind, &rows);
            }
        }
        Ok(of_phase)
    }
}

/// Runs of all start minutes may look at so many rows together, or fewer start minutes are simulated.
const MOST_ROWS: u64 = 20_000_000;
/// How many those are then.
const FEWER_PHASES: u32 = 240;
/// How many there are however many rows they look at.
const LEAST_PHASES: u32 = 60;

/// Returns how far phases are from each other.
fn spacing(runs: Runs<'_>, phases: u32) -> Result<Ticks, EngineError> {
    let spacing = runs.every.checked_div(i64::from(phases));
    spacing.ok_or(EngineError::Internal { what: "a rule has no phase" })
}

/// The alerts of one phase.
#[derive(Default)]
pub(super) struct OfPhase<'f> {
    alerts: u32,
    pub(super) records: BTreeMap<(MemberId, u64), (&'f RecordRef, u32)>,
}

impl<'f> OfPhase<'f> {
    fn add(&mut self, kind: &AlertKind, rows: &[&'f FoundRow]) {
        self.alerts = self.alerts.saturating_add(1);
        let cited = rows_of(kind, rows).into_iter().flat_map(|found| &found.records);
        // An alert cites a record once, however many of its rows rest on it.
        let cited: BTreeMap<(MemberId, u64), &RecordRef> =
            cited.map(|record| ((record.member, record.line), record)).collect();
        for (place, record) in cited {
            let (_, alerts) = self.records.entry(place).or_insert((record, 0));
            *alerts = alerts.saturating_add(1);
        }
    }
}

/// The alerts of all phases so far.
#[derive(Default)]
struct OfPhases {
    alerts: Counted,
    records: BTreeMap<(MemberId, u64), OfRecord>,
}

struct OfRecord {
    record: RecordRef,
    detected: u32,
    /// Of the phases that detect it.
    alerts: Counted,
}

impl OfPhases {
    fn add(&mut self, phase: u32, of_phase: OfPhase<'_>) {
        self.alerts.add(of_phase.alerts, phase == 0);
        for (place, (record, alerts)) in of_phase.records {
            let new =
                || OfRecord { record: record.clone(), detected: 0, alerts: Counted::default() };
            let known = self.records.entry(place).or_insert_with(new);
            known.alerts.add(alerts, known.detected == 0);
            known.detected = known.detected.saturating_add(1);
        }
    }
}

impl Counted {
    fn add(&mut self, count: u32, is_first: bool) {
        self.least = if is_first { count } else { self.least.min(count) };
        self.most = self.most.max(count);
        self.all = self.all.saturating_add(u64::from(count));
    }
}
