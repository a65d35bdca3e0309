//! What YAML does to a query that is not a literal block: it joins lines, and ends plain text at ` #`.

use granit_parser::ScalarStyle;
use kql_syntax::{
    Diagnostic, Span,
    lexer::{TokenKind, lex},
};

use super::Rule;
use crate::{code, rule::Query};

pub(super) fn check(rule: &Rule<'_>, found: &mut Vec<Diagnostic>) {
    let Some(query) = rule.query.filter(|query| query.style != ScalarStyle::Literal) else {
        return;
    };
    for span in swallowing_comments(query) {
        let message = "this comment swallows the lines behind it, which YAML joins to its own";
        let warning = Diagnostic::warning(code::FOLDED_QUERY, query.places.place(span), message);
        found.push(warning.with_help("write the query as a literal block: `query: |`"));
    }
    if let Some(place) = query.cut_at {
        let message = "YAML ends the query here: ` #` begins a comment in a plain text";
        let warning = Diagnostic::warning(code::FOLDED_QUERY, place, message);
        found.push(warning.with_help("write the query as a literal block: `query: |`"));
    }
}

/// Returns the comments that reach over a line's end in the file.
fn swallowing_comments(query: &Query) -> Vec<Span> {
    let comments = lex(&query.text).into_iter().filter(|token| token.kind == TokenKind::Comment);
    let spans = comments.map(|token| token.span);
    // A blank that stands for a line's end is as long in the file as the end and the indentation
    // behind it; all else is as long as it is written. Escapes are within quotes, where lines fold
    // as well.
    spans.filter(|span| query.folds_within(*span)).collect()
}
