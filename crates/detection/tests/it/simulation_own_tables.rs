//! Rules over what Sentinel writes, simulated with the rules that bring it about.

use detection::simulate::{Mode, Outage, Simulation};
use sentinel::FailureKind;

use crate::{
    made::{MINUTE, MadeRule, at},
    simulation::{Made, alerts, simulation, visit},
    simulation_late::drawn,
};

const VISITS: &str = "Visits";
const ALERTS_OF_VISITS: &str = "SecurityAlert | where AlertName == 'Rule 0'";

fn made(queries: &[&str], visits: &[i64]) -> Made {
    let rules = queries.iter().map(|query| MadeRule::new(query, "10m", "10m"));
    let visits: Vec<_> = visits.iter().map(|minute| visit(*minute, 1)).collect();
    Made::new(&rules.collect::<Vec<_>>(), &visits)
}

#[test]
fn a_rule_over_alerts_sees_those_that_were_written_before_its_run() {
    let made = made(&[VISITS, ALERTS_OF_VISITS], &[5, 35]);
    let outcome = made.simulated(&simulation(0, 60));
    assert_eq!(alerts(outcome.exact()), [(10, 1), (40, 1)]);
    // The alerts are generated five minutes after the runs that raise them.
    for mode in [Mode::Exact, Mode::Strict] {
        let over_alerts = outcome.of(mode, "rule-1");
        assert_eq!(alerts(over_alerts), [(20, 1), (50, 1)]);
        let cited = over_alerts.iter().flat_map(|run| &run.alerts).flatten();
        let cited: Vec<&str> = cited.map(String::as_str).collect();
        assert_eq!(cited, ["SecurityAlert.jsonl:1", "SecurityAlert.jsonl:2"]);
    }
}

#[test]
fn rules_over_alerts_of_rules_over_alerts_and_over_their_own_settle() {
    let of_alerts = "SecurityAlert | where AlertName == 'Rule 1'";
    let outcome = made(&[VISITS, ALERTS_OF_VISITS, of_alerts], &[5]).simulated(&simulation(0, 60));
    assert_eq!(alerts(outcome.of(Mode::Exact, "rule-2")), [(30, 1)]);
    let outcome = made(&[VISITS, "SecurityAlert"], &[5]).simulated(&simulation(0, 60));
    let of_itself = outcome.of(Mode::Exact, "rule-1");
    assert_eq!(alerts(of_itself), [(20, 1), (30, 1), (40, 1), (50, 1), (60, 1)]);
}

#[test]
fn a_rule_over_incidents_and_one_over_health_see_what_was_written_before_their_runs() {
    let incidents = "SecurityIncident | summarize arg_max(TimeGenerated, *) by IncidentNumber";
    let failures =
        "SentinelHealth | where Status == 'Failure' and SentinelResourceName == 'Rule 0'";
    let made = made(&[VISITS, incidents, failures], &[5]);
    let outages =
        vec![Outage { from: at(33 * MINUTE), to: at(38 * MINUTE), kind: FailureKind::Permanent }];
    let outcome = made.simulated(&Simulation { outages, ..simulation(0, 60) });
    // The run of 30, which would see the incident of its own first alert, fails as well. That of 50 sees
    // the incident of rule 2's alert, and that of 60 the one of its own second alert.
    assert_eq!(alerts(outcome.of(Mode::Exact, "rule-1")), [(20, 1), (50, 1), (60, 1)]);
    // The run of 30 is tried at 35.
    assert_eq!(alerts(outcome.of(Mode::Exact, "rule-2")), [(40, 1)]);
}

#[test]
fn how_late_rows_of_sentinels_own_are_there_is_an_assumption() {
    let made = made(&[VISITS, ALERTS_OF_VISITS], &[5]);
    let found = |delay: &str| {
        let mut simulation = simulation(0, 60);
        simulation.assumptions.set("own-delay", delay).unwrap();
        alerts(made.simulated(&simulation).of(Mode::Exact, "rule-1"))
    };
    assert_eq!(found("10m"), [(20, 1)]);
    assert_eq!(found("11m"), []);
}

#[test]
fn rows_of_sentinels_own_have_their_delay_where_that_of_records_is_drawn() {
    let either = "union (Visits | project TimeGenerated), (SecurityAlert | project TimeGenerated)";
    let made = made(&[VISITS, ALERTS_OF_VISITS, either], &[5]);
    let simulation = Simulation { arrivals: Some(drawn(&[4], 1)), ..simulation(0, 60) };
    let outcome = made.simulated(&simulation);
    assert_eq!(alerts(outcome.of(Mode::Exact, "rule-1")), [(20, 1)]);
    // The visit of 5 is there at 9. The alerts of 10 are of 15, and the alert on them, of 20, is of 25.
    assert_eq!(alerts(outcome.of(Mode::Exact, "rule-2"))[..2], [(10, 1), (20, 1)]);
    assert!(outcome.late.iter().all(|late| late.delay == 4 * MINUTE), "{:?}", outcome.late);
}

#[test]
fn without_a_last_time_rules_run_until_all_that_was_written_is_seen() {
    let made = made(&[VISITS, ALERTS_OF_VISITS], &[5]);
    let open = Simulation { from: None, to: None, ..simulation(0, 0) };
    assert_eq!(alerts(made.simulated(&open).of(Mode::Exact, "rule-1")), [(20, 1)]);
}

#[test]
fn at_all_phases_rules_over_alerts_are_left_out() {
    let phases = made(&[VISITS, ALERTS_OF_VISITS], &[5]).phases(&simulation(0, 60));
    assert_eq!(phases.iter().map(|rule| &*rule.rule).collect::<Vec<_>>(), ["rule-0"]);
}
