//! From places in a rule's query to places in the rule's file, where people look for them.

use kql_syntax::{Diagnostic, Span};
use rule_file::RuleFile;

/// Moves diagnostics from the query that they are about to the file that holds it.
pub(crate) fn move_to_file(diagnostics: &mut [Diagnostic], place: impl Fn(Span) -> Span) {
    for diagnostic in diagnostics {
        diagnostic.span = place(diagnostic.span);
        for label in &mut diagnostic.labels {
            label.span = place(label.span);
        }
    }
}

/// Moves diagnostics of a rule's query to their places in the rule's YAML; `false`, and nothing is
/// moved, if the YAML holds no query.
pub(crate) fn move_to_yaml(diagnostics: &mut [Diagnostic], yaml: &str) -> bool {
    let Ok(file) = RuleFile::read(yaml) else { return false };
    let Some(query) = file.query() else { return false };
    move_to_file(diagnostics, |span| query.places.place(span));
    true
}
