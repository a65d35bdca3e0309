//! Opening and closing brackets.

use super::Parser;
use crate::{Diagnostic, Span, code, lexer::TokenKind};

/// A kind of brackets.
#[derive(Clone, Copy)]
pub(super) enum Bracket {
    /// `( )`
    Paren,
    /// `[ ]`
    Square,
    /// `{ }`
    Brace,
}

impl Bracket {
    const fn kinds(self) -> (TokenKind, TokenKind) {
        match self {
            Self::Paren => (TokenKind::OpenParen, TokenKind::CloseParen),
            Self::Square => (TokenKind::OpenBracket, TokenKind::CloseBracket),
            Self::Brace => (TokenKind::OpenBrace, TokenKind::CloseBrace),
        }
    }

    const fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Paren => ("(", ")"),
            Self::Square => ("[", "]"),
            Self::Brace => ("{", "}"),
        }
    }
}

impl Parser<'_> {
    /// Reads an opening bracket that has to be there; `context` says where it belongs.
    pub(super) fn open(&mut self, bracket: Bracket, context: &str) -> Option<Span> {
        let open = self.eat(bracket.kinds().0);
        if open.is_none() {
            self.unexpected(&format!("`{}` {context}", bracket.texts().0));
        }
        open
    }

    /// Reads the closing bracket for the one at `open`; `separator` is what else could have come.
    ///
    /// Text before it is skipped. If there is none before the next pipe or semicolon, nothing more
    /// is read.
    pub(super) fn close(&mut self, bracket: Bracket, open: Span, separator: Option<&str>) {
        let closing = bracket.kinds().1;
        if self.eat(closing).is_some() {
            return;
        }
        let (opened, closed) = bracket.texts();
        let is_left_open = matches!(
            self.kind(),
            TokenKind::End
                | TokenKind::Semicolon
                | TokenKind::Pipe
                | TokenKind::CloseParen
                | TokenKind::CloseBracket
                | TokenKind::CloseBrace
        );
        if is_left_open && self.known_mistake().is_none() {
            let message = format!("`{opened}` is not closed");
            let diagnostic = Diagnostic::error(code::UNCLOSED_BRACKET, open, message)
                .with_label(self.span(), format!("expected `{closed}` before this"))
                .with_help(format!("add `{closed}`"));
            self.report(diagnostic);
        } else {
            let or = separator.map_or_else(String::new, |text| format!("{text} or "));
            self.unexpected(&format!("{or}`{closed}`"));
            self.skip_to_boundary();
        }
        // A bracket of another kind may close one further out: it is left where it is.
        self.eat(closing);
    }

    /// Returns whether the current token ends whatever is being read: a pipe, a semicolon, a
    /// closing bracket, the end of the text.
    pub(super) fn at_boundary(&self) -> bool {
        matches!(
            self.kind(),
            TokenKind::Pipe
                | TokenKind::Semicolon
                | TokenKind::CloseParen
                | TokenKind::CloseBracket
                | TokenKind::CloseBrace
                | TokenKind::End
        )
    }
}
