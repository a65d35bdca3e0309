//! Finding the events of an XML text: elements `Event`, one after the other or in one `Events`.

use std::ops::Range;

use memchr::{memchr, memmem};

use crate::text::block::Framing;

const START: &[u8] = b"<Event";
const END: &[u8] = b"</Event>";

/// Events are records; so is whatever else is there but does not belong to any of the arrangements
/// in which events are written.
#[derive(Debug)]
pub(crate) struct Events;

impl Framing for Events {
    fn frame(&mut self, bytes: &[u8], is_end: bool, records: &mut Vec<Range<usize>>) -> usize {
        let mut at = 0_usize;
        while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
            if rest.first().is_some_and(u8::is_ascii_whitespace) {
                at = at.saturating_add(1);
                continue;
            }
            let is_event = starts_event(rest);
            // A start tag may be cut in two.
            if !is_end && rest.len() <= START.len().saturating_add(1) {
                return at;
            }
            let len = if is_event { event_end(rest) } else { other_end(rest) };
            let len = match len {
                Some(len) => len,
                None if is_end => rest.len(),
                None => return at,
            };
            let end = at.saturating_add(len);
            let record = bytes.get(at..end).unwrap_or_default();
            if is_event || !is_filler(record) {
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

/// Tells whether an element `Event` starts here, and not one whose name only starts so.
pub(crate) fn starts_event(bytes: &[u8]) -> bool {
    let behind = bytes.strip_prefix(START).and_then(<[u8]>::first);
    behind.is_some_and(|byte| byte.is_ascii_whitespace() || *byte == b'>')
}

/// Returns the offset of the first element `Event`.
pub(crate) fn find_event(bytes: &[u8]) -> Option<usize> {
    memmem::find_iter(bytes, START).find(|at| starts_event(bytes.get(*at..).unwrap_or_default()))
}

/// Finds the end of the event that `bytes` start with: its end tag, or where another one starts.
fn event_end(bytes: &[u8]) -> Option<usize> {
    let end = memmem::find(bytes, END).map(|at| at.saturating_add(END.len()));
    let within = bytes.get(START.len()..end.unwrap_or(bytes.len())).unwrap_or_default();
    let next = find_event(within).map(|at| at.saturating_add(START.len()));
    next.or(end)
}

/// Finds the end of what is no event: that of its line, or where an event starts.
fn other_end(bytes: &[u8]) -> Option<usize> {
    let line = memchr(b'\n', bytes).map(|at| at.saturating_add(1));
    let within = bytes.get(..line.unwrap_or(bytes.len())).unwrap_or_default();
    find_event(within).or(line)
}

/// Tells whether some text is what stands around events: declarations, the element that holds them
/// all, comments of one line, the number that `evtx_dump` writes before each.
pub(crate) fn is_filler(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let text = text.trim();
    let numbered = text.strip_prefix("Record ");
    text.is_empty()
        || (text.starts_with("<?") && text.ends_with("?>"))
        || (text.starts_with("<!--") && text.ends_with("-->"))
        || (text.starts_with("<Events") && text.ends_with('>'))
        || (text.starts_with("<?") && text.ends_with('>') && text.contains("<Events"))
        || text == "</Events>"
        || numbered.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
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
            "<!-- made -->\n<Events>\n  <Event><EventData/></Event>\n  <Event xmlns='x'>\n</Event>\n</Events>",
        ] {
            for block_bytes in 1..80 {
                assert_eq!(records(text, block_bytes), expected, "{text} by {block_bytes}");
            }
        }
    }

    #[test]
    fn what_is_no_event_is_a_record_to_be_refused() {
        let found = records("garbage\n<Event>1<Event>2</Event>\n<Event>3", 1000);
        assert_eq!(found, ["garbage", "<Event>1", "<Event>2</Event>", "<Event>3"]);
    }
}
