//! A rule: an analytics rule in Azure-Sentinel's YAML, as it deploys there.
//!
//! Fields that Quarry has no use for are read over, so that any rule of that form loads. What
//! Quarry adds to a rule lies beside it, in the package, never in the file.

use std::path::{Path, PathBuf};

use rule_file::Period;
use serde::Deserialize;
use serde_saphyr::Spanned;
use thiserror::Error;

use crate::alert::Severity;

/// An analytics rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// A GUID.
    pub id: String,
    /// The name that people see.
    pub name: String,
    /// What the rule finds and why that matters.
    #[serde(default)]
    pub description: String,
    /// How bad a finding is.
    pub severity: Severity,
    /// How often Sentinel runs it; absent for `NRT` rules, which run every minute.
    #[serde(default)]
    pub query_frequency: Option<Period>,
    /// How far each run looks back.
    #[serde(default)]
    pub query_period: Option<Period>,
    /// How the number of rows compares to the threshold for a run to raise alerts.
    #[serde(default)]
    pub trigger_operator: TriggerOperator,
    /// The threshold.
    #[serde(default)]
    pub trigger_threshold: u64,
    /// ATT&CK tactics, by their names without blanks.
    #[serde(default)]
    pub tactics: Vec<String>,
    /// ATT&CK techniques, by their ids.
    #[serde(default)]
    pub relevant_techniques: Vec<String>,
    /// The KQL.
    pub query: Spanned<String>,
    /// Which columns name hosts, accounts and the like.
    #[serde(default)]
    pub entity_mappings: Vec<EntityMapping>,
    /// What of an alert a row decides itself.
    #[serde(default)]
    pub alert_details_override: AlertDetails,
    /// The rule's version.
    #[serde(default)]
    pub version: String,
}

/// What of an alert comes from its row instead of from the rule.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertDetails {
    /// The column that holds the severity, in Sentinel's words.
    #[serde(default)]
    pub alert_severity_column_name: Option<String>,
}

/// How a run's number of rows compares to the threshold.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
pub enum TriggerOperator {
    /// More rows than the threshold.
    #[default]
    #[serde(rename = "gt", alias = "GreaterThan")]
    GreaterThan,
    /// Fewer.
    #[serde(rename = "lt", alias = "LessThan")]
    LessThan,
    /// As many.
    #[serde(rename = "eq", alias = "Equal")]
    Equal,
    /// More or fewer.
    #[serde(rename = "ne", alias = "NotEqual")]
    NotEqual,
}

impl TriggerOperator {
    /// Tells whether a run with so many rows raises alerts.
    pub const fn is_met(self, rows: u64, threshold: u64) -> bool {
        match self {
            Self::GreaterThan => rows > threshold,
            Self::LessThan => rows < threshold,
            Self::Equal => rows == threshold,
            Self::NotEqual => rows != threshold,
        }
    }
}

/// Columns that together name an entity.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntityMapping {
    /// `Host`, `Account`, `IP`, …
    pub entity_type: String,
    /// Its identifiers.
    pub field_mappings: Vec<FieldMapping>,
}

/// A column that holds an identifier of an entity.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldMapping {
    /// `FullName`, `Sid`, `Address`, …
    pub identifier: String,
    /// The column.
    pub column_name: String,
}

/// A rule file that could not be loaded.
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
    /// The text is no rule.
    #[error("{path}: no analytics rule: {source}", path = path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// The cause, with its line.
        source: Box<serde_saphyr::Error>,
    },
}

impl Rule {
    /// Tells whether every row raises an alert, however many a run finds.
    pub fn fires_on_each_row(&self) -> bool {
        use TriggerOperator::{GreaterThan, NotEqual};
        matches!(self.trigger_operator, GreaterThan | NotEqual) && self.trigger_threshold == 0
    }

    /// Reads a rule from YAML; `path` names it in errors.
    ///
    /// # Errors
    ///
    /// If the text is not YAML, or lacks a field that a rule must have.
    pub fn parse(path: &Path, yaml: &str) -> Result<Self, RuleError> {
        serde_saphyr::from_str(yaml)
            .map_err(|source| RuleError::Parse { path: path.to_owned(), source: Box::new(source) })
    }

    /// Reads a rule file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or holds no rule.
    pub fn load(path: &Path) -> Result<Self, RuleError> {
        let yaml = std::fs::read_to_string(path)
            .map_err(|source| RuleError::Read { path: path.to_owned(), source })?;
        Self::parse(path, &yaml)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let rule = Rule::parse(Path::new("rule.yaml"), RULE).unwrap();
        assert_eq!(rule.query.value, "SecurityEvent\n| where EventID == 5140\n");
        assert_eq!(rule.query_period, Period::parse("1d"));
        assert_eq!(rule.entity_mappings[0].field_mappings[0].column_name, "Computer");
    }

    #[test]
    fn what_is_missing_is_named_with_its_file() {
        let error = Rule::parse(Path::new("rule.yaml"), "id: x\nname: y\n").unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("rule.yaml: ") && text.contains("severity"), "{text}");
    }

    #[test]
    fn triggers_compare_rows_to_the_threshold() {
        assert!(TriggerOperator::GreaterThan.is_met(1, 0));
        assert!(!TriggerOperator::GreaterThan.is_met(0, 0));
        assert!(TriggerOperator::LessThan.is_met(0, 1));
        assert!(TriggerOperator::NotEqual.is_met(2, 1));
        assert!(!TriggerOperator::Equal.is_met(2, 1));
    }
}
