//! A rule: an analytics rule of Sentinel or a custom detection of Defender, as it deploys there.
//!
//! `rule-file` reads it, in whichever form it is written. What Quarry adds to a rule lies beside it, in
//! the package, never in the file.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

use kql_syntax::{Diagnostic, LineIndex};
use rule_file::{Definition, Foreign, NoText, Period};
use sentinel::{Severity, TriggerOperator, UnknownSeverity};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// An analytics rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// A GUID.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// What the rule finds and why that matters.
    pub description: String,
    /// How bad a finding is.
    pub severity: Severity,
    /// How often Sentinel runs it; absent for `NRT` rules, which run every minute.
    pub query_frequency: Option<Period>,
    /// How far each run looks back.
    pub query_period: Option<Period>,
    /// How the number of rows compares to the threshold for a run to raise alerts.
    pub trigger_operator: TriggerOperator,
    /// The threshold.
    pub trigger_threshold: u64,
    /// ATT&CK tactics, by their names without blanks.
    pub tactics: Vec<String>,
    /// ATT&CK techniques, by their ids.
    pub relevant_techniques: Vec<String>,
    /// The KQL.
    pub query: String,
    /// Which columns name hosts, accounts and the like.
    pub entity_mappings: Vec<EntityMapping>,
    /// What of an alert a row decides itself.
    pub alert_details_override: AlertDetails,
    /// The rule's version.
    pub version: String,
}

/// What of an alert comes from its row instead of from the rule.
#[derive(Clone, Debug, Default)]
pub struct AlertDetails {
    /// The column that holds the severity, in Sentinel's words.
    pub alert_severity_column_name: Option<String>,
}

/// Columns that together name an entity.
#[derive(Clone, Debug)]
pub struct EntityMapping {
    /// `Host`, `Account`, `IP`, …
    pub entity_type: String,
    /// Its identifiers.
    pub field_mappings: Vec<FieldMapping>,
}

/// A column that holds an identifier of an entity.
#[derive(Clone, Debug)]
pub struct FieldMapping {
    /// `FullName`, `Sid`, `Address`, …
    pub identifier: String,
    /// The column.
    pub column_name: String,
}

/// A file whose rules could not be read.
#[derive(Debug, Error)]
pub enum RuleError {
    /// The file could not be read.
    #[error("{path}: cannot be read: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: std::io::Error,
    },
    /// The bytes are not text.
    #[error("{path}: {source}", path = path.display())]
    Text {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: NoText,
    },
    /// The file holds no rule.
    #[error("{path}: {what}{help}", path = path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        what: String,
        /// What to do about it, behind a colon; or nothing.
        help: String,
    },
    /// A rule that was read as one has a severity that there is not.
    #[error("{path}: {source}", path = path.display())]
    Severity {
        /// The file.
        path: PathBuf,
        /// The severity.
        source: UnknownSeverity,
    },
    /// A rule is there, and something is wrong with it.
    #[error("{path}:{line}: {message}{help}", path = path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The first thing that is wrong.
        message: Box<str>,
        /// What to do about it, behind a colon; or nothing.
        help: Box<str>,
        /// All that keeps it from running here; spans are places in the file's text.
        diagnostics: Vec<Diagnostic>,
        /// What else Sentinel would refuse.
        deployment_errors: Box<[Diagnostic]>,
        /// The file's text.
        text: Box<str>,
    },
}

impl RuleError {
    /// Makes the error of a rule that says all that is wrong with it.
    pub(crate) fn wrong(path: &Path, text: &str, diagnostics: Vec<Diagnostic>) -> Self {
        let first = diagnostics.first();
        let line = first.map_or(1, |it| LineIndex::new(text).line_column(it.span.start).line);
        Self::Wrong {
            path: path.to_owned(),
            line,
            message: first.map_or_else(Box::default, |it| it.message.as_str().into()),
            help: behind_colon(first.and_then(|it| it.help.as_deref()).unwrap_or_default()).into(),
            diagnostics,
            deployment_errors: Box::default(),
            text: text.into(),
        }
    }

    /// Adds what else Sentinel would refuse of the rule.
    pub(crate) fn with_deployment_errors(mut self, of_sentinel: Vec<Diagnostic>) -> Self {
        if let Self::Wrong { diagnostics, deployment_errors, .. } = &mut self {
            let others = of_sentinel.into_iter().filter(|it| !diagnostics.contains(it));
            *deployment_errors = others.collect();
        }
        self
    }

    /// Makes the error of a file that holds no rule.
    pub(crate) fn foreign(path: &Path, foreign: &Foreign) -> Self {
        let help = behind_colon(&foreign.help);
        Self::Foreign { path: path.to_owned(), what: foreign.what.clone(), help }
    }
}

fn behind_colon(help: &str) -> String {
    if help.is_empty() { String::new() } else { format!(": {help}") }
}

impl Rule {
    /// Tells whether a run with so many rows raises alerts.
    pub(crate) fn is_met_by(&self, rows: u64) -> bool {
        self.trigger_operator.is_met(rows, self.trigger_threshold)
    }

    /// Tells whether every row raises an alert, however many a run finds.
    pub fn fires_on_each_row(&self) -> bool {
        use TriggerOperator::{GreaterThan, NotEqual};
        matches!(self.trigger_operator, GreaterThan | NotEqual) && self.trigger_threshold == 0
    }

    /// Makes a rule of what its file says.
    ///
    /// # Errors
    ///
    /// If its severity is none that there is.
    pub(crate) fn new(definition: Definition, query: &str) -> Result<Self, UnknownSeverity> {
        let id = definition.id.unwrap_or_else(|| derived_id(&definition.name, query));
        let entity = |(kind, fields): (String, Vec<(String, String)>)| EntityMapping {
            entity_type: kind,
            field_mappings: fields
                .into_iter()
                .map(|(identifier, column_name)| FieldMapping { identifier, column_name })
                .collect(),
        };
        Ok(Self {
            id,
            name: definition.name,
            description: definition.description,
            severity: Severity::try_from(definition.severity.as_str())?,
            query_frequency: definition.frequency,
            query_period: definition.period,
            trigger_operator: definition.operator,
            trigger_threshold: definition.threshold,
            tactics: definition.tactics,
            relevant_techniques: definition.techniques,
            query: query.to_owned(),
            entity_mappings: definition.entities.into_iter().map(entity).collect(),
            alert_details_override: AlertDetails {
                alert_severity_column_name: definition.severity_column,
            },
            version: definition.version,
        })
    }
}

/// Returns the id of a rule that has none, in the form of a GUID: made of its name and query, so that it
/// is the same wherever the file lies.
fn derived_id(name: &str, query: &str) -> String {
    let mut hash = Sha256::new();
    for text in [name, query] {
        hash.update(text.len().to_le_bytes());
        hash.update(text.as_bytes());
    }
    let digest = hash.finalize();
    let mut id = String::with_capacity(36);
    for (at, byte) in digest.iter().take(16).enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            id.push('-');
        }
        // Writing to a string cannot fail.
        let _infallible = write!(id, "{byte:02x}");
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::PackagedRule;

    fn parse(yaml: &str) -> Result<PackagedRule, RuleError> {
        PackagedRule::parse(Path::new("rule.yaml"), yaml, Vec::new())
    }

    const RULE: &str = "
id: 00000000-0000-0000-0000-000000000001
name: A rule
severity: Medium
queryFrequency: 1h
queryPeriod: P1D
triggerOperator: gt
triggerThreshold: 0
tactics:
  - LateralMovement
relevantTechniques:
  - T1021.002
query: |
  SecurityEvent
  | where EventID == 5140
entityMappings:
  - entityType: Host
    fieldMappings:
      - identifier: FullName
        columnName: Computer
version: 1.0.0
kind: Scheduled
";

    #[test]
    fn a_rule_is_read() {
        let rule = parse(RULE).unwrap().rule;
        assert_eq!(rule.query, "SecurityEvent\n| where EventID == 5140\n");
        assert_eq!(rule.query_period, Period::parse("1d"));
        assert_eq!(rule.entity_mappings[0].field_mappings[0].column_name, "Computer");
    }

    #[test]
    fn what_is_missing_is_named_with_its_file() {
        let error = parse("kind: NRT\nid: x\nname: y\nquery: T\n").unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("rule.yaml:1: ") && text.contains("severity"), "{text}");
    }

    #[test]
    fn a_severity_that_there_is_not_is_an_error() {
        let definition = Definition { severity: "Critical".to_owned(), ..Definition::default() };
        let error = Rule::new(definition, "T").unwrap_err();
        assert_eq!(error.to_string(), "`Critical` is not a severity");
    }

    #[test]
    fn an_id_is_derived_from_name_and_query() {
        let without = RULE.replace("id: 00000000-0000-0000-0000-000000000001\n", "");
        let derived = parse(&without).unwrap().rule.id;
        assert_eq!(derived.len(), 36);
        assert_eq!(parse(&without.replace("Medium", "High")).unwrap().rule.id, derived);
        assert_ne!(parse(&without.replace("5140", "5145")).unwrap().rule.id, derived);
        assert!(parse(&without).unwrap().has_derived_id);
    }
}
