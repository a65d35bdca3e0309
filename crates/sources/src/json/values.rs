//! Framing of JSON that is not one object per line: pretty-printed objects, arrays of objects, and
//! objects that hold such an array.

use std::ops::Range;

use memchr::memchr;

use super::envelope::{self, Found};
use crate::text::block::Framing;

/// Objects one after the other, with nothing, commas or brackets of an array between them.
///
/// An object that never ends is cut where the next one starts: at an opening brace on a line of
/// its own with the same indentation. What is no object is a record up to the end of its line, for
/// the reader of records to refuse.
#[derive(Debug)]
pub(crate) struct Values {
    /// Bytes before the next record on its line if they are blank.
    indentation: Option<usize>,
    /// Whether an array has been opened and not closed.
    in_array: bool,
    /// Whether objects may be envelopes.
    has_envelopes: bool,
    /// The objects around the records, and whether those are over.
    envelope: Option<Envelope>,
}

/// What is around records.
#[derive(Clone, Copy, Debug)]
struct Envelope {
    /// Objects that have been opened and not closed.
    depth: usize,
    /// Whether the array of the records is closed.
    is_over: bool,
    /// Whether the place is within a string.
    in_string: bool,
    /// Whether the next byte is escaped.
    is_escaped: bool,
}

impl Envelope {
    /// Takes a byte behind the records; `false` behind the last of all.
    fn goes_on(&mut self, byte: u8) -> bool {
        match byte {
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' if self.in_string => self.is_escaped = true,
            b'"' => self.in_string = !self.in_string,
            b'{' if !self.in_string => self.depth = self.depth.saturating_add(1),
            b'}' if !self.in_string => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
        self.depth > 0
    }
}

/// Where an object ends.
enum End {
    /// Behind its closing brace, or where it is cut.
    At(usize),
    /// Not within the bytes there are.
    Beyond,
}

impl Values {
    /// Returns a framing at the start of a text.
    pub(crate) fn new() -> Self {
        Self { indentation: Some(0), in_array: false, has_envelopes: false, envelope: None }
    }

    /// Returns a framing at the start of a text whose objects may hold the records.
    pub(crate) fn with_envelopes() -> Self {
        Self { has_envelopes: true, ..Self::new() }
    }

    /// Returns the bytes up to the records if an envelope starts here; `None` if that is not known.
    fn enter_envelope(&mut self, bytes: &[u8], is_end: bool) -> Option<usize> {
        if !self.has_envelopes || self.envelope.is_some() {
            return Some(0);
        }
        match envelope::look(bytes) {
            Found::Records { len, depth } => {
                let (is_over, in_string, is_escaped) = (false, false, false);
                self.envelope = Some(Envelope { depth, is_over, in_string, is_escaped });
                self.in_array = true;
                Some(len)
            }
            Found::Unknown if !is_end => None,
            Found::Unknown | Found::Other => Some(0),
        }
    }
}

impl Framing for Values {
    fn frame(&mut self, bytes: &[u8], is_end: bool, records: &mut Vec<Range<usize>>) -> usize {
        let mut at = 0_usize;
        while let Some(byte) = bytes.get(at) {
            let next = at.saturating_add(1);
            if let Some(envelope) = self.envelope.as_mut().filter(|envelope| envelope.is_over) {
                if !envelope.goes_on(*byte) {
                    self.envelope = None;
                }
                at = next;
                continue;
            }
            match byte {
                b'\n' => self.indentation = Some(0),
                b' ' | b'\t' => {
                    self.indentation = self.indentation.map(|width| width.saturating_add(1));
                }
                b'\r' | b',' => self.indentation = None,
                b'[' | b']' => {
                    self.indentation = None;
                    self.in_array = *byte == b'[';
                    if let Some(envelope) = &mut self.envelope {
                        envelope.is_over = !self.in_array;
                    }
                }
                _ => {
                    let rest = bytes.get(at..).unwrap_or_default();
                    let Some(envelope_len) = self.enter_envelope(rest, is_end) else { return at };
                    if envelope_len > 0 {
                        at = at.saturating_add(envelope_len);
                        continue;
                    }
                    let end = if *byte == b'{' {
                        object_end(rest, self.indentation, is_end)
                    } else {
                        // Whatever this is, it may hold the array's end.
                        self.in_array = false;
                        line_end(rest, is_end)
                    };
                    let End::At(len) = end else { return at };
                    let end = at.saturating_add(len);
                    records.push(at..end);
                    let ends_line = len > 0 && bytes.get(end.saturating_sub(1)) == Some(&b'\n');
                    self.indentation = ends_line.then_some(0);
                    at = end;
                    continue;
                }
            }
            at = next;
        }
        at
    }

    fn is_by_line(&self) -> bool {
        false
    }

    fn is_unfinished(&self) -> bool {
        self.in_array || self.envelope.is_some()
    }

    fn dropped(&mut self) {
        self.indentation = Some(0);
    }
}

fn line_end(bytes: &[u8], is_end: bool) -> End {
    match memchr(b'\n', bytes) {
        Some(at) => End::At(at.saturating_add(1)),
        None if is_end => End::At(bytes.len()),
        None => End::Beyond,
    }
}

/// Finds the end of the object that `bytes` start with.
fn object_end(bytes: &[u8], indentation: Option<usize>, is_end: bool) -> End {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for (at, byte) in bytes.iter().enumerate() {
        let behind = at.saturating_add(1);
        match byte {
            // A string holds no line break, so that this one has lost its end.
            b'\n' if in_string => return End::At(behind),
            b'\n' => {
                let line = bytes.get(behind..).unwrap_or_default();
                if indentation.is_some_and(|width| starts_object(line, width)) {
                    return End::At(behind);
                }
            }
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' if !in_string => depth = depth.saturating_add(1),
            b'}' if !in_string => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return End::At(behind);
                }
            }
            _ => {}
        }
    }
    if is_end { End::At(bytes.len()) } else { End::Beyond }
}

/// Tells whether a line has an opening brace behind exactly `width` blanks.
fn starts_object(line: &[u8], width: usize) -> bool {
    let blanks = line.get(..width).unwrap_or_default();
    blanks.len() == width
        && blanks.iter().all(|byte| matches!(byte, b' ' | b'\t'))
        && line.get(width) == Some(&b'{')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{request::Limits, text::block::BlockReader};

    fn records(text: &str, block_bytes: usize) -> Vec<String> {
        let limits = Limits { block_bytes, record_bytes: 1000, ..Limits::default() };
        let framing = Box::new(Values::with_envelopes());
        let mut reader = BlockReader::new(Box::new(text.as_bytes()), framing, limits);
        let mut found = Vec::new();
        while let Some(block) = reader.next() {
            for (_, record) in block.records() {
                found.push(str::from_utf8(record).unwrap().trim().to_owned());
            }
        }
        found
    }

    #[test]
    fn finds_objects_in_any_arrangement() {
        let expected = [r#"{"a":"}]\"{"}"#, r#"{"b":{}}"#, "{}"];
        for text in [
            r#"[{"a":"}]\"{"},{"b":{}},{}]"#,
            "[\n  {\"a\":\"}]\\\"{\"},\n  {\"b\":{}}\n  ,{}\n]\n",
            "{\"a\":\"}]\\\"{\"}{\"b\":{}}\r\n{}",
        ] {
            for block_bytes in 1..60 {
                assert_eq!(records(text, block_bytes), expected, "{text} by {block_bytes}");
            }
        }
    }

    #[test]
    fn envelopes_are_opened_and_closed() {
        let text = "{\"records\":[{\"a\":\"]}\"},\n {}]}\n{\"Stats\":{\"x\":1},\"Results\":[\n{\"b\":[1]}\n],\
                    \"Schema\":[{\"Name\":\"}\"}]}\n{\"body\":{\"records\":[]},\"x\":{}}\n{\"c\":1}";
        let expected = ["{\"a\":\"]}\"}", "{}", "{\"b\":[1]}", "{\"c\":1}"];
        for block_bytes in 1..120 {
            assert_eq!(records(text, block_bytes), expected, "by {block_bytes}");
        }
    }

    #[test]
    fn a_broken_object_does_not_swallow_the_next() {
        let text = "{\n  \"a\": {\n    \"x\": 1\n{\n  \"b\": 1\n}\ngarbage\n{\"c\": \"cut\n{}\n";
        let expected =
            ["{\n  \"a\": {\n    \"x\": 1", "{\n  \"b\": 1\n}", "garbage", "{\"c\": \"cut", "{}"];
        for block_bytes in 1..60 {
            assert_eq!(records(text, block_bytes), expected);
        }
    }
}
