//! A suite of cases, as `tests/NAME.yaml` of a package has it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use thiserror::Error;

use super::expected::ExpectedOverTime;
use crate::alert::Severity;

/// Cases that belong together.
#[derive(Clone, Debug)]
pub struct Suite {
    /// The file's name without its ending.
    pub name: String,
    /// The cases in order.
    pub cases: Vec<Case>,
}

/// Telemetry and what rules make of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What happens, in a few words.
    pub name: String,
    /// The test of Atomic Red Team that leaves this telemetry, by its GUID.
    #[serde(default)]
    pub atomic: Option<String>,
    /// The test that the published detection names, `1` to `4`.
    #[serde(default)]
    pub reference: Option<u8>,
    /// The records, in order.
    pub events: Vec<TestEvent>,
    /// Rules that have to fire, by the names of their files, and how severe the alert is.
    #[serde(default)]
    pub fires: BTreeMap<String, ExpectedSeverity>,
    /// Rules that have to stay quiet.
    #[serde(default)]
    pub quiet: Vec<String>,
    /// Rules whose alerts an exception has to set aside, and the exception's id.
    #[serde(default)]
    pub set_aside: BTreeMap<String, String>,
    /// What rules have to do over time, as Sentinel runs them, by the names of their files.
    #[serde(default)]
    pub over_time: BTreeMap<String, ExpectedOverTime>,
    /// Nothing at all may fire with this ATT&CK tactic.
    #[serde(default)]
    pub no_tactic: Option<String>,
}

impl Case {
    /// Tells whether it says what a rule has to do.
    pub(crate) fn mentions(&self, rule: &str) -> bool {
        let is_in_hunt = self.fires.contains_key(rule) || self.quiet.iter().any(|it| it == rule);
        is_in_hunt || self.over_time.contains_key(rule)
    }
}

/// A record of the telemetry.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestEvent {
    /// Log and event id: `Sysmon 1`, `Security 4688`, `System 7045`, `PowerShell 4104`; or a row of a
    /// table as Defender exports it: `Defender DeviceFileEvents`.
    pub event: String,
    /// The host that records it: `source`, `target`, or any other name.
    pub on: String,
    /// Seconds after the case begins.
    #[serde(default)]
    pub at: f64,
    /// Seconds after it happens until it has arrived, for what rules do over time.
    #[serde(default)]
    pub late: f64,
    /// How often it is recorded; `{n}` in its fields counts from 0.
    #[serde(default = "once")]
    pub times: u32,
    /// Seconds between one time and the next.
    #[serde(default = "a_second")]
    pub every: f64,
    /// The audit keywords, if not those of success.
    #[serde(default)]
    pub keywords: Option<String>,
    /// The event's fields.
    pub data: BTreeMap<String, String>,
}

const fn once() -> u32 {
    1
}

const fn a_second() -> f64 {
    1.0
}

/// How severe an alert has to be.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub enum ExpectedSeverity {
    /// As it is.
    #[serde(rename = "any")]
    Any,
    /// Informational.
    Informational,
    /// Low.
    Low,
    /// Medium.
    Medium,
    /// High.
    High,
}

impl ExpectedSeverity {
    /// Tells whether an alert of this severity will do.
    pub(crate) fn admits(self, severity: Severity) -> bool {
        let wanted = match self {
            Self::Any => return true,
            Self::Informational => Severity::Informational,
            Self::Low => Severity::Low,
            Self::Medium => Severity::Medium,
            Self::High => Severity::High,
        };
        wanted == severity
    }
}

/// A suite that could not be read.
#[derive(Debug, Error)]
#[error("{path}: no suite of tests: {source}", path = path.display())]
pub struct SuiteError {
    /// The file.
    pub path: PathBuf,
    /// The cause, with its line.
    pub source: Box<serde_saphyr::Error>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SuiteFile {
    /// Fields of events that do not say otherwise, by the events' names.
    #[serde(default)]
    defaults: BTreeMap<String, BTreeMap<String, String>>,
    cases: Vec<Case>,
}

impl Suite {
    /// Reads a suite from YAML.
    ///
    /// # Errors
    ///
    /// If the text is no suite.
    pub fn parse(path: &Path, yaml: &str) -> Result<Self, SuiteError> {
        let mut file: SuiteFile = serde_saphyr::from_str(yaml)
            .map_err(|source| SuiteError { path: path.to_owned(), source: Box::new(source) })?;
        for event in file.cases.iter_mut().flat_map(|case| &mut case.events) {
            for (field, text) in file.defaults.get(&event.event).into_iter().flatten() {
                event.data.entry(field.clone()).or_insert_with(|| text.clone());
            }
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { name, cases: file.cases })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suite_is_read() {
        let yaml = "
cases:
  - name: net use
    atomic: 3386975b-367a-4fbb-9d77-4dcf3639ffd3
    events:
      - {event: Sysmon 1, on: source, at: 2, data: {ProcessId: 12, LogonId: '0x1', Image: 'C:\\net.exe'}}
    fires: {net_use: Medium}
    quiet: [psexec]
";
        let suite = Suite::parse(Path::new("tests/source.yaml"), yaml).unwrap();
        assert_eq!(suite.name, "source");
        let case = &suite.cases[0];
        assert_eq!(case.events[0].data["ProcessId"], "12");
        assert!(case.fires["net_use"].admits(Severity::Medium));
        assert!(!case.fires["net_use"].admits(Severity::Low));
    }

    #[test]
    fn events_have_the_fields_that_are_theirs_by_default() {
        let yaml = "
defaults: {Sysmon 1: {User: amy, Image: a.exe}}
cases: [{name: c, events: [{event: Sysmon 1, on: source, data: {Image: b.exe}}, {event: Sysmon 3, on: source, data: {}}]}]
";
        let suite = Suite::parse(Path::new("t.yaml"), yaml).unwrap();
        let [process, connection] = suite.cases[0].events.as_slice() else { panic!() };
        assert_eq!((&*process.data["User"], &*process.data["Image"]), ("amy", "b.exe"));
        assert!(connection.data.is_empty());
    }

    #[test]
    fn an_unknown_field_is_named() {
        let error = Suite::parse(Path::new("t.yaml"), "cases: [{name: a, event: []}]").unwrap_err();
        assert!(error.source.to_string().contains("event"), "{}", error.source);
    }
    #[test]
    fn the_packages_tests_have_what_the_technique_is_tested_with() {
        // Atomic Red Team's tests for T1021.002, and its PsExec on the own host.
        const ATOMICS: [&str; 4] = [
            "3386975b-367a-4fbb-9d77-4dcf3639ffd3",
            "514e9cd7-9207-4882-98b1-c8f791bae3c5",
            "0eb03d41-79e4-4393-8e57-6344856be1cf",
            "d41aaab5-bdfe-431d-a3d5-c29e9136ff46",
        ];
        const OWN_HOST: &str = "6904235f-0f55-4039-8aed-41c300ff7733";

        let package = crate::Package::builtin().unwrap();
        let cases: Vec<&Case> = package.suites.iter().flat_map(|suite| &suite.cases).collect();
        let of = |atomic: &str| -> Vec<&Case> {
            cases.iter().filter(|case| case.atomic.as_deref() == Some(atomic)).copied().collect()
        };
        for atomic in ATOMICS {
            assert!(of(atomic).iter().any(|case| !case.fires.is_empty()), "{atomic}");
        }
        for number in 1..=4 {
            let fires = |case: &&Case| case.reference == Some(number) && !case.fires.is_empty();
            assert!(cases.iter().any(fires), "reference {number}");
        }
        let own = of(OWN_HOST);
        assert!(!own.is_empty());
        assert!(own.iter().all(|case| case.no_tactic.as_deref() == Some("LateralMovement")));
    }
}
