//! A cursor over one JSON text that takes or skips whole values.
//!
//! Checks JSON's grammar as far as it walks, nested values included; escapes inside strings are
//! looked at only when a string is decoded. Does not allocate and does not recurse.

use memchr::memchr;

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
    text: &'a str,
    /// The offset of the next byte, which starts a character.
    at: usize,
}

impl<'a> Cursor<'a> {
    /// Returns a cursor at the start of `text`.
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Returns the offset of the next byte from the start of the text.
    #[inline]
    pub(crate) fn offset(&self) -> usize {
        self.at
    }

    /// Returns the next byte that is no white space, without taking it.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        let first = *self.text.as_bytes().get(self.at)?;
        if first > b' ' {
            return Some(first);
        }
        self.skip_space();
        self.text.as_bytes().get(self.at).copied()
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
        let is_there = starts_with(self.rest(), literal.as_bytes());
        if is_there {
            self.advance(literal.len());
        }
        is_there
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
        let start = self.at;
        self.skip_content()?;
        // The quote itself has been taken as well.
        Ok(self.text.get(start..self.at.saturating_sub(1)).unwrap_or_default())
    }

    /// Takes one value of any kind and returns its text, without white space around it.
    #[inline]
    pub(crate) fn value(&mut self) -> Result<&'a str, JsonError> {
        self.peek();
        let start = self.at;
        self.skip_value()?;
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    /// Takes one value of any kind, white space before it included.
    #[inline]
    pub(crate) fn skip_value(&mut self) -> Result<(), JsonError> {
        match self.peek() {
            Some(b'"') => self.skip_string(),
            Some(b'{' | b'[') => self.skip_container(),
            _ => self.skip_scalar(),
        }
    }

    /// Returns the error that `expected` is missing here.
    pub(crate) fn error(&self, expected: &'static str) -> JsonError {
        JsonError { offset: self.at, expected }
    }

    #[inline]
    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    #[inline]
    fn advance(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes).min(self.text.len());
    }

    fn skip_space(&mut self) {
        let is_space = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
        self.advance(self.rest().iter().take_while(is_space).count());
    }

    #[inline]
    fn skip_string(&mut self) -> Result<(), JsonError> {
        self.require(b'"', "`\"`")?;
        self.skip_content()
    }

    /// Skips what is between the quotes of a string, and the quote behind it.
    #[inline]
    fn skip_content(&mut self) -> Result<(), JsonError> {
        let content = self.rest();
        let mut from = 0_usize;
        loop {
            let tail = content.get(from..).unwrap_or_default();
            let Some(at) = memchr(b'"', tail) else {
                self.at = self.text.len();
                return Err(self.error("the end of a string"));
            };
            let before = tail.get(..at).unwrap_or_default();
            let behind = from.saturating_add(at).saturating_add(1);
            if !ends_with_escape(before) {
                self.advance(behind);
                return Ok(());
            }
            from = behind;
        }
    }

    /// Skips a number, `true`, `false` or `null`.
    #[inline]
    fn skip_scalar(&mut self) -> Result<(), JsonError> {
        let rest = self.rest();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits > 0 && rest.get(digits).is_none_or(|byte| ends_scalar(*byte)) {
            self.advance(digits);
            return Ok(());
        }
        self.skip_any_scalar()
    }

    fn skip_any_scalar(&mut self) -> Result<(), JsonError> {
        let rest = self.rest();
        let len = rest.iter().position(|byte| ends_scalar(*byte)).unwrap_or(rest.len());
        let scalar = self.text.get(self.at..self.at.saturating_add(len)).unwrap_or_default();
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
                Some(b'"') => self.skip_string()?,
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
        self.skip_string()?;
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

/// Tells whether `text` starts with `start`, some twenty bytes: compared eight by eight, for which nothing
/// has to be called.
#[inline]
fn starts_with(text: &[u8], start: &[u8]) -> bool {
    let Some(mut text) = text.get(..start.len()) else { return false };
    let (Some(end_of_text), Some(end)) = (text.last_chunk::<8>(), start.last_chunk::<8>()) else {
        return text == start;
    };
    let mut start = start;
    while let (Some((here, text_behind)), Some((there, start_behind))) =
        (text.split_first_chunk::<8>(), start.split_first_chunk::<8>())
    {
        if here != there {
            return false;
        }
        (text, start) = (text_behind, start_behind);
    }
    end_of_text == end
}

/// Tells whether the text before a quote makes it a part of a string: an odd number of backslashes, since
/// each two of them are one.
#[inline]
fn ends_with_escape(before: &[u8]) -> bool {
    before.last() == Some(&b'\\')
        && !before.iter().rev().take_while(|byte| **byte == b'\\').count().is_multiple_of(2)
}

/// Tells whether a byte stands behind a number or a word, and not in it.
#[inline]
const fn ends_scalar(byte: u8) -> bool {
    matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\r' | b'\n')
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
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn strings_end_at_the_first_quote_that_is_not_escaped(
            content in r#"[\\"ab,é]{0,24}"#,
            behind in r#"[\\",:}]{0,3}"#,
        ) {
            let text = format!("\"{content}{behind}");
            let mut end = None;
            let mut bytes = text.bytes().enumerate().skip(1);
            while let Some((at, byte)) = bytes.next() {
                match byte {
                    b'\\' => drop(bytes.next()),
                    b'"' => {
                        end = Some(at);
                        break;
                    }
                    _ => {}
                }
            }
            let mut cursor = Cursor::new(&text);
            let error = JsonError { offset: text.len(), expected: "the end of a string" };
            prop_assert_eq!(cursor.string(), end.map(|end| &text[1..end]).ok_or(error));
            let behind = end.map_or(text.len(), |end| end.saturating_add(1));
            prop_assert_eq!(cursor.offset(), behind);
        }

        #[test]
        fn a_literal_is_taken_where_it_stands(
            text in "\\PC{0,40}", at in 0_usize..40, literal in "\\PC{0,3}",
        ) {
            let end = (0..=text.len().min(at)).rev().find(|at| text.is_char_boundary(*at)).unwrap();
            for literal in [&text[..end], &*format!("{}{literal}", &text[..end]), &text] {
                let mut cursor = Cursor::new(&text);
                prop_assert_eq!(cursor.take_literal(literal), text.starts_with(literal));
                let taken = if text.starts_with(literal) { literal.len() } else { 0 };
                prop_assert_eq!(cursor.offset(), taken);
            }
        }

        #[test]
        fn scalars_are_told_by_what_is_before_a_separator(
            text in "(-?[0-9]{1,12}[-.eE+0-9x]{0,4}|-|x|true|false|null|nil)[,}\\] \t]?[0-9x]?",
        ) {
            let end = text.find([',', '}', ']', ' ', '\t']).unwrap_or(text.len());
            let is_scalar = matches!(&text[..end], "true" | "false" | "null") || is_number(&text[..end]);
            let found = Cursor::new(&text).value();
            let first = JsonError { offset: 0, expected: "a value" };
            prop_assert_eq!(found, is_scalar.then_some(&text[..end]).ok_or(first));
        }
    }

    #[test]
    fn refuses_to_nest_without_bound() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(whole(&deep).map_err(|error| error.expected), Err("less nesting"));
    }
}
