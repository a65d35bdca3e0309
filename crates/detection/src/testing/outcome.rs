//! What came of the cases, and what is wrong with it.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    alert::{Alert, Severity},
    package::Case,
};

use super::coverage::Coverage;

/// What came of a package's tests.
#[derive(Clone, Debug, Default)]
pub struct TestReport {
    /// The cases in order.
    pub cases: Vec<CaseOutcome>,
    /// What is wrong with the package's tests as a whole: rules without a test, unknown rules.
    pub problems: Vec<String>,
    /// Behaviours by the events that showed them.
    pub coverage: Coverage,
}

impl TestReport {
    /// Tells whether every case passed and nothing is wrong with the whole.
    pub fn is_good(&self) -> bool {
        self.problems.is_empty() && self.cases.iter().all(CaseOutcome::passed)
    }
}

/// What came of one case.
#[derive(Clone, Debug)]
pub struct CaseOutcome {
    /// The suite.
    pub suite: String,
    /// The case.
    pub name: String,
    /// What fired, by the name of the rule's file.
    pub fired: BTreeMap<String, Fired>,
    /// What is wrong; empty if the case passed.
    pub failures: Vec<String>,
}

impl CaseOutcome {
    /// Tells whether nothing is wrong.
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// That a rule fired on a case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fired {
    /// The severities of its alerts.
    pub severities: BTreeSet<Severity>,
    /// The entries that set alerts aside, if one did.
    pub suppressed_by: BTreeSet<String>,
    /// The rule's ATT&CK tactics.
    pub tactics: Vec<String>,
}

/// An alert of a case, with the rule's name and the entry that set it aside.
pub(super) struct CaseAlert<'a> {
    pub(super) rule: &'a str,
    pub(super) tactics: &'a [String],
    pub(super) alert: &'a Alert,
    pub(super) suppressed_by: Option<&'a str>,
}

/// Sums up what fired on a case.
pub(super) fn fired<'a>(alerts: impl Iterator<Item = CaseAlert<'a>>) -> BTreeMap<String, Fired> {
    let mut fired: BTreeMap<String, Fired> = BTreeMap::new();
    for found in alerts {
        let of_rule = fired.entry(found.rule.to_owned()).or_default();
        found.tactics.clone_into(&mut of_rule.tactics);
        match found.suppressed_by {
            Some(entry) => {
                of_rule.suppressed_by.insert(entry.to_owned());
            }
            None => {
                of_rule.severities.insert(found.alert.severity);
            }
        }
    }
    fired
}

/// Returns what is wrong with what fired on a case.
pub(super) fn failures(case: &Case, fired: &BTreeMap<String, Fired>) -> Vec<String> {
    let mut failures = Vec::new();
    for (rule, expected) in &case.fires {
        let Some(found) = fired.get(rule) else {
            failures.push(format!("`{rule}` did not fire"));
            continue;
        };
        if found.severities.is_empty() {
            let entries: Vec<&str> = found.suppressed_by.iter().map(String::as_str).collect();
            failures.push(format!("`{rule}` was set aside by {}", entries.join(", ")));
        } else if !found.severities.iter().any(|severity| expected.admits(*severity)) {
            let severities: Vec<&str> = found.severities.iter().map(|s| s.name()).collect();
            let severities = severities.join(", ");
            failures.push(format!("`{rule}` fired as {severities}, expected {expected:?}"));
        }
    }
    for rule in case.quiet.iter().filter(|rule| is_heard(fired, rule)) {
        failures.push(format!("`{rule}` fired and has to stay quiet"));
    }
    for (rule, entry) in &case.set_aside {
        match fired.get(rule) {
            None => failures.push(format!("`{rule}` did not fire, so that nothing was set aside")),
            Some(found) if !found.severities.is_empty() => {
                failures.push(format!("`{rule}` fired and was not set aside by `{entry}`"));
            }
            Some(found) if !found.suppressed_by.contains(entry) => {
                failures.push(format!("`{rule}` was set aside, but not by `{entry}`"));
            }
            Some(_) => {}
        }
    }
    if let Some(tactic) = &case.no_tactic {
        let loud = |found: &Fired| !found.severities.is_empty() && found.tactics.contains(tactic);
        for (rule, _) in fired.iter().filter(|(_, found)| loud(found)) {
            failures.push(format!("`{rule}` fired, which has the tactic {tactic}"));
        }
    }
    failures
}

/// Tells whether a rule raised an alert that was not set aside.
fn is_heard(fired: &BTreeMap<String, Fired>, rule: &str) -> bool {
    fired.get(rule).is_some_and(|found| !found.severities.is_empty())
}
