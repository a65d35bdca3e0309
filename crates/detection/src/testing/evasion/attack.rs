//! The attacks of a package: the cases on which a rule has to fire, and recorded scenes.

use std::{collections::BTreeSet, path::Path};

use crate::{
    alert::Severity,
    package::{Case, ExpectedSeverity, Package},
    testing::{
        run::{TestError, cases, stem},
        telemetry::{self, Names},
    },
};

use super::{Evasions, record::Record};

/// An attack as it is told.
pub(super) struct Attack {
    /// The suite and the case, or the scene.
    pub(super) name: String,
    /// How severe an alert has to be.
    pub(super) level: Severity,
    telling: Telling,
}

/// How the records of an attack come about.
enum Telling {
    /// From a case.
    Case(Box<Case>),
    /// From a recording, as lines of JSON in which `{source}` and its like stand for hosts and addresses.
    Scene(String),
}

/// Returns the attacks: the cases on which a rule other than a baseline has to fire, and the scenes.
pub(super) fn attacks(
    package: &Package,
    folder: &Path,
    evasions: &Evasions,
) -> Result<Vec<Attack>, TestError> {
    let baselines: BTreeSet<String> =
        package.rules.iter().filter(|rule| rule.is_baseline).map(stem).collect();
    let mut attacks = Vec::new();
    for (suite, case) in cases(package) {
        let expected = case.fires.iter().filter(|(rule, _)| !baselines.contains(*rule));
        let Some(level) = expected.map(|(_, severity)| enough(*severity)).max() else { continue };
        let name = format!("{suite}/{}", case.name);
        attacks.push(Attack { name, level, telling: Telling::Case(Box::new(case.clone())) });
    }
    for scene in &evasions.scenes {
        let telling = Telling::Scene(scene.read(folder)?);
        attacks.push(Attack { name: scene.name.clone(), level: scene.level, telling });
    }
    Ok(attacks)
}

impl Attack {
    /// Returns its records; `number` makes its hosts unlike those of other attacks.
    pub(super) fn records(&self, number: usize) -> Result<Vec<Record>, TestError> {
        let wrong = |problem: String| TestError::Events {
            suite: "an attack told again".to_owned(),
            case: self.name.clone(),
            problem,
        };
        let text = match &self.telling {
            Telling::Case(case) => telemetry::lines(case, number).map_err(wrong)?,
            Telling::Scene(text) => Names::new(number).fill(text, 0),
        };
        let records = text.lines().map(|line| serde_json::from_str(line).map(Record));
        records.collect::<Result<_, _>>().map_err(|error| wrong(error.to_string()))
    }
}

/// Returns the severity that is enough for an attack to count as found: the expected one, or medium.
fn enough(expected: ExpectedSeverity) -> Severity {
    match expected {
        ExpectedSeverity::Any | ExpectedSeverity::Informational => Severity::Informational,
        ExpectedSeverity::Low => Severity::Low,
        ExpectedSeverity::Medium | ExpectedSeverity::High => Severity::Medium,
    }
}
