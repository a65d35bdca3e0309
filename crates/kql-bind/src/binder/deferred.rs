//! Missing tables in variables: reported where the variable is read, since a fuzzy union leaves out
//! what does not exist, or at the end if it is never read.

use std::collections::HashSet;

use kql_syntax::{Diagnostic, Severity};

use super::Binder;
use crate::codes;

/// What is wrong with a variable.
pub(crate) struct Deferred {
    found: Vec<Diagnostic>,
    is_read: bool,
}

impl Binder<'_> {
    /// Takes back what was found after the first `known` diagnostics, if tables are missing and nothing
    /// else is wrong; returns under which number it is kept.
    pub(super) fn defer_missing_tables(&mut self, known: usize) -> Option<usize> {
        let is_missing = |it: &Diagnostic| it.code == codes::UNKNOWN_TABLE;
        let mut errors =
            self.diagnostics.iter().skip(known).filter(|it| it.severity == Severity::Error);
        if self.call_depth > 0 || !errors.clone().any(is_missing) || !errors.all(is_missing) {
            return None;
        }
        let found = self.diagnostics.split_off(known.min(self.diagnostics.len()));
        self.deferred.push(Deferred { found, is_read: false });
        self.deferred.len().checked_sub(1)
    }

    /// Reports what was kept under that number.
    pub(crate) fn report_deferred(&mut self, number: Option<usize>) {
        if let Some(deferred) = number.and_then(|at| self.deferred.get_mut(at)) {
            deferred.is_read = true;
            self.diagnostics.extend(deferred.found.iter().cloned());
        }
    }
}

/// Adds what was never reported, and leaves out what is there twice.
pub(super) fn settled(diagnostics: Vec<Diagnostic>, deferred: Vec<Deferred>) -> Vec<Diagnostic> {
    let unread = deferred.into_iter().filter(|it| !it.is_read).flat_map(|it| it.found);
    let mut seen = HashSet::new();
    diagnostics
        .into_iter()
        .chain(unread)
        .filter(|it| seen.insert((it.code, it.severity, it.span, it.message.clone())))
        .collect()
}
