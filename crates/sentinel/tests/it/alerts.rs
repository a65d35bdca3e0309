//! From rows to alerts.

use sentinel::{AlertKind, Losses, table::security_alert};

use crate::made::{
    MIDNIGHT, MINUTE, PER_RESULT, SINGLE, Simulated, hosts, near_real_time, row, rule,
};

#[test]
fn single_alert_is_the_default_and_summarises_all_rows_of_a_run() {
    let raised = Simulated::new(rule(SINGLE)).run(&hosts(1_000));
    let [alert] = &raised.alerts[..] else { panic!("{raised:?}") };
    assert_eq!(
        (alert.kind.clone(), alert.rows_of_run, raised.rows_cut),
        (AlertKind::AllRows, 1_000, 0)
    );
}

#[test]
fn the_threshold_is_evaluated_per_run() {
    let four = rule("triggerOperator: gt\ntriggerThreshold: 4\n");
    let simulated = Simulated::new(four);
    let mut runs = simulated.runs();
    let alerts = |raised: sentinel::Raised| raised.alerts.len();
    assert_eq!(alerts(crate::made::run(&mut runs, 0, &hosts(4))), 0);
    // Four more do not add up.
    assert_eq!(alerts(crate::made::run(&mut runs, 10, &hosts(4))), 0);
    assert_eq!(alerts(crate::made::run(&mut runs, 20, &hosts(5))), 1);
}

#[test]
fn absence_of_rows_raises_an_alert_where_the_trigger_is_met_by_none() {
    let raised = Simulated::new(rule("triggerOperator: lt\ntriggerThreshold: 1\n")).run(&[]);
    let [alert] = &raised.alerts[..] else { panic!("{raised:?}") };
    assert_eq!((alert.start, alert.end), (MIDNIGHT - 10 * MINUTE, MIDNIGHT));
}

#[test]
fn alert_per_result_raises_one_for_each_row_up_to_150() {
    let raised = Simulated::new(rule(PER_RESULT)).run(&hosts(150));
    assert_eq!((raised.alerts.len(), raised.rows_cut), (150, 0));
    assert!(raised.alerts.iter().all(|alert| matches!(alert.kind, AlertKind::Row(_))));
}

#[test]
fn of_more_than_150_rows_149_have_an_alert_and_the_150th_summarises_all() {
    let raised = Simulated::new(rule(PER_RESULT)).run(&hosts(151));
    assert_eq!((raised.alerts.len(), raised.rows_cut), (150, 2));
    let last = raised.alerts.last().unwrap();
    assert_eq!((last.kind.clone(), last.rows_of_run), (AlertKind::AllRows, 151));
    assert_eq!((last.start, last.end), (MIDNIGHT, MIDNIGHT + 150 * MINUTE));
    let ids: std::collections::BTreeSet<_> = raised.alerts.iter().map(|alert| &alert.id).collect();
    assert_eq!(ids.len(), 150);
}

#[test]
fn near_real_time_raises_29_alerts_and_one_that_summarises_all() {
    let grouping = "eventGroupingSettings:\n  aggregationKind: AlertPerResult\n";
    let simulated = Simulated::new(near_real_time(grouping));
    let raised = simulated.run(&hosts(31));
    assert_eq!((raised.alerts.len(), raised.rows_cut), (30, 2));
    assert_eq!(raised.alerts[29].kind, AlertKind::AllRows);
    assert_eq!(simulated.run(&hosts(30)).rows_cut, 0);
    assert_eq!(raised.alerts[0].generated, MIDNIGHT + 2 * MINUTE);
}

#[test]
fn which_rows_raise_the_149_is_an_assumption() {
    let first = |order| {
        let simulated = Simulated::new(rule(PER_RESULT)).assuming("row-order", order);
        simulated.run(&hosts(200)).alerts[0].kind.clone()
    };
    assert_eq!(first("oldest-first"), AlertKind::Row(0));
    assert_eq!(first("newest-first"), AlertKind::Row(199));
}

#[test]
fn alert_per_result_adds_the_original_query_and_the_event_unless_it_is_above_10_kb() {
    let properties = |text: &str| {
        let simulated = Simulated::new(rule(PER_RESULT));
        let raised = simulated.run(&[row(0, [text, "", "", "", ""])]);
        let table = security_alert(&simulated.rule, &raised.alerts[0]);
        let (_, value) = table.iter().find(|(name, _)| *name == "ExtendedProperties").unwrap();
        serde_json::from_str::<serde_json::Value>(&value.to_text()).unwrap()
    };
    let small = properties("pc1");
    assert_eq!(small["OriginalQuery"], "SecurityEvent");
    let event: serde_json::Value = serde_json::from_str(small["Query"].as_str().unwrap()).unwrap();
    assert_eq!(event["Computer"], "pc1");
    assert_eq!(properties(&"x".repeat(10 << 10))["Query"], "");
}

#[test]
fn an_alert_starts_and_ends_with_the_time_generated_of_its_first_and_last_row() {
    let rows = [row(7, [""; 5]), row(3, [""; 5]), row(5, [""; 5])];
    let raised = Simulated::new(rule(SINGLE)).run(&rows);
    let times = (raised.alerts[0].start, raised.alerts[0].end);
    assert_eq!(times, (MIDNIGHT + 3 * MINUTE, MIDNIGHT + 7 * MINUTE));
}

#[test]
fn the_times_of_an_alert_without_time_generated_are_an_assumption() {
    let mut without = row(3, [""; 5]);
    without.time = None;
    let times = |option| {
        let simulated = Simulated::new(rule(SINGLE)).assuming("missing-times", option);
        let alert = simulated.run(std::slice::from_ref(&without)).alerts.remove(0);
        (alert.start, alert.end)
    };
    assert_eq!(times("window"), (MIDNIGHT - 10 * MINUTE, MIDNIGHT));
    assert_eq!(times("run"), (MIDNIGHT, MIDNIGHT));
}

#[test]
fn which_time_of_the_run_an_alert_has_is_an_assumption() {
    let time = |option| {
        let simulated = Simulated::new(rule(SINGLE)).assuming("alert-time", option);
        simulated.run(&hosts(1)).alerts[0].generated
    };
    assert_eq!(time("executed"), MIDNIGHT + 5 * MINUTE);
    assert_eq!(time("scheduled"), MIDNIGHT);
}

#[test]
fn ids_are_made_of_rule_run_and_rows() {
    let simulated = Simulated::new(rule(SINGLE));
    let id = |minute, rows: &[sentinel::Row]| {
        crate::made::run(&mut simulated.runs(), minute, rows).alerts.remove(0).id
    };
    assert_eq!(id(0, &hosts(2)), id(0, &hosts(2)));
    assert_ne!(id(0, &hosts(2)), id(10, &hosts(2)));
    assert_ne!(id(0, &hosts(2)), id(0, &hosts(3)));
}

#[test]
fn without_losses_every_row_has_an_alert_whose_id_is_the_same_in_every_run() {
    let mut simulated = Simulated::new(rule(SINGLE));
    simulated.losses = Losses::None;
    let raised = simulated.run(&hosts(1_000));
    assert_eq!((raised.alerts.len(), raised.rows_cut), (1_000, 0));
    let again = crate::made::run(&mut simulated.runs(), 10, &hosts(1));
    assert_eq!(again.alerts[0].id, raised.alerts[0].id);
}
