//! A rule from run to run: what it remembers of the runs before.

use kql_types::Ticks;

use crate::{
    alert::{AlertKind, Losses, Raised, RunOfRule},
    assumptions::{Assumptions, End},
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
}

/// A rule in a simulation; its runs are told in order of time.
#[derive(Debug)]
pub struct RuleRuns<'a> {
    rule: &'a Rule,
    losses: Losses,
    assumptions: &'a Assumptions,
    suppressed_until: Option<Ticks>,
    incidents: Incidents,
}

impl<'a> RuleRuns<'a> {
    /// Starts before the first run.
    pub fn new(rule: &'a Rule, losses: Losses, assumptions: &'a Assumptions) -> Self {
        let incidents = Incidents::default();
        Self { rule, losses, assumptions, suppressed_until: None, incidents }
    }

    /// Returns how the run that is scheduled at a time goes.
    pub fn status(&self, scheduled: Ticks) -> RunStatus {
        let is_suppressed =
            self.suppressed_until.is_some_and(|until| match self.assumptions.suppression_end {
                End::Open => scheduled < until,
                End::Closed => scheduled <= until,
            });
        if is_suppressed { RunStatus::Suppressed } else { RunStatus::Ok }
    }

    /// Runs: returns the alerts that the rows of a run raise. The run must not be suppressed.
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
    pub fn outline(&mut self, scheduled: Ticks, count: usize) -> Vec<AlertKind> {
        let rows = u64::try_from(count).unwrap_or(u64::MAX);
        let Some(run) = self.triggered(scheduled, rows) else { return Vec::new() };
        let kinds = run.kinds(count);
        self.suppress(run, kinds.len());
        kinds
    }

    /// Returns a run, if it raises alerts.
    fn triggered(&self, scheduled: Ticks, count: u64) -> Option<RunOfRule<'a>> {
        let Self { rule, losses, assumptions, .. } = *self;
        let is_met = rule.operator.is_met(count, rule.threshold);
        is_met.then_some(RunOfRule { rule, scheduled, losses, assumptions })
    }

    /// Stops the rule after alerts, if it says so.
    fn suppress(&mut self, run: RunOfRule<'_>, alerts: usize) {
        let RunOfRule { rule, scheduled, losses, assumptions } = run;
        if let (Some(duration), Losses::Sentinel) = (rule.suppression, losses)
            && alerts > 0
        {
            let from = Schedule::of(rule.kind).moment(scheduled, assumptions.suppression_from);
            self.suppressed_until = Some(from.saturating_add(duration));
        }
    }

    /// Returns the incidents, as they are at the end.
    pub fn finish(self, to: Ticks) -> Vec<Incident> {
        self.incidents.finish(self.assumptions, to)
    }
}
