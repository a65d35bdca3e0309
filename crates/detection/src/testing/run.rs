//! Running all cases of a package in one hunt.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use engine::{Engine, Environment, Input, Progress};
use thiserror::Error;

use crate::{
    alert::Alert,
    hunt::{CompiledRules, HuntError, When, hunt},
    package::{Case, Package, PackagedRule},
    tuning::{Tuned, Tuning},
};

use super::{
    coverage::Coverage,
    exceptions::untested_conditions,
    outcome::{CaseAlert, CaseOutcome, TestReport, failures, fired},
    over_time::Simulating,
    telemetry,
};

/// What running tests needs.
pub struct TestSettings<'a> {
    /// The engine that the rules run on.
    pub engine: &'a Engine,
    /// The tables that they are compiled against.
    pub environment: &'a Environment,
    /// A folder to write the telemetry to; the caller removes it.
    pub folder: &'a Path,
    /// Exceptions that are in force.
    pub tuning: &'a Tuning,
    /// Told how far the hunt is.
    pub progress: &'a dyn Progress,
}

/// Tests that could not run.
#[derive(Debug, Error)]
pub enum TestError {
    /// Telemetry could not be written.
    #[error("{path}: cannot be written: {source}", path = path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// A case's events are not what they should be.
    #[error("{suite}: case `{case}`: {problem}")]
    Events {
        /// The suite.
        suite: String,
        /// The case.
        case: String,
        /// What is wrong.
        problem: String,
    },
    /// A rule's query does not run.
    #[error("{path}: the rule's query does not run; `quarry check --runnable` says why", path = path.display())]
    Refused {
        /// The rule's file.
        path: PathBuf,
    },
    /// The hunt failed.
    #[error(transparent)]
    Hunt(#[from] HuntError),
}

/// Runs a package's tests.
///
/// # Errors
///
/// If a case or a rule cannot run at all; that a case fails is no error.
pub fn run(package: &Package, settings: &TestSettings<'_>) -> Result<TestReport, TestError> {
    let written = write(package, settings.folder)?;
    let threads = settings.engine.threads();
    let (rules, refused) = CompiledRules::compile(&package.rules, settings.environment, threads);
    if let Some(refused) = refused.iter().find(|it| !is_only_over_time(package, it.rule)) {
        return Err(TestError::Refused { path: refused.rule.path.clone() });
    }
    let mut found =
        hunt(settings.engine, &rules, &[], &written.inputs, When::History, settings.progress)?;
    // Tests say nothing of a rule that failed while it ran.
    if let Some(failed) = found.failed.pop() {
        return Err(HuntError::Engine(failed.error).into());
    }
    let tuned = settings.tuning.apply(found.alerts);
    let mut report = report(package, &tuned);
    add_over_time(package, settings, &mut report)?;
    Ok(report)
}

/// Simulates the cases that say what rules do over time, each by itself.
fn add_over_time(
    package: &Package,
    settings: &TestSettings<'_>,
    report: &mut TestReport,
) -> Result<(), TestError> {
    let TestSettings { engine, environment, folder, .. } = *settings;
    let rules = package.rules.iter().map(|rule| (stem(rule), rule)).collect();
    let simulating = Simulating { engine, environment, rules };
    let all = cases(package).enumerate().zip(&mut report.cases);
    for ((number, (suite, case)), outcome) in
        all.filter(|((_, (_, case)), _)| !case.over_time.is_empty())
    {
        let failures = simulating.failures(case, &folder.join(file_name(number)));
        outcome.failures.extend(failures.map_err(|problem| TestError::Events {
            suite: suite.to_owned(),
            case: case.name.clone(),
            problem,
        })?);
    }
    Ok(())
}

/// The telemetry of all cases, one file each.
pub(super) struct Written {
    pub(super) inputs: Vec<Input>,
}

/// Writes every case's telemetry into a file of its own.
pub(super) fn write(package: &Package, folder: &Path) -> Result<Written, TestError> {
    let mut inputs = Vec::new();
    for (number, (suite, case)) in cases(package).enumerate() {
        let text = telemetry::lines(case, number).map_err(|problem| TestError::Events {
            suite: suite.to_owned(),
            case: case.name.clone(),
            problem,
        })?;
        let path = folder.join(file_name(number));
        std::fs::write(&path, text)
            .map_err(|source| TestError::Write { path: path.clone(), source })?;
        inputs.push(Input::File(path));
    }
    Ok(Written { inputs })
}

/// Returns all cases in order, each with its suite.
pub(super) fn cases(package: &Package) -> impl Iterator<Item = (&str, &Case)> + Clone {
    package
        .suites
        .iter()
        .flat_map(|suite| suite.cases.iter().map(|case| (suite.name.as_str(), case)))
}

fn file_name(number: usize) -> String {
    format!("{number:04}.jsonl")
}

/// Returns the number of the case whose records an alert cites.
pub(super) fn case_of(alert: &Alert) -> Option<usize> {
    let file = &alert.evidence.first()?.origin.file;
    Path::new(file).file_stem()?.to_str()?.parse().ok()
}

/// Returns the name of a rule's file without its ending.
pub(super) fn stem(rule: &PackagedRule) -> String {
    rule.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn report(package: &Package, tuned: &Tuned) -> TestReport {
    let rules: BTreeMap<&str, (String, &PackagedRule)> =
        package.rules.iter().map(|rule| (rule.rule.id.as_str(), (stem(rule), rule))).collect();
    let kept = tuned.alerts.iter().map(|alert| (alert, None));
    let set_aside = tuned.suppressed.iter().map(|found| (&found.alert, Some(found.entry.as_str())));
    let mut by_case: BTreeMap<usize, Vec<CaseAlert<'_>>> = BTreeMap::new();
    for (alert, suppressed_by) in kept.chain(set_aside) {
        let Some((rule, packaged)) = rules.get(alert.rule.id.as_str()) else { continue };
        // A baseline is as it was published, with its faults.
        let tactics: &[String] =
            if packaged.is_baseline { &[] } else { packaged.rule.tactics.as_slice() };
        let found = CaseAlert { rule, tactics, alert, suppressed_by };
        by_case.entry(case_of(alert).unwrap_or(usize::MAX)).or_default().push(found);
    }
    let mut report = TestReport { problems: problems(package), ..TestReport::default() };
    let mut standing: Vec<&Alert> = Vec::new();
    for (number, (suite, case)) in cases(package).enumerate() {
        let alerts = by_case.remove(&number).unwrap_or_default();
        let wanted = alerts
            .iter()
            .filter(|found| found.suppressed_by.is_none() && case.fires.contains_key(found.rule));
        standing.extend(wanted.map(|found| found.alert));
        cover(&mut report.coverage, case, &alerts);
        let fired = fired(alerts.into_iter());
        let failures = failures(case, &fired);
        let (suite, name) = (suite.to_owned(), case.name.clone());
        report.cases.push(CaseOutcome { suite, name, fired, failures });
    }
    report.problems.extend(untested_conditions(&package.exceptions, &standing));
    report
}

/// Adds the alerts that a case expects to the coverage.
fn cover(coverage: &mut Coverage, case: &Case, alerts: &[CaseAlert<'_>]) {
    for found in alerts.iter().filter(|found| case.fires.contains_key(found.rule)) {
        coverage.add(found.alert);
    }
}

/// Tells whether what cases say of a rule is what it does over time, and nothing else. No hunt runs a rule
/// that fires where there is nothing, for example.
fn is_only_over_time(package: &Package, rule: &PackagedRule) -> bool {
    let name = stem(rule);
    let mut cases = cases(package).map(|(_, case)| case);
    let is_in_hunt = |case: &Case| case.fires.contains_key(&name) || case.quiet.contains(&name);
    cases.clone().any(|case| case.over_time.contains_key(&name)) && !cases.any(is_in_hunt)
}

/// Returns what is wrong with the tests as a whole.
fn problems(package: &Package) -> Vec<String> {
    let names: BTreeSet<String> = package.rules.iter().map(stem).collect();
    let fires: BTreeSet<&str> =
        cases(package).flat_map(|(_, case)| case.fires.keys().map(String::as_str)).collect();
    let quiet: BTreeSet<&str> =
        cases(package).flat_map(|(_, case)| case.quiet.iter().map(String::as_str)).collect();
    let over_time = cases(package).flat_map(|(_, case)| case.over_time.keys().map(String::as_str));
    let named: BTreeSet<&str> = fires.union(&quiet).copied().chain(over_time).collect();
    let unknown = named.into_iter().filter(|rule| !names.contains(*rule));
    let mut problems: Vec<String> =
        unknown.map(|rule| format!("a test names `{rule}`, which is not a rule")).collect();
    let tried: BTreeSet<&str> =
        cases(package).flat_map(|(_, case)| case.set_aside.values().map(String::as_str)).collect();
    for entry in package.exceptions.iter().filter(|entry| !tried.contains(entry.id.as_str())) {
        problems.push(format!(
            "exception `{}` has no test that it sets aside what it is for",
            entry.id
        ));
    }
    let is_exempt = |rule: &&PackagedRule| rule.is_baseline || is_only_over_time(package, rule);
    let exempt: BTreeSet<String> = package.rules.iter().filter(is_exempt).map(stem).collect();
    for name in names.difference(&exempt) {
        if !fires.contains(name.as_str()) {
            problems.push(format!("rule `{name}` has no test on which it fires"));
        }
        if !quiet.contains(name.as_str()) {
            problems.push(format!("rule `{name}` has no test on which it stays quiet"));
        }
    }
    problems
}
