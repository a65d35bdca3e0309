//! A query as its tokens, for lints that know no more of it than its shape.

use kql_syntax::lexer::{Token, TokenKind, lex};

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

    /// Tells whether a name is called here.
    pub(super) fn calls(&self, at: usize) -> bool {
        self.kind(at) == TokenKind::Identifier
            && at.checked_add(1).is_some_and(|next| self.kind(next) == TokenKind::OpenParen)
    }

    pub(super) fn opens(&self, at: usize) -> bool {
        matches!(
            self.kind(at),
            TokenKind::OpenParen | TokenKind::OpenBracket | TokenKind::OpenBrace
        )
    }

    pub(super) fn closes(&self, at: usize) -> bool {
        matches!(
            self.kind(at),
            TokenKind::CloseParen | TokenKind::CloseBracket | TokenKind::CloseBrace
        )
    }

    /// Returns the place behind the bracket that closes the one here.
    pub(super) fn behind(&self, open: usize) -> usize {
        let mut depth = 0_usize;
        for at in open..self.len() {
            if self.opens(at) {
                depth = depth.saturating_add(1);
            } else if self.closes(at) {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at.saturating_add(1);
                }
            }
        }
        self.len()
    }
}

/// Returns a query's tokens without white space and comments.
pub(super) fn significant_tokens(text: &str) -> Vec<Token> {
    let is_significant =
        |token: &Token| !matches!(token.kind, TokenKind::Whitespace | TokenKind::Comment);
    lex(text).into_iter().filter(is_significant).collect()
}
