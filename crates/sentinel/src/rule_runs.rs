//! A rule from run to run: what it remembers of the runs before.

use kql_types::Ticks;

use crate::{
    alert::{Losses, Raised, RunOfRule},
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
        let Self { rule, losses, assumptions, .. } = *self;
        if !rule.operator.is_met(count, rule.threshold) {
            return Raised::default();
        }
        let raised = RunOfRule { rule, scheduled, losses, assumptions }.alerts(rows);
        if raised.alerts.is_empty() {
            return raised;
        }
        if let (Some(duration), Losses::Sentinel) = (rule.suppression, losses) {
            let from = Schedule::of(rule.kind).moment(scheduled, assumptions.suppression_from);
            self.suppressed_until = Some(from.saturating_add(duration));
        }
        self.incidents.add(Making { rule, losses, assumptions }, &raised.alerts);
        raised
    }

    /// Returns the incidents, as they are at the end.
    pub fn finish(self, to: Ticks) -> Vec<Incident> {
        self.incidents.finish(self.assumptions, to)
    }
}
