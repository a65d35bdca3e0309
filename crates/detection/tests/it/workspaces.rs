//! The package where only half of its tables are connected: every rule is taken, and finds what the
//! other half shows.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use detection::{
    Package, PackagedRule,
    testing::{self, Case, TestSettings},
    tuning::Tuning,
};
use engine::{Engine, Environment, NoProgress};
use testkit::Folder;

use crate::made::settings;

/// The records that are in `SecurityEvent` alone: no view makes rows of Defender's tables of them.
const OF_THE_AGENT: [&str; 5] =
    ["Security 4672", "Security 5140", "Security 5142", "Security 5144", "Security 5145"];

/// The packages of the project, with the folder of each.
fn packages() -> Vec<(PathBuf, Package)> {
    let detections = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../detections");
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(detections).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let packages: Vec<_> = folders
        .into_iter()
        .filter(|folder| folder.join("package.yaml").exists())
        .map(|folder| (folder.clone(), Package::load(&folder).unwrap()))
        .collect();
    assert!(!packages.is_empty());
    packages
}

/// The rules that are the packages' own: what is kept as it was published stays as it is.
fn own(package: &Package) -> impl Iterator<Item = &PackagedRule> {
    package.rules.iter().filter(|rule| !rule.is_baseline)
}

/// An environment's tables but for those that are not connected.
fn environment(of: tables::Environment, is_connected: impl Fn(&str) -> bool) -> Environment {
    let mut environment = Environment::empty();
    for table in tables::catalog(of) {
        if is_connected(&table.schema.name) {
            environment.add(table);
        }
    }
    environment
}

fn is_of_defender(table: &str) -> bool {
    table.starts_with("Device")
}

#[test]
fn every_rule_is_taken_where_only_half_is_connected() {
    let environments = [
        (
            "SecurityEvent alone",
            environment(tables::Environment::Sentinel, |it| it == "SecurityEvent"),
        ),
        ("the agents", environment(tables::Environment::Sentinel, |it| !is_of_defender(it))),
        ("Defender's connector", environment(tables::Environment::Sentinel, is_of_defender)),
        ("both", Environment::builtin(tables::Environment::Sentinel)),
        ("Defender's hunting", Environment::builtin(tables::Environment::Defender)),
    ];
    for (_, package) in packages() {
        for rule in own(&package) {
            for (name, environment) in &environments {
                let checked = engine::check(&rule.rule.query, environment);
                assert!(checked.is_ok(), "{}, {name}: {checked:?}", rule.path.display());
            }
        }
    }
}

/// Runs the cases of which every record is of the half that is connected.
fn assert_half_is_found(environment: &Environment, is_of_half: impl Fn(&str) -> bool) {
    let is_of_half = |case: &Case| case.events.iter().all(|event| is_of_half(&event.event));
    for (_, mut package) in packages() {
        package.rules.retain(|rule| !rule.is_baseline);
        for suite in &mut package.suites {
            suite.cases.retain(is_of_half);
        }
        let cases: usize = package.suites.iter().map(|suite| suite.cases.len()).sum();
        if cases == 0 {
            continue;
        }
        let engine = Engine::new(environment, settings()).unwrap();
        let folder = Folder::empty();
        let settings = TestSettings {
            engine: &engine,
            environment,
            folder: folder.path(),
            tuning: &Tuning::new(package.exceptions.clone(), 0),
            progress: &NoProgress,
        };
        let report = testing::run(&package, &settings).unwrap();
        assert_eq!(report.cases.len(), cases);
        for case in &report.cases {
            assert!(case.passed(), "{}, {}: {:?}", case.suite, case.name, case.failures);
        }
    }
}

#[test]
fn without_defender_the_agents_half_is_found() {
    let agents = environment(tables::Environment::Both, |table| !is_of_defender(table));
    assert_half_is_found(&agents, |event| OF_THE_AGENT.contains(&event));
}

#[test]
fn without_the_agents_defenders_half_is_found() {
    // Windows events stay: Defender's rows are made of them here.
    let defender = environment(tables::Environment::Both, |table| table != "SecurityEvent");
    assert_half_is_found(&defender, |event| {
        event.starts_with("Sysmon") || event.starts_with("Defender") || event == "System 7045"
    });
}

#[test]
fn what_rules_share_is_the_same_everywhere() {
    for (folder, package) in packages() {
        let Ok(shared) = std::fs::read_dir(folder.join("shared")) else { continue };
        for entry in shared {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let head = format!("let {} =", path.file_stem().unwrap().to_str().unwrap());
            assert!(text.contains(&head), "{}: begins with `{head}`", path.display());
            let mut uses = 0;
            for rule in own(&package).filter(|rule| rule.rule.query.contains(&head)) {
                uses += 1;
                let is_same = rule.rule.query.contains(&text);
                assert!(is_same, "{}: not as in {}", rule.path.display(), path.display());
            }
            assert!(uses > 0, "{}: no rule has it", path.display());
        }
    }
}

#[test]
fn connectors_are_those_of_the_tables_that_a_query_reads() {
    let schemas = tables::catalog(tables::Environment::Sentinel);
    for (_, package) in packages() {
        for rule in own(&package) {
            let words: BTreeSet<&str> = rule
                .rule
                .query
                .lines()
                .map(|line| line.split("//").next().unwrap())
                .flat_map(|line| line.split(|it: char| !it.is_ascii_alphanumeric() && it != '_'))
                .collect();
            let read: BTreeSet<&str> = schemas
                .iter()
                .map(|table| table.schema.name.as_str())
                .filter(|table| words.contains(table))
                .collect();
            let stated: BTreeSet<&str> = rule
                .yaml
                .lines()
                .filter_map(|line| line.strip_prefix("      - "))
                .filter(|it| schemas.iter().any(|table| table.schema.name == *it))
                .collect();
            assert_eq!(stated, read, "{}", rule.path.display());
        }
    }
}
