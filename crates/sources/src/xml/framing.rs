//! Finding the events of an XML text, whatever stands around them.
//!
//! Events may be in an element of any name, or in none; declarations, comments and text may be between
//! them, as tools that recover events write them. What holds a piece of an event is a record as well,
//! for the reader of records to refuse, and so are bytes that are no text.

use std::ops::Range;

use memchr::{memchr, memmem};

use crate::text::block::Framing;

const NAME: &[u8] = b"Event";
/// Bytes that a prefix of a namespace may have.
const MAX_PREFIX: usize = 32;

/// Elements that stand in events and nowhere else: what starts with one of them is a piece of an event.
const OF_EVENTS: [&[u8]; 11] = [
    NAME,
    b"System",
    b"EventData",
    b"UserData",
    b"RenderingInfo",
    b"Data",
    b"Provider",
    b"EventID",
    b"TimeCreated",
    b"EventRecordID",
    b"Keywords",
];

/// Events are records, and what is left of events.
#[derive(Debug)]
pub(crate) struct Events;

/// What a text starts with; `None` in the place of a length that the bytes at hand do not tell.
enum Piece {
    Event(Option<usize>),
    /// A piece of an event, or no text.
    Rest(Option<usize>),
    /// What may be around events.
    Filler(Option<usize>),
}

impl Framing for Events {
    fn frame(&mut self, bytes: &[u8], is_end: bool, records: &mut Vec<Range<usize>>) -> usize {
        let mut at = 0_usize;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            if rest.first().is_some_and(u8::is_ascii_whitespace) {
                at = at.saturating_add(1);
                continue;
            }
            let piece = piece(rest, is_end);
            let (Piece::Event(len) | Piece::Rest(len) | Piece::Filler(len)) = piece;
            let end = match len {
                Some(len) => at.saturating_add(len),
                None if is_end => bytes.len(),
                None => return at,
            };
            // What a filler has no end of has lost something.
            if !matches!(piece, Piece::Filler(Some(_))) {
                records.push(at..end);
            }
            at = end;
        }
        at
    }

    fn is_by_line(&self) -> bool {
        false
    }
}

/// Finds what `bytes` start with, which is no blank; `is_end` tells that nothing comes behind them.
fn piece(bytes: &[u8], is_end: bool) -> Piece {
    if bytes.first() != Some(&b'<') {
        let len = memchr(b'<', bytes).or(is_end.then_some(bytes.len()));
        let Some(len) = len else { return Piece::Filler(None) };
        let text = bytes.get(..len).unwrap_or_default();
        return if is_text(text) { Piece::Filler(Some(len)) } else { Piece::Rest(Some(len)) };
    }
    if starts_event(bytes) {
        return Piece::Event(event_end(bytes));
    }
    let behind = |mark: &[u8]| memmem::find(bytes, mark).map(|at| at.saturating_add(mark.len()));
    if bytes.starts_with(b"<!--") {
        return Piece::Filler(behind(b"-->"));
    }
    if bytes.starts_with(b"<!") || bytes.starts_with(b"<?") {
        return Piece::Filler(behind(b">"));
    }
    let inner = bytes.get(1..).unwrap_or_default();
    let Some(end) = inner.iter().position(|byte| matches!(byte, b'<' | b'>')) else {
        return Piece::Rest(None);
    };
    let tag = inner.get(..end).unwrap_or_default();
    if OF_EVENTS.contains(&tag_name(tag)) {
        return Piece::Rest(event_end(bytes));
    }
    // A `<` that no tag follows is text.
    let len =
        if inner.get(end) == Some(&b'>') { end.saturating_add(2) } else { end.saturating_add(1) };
    Piece::Filler(Some(len))
}

/// Returns the name in a tag, without prefix and slashes.
fn tag_name(tag: &[u8]) -> &[u8] {
    let tag = tag.strip_prefix(b"/").unwrap_or(tag);
    let end = tag.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'/');
    let name = tag.get(..end.unwrap_or(tag.len())).unwrap_or_default();
    name.rsplit(|byte| *byte == b':').next().unwrap_or_default()
}

/// Tells whether bytes are text as far as they go.
fn is_text(bytes: &[u8]) -> bool {
    let is_control = |byte: &u8| *byte < 0x20 && !byte.is_ascii_whitespace();
    !bytes.iter().any(is_control)
        && str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true)
}

/// Tells whether an element `Event` starts here, and not one whose name only starts so.
fn starts_event(bytes: &[u8]) -> bool {
    find_event(bytes.get(..bytes.len().min(MAX_PREFIX.saturating_add(8))).unwrap_or(bytes))
        == Some(0)
}

/// Returns the offset of the first element `Event`; its namespace may have a prefix.
pub(crate) fn find_event(bytes: &[u8]) -> Option<usize> {
    memmem::find_iter(bytes, NAME).find_map(|at| {
        let behind = bytes.get(at.checked_add(NAME.len())?)?;
        if !(behind.is_ascii_whitespace() || *behind == b'>') {
            return None;
        }
        opening(bytes, at, b"<")
    })
}

/// Returns where a tag starts whose name, at `at`, may have a prefix before it.
fn opening(bytes: &[u8], at: usize, mark: &[u8]) -> Option<usize> {
    let before = bytes.get(..at)?;
    let before = match before.strip_suffix(b":") {
        Some(prefixed) => {
            let is_name =
                |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
            let len =
                prefixed.iter().rev().take(MAX_PREFIX).take_while(|byte| is_name(byte)).count();
            prefixed.get(..prefixed.len().checked_sub(len)?)?
        }
        None => before,
    };
    before.strip_suffix(mark).map(<[u8]>::len)
}

/// Finds the end of the event that `bytes` start with: its end tag, or where another one starts.
fn event_end(bytes: &[u8]) -> Option<usize> {
    let end = memmem::find_iter(bytes, NAME).find_map(|at| {
        let behind = at.checked_add(NAME.len())?;
        opening(bytes, at, b"</").filter(|_| bytes.get(behind) == Some(&b'>'))?;
        behind.checked_add(1)
    });
    let within = bytes.get(1..end.unwrap_or(bytes.len())).unwrap_or_default();
    let next = find_event(within).map(|at| at.saturating_add(1));
    next.or(end)
}

/// Tells whether a text is of events, of which the first one starts at `at`.
///
/// An event in a value of another format has that format's punctuation before it.
pub(crate) fn is_of_events(bytes: &[u8], at: usize) -> bool {
    let (before, events) = bytes.split_at_checked(at).unwrap_or_default();
    let has_header = memmem::find(events, b"System").is_some();
    let above = before.trim_ascii_end();
    let blanks = before.get(above.len()..).unwrap_or_default();
    let starts_line = above.is_empty()
        || above.ends_with(b">")
        || blanks.iter().any(|blank| matches!(blank, b'\n' | b'\r'));
    has_header && starts_line && !matches!(before.trim_ascii_start().first(), Some(b'{' | b'['))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{request::Limits, text::block::BlockReader};

    fn records(text: &str, block_bytes: usize) -> Vec<String> {
        let limits = Limits { block_bytes, record_bytes: 1000, ..Limits::default() };
        let mut reader = BlockReader::new(Box::new(text.as_bytes()), Box::new(Events), limits);
        let mut found = Vec::new();
        while let Some(block) = reader.next() {
            for (_, record) in block.records() {
                found.push(str::from_utf8(record).unwrap().trim().to_owned());
            }
        }
        found
    }

    #[test]
    fn finds_events_in_any_arrangement() {
        let expected = ["<Event><EventData/></Event>", "<Event xmlns='x'>\n</Event>"];
        for text in [
            "<Event><EventData/></Event><Event xmlns='x'>\n</Event>",
            "<?xml version=\"1.0\"?><Events><Event><EventData/></Event>\r\n<Event xmlns='x'>\n</Event></Events>",
            "Record 1\n<?xml version=\"1.0\"?>\n<Event><EventData/></Event>\n\nRecord 2\n<Event xmlns='x'>\n</Event>\n",
            "<!-- made\n <Event>never</Event> -->\n<Events>\n  <Event><EventData/></Event>\n  <Event xmlns='x'>\n</Event>\n</Events>",
            "<case no='7'><by>é & co</by><found>\n<Event><EventData/></Event> a < b, \n</found><found><Event xmlns='x'>\n</Event></found></case>",
            "<?xml version='1.0'?><Event><EventData/></Event><?xml version='1.0'?><Event xmlns='x'>\n</Event>",
        ] {
            for block_bytes in 1..80 {
                assert_eq!(records(text, block_bytes), expected, "{text} by {block_bytes}");
            }
        }
    }

    #[test]
    fn names_may_have_prefixes() {
        let text =
            "<n:Events><n0:Event><n0:EventData/></n0:Event><n0:Event >2</n0:Event></n:Events>";
        let expected = ["<n0:Event><n0:EventData/></n0:Event>", "<n0:Event >2</n0:Event>"];
        for block_bytes in 1..80 {
            assert_eq!(records(text, block_bytes), expected, "by {block_bytes}");
        }
    }

    #[test]
    fn what_is_left_of_events_is_a_record_to_be_refused() {
        let text = "0x80</Keywords>\n<a/></System></Event><Event>1<Event>2</Event>\n<EventData>\n3";
        let expected = [
            "</Keywords>\n<a/></System></Event>",
            "<Event>1",
            "<Event>2</Event>",
            "<EventData>\n3",
        ];
        for block_bytes in 1..80 {
            assert_eq!(records(text, block_bytes), expected, "by {block_bytes}");
        }
        assert_eq!(
            records("a\u{1}b\n<Event>1</Event>x<Eve", 1000),
            ["a\u{1}b", "<Event>1</Event>", "<Eve"]
        );
    }

    #[test]
    fn an_event_in_a_value_is_not_a_text_of_events() {
        let is_it = |text: &str| {
            find_event(text.as_bytes()).is_some_and(|at| is_of_events(text.as_bytes(), at))
        };
        for text in [
            "<Event><System/></Event>",
            "found 1 of 2\n\n  <Event><System/></Event>",
            "<x><y/> <Event xmlns='z'><System>",
            "\r<p:Event xmlns:p='z'><p:System>",
        ] {
            assert!(is_it(text), "{text}");
        }
        for text in [
            "{\"xml\":\n<Event><System/></Event>\"}",
            "raw,x\n\"<Event><System/></Event>\",1",
            "1,<Event><System/></Event>",
            "<Event><Name>party</Name></Event>",
            "<Events><System/></Events>",
        ] {
            assert!(!is_it(text), "{text}");
        }
    }
}
