//! Records that arrive late, each by itself, and from which delay on what they show is missed.

use std::{collections::BTreeSet, sync::Arc};

use detection::simulate::{Mode, Simulation};
use engine::{Arrivals, Delays};
use kql_types::Ticks;
use sentinel::Assumptions;

use crate::{
    made::{MINUTE, MadeRule},
    simulation::{Made, PER_RESULT, alerts, simulation, visit, with},
};

/// Returns delays of a list of minutes, each as likely.
pub(crate) fn drawn(minutes: &[i64], seed: u64) -> Arc<Arrivals> {
    let delays: Vec<Ticks> = minutes.iter().map(|minutes| minutes * MINUTE).collect();
    Arc::new(Arrivals::Drawn(Delays::of_list(&delays, seed).unwrap()))
}

#[test]
fn rows_that_are_late_each_by_itself_are_lost_each_by_itself() {
    let made = Made::new(
        &[with(MadeRule::new("Visits", "10m", "10m"), PER_RESULT)],
        &(51..=60).map(|minute| visit(minute, 1)).collect::<Vec<_>>(),
    );
    let arrivals = drawn(&[0, 60], 3);
    let simulation = Simulation { arrivals: Some(arrivals), ..simulation(0, 120) };
    let outcome = made.simulated(&simulation);
    let found: BTreeSet<String> = outcome.exact()[6].alerts.iter().flatten().cloned().collect();
    let in_time = outcome.late.iter().filter(|late| late.delay == 0);
    let in_time: BTreeSet<String> =
        in_time.map(|late| format!("Visits.json:{}", late.record.line)).collect();
    assert!(!found.is_empty() && found.len() < 10, "{found:?}");
    assert_eq!(found, in_time);
    assert_eq!(alerts(outcome.of(Mode::Strict, "rule-0")), [(60, 10)]);
    // The last run that looks at a row executes 5 to 14 minutes after it.
    for late in &outcome.late {
        let minute = 50 + i64::try_from(late.record.line).unwrap();
        let longest = 60 + 5 - minute;
        let found_at = late.found_at.unwrap().div_euclid(MINUTE);
        assert_eq!((minute, found_at), (minute, longest));
        assert_eq!(late.missed_from, Some((longest + 1) * MINUTE));
        assert_eq!(late.is_detected, late.delay == 0);
    }
    assert_eq!(outcome.late.len(), 10);
}

#[test]
fn a_pair_is_missed_as_soon_as_one_of_it_is_late() {
    let query = "Visits | summarize Numbers = count() by Host | where Numbers > 1";
    let made = Made::new(&[MadeRule::new(query, "10m", "30m")], &[visit(12, 1), visit(25, 1)]);
    let arrivals = drawn(&[0, 45], 1);
    let simulation = Simulation { arrivals: Some(arrivals), ..simulation(0, 120) };
    let outcome = made.simulated(&simulation);
    // The run of 40 is the last that looks at both; it executes at 45.
    let limits: Vec<_> = outcome.late.iter().map(|it| (it.found_at, it.missed_from)).collect();
    assert_eq!(limits, [(Some(20 * MINUTE), Some(21 * MINUTE)); 2]);
    let is_late = outcome.late.iter().any(|it| it.delay > 20 * MINUTE);
    assert!(outcome.late.iter().all(|it| it.is_detected != is_late), "{:?}", outcome.late);
}

#[test]
fn where_all_are_as_late_each_is_told_with_the_delay_from_which_on_it_is_missed() {
    let made = Made::new(
        &[with(MadeRule::new("Visits", "10m", "10m"), PER_RESULT)],
        &[visit(51, 1), visit(60, 2)],
    );
    let late = Simulation { ingestion_delay: 7 * MINUTE, ..simulation(0, 120) };
    let told = made.simulated(&late).late;
    let told: Vec<_> = told.iter().map(|it| (it.delay, it.is_detected, it.missed_from)).collect();
    let delay = 7 * MINUTE;
    assert_eq!(told, [(delay, true, None), (delay, false, Some(6 * MINUTE))]);
    let not_asked = Simulation { tells_lateness: false, ..late };
    assert_eq!(made.simulated(&not_asked).late, []);
}

/// What Microsoft advises for late data: look back further, and only at what has arrived since the last run.
#[test]
fn a_rule_that_looks_at_when_rows_were_ingested_finds_late_ones_once() {
    let delay = 17 * MINUTE;
    let late = |assumptions: Assumptions| Simulation {
        ingestion_delay: delay,
        assumptions,
        ..simulation(0, 120)
    };
    let query = "Visits | where ingestion_time() > ago(10m)";
    let rows: Vec<_> = (31..=50).map(|minute| visit(minute, 1)).collect();
    let rule = || with(MadeRule::new(query, "10m", "40m"), PER_RESULT);
    let made = Made::new(&[rule()], &rows).ingested_after(delay);
    let mut assumptions = Assumptions::default();
    assumptions.set("now", "executed").unwrap();
    // The run of 50 executes at 55, when what is of 38 has arrived; that of 70 takes what is left.
    let outcome = made.simulated(&late(assumptions));
    assert_eq!(alerts(outcome.exact()), [(50, 8), (60, 10), (70, 2)]);
    // If `now()` is the scheduled time, five minutes are seen twice.
    let outcome = made.simulated(&late(Assumptions::default()));
    assert_eq!(alerts(outcome.exact()), [(50, 8), (60, 15), (70, 7)]);
    let repeated: usize = outcome.exact().iter().map(|run| run.repeated).sum();
    assert_eq!(repeated, 10);
    // From which delay on it would miss them is not told: it was compiled for this one.
    assert_eq!(outcome.late, []);
    // By the time of the event alone, none is found.
    let plain = MadeRule::new("Visits", "10m", "10m");
    let outcome = Made::new(&[plain], &rows).simulated(&late(Assumptions::default()));
    assert_eq!(alerts(outcome.exact()), []);
}

#[test]
fn near_real_time_sees_each_row_when_it_arrives() {
    let rule = MadeRule::new("Visits", "5m", "5m");
    let made = Made::new(&[rule], &(1..=20).map(|it| visit(it, 1)).collect::<Vec<_>>())
        .in_near_real_time();
    let simulation = Simulation { arrivals: Some(drawn(&[0, 30], 3)), ..simulation(0, 60) };
    let outcome = made.simulated(&simulation);
    // The runs on time have some, those half an hour later the others; none is lost.
    let runs: Vec<i64> = alerts(outcome.exact()).into_iter().map(|(run, _)| run).collect();
    let late = runs.iter().filter(|run| **run > 30).count();
    assert!(runs.len() == 20 && late > 3 && late < 17, "{runs:?}");
    assert!(outcome.late.iter().all(|it| it.is_detected && it.missed_from.is_none()));
}
