//! Cases that say what rules do over time.

use detection::{
    Package,
    testing::{self, TestReport, TestSettings},
    tuning::Tuning,
};
use engine::{Engine, Environment, NoProgress};
use testkit::Folder;

use crate::made::settings;

const MANIFEST: &str = "
id: made
name: Made
version: 0.1.0
description: Made for a test.
attack:
  tactic: {id: TA0008, name: Lateral Movement}
  technique: {id: T1021, name: Remote Services}
  platforms: [Windows]
tables: []
dataSources: []
references: []
";

/// Writes a rule that looks back an hour every hour.
fn write_rule(folder: &Folder, name: &str, operator: &str, query: &str) {
    let number: usize = name.len();
    let yaml = format!(
        "id: 5e7a1c00-0000-4000-8000-0000000000{number:02}
name: Made {name}
description: Made for a test.
kind: Scheduled
severity: Low
requiredDataConnectors: []
queryFrequency: 1h
queryPeriod: 1h
triggerOperator: {operator}
triggerThreshold: 0
tactics: [LateralMovement]
relevantTechniques: [T1021]
query: |
  {query}
version: 1.0.0
"
    );
    folder.write(&format!("rules/{name}.yaml"), yaml.as_bytes());
}

/// Tests a package of a rule that fires on a process and, where cases name them, one that fires where there
/// is none, and one over the alerts of the first.
fn tested(cases: &str) -> TestReport {
    let folder = Folder::empty();
    folder.write("package.yaml", MANIFEST.as_bytes());
    folder.write("behaviours.yaml", b"[]\n");
    let process = "DeviceProcessEvents | where FileName == 'net.exe'";
    write_rule(&folder, "fires", "gt", process);
    let others = [
        ("silence", "eq", process),
        ("of_alerts", "gt", "SecurityAlert | where AlertName == 'Made fires'"),
    ];
    for (name, operator, query) in others.iter().filter(|(name, ..)| cases.contains(name)) {
        write_rule(&folder, name, operator, query);
    }
    let quiet = "
  - name: nothing
    events: [{event: Sysmon 1, on: source, data: {Image: 'C:\\a.exe'}}]
    quiet: [fires]
  - name: a process
    events: [{event: Sysmon 1, on: source, data: {Image: 'C:\\net.exe'}}]
    fires: {fires: any}
";
    let suite = format!("cases:{quiet}{cases}");
    folder.write("tests/made.yaml", suite.as_bytes());
    let package = Package::load(folder.path()).unwrap();
    let environment = Environment::builtin(tables::Environment::Both);
    let engine = Engine::new(&environment, settings()).unwrap();
    let written = Folder::empty();
    let settings = TestSettings {
        engine: &engine,
        environment: &environment,
        folder: written.path(),
        tuning: &Tuning::new(Vec::new(), 0),
        progress: &NoProgress,
    };
    testing::run(&package, &settings).unwrap()
}

/// A case of one process half an hour after it begins, which arrives so many seconds later.
fn case(late: u32, over_time: &str) -> String {
    format!(
        "
  - name: over time
    events: [{{event: Sysmon 1, on: source, at: 1800, late: {late}, data: {{Image: 'C:\\net.exe'}}}}]
    over_time:
{over_time}"
    )
}

#[test]
fn rules_of_silence_and_over_alerts_are_tested_over_time() {
    let over_time = "
      fires: {first: 1h, until: 4h, runs: [{at: 1h, rows: 1, alerts: 1, status: ok}]}
      silence: {first: 1h, until: 4h, alerts: 3, repeated: 0, incidents: 3}
      of_alerts: {first: 1h, until: 4h, runs: [{at: 2h, rows: 1, alerts: 1}], incidents: 1}
";
    let report = tested(&case(0, over_time));
    assert!(report.is_good(), "{:?} {:?}", report.problems, report.cases);
}

#[test]
fn a_record_that_arrives_after_its_run_is_found_by_none_and_by_strict() {
    let over_time = "
      fires: {first: 30m, until: 4h, runs: [], alerts: 0, incidents: 0}
";
    // The run of half an hour executes five minutes later.
    assert!(tested(&case(301, over_time)).is_good());
    let strict = over_time.replace("runs: [], alerts: 0, incidents: 0", "strict: true, alerts: 1");
    assert!(tested(&case(301, &strict)).is_good());
    let report = tested(&case(300, over_time));
    let [.., of_case] = report.cases.as_slice() else { panic!("{:?}", report.cases) };
    assert_eq!(
        of_case.failures,
        [
            "`fires` over time: 1 alerts, expected 0",
            "`fires` over time: 1 incidents, expected 0",
            "`fires` over time: the run at 00:30:00 is `ok` with 1 rows and 1 alerts, and is not stated",
        ]
    );
}

#[test]
fn a_rule_over_time_that_there_is_not_is_a_problem() {
    let report = tested(&case(0, "      other: {first: 1h, until: 2h}\n"));
    assert!(report.problems.iter().any(|it| it.contains("`other`")), "{:?}", report.problems);
}
