//! Diagnostics written into the query's text, as comments below the lines that they are about.

use kql_syntax::{Diagnostic, parse};

/// Checks that a query gives exactly the diagnostics drawn into it.
///
/// `//^^^ KQL0106 message` marks the columns above it, `//| …` a place between two characters, and
/// `//= text` is the help. Lines that start with these are not part of the query; since the slashes
/// take two columns, its lines are indented.
#[track_caller]
pub(crate) fn check(drawn: &str) {
    let lines: Vec<_> = drawn.trim_matches('\n').trim_end().lines().collect();
    let query: Vec<_> = lines.iter().copied().filter(|line| !is_annotation(line)).collect();
    let query = query.join("\n");
    let (_, diagnostics) = parse(&query);
    assert_eq!(draw(&query, &diagnostics), lines.join("\n"));
}

fn is_annotation(line: &str) -> bool {
    let Some(rest) = line.trim_start().strip_prefix("//") else { return false };
    rest.trim_start().starts_with(['^', '|', '='])
}

/// Writes diagnostics into a query.
fn draw(query: &str, diagnostics: &[Diagnostic]) -> String {
    let mut drawn = Vec::new();
    let mut start = 0;
    for line in query.split('\n') {
        drawn.push(line.to_owned());
        for diagnostic in diagnostics {
            let span = diagnostic.span.range();
            let Some(offset) = span.start.checked_sub(start).filter(|at| *at <= line.len()) else {
                continue;
            };
            let column = line[..offset].chars().count();
            let end = span.end.saturating_sub(start).min(line.len());
            let marks = match line[offset..end].chars().count() {
                0 => "|".to_owned(),
                width => "^".repeat(width),
            };
            let gap = " ".repeat(column.checked_sub(2).expect("an indented line"));
            drawn.push(format!("{gap}//{marks} {} {}", diagnostic.code, diagnostic.message));
            drawn.extend(diagnostic.help.iter().map(|help| format!("{gap}//= {help}")));
        }
        start = start.saturating_add(line.len()).saturating_add(1);
    }
    drawn.join("\n")
}
