//! Rules simulated whose runs fail: on their data, or since nothing could have run.

use detection::simulate::{Mode, Outage, Simulation};
use sentinel::FailureKind;

use crate::{
    made::{MINUTE, MadeRule, at},
    simulation::{Made, TheRun, alerts, simulation, visit},
    simulation_late::drawn,
};

const FAILS_ON_H0: &str =
    "Visits | summarize n = count() by Host | where assert(n < 1 or Host != 'h0', 'no h0')";

fn statuses(runs: &[TheRun]) -> Vec<(i64, &'static str)> {
    runs.iter().map(|run| (run.minute, run.status)).collect()
}

#[test]
fn a_run_fails_whose_query_fails_on_what_it_sees_and_no_other_does() {
    let rows = [visit(5, 0), visit(25, 1), visit(45, 0)];
    let made = Made::new(&[MadeRule::new(FAILS_ON_H0, "10m", "10m")], &rows);
    let drawn = Simulation { arrivals: Some(drawn(&[4], 1)), ..simulation(0, 50) };
    for simulation in [simulation(0, 50), drawn] {
        let outcome = made.simulated(&simulation);
        let failed = |mode| {
            let runs = statuses(outcome.of(mode, "rule-0")).into_iter();
            let failed = runs.filter(|(_, status)| *status == "failed");
            failed.map(|(minute, _)| minute).collect::<Vec<_>>()
        };
        // The run of 30 sees another host alone.
        assert_eq!(failed(Mode::Exact), [10, 50]);
        assert_eq!(failed(Mode::Strict), [10, 50]);
    }
}

#[test]
fn lasting_failures_disable_the_rule_and_later_slots_pass() {
    let rows = [visit(5, 0), visit(15, 0), visit(35, 0)];
    let made = Made::new(&[MadeRule::new(FAILS_ON_H0, "10m", "10m")], &rows);
    let mut simulation = simulation(10, 50);
    simulation.assumptions.set("disabled-after", "2").unwrap();
    let outcome = made.simulated(&simulation);
    assert_eq!(
        statuses(outcome.exact()),
        [(10, "failed"), (20, "failed"), (30, "skipped"), (40, "skipped"), (50, "skipped")]
    );
    // Strict loses nothing that there is to find.
    let strict = statuses(outcome.of(Mode::Strict, "rule-0"));
    assert_eq!(strict[2..], [(30, "ok"), (40, "failed"), (50, "ok")]);
}

#[test]
fn an_outage_loses_what_no_later_run_looks_back_to() {
    let rules = [MadeRule::new("Visits", "1h", "1h"), MadeRule::new("Visits", "1h", "2h")];
    let made = Made::new(&rules, &[visit(59, 1)]);
    let outage = |minutes| Outage {
        from: at(61 * MINUTE),
        to: at((61 + minutes) * MINUTE),
        kind: FailureKind::Transient,
    };
    let found = |minutes: i64, rule: &str| {
        let outages = vec![outage(minutes)];
        let outcome = made.simulated(&Simulation { outages, ..simulation(0, 240) });
        assert_eq!(alerts(outcome.of(Mode::Strict, rule)), [(60, 1)]);
        alerts(outcome.of(Mode::Exact, rule))
    };
    // The last retry is 36 minutes after the hour.
    assert_eq!(found(30, "rule-0"), [(60, 1)]);
    assert_eq!(found(40, "rule-0"), []);
    assert_eq!(found(40, "rule-1"), [(120, 1)]);
}
