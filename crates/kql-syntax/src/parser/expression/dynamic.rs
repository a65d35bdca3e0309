//! `dynamic(…)`: JSON, and Kusto's own literals within it.

use super::super::{Parser, bracket::Bracket, list::ListRule};
use crate::{
    Diagnostic, Span,
    ast::{DynamicValue, Literal},
    code,
    lexer::{Keyword, LiteralType, TokenKind},
};

impl Parser<'_> {
    /// Reads `dynamic(…)`, if a parenthesis follows the word.
    pub(in crate::parser) fn dynamic_literal(&mut self) -> Option<(Literal, Span)> {
        if self.kind_at(1) != TokenKind::OpenParen {
            return None;
        }
        let start = self.bump().span;
        let open = self.bump().span;
        let value = self.dynamic_value();
        self.close(Bracket::Paren, open, None);
        Some((Literal::Dynamic(value), self.span_from(start)))
    }

    fn dynamic_value(&mut self) -> DynamicValue {
        self.nested(Self::dynamic_value_here).unwrap_or(DynamicValue::Null)
    }

    fn dynamic_value_here(&mut self) -> DynamicValue {
        match self.kind() {
            TokenKind::Keyword(Keyword::Null) => {
                self.bump();
                DynamicValue::Null
            }
            TokenKind::OpenBracket => {
                let open = self.bump().span;
                let values = self.comma_list(ListRule::Any, Self::dynamic_value);
                self.close(Bracket::Square, open, Some("`,`"));
                DynamicValue::Array(values)
            }
            TokenKind::OpenBrace => {
                let open = self.bump().span;
                let pairs = self.comma_list(ListRule::Any, Self::dynamic_pair);
                self.close(Bracket::Brace, open, Some("`,`"));
                DynamicValue::Bag(pairs.into_iter().flatten().collect())
            }
            // JSON has no `+5`; a minus may stand apart from its number.
            TokenKind::Plus => self.invalid_dynamic(),
            TokenKind::Minus => self.negative_number(),
            TokenKind::TypedLiteral(ty) if !self.is_value_in_dynamic(ty) => self.invalid_dynamic(),
            _ => match self.unsigned_literal() {
                Some((Literal::Dynamic(value), _)) => value,
                Some((literal, _)) => DynamicValue::Scalar(Box::new(literal)),
                None => self.invalid_dynamic(),
            },
        }
    }

    /// Tells whether the current token, a typed literal, may stand in `dynamic(…)`. Measured: `bool(true)`
    /// and typed nulls may not; `true` and `null` alone may.
    fn is_value_in_dynamic(&self, ty: LiteralType) -> bool {
        let within = self.word().split_once('(').map_or("", |(_, rest)| rest);
        let within = within.strip_suffix(')').unwrap_or(within).trim();
        ty != LiteralType::Bool && !within.is_empty() && !within.eq_ignore_ascii_case("null")
    }

    fn negative_number(&mut self) -> DynamicValue {
        let literal = match self.kind_at(1) {
            TokenKind::Long => {
                let digits = self.text_of(self.token(1).span);
                Literal::Long(Some(format!("-{digits}")))
            }
            TokenKind::Real => {
                let size: Option<f64> = self.text_of(self.token(1).span).parse().ok();
                Literal::Real(size.map(|size| -size))
            }
            _ => return self.invalid_dynamic(),
        };
        self.bump();
        self.bump();
        DynamicValue::Scalar(Box::new(literal))
    }

    fn dynamic_pair(&mut self) -> Option<(String, DynamicValue)> {
        if !matches!(self.kind(), TokenKind::String | TokenKind::TypographicString) {
            self.invalid_key();
            return None;
        }
        let key = self.string();
        self.expect(TokenKind::Colon, ":", "after the key");
        Some((key, self.dynamic_value()))
    }

    fn invalid_key(&mut self) {
        let message = format!("expected a key in quotes, found {}", self.found());
        let mut diagnostic = Diagnostic::error(code::INVALID_DYNAMIC, self.span(), message);
        if self.at(TokenKind::Identifier) {
            diagnostic = diagnostic.with_help(format!("write `\"{}\"`", self.shown_word()));
        }
        self.report(diagnostic);
        self.skip_until(|parser| parser.at(TokenKind::Comma));
    }

    fn invalid_dynamic(&mut self) -> DynamicValue {
        let message = format!("expected a literal within `dynamic(…)`, found {}", self.found());
        let mut diagnostic = Diagnostic::error(code::INVALID_DYNAMIC, self.span(), message);
        if self.at(TokenKind::Identifier) {
            diagnostic = diagnostic
                .with_help("to build a value from columns use `pack_array(…)` or `bag_pack(…)`");
        }
        self.report(diagnostic);
        self.skip_until(|parser| parser.at(TokenKind::Comma));
        DynamicValue::Null
    }
}
