//! Rules simulated over made rows, and the same in plain words: one look at a time.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroUsize,
};

use detection::{
    CompiledRules, PackagedRule,
    simulate::{
        LateRecord, Mode, Remark, RemarkKind, RulePhases, Simulation, Told, simulate,
        simulate_phases,
    },
};
use engine::{Clock, Engine, Input, Look, NoProgress, Run, discover};
use kql_types::{Ticks, datetime};
use sentinel::Assumptions;
use testkit::Folder;

use crate::{
    made::{MINUTE, MadeRule, Row, at, environment, settings, written},
    replay_property::{QUERIES, with_lengths},
};

/// A run, as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TheRun {
    /// Minutes after the day's start.
    pub(crate) minute: i64,
    pub(crate) rows: u64,
    pub(crate) status: &'static str,
    /// The records of each alert.
    pub(crate) alerts: Vec<BTreeSet<String>>,
    pub(crate) repeated: usize,
}

/// What is told of rules, by mode and rule.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) runs: BTreeMap<(Mode, String), Vec<TheRun>>,
    /// The ids of alerts in strict mode.
    pub(crate) strict_ids: BTreeSet<String>,
    /// How many alerts each incident has.
    pub(crate) incidents: BTreeMap<Mode, Vec<usize>>,
    pub(crate) remarks: Vec<Remark>,
    pub(crate) late: Vec<LateRecord>,
}

impl Outcome {
    /// Returns what is told of the first rule, in exact mode.
    pub(crate) fn exact(&self) -> &[TheRun] {
        self.of(Mode::Exact, "rule-0")
    }

    pub(crate) fn of(&self, mode: Mode, rule: &str) -> &[TheRun] {
        self.runs.get(&(mode, rule.to_owned())).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Rules over rows, ready to be simulated or looked at.
pub(crate) struct Made {
    engine: Engine,
    packaged: Vec<PackagedRule>,
    folder: Folder,
    /// How long after its event a row is ingested, for rules that ask.
    ingested_after: Option<Ticks>,
}

impl Made {
    /// The same, with rows that tell that they were ingested so long after their events.
    pub(crate) fn ingested_after(self, delay: Ticks) -> Self {
        Self { ingested_after: Some(delay), ..self }
    }

    /// The same with its first rule, in near real time.
    pub(crate) fn in_near_real_time(self) -> Self {
        let yaml = self.packaged[0].yaml.replace("kind: Scheduled", "kind: NRT");
        let path = std::path::Path::new("nrt.yaml");
        let packaged = vec![PackagedRule::parse(path, &yaml, Vec::new()).unwrap()];
        Self { packaged, ..self }
    }

    pub(crate) fn new(rules: &[MadeRule], rows: &[Row]) -> Self {
        let engine = Engine::new(&environment(), settings()).unwrap();
        let packaged = rules.iter().enumerate().map(|(number, rule)| rule.packaged(number));
        Self { engine, packaged: packaged.collect(), folder: written(rows), ingested_after: None }
    }

    fn inputs(&self) -> Vec<Input> {
        discover(&[self.folder.path().to_owned()]).inputs
    }

    fn compiled(&self) -> CompiledRules<'_> {
        let threads = NonZeroUsize::MIN;
        let mut environment = environment();
        if let Some(delay) = self.ingested_after {
            environment.assume_ingestion_after(delay);
        }
        let (compiled, refused) =
            CompiledRules::compile_for_simulation(&self.packaged, &environment, threads);
        let why = refused.iter().map(|rule| (&rule.diagnostics, &rule.of_rule));
        assert!(refused.is_empty(), "{:#?}", why.collect::<Vec<_>>());
        compiled
    }

    pub(crate) fn simulated(&self, simulation: &Simulation) -> Outcome {
        let mut outcome = Outcome::default();
        let compiled = self.compiled();
        let mut tell = |told: Told<'_>| {
            match told {
                Told::Rule(_) => {}
                Told::Late(late) => outcome.late.extend(late.records.iter().cloned()),
                Told::Run(run) => {
                    let key = (run.mode, run.rule.id.clone());
                    outcome.runs.entry(key).or_default().push(TheRun {
                        minute: (run.scheduled - at(0)).div_euclid(MINUTE),
                        rows: run.rows,
                        status: run.status.name(),
                        alerts: Vec::new(),
                        repeated: run.repeated,
                    });
                }
                Told::Alert(alert) => {
                    let name = |file: &str| file.rsplit('/').next().unwrap().to_owned();
                    let records = alert.evidence.iter();
                    let records =
                        records.map(|it| format!("{}:{}", name(&it.origin.file), it.line));
                    let runs = outcome.runs.get_mut(&(alert.mode, alert.rule.id.clone())).unwrap();
                    runs.last_mut().unwrap().alerts.push(records.collect());
                    if alert.mode == Mode::Strict {
                        outcome.strict_ids.insert(alert.alert.id.clone());
                    }
                }
                Told::Incident(incident) => {
                    let alerts = incident.incident.alerts.len();
                    outcome.incidents.entry(incident.mode).or_default().push(alerts);
                }
            }
            Ok(())
        };
        let simulated =
            simulate(&self.engine, &compiled, &self.inputs(), simulation, &NoProgress, &mut tell)
                .unwrap();
        assert_eq!(simulated.failed.len(), 0, "{:?}", simulated.failed);
        outcome.remarks = simulated.remarks;
        outcome
    }

    pub(crate) fn phases(&self, simulation: &Simulation) -> Vec<RulePhases> {
        self.some_phases(simulation, None)
    }

    /// Simulates at most so many phases.
    pub(crate) fn some_phases(
        &self,
        simulation: &Simulation,
        most: Option<u32>,
    ) -> Vec<RulePhases> {
        let compiled = self.compiled();
        let inputs = self.inputs();
        let (simulated, phases) =
            simulate_phases(&self.engine, &compiled, &inputs, simulation, most, &NoProgress)
                .unwrap();
        assert_eq!(simulated.failed.len(), 0, "{:?}", simulated.failed);
        phases
    }

    /// Tells which rules' queries divide into parts.
    pub(crate) fn divide(&self) -> Vec<bool> {
        let compiled = self.compiled();
        let queries: Vec<_> = compiled.queries().map(|(_, query)| query.clone()).collect();
        let inputs = self.inputs();
        let run = self.engine.run(&queries, &inputs, Clock::NewestEvent(0), &NoProgress).unwrap();
        (0..queries.len()).map(|query| run.parts(query).unwrap().is_some()).collect()
    }

    /// Does the same for one rule in exact mode, look by look, by what the documentation says.
    pub(crate) fn looked_at(&self, rule: usize, reference: &Reference) -> Vec<TheRun> {
        let compiled = self.compiled();
        let queries: Vec<_> = compiled.queries().map(|(_, query)| query.clone()).collect();
        let inputs = self.inputs();
        let run = self.engine.run(&queries, &inputs, Clock::NewestEvent(0), &NoProgress).unwrap();
        let mut runs = Vec::new();
        let mut suppressed_until = Ticks::MIN;
        let mut told: BTreeSet<String> = BTreeSet::new();
        let mut scheduled = reference.first;
        while scheduled <= reference.to {
            let minute = (scheduled - at(0)).div_euclid(MINUTE);
            if scheduled < suppressed_until {
                let (status, alerts) = ("suppressed", Vec::new());
                runs.push(TheRun { minute, rows: 0, status, alerts, repeated: 0 });
                scheduled += reference.frequency;
                continue;
            }
            let to = scheduled.min(scheduled + 5 * MINUTE - reference.ingestion_delay);
            let window = scheduled - reference.period + 1..=to;
            let found = found(&run, rule, &Look { now: scheduled, window: Some(window) });
            let (operator, threshold) = reference.trigger;
            let is_met = match operator {
                "gt" | "GreaterThan" => found.len() > threshold,
                "lt" => found.len() < threshold,
                "eq" => found.len() == threshold,
                "ne" => found.len() != threshold,
                _ => panic!("{operator}"),
            };
            let alerts: Vec<BTreeSet<String>> = match (is_met, reference.is_per_result) {
                (false, _) => Vec::new(),
                (true, true) => found.clone(),
                (true, false) => vec![found.iter().flatten().cloned().collect()],
            };
            if let (Some(duration), false) = (reference.suppression, alerts.is_empty()) {
                suppressed_until = scheduled + duration;
            }
            let is_repeated =
                |alert: &&BTreeSet<String>| !alert.is_empty() && alert.is_subset(&told);
            let repeated = alerts.iter().filter(is_repeated).count();
            told.extend(alerts.iter().flatten().cloned());
            let rows = u64::try_from(found.len()).unwrap();
            let mut alerts = alerts;
            alerts.sort();
            runs.push(TheRun { minute, rows, status: "ok", alerts, repeated });
            scheduled += reference.frequency;
        }
        runs
    }
}

/// A rule's schedule, in plain numbers.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) first: Ticks,
    pub(crate) to: Ticks,
    pub(crate) frequency: Ticks,
    pub(crate) period: Ticks,
    pub(crate) trigger: (&'static str, usize),
    pub(crate) is_per_result: bool,
    pub(crate) suppression: Option<Ticks>,
    pub(crate) ingestion_delay: Ticks,
}

/// Returns the records that each row of a look rests on.
fn found(run: &Run<'_>, query: usize, look: &Look) -> Vec<BTreeSet<String>> {
    let mut found = Vec::new();
    for batch in run.look(query, look).unwrap().remove(0) {
        let batch = batch.unwrap();
        for records in engine::records(batch.columns().last().unwrap()) {
            let place = |record: &engine::RecordRef| {
                let file = &run.balance().member(record.member).unwrap().file;
                format!("{}:{}", file.file_name().unwrap().to_string_lossy(), record.line)
            };
            found.push(records.iter().map(place).collect());
        }
    }
    found
}

pub(crate) fn simulation(from: i64, to: i64) -> Simulation {
    Simulation {
        from: Some(at(from * MINUTE)),
        to: Some(at(to * MINUTE)),
        phase: 0,
        ingestion_delay: 0,
        arrivals: None,
        tells_lateness: true,
        outages: Vec::new(),
        modes: vec![Mode::Exact, Mode::Strict],
        assumptions: Assumptions::default(),
    }
}

pub(crate) fn visit(minute: i64, host: u8) -> Row {
    Row { table: 0, times: [minute * MINUTE; 2], host, number: minute }
}

pub(crate) fn with(rule: MadeRule, more: &str) -> MadeRule {
    MadeRule { more: more.to_owned(), ..rule }
}

pub(crate) fn alerts(runs: &[TheRun]) -> Vec<(i64, usize)> {
    let alerting = runs.iter().filter(|run| !run.alerts.is_empty());
    alerting.map(|run| (run.minute, run.alerts.len())).collect()
}

pub(crate) const PER_RESULT: &str = "eventGroupingSettings:\n  aggregationKind: AlertPerResult\n";

#[test]
fn an_event_raises_as_many_alerts_as_windows_hold_it_and_strict_raises_one() {
    let made = Made::new(&[MadeRule::new("Visits", "5m", "1d")], &[visit(61, 1)]);
    let outcome = made.simulated(&simulation(0, 3 * 1_440));
    let exact = outcome.exact();
    assert_eq!(alerts(exact).len(), 288);
    assert_eq!(exact.iter().map(|run| run.repeated).sum::<usize>(), 287);
    assert_eq!(alerts(outcome.of(Mode::Strict, "rule-0")), [(65, 1)]);
    assert_eq!(outcome.incidents[&Mode::Exact].len(), 288);
}

#[test]
fn two_events_on_both_sides_of_a_windows_edge_are_seen_at_some_phases_only() {
    let pair = "Visits | summarize n = count() by Host | where n == 2";
    let made = Made::new(&[MadeRule::new(pair, "10m", "10m")], &[visit(58, 1), visit(63, 1)]);
    let found = |phase: i64| {
        let simulation = Simulation { phase: phase * MINUTE, ..simulation(0, 120) };
        alerts(made.simulated(&simulation).exact())
    };
    assert_eq!(found(0), []);
    assert_eq!(found(4), [(64, 1)]);
    let phases = (0..10).filter(|phase| !found(*phase).is_empty()).count();
    assert_eq!(phases, 5);
}

#[test]
fn a_blind_span_is_told_with_two_events_that_no_run_sees_together() {
    let pair = "Visits | summarize n = count() by Host | where n == 2";
    for (frequency, period) in [("10m", "10m"), ("10m", "15m"), ("1h", "1h")] {
        let rule = MadeRule::new(pair, frequency, period);
        let outcome = Made::new(std::slice::from_ref(&rule), &[]).simulated(&simulation(200, 500));
        let [Remark { kind: RemarkKind::BlindSpan(blind), .. }] = &outcome.remarks[..] else {
            panic!("{:?}", outcome.remarks)
        };
        let row = |time: Ticks| Row { table: 0, times: [time - at(0); 2], host: 1, number: 0 };
        let rows = [row(blind.events.0), row(blind.events.1)];
        let made = Made::new(&[rule], &rows);
        assert_eq!(alerts(made.simulated(&simulation(200, 500)).exact()), []);
        let [rule] = &made.phases(&simulation(140, 500))[..] else { panic!() };
        let found = rule.records[0].detected;
        assert!(
            (rule.phases / 2 - 1..=rule.phases / 2 + 1).contains(&found),
            "{found} {frequency}"
        );
    }
    for rule in [
        MadeRule::new(pair, "10m", "20m"),
        MadeRule::new("Visits | where Number > 1", "10m", "10m"),
    ] {
        assert_eq!(Made::new(&[rule], &[]).simulated(&simulation(0, 60)).remarks, []);
    }
}

#[test]
fn over_all_phases_two_events_five_minutes_apart_are_found_half_the_time() {
    let pair = "Visits | summarize n = count() by Host | where n == 2";
    let made = Made::new(&[MadeRule::new(pair, "10m", "10m")], &[visit(58, 1), visit(63, 1)]);
    for simulation in [simulation(0, 120), Simulation { from: None, to: None, ..simulation(0, 0) }]
    {
        let phases = made.phases(&simulation);
        half_of_all_find_both(&phases);
    }
}

#[test]
fn a_daily_rule_has_a_phase_for_each_minute_of_the_day() {
    let pair = "Visits | summarize n = count() by Host | where n == 2";
    let rows = [visit(2_000, 1), visit(2_360, 1), visit(2_000, 2), visit(2_001, 3)];
    let made = Made::new(&[MadeRule::new(pair, "1d", "1d")], &rows);
    let span = simulation(0, 5 * 1_440);
    let counts = |most: Option<u32>| {
        let [rule] = &made.some_phases(&span, most)[..] else { panic!() };
        let detected: Vec<u32> = rule.records.iter().map(|record| record.detected).collect();
        (rule.phases, rule.minutes, detected)
    };
    // Of two visits six hours apart, a run sees both unless it is between them.
    assert_eq!(counts(None), (1_440, 1_440, vec![1_080, 1_080]));
    assert_eq!(counts(Some(1_440)), (1_440, 1_440, vec![1_080, 1_080]));
    assert_eq!(counts(Some(60)), (60, 1_440, vec![45, 45]));
    // The day has no 50 parts of as many minutes each.
    assert_eq!(counts(Some(50)), (48, 1_440, vec![36, 36]));
}

/// The rest of what phases are compared to would else be the same.
#[test]
fn most_forms_that_group_or_join_by_something_divide() {
    let rules: Vec<MadeRule> = QUERIES
        .iter()
        .map(|query| MadeRule::new(&with_lengths(query, "10m", "20m"), "10m", "40m"))
        .collect();
    let rows = (0..3).map(|table| Row { table, times: [MINUTE; 2], host: 1, number: 2 });
    let made = Made::new(&rules, &rows.collect::<Vec<_>>());
    let divide = QUERIES.iter().zip(made.divide()).filter(|(_, divides)| *divides);
    let divide: Vec<&str> = divide.map(|(query, _)| *query).collect();
    for query in [
        "Visits | summarize n = count() by Host",
        "Visits | summarize n = count() by Host, bin(TimeGenerated, A)",
        "Visits | join kind=inner (Starts | where Timestamp > ago(A)) on Host",
        "Visits | summarize arg_max(TimeGenerated, *) by Host | where TimeGenerated < ago(A)",
    ] {
        assert!(divide.contains(&query), "{query}: {divide:#?}");
    }
    for query in [
        "Visits | where Number > 2",
        "Visits | top 1 by TimeGenerated asc",
        "Visits | serialize n = row_number() | where n == 2",
        "Visits | summarize n = dcount(Host), Age = max(now() - TimeGenerated)\n| where n > 1",
    ] {
        assert!(!divide.contains(&query), "{query}");
    }
}

#[track_caller]
fn half_of_all_find_both(phases: &[RulePhases]) {
    let [rule] = phases else { panic!("{phases:?}") };
    let counts = (rule.phases, rule.alerts.least, rule.alerts.most, rule.alerts.all);
    assert_eq!(counts, (10, 0, 1, 5));
    for record in &rule.records {
        assert_eq!((record.detected, record.alerts.least, record.alerts.most), (5, 0, 1));
        assert!((record.probability(rule.phases) - 0.5).abs() < 1e-9);
    }
    assert_eq!(rule.records.len(), 2);
}

#[test]
fn suppression_is_a_gap_for_every_entity() {
    let suppressed = "suppressionEnabled: true\nsuppressionDuration: 1h\n";
    let rule = with(MadeRule::new("Visits", "10m", "10m"), suppressed);
    let rows = [visit(5, 1), visit(25, 2), visit(75, 3)];
    let outcome = Made::new(&[rule], &rows).simulated(&simulation(0, 120));
    assert_eq!(alerts(outcome.exact()), [(10, 1), (80, 1)]);
    let suppressed = outcome.exact().iter().filter(|run| run.status == "suppressed");
    assert_eq!(
        suppressed.map(|run| run.minute).collect::<Vec<_>>(),
        [20, 30, 40, 50, 60, 90, 100, 110, 120]
    );
    assert_eq!(alerts(outcome.of(Mode::Strict, "rule-0")), [(10, 1), (30, 1), (80, 1)]);
}

#[test]
fn late_rows_are_lost_where_they_arrive_after_the_run_and_no_other_looks_back_as_far() {
    let rules = [MadeRule::new("Visits", "10m", "10m"), MadeRule::new("Visits", "10m", "20m")];
    let made = Made::new(&rules, &[visit(59, 1)]);
    let found = |delay: i64, rule: &str| {
        let simulation = Simulation { ingestion_delay: delay * MINUTE, ..simulation(0, 120) };
        alerts(made.simulated(&simulation).of(Mode::Exact, rule))
    };
    assert_eq!(found(6, "rule-0"), [(60, 1)]);
    assert_eq!(found(7, "rule-0"), []);
    assert_eq!(found(7, "rule-1"), [(70, 1)]);
    // Nothing is late for strict.
    let late = Simulation { ingestion_delay: 60 * MINUTE, ..simulation(0, 120) };
    assert_eq!(alerts(made.simulated(&late).of(Mode::Strict, "rule-0")), [(60, 1)]);
}

#[test]
fn a_rule_of_absence_runs_where_there_is_nothing_and_strict_does_not() {
    let silent = MadeRule { trigger: ("lt", 1), ..MadeRule::new("Visits", "10m", "10m") };
    let made = Made::new(&[silent], &[visit(5, 1), visit(35, 1)]);
    let outcome = made.simulated(&simulation(10, 50));
    assert_eq!(alerts(outcome.exact()), [(20, 1), (30, 1), (50, 1)]);
    assert_eq!(outcome.of(Mode::Strict, "rule-0"), []);
    let told = |remark: &Remark| remark.kind == RemarkKind::AlertsOfNothing;
    assert!(outcome.remarks.iter().any(told));
}

#[test]
fn a_count_of_nothing_is_a_row_in_every_run() {
    let count = "Visits | summarize n = count() | where n == 0";
    let made = Made::new(&[MadeRule::new(count, "10m", "10m")], &[visit(15, 1)]);
    assert_eq!(alerts(made.simulated(&simulation(10, 40)).exact()), [(10, 1), (30, 1), (40, 1)]);
}

#[test]
fn near_real_time_runs_every_minute_over_the_minute_before() {
    let rule = MadeRule::new("Visits", "5m", "5m");
    let made = Made::new(&[rule], &[visit(5, 1), visit(7, 1), visit(7, 2)]).in_near_real_time();
    let outcome = made.simulated(&simulation(0, 10));
    assert_eq!(outcome.exact().len(), 11);
    assert_eq!(alerts(outcome.exact()), [(5, 1), (7, 1)]);
    let late = Simulation { ingestion_delay: 2 * MINUTE, ..simulation(0, 10) };
    assert_eq!(alerts(made.simulated(&late).exact()), [(7, 1), (9, 1)]);
    // Without an end, it runs until all that is late has arrived.
    let open = Simulation { from: None, to: None, ..late };
    assert_eq!(alerts(made.simulated(&open).exact()), [(7, 1), (9, 1)]);
}

#[test]
fn without_from_and_to_the_schedule_is_that_of_a_hunt_over_all_of_the_input() {
    let made = Made::new(&[MadeRule::new("Visits", "1h", "3h")], &[visit(61, 1), visit(200, 2)]);
    let open = Simulation { from: None, to: None, ..simulation(0, 0) };
    let minutes = |simulation: &Simulation| -> Vec<i64> {
        made.simulated(simulation).exact().iter().map(|run| run.minute).collect()
    };
    assert_eq!(minutes(&open), [120, 180, 240, 300, 360]);
    let moved = Simulation { phase: 17 * MINUTE, ..open };
    assert_eq!(minutes(&moved), [77, 137, 197, 257, 317, 377]);
}

#[test]
fn alerts_are_made_of_rows_each_or_of_all_of_a_run() {
    let rules = [
        MadeRule::new("Visits", "10m", "10m"),
        with(MadeRule::new("Visits", "10m", "10m"), PER_RESULT),
    ];
    let outcome =
        Made::new(&rules, &[visit(1, 1), visit(2, 2), visit(3, 3)]).simulated(&simulation(0, 30));
    assert_eq!(alerts(outcome.exact()), [(10, 1)]);
    assert_eq!(outcome.exact()[1].alerts[0].len(), 3);
    assert_eq!(alerts(outcome.of(Mode::Exact, "rule-1")), [(10, 3)]);
}

#[test]
fn a_time_of_the_made_day_is_what_it_says() {
    assert_eq!(datetime::format_json(at(61 * MINUTE)).to_string(), "2024-05-06T01:01:00Z");
}
