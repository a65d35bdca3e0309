//! What is said of one file.

use kql_syntax::{Diagnostic, Severity};

/// What is said of one file.
pub(super) struct Verdict {
    pub(super) file: String,
    /// The text that the diagnostics point into.
    pub(super) text: String,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The columns of the query's result, if they are known.
    pub(super) columns: Option<Vec<(String, &'static str)>>,
}

impl Verdict {
    pub(super) fn is_ok(&self) -> bool {
        !self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}
