//! A rule from run to run: what it remembers of the runs before.

mod retries;

use kql_types::Ticks;

use self::retries::Failures;
use crate::{
    alert::{AlertKind, Losses, Raised, RunOfRule},
    assumptions::{Assumptions, End},
    failure::{Attempt, Failure},
    incident::{Incident, Incidents, Making},
    row::Rows,
    rule::Rule,
    schedule::Schedule,
};

/// How a run of a schedule went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunStatus {
    /// It ran.
    Ok,
    /// The rule had stopped after an alert.
    Suppressed,
    /// The slot passed without a run: a run before it was still tried again, or the rule was disabled.
    Skipped,
    /// It failed whenever it was tried.
    Failed,
}

impl RunStatus {
    /// All that there are.
    pub const ALL: [Self; 4] = [Self::Ok, Self::Suppressed, Self::Skipped, Self::Failed];

    /// Returns the name that people give it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Suppressed => "suppressed",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }
}

/// A run that has begun, or has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// How it goes.
    pub status: RunStatus,
    /// The times at which it was tried, in order.
    pub attempts: Vec<Attempt>,
}

/// A rule in a simulation; its runs are told in order of time.
#[derive(Debug)]
pub struct RuleRuns<'a> {
    rule: &'a Rule,
    losses: Losses,
    assumptions: &'a Assumptions,
    suppressed_until: Option<Ticks>,
    failures: Failures,
    /// When the run that has begun executed.
    executed: Option<Ticks>,
    /// The first run.
    first: Option<Ticks>,
    incidents: Incidents,
}

impl<'a> RuleRuns<'a> {
    /// Starts before the first run.
    pub fn new(rule: &'a Rule, losses: Losses, assumptions: &'a Assumptions) -> Self {
        let (incidents, failures) = Default::default();
        let (suppressed_until, executed, first) = (None, None, None);
        Self { rule, losses, assumptions, suppressed_until, failures, executed, first, incidents }
    }

    /// Begins the run that is scheduled at a time.
    ///
    /// - `failure`: why it fails if it is tried at a time. Where nothing is lost, it is tried once.
    pub fn begin(&mut self, scheduled: Ticks, failure: &dyn Fn(Ticks) -> Option<Failure>) -> Begun {
        self.first = self.first.or(Some(scheduled));
        let schedule = Schedule::of(self.rule.kind);
        let executed = schedule.executed(scheduled);
        let nothing = |status| Begun { status, attempts: Vec::new() };
        if self.failures.skips(executed) {
            return nothing(RunStatus::Skipped);
        }
        if self.is_suppressed(scheduled) {
            return nothing(RunStatus::Suppressed);
        }
        let attempts = match self.losses {
            Losses::Sentinel => {
                let next_slot = executed.saturating_add(schedule.frequency());
                self.failures.attempts(executed, next_slot, self.assumptions, failure)
            }
            Losses::None => {
                let failure = failure(executed);
                vec![Attempt { time: executed, failure, disables_rule: false }]
            }
        };
        let last = attempts.last().filter(|last| last.failure.is_none());
        self.executed = last.map(|last| last.time);
        let status = if last.is_some() { RunStatus::Ok } else { RunStatus::Failed };
        Begun { status, attempts }
    }

    fn is_suppressed(&self, scheduled: Ticks) -> bool {
        self.suppressed_until.is_some_and(|until| match self.assumptions.suppression_end {
            End::Open => scheduled < until,
            End::Closed => scheduled <= until,
        })
    }

    /// Runs: returns the alerts that the rows of a run raise, which has begun and not failed.
    ///
    /// - `count`: how many rows the run has; `rows` are those that may raise alerts, all of them unless
    ///   nothing is lost and others have raised theirs before.
    pub fn run(&mut self, scheduled: Ticks, count: u64, rows: Rows<'_>) -> Raised {
        let Some(run) = self.triggered(scheduled, count) else { return Raised::default() };
        let raised = run.alerts(rows);
        self.suppress(run, raised.alerts.len());
        let RunOfRule { rule, losses, assumptions, .. } = run;
        self.incidents.add(Making { rule, losses, assumptions }, &raised.alerts);
        raised
    }

    /// Runs as [`run`](Self::run) does, where only which rows each alert stands for is of interest: makes
    /// neither alerts nor incidents.
    pub fn outline(&mut self, scheduled: Ticks, rows: Rows<'_>) -> Vec<AlertKind> {
        let count = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let Some(run) = self.triggered(scheduled, count) else { return Vec::new() };
        let kinds = run.kinds(rows);
        self.suppress(run, kinds.len());
        kinds
    }

    /// Returns a run, if it raises alerts.
    fn triggered(&mut self, scheduled: Ticks, count: u64) -> Option<RunOfRule<'a>> {
        let Self { rule, losses, assumptions, .. } = *self;
        let executed =
            self.executed.take().unwrap_or_else(|| Schedule::of(rule.kind).executed(scheduled));
        let is_met = rule.operator.is_met(count, rule.threshold);
        let is_first = self.first == Some(scheduled) && losses == Losses::Sentinel;
        is_met.then_some(RunOfRule { rule, scheduled, executed, is_first, losses, assumptions })
    }

    /// Stops the rule after alerts, if it says so.
    fn suppress(&mut self, run: RunOfRule<'_>, alerts: usize) {
        let RunOfRule { rule, losses, assumptions, .. } = run;
        if let (Some(duration), Losses::Sentinel) = (rule.suppression, losses)
            && alerts > 0
        {
            let from = run.moment(assumptions.suppression_from);
            self.suppressed_until = Some(from.saturating_add(duration));
        }
    }

    /// Returns the incidents, as they are at the end.
    pub fn finish(self, to: Ticks) -> Vec<Incident> {
        self.incidents.finish(self.assumptions, to)
    }
}
