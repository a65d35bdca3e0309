//! A rule in a simulation: what its runs find, and what becomes of that.

use std::{collections::BTreeSet, io, sync::Arc};

use engine::{Arrivals, Engine, EngineError, Run};
use kql_types::Ticks;
use sentinel::{Failure, Incident, Row, Rows, RuleRuns, RunStatus, Schedule};

use super::{
    MOST_RUNS, Mode, Simulation, SimulationError,
    told::{LateRecord, SimulatedAlert, SimulatedHistory, SimulatedRun, Told},
};
use crate::{
    alert::evidence::Origins,
    package::PackagedRule,
    runs::{
        Runs, count,
        found::{Found, FoundRow, Question, Wanted},
        reported::{Reported, rows_of},
    },
};

/// A rule that is simulated.
pub(super) struct SimulatedRule<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) query: usize,
    /// Its number among all rules, which is that of its query unless it runs over other inputs.
    pub(super) number: usize,
    pub(super) packaged: &'a PackagedRule,
    pub(super) rule: &'a sentinel::Rule,
    pub(super) simulation: &'a Simulation,
    /// Its first run, and the last time for one.
    pub(super) span: (Ticks, Ticks),
    /// How long after its time a row is there to be queried, in exact mode.
    pub(super) ingestion_delay: Ticks,
    /// When each record arrived, in place of that delay.
    pub(super) arrivals: Option<Arc<Arrivals>>,
    /// It reads what Sentinel writes itself.
    pub(super) is_over_own: bool,
    /// It reads `ingestion_time()`, which has the delay that all rows have.
    pub(super) reads_ingestion_time: bool,
}

/// What the runs of a rule find, in each mode.
pub(super) struct Answer {
    found: Found,
    /// In strict mode, where that is not the same.
    strict: Option<Found>,
    /// In the first run in exact mode, where it looks back further than the others.
    first: Option<Found>,
    /// From which delay on records are missed, where that is asked for.
    pub(super) late: Vec<LateRecord>,
}

impl Answer {
    pub(super) fn found(&self, mode: Mode) -> &Found {
        match (mode, &self.strict) {
            (Mode::Strict, Some(strict)) => strict,
            _ => &self.found,
        }
    }
}

/// Asks something of all rules side by side; one after the other if there is not enough memory for that,
/// so that which rules there is memory for does not depend on the number of threads.
pub(super) fn answers<'a, T: Send>(
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

impl<'a> SimulatedRule<'a> {
    /// Returns the rule, unless it runs too often.
    pub(super) fn checked(self) -> Result<Self, SimulationError> {
        let runs = self.runs(Mode::Exact).count();
        if runs > MOST_RUNS {
            let (path, name) = (self.packaged.path.clone(), self.packaged.rule.name.clone());
            return Err(SimulationError::TooManyRuns { path, name, runs });
        }
        Ok(self)
    }

    pub(super) fn runs(&self, mode: Mode) -> Runs<'a> {
        let Self { simulation, span: (first, to), .. } = *self;
        let ingestion_delay = match mode {
            Mode::Exact => self.ingestion_delay,
            Mode::Strict => 0,
        };
        let (schedule, assumptions) = (Schedule::of(self.rule.kind), &simulation.assumptions);
        let every = schedule.frequency();
        Runs { schedule, every, first, to, ingestion_delay, assumptions }
    }

    pub(super) fn answer(&self) -> Result<Answer, EngineError> {
        let is_asked = |mode| self.simulation.modes.contains(&mode);
        if !is_asked(Mode::Exact) {
            let found = self.question(self.runs(Mode::Strict), None).answer()?;
            return Ok(Answer { found, strict: None, first: None, late: Vec::new() });
        }
        let look = |mode| self.runs(mode).look(self.span.0);
        let arrivals = self.arrivals.as_ref();
        let is_the_same = arrivals.is_none() && look(Mode::Exact) == look(Mode::Strict);
        let runs = self.runs(Mode::Exact);
        let found = self.question(runs, arrivals).answer()?;
        let strict = if is_asked(Mode::Strict) && !is_the_same {
            Some(self.question(self.runs(Mode::Strict), None).answer()?)
        } else {
            None
        };
        let first = self.first(runs, arrivals)?;
        let late = self.lateness(&found, first.as_ref())?;
        Ok(Answer { found, strict, first, late })
    }

    /// Finds the rows of the first of some runs, where it looks back further than the others.
    pub(super) fn first(
        &self,
        runs: Runs<'_>,
        arrivals: Option<&Arc<Arrivals>>,
    ) -> Result<Option<Found>, EngineError> {
        let first = first_runs(runs, runs.first);
        first.map(|runs| self.question(runs, arrivals).answer()).transpose()
    }

    pub(super) fn question<'q>(
        &'q self,
        runs: Runs<'q>,
        arrivals: Option<&'q Arc<Arrivals>>,
    ) -> Question<'q> {
        let Self { run, query, packaged, .. } = *self;
        let (rule, wanted) = (&packaged.rule, Wanted::EachRun);
        Question { run, query, rule, runs, arrivals, wanted }
    }

    /// Tells whether runs without any record raise alerts. A rule that counts the records of a host and
    /// finds none is one example.
    pub(super) fn raises_alerts_of_nothing(&self, found: &Found) -> bool {
        self.rule.operator.is_met(count(&found.of_nothing), self.rule.threshold)
    }

    /// Returns why a run fails if it is tried at a time.
    pub(super) fn failure(
        &self,
        mode: Mode,
        found: &Found,
        scheduled: Ticks,
        time: Ticks,
    ) -> Option<Failure> {
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
    pub(super) fn tell(
        &self,
        mode: Mode,
        answer: &Answer,
        tell: &mut dyn FnMut(Told<'_>) -> io::Result<()>,
    ) -> Result<Vec<Incident>, SimulationError> {
        let Self { rule, simulation, .. } = *self;
        let found = answer.found(mode);
        let runs = self.runs(mode);
        let of_first = answer.first.as_ref().filter(|_| mode == Mode::Exact);
        let first_runs = first_runs(runs, runs.first);
        let mut state = RuleRuns::new(rule, mode.losses(), &simulation.assumptions);
        let mut cursor = found.cursor(runs);
        let mut reported = Reported::default();
        let mut origins = Origins::default();
        tell(Told::Rule(SimulatedHistory { mode, rule, times: &found.times }))?;
        for scheduled in runs.all() {
            let begun = state.begin(scheduled, &|time| self.failure(mode, found, scheduled, time));
            let first = of_first.zip(first_runs).filter(|_| scheduled == runs.first);
            let rows = match (begun.status, first) {
                (RunStatus::Ok, Some((found, runs))) => found.cursor(runs).rows(scheduled)?,
                (RunStatus::Ok, None) => cursor.rows(scheduled)?,
                _ => Vec::new(),
            };
            let alerting = match mode {
                Mode::Exact => rows.clone(),
                Mode::Strict if rule.operator.is_met(count(&rows), rule.threshold) => {
                    reported.new_findings(&rows)
                }
                Mode::Strict => Vec::new(),
            };
            let of_alerts: Vec<&Row> = alerting.iter().map(|found| &found.row).collect();
            let raised = match begun.status {
                RunStatus::Ok => {
                    state.run(scheduled, count(&rows), Rows::new(&found.columns, &of_alerts))
                }
                _ => sentinel::Raised::default(),
            };
            let cited: Vec<Vec<&FoundRow>> =
                raised.alerts.iter().map(|alert| rows_of(&alert.kind, &alerting)).collect();
            let are_repeated: Vec<bool> = cited.iter().map(|rows| reported.has_all(rows)).collect();
            let repeated = are_repeated.iter().filter(|is_repeated| **is_repeated).count();
            let schedule = first.map_or(runs.schedule, |(_, runs)| runs.schedule);
            let window = schedule.span(scheduled);
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
                let records = Reported::records(rows);
                let times: BTreeSet<Ticks> = records.iter().filter_map(|it| it.time).collect();
                let evidence = origins.evidence(&records, self.run.balance());
                let times = times.into_iter().collect();
                let told = SimulatedAlert { mode, rule, alert, evidence, times, is_repeated };
                tell(Told::Alert(told))?;
            }
            for rows in &cited {
                reported.add(rows);
            }
        }
        Ok(state.finish(self.span.1))
    }
}

/// Returns runs up to a time as first runs, if those look back further than others.
pub(super) fn first_runs(runs: Runs<'_>, to: Ticks) -> Option<Runs<'_>> {
    let schedule = runs.schedule.of_first_run();
    (schedule != runs.schedule).then_some(Runs { schedule, to, ..runs })
}
