//! Whether text is JSON, and its compact form.
//!
//! In: any text. Out: yes or no, or the text as a dynamic is stored. Follows RFC 8259 to the letter,
//! except that half of a surrogate pair may be escaped, as Windows' own JSON writers do.

use std::borrow::Cow;

use super::{scan::string_len, text};

/// Tells whether the text is one JSON value, blanks around it allowed.
pub fn is_valid(json: &str) -> bool {
    Checker::new(json).document().is_some()
}

/// Returns the text without blanks between tokens and with every string in its shortest spelling.
///
/// Numbers keep their digits: `118.0` stays `118.0`. Text that is compact already is borrowed.
/// `None` if it is not JSON.
pub fn compact(json: &str) -> Option<Cow<'_, str>> {
    let json = json.trim_ascii();
    let mut checker = Checker::new(json);
    checker.document()?;
    if checker.is_compact {
        return Some(Cow::Borrowed(json));
    }
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(first) = rest.chars().next() {
        let len = if first == '"' { string_len(rest.as_bytes())? } else { first.len_utf8() };
        let (token, after) = rest.split_at_checked(len)?;
        rest = after;
        match first {
            '"' => text::quote(&text::unquote_string(token), &mut out),
            _ if first.is_ascii_whitespace() => {}
            _ => out.push_str(token),
        }
    }
    Some(Cow::Owned(out))
}

/// Reads a document once, with a stack of open brackets instead of recursion.
struct Checker<'a> {
    rest: &'a [u8],
    open: Vec<u8>,
    is_compact: bool,
}

impl<'a> Checker<'a> {
    fn new(json: &'a str) -> Self {
        Checker { rest: json.as_bytes(), open: Vec::new(), is_compact: true }
    }

    fn document(&mut self) -> Option<()> {
        self.blanks();
        loop {
            if !self.value()? {
                continue;
            }
            if !self.after_value()? {
                self.blanks();
                return self.rest.is_empty().then_some(());
            }
        }
    }

    /// Reads a scalar, or an opening bracket; tells whether a whole value has been read.
    fn value(&mut self) -> Option<bool> {
        match self.rest.first()? {
            b'"' => self.string()?,
            b'-' | b'0'..=b'9' => self.number()?,
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            b'[' => return self.open(b'[', b']'),
            b'{' => return self.open(b'{', b'}'),
            _ => return None,
        }
        Some(true)
    }

    /// Reads an opening bracket, and the closing one if the container is empty.
    fn open(&mut self, open: u8, close: u8) -> Option<bool> {
        self.take(open);
        self.blanks();
        if self.take(close) {
            return Some(true);
        }
        self.open.push(open);
        if open == b'{' {
            self.key()?;
        }
        Some(false)
    }

    /// Reads closing brackets and at most one comma; tells whether another value has to follow.
    fn after_value(&mut self) -> Option<bool> {
        while let Some(&open) = self.open.last() {
            self.blanks();
            if self.take(b',') {
                self.blanks();
                if open == b'{' {
                    self.key()?;
                }
                return Some(true);
            }
            if !self.take(if open == b'{' { b'}' } else { b']' }) {
                return None;
            }
            self.open.pop();
        }
        Some(false)
    }

    fn key(&mut self) -> Option<()> {
        self.string()?;
        self.blanks();
        self.take(b':').then_some(())?;
        self.blanks();
        Some(())
    }

    fn string(&mut self) -> Option<()> {
        self.take(b'"').then_some(())?;
        loop {
            let at = self.rest.iter().position(|&b| b < b' ' || matches!(b, b'"' | b'\\'))?;
            let (special, rest) = self.rest.get(at..)?.split_first()?;
            self.rest = rest;
            match special {
                b'"' => return Some(()),
                b'\\' => self.escape()?,
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        let (escape, rest) = self.rest.split_first()?;
        self.rest = rest;
        match escape {
            b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't' => {}
            b'/' => self.is_compact = false,
            b'u' => {
                self.is_compact = false;
                let (digits, rest) = self.rest.split_first_chunk::<4>()?;
                digits.iter().all(u8::is_ascii_hexdigit).then_some(())?;
                self.rest = rest;
            }
            _ => return None,
        }
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Some(())
    }

    /// Reads one digit or more.
    fn digits(&mut self) -> Option<()> {
        let end = self.rest.iter().position(|b| !b.is_ascii_digit()).unwrap_or(self.rest.len());
        self.rest = self.rest.get(end..)?;
        (end > 0).then_some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(word)?;
        Some(())
    }

    fn blanks(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
            self.is_compact = false;
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        match self.rest.split_first() {
            Some((&first, rest)) if first == byte => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }
}
