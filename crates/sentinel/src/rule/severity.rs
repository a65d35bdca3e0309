//! How bad an alert is.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How bad an alert is, in Sentinel's words, least first.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing
    Informational,
    /// Low
    Low,
    /// Medium
    Medium,
    /// High
    High,
}

impl Severity {
    /// Every severity, least first.
    pub const ALL: [Self; 4] = [Self::Informational, Self::Low, Self::Medium, Self::High];

    /// Reads a name as rule files write it, in any case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.name().eq_ignore_ascii_case(name))
    }

    /// Returns the name as rule files write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Informational => "Informational",
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
        }
    }
}

/// A name that is not that of a severity. Whoever reads files lets no such rule pass.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{name}` is not a severity")]
pub struct UnknownSeverity {
    /// The name.
    pub name: String,
}

impl TryFrom<&str> for Severity {
    type Error = UnknownSeverity;

    fn try_from(name: &str) -> Result<Self, UnknownSeverity> {
        Self::parse(name).ok_or_else(|| UnknownSeverity { name: name.to_owned() })
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
