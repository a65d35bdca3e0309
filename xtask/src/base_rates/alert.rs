//! What counting needs of an alert, from `quarry hunt --format jsonl`.

use serde::Deserialize;

/// An alert.
#[derive(Debug, Deserialize)]
pub(super) struct Alert {
    id: String,
    severity: String,
    rule: Rule,
    columns: Columns,
    #[serde(default)]
    evidence: Vec<Evidence>,
}

/// The rule that raised it.
#[derive(Debug, Deserialize)]
struct Rule {
    name: String,
}

/// The columns of its row that count here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Columns {
    /// Rules of the package say their own id; the published reference does not.
    rule_id: Option<String>,
    suppressed_by: Option<String>,
}

/// A record that it cites.
#[derive(Debug, Deserialize)]
struct Evidence {
    host: Option<String>,
    record_id: Option<u64>,
}

impl Alert {
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Returns the name of its rule.
    pub(super) fn rule(&self) -> &str {
        &self.rule.name
    }

    /// Tells whether somebody should look at it soon: medium or higher.
    pub(super) fn is_loud(&self) -> bool {
        matches!(self.severity.as_str(), "Medium" | "High")
    }

    /// Returns the exception that set it aside, if one did.
    pub(super) fn set_aside_by(&self) -> Option<&str> {
        self.columns.suppressed_by.as_deref().filter(|entry| !entry.is_empty())
    }

    /// Tells whether it is of the rule that is kept as it was published.
    pub(super) fn is_of_reference(&self) -> bool {
        self.columns.rule_id.is_none()
    }

    /// Yields its records by host, without the domain, and record id.
    pub(super) fn records(&self) -> impl Iterator<Item = (String, u64)> {
        self.evidence.iter().filter_map(|record| {
            let host = record.host.as_deref()?.split('.').next()?.to_owned();
            Some((host, record.record_id?))
        })
    }
}
