//! Suppression stops the whole rule.

use sentinel::{RuleRuns, RunStatus};

use crate::made::{MIDNIGHT, MINUTE, SINGLE, Simulated, hosts, rule, run};

fn suppressed() -> Simulated {
    let fields = "suppressionEnabled: true\nsuppressionDuration: 1h\n";
    Simulated::new(rule(&format!("{SINGLE}{fields}")))
}

fn status(rule: &mut RuleRuns<'_>, minute: i64) -> RunStatus {
    rule.begin(MIDNIGHT + minute * MINUTE, &|_| None).status
}

/// Returns the minutes at which the rule runs, if it raises an alert at midnight.
fn runs(simulated: &Simulated) -> Vec<i64> {
    let mut rule = simulated.runs();
    assert_eq!(run(&mut rule, 0, &hosts(1)).alerts.len(), 1);
    let runs = (10..=80).step_by(10);
    runs.filter(|minute| status(&mut rule, *minute) == RunStatus::Ok).collect()
}

#[test]
fn after_an_alert_the_rule_stops_running_for_the_duration() {
    assert_eq!(runs(&suppressed()), [60, 70, 80]);
}

#[test]
fn a_run_without_an_alert_suppresses_nothing() {
    let simulated = suppressed();
    let mut rule = simulated.runs();
    run(&mut rule, 0, &[]);
    assert_eq!(status(&mut rule, 10), RunStatus::Ok);
}

#[test]
fn what_suppression_counts_from_is_an_assumption() {
    assert_eq!(runs(&suppressed().assuming("suppression-from", "executed")), [70, 80]);
}

#[test]
fn whether_a_run_at_the_end_of_suppression_runs_is_an_assumption() {
    assert_eq!(runs(&suppressed().assuming("suppression-end", "included")), [70, 80]);
}

#[test]
fn without_losses_nothing_is_suppressed() {
    let mut simulated = suppressed();
    simulated.losses = sentinel::Losses::None;
    assert_eq!(runs(&simulated).len(), 8);
}
