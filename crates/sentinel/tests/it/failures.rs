//! Runs that fail, are tried again or do not happen, and rules that Sentinel disables.

use kql_types::Ticks;
use sentinel::{
    Begun, Failure, FailureKind, RuleRuns, RunStatus,
    table::{RunHealth, sentinel_health},
};

use crate::made::{MIDNIGHT, MINUTE, SINGLE, Simulated, hosts, made_every, rule};

fn failure(kind: FailureKind, reason: &str) -> Failure {
    Failure { kind, reason: reason.to_owned() }
}

/// Begins a run at a minute after midnight that fails until a minute for a passing reason.
fn failing_until(rule: &mut RuleRuns<'_>, minute: i64, until: i64) -> Begun {
    rule.begin(MIDNIGHT + minute * MINUTE, &|time| {
        let is_over = time >= MIDNIGHT + until * MINUTE;
        (!is_over).then(|| failure(FailureKind::Transient, "not available"))
    })
}

fn lasting(rule: &mut RuleRuns<'_>, minute: i64, reason: &str) -> Begun {
    rule.begin(MIDNIGHT + minute * MINUTE, &|_| Some(failure(FailureKind::Permanent, reason)))
}

/// Returns the minutes after midnight at which a run was tried.
fn minutes(begun: &Begun) -> Vec<i64> {
    begun.attempts.iter().map(|attempt| (attempt.time - MIDNIGHT) / MINUTE).collect()
}

#[test]
fn a_run_that_fails_for_a_passing_reason_is_tried_again_at_growing_intervals() {
    let hourly = Simulated::new(made_every("1h", SINGLE));
    let begun = failing_until(&mut hourly.runs(), 0, 1_000);
    assert_eq!((begun.status, minutes(&begun)), (RunStatus::Failed, vec![5, 6, 8, 12, 20, 36]));
    // It succeeds as soon as it can, and its alerts are as late.
    let mut rule = hourly.runs();
    let begun = failing_until(&mut rule, 0, 10);
    assert_eq!((begun.status, minutes(&begun)), (RunStatus::Ok, vec![5, 6, 8, 12]));
    let raised = crate::made::run(&mut rule, 0, &hosts(1));
    assert_eq!(raised.alerts[0].generated, MIDNIGHT + 12 * MINUTE);
    let twice = Simulated::new(made_every("1h", SINGLE)).assuming("retries", "1");
    let begun = failing_until(&mut twice.assuming("retry-after", "5m").runs(), 0, 1_000);
    assert_eq!(minutes(&begun), [5, 10]);
}

#[test]
fn after_its_retries_the_rule_waits_for_the_next_slot_and_is_never_disabled() {
    let simulated = Simulated::new(rule(SINGLE)).assuming("disabled-after", "1");
    let mut rule = simulated.runs();
    for slot in 0..50 {
        let begun = failing_until(&mut rule, slot * 10, 10_000);
        assert_eq!(begun.status, RunStatus::Failed);
        // A further retry would be in the next slot.
        assert_eq!(minutes(&begun).len(), 4);
    }
    assert_eq!(failing_until(&mut rule, 500, 0).status, RunStatus::Ok);
}

#[test]
fn whether_retries_make_slots_pass_is_an_assumption() {
    let simulated = Simulated::new(rule(SINGLE)).assuming("retry-overlap", "skip-slot");
    let mut rule = simulated.runs();
    assert_eq!(minutes(&failing_until(&mut rule, 0, 18)), [5, 6, 8, 12, 20]);
    let status = |rule: &mut RuleRuns<'_>, minute| failing_until(rule, minute, 0).status;
    assert_eq!(status(&mut rule, 10), RunStatus::Skipped);
    assert_eq!(status(&mut rule, 20), RunStatus::Ok);
}

#[test]
fn lasting_failures_of_one_type_in_a_row_disable_the_rule() {
    let simulated = Simulated::new(rule(SINGLE)).assuming("disabled-after", "3");
    let mut rule = simulated.runs();
    let reasons = ["gone", "gone", "forbidden", "gone", "gone"];
    for (slot, reason) in (0..).zip(reasons) {
        let begun = lasting(&mut rule, slot * 10, reason);
        assert_eq!((begun.status, begun.attempts.len()), (RunStatus::Failed, 1));
        assert!(!begun.attempts[0].disables_rule);
    }
    // A run that succeeds begins the count anew.
    assert_eq!(failing_until(&mut rule, 50, 0).status, RunStatus::Ok);
    let disables =
        |rule: &mut RuleRuns<'_>, minute| lasting(rule, minute, "gone").attempts[0].disables_rule;
    assert_eq!([60, 70, 80].map(|minute| disables(&mut rule, minute)), [false, false, true]);
    assert_eq!(failing_until(&mut rule, 90, 0).status, RunStatus::Skipped);
}

#[test]
fn without_losses_no_rule_is_disabled() {
    let mut simulated = Simulated::new(rule(SINGLE)).assuming("disabled-after", "1");
    simulated.losses = sentinel::Losses::None;
    let mut rule = simulated.runs();
    assert_eq!(lasting(&mut rule, 0, "gone").status, RunStatus::Failed);
    assert_eq!(failing_until(&mut rule, 10, 0).status, RunStatus::Ok);
}

#[test]
fn sentinel_health_has_a_row_for_each_attempt_and_says_why_a_rule_was_disabled() {
    let simulated = Simulated::new(rule(SINGLE)).assuming("disabled-after", "1");
    let raised = sentinel::Raised::default();
    let rows = |begun: &Begun| -> Vec<[String; 5]> {
        let columns = ["TimeGenerated", "Status", "Description", "Reason", "SentinelResourceName"];
        let row = |attempt| {
            let run = RunHealth { scheduled: MIDNIGHT, attempt, rows: 0, raised: &raised };
            let row = sentinel_health(&simulated.rule, run);
            columns.map(|column| row.iter().find(|(name, _)| *name == column).unwrap().1.to_text())
        };
        begun.attempts.iter().map(row).collect()
    };
    let at = |minute: Ticks| kql_types::Value::Datetime(Some(MIDNIGHT + minute * MINUTE)).to_text();
    let row = |minute, rest: [&str; 4]| {
        let [status, description, reason, name] = rest.map(str::to_owned);
        [at(minute), status, description, reason, name]
    };
    let failed = ["Failure", "Rule failed to run", "not available", "A rule"];
    let ok = ["Success", "Rule executed successfully", "", "A rule"];
    let begun = failing_until(&mut simulated.runs(), 0, 7);
    assert_eq!(rows(&begun), [row(5, failed), row(6, failed), row(8, ok)]);
    let disabled =
        ["Failure", "Rule failed to run and was disabled", "gone", "AUTO DISABLED A rule"];
    assert_eq!(rows(&lasting(&mut simulated.runs(), 0, "gone")), [row(5, disabled)]);
}
