//! A cursor over one JSON text that takes or skips whole values.
//!
//! Checks JSON's grammar as far as it walks, nested values included; escapes inside strings are
//! looked at only when a string is decoded. Does not allocate and does not recurse.

use memchr::memchr2;

/// Nesting past which a value is refused, in levels.
///
/// It bounds the work of a hostile record; real events nest five or six levels deep.
pub(crate) const MAX_DEPTH: u32 = 120;

/// Where a JSON text stops being one, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JsonError {
    /// Offset of the first byte that does not fit, in bytes from the start of the text.
    pub offset: usize,
    /// What should have been there.
    pub expected: &'static str,
}

/// A position in a JSON text.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    text_len: usize,
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    /// Returns a cursor at the start of `text`.
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text_len: text.len(), rest: text }
    }

    /// Returns the offset of the next byte from the start of the text.
    pub(crate) fn offset(&self) -> usize {
        self.text_len.saturating_sub(self.rest.len())
    }

    /// Returns the next byte that is no white space, without taking it.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        let first = *self.rest.as_bytes().first()?;
        if first > b' ' {
            return Some(first);
        }
        self.skip_space();
        self.rest.as_bytes().first().copied()
    }

    /// Takes the next byte if it is `byte`, white space before it included.
    #[inline]
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.advance(1);
        }
        found
    }

    /// Takes `literal` if the text goes on with exactly that, white space not skipped.
    #[inline]
    pub(crate) fn take_literal(&mut self, literal: &str) -> bool {
        match self.rest.strip_prefix(literal) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Takes `byte` or fails saying that `expected` should have been there.
    #[inline]
    pub(crate) fn require(&mut self, byte: u8, expected: &'static str) -> Result<(), JsonError> {
        if self.take(byte) { Ok(()) } else { Err(self.error(expected)) }
    }

    /// Takes a string and returns what is between its quotes, escapes as they are.
    #[inline]
    pub(crate) fn string(&mut self) -> Result<&'a str, JsonError> {
        self.require(b'"', "`\"`")?;
        let content = self.rest;
        let mut from = 0_usize;
        loop {
            let tail = content.as_bytes().get(from..).unwrap_or_default();
            let Some(at) = memchr2(b'"', b'\\', tail) else {
                self.rest = "";
                return Err(self.error("the end of a string"));
            };
            let end = from.saturating_add(at);
            if tail.get(at) == Some(&b'"') {
                self.rest = content.get(end.saturating_add(1)..).unwrap_or_default();
                return Ok(content.get(..end).unwrap_or_default());
            }
            // An escape: its second byte never ends the string.
            from = end.saturating_add(2);
        }
    }

    /// Takes one value of any kind and returns its text, without white space around it.
    #[inline]
    pub(crate) fn value(&mut self) -> Result<&'a str, JsonError> {
        let first = self.peek();
        let start = self.rest;
        match first {
            Some(b'"') => {
                self.string()?;
            }
            Some(b'{' | b'[') => self.skip_container()?,
            _ => self.skip_scalar()?,
        }
        let taken = start.len().saturating_sub(self.rest.len());
        Ok(start.get(..taken).unwrap_or_default())
    }

    /// Returns the error that `expected` is missing here.
    pub(crate) fn error(&self, expected: &'static str) -> JsonError {
        JsonError { offset: self.offset(), expected }
    }

    #[inline]
    fn advance(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }

    /// Skips a number, `true`, `false` or `null`.
    fn skip_scalar(&mut self) -> Result<(), JsonError> {
        let start = self.rest;
        let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n');
        let len = start.as_bytes().iter().position(ends).unwrap_or(start.len());
        let scalar = start.get(..len).unwrap_or_default();
        if !matches!(scalar, "true" | "false" | "null") && !is_number(scalar) {
            return Err(self.error("a value"));
        }
        self.advance(len);
        Ok(())
    }

    /// Skips an object or an array with everything in it.
    fn skip_container(&mut self) -> Result<(), JsonError> {
        let mut open = OpenContainers::default();
        loop {
            // Here a value starts.
            match self.peek() {
                Some(b'{') => {
                    self.advance(1);
                    open.push(true).ok_or_else(|| self.error("less nesting"))?;
                    if self.peek() != Some(b'}') {
                        self.key()?;
                        continue;
                    }
                }
                Some(b'[') => {
                    self.advance(1);
                    open.push(false).ok_or_else(|| self.error("less nesting"))?;
                    if self.peek() != Some(b']') {
                        continue;
                    }
                }
                Some(b'"') => {
                    self.string()?;
                }
                _ => self.skip_scalar()?,
            }
            // Here a value has ended, or an empty container is about to.
            loop {
                let Some(in_object) = open.innermost() else { return Ok(()) };
                match (self.peek(), in_object) {
                    (Some(b'}'), true) | (Some(b']'), false) => {
                        self.advance(1);
                        open.pop();
                    }
                    (Some(b','), _) => {
                        self.advance(1);
                        if in_object {
                            self.key()?;
                        }
                        break;
                    }
                    (_, true) => return Err(self.error("`,` or `}`")),
                    (_, false) => return Err(self.error("`,` or `]`")),
                }
            }
        }
    }

    fn key(&mut self) -> Result<(), JsonError> {
        self.string()?;
        self.require(b':', "`:`")
    }
}

/// The kinds of the containers around a position, one bit each: set for an object.
#[derive(Default)]
struct OpenContainers {
    kinds: u128,
    depth: u32,
}

impl OpenContainers {
    fn push(&mut self, object: bool) -> Option<()> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.kinds = self.kinds.wrapping_shl(1) | u128::from(object);
        self.depth = self.depth.saturating_add(1);
        Some(())
    }

    fn pop(&mut self) {
        self.kinds = self.kinds.wrapping_shr(1);
        self.depth = self.depth.saturating_sub(1);
    }

    fn innermost(&self) -> Option<bool> {
        (self.depth > 0).then_some(self.kinds & 1 == 1)
    }
}

/// Tells whether `text` is a number as JSON writes it.
pub(crate) fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let starts_well = digits.as_bytes().first().is_some_and(u8::is_ascii_digit);
    if !starts_well {
        return false;
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    let only_number_bytes = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    only_number_bytes && digits.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Result<&str, JsonError> {
        let mut cursor = Cursor::new(text);
        let value = cursor.value()?;
        match cursor.peek() {
            None => Ok(value),
            Some(_) => Err(cursor.error("the end")),
        }
    }

    #[test]
    fn takes_values_of_every_kind() {
        for text in [
            "1",
            "-1.5e+3",
            "true",
            "null",
            r#""a\"b\\""#,
            "{}",
            "[]",
            r#"{"a":[1,{"b":null},[]],"c":"}"}"#,
            "[ 1 , [ ] , { } ]",
        ] {
            assert_eq!(whole(text), Ok(text));
        }
    }

    #[test]
    fn names_the_byte_that_does_not_fit() {
        for (text, offset) in [
            ("", 0),
            (r#"{"a":1"#, 6),
            (r#"{"a" 1}"#, 5),
            (r#"{"a":1,}"#, 7),
            ("[1,]", 3),
            ("[1}", 2),
            ("{1:2}", 1),
            (r#""abc"#, 4),
            ("nul", 0),
            ("--1", 0),
            ("1 2", 2),
        ] {
            assert_eq!(whole(text).map_err(|error| error.offset), Err(offset), "{text}");
        }
    }

    #[test]
    fn refuses_to_nest_without_bound() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(whole(&deep).map_err(|error| error.expected), Err("less nesting"));
    }
}
