//! Where strings start and end. What their escapes mean is read by the parser.

use super::{Lexer, TokenKind};

/// The quotes of multi-line strings.
const MULTI_LINE_QUOTES: [&str; 2] = ["```", "~~~"];

impl Lexer<'_> {
    /// Returns whether a string starts here: a quote, perhaps with `h`, `@` or both before it.
    pub(super) fn string_starts(&self) -> bool {
        let obfuscated = usize::from(matches!(self.byte(0), b'h' | b'H'));
        let verbatim = usize::from(self.byte(obfuscated) == b'@');
        let quote = obfuscated.saturating_add(verbatim);
        matches!(self.byte(quote), b'"' | b'\'')
            || (verbatim == 0
                && self
                    .rest()
                    .get(quote..)
                    .is_some_and(|rest| MULTI_LINE_QUOTES.iter().any(|q| rest.starts_with(q))))
    }

    /// Reads a string; one that is not closed ends with its line, a multi-line one with the text.
    pub(super) fn string(&mut self) -> TokenKind {
        if matches!(self.byte(0), b'h' | b'H') {
            self.advance(1);
        }
        let verbatim = self.byte(0) == b'@';
        if verbatim {
            self.advance(1);
        }
        let multi_line = MULTI_LINE_QUOTES.into_iter().find(|quote| self.rest().starts_with(quote));
        match multi_line {
            Some(quote) => self.multi_line_string(quote),
            None => self.quoted_string(verbatim),
        }
        TokenKind::String
    }

    fn multi_line_string(&mut self, quote: &str) {
        self.advance(quote.len());
        let end = self.rest().find(quote).map(|end| end.saturating_add(quote.len()));
        self.advance(end.unwrap_or(self.rest().len()));
    }

    fn quoted_string(&mut self, verbatim: bool) {
        let quote = self.byte(0);
        self.advance(1);
        loop {
            self.advance_while(|byte| !matches!(byte, b'\\' | b'\n' | b'\r') && byte != quote);
            match self.byte(0) {
                b'\\' if verbatim => self.advance(1),
                // What follows a backslash never ends the string, so that an unknown escape
                // spoils only itself; a line break does.
                b'\\' => {
                    self.advance(1);
                    if matches!(self.byte(0), b'\\' | b'"' | b'\'') {
                        self.advance(1);
                    }
                }
                byte if byte == quote && verbatim && self.byte(1) == quote => self.advance(2),
                byte if byte == quote => {
                    self.advance(1);
                    return;
                }
                _ => return,
            }
        }
    }

    /// Reads from one typographic quote to the next on the same line; a lone one is unknown.
    pub(super) fn typographic_string(&mut self) -> TokenKind {
        let mut chars = self.rest().char_indices();
        let quote_len = chars.next().map_or(1, |(_, quote)| quote.len_utf8());
        let end = chars.find(|(_, c)| is_typographic_quote(*c) || matches!(c, '\n' | '\r'));
        match end {
            Some((at, quote)) if is_typographic_quote(quote) => {
                self.advance(at.saturating_add(quote.len_utf8()));
                TokenKind::TypographicString
            }
            _ => {
                self.advance(quote_len);
                TokenKind::Unknown
            }
        }
    }
}

/// Returns whether a character is a quote that word processors put in place of `"` and `'`.
pub(super) const fn is_typographic_quote(c: char) -> bool {
    matches!(c, '\u{2018}'..='\u{201f}' | '«' | '»' | '\u{2032}' | '\u{2033}')
}
