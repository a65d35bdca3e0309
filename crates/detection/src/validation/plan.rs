//! `validation.yaml`: the tests, how each is run, and what it is expected to leave.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde::Deserialize;
use thiserror::Error;

use crate::alert::Severity;

/// The tests of a package and the signals that they leave.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// How each kind of event comes to be recorded.
    pub events: Vec<EventSource>,
    /// Signals that several tests leave, by name.
    #[serde(default)]
    pub signals: BTreeMap<String, Signal>,
    /// The tests in order.
    pub tests: Vec<LabTest>,
}

/// How a kind of event comes to be recorded.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventSource {
    /// The event: `Security 5140`, or a table as Defender exports it: `Defender DeviceFileEvents`.
    pub event: String,
    /// The audit policy, the Sysmon setting or the product that records it.
    pub enable: String,
    /// A command that switches it on, if one does.
    #[serde(default)]
    pub command: Option<String>,
    /// Fields that have a switch of their own, and that switch.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
}

/// A test to be run on hosts that one owns.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LabTest {
    /// A short name: `reference-1`, or the number of an atomic test, `T1021.002-1`.
    pub id: String,
    /// What is done.
    pub name: String,
    /// The ATT&CK technique.
    pub technique: String,
    /// The GUID of the test in Atomic Red Team, if it has one.
    #[serde(default)]
    pub atomic: Option<String>,
    /// The number of the test that the published detection names, if it is one of those.
    #[serde(default)]
    pub reference: Option<u8>,
    /// What has to be there before.
    #[serde(default)]
    pub prerequisites: Vec<String>,
    /// How it is run.
    pub run: Procedure,
    /// How to clear up behind it.
    #[serde(default)]
    pub cleanup: Vec<String>,
    /// What to know about its signals.
    #[serde(default)]
    pub note: Option<String>,
    /// Seconds after its first signal within which the others belong to the same attempt.
    #[serde(default = "two_minutes")]
    pub within: u32,
    /// What it leaves, in the order in which it happens.
    pub signals: Vec<ExpectedSignal>,
    /// What the package's rules make of that.
    #[serde(default)]
    pub rules: Vec<ExpectedRule>,
}

const fn two_minutes() -> u32 {
    120
}

/// How a test is run.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// Where.
    pub on: HostRole,
    /// Plain commands, with `{source}` and `{target}`.
    #[serde(default)]
    pub commands: Vec<String>,
    /// The same by `Invoke-AtomicTest`, if Atomic Red Team has it.
    #[serde(default)]
    pub invoke: Option<String>,
}

/// A host's part in a test.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[serde(rename_all = "lowercase")]
pub enum HostRole {
    /// From which it is run.
    Source,
    /// Against which it is run.
    Target,
}

impl HostRole {
    /// Returns its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Target => "target",
        }
    }
}

/// A signal of a test: one that several have, or one of its own.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum ExpectedSignal {
    /// The name of one of [`Plan::signals`].
    Shared(String),
    /// The test's own.
    Own(OwnSignal),
}

/// A signal of one test.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnSignal {
    /// What happens, in a few words.
    pub name: String,
    /// An attempt at the test is known by it. Of several such signals the first that was recorded is.
    #[serde(default)]
    pub begins: bool,
    /// The host that records it.
    pub host: HostRole,
    /// The events that show it; any will do.
    pub shown_by: Vec<Shown>,
}

/// A signal without the name that the plan gives it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// The host that records it.
    pub host: HostRole,
    /// The events that show it; any will do.
    pub shown_by: Vec<Shown>,
}

/// An event that shows a signal.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// The event, as in [`EventSource::event`].
    pub event: String,
    /// Fields and the forms of their values: `*` for any text, `{target}` and the like for what the
    /// attempt decides. Case does not matter.
    #[serde(default)]
    pub fields: BTreeMap<String, Forms>,
}

/// One form of a value, or several of which any will do.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Forms {
    /// One.
    One(String),
    /// Several.
    Any(Vec<String>),
}

impl Forms {
    /// Returns them.
    pub(super) fn all(&self) -> &[String] {
        match self {
            Self::One(form) => std::slice::from_ref(form),
            Self::Any(forms) => forms,
        }
    }
}

/// A rule that has to fire.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedRule {
    /// The name of its file.
    pub rule: String,
    /// How severe its alert has to be at least.
    pub severity: Severity,
    /// The signals that it needs one of; if none was recorded, it cannot fire.
    pub from: Vec<String>,
}

/// A plan that could not be used.
#[derive(Debug, Error)]
pub enum PlanError {
    /// The text is not a plan.
    #[error("{path}: not a validation plan: {source}", path = path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The cause, with its line.
        source: Box<serde_saphyr::Error>,
    },
    /// Something that the plan names is not there.
    #[error("{path}: test `{test}`: {problem}", path = path.display())]
    Test {
        /// The file.
        path: PathBuf,
        /// The test.
        test: String,
        /// What is wrong.
        problem: String,
    },
}

impl Plan {
    /// Reads a plan from YAML.
    ///
    /// # Errors
    ///
    /// If the text is not a plan, or a test names what the plan does not have.
    pub fn parse(path: &Path, yaml: &str) -> Result<Self, PlanError> {
        let mut plan: Self = serde_saphyr::from_str(yaml).map_err(|source| PlanError::Parse {
            path: path.to_owned(),
            source: Box::new(source),
        })?;
        plan.resolve().map_err(|(test, problem)| {
            let path = path.to_owned();
            PlanError::Test { path, test, problem }
        })?;
        Ok(plan)
    }

    /// Returns what there is to say of a kind of event.
    pub(super) fn source(&self, event: &str) -> Option<&EventSource> {
        self.events.iter().find(|source| source.event == event)
    }

    /// Puts shared signals in the place of their names; the other one is the test and what is wrong.
    fn resolve(&mut self) -> Result<(), (String, String)> {
        let mut ids = BTreeSet::new();
        for test in &mut self.tests {
            let wrong = |problem: String| Err((test.id.clone(), problem));
            if !ids.insert(test.id.clone()) {
                return wrong("another test has the same id".to_owned());
            }
            for expected in &mut test.signals {
                let ExpectedSignal::Shared(name) = expected else { continue };
                let Some(signal) = self.signals.get(name.as_str()) else {
                    return wrong(format!("no signal `{name}`"));
                };
                *expected = ExpectedSignal::Own(OwnSignal {
                    name: name.clone(),
                    begins: false,
                    host: signal.host,
                    shown_by: signal.shown_by.clone(),
                });
            }
            let names: BTreeSet<&str> = test.signals().map(|signal| &*signal.name).collect();
            let mut needed = test.rules.iter().flat_map(|rule| &rule.from);
            if let Some(name) = needed.find(|name| !names.contains(name.as_str())) {
                return wrong(format!("a rule needs the signal `{name}`, which is not the test's"));
            }
            if !test.signals().any(|signal| signal.begins) {
                return wrong("no signal has `begins`, by which an attempt is known".to_owned());
            }
            let mut shown = test.signals().flat_map(|signal| &signal.shown_by);
            let has_source = |event: &str| self.events.iter().any(|source| source.event == event);
            if let Some(shown) = shown.find(|shown| !has_source(&shown.event)) {
                return wrong(format!("`events` does not say what records `{}`", shown.event));
            }
        }
        Ok(())
    }
}

impl LabTest {
    /// Yields its signals.
    pub(super) fn signals(&self) -> impl Iterator<Item = &OwnSignal> {
        self.signals.iter().filter_map(|signal| match signal {
            ExpectedSignal::Own(own) => Some(own),
            ExpectedSignal::Shared(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENTS: &str = "events: [{event: Sysmon 1, enable: e}]\n";

    fn problem(tests: &str) -> String {
        Plan::parse(Path::new("v.yaml"), &format!("{EVENTS}{tests}")).unwrap_err().to_string()
    }

    #[test]
    fn what_a_plan_names_has_to_be_there() {
        let test = |rest: &str| {
            format!("tests: [{{id: t, name: n, technique: T1, run: {{on: source}}, {rest}}}]")
        };
        let own = "{name: s, begins: true, host: source, shown_by: [{event: Sysmon 1}]}";
        assert!(problem(&test("signals: [lost]")).contains("no signal `lost`"));
        assert!(problem(&test("signals: []")).contains("`begins`"));
        let rule = format!("signals: [{own}], rules: [{{rule: r, severity: Low, from: [other]}}]");
        assert!(problem(&test(&rule)).contains("needs the signal `other`"));
        let unknown = "{name: s, begins: true, host: source, shown_by: [{event: Sysmon 3}]}";
        assert!(problem(&test(&format!("signals: [{unknown}]"))).contains("records `Sysmon 3`"));
    }
}
