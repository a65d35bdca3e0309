//! What rules do over time on a case: their runs, alerts and incidents, by a clock of the case's own.
//!
//! Sentinel's way is simulated, its losses included, over the records of that case alone. A record has two
//! clocks: when it happened, and when it arrived. Rules of a case that run from and up to the same times are
//! simulated together, so that one over alerts sees those that the others raise.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Display,
    path::Path,
    sync::Arc,
};

use engine::{Arrivals, Engine, Environment, Input, NoProgress};
use kql_types::{Ticks, timespan};
use sentinel::{Assumptions, RunStatus};

use super::telemetry;
use crate::{
    hunt::{CompiledRules, RefusedRule},
    package::{Case, ExpectedOverTime, ExpectedRun, PackagedRule, Span},
    simulate::{Mode, Simulation, SimulationError, Told, simulate},
};

/// A case that cannot be simulated, and why.
pub(super) type Problem = String;

/// What simulating cases needs.
pub(super) struct Simulating<'a> {
    pub(super) engine: &'a Engine,
    pub(super) environment: &'a Environment,
    /// By the names of their files.
    pub(super) rules: Vec<(String, &'a PackagedRule)>,
}

/// What a rule did over time.
#[derive(Debug, Default)]
struct Outcome {
    /// By their times after the case's begin.
    runs: BTreeMap<Ticks, TheRun>,
    /// For each alert, whether it cites only what earlier ones had cited.
    alerts: Vec<bool>,
    /// The numbers of incidents.
    incidents: BTreeSet<i32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct TheRun {
    rows: u64,
    alerts: usize,
    status: RunStatus,
}

/// Rules of a case that are simulated together: each with its name and what it has to do.
type Together<'a> = Vec<(&'a str, &'a PackagedRule, &'a ExpectedOverTime)>;

impl Simulating<'_> {
    /// Returns what is wrong with what rules do over time on a case.
    ///
    /// - `file`: where the case's telemetry stands.
    pub(super) fn failures(&self, case: &Case, file: &Path) -> Result<Vec<String>, Problem> {
        let mut spans: BTreeMap<(Span, Span, bool), Together<'_>> = BTreeMap::new();
        for (name, expected) in &case.over_time {
            // That no rule has this name has been said of the tests as a whole.
            let Some((_, rule)) = self.rules.iter().find(|(stem, _)| stem == name) else {
                continue;
            };
            if expected.until < expected.first {
                return Err(format!("`{name}` over time: `until` is before `first`"));
            }
            let span = (expected.first, expected.until, expected.strict);
            spans.entry(span).or_default().push((name, rule, expected));
        }
        let mut failures = Vec::new();
        for (span, together) in spans {
            let outcomes = self.simulated(case, span, &together, file)?;
            for (name, rule, expected) in together {
                let nothing = Outcome::default();
                let outcome = outcomes.get(&rule.rule.id).unwrap_or(&nothing);
                failures.extend(compared(name, expected, outcome));
            }
        }
        Ok(failures)
    }

    /// Returns what rules do on a case, by their ids.
    fn simulated(
        &self,
        case: &Case,
        (first, until, is_strict): (Span, Span, bool),
        together: &Together<'_>,
        file: &Path,
    ) -> Result<BTreeMap<String, Outcome>, Problem> {
        let rules: Vec<PackagedRule> =
            together.iter().map(|(_, rule, _)| (*rule).clone()).collect();
        let threads = self.engine.threads();
        let (compiled, refused) =
            CompiledRules::compile_for_simulation(&rules, self.environment, threads);
        if let Some(refused) = refused.first() {
            let (name, why) = (&refused.rule.rule.name, why(refused));
            return Err(format!("`{name}` cannot be simulated: {why}"));
        }
        let time = |span: Span| telemetry::BEGIN.checked_add(span.0);
        let simulation = Simulation {
            from: time(first),
            to: time(until),
            phase: 0,
            ingestion_delay: 0,
            arrivals: Some(Arc::new(Arrivals::of_file(telemetry::arrivals(case)?))),
            tells_lateness: false,
            outages: Vec::new(),
            modes: vec![if is_strict { Mode::Strict } else { Mode::Exact }],
            assumptions: Assumptions::default(),
        };
        let mut outcomes: BTreeMap<String, Outcome> = BTreeMap::new();
        let mut tell = |told: Told<'_>| {
            add(&mut outcomes, &told);
            Ok(())
        };
        let inputs = [Input::File(file.to_path_buf())];
        let simulated =
            simulate(self.engine, &compiled, &inputs, &simulation, &NoProgress, &mut tell);
        let failed = |error: &dyn Display| format!("the simulation over time failed: {error}");
        let simulated = simulated.map_err(|error: SimulationError| failed(&error))?;
        match simulated.failed.first() {
            Some(rule) => Err(failed(&rule.error)),
            None => Ok(outcomes),
        }
    }
}

/// Says why a rule is refused.
fn why(refused: &RefusedRule<'_>) -> String {
    let mut diagnostics = refused.of_rule.iter().chain(&refused.diagnostics);
    let message = diagnostics.next().map(|diagnostic| diagnostic.message.clone());
    message.unwrap_or_else(|| "`quarry simulate` says why".to_owned())
}

fn add(outcomes: &mut BTreeMap<String, Outcome>, told: &Told<'_>) {
    match told {
        Told::Run(run) => {
            let at = run.scheduled.saturating_sub(telemetry::BEGIN);
            let alerts = run.raised.alerts.len();
            let of_run = TheRun { rows: run.rows, alerts, status: run.status };
            outcomes.entry(run.rule.id.clone()).or_default().runs.insert(at, of_run);
        }
        Told::Alert(alert) => {
            let of_rule = outcomes.entry(alert.rule.id.clone()).or_default();
            of_rule.alerts.push(alert.is_repeated);
        }
        Told::Incident(incident) => {
            let of_rule = outcomes.entry(incident.rule.id.clone()).or_default();
            of_rule.incidents.insert(incident.number);
        }
        Told::Rule(_) | Told::Late(_) => {}
    }
}

/// Returns what of a rule is not as it has to be.
fn compared(name: &str, expected: &ExpectedOverTime, outcome: &Outcome) -> Vec<String> {
    let Outcome { runs, alerts, incidents } = outcome;
    let repeated = alerts.iter().filter(|is_repeated| **is_repeated).count();
    let mut differences: Vec<String> = [
        differs("alerts", alerts.len(), expected.alerts),
        differs("repeated alerts", repeated, expected.repeated),
        differs("incidents", incidents.len(), expected.incidents),
    ]
    .into_iter()
    .flatten()
    .collect();
    if let Some(stated) = &expected.runs {
        differences.extend(compared_runs(stated, runs));
    }
    differences.into_iter().map(|what| format!("`{name}` over time: {what}")).collect()
}

/// Says how a number is not what it has to be, if that is stated.
fn differs<N: Copy + Display + PartialEq>(
    what: &str,
    found: N,
    expected: Option<N>,
) -> Option<String> {
    let expected = expected.filter(|expected| *expected != found)?;
    Some(format!("{found} {what}, expected {expected}"))
}

/// Returns what of the runs is not as it has to be.
fn compared_runs(stated: &[ExpectedRun], runs: &BTreeMap<Ticks, TheRun>) -> Vec<String> {
    let mut failures = Vec::new();
    for run in stated {
        let at = timespan::format(run.at.0);
        let Some(found) = runs.get(&run.at.0) else {
            failures.push(format!("there is no run at {at}"));
            continue;
        };
        let counts =
            [differs("rows", found.rows, run.rows), differs("alerts", found.alerts, run.alerts)];
        let counts = counts.into_iter().flatten();
        failures.extend(counts.map(|what| format!("the run at {at} has {what}")));
        if let Some(expected) = run.status.filter(|status| status.0 != found.status) {
            let (found, expected) = (found.status.name(), expected.0.name());
            failures.push(format!("the run at {at} is `{found}`, expected `{expected}`"));
        }
    }
    let nothing = TheRun { rows: 0, alerts: 0, status: RunStatus::Ok };
    let is_stated = |at: Ticks| stated.iter().any(|run| run.at.0 == at);
    for (at, found) in runs.iter().filter(|(at, run)| !is_stated(**at) && **run != nothing) {
        let TheRun { rows, alerts, status } = found;
        let (at, status) = (timespan::format(*at), status.name());
        failures.push(format!(
            "the run at {at} is `{status}` with {rows} rows and {alerts} alerts, and is not stated"
        ));
    }
    failures
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(yaml: &str) -> ExpectedOverTime {
        serde_saphyr::from_str(yaml).unwrap()
    }

    fn outcome() -> Outcome {
        let run = |rows, alerts, status| TheRun { rows, alerts, status };
        Outcome {
            runs: [
                (0, run(0, 0, RunStatus::Ok)),
                (600 * timespan::SECOND, run(2, 1, RunStatus::Ok)),
                (1_200 * timespan::SECOND, run(0, 0, RunStatus::Suppressed)),
            ]
            .into(),
            alerts: vec![false],
            incidents: [1].into(),
        }
    }

    #[test]
    fn what_is_stated_has_to_be_so() {
        let as_it_is = "{first: 0, until: 20m, alerts: 1, repeated: 0, incidents: 1, \
                        runs: [{at: 600s, rows: 2, alerts: 1}, {at: 20m, status: suppressed}]}";
        assert_eq!(compared("r", &expected(as_it_is), &outcome()), [""; 0]);
        let nothing_stated = "{first: 0, until: 20m}";
        assert_eq!(compared("r", &expected(nothing_stated), &outcome()), [""; 0]);
    }

    #[test]
    fn each_difference_is_said() {
        for (yaml, said) in [
            ("alerts: 2", "1 alerts, expected 2"),
            ("repeated: 1", "0 repeated alerts, expected 1"),
            ("incidents: 0", "1 incidents, expected 0"),
            (
                "runs: [{at: 20m, status: suppressed}]",
                "the run at 00:10:00 is `ok` with 2 rows and 1 alerts",
            ),
            ("runs: [{at: 10m}]", "the run at 00:20:00 is `suppressed` with 0 rows"),
            ("runs: [{at: 10m, rows: 3}, {at: 20m}]", "the run at 00:10:00 has 2 rows, expected 3"),
            ("runs: [{at: 10m, alerts: 2}, {at: 20m}]", "has 1 alerts, expected 2"),
            ("runs: [{at: 10m, status: suppressed}, {at: 20m}]", "is `ok`, expected `suppressed`"),
            ("runs: [{at: 10m}, {at: 20m}, {at: 25m}]", "there is no run at 00:25:00"),
        ] {
            let found =
                compared("r", &expected(&format!("{{first: 0, until: 20m, {yaml}}}")), &outcome());
            assert!(found.len() == 1 && found[0].contains(said), "{yaml}: {found:?}");
        }
    }
}
