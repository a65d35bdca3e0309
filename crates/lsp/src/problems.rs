//! What is wrong with an open file, in the protocol's words.

use kql_language::{Document, Problem, Range, Severity, Utf16};
use lsp_types::{
    Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, NumberOrString, Uri,
};

use crate::{Workspace, edits, opened::Opened};

/// Whether to ask what keeps queries from running, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// Syntax, names, types, and the rule around the query.
    Language,
    /// Also what does not run.
    Running,
}

/// Returns the problems of a file, in its order.
pub(crate) fn problems(
    file: &Opened,
    uri: &Uri,
    workspace: &Workspace<'_>,
    depth: Depth,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for located in file.queries() {
        let document = Document::new(located.text, workspace.catalog);
        let mut of_query = document.problems();
        let has_error = of_query.iter().any(|it| it.severity == Severity::Error);
        if depth == Depth::Running && !has_error {
            let refused = (workspace.refusals)(located.text);
            let refused: Vec<Problem> = refused.iter().map(Problem::of).collect();
            of_query.extend(refused);
        }
        for problem in &mut of_query {
            problem.range = located.in_file(problem.range);
            for related in &mut problem.related {
                related.range = located.in_file(related.range);
            }
        }
        found.extend(of_query);
        if let Some(rule) = located.rule {
            let columns = document.columns();
            let names: Option<Vec<String>> =
                columns.map(|columns| columns.into_iter().map(|(name, _)| name).collect());
            found.extend(rule.lint(names.as_deref()).iter().map(Problem::of));
        }
    }
    let without_query = file.rules_without_query().flat_map(|rule| rule.lint(None));
    found.extend(without_query.chain(file.broken().cloned()).map(|it| Problem::of(&it)));
    found.sort_by(|a, b| (a.range, &a.code).cmp(&(b.range, &b.code)));
    found.dedup();
    let lines = Utf16::new(&file.text);
    found.into_iter().map(|problem| diagnostic(problem, &lines, uri)).collect()
}

fn diagnostic(problem: Problem, lines: &Utf16<'_>, uri: &Uri) -> Diagnostic {
    let location = |range: Range| Location { uri: uri.clone(), range: edits::range(lines, range) };
    let related: Vec<DiagnosticRelatedInformation> = problem
        .related
        .into_iter()
        .map(|it| DiagnosticRelatedInformation {
            location: location(it.range),
            message: it.message,
        })
        .collect();
    let help = problem.help.map_or(String::new(), |help| format!("\n{help}"));
    Diagnostic {
        range: edits::range(lines, problem.range),
        severity: Some(match problem.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
        }),
        code: Some(NumberOrString::String(problem.code)),
        source: Some("quarry".to_owned()),
        message: format!("{}{help}", problem.message),
        related_information: (!related.is_empty()).then_some(related),
        ..Diagnostic::default()
    }
}
