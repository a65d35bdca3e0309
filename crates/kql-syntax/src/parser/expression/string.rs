//! What strings say: quotes removed, escapes replaced, adjacent ones joined.

use super::super::Parser;
use crate::{Diagnostic, Span, code, lexer::TokenKind};

impl Parser<'_> {
    /// Reads the strings that stand next to each other and returns their joined contents.
    pub(in crate::parser) fn joined_strings(&mut self) -> String {
        let mut joined = String::new();
        while matches!(self.kind(), TokenKind::String | TokenKind::TypographicString) {
            self.append_string(&mut joined);
        }
        joined
    }

    /// Reads one string and returns its contents.
    pub(in crate::parser) fn string(&mut self) -> String {
        let mut contents = String::new();
        self.append_string(&mut contents);
        contents
    }

    /// Reads one string and appends its contents.
    fn append_string(&mut self, contents: &mut String) {
        let span = self.span();
        let written = self.text_of(span);
        if self.at(TokenKind::TypographicString) {
            self.report_typographic(span);
            let mut chars = written.chars();
            chars.next();
            chars.next_back();
            contents.push_str(chars.as_str());
            self.bump();
            return;
        }
        let text = written.strip_prefix(['h', 'H']).unwrap_or(written);
        let multi_line = ["```", "~~~"].into_iter().find_map(|q| Some((q, text.strip_prefix(q)?)));
        if let Some((quote, body)) = multi_line {
            self.append_multi_line(quote, body, span, contents);
        } else if let Some(verbatim) = text.strip_prefix('@') {
            self.append_verbatim(verbatim, span, contents);
        } else {
            self.append_escaped(text, span, contents);
        }
        self.bump();
    }

    fn append_multi_line(&mut self, quote: &str, body: &str, span: Span, contents: &mut String) {
        if let Some(inner) = body.strip_suffix(quote) {
            contents.push_str(inner);
        } else {
            self.report_unterminated(span, quote);
            contents.push_str(body);
        }
    }

    fn append_verbatim(&mut self, text: &str, span: Span, contents: &mut String) {
        let mut chars = text.chars();
        let Some(quote) = chars.next() else { return };
        let body = chars.as_str();
        // The lexer ends a verbatim string at the first quote that is not doubled, so an odd
        // number of quotes at the end closes it.
        let trailing = body.chars().rev().take_while(|c| *c == quote).count();
        let closed = trailing % 2 == 1;
        let inner = if closed { body.strip_suffix(quote).unwrap_or(body) } else { body };
        if !closed {
            self.report_unterminated(span, quote.encode_utf8(&mut [0; 4]));
        }
        let mut pieces = inner.split(quote);
        contents.push_str(pieces.next().unwrap_or(""));
        // Every second piece is the empty one between the two quotes of a pair.
        for (index, piece) in pieces.enumerate() {
            if index % 2 == 0 {
                contents.push(quote);
            }
            contents.push_str(piece);
        }
    }

    fn append_escaped(&mut self, text: &str, span: Span, contents: &mut String) {
        let mut chars = text.chars();
        let Some(quote) = chars.next() else { return };
        let mut rest = chars.as_str();
        loop {
            let Some(at) = rest.find(['\\', quote]) else {
                contents.push_str(rest);
                self.report_unterminated(span, quote.encode_utf8(&mut [0; 4]));
                return;
            };
            contents.push_str(rest.get(..at).unwrap_or(""));
            rest = rest.get(at..).unwrap_or("");
            if !rest.starts_with('\\') {
                return;
            }
            if let Some((replacement, len)) = escape(rest) {
                contents.push(replacement);
                rest = rest.get(len..).unwrap_or("");
            } else {
                self.report_escape(span, rest);
                contents.push('\\');
                rest = rest.get(1..).unwrap_or("");
            }
        }
    }

    /// Reports the escape that `rest` starts with, the end of the string at `span`.
    fn report_escape(&mut self, span: Span, rest: &str) {
        let len = 1_usize.saturating_add(rest.chars().nth(1).map_or(0, char::len_utf8));
        let escape = rest.get(..len).unwrap_or("\\");
        let (rest_len, escape_len) = (as_offset(rest.len()), as_offset(escape.len()));
        let start = span.end.saturating_sub(rest_len);
        let at = Span::new(start, start.saturating_add(escape_len));
        let help = if self.text_of(span).contains("\\'") || self.text_of(span).contains("\\\"") {
            "double the backslash, or write the string as `@\"…\"` with its quotes doubled"
        } else {
            "write the string as `@\"…\"`, where a backslash is a backslash, or double it"
        };
        let message = format!("unknown escape `{escape}`");
        self.report(Diagnostic::error(code::UNKNOWN_ESCAPE, at, message).with_help(help));
    }

    fn report_unterminated(&mut self, span: Span, quote: &str) {
        let message = format!("string is not closed by `{quote}`");
        let has_escaped_quote = self.text_of(span).contains(&format!("\\{quote}"));
        let help = if has_escaped_quote {
            format!(
                "`\\{quote}` is a quote within the string: write `\\\\`, or the string as `@\"…\"`"
            )
        } else {
            format!("add `{quote}`; a string of several lines stands between three backticks")
        };
        self.report(Diagnostic::error(code::UNTERMINATED_STRING, span, message).with_help(help));
    }

    fn report_typographic(&mut self, span: Span) {
        let message = format!("typographic quotes in `{}`", self.shown_word());
        let diagnostic = Diagnostic::error(code::TYPOGRAPHIC_QUOTES, span, message)
            .with_help("use straight quotes: `\"` or `'`");
        self.report(diagnostic);
    }
}

/// A length within the text, which is known to fit.
fn as_offset(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// Returns the character that an escape stands for and the escape's length, backslash included.
fn escape(text: &str) -> Option<(char, usize)> {
    let kind = text.chars().nth(1)?;
    let simple = match kind {
        '\\' | '\'' | '"' => kind,
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        'x' => return coded(text, 2, 2, 16),
        'u' => return utf16_escape(text),
        'U' => return coded(text, 2, 8, 16),
        '0'..='7' => {
            let octal = |c: char| c.is_digit(8);
            let digits = text.chars().skip(1).take_while(|c| octal(*c)).take(3).count();
            // Three digits only up to \377.
            let len = if kind > '3' { digits.min(2) } else { digits };
            return coded(text, 1, len, 8);
        }
        _ => return None,
    };
    Some((simple, 2))
}

/// Reads `len` digits from `from` on as a character's code.
fn coded(text: &str, from: usize, len: usize, radix: u32) -> Option<(char, usize)> {
    let end = from.checked_add(len)?;
    let digits = text.get(from..end)?;
    if !digits.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let code = u32::from_str_radix(digits, radix).ok()?;
    Some((char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), end))
}

/// Reads `\uXXXX`, and a pair of them that makes one character beyond the basic plane.
fn utf16_escape(text: &str) -> Option<(char, usize)> {
    let unit = |text: &str| {
        let digits = text.strip_prefix("\\u")?.get(..4)?;
        let all_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if all_hex { u16::from_str_radix(digits, 16).ok() } else { None }
    };
    let first = unit(text)?;
    let second = text.get(6..).and_then(unit);
    let pair = [Some(first), second];
    match char::decode_utf16(pair.into_iter().flatten()).next()? {
        Ok(c) => Some((c, if c.len_utf16() == 2 { 12 } else { 6 })),
        Err(_) => Some((char::REPLACEMENT_CHARACTER, 6)),
    }
}
