//! How far a hop can be relied on, and why.

use std::fmt;

/// How far a hop can be relied on, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Confidence {
    /// One end is unknown, or traces were joined by time alone.
    Low,
    /// Both ends are known.
    Medium,
    /// Both ends and the account are known, and what was done there was seen in several ways.
    High,
}

impl Confidence {
    /// Returns the name that people see.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
