//! What the ledger knows of files that were read before: by what a file is found to go on with one of them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    io,
    path::Path,
};

use lake::{Cursor, Identity, Lake, Offer};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sources::{Input, Piece};

use super::{Entry, Stuck};

/// Bytes that are hashed at a time.
const STEP: u64 = 4 << 20;

/// Places of all streams, and what was ingested whole.
#[derive(Debug, Default)]
pub(super) struct Streams {
    /// By the hash of the first line.
    lines: HashMap<String, Vec<LinesPlace>>,
    /// By the number of the last record.
    logs: BTreeMap<u64, Vec<LogPlace>>,
    /// Files that were ingested whole, by length.
    whole: BTreeMap<u64, Vec<WholeFile>>,
    /// The names that are taken.
    names: BTreeSet<String>,
    /// What streams that are not in the ledger yet begin with.
    begun: BTreeSet<String>,
}

/// A place in a stream of lines.
#[derive(Clone, Debug)]
pub(super) struct LinesPlace {
    /// Bytes before it.
    pub(super) offset: u64,
    /// What these are, and how many records.
    pub(super) state: LinesState,
    pub(super) stream: String,
    /// Whether nothing of the stream has been read behind it.
    pub(super) is_last: bool,
}

/// What the ledger keeps of a place in a stream of lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LinesState {
    /// The file, when it was read.
    pub(super) path: String,
    /// The SHA-256 of the first line.
    pub(super) first_line: String,
    /// The SHA-256 of all bytes before the place.
    pub(super) sha256: String,
    /// Records before the place.
    pub(super) records: u64,
}

/// A place in a stream of records of an event log.
#[derive(Clone, Debug)]
pub(super) struct LogPlace {
    pub(super) state: LogState,
    pub(super) stream: String,
    pub(super) is_last: bool,
}

/// What the ledger keeps of a place in an event log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LogState {
    /// The file, when it was read.
    pub(super) path: String,
    /// The SHA-256 of the last record that was read, as it is in the file.
    pub(super) record_sha256: String,
}

/// A file that was ingested whole.
#[derive(Clone, Debug)]
pub(super) struct WholeFile {
    pub(super) path: String,
    pub(super) sha256: String,
    pub(super) records: u64,
}

impl Streams {
    /// Returns what the ledger of a lake knows.
    pub(super) fn of(lake: &Lake) -> Self {
        let mut streams = Self::default();
        for (stream, pieces) in lake.pieces() {
            streams.names.insert(stream.clone());
            let last = pieces.last().map(|piece| piece.cursor.position);
            for piece in &pieces {
                let position = piece.cursor.position;
                let (stream, is_last) = (stream.clone(), Some(position) == last);
                let state = &piece.cursor.state;
                if let Ok(state) = serde_json::from_str::<LinesState>(state) {
                    let places = streams.lines.entry(state.first_line.clone()).or_default();
                    places.push(LinesPlace { offset: position, state, stream, is_last });
                } else if let Ok(state) = serde_json::from_str::<LogState>(state) {
                    let places = streams.logs.entry(position).or_default();
                    places.push(LogPlace { state, stream, is_last });
                }
            }
        }
        let whole = lake.account().into_iter();
        for row in whole.filter(|row| row.stream.is_empty() && row.member.is_none()) {
            let file = WholeFile { path: row.file, sha256: row.digest, records: row.read };
            streams.whole.entry(row.bytes).or_default().push(file);
        }
        streams
    }

    /// Returns a name that no stream has, for a file.
    ///
    /// - `beginning`: what tells the content from that of other files, as far as it is the same in copies. Of
    ///   several files with one beginning one starts a stream at a time: the others may go on with that.
    pub(super) fn fresh(&mut self, entry: &Entry, beginning: &str) -> Result<String, Stuck> {
        if !self.begun.insert(beginning.to_owned()) {
            return Err(Stuck::Later);
        }
        let path = sources::path_text(&entry.path);
        let names = (0_u64..).map(|number| format!("{path}#{number}"));
        let mut free = names.skip_while(|name| self.names.contains(name));
        let name = free.next().unwrap_or(path);
        self.names.insert(name.clone());
        Ok(name)
    }

    /// Returns the places of streams that begin with a line, or none.
    pub(super) fn with_first_line(&self, first_line: &str) -> &[LinesPlace] {
        self.lines.get(first_line).map(Vec::as_slice).unwrap_or_default()
    }

    /// Yields the places of event logs up to a record, the last first.
    pub(super) fn logs_up_to(&self, record: u64) -> impl Iterator<Item = (u64, &LogPlace)> {
        let places = self.logs.range(..=record).rev();
        places.flat_map(|(record, places)| places.iter().map(|place| (*record, place)))
    }

    /// Yields the files that were ingested whole and have at most so many bytes.
    pub(super) fn whole_up_to(&self, len: u64) -> impl Iterator<Item = (u64, &WholeFile)> {
        let files = self.whole.range(..=len);
        files.flat_map(|(len, files)| files.iter().map(|file| (*len, file)))
    }

    /// Returns the file of exactly this content that was ingested whole, if one was.
    pub(super) fn whole(&self, entry: &Entry) -> io::Result<Option<&WholeFile>> {
        let Some(files) = self.whole.get(&entry.len) else { return Ok(None) };
        let sha256 = digest(&hashed(entry, Sha256::new(), 0, entry.len)?);
        Ok(files.iter().find(|file| file.sha256 == sha256))
    }

    /// Tells whether a file is one that was ingested whole, and more.
    pub(super) fn has_grown(&self, entry: &Entry) -> io::Result<bool> {
        let path = sources::path_text(&entry.path);
        for (len, file) in self.whole_up_to(entry.len.saturating_sub(1)) {
            if file.path == path && digest(&hashed(entry, Sha256::new(), 0, len)?) == file.sha256 {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Goes on with a hash over some bytes of a file.
pub(super) fn hashed(entry: &Entry, mut hash: Sha256, start: u64, end: u64) -> io::Result<Sha256> {
    let mut at = start;
    while at < end {
        let next = at.saturating_add(STEP).min(end);
        hash.update(entry.file.read_range(at..next)?);
        at = next;
    }
    Ok(hash)
}

/// Returns a hash in hexadecimal digits.
pub(super) fn digest(hash: &Sha256) -> String {
    lake::hexadecimal(&hash.clone().finalize())
}

/// Returns what the ledger keeps of a place.
pub(super) fn json(state: &impl Serialize) -> String {
    // Nothing in these values can fail to be written.
    serde_json::to_string(state).unwrap_or_else(|_| "null".to_owned())
}

/// Makes an offer of a piece of a stream.
pub(super) fn piece_of(
    path: &Path,
    bytes: Vec<u8>,
    stream: &str,
    start: u64,
    end: Cursor,
    piece: Piece,
) -> Offer {
    Offer {
        input: Input::of_bytes(path.to_owned(), bytes),
        identity: Identity::Behind { stream: stream.to_owned(), start, end },
        piece,
    }
}
