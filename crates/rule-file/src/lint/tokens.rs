//! A query as its tokens, for lints that know no more of it than its shape.

use kql_syntax::lexer::{Token, TokenKind};

use super::query::significant_tokens;
use crate::rule::Query;

/// The tokens of a query without white space and comments.
pub(super) struct Tokens<'q> {
    text: &'q str,
    tokens: Vec<Token>,
}

impl<'q> Tokens<'q> {
    pub(super) fn of(query: &'q Query) -> Self {
        Self { text: &query.text, tokens: significant_tokens(&query.text) }
    }

    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    pub(super) fn get(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at)
    }

    /// Returns the kind of a token; behind the last one, that of the end.
    pub(super) fn kind(&self, at: usize) -> TokenKind {
        self.tokens.get(at).map_or(TokenKind::End, |token| token.kind)
    }

    /// Returns the text of a token; behind the last one, `""`.
    pub(super) fn word(&self, at: usize) -> &'q str {
        self.tokens.get(at).and_then(|token| self.text.get(token.span.range())).unwrap_or_default()
    }

    /// Returns the place of a name where a `let` before `end` defines it: `name =`.
    pub(super) fn defined(&self, name: &str, end: usize) -> Option<usize> {
        let lets = (0..end).filter(|at| self.word(*at) == "let");
        let mut names = lets.filter_map(|at| at.checked_add(1));
        names.find(|at| {
            *at < end
                && self.word(*at) == name
                && at.checked_add(1).is_some_and(|next| self.kind(next) == TokenKind::Equal)
        })
    }
}
