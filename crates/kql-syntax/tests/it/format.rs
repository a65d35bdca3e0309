//! The formatter changes white space and nothing else, whatever it is given.

mod corpus;
mod snapshots;
mod survival;

use kql_syntax::{
    lexer::{TokenKind, lex},
    parse,
};

/// Formats a query that is known to be accepted.
pub(crate) fn formatted(query: &str) -> String {
    kql_syntax::format(query).unwrap_or_else(|diagnostics| panic!("{query}\n{diagnostics:#?}"))
}

/// Returns a query's tree as text, without the places where its nodes stand.
pub(crate) fn tree_without_spans(query: &str) -> String {
    let (tree, _) = parse(query);
    let debug = format!("{tree:?}");
    let mut pieces = debug.split("Span { start: ");
    let mut text = pieces.next().unwrap_or("").to_owned();
    for piece in pieces {
        let (_, rest) = piece.split_once('}').expect("the end of a span");
        text.push_str(rest);
    }
    text
}

/// Returns a query's comments in order.
pub(crate) fn comments(query: &str) -> Vec<&str> {
    let tokens = lex(query).into_iter();
    tokens
        .filter(|token| token.kind == TokenKind::Comment)
        .map(|token| query[token.span.range()].trim_end())
        .collect()
}
