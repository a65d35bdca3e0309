//! JSON lines that are appended to, and rotate.
//!
//! A file goes on with a stream if what it begins with is what has been read of the stream: its hash is in the
//! ledger with each place. It does not matter what the file is called, so that a log that is renamed, or copied
//! and truncated, goes on where it was. One that has only a part of what was read of a stream, as a copy that
//! was made earlier has, goes on as a stream of its own.

use std::path::Path;

use lake::Cursor;
use serde::de::IgnoredAny;
use sha2::{Digest, Sha256};
use sources::{KnownTables, Piece};

use super::{
    Kind, Look, Next, PIECE_BYTES, SETTLED, Stuck, Work,
    streams::{LinesPlace, LinesState, digest, hashed, piece_of},
};

/// Bytes in which the first line has to end.
pub(super) const MOST_FIRST: u64 = 256 << 10;
/// Bytes before the place that are looked at to see whether the file is what it was.
const TAIL: u64 = 1 << 10;
/// What a file of text may begin with.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// A file with JSON lines, and how far it has been read.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    stream: String,
    first_line: String,
    /// Bytes that have been read.
    offset: u64,
    records: u64,
    /// Over these bytes.
    hash: Sha256,
    /// The last of these bytes.
    tail: Vec<u8>,
}

/// What the beginning of a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Recognised {
    Lines,
    /// They may become some.
    Unfinished,
    Other,
}

/// Tells whether a file has a JSON record in each line.
pub(super) fn recognise(path: &Path, head: &[u8], len: u64, known: &KnownTables) -> Recognised {
    if sources::is_json_lines(path, head, known) {
        return Recognised::Lines;
    }
    let text = head.strip_prefix(MARK).unwrap_or(head).trim_ascii_start();
    let is_whole_head = u64::try_from(head.len()) == Ok(len);
    let may_become = text.is_empty() || text.starts_with(b"{") && !text.contains(&b'\n');
    if is_whole_head && may_become { Recognised::Unfinished } else { Recognised::Other }
}

/// Returns the hash of the first line of a text, its end left out.
pub(super) fn first_line(head: &[u8]) -> String {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or(head);
    digest(&Sha256::new().chain_update(line.trim_ascii_end()))
}

impl Lines {
    /// Finds the stream that a file goes on with, or starts one; `None` as long as nothing can be said.
    pub(super) fn adopt(look: &mut Look<'_>) -> Result<Option<Self>, Stuck> {
        let first_line = first_line(&look.read(0, MOST_FIRST)?);
        let mut lines = Self {
            stream: String::new(),
            first_line,
            offset: 0,
            records: 0,
            hash: Sha256::new(),
            tail: Vec::new(),
        };
        let of_streams = look.streams.with_first_line(&lines.first_line);
        let mut places: Vec<LinesPlace> = of_streams.to_vec();
        // What `quarry ingest` has read of it has been read.
        places.extend(look.streams.whole_up_to(look.entry.len).map(|(offset, file)| LinesPlace {
            offset,
            state: LinesState {
                path: file.path.clone(),
                first_line: lines.first_line.clone(),
                sha256: file.sha256.clone(),
                records: file.records,
            },
            stream: String::new(),
            is_last: false,
        }));
        places.retain(|place| place.offset <= look.entry.len);
        // Of several at one place, the one that goes on there is the last.
        places.sort_by_key(|place| (place.offset, place.is_last));
        let (mut hash, mut at) = (Sha256::new(), 0_u64);
        for place in places {
            hash = hashed(look.entry, hash, at, place.offset)?;
            at = place.offset;
            // A file that was read whole may have ended within a line, which is none of this file's records,
            // however alike they begin.
            if digest(&hash) == place.state.sha256 && is_end_of_line(look, at)? {
                lines.stream = if place.is_last { place.stream } else { String::new() };
                (lines.offset, lines.records) = (at, place.state.records);
                lines.hash = hash.clone();
            }
        }
        // A copy that is being made has a part of what was read of its log, and will have all of it.
        let is_part = lines.stream.is_empty() && lines.offset > 0;
        if is_part && lines.offset < look.entry.len && look.has_patience {
            return Ok(None);
        }
        if lines.stream.is_empty() {
            lines.stream = look.streams.fresh(look.entry, &lines.first_line)?;
        }
        lines.tail = look.read(lines.offset.saturating_sub(TAIL), TAIL.min(lines.offset))?.to_vec();
        Ok(Some(lines))
    }

    /// Returns how many bytes have been read.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    pub(super) fn work(self, look: &mut Look<'_>) -> Result<Work, Stuck> {
        let lines = if self.goes_on(look)? { Some(self) } else { Self::adopt(look)? };
        let Some(lines) = lines else { return Ok(Work::Wait(Kind::New)) };
        let bytes = look.read(lines.offset, PIECE_BYTES)?;
        let end = match memchr::memrchr(b'\n', &bytes) {
            Some(at) => at.saturating_add(1),
            // A line as long as this is rejected, in parts.
            None if u64::try_from(bytes.len()) == Ok(PIECE_BYTES) => bytes.len(),
            None if look.quiet >= SETTLED && is_object(&bytes) => bytes.len(),
            None => return Ok(Work::Wait(Kind::Lines(lines))),
        };
        let piece = bytes.get(..end).unwrap_or_default();
        let (then, records) = lines.behind(piece);
        if records == 0 {
            return Ok(Work::Wait(Kind::Lines(then)));
        }
        let mut held = look.intake.enter();
        held.grow_to_whole(piece.len())?;
        let text =
            if lines.offset == 0 { piece.strip_prefix(MARK).unwrap_or(piece) } else { piece };
        let offer = piece_of(
            &look.entry.path,
            text.to_vec(),
            &lines.stream,
            lines.offset,
            then.cursor(&sources::path_text(&look.entry.path)),
            Piece::Lines { before: lines.records },
        );
        let bytes = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        Ok(Work::Offer(Box::new(Next { offer, bytes, then: Kind::Lines(then), held })))
    }

    /// Tells whether the file is what it was, as far as it has been read.
    fn goes_on(&self, look: &Look<'_>) -> Result<bool, Stuck> {
        let tail = u64::try_from(self.tail.len()).unwrap_or(u64::MAX);
        let start = self.offset.saturating_sub(tail);
        Ok(look.entry.len >= self.offset && look.read(start, tail)? == self.tail)
    }

    /// Returns what the file is when a piece has been read, and how many records the piece has.
    fn behind(&self, piece: &[u8]) -> (Self, u64) {
        let lines = piece.split(|byte| *byte == b'\n');
        let records = lines.filter(|line| !line.trim_ascii().is_empty()).count();
        let records = u64::try_from(records).unwrap_or(u64::MAX);
        let mut tail = self.tail.clone();
        tail.extend_from_slice(piece);
        let most = usize::try_from(TAIL).unwrap_or(usize::MAX);
        tail.drain(..tail.len().saturating_sub(most));
        let then = Self {
            offset: self.offset.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX)),
            records: self.records.saturating_add(records),
            hash: self.hash.clone().chain_update(piece),
            tail,
            ..self.clone()
        };
        (then, records)
    }

    /// Returns what the ledger keeps of the place.
    fn cursor(&self, path: &str) -> Cursor {
        let state = LinesState {
            path: path.to_owned(),
            first_line: self.first_line.clone(),
            sha256: digest(&self.hash),
            records: self.records,
        };
        Cursor { position: self.offset, state: super::streams::json(&state) }
    }
}

/// Tells whether a line ends at a place of a file, or has ended before it.
fn is_end_of_line(look: &Look<'_>, offset: u64) -> Result<bool, Stuck> {
    if offset == 0 || offset == look.entry.len {
        return Ok(true);
    }
    let around = look.read(offset.saturating_sub(1), 2)?;
    Ok(matches!(&*around, [b'\n', _] | [_, b'\n' | b'\r']))
}

/// Tells whether a text is a JSON object and nothing else, so that nothing can follow in its line.
fn is_object(text: &[u8]) -> bool {
    text.trim_ascii_start().starts_with(b"{") && serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_known_when_the_first_one_is_there() {
        let known = KnownTables::default();
        let event = r##"{"Event":{"System":{"EventID":1,"Channel":"a","Provider":{"#attributes":{"Name":"p"}},"TimeCreated":{"#attributes":{"SystemTime":"2024-05-01T10:00:00Z"}},"Computer":"c"},"EventData":{}}}"##;
        let of = |text: &str| {
            let len = u64::try_from(text.len()).unwrap();
            recognise(Path::new("x"), text.as_bytes(), len, &known)
        };
        assert_eq!(of(&format!("{event}\n")), Recognised::Lines);
        assert_eq!(of(&format!("\u{feff}{event}\n{{")), Recognised::Lines);
        assert_eq!(of(&event[..40]), Recognised::Unfinished);
        assert_eq!(of(""), Recognised::Unfinished);
        assert_eq!(of("{\n  \"a\": 1"), Recognised::Other);
        assert_eq!(of("a,b\n1,2\n"), Recognised::Other);
    }
}
