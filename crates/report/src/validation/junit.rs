//! `junit`: a suite for each test, a case for each of its signals and rules.
//!
//! A test of which there is no attempt is one case that was skipped. Of several attempts the best counts:
//! whoever repeats a test wants it to pass once. Source: as `alerts/junit.rs`.

use std::io;

use detection::validation::{
    AttemptOutcome, SignalOutcome, SourceState, TestOutcome, ValidationReport,
};

use crate::{WriteError, text::xml::Xml};

/// A case, and what is wrong with it; empty if nothing is.
struct Case {
    name: String,
    failure: String,
}

/// Writes the suites.
///
/// # Errors
///
/// If the writer fails.
pub fn write(
    report: &ValidationReport,
    package: &str,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    let suites: Vec<Suite<'_>> = report.tests.iter().map(Suite::of).collect();
    let sum = |counts: &mut dyn Iterator<Item = usize>| counts.sum::<usize>().to_string();
    let tests = sum(&mut suites.iter().map(Suite::tests));
    let failures = sum(&mut suites.iter().map(Suite::failures));
    let skipped = sum(&mut suites.iter().map(Suite::skipped));
    let mut xml = Xml::begin(out)?;
    let attributes = [
        ("name", package),
        ("tests", tests.as_str()),
        ("failures", failures.as_str()),
        ("skipped", skipped.as_str()),
    ];
    xml.open("testsuites", &attributes)?;
    for suite in &suites {
        suite.write(&mut xml)?;
    }
    xml.close("testsuites")?;
    Ok(xml.finish()?)
}

/// A test with the cases of its best attempt; without an attempt there are none.
struct Suite<'a> {
    id: &'a str,
    name: &'a str,
    cases: Vec<Case>,
}

impl<'a> Suite<'a> {
    fn of(outcome: &'a TestOutcome) -> Self {
        let test = &outcome.test;
        let cases = best(outcome).map(cases).unwrap_or_default();
        Self { id: &test.id, name: &test.name, cases }
    }

    fn tests(&self) -> usize {
        self.cases.len().max(1)
    }

    fn failures(&self) -> usize {
        self.cases.iter().filter(|case| !case.failure.is_empty()).count()
    }

    fn skipped(&self) -> usize {
        usize::from(self.cases.is_empty())
    }

    fn write<W: io::Write>(&self, xml: &mut Xml<W>) -> Result<(), WriteError> {
        let counts = [self.tests(), self.failures(), self.skipped()].map(|it| it.to_string());
        let [tests, failures, skipped] = &counts;
        let attributes =
            [("name", self.id), ("tests", tests), ("failures", failures), ("skipped", skipped)];
        xml.open("testsuite", &attributes)?;
        for case in &self.cases {
            case.write(self.id, xml)?;
        }
        if self.cases.is_empty() {
            xml.open("testcase", &[("name", self.name), ("classname", self.id)])?;
            xml.empty("skipped", &[("message", "no attempt is in these logs")])?;
            xml.close("testcase")?;
        }
        Ok(xml.close("testsuite")?)
    }
}

impl Case {
    fn write<W: io::Write>(&self, id: &str, xml: &mut Xml<W>) -> Result<(), WriteError> {
        let attributes = [("name", self.name.as_str()), ("classname", id)];
        if self.failure.is_empty() {
            return Ok(xml.empty("testcase", &attributes)?);
        }
        xml.open("testcase", &attributes)?;
        xml.empty("failure", &[("message", self.failure.as_str())])?;
        Ok(xml.close("testcase")?)
    }
}

/// Returns the attempt of which most was found; the first of several.
fn best(test: &TestOutcome) -> Option<&AttemptOutcome> {
    let rank = |attempt: &&AttemptOutcome| {
        let fired = attempt.rules.iter().filter(|rule| rule.state.is_good()).count();
        (attempt.is_good(), attempt.found(), fired)
    };
    test.attempts.iter().rev().max_by_key(rank)
}

fn cases(attempt: &AttemptOutcome) -> Vec<Case> {
    let signals = attempt.signals.iter().map(|signal| Case {
        name: format!("signal: {}", signal.name),
        failure: if signal.is_found() { String::new() } else { missing(signal) },
    });
    let rules = attempt.rules.iter().map(|rule| Case {
        name: format!("rule: {}", rule.rule),
        failure: if rule.state.is_good() { String::new() } else { super::rule_state(rule) },
    });
    signals.chain(rules).collect()
}

fn missing(signal: &SignalOutcome) -> String {
    let host = super::host(signal);
    let missing = signal.sources.iter().filter_map(|source| match &source.state {
        SourceState::Missing { why, remedy } => {
            Some(format!("{}: {}", source.event, super::why(why, &remedy.enable, &host)))
        }
        SourceState::Found { .. } | SourceState::NotCollected => None,
    });
    missing.collect::<Vec<_>>().join("; ")
}
