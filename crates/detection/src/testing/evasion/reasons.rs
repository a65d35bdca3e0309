//! `evasions.yaml`: recorded scenes beside the cases, and why some attacks are missed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use crate::{alert::Severity, tuning};

use super::Miss;
use crate::testing::run::TestError;

/// Scenes and reasons.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evasions {
    /// Attacks that were recorded.
    #[serde(default)]
    pub scenes: Vec<Scene>,
    /// Why attacks are missed.
    #[serde(default)]
    pub misses: Vec<Reason>,
}

/// An attack that was recorded.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scene {
    /// What happens.
    pub name: String,
    /// Files of events in the form of `evtx_dump`, relative to the package.
    pub files: Vec<PathBuf>,
    /// The first time that belongs to it, as the records write it, or the start of one.
    pub from: String,
    /// The time at which it has ended.
    pub to: String,
    /// How severe an alert has to be.
    pub level: Severity,
    /// The host that it starts from, which is called otherwise each time.
    pub source: Party,
    /// The host that it reaches.
    pub target: Party,
}

/// A host of a recorded attack.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Its name as the records have it, without its domain.
    pub host: String,
    /// Its address.
    pub address: String,
}

/// Why changes of some kinds hide some attacks.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The kinds of change.
    pub kinds: Vec<String>,
    /// The attacks, with `*` for any text.
    pub cases: Vec<String>,
    /// Why.
    pub why: String,
}

/// A list of reasons that could not be read.
#[derive(Debug, Error)]
pub enum EvasionError {
    /// The file could not be read.
    #[error("{path}: cannot be read: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The text is something else.
    #[error("{path}: not a list of scenes and reasons: {source}", path = path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The cause, with its line.
        source: Box<serde_saphyr::Error>,
    },
}

impl Evasions {
    /// Reads the list of a package's folder.
    ///
    /// # Errors
    ///
    /// If it is not there or is something else.
    pub fn load(folder: &Path) -> Result<Self, EvasionError> {
        let path = folder.join("evasions.yaml");
        let text = fs::read_to_string(&path)
            .map_err(|source| EvasionError::Read { path: path.clone(), source })?;
        serde_saphyr::from_str(&text)
            .map_err(|source| EvasionError::Parse { path, source: Box::new(source) })
    }

    /// Returns why a change of a kind hides an attack, if somebody has said.
    pub(super) fn why(&self, kind: &str, case: &str) -> Option<String> {
        let explains = |reason: &&Reason| {
            reason.kinds.iter().any(|other| other == kind)
                && reason.cases.iter().any(|pattern| tuning::matches(pattern, case))
        };
        self.misses.iter().find(explains).map(|reason| reason.why.trim().to_owned())
    }

    /// Returns the kinds and cases of reasons that explain no miss: each has to explain one.
    pub(super) fn stale(&self, misses: &[Miss]) -> Vec<String> {
        let mut stale = Vec::new();
        for reason in &self.misses {
            for kind in &reason.kinds {
                if !misses.iter().any(|miss| miss.kind == *kind && reason.is_for_case(&miss.case)) {
                    stale.push(format!("{kind}: {}", reason.cases.join(", ")));
                }
            }
            for case in &reason.cases {
                let is_for = |miss: &&Miss| {
                    reason.kinds.contains(&miss.kind) && tuning::matches(case, &miss.case)
                };
                if !misses.iter().any(|miss| is_for(&miss)) {
                    stale.push(format!("{}: {case}", reason.kinds.join(", ")));
                }
            }
        }
        stale
    }
}

impl Reason {
    fn is_for_case(&self, case: &str) -> bool {
        self.cases.iter().any(|pattern| tuning::matches(pattern, case))
    }
}

impl Scene {
    /// Returns its records as lines of JSON, `{source}`, `{target_ip}` and their like in the place of its hosts.
    pub(super) fn read(&self, folder: &Path) -> Result<String, TestError> {
        let mut text = String::new();
        for file in &self.files {
            let path = folder.join(file);
            let wrong = |problem: String| TestError::Events {
                suite: path.display().to_string(),
                case: self.name.clone(),
                problem,
            };
            let lines = fs::read_to_string(&path).map_err(|error| wrong(error.to_string()))?;
            for line in lines.lines() {
                let record: Value =
                    serde_json::from_str(line).map_err(|error| wrong(error.to_string()))?;
                let time = record.pointer("/Event/System/TimeCreated/#attributes/SystemTime");
                let time = time.and_then(Value::as_str).unwrap_or_default();
                if (self.from.as_str()..self.to.as_str()).contains(&time) {
                    text.push_str(&self.without_hosts(line));
                    text.push('\n');
                }
            }
        }
        for (party, stands_for) in [(&self.source, "source"), (&self.target, "target")] {
            if !text.contains(&format!("{{{stands_for}}}")) {
                return Err(TestError::Events {
                    suite: folder.display().to_string(),
                    case: self.name.clone(),
                    problem: format!(
                        "no record from {} to {} names {}",
                        self.from, self.to, party.host
                    ),
                });
            }
        }
        Ok(text)
    }

    /// Returns a line with what stands for the hosts' names and addresses in their place.
    fn without_hosts(&self, line: &str) -> String {
        let mut line = line.to_owned();
        for (party, small, large, address) in [
            (&self.source, "{source}", "{SOURCE}", "{source_ip}"),
            (&self.target, "{target}", "{TARGET}", "{target_ip}"),
        ] {
            line = line
                .replace(&party.host.to_lowercase(), small)
                .replace(&party.host.to_uppercase(), large)
                .replace(&party.address, address);
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_explains_what_it_names_and_goes_stale() {
        let yaml = "misses:\n  - {kinds: [a, b], cases: ['s/*', 't/x'], why: because}\n";
        let evasions: Evasions = serde_saphyr::from_str(yaml).unwrap();
        assert_eq!(evasions.why("a", "s/1").as_deref(), Some("because"));
        assert_eq!(evasions.why("c", "s/1"), None);
        let miss = |kind: &str, case: &str| Miss {
            kind: kind.to_owned(),
            case: case.to_owned(),
            level: Severity::Low,
            why: None,
        };
        assert!(evasions.stale(&[miss("a", "s/1"), miss("b", "t/x")]).is_empty());
        assert_eq!(evasions.stale(&[miss("a", "s/1")]), ["b: s/*, t/x", "a, b: t/x"]);
    }
}
