//! Objects that hold many records in an array: what services answer, and what they hand on in one go.
//!
//! `{"records":[…]}` is a message of Azure's diagnostics, also below `body`; advanced hunting answers
//! with `Results` behind the columns' types. Such an object may be as large as all its records, so
//! that it is not read as one.

/// Keys under which the records are.
const HOLDERS: [&[u8]; 6] = [b"records", b"Records", b"results", b"Results", b"value", b"values"];
/// Keys that may stand before them.
const BESIDE: [&[u8]; 10] = [
    b"@odata.context",
    b"@odata.count",
    b"ExecutionTime",
    b"QuotaUsage",
    b"Schema",
    b"Stats",
    b"count",
    b"schema",
    b"stats",
    b"x-opt-enqueued-time",
];
/// A key that only wraps.
const WRAPPER: &[u8] = b"body";

/// What an object is that starts here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// An envelope: its records start behind so many bytes, within so many objects.
    Records { len: usize, depth: usize },
    /// A record, or whatever else.
    Other,
    /// Its beginning is not all here.
    Unknown,
}

/// Looks at the beginning of an object.
pub(crate) fn look(bytes: &[u8]) -> Found {
    let mut at = Scan { bytes, at: 0 };
    let mut depth = 0_usize;
    if !at.take(b'{') {
        return Found::Other;
    }
    depth = depth.saturating_add(1);
    loop {
        let Some(first) = at.peek() else { return Found::Unknown };
        if first != b'"' {
            return Found::Other;
        }
        let Some(key) = at.string() else { return Found::Unknown };
        if at.peek().is_none() {
            return Found::Unknown;
        }
        if !at.take(b':') {
            return Found::Other;
        }
        let Some(value) = at.peek() else { return Found::Unknown };
        match value {
            b'[' if HOLDERS.contains(&key) => {
                at.take(b'[');
                return match at.peek() {
                    None => Found::Unknown,
                    Some(b'{' | b']') => Found::Records { len: at.at, depth },
                    Some(_) => Found::Other,
                };
            }
            b'{' if key == WRAPPER => {
                at.take(b'{');
                depth = depth.saturating_add(1);
                continue;
            }
            _ if !BESIDE.contains(&key) => return Found::Other,
            _ => {}
        }
        match at.value() {
            None => return Found::Unknown,
            Some(()) if at.peek().is_none() => return Found::Unknown,
            Some(()) => {}
        }
        if !at.take(b',') {
            return Found::Other;
        }
    }
}

/// Tells whether a text starts with an envelope; one that is cut short may be one.
pub(crate) fn starts(text: &str) -> bool {
    let start = text.trim_start();
    let first = start.strip_prefix('[').unwrap_or(start).trim_start();
    matches!(look(first.as_bytes()), Found::Records { .. })
}

/// A place in some bytes of JSON.
struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    /// Returns the next byte that is no white space, without taking it.
    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            if !byte.is_ascii_whitespace() {
                return Some(byte);
            }
            self.step();
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        if found {
            self.step();
        }
        found
    }

    fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    /// Takes a string and returns what is between its quotes.
    fn string(&mut self) -> Option<&'a [u8]> {
        self.take(b'"');
        let start = self.at;
        loop {
            match self.bytes.get(self.at)? {
                b'"' => break,
                b'\\' => self.at = self.at.saturating_add(2),
                _ => self.step(),
            }
        }
        let content = self.bytes.get(start..self.at);
        self.step();
        content
    }

    /// Takes a value of any kind.
    fn value(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                }
                b'{' | b'[' => {
                    depth = depth.saturating_add(1);
                    self.step();
                    continue;
                }
                b'}' | b']' => {
                    if depth == 0 {
                        return Some(());
                    }
                    depth = depth.saturating_sub(1);
                    self.step();
                }
                b',' | b':' if depth > 0 => {
                    self.step();
                    continue;
                }
                b',' => return Some(()),
                _ => self.scalar()?,
            }
            if depth == 0 {
                return Some(());
            }
        }
    }

    fn scalar(&mut self) -> Option<()> {
        loop {
            let byte = self.bytes.get(self.at)?;
            if matches!(byte, b',' | b'}' | b']' | b':') || byte.is_ascii_whitespace() {
                return Some(());
            }
            self.step();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(text: &str) -> Option<(&str, usize)> {
        match look(text.as_bytes()) {
            Found::Records { len, depth } => Some((&text[len..], depth)),
            Found::Other | Found::Unknown => None,
        }
    }

    #[test]
    fn envelopes_are_known_by_their_first_keys() {
        assert_eq!(rest(r#"{"records":[{"a":1}]}"#), Some((r#"{"a":1}]}"#, 1)));
        assert_eq!(rest(r#"{ "body": {"records" : [ {}"#), Some(("{}", 2)));
        let answer = r#"{"Stats":{"x":[1,"}"]},"Schema":[{"Name":"T"}],"Results":[{}]}"#;
        assert_eq!(rest(answer), Some(("{}]}", 1)));
        assert_eq!(rest(r#"{"value":[]}"#), Some(("]}", 1)));
    }

    #[test]
    fn other_objects_are_none() {
        for text in [
            r#"{"time":"x","records":[{}]}"#,
            r#"{"records":[1]}"#,
            r#"{"records":{}}"#,
            r#"{"Schema":[{}]}"#,
            "{}",
            "[]",
        ] {
            assert_eq!(look(text.as_bytes()), Found::Other, "{text}");
        }
    }

    #[test]
    fn a_beginning_may_say_nothing_yet() {
        let text = r#"{"Stats":{"x":1.5},"Results":[{"#;
        for len in 1..text.len() - 1 {
            assert_eq!(look(&text.as_bytes()[..len]), Found::Unknown, "{}", &text[..len]);
        }
    }
}
