//! Custom detections, as Defender runs them.

use rule_file::RuleFile;
use sentinel::{AlertKind, Assumptions, Kind, Rule, Schedule};

use crate::made::{MIDNIGHT, MINUTE, Simulated, hosts, row, run};

const HOUR: i64 = 60 * MINUTE;

fn detection(schedule: &str) -> Rule {
    let yaml = format!(
        "kind: CustomDetection\nproperties:\n  displayName: A detection\n  queryCondition:\n    \
         queryText: SecurityEvent\n  schedule:\n{schedule}  detectionAction:\n    alertTemplate:\n      \
         severity: medium\n      entityMappings:\n        hosts:\n          - fullNameColumn: Computer\n"
    );
    let file = RuleFile::read(&yaml).unwrap();
    let definition = file.definition().unwrap();
    Rule::new("22222222-2222-3333-4444-555555555555", &definition, "SecurityEvent").unwrap()
}

fn every(frequency: &str) -> Rule {
    detection(&format!("    frequency: {frequency}\n"))
}

#[test]
fn a_custom_detection_looks_back_4_hours_hourly_12_every_3_48_every_12_and_30_days_daily() {
    for (frequency, hours, back) in
        [("PT1H", 1, 4), ("PT3H", 3, 12), ("PT12H", 12, 48), ("P1D", 24, 720)]
    {
        let expected = Kind::CustomDetection { frequency: hours * HOUR, look_back: back * HOUR };
        assert_eq!(every(frequency).kind, expected);
    }
}

#[test]
fn a_custom_frequency_and_a_look_back_are_the_rules() {
    let rule = detection("    frequency: PT30M\n    lookback: PT2H\n");
    assert_eq!(rule.kind, Kind::CustomDetection { frequency: HOUR / 2, look_back: 2 * HOUR });
}

#[test]
fn the_first_run_of_a_custom_detection_looks_back_30_days() {
    let simulated = Simulated::new(every("PT1H"));
    let mut rule = simulated.runs();
    let looked_at = |rule: &mut sentinel::RuleRuns<'_>, minute: i64| {
        rule.begin(MIDNIGHT + minute * MINUTE, &|_| None);
        let alert = run(rule, minute, &hosts(1)).alerts.remove(0);
        (alert.looked_at.1 - alert.looked_at.0) / HOUR
    };
    assert_eq!([0, 60, 120].map(|minute| looked_at(&mut rule, minute)), [720, 4, 4]);
    let scheduled = Schedule::of(Kind::Scheduled { frequency: HOUR, period: HOUR });
    assert_eq!(scheduled.of_first_run(), scheduled);
}

#[test]
fn a_continuous_custom_detection_looks_at_what_arrives() {
    let rule = every("PT0S");
    assert_eq!(rule.kind, Kind::Continuous);
    let window = Schedule::of(rule.kind).window(HOUR, 7 * MINUTE, &Assumptions::default());
    assert_eq!(window, 52 * MINUTE + 1..=53 * MINUTE);
}

#[test]
fn rows_with_the_same_entities_and_details_are_one_alert() {
    let simulated = Simulated::new(every("PT1H"));
    let rows = [
        row(0, ["one", "amy", "", "", ""]),
        row(1, ["other", "", "", "", ""]),
        row(2, ["one", "bob", "", "", ""]),
    ];
    let raised = simulated.run(&rows);
    let kinds: Vec<AlertKind> = raised.alerts.iter().map(|alert| alert.kind.clone()).collect();
    assert_eq!(kinds, [AlertKind::Alike(vec![0, 2]), AlertKind::Alike(vec![1])]);
    assert_eq!((raised.alerts[0].start, raised.alerts[0].end), (MIDNIGHT, MIDNIGHT + 2 * MINUTE));
    let names = raised.alerts.iter().map(|alert| alert.entities[0].identifiers[0].1.as_str());
    assert_eq!(names.collect::<Vec<_>>(), ["one", "other"]);
    assert_eq!(raised.rows_cut, 0);
}

#[test]
fn a_run_of_a_custom_detection_raises_100_alerts_at_most() {
    let raised = Simulated::new(every("PT1H")).run(&hosts(120));
    assert_eq!((raised.alerts.len(), raised.rows_cut), (100, 20));
    let mut strict = Simulated::new(every("PT1H"));
    strict.losses = sentinel::Losses::None;
    assert_eq!(strict.run(&hosts(120)).alerts.len(), 120);
}

#[test]
fn what_defender_makes_of_alerts_is_not_simulated() {
    let simulated = Simulated::new(every("PT1H"));
    assert_eq!(simulated.incidents(&[(0, &hosts(2))]), []);
}
