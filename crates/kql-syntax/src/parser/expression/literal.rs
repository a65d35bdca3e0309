//! Literals but for `dynamic(…)`.

use super::super::{Parser, excerpt::excerpt};
use crate::{
    Diagnostic, Span,
    ast::{Expr, ExprKind, Literal, Name},
    code,
    lexer::{Keyword, LiteralType, TokenKind},
};

impl Parser<'_> {
    /// Reads a literal, a signed number among them, if there is one.
    pub(in crate::parser) fn literal(&mut self) -> Option<(Literal, Span)> {
        if self.signed_number_len() == 2 {
            return Some(self.signed_number());
        }
        self.unsigned_literal()
    }

    /// Reads a literal without sign, if there is one.
    pub(in crate::parser) fn unsigned_literal(&mut self) -> Option<(Literal, Span)> {
        let span = self.span();
        let literal = match self.kind() {
            TokenKind::String | TokenKind::TypographicString => {
                let text = self.joined_strings();
                return Some((Literal::String(text), self.span_from(span)));
            }
            TokenKind::Keyword(Keyword::Dynamic) => return self.dynamic_literal(),
            TokenKind::Long => Literal::Long(Some(self.word().to_owned())),
            TokenKind::Real => Literal::Real(self.word().parse().ok()),
            TokenKind::Timespan => Literal::Timespan(Some(self.word().to_owned())),
            TokenKind::Keyword(Keyword::True) => Literal::Bool(Some(true)),
            TokenKind::Keyword(Keyword::False) => Literal::Bool(Some(false)),
            TokenKind::TypedLiteral(ty) => self.typed_literal(ty),
            TokenKind::RawGuid => {
                self.report_bare_guid();
                Literal::Guid(Some(self.word().to_owned()))
            }
            _ => return None,
        };
        self.bump();
        Some((literal, span))
    }

    /// Returns 2 if a sign and, without space, a number follow.
    fn signed_number_len(&self) -> usize {
        let signed = matches!(self.kind(), TokenKind::Plus | TokenKind::Minus)
            && matches!(self.kind_at(1), TokenKind::Long | TokenKind::Real | TokenKind::Timespan)
            && self.is_adjacent(1);
        if signed { 2 } else { 0 }
    }

    fn signed_number(&mut self) -> (Literal, Span) {
        let sign = self.bump().span;
        let number = self.bump();
        let span = sign.to(number.span);
        let text = self.text_of(span);
        let text = text.strip_prefix('+').unwrap_or(text);
        let literal = match number.kind {
            TokenKind::Real => Literal::Real(text.parse().ok()),
            TokenKind::Timespan => Literal::Timespan(Some(text.to_owned())),
            _ => Literal::Long(Some(text.to_owned())),
        };
        (literal, span)
    }

    /// Reads what stands in the parentheses of the current token, which stays the current one.
    fn typed_literal(&mut self, ty: LiteralType) -> Literal {
        let written = self.word();
        let within = written.split_once('(').map_or("", |(_, rest)| rest);
        let text = within.strip_suffix(')').unwrap_or(within).trim();
        // `datetime()` is a time: the query's own.
        let is_now = text.is_empty() && ty == LiteralType::Datetime;
        if text.eq_ignore_ascii_case("null") || text.is_empty() && !is_now {
            return null_of(ty);
        }
        let (is_negative, base, _) = integer_parts(text);
        let value = match ty {
            // Measured: `int(-0x10)` is an error, `-0x10` is not.
            LiteralType::Int | LiteralType::Long if is_negative && base != 10 => None,
            LiteralType::Bool => read_bool(text).map(|value| Literal::Bool(Some(value))),
            LiteralType::Int => read_int(text).map(|value| Literal::Int(Some(value))),
            LiteralType::Long => is_integer(text).then(|| Literal::Long(Some(text.to_owned()))),
            LiteralType::Real => read_real(text).map(|value| Literal::Real(Some(value))),
            LiteralType::Decimal => Some(Literal::Decimal(Some(text.to_owned()))),
            LiteralType::Datetime => Some(Literal::Datetime(Some(text.to_owned()))),
            LiteralType::Timespan => Some(Literal::Timespan(Some(text.to_owned()))),
            LiteralType::Guid => Some(Literal::Guid(Some(text.to_owned()))),
        };
        value.unwrap_or_else(|| {
            self.report_invalid_literal(text);
            null_of(ty)
        })
    }

    fn report_invalid_literal(&mut self, text: &str) {
        let text = excerpt(text);
        let written = self.word();
        let ty = written.split_once('(').map_or(written, |(ty, _)| ty);
        let message = format!("`{text}` is not a value of type {ty}");
        let help = format!("to convert a value, use `to{ty}({text})`");
        self.report(Diagnostic::error(code::INVALID_LITERAL, self.span(), message).with_help(help));
    }

    fn report_bare_guid(&mut self) {
        let guid = self.word();
        let message = format!("guid `{guid}` without `guid(…)`");
        let help = format!("write `guid({guid})`, or put it in quotes to compare texts");
        self.report(Diagnostic::error(code::BARE_GUID, self.span(), message).with_help(help));
    }

    /// Reads a literal or a bare word: the value of a parameter or property.
    pub(in crate::parser) fn literal_or_word(&mut self) -> Option<Expr> {
        if let Some((literal, span)) = self.literal() {
            return Some(Expr { kind: ExprKind::Literal(literal), span });
        }
        if matches!(self.kind(), TokenKind::Identifier | TokenKind::Keyword(_)) {
            let name = self.joined_name(1);
            return Some(name_expr(name));
        }
        self.name(super::super::name::NameUse::Reference).map(name_expr)
    }
}

/// Returns the expression that refers to a name.
pub(in crate::parser) fn name_expr(name: Name) -> Expr {
    let span = name.span;
    Expr { kind: ExprKind::Name(name), span }
}

const fn null_of(ty: LiteralType) -> Literal {
    match ty {
        LiteralType::Bool => Literal::Bool(None),
        LiteralType::Int => Literal::Int(None),
        LiteralType::Long => Literal::Long(None),
        LiteralType::Real => Literal::Real(None),
        LiteralType::Decimal => Literal::Decimal(None),
        LiteralType::Datetime => Literal::Datetime(None),
        LiteralType::Timespan => Literal::Timespan(None),
        LiteralType::Guid => Literal::Guid(None),
    }
}

fn read_bool(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        read_integer(text).map(|number| number != 0)
    }
}

/// Splits the sign and the `0x` from an integer: whether it is negative, its base, its digits.
fn integer_parts(text: &str) -> (bool, u32, &str) {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let hex = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X"));
    (text.starts_with('-'), if hex.is_some() { 16 } else { 10 }, hex.unwrap_or(unsigned))
}

/// Tells whether a text is an integer; in hexadecimal it has no sign.
fn is_integer(text: &str) -> bool {
    let (_, base, digits) = integer_parts(text);
    let is_unsigned = !text.starts_with(['-', '+']);
    (base == 10 || is_unsigned) && !digits.is_empty() && digits.chars().all(|c| c.is_digit(base))
}

fn read_integer(text: &str) -> Option<i64> {
    let (negative, base, digits) = integer_parts(text);
    if !is_integer(text) {
        return None;
    }
    let number = i64::from_str_radix(digits, base).ok()?;
    if negative { number.checked_neg() } else { Some(number) }
}

/// Reads an int: 32 bits in hexadecimal may be negative.
fn read_int(text: &str) -> Option<i64> {
    let number = read_integer(text)?;
    let (_, base, _) = integer_parts(text);
    match u32::try_from(number) {
        Ok(bits) if base == 16 => Some(bits.cast_signed().into()),
        _ => Some(number),
    }
}

fn read_real(text: &str) -> Option<f64> {
    let (sign, size) = match text.strip_prefix('-') {
        Some(size) => (-1.0, size),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if size.eq_ignore_ascii_case("nan") {
        return Some(f64::NAN);
    }
    if size.eq_ignore_ascii_case("inf") || size.eq_ignore_ascii_case("infinity") {
        return Some(sign * f64::INFINITY);
    }
    if !size.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    size.parse::<f64>().ok().map(|number| sign * number)
}
