//! Framing of JSON that is not one object per line: pretty-printed objects, arrays of objects, objects
//! that hold such arrays, and tables whose rows are arrays.

use std::{ops::Range, sync::Arc};

use memchr::memchr;

use super::{
    columns::Columns,
    cursor::Cursor,
    envelope::{self, Array, Found},
    extent::{End, container_end, line_end},
    frame::{Frame, Frames, Rows, Seen, is_rows},
    probe::Probe,
};
use crate::text::block::Framing;

/// Bytes of an object that has no end in sight, behind which it is judged by its beginning.
const LARGE: usize = 1 << 20;

/// What tells of a whole object whether it is a record.
pub(crate) trait Judge: Send {
    /// Tells whether the object itself is a record.
    fn is_record(&self, object: &str) -> bool;

    /// Tells whether the object is a record, or one is in it that is wrapped.
    fn has_record(&self, object: &str) -> bool;
}

/// Objects one after the other, with nothing, commas or brackets of an array between them.
///
/// An object that never ends is cut where the next one starts: at an opening brace on a line of
/// its own with the same indentation. What is no object is a record up to the end of its line, for
/// the reader of records to refuse. An object that is an envelope is opened, and what is in it taken
/// for records; the rest of it is passed over.
pub(crate) struct Values<'s> {
    /// Bytes before the next record on its line if they are blank.
    indentation: Option<usize>,
    /// What is around the next record, outermost first.
    open: Vec<Open>,
    judge: Box<dyn Judge + 's>,
    /// The first key of the record before, which its siblings have too.
    first_key: Vec<u8>,
    /// Bytes behind which an object is judged by its beginning.
    large: usize,
    /// What has been told of tables.
    frames: Frames,
    /// The columns of the rows in the current block.
    columns: Option<Columns>,
}

/// Something that has been opened and not closed.
enum Open {
    /// An array of records.
    Records,
    /// An array of rows, each an array.
    Rows(Columns),
    /// An envelope, among its members.
    Envelope(Frame),
}

/// What a step of the framing came to.
enum Step {
    /// The place where to go on.
    To(usize),
    /// What is there is not whole.
    Wait,
    /// A record, and where to go on behind it.
    Record(Range<usize>),
}

impl<'s> Values<'s> {
    /// Returns a framing at the start of a text; records have at most `record_bytes`.
    pub(crate) fn new(judge: Box<dyn Judge + 's>, record_bytes: usize) -> Self {
        Self {
            indentation: Some(0),
            open: Vec::new(),
            judge,
            first_key: Vec::new(),
            large: LARGE.min(record_bytes.div_euclid(2)),
            frames: Frames::default(),
            columns: None,
        }
    }

    /// Takes what stands at the start of `rest` where a record, or the end of its array, may stand.
    fn record(&mut self, rest: &[u8], is_end: bool, is_row: bool) -> Step {
        match rest.first() {
            Some(b'[') if is_row => match container_end(rest, None, is_end) {
                End::At(len) => Step::Record(0..len),
                End::Beyond => Step::Wait,
            },
            Some(b'[') => {
                self.open.push(Open::Records);
                Step::To(1)
            }
            Some(b']') => {
                if matches!(self.open.last(), Some(Open::Records | Open::Rows(_))) {
                    self.open.pop();
                }
                Step::To(1)
            }
            Some(b'{') => self.object(rest, is_end, is_row),
            _ => self.garbage(rest, is_end),
        }
    }

    fn object(&mut self, rest: &[u8], is_end: bool, is_row: bool) -> Step {
        let end = match container_end(rest, self.indentation, is_end) {
            End::At(len) => Some(len),
            End::Beyond if rest.len() < self.large => return Step::Wait,
            End::Beyond => None,
        };
        let bytes = end.and_then(|len| rest.get(..len)).unwrap_or(rest);
        let len = bytes.len();
        let key = first_key(bytes);
        if end.is_some() && (is_row || !key.is_empty() && key == self.first_key) {
            return Step::Record(0..len);
        }
        let text = start_of_utf8(bytes);
        if Probe::new(text).is_none() {
            // Cut where it seemed to end, or so large that its end is not here.
            let has_record = |object: &str| self.judge.has_record(object);
            return match envelope::look(start_of_utf8(rest), &has_record) {
                Found::Records => self.enter(),
                Found::Nothing | Found::Other if end.is_none() => Step::Wait,
                Found::Nothing | Found::Other => Step::Record(0..len),
            };
        }
        if let Some(frame) = Frame::of(text) {
            return match self.frames.see(&frame) {
                Seen::Rows => self.enter(),
                Seen::Told => Step::To(len),
                Seen::Error => Step::Record(0..len),
            };
        }
        if self.judge.is_record(text) {
            self.first_key = key.to_vec();
            return Step::Record(0..len);
        }
        let has_record = |object: &str| self.judge.has_record(object);
        match envelope::look(text, &has_record) {
            Found::Records => self.enter(),
            Found::Nothing => Step::To(len),
            Found::Other => Step::Record(0..len),
        }
    }

    fn enter(&mut self) -> Step {
        self.open.push(Open::Envelope(Frame::default()));
        self.first_key.clear();
        Step::To(1)
    }

    /// Takes what is no JSON, or none that stands where it may: a record up to the end of its line.
    fn garbage(&mut self, rest: &[u8], is_end: bool) -> Step {
        match line_end(rest, is_end) {
            End::At(len) => {
                // Whatever this is, it may hold the end of what is open.
                self.open.clear();
                Step::Record(0..len)
            }
            End::Beyond => Step::Wait,
        }
    }

    /// Takes a member of an envelope, or its end.
    fn member(&mut self, rest: &str, is_end: bool) -> Step {
        match rest.as_bytes().first() {
            Some(b'}') => {
                self.open.pop();
                return Step::To(1);
            }
            Some(b'"') => {}
            _ => return self.garbage(rest.as_bytes(), is_end),
        }
        // What the text ends within is not known before there is more.
        let cut = if is_end { Step::To(rest.len()) } else { Step::Wait };
        let mut cursor = Cursor::new(rest);
        let Ok(key) = cursor.string() else { return cut };
        match cursor.peek() {
            Some(b':') => cursor.take(b':'),
            Some(_) => return self.garbage(rest.as_bytes(), is_end),
            None => return cut,
        };
        let Some(first) = cursor.peek() else { return cut };
        let at = cursor.offset();
        let value = rest.get(at..).unwrap_or_default();
        let whole = cursor.value().ok().filter(|_| is_end || cursor.offset() < rest.len());
        match (first, whole) {
            (b'{', whole) => self.inner_object(key, value, whole, at).unwrap_or(cut),
            (b'[', whole) => self.inner_array(key, value, whole, at).unwrap_or(cut),
            (_, Some(whole)) => {
                self.note(key, whole);
                Step::To(cursor.offset())
            }
            (_, None) => cut,
        }
    }

    /// Takes an object in an envelope; `None` if there is not enough of it.
    fn inner_object(
        &mut self,
        key: &str,
        value: &str,
        whole: Option<&str>,
        at: usize,
    ) -> Option<Step> {
        let behind = |text: &str| at.saturating_add(text.len());
        if let Some(whole) = whole
            && (key == "error" || self.judge.is_record(whole))
        {
            return Some(Step::Record(at..behind(whole)));
        }
        let is_judged = whole.is_some() || value.len() >= self.large;
        let has_record = |object: &str| self.judge.has_record(object);
        if is_judged && envelope::look(value, &has_record) == Found::Records {
            self.open.push(Open::Envelope(Frame::default()));
            return Some(Step::To(at.saturating_add(1)));
        }
        let whole = whole?;
        let is_wrapped = self.judge.has_record(whole);
        Some(if is_wrapped { Step::Record(at..behind(whole)) } else { Step::To(behind(whole)) })
    }

    /// Takes an array in an envelope; `None` if there is not enough of it.
    fn inner_array(
        &mut self,
        key: &str,
        value: &str,
        whole: Option<&str>,
        at: usize,
    ) -> Option<Step> {
        let inside = at.saturating_add(1);
        let behind = whole.map(|whole| at.saturating_add(whole.len()));
        match envelope::kind_of_array(value) {
            Array::OfObjects => {
                let has_record = |object: &str| self.judge.has_record(object);
                let is_judged = whole.is_some() || value.len() >= self.large;
                let is_holder = envelope::HOLDERS.contains(&key);
                if is_holder || is_judged && envelope::holds_records(value, &has_record) {
                    self.open.push(Open::Records);
                    self.first_key.clear();
                    return Some(Step::To(inside));
                }
            }
            Array::OfArrays => {
                let Some(Open::Envelope(frame)) = self.open.last_mut() else { return None };
                let mut rows = self.frames.rows(frame);
                if rows == Rows::Unknown {
                    let rest = value.get(whole?.len()..).unwrap_or_default();
                    if !frame.look_ahead(rest) {
                        return None;
                    }
                    rows = self.frames.rows(frame);
                }
                match rows {
                    Rows::Result(columns) => {
                        self.open.push(Open::Rows(columns));
                        return Some(Step::To(inside));
                    }
                    // With its key, the member is a record to be refused.
                    Rows::Replacing => return Some(Step::Record(0..behind?)),
                    Rows::Unknown if is_rows(key) => return Some(Step::Record(0..behind?)),
                    Rows::Beside | Rows::Unknown => {}
                }
            }
            Array::Empty | Array::OfOthers => {}
        }
        self.note(key, whole?);
        behind.map(Step::To)
    }

    fn note(&mut self, key: &str, value: &str) {
        if let Some(Open::Envelope(frame)) = self.open.last_mut() {
            frame.note(key, value);
        }
    }
}

impl Framing for Values<'_> {
    fn frame(&mut self, bytes: &[u8], is_end: bool, records: &mut Vec<Range<usize>>) -> usize {
        // Only envelopes ask for it.
        let mut text = None;
        let mut at = 0_usize;
        while let Some(byte) = bytes.get(at) {
            let next = at.saturating_add(1);
            match byte {
                b'\n' => self.indentation = Some(0),
                b' ' | b'\t' => {
                    self.indentation = self.indentation.map(|width| width.saturating_add(1));
                }
                b'\r' | b',' => self.indentation = None,
                _ => {
                    let rest = bytes.get(at..).unwrap_or_default();
                    let step = match self.open.last() {
                        Some(Open::Envelope(_)) => {
                            let text = *text.get_or_insert_with(|| start_of_utf8(bytes));
                            self.member(text.get(at..).unwrap_or_default(), is_end)
                        }
                        Some(Open::Rows(columns)) if *byte == b'[' => {
                            // All rows of a block have the same columns.
                            let is_same =
                                self.columns.as_ref().is_some_and(|it| it.are_those_of(columns));
                            if !is_same && !records.is_empty() {
                                return at;
                            }
                            self.columns = Some(columns.clone());
                            self.record(rest, is_end, true)
                        }
                        Some(Open::Rows(_)) => self.record(rest, is_end, true),
                        Some(Open::Records) | None => self.record(rest, is_end, false),
                    };
                    let end = match step {
                        Step::Wait => return at,
                        Step::To(end) => at.saturating_add(end),
                        Step::Record(range) => {
                            if *byte == b'[' {
                                self.frames.count_row();
                            }
                            let end = at.saturating_add(range.end);
                            records.push(at.saturating_add(range.start)..end);
                            end
                        }
                    };
                    let ends_line = bytes.get(end.saturating_sub(1)) == Some(&b'\n');
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
        !self.open.is_empty()
    }

    fn dropped(&mut self) {
        self.indentation = Some(0);
    }

    fn columns(&self) -> Option<Arc<[String]>> {
        self.columns.as_ref().map(Columns::names)
    }
}

/// Returns the text that some bytes are, as far as they are.
fn start_of_utf8(bytes: &[u8]) -> &str {
    match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            str::from_utf8(valid).unwrap_or_default()
        }
    }
}

/// Returns the first key of an object as it is written, empty if there is none.
fn first_key(object: &[u8]) -> &[u8] {
    let inside = object.strip_prefix(b"{").unwrap_or_default().trim_ascii_start();
    let key = inside.strip_prefix(b"\"").and_then(|rest| rest.get(..memchr(b'"', rest)?));
    key.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{request::Limits, text::block::BlockReader};

    /// Takes objects for records that have a key of one letter from the start of the alphabet.
    struct ByKey;

    impl Judge for ByKey {
        fn is_record(&self, object: &str) -> bool {
            ["a", "b", "c"].iter().any(|key| Probe::new(object).is_some_and(|it| it.has(&[key])))
        }

        fn has_record(&self, object: &str) -> bool {
            self.is_record(object)
        }
    }

    fn records(text: &str, block_bytes: usize) -> Vec<String> {
        let limits = Limits { block_bytes, record_bytes: 1000, ..Limits::default() };
        let framing = Box::new(Values::new(Box::new(ByKey), limits.record_bytes));
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
