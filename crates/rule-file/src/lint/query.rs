//! Limits of a rule's query: its length, and what it may read.

use kql_syntax::{
    Diagnostic, Span,
    lexer::{Keyword, TokenKind},
};

use super::{
    Rule, text_of,
    tokens::{Tokens, significant_tokens},
};
use crate::{code, rule::query_node};

/// The most characters that Sentinel takes.
const MOST_CHARS: usize = 10_000;

pub(super) fn check(rule: &Rule<'_>, found: &mut Vec<Diagnostic>) {
    let Some(query) = rule.query else { return };
    let chars = query.text.chars().count();
    if query.text.trim().is_empty() {
        found.push(Diagnostic::error(code::TEXT_LENGTH, query.span, "`query` is empty"));
    } else if chars > MOST_CHARS {
        let message = format!("`query` has {chars} characters; Sentinel takes {MOST_CHARS}");
        let start = Span::new(query.span.start, query.span.start);
        let error = Diagnostic::error(code::TEXT_LENGTH, start, message);
        found.push(error.with_help("keep long lists in a watchlist"));
    }
    for span in all_tables(&query.text) {
        let place = query.places.place(span);
        let message = "Sentinel does not take a rule over all tables";
        let error = Diagnostic::error(code::ALL_TABLES, place, message);
        found.push(error.with_help("name the tables"));
    }
    let tokens = Tokens::of(query);
    for at in 0..tokens.len() {
        let Some(token) = tokens.get(at).filter(|_| tokens.calls(at)) else { continue };
        let place = query.places.place(token.span);
        match tokens.word(at) {
            "adx" if tokens.defined("adx", at).is_none() => {
                let message = "Sentinel does not take a rule over data of another service";
                found.push(Diagnostic::error(code::OTHER_SERVICE, place, message));
            }
            "bag_unpack" if may_miss_columns(&tokens, at) => {
                let message = "a run whose rows lack a key of the bag lacks its column, and fails";
                let warning = Diagnostic::warning(code::UNPACKED_COLUMNS, place, message);
                found.push(warning.with_help(
                    "name the columns by `column_ifexists`, or say them behind the call: `: (Name: string)`",
                ));
            }
            _ => {}
        }
    }
}

/// Tells whether operators behind a `bag_unpack` may name columns that it made.
///
/// - `at`: the plugin's name.
fn may_miss_columns(tokens: &Tokens<'_>, at: usize) -> bool {
    let behind = tokens.behind(at.saturating_add(1));
    let is_declared = tokens.kind(behind) == TokenKind::Colon;
    let is_last = matches!(
        tokens.kind(behind),
        TokenKind::End | TokenKind::Semicolon | TokenKind::CloseParen
    );
    let is_careful = (behind..tokens.len())
        .any(|at| matches!(tokens.word(at), "column_ifexists" | "columnifexists"));
    !is_declared && !is_last && !is_careful
}

/// Reports a query that is a list, a mapping or anything else but a text.
pub(super) fn form(rule: &Rule<'_>, found: &mut Vec<Diagnostic>) {
    if let Some(node) = query_node(rule.root).filter(|node| !node.is_null()) {
        text_of(node, "query", found);
    }
}

/// Returns where `search *` and `union *` stand, with or without parameters between.
fn all_tables(text: &str) -> Vec<Span> {
    let tokens = significant_tokens(text);
    let kind = |at: usize| tokens.get(at).map_or(TokenKind::End, |token| token.kind);
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if !matches!(token.kind, TokenKind::Keyword(Keyword::Search | Keyword::Union)) {
            continue;
        }
        let mut next = at.saturating_add(1);
        while kind(next.saturating_add(1)) == TokenKind::Equal {
            next = next.saturating_add(3);
        }
        if kind(next) == TokenKind::Star
            && let Some(star) = tokens.get(next)
        {
            found.push(token.span.to(star.span));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::all_tables;

    #[test]
    fn stars_are_found_where_all_tables_are_meant() {
        for (query, count) in [
            ("search *", 1),
            ("union kind=outer withsource=T * | take 1", 1),
            ("T | union // all\n *", 1),
            ("search in (T) 'x'", 0),
            ("union T*, U", 0),
            ("T | where a * 2 > 1 | search 'x'", 0),
        ] {
            assert_eq!(all_tables(query).len(), count, "{query}");
        }
    }
}
