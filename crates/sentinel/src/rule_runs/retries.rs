//! Runs that fail: what is tried again, which slots pass in the meantime, and when a rule is disabled.
//!
//! A run that fails for a passing reason is tried again after ever longer times; then the rule waits for its
//! next slot, and is never disabled for that. One that fails for a lasting reason is not tried again, and
//! after several such failures in a row Sentinel disables the rule and puts `AUTO DISABLED` before its name.
//!
//! Source: <https://learn.microsoft.com/azure/sentinel/troubleshoot-analytics-rules>

use kql_types::Ticks;

use crate::{
    assumptions::{Assumptions, RetryOverlap},
    failure::{Attempt, Failure, FailureKind},
};

/// What a rule remembers of the runs that failed.
#[derive(Debug, Default)]
pub(crate) struct Failures {
    /// The reason of the last lasting failures, and how many there were in a row.
    in_a_row: Option<(String, u32)>,
    /// Until when a run is tried again.
    busy_until: Option<Ticks>,
    is_disabled: bool,
}

impl Failures {
    /// Tells whether a slot passes without a run.
    pub(crate) fn skips(&self, executed: Ticks) -> bool {
        self.is_disabled || self.busy_until.is_some_and(|until| executed <= until)
    }

    /// Tries a run, until it succeeds or is given up; the last attempt says which.
    ///
    /// - `executed`: when it is first tried.
    /// - `next_slot`: when the run after it is.
    /// - `failure`: why the run fails if it is tried at a time.
    pub(crate) fn attempts(
        &mut self,
        executed: Ticks,
        next_slot: Ticks,
        assumptions: &Assumptions,
        failure: &dyn Fn(Ticks) -> Option<Failure>,
    ) -> Vec<Attempt> {
        let mut attempts = Vec::new();
        let (mut time, mut wait) = (executed, assumptions.retry_after.ticks());
        for tries_left in (0..=assumptions.retries).rev() {
            let failure = failure(time);
            let disables_rule = self.note(failure.as_ref(), assumptions);
            let is_passing =
                failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Transient);
            attempts.push(Attempt { time, failure, disables_rule });
            let Some(next) = time.checked_add(wait).filter(|_| is_passing && tries_left > 0) else {
                break;
            };
            if next >= next_slot && assumptions.retry_overlap == RetryOverlap::NextSlot {
                break;
            }
            time = next;
            let Some(longer) = wait.checked_mul(2) else { break };
            wait = longer;
        }
        self.busy_until = (time > executed).then_some(time);
        attempts
    }

    /// Takes note of how an attempt went, and tells whether the rule is disabled for it.
    fn note(&mut self, failure: Option<&Failure>, assumptions: &Assumptions) -> bool {
        let Some(Failure { kind: FailureKind::Permanent, reason }) = failure else {
            self.in_a_row = None;
            return false;
        };
        let before = match self.in_a_row.take() {
            Some((known, count)) if known == *reason => count,
            _ => 0,
        };
        let count = before.saturating_add(1);
        self.in_a_row = Some((reason.clone(), count));
        self.is_disabled = count >= assumptions.disabled_after;
        self.is_disabled
    }
}
