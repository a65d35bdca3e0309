//! Framing of JSON that is not one object per line: pretty-printed objects, and arrays of objects.

use std::ops::Range;

use memchr::memchr;

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
        Self { indentation: Some(0), in_array: false }
    }
}

impl Framing for Values {
    fn frame(&mut self, bytes: &[u8], is_end: bool, records: &mut Vec<Range<usize>>) -> usize {
        let mut at = 0_usize;
        while let Some(byte) = bytes.get(at) {
            let next = at.saturating_add(1);
            match byte {
                b'\n' => self.indentation = Some(0),
                b' ' | b'\t' => {
                    self.indentation = self.indentation.map(|width| width.saturating_add(1));
                }
                b'\r' | b',' => self.indentation = None,
                b'[' | b']' => {
                    self.indentation = None;
                    self.in_array = *byte == b'[';
                }
                _ => {
                    let rest = bytes.get(at..).unwrap_or_default();
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
        self.in_array
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
        let mut reader =
            BlockReader::new(Box::new(text.as_bytes()), Box::new(Values::new()), limits);
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
    fn a_broken_object_does_not_swallow_the_next() {
        let text = "{\n  \"a\": {\n    \"x\": 1\n{\n  \"b\": 1\n}\ngarbage\n{\"c\": \"cut\n{}\n";
        let expected =
            ["{\n  \"a\": {\n    \"x\": 1", "{\n  \"b\": 1\n}", "garbage", "{\"c\": \"cut", "{}"];
        for block_bytes in 1..60 {
            assert_eq!(records(text, block_bytes), expected);
        }
    }
}
