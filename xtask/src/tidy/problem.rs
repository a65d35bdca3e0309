//! What a check reports: a place and what to do about it.

use std::fmt;
use std::path::{Path, PathBuf};

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    /// Relative to the workspace root.
    pub(crate) path: PathBuf,
    /// 1-based.
    pub(crate) line: usize,
    /// What was found and what to do.
    pub(crate) message: String,
}

impl Problem {
    /// Returns a problem at `line` (1-based) of `path`.
    pub(crate) fn new(path: &Path, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_path_buf(), line, message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path.display(), self.line, self.message)
    }
}
