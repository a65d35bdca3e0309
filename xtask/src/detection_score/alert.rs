//! What the score needs of an alert, from `quarry hunt --format jsonl`.

use serde::Deserialize;

/// An alert.
#[derive(Debug, Deserialize)]
pub(super) struct Alert {
    pub(super) rule: Rule,
    pub(super) severity: String,
    #[serde(default)]
    pub(super) evidence: Vec<Evidence>,
}

/// The rule that raised it.
#[derive(Debug, Deserialize)]
pub(super) struct Rule {
    #[serde(default)]
    pub(super) behaviours: Vec<String>,
}

/// A record that it cites.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Evidence {
    pub(super) line: u64,
}

impl Alert {
    /// Tells whether somebody should look at it soon: medium or higher.
    pub(super) fn is_loud(&self) -> bool {
        matches!(self.severity.as_str(), "Medium" | "High")
    }
}
