//! From places in a rule's query to places in the rule's file, where people look for them.

use kql_syntax::{Code, Diagnostic, Span};

/// Moves diagnostics from the query that they are about to the file that holds it.
pub(crate) fn move_to_file(diagnostics: &mut [Diagnostic], place: impl Fn(Span) -> Span) {
    for diagnostic in diagnostics {
        diagnostic.span = place(diagnostic.span);
        for label in &mut diagnostic.labels {
            label.span = place(label.span);
        }
    }
}

/// Adds to diagnostics what can be done about them from the command line.
pub(crate) fn add_ways_out(diagnostics: &mut [Diagnostic]) {
    const UNKNOWN_TABLE: Code = Code(202);
    // Where a table of a like name is meant, that is said already.
    let is_unknown = |it: &&mut Diagnostic| it.code == UNKNOWN_TABLE && it.help.is_none();
    for diagnostic in diagnostics.iter_mut().filter(is_unknown) {
        let way = "`--schema FILE` adds a table, as JSON: `{\"TABLE\": {\"COLUMN\": \"string\"}}`";
        diagnostic.help = Some(way.to_owned());
    }
}
