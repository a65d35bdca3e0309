//! Tokens that start with a digit, and bare guids.

use super::{Lexer, TokenKind, is_word_byte};

/// The units of timespan literals, as they follow the number.
const UNITS: [&str; 34] = [
    "d",
    "day",
    "days",
    "h",
    "hr",
    "hrs",
    "hour",
    "hours",
    "m",
    "min",
    "minute",
    "minutes",
    "s",
    "sec",
    "second",
    "seconds",
    "ms",
    "milli",
    "millis",
    "millisec",
    "millisecond",
    "milliseconds",
    "micro",
    "micros",
    "microsec",
    "microsecond",
    "microseconds",
    "nano",
    "nanos",
    "nanosec",
    "nanosecond",
    "nanoseconds",
    "tick",
    "ticks",
];

impl Lexer<'_> {
    /// Reads a number, a timespan, a bare guid or a name that starts with digits.
    pub(super) fn number_or_word(&mut self) -> TokenKind {
        if self.raw_guid() {
            return TokenKind::RawGuid;
        }
        let (kind, len) = self
            .real()
            .map(|len| (TokenKind::Real, len))
            .or_else(|| self.timespan().map(|len| (TokenKind::Timespan, len)))
            .or_else(|| self.long().map(|len| (TokenKind::Long, len)))
            .unwrap_or_else(|| (TokenKind::Identifier, self.run(0, is_word_byte)));
        self.advance(len.max(1));
        kind
    }

    /// Reads a bare guid, eight hexadecimal digits, three times four, and twelve.
    pub(super) fn raw_guid(&mut self) -> bool {
        const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
        // Groups and dashes; checked byte by byte, so that nearly every word ends it at once.
        let mut len = 0_usize;
        for (index, group) in GROUPS.into_iter().enumerate() {
            if index > 0 {
                if self.byte(len) != b'-' {
                    return false;
                }
                len = len.saturating_add(1);
            }
            for _ in 0..group {
                if !self.byte(len).is_ascii_hexdigit() {
                    return false;
                }
                len = len.saturating_add(1);
            }
        }
        if is_word_byte(self.byte(len)) {
            return false;
        }
        self.advance(len);
        true
    }

    /// Returns how many bytes from `ahead` on `accept` holds for.
    fn run(&self, ahead: usize, accept: impl Fn(u8) -> bool) -> usize {
        let from = self.pos.saturating_add(ahead);
        self.bytes.get(from..).unwrap_or(&[]).iter().take_while(|byte| accept(**byte)).count()
    }

    fn digits(&self, ahead: usize) -> usize {
        self.run(ahead, |byte| byte.is_ascii_digit())
    }

    /// Returns `len` if no letter or digit follows, which would make it a name.
    fn unless_word(&self, len: usize) -> Option<usize> {
        (!is_word_byte(self.byte(len))).then_some(len)
    }

    fn real(&self) -> Option<usize> {
        let whole = self.digits(0);
        let after_dot = whole.saturating_add(1);
        let is_range = self.byte(after_dot) == b'.' && self.byte(whole.saturating_add(2)) != b'.';
        if self.byte(whole) == b'.' && !is_range {
            let fraction = after_dot.saturating_add(self.digits(after_dot));
            self.unless_word(self.exponent(fraction).unwrap_or(fraction))
        } else {
            self.exponent(whole).and_then(|len| self.unless_word(len))
        }
    }

    /// Returns the length with the exponent that starts at `ahead`, if there is one.
    fn exponent(&self, ahead: usize) -> Option<usize> {
        if !matches!(self.byte(ahead), b'e' | b'E') {
            return None;
        }
        let mut len = ahead.saturating_add(1);
        if matches!(self.byte(len), b'+' | b'-') {
            len = len.saturating_add(1);
        }
        let digits = self.digits(len);
        (digits > 0).then(|| len.saturating_add(digits))
    }

    fn timespan(&self) -> Option<usize> {
        let mut len = self.digits(0);
        if self.byte(len) == b'.' {
            let after_dot = len.saturating_add(1);
            len = after_dot.saturating_add(self.digits(after_dot));
        }
        let unit_len = self.run(len, is_word_byte);
        let end = len.saturating_add(unit_len);
        let (from, to) = (self.pos.saturating_add(len), self.pos.saturating_add(end));
        self.text.get(from..to).is_some_and(|unit| UNITS.contains(&unit)).then_some(end)
    }

    fn long(&self) -> Option<usize> {
        if self.byte(0) == b'0' && matches!(self.byte(1), b'x' | b'X') {
            let digits = self.run(2, |byte| byte.is_ascii_hexdigit());
            if digits > 0 {
                return self.unless_word(digits.saturating_add(2));
            }
        }
        self.unless_word(self.digits(0))
    }
}
