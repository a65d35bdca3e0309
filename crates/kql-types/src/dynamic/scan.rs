//! Walking JSON text lazily: the elements of an array, the entries of a bag.
//!
//! In: text that passed [`super::is_valid`]; anything else ends the walk early. Out: slices.

use memchr::memchr2;

/// Returns the texts of an array's elements, in order; none if `json` is no array.
pub fn elements(json: &str) -> Elements<'_> {
    Elements { walk: Walk::into_container(json, b'[') }
}

/// Returns the entries of a bag, in order; none if `json` is no bag.
///
/// A key is the text of a JSON string, quotes and escapes included ([`super::unquote`] removes them).
pub fn entries(json: &str) -> Entries<'_> {
    Entries { walk: Walk::into_container(json, b'{') }
}

/// The texts of an array's elements.
#[derive(Clone, Debug)]
pub struct Elements<'a> {
    walk: Option<Walk<'a>>,
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let element = self.walk.as_mut()?.element();
        if element.is_none() {
            self.walk = None;
        }
        element
    }
}

/// The keys, quoted, and the texts of a bag's values.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    walk: Option<Walk<'a>>,
}

impl<'a> Iterator for Entries<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        let entry = self.walk.as_mut()?.entry();
        if entry.is_none() {
            self.walk = None;
        }
        entry
    }
}

/// A place within a container, before an element.
#[derive(Clone, Debug)]
struct Walk<'a> {
    rest: &'a str,
}

impl<'a> Walk<'a> {
    fn into_container(json: &'a str, open: u8) -> Option<Self> {
        let mut walk = Walk { rest: json.trim_ascii_start() };
        walk.take(open).then_some(walk)
    }

    /// Reads one element and the comma behind it.
    fn element(&mut self) -> Option<&'a str> {
        let value = self.value()?;
        self.after_value()?;
        Some(value)
    }

    /// Reads one key, its value and the comma behind it.
    fn entry(&mut self) -> Option<(&'a str, &'a str)> {
        self.rest = self.rest.trim_ascii_start();
        if !self.rest.starts_with('"') {
            return None;
        }
        let key = self.value()?;
        self.rest = self.rest.trim_ascii_start();
        if !self.take(b':') {
            return None;
        }
        let value = self.value()?;
        self.after_value()?;
        Some((key, value))
    }

    fn value(&mut self) -> Option<&'a str> {
        self.rest = self.rest.trim_ascii_start();
        let (value, rest) = self.rest.split_at_checked(value_len(self.rest.as_bytes())?)?;
        self.rest = rest;
        Some(value)
    }

    /// Skips a comma; at the end of the container it leaves nothing to read.
    fn after_value(&mut self) -> Option<()> {
        self.rest = self.rest.trim_ascii_start();
        if self.take(b',') {
            return Some(());
        }
        let is_closed = self.rest.starts_with([']', '}']);
        self.rest = "";
        is_closed.then_some(())
    }

    fn take(&mut self, byte: u8) -> bool {
        match self.rest.strip_prefix(char::from(byte)) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

/// Returns how many bytes the value at the start takes, or `None` if there is none or it is cut off.
fn value_len(bytes: &[u8]) -> Option<usize> {
    match bytes.first()? {
        b'"' => string_len(bytes),
        b'{' | b'[' => container_len(bytes),
        b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => Some(
            bytes
                .iter()
                .position(|byte| {
                    matches!(byte, b',' | b']' | b'}' | b':') || byte.is_ascii_whitespace()
                })
                .unwrap_or(bytes.len()),
        ),
        _ => None,
    }
}

/// Returns the length of the string at the start, both quotes included.
pub(super) fn string_len(bytes: &[u8]) -> Option<usize> {
    let mut at = 1usize;
    loop {
        let rest = bytes.get(at..)?;
        let found = memchr2(b'"', b'\\', rest)?;
        let after = at.checked_add(found)?.checked_add(1)?;
        if rest.get(found) == Some(&b'"') {
            return Some(after);
        }
        // A backslash: the byte behind it is no closing quote.
        at = after.checked_add(1)?;
    }
}

/// Returns the length of the array or bag at the start, brackets included.
fn container_len(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (0usize, 0usize);
    loop {
        match bytes.get(at)? {
            b'"' => {
                at = at.checked_add(string_len(bytes.get(at..)?)?)?;
                continue;
            }
            b'{' | b'[' => depth = depth.checked_add(1)?,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        at = at.checked_add(1)?;
        if depth == 0 {
            return Some(at);
        }
    }
}
