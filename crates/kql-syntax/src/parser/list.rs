//! Lists with commas.

use super::Parser;
use crate::{Diagnostic, code, lexer::TokenKind};

/// Whether a list may be empty, and may end with a comma.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ListRule {
    /// At least one element, no comma at the end.
    OneOrMore,
    /// Perhaps none, no comma at the end.
    Any,
    /// Perhaps none, and the last may be followed by a comma.
    TrailingComma,
}

impl Parser<'_> {
    /// Reads elements between commas up to the first token that is neither.
    ///
    /// `element` reports what is missing itself, and need not read anything.
    pub(super) fn comma_list<T>(
        &mut self,
        rule: ListRule,
        mut element: impl FnMut(&mut Self) -> T,
    ) -> Vec<T> {
        let mut elements = Vec::new();
        if rule != ListRule::OneOrMore && self.at_boundary() {
            return elements;
        }
        loop {
            if self.at(TokenKind::Comma) {
                self.report_stray_comma("before");
            } else {
                elements.push(self.beside(&mut element));
            }
            if self.eat(TokenKind::Comma).is_none() {
                return elements;
            }
            if self.at_boundary() {
                if rule != ListRule::TrailingComma {
                    self.report_trailing_comma();
                }
                return elements;
            }
        }
    }

    fn report_stray_comma(&mut self, place: &str) {
        let diagnostic = Diagnostic::error(
            code::STRAY_COMMA,
            self.span(),
            format!("expected something {place} this comma"),
        )
        .with_help("remove the comma, or add what is missing");
        self.report(diagnostic);
    }

    /// Reports the comma just read, which nothing follows.
    fn report_trailing_comma(&mut self) {
        let Some(comma) = self.pos.checked_sub(1).and_then(|at| self.tokens.get(at)).copied()
        else {
            return;
        };
        let message = format!("expected something after this comma, found {}", self.found());
        let diagnostic = Diagnostic::error(code::STRAY_COMMA, comma.span, message)
            .with_help("remove the comma, or add what is missing");
        self.report(diagnostic);
    }
}
