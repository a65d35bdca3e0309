//! What a simulation tells is what looking at every run by itself tells, whatever the rule.

use std::collections::{BTreeMap, BTreeSet};

use detection::simulate::{Mode, Simulation};
use proptest::prelude::*;
use rule_file::Period;

use crate::{
    made::{MINUTE, MadeRule, Row, at, both_ways},
    replay_property::{QUERIES, config, rows, rule, with_lengths},
    simulation::{Made, Reference, TheRun, simulation},
    simulation_late::drawn,
};

/// How a rule's alerts come about, and when it is simulated.
#[derive(Clone, Debug)]
struct Settings {
    is_per_result: bool,
    suppression: Option<i64>,
    from: i64,
    phase: i64,
    ingestion_delay: i64,
}

fn settings() -> impl Strategy<Value = Settings> {
    let suppression = prop_oneof![3 => Just(None), 1 => (5..90_i64).prop_map(Some)];
    let delay = prop_oneof![2 => Just(0), 1 => Just(4), 2 => 6..50_i64];
    (any::<bool>(), suppression, -20..60_i64, 0..60_i64, delay).prop_map(
        |(is_per_result, suppression, from, phase, ingestion_delay)| Settings {
            is_per_result,
            suppression,
            from,
            phase,
            ingestion_delay,
        },
    )
}

fn with_settings(rule: MadeRule, settings: &Settings) -> MadeRule {
    let mut more = String::new();
    if settings.is_per_result {
        more.push_str("eventGroupingSettings:\n  aggregationKind: AlertPerResult\n");
    }
    more.extend(
        settings
            .suppression
            .map(|minutes| format!("suppressionEnabled: true\nsuppressionDuration: {minutes}m\n")),
    );
    MadeRule { more, ..rule }
}

/// The last minute of a simulation.
const TO: i64 = 360;

fn simulated(settings: &Settings) -> Simulation {
    Simulation {
        phase: settings.phase * MINUTE,
        ingestion_delay: settings.ingestion_delay * MINUTE,
        ..simulation(settings.from, TO)
    }
}

fn reference(rule: &MadeRule, settings: &Settings) -> Reference {
    let ticks = |text: &str| Period::parse(text).unwrap().ticks();
    Reference {
        first: at((settings.from + settings.phase) * MINUTE),
        to: at(TO * MINUTE),
        frequency: ticks(&rule.frequency),
        period: ticks(&rule.period),
        trigger: (rule.trigger.0, usize::try_from(rule.trigger.1).unwrap()),
        is_per_result: settings.is_per_result,
        suppression: settings.suppression.map(|minutes| minutes * MINUTE),
        ingestion_delay: settings.ingestion_delay * MINUTE,
    }
}

fn any_trigger() -> impl Strategy<Value = Option<(&'static str, u32)>> {
    prop_oneof![4 => Just(None), 1 => Just(Some(("lt", 1))), 1 => Just(Some(("eq", 0)))]
}

/// Sorts the alerts of each run, whose order is that of their rows' times.
fn in_order(runs: &[TheRun]) -> Vec<TheRun> {
    let mut runs = runs.to_vec();
    for run in &mut runs {
        run.alerts.sort();
    }
    runs
}

fn check(rules: &[(MadeRule, Settings)], rows: &[Row]) {
    for (rule, settings) in rules {
        let made = Made::new(&[with_settings(rule.clone(), settings)], rows);
        let exact = in_order(made.simulated(&simulated(settings)).exact());
        let plain = made.looked_at(0, &reference(rule, settings));
        assert_eq!(exact, plain, "{rule:?} {settings:?}");
        // Rows that have delays of their own, which happen to be the same.
        let arrivals = Some(drawn(&[settings.ingestion_delay], 1));
        let late = Simulation { ingestion_delay: 0, arrivals, ..simulated(settings) };
        let late = Simulation { modes: vec![Mode::Exact], ..late };
        assert_eq!(in_order(made.simulated(&late).exact()), plain, "{rule:?} {settings:?}");
    }
}

/// - `most`: how many phases are compared at most.
/// - `to`: the last minute of the simulation.
#[track_caller]
fn phases_tell_what_each_by_itself_tells(
    rule: &MadeRule,
    settings: &Settings,
    rows: &[Row],
    most: u32,
    to: i64,
) {
    let made = Made::new(&[with_settings(rule.clone(), settings)], rows);
    let to = Some(at(to * MINUTE));
    let simulation = Simulation { phase: 0, to, modes: vec![Mode::Exact], ..simulated(settings) };
    let all = made.some_phases(&simulation, Some(most)).remove(0);
    assert_eq!(i64::from(all.minutes), Period::parse(&rule.frequency).unwrap().ticks() / MINUTE);
    let mut counts: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    let mut alerts = 0;
    for phase in 0..all.phases {
        let minutes = i64::from(phase * (all.minutes / all.phases));
        let one = Simulation { phase: minutes * MINUTE, ..simulation.clone() };
        let mut of_phase: BTreeMap<String, u32> = BTreeMap::new();
        for cited in made.simulated(&one).exact().iter().flat_map(|run| &run.alerts) {
            alerts += 1;
            for record in cited {
                *of_phase.entry(record.clone()).or_default() += 1;
            }
        }
        for (record, count) in of_phase {
            counts.entry(record).or_default().push(count);
        }
    }
    assert_eq!(all.alerts.all, alerts);
    let plain: BTreeMap<String, (usize, u32, u32, u64)> = counts
        .into_iter()
        .map(|(record, counts)| {
            let is_always = counts.len() == usize::try_from(all.phases).unwrap();
            let least = if is_always { *counts.iter().min().unwrap() } else { 0 };
            let most = *counts.iter().max().unwrap();
            (record, (counts.len(), least, most, counts.iter().copied().map(u64::from).sum()))
        })
        .collect();
    let told: BTreeMap<String, (usize, u32, u32, u64)> = all
        .records
        .iter()
        .map(|it| {
            let file = it.record.origin.file.rsplit('/').next().unwrap();
            let detected = usize::try_from(it.detected).unwrap();
            let counts = (detected, it.alerts.least, it.alerts.most, it.alerts.all);
            (format!("{file}:{}", it.record.line), counts)
        })
        .collect();
    assert_eq!(told, plain, "{rule:?} {settings:?}");
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn exact_tells_what_every_run_by_itself_tells(
        rules in proptest::collection::vec((rule(), any_trigger(), settings()), 1..4),
        rows in rows(),
    ) {
        let rules = rules.into_iter().map(|(rule, trigger, settings)| {
            (MadeRule { trigger: trigger.unwrap_or(rule.trigger), ..rule }, settings)
        });
        check(&rules.collect::<Vec<_>>(), &rows);
    }

    #[test]
    fn all_phases_tell_what_each_phase_by_itself_tells(
        rule in rule(),
        settings in settings(),
        rows in rows(),
    ) {
        // Not all of an hour's phases, which take too long.
        phases_tell_what_each_by_itself_tells(&rule, &settings, &rows, 10, TO);
    }

    #[test]
    fn phases_of_rules_that_run_rarely_tell_what_each_by_itself_tells(
        rule in rule(),
        schedule in prop_oneof![
            Just(("1d", "1d")), Just(("1d", "2d")), Just(("12h", "1d")), Just(("5h", "5h")),
        ],
        settings in settings(),
        rows in rows(),
    ) {
        let (frequency, period) = schedule;
        let [frequency, period] = [frequency, period].map(str::to_owned);
        let rule = MadeRule { frequency, period, ..rule };
        phases_tell_what_each_by_itself_tells(&rule, &settings, &rows, 12, 3 * 1_440);
    }

    #[test]
    fn strict_finds_what_a_hunt_finds(
        rules in proptest::collection::vec(rule(), 1..4),
        rows in rows(),
    ) {
        let (hunted, _) = both_ways(&rules, &rows);
        let open = Simulation { from: None, to: None, ..simulation(0, 0) };
        let strict = Made::new(&rules, &rows).simulated(&open).strict_ids;
        let hunted: BTreeSet<String> = hunted.alerts.into_iter().map(|alert| alert.id).collect();
        prop_assert_eq!(strict, hunted);
    }

    #[test]
    fn strict_cites_whatever_exact_cites_at_any_phase(
        rule in rule(),
        settings in settings(),
        rows in rows(),
    ) {
        let made = Made::new(&[with_settings(rule, &settings)], &rows);
        // Rows that are late change what groups and joins find.
        let outcome = made.simulated(&Simulation { ingestion_delay: 0, ..simulated(&settings) });
        let is_left_out = outcome.remarks.iter().any(|remark| {
            remark.kind == detection::simulate::RemarkKind::AlertsOfNothing
        });
        let cited = |mode| -> BTreeSet<String> {
            outcome.of(mode, "rule-0").iter().flat_map(|run| &run.alerts).flatten().cloned().collect()
        };
        prop_assert!(is_left_out || cited(Mode::Exact).is_subset(&cited(Mode::Strict)));
    }
}

/// Every form of query once, over rows that most of them find something in.
#[test]
fn rules_of_all_forms_are_simulated_as_looking_at_every_run_tells() {
    let row =
        |table, minute: i64, host, number| Row { table, times: [minute * MINUTE; 2], host, number };
    let rows = [
        row(0, 0, 0, 3),
        row(0, 7, 1, 1),
        row(0, 20, 1, 4),
        row(0, 34, 0, 2),
        row(1, 9, 1, 5),
        row(1, 30, 0, 0),
        row(2, 33, 2, 3),
    ];
    let settings = |at: usize| Settings {
        is_per_result: at.is_multiple_of(2),
        suppression: at.is_multiple_of(5).then_some(25),
        from: -7,
        phase: i64::try_from(at % 4).unwrap(),
        ingestion_delay: [0, 7, 20][at % 3],
    };
    let rules = QUERIES.iter().enumerate().map(|(at, query)| {
        (MadeRule::new(&with_lengths(query, "10m", "20m"), "10m", "40m"), settings(at))
    });
    check(&rules.collect::<Vec<_>>(), &rows);
}
