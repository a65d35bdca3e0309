//! Event logs that grow: chunks that fill, headers that are behind, logs that start again at their beginning
//! when they are full.
//!
//! A log's records have numbers that rise. A file goes on with a stream if it has the record that the stream
//! had last, byte for byte; then what has a higher number is new. Only what a chunk's checksums vouch for is
//! read, so that a chunk that is being written is waited for; one that stays as it is is damaged, and read as
//! far as it can be.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

use lake::Cursor;
use sha2::{Digest, Sha256};
use sources::{ChunkIndex, Piece};

use super::{
    Entry, Kind, Look, Next, PIECE_BYTES, SETTLED, Stuck, Work,
    streams::{LogState, digest, json, piece_of},
};

/// Where the first chunk starts.
const FIRST_CHUNK: u64 = 4096;
const CHUNK_LEN: u64 = 65_536;
/// Bytes of a chunk's header.
const HEADER_LEN: u64 = 512;
/// Bytes of a header that change when something is written.
const SEEN_LEN: u64 = 128;
/// Looks at which a chunk may be in the middle of being written, in a log that keeps changing.
const PATIENCE: u32 = 10;

/// An event log, and how far it has been read.
#[derive(Clone, Debug)]
pub(super) struct EventLog {
    stream: String,
    /// The number of the last record that has been read, 0 before the first.
    record: u64,
    record_sha256: String,
    /// Looks at which some chunk was not whole.
    torn: u32,
    /// The headers of the file and of its newest chunk, and where that is.
    seen: Vec<u8>,
    newest: u64,
}

/// A chunk that is there.
#[derive(Clone, Copy, Debug)]
struct Place {
    offset: u64,
    /// The numbers of its first and last record, as its header has them.
    numbers: Option<(u64, u64)>,
}

/// Tells whether a file that starts like this is an event log.
pub(super) fn is_log(head: &[u8]) -> bool {
    let first_chunk = usize::try_from(FIRST_CHUNK).ok().and_then(|at| head.get(at..));
    head.starts_with(b"ElfFile\0") || first_chunk.is_some_and(|it| it.starts_with(b"ElfChnk\0"))
}

impl EventLog {
    /// Finds the stream that a log goes on with, or starts one; `None` as long as nothing can be said.
    pub(super) fn adopt(look: &mut Look<'_>) -> Result<Option<Self>, Stuck> {
        let places = places(look.entry)?;
        if places.iter().any(|place| place.numbers.is_none()) && look.may_wait() {
            return Ok(None);
        }
        let numbers = || places.iter().filter_map(|place| place.numbers);
        let mut log = Self {
            stream: String::new(),
            record: 0,
            record_sha256: String::new(),
            torn: 0,
            seen: Vec::new(),
            newest: 0,
        };
        if let Some(last) = numbers().map(|(_, last)| last).max() {
            let mut chunk: Option<(u64, Vec<u8>, ChunkIndex)> = None;
            for (record, known) in look.streams.logs_up_to(last) {
                let Some(place) = places.iter().find(|place| place.has(record)) else { continue };
                if chunk.as_ref().is_none_or(|chunk| chunk.0 != place.offset) {
                    let bytes = place.read(look.entry)?;
                    let index = ChunkIndex::of(&bytes);
                    chunk = Some((place.offset, bytes, index));
                }
                // In a chunk that is being written the record may be missing, and one before it found.
                if chunk.as_ref().is_some_and(|(.., index)| !index.is_sound) && look.may_wait() {
                    return Ok(None);
                }
                let found = chunk.as_ref().and_then(|(_, bytes, index)| hash(bytes, index, record));
                if found.is_some_and(|found| found == known.state.record_sha256) {
                    log.record = record;
                    log.record_sha256.clone_from(&known.state.record_sha256);
                    log.stream = if known.is_last { known.stream.clone() } else { String::new() };
                    break;
                }
            }
        }
        // What `quarry ingest` has read has been read.
        if log.record == 0 && look.streams.whole(look.entry)?.is_some() {
            for place in &places {
                let index = ChunkIndex::of(&place.read(look.entry)?);
                log.record = log.record.max(index.last().unwrap_or_default());
            }
        }
        if log.stream.is_empty() {
            let first = places.iter().min_by_key(|place| place.numbers.map_or(u64::MAX, |it| it.0));
            let beginning = match first {
                Some(place) => place.beginning(look.entry)?,
                None => return Ok(None),
            };
            log.stream = look.streams.fresh(look.entry, &beginning)?;
        }
        Ok(Some(log))
    }

    /// Tells whether a log has been written to though nothing else about the file has changed: Windows keeps
    /// that to itself as long as it has the file open.
    pub(super) fn has_changed(&self, entry: &Entry) -> bool {
        let is_open = self.seen.get(120).is_some_and(|flags| flags & 1 != 0);
        is_open && seen(entry, self.newest).is_ok_and(|seen| seen != self.seen)
    }

    pub(super) fn work(mut self, look: &mut Look<'_>) -> Result<Work, Stuck> {
        let places = places(look.entry)?;
        let numbers = || places.iter().filter_map(|place| place.numbers);
        let newest = places.iter().max_by_key(|place| place.numbers.map(|(_, last)| last));
        self.newest = newest.map_or(FIRST_CHUNK, |place| place.offset);
        self.seen = seen(look.entry, self.newest)?;
        if !self.goes_on(look, &places)? {
            let Some(log) = Self::adopt(look)? else { return Ok(Work::Wait(Kind::EventLog(self))) };
            self = Self { seen: self.seen, newest: self.newest, ..log };
        }
        // A log that keeps changing is not waited for without end.
        let has_patience =
            self.torn < PATIENCE && (look.quiet < SETTLED || look.entry.may_have_changed());
        if has_patience && places.iter().any(|place| place.numbers.is_none()) {
            // Nobody knows the numbers of its records: those of others may be higher.
            self.torn = self.torn.saturating_add(1);
            return Ok(Work::Wait(Kind::EventLog(self)));
        }
        if let Some(first) = numbers().map(|(first, _)| first).min()
            && self.record > 0
            && first > self.record.saturating_add(1)
        {
            let (from, to) = (self.record.saturating_add(1), first.saturating_sub(1));
            look.problems.push(format!(
                "{}: records {from} to {to} were overwritten before they could be read",
                look.entry.path.display()
            ));
        }
        let piece = self.piece(look, &places, has_patience)?;
        let Some((bytes, then)) = piece else {
            return Ok(Work::Wait(Kind::EventLog(self)));
        };
        let mut held = look.intake.enter();
        held.grow_to_whole(bytes.len())?;
        let path = sources::path_text(&look.entry.path);
        let state = LogState { path, record_sha256: then.record_sha256.clone() };
        let end = Cursor { position: then.record, state: json(&state) };
        let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let piece = Piece::Records { after: self.record };
        let offer = piece_of(&look.entry.path, bytes, &self.stream, self.record, end, piece);
        Ok(Work::Offer(Box::new(Next { offer, bytes: len, then: Kind::EventLog(then), held })))
    }

    /// Tells whether the log is the one that has been read, as far as can be seen.
    fn goes_on(&self, look: &Look<'_>, places: &[Place]) -> Result<bool, Stuck> {
        if self.record == 0 || self.record_sha256.is_empty() {
            return Ok(true);
        }
        let last = places.iter().filter_map(|place| place.numbers).map(|(_, last)| last).max();
        if last.is_some_and(|last| last < self.record) {
            return Ok(false);
        }
        let Some(place) = places.iter().find(|place| place.has(self.record)) else {
            return Ok(true);
        };
        let bytes = place.read(look.entry)?;
        let index = ChunkIndex::of(&bytes);
        let found = hash(&bytes, &index, self.record).filter(|_| index.is_sound);
        Ok(found.is_none_or(|found| found == self.record_sha256))
    }

    /// Returns the chunks with new records, behind a header, and what the log is when they have been read.
    fn piece(
        &mut self,
        look: &Look<'_>,
        places: &[Place],
        has_patience: bool,
    ) -> Result<Option<(Vec<u8>, Self)>, Stuck> {
        let is_new = |place: &&Place| place.numbers.is_none_or(|(_, last)| last > self.record);
        let mut places: Vec<&Place> = places.iter().filter(is_new).collect();
        // As they were written; a full log starts again at its beginning.
        places.sort_by_key(|place| place.numbers);
        let mut file = header();
        let mut then = self.clone();
        for place in places {
            let bytes = place.read(look.entry)?;
            let index = ChunkIndex::of(&bytes);
            let may_wait = || has_patience || self.torn < PATIENCE && look.entry.may_have_changed();
            if !index.is_sound && may_wait() {
                self.torn = self.torn.saturating_add(1);
                break;
            }
            let Some(last) = index.last().filter(|last| *last > self.record) else { continue };
            file.extend_from_slice(&bytes);
            if last > then.record {
                then.record = last;
                then.record_sha256 = hash(&bytes, &index, last).unwrap_or_default();
            }
            if u64::try_from(file.len()).is_ok_and(|len| len >= PIECE_BYTES) {
                break;
            }
        }
        if then.record == self.record {
            return Ok(None);
        }
        then.torn = 0;
        Ok(Some((file, then)))
    }
}

impl Place {
    fn has(&self, record: u64) -> bool {
        self.numbers.is_some_and(|(first, last)| (first..=last).contains(&record))
    }

    /// Returns the hash of its first record.
    fn beginning(&self, entry: &Entry) -> io::Result<String> {
        let bytes = self.read(entry)?;
        let index = ChunkIndex::of(&bytes);
        let first = index.records.first().map(|record| record.number);
        Ok(first.and_then(|first| hash(&bytes, &index, first)).unwrap_or_default())
    }

    fn read(&self, entry: &Entry) -> io::Result<Vec<u8>> {
        let end = self.offset.saturating_add(CHUNK_LEN).min(entry.len);
        Ok(entry.file.read_range(self.offset..end)?.to_vec())
    }
}

/// Returns the chunks of a log, those that nothing has been written to left out.
fn places(entry: &Entry) -> io::Result<Vec<Place>> {
    // Opened once for all headers: a log has thousands.
    let mut file = File::open(&entry.path)?;
    let mut header = vec![0; usize::try_from(HEADER_LEN).unwrap_or_default()];
    let mut places = Vec::new();
    let mut offset = FIRST_CHUNK;
    while offset.saturating_add(HEADER_LEN) <= entry.len {
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(&mut header)?;
        let numbers = ChunkIndex::numbers_of(&header);
        if numbers.is_some() || header.starts_with(b"ElfChnk\0") {
            places.push(Place { offset, numbers });
        }
        offset = offset.saturating_add(CHUNK_LEN);
    }
    Ok(places)
}

/// Returns the hash of a record of a chunk.
fn hash(bytes: &[u8], index: &ChunkIndex, record: u64) -> Option<String> {
    let place = index.records.iter().find(|place| place.number == record)?;
    Some(digest(&Sha256::new().chain_update(bytes.get(place.bytes.clone())?)))
}

/// Returns what shows that something has been written.
fn seen(entry: &Entry, newest: u64) -> io::Result<Vec<u8>> {
    let mut seen = Vec::new();
    for start in [0, newest] {
        let end = start.saturating_add(SEEN_LEN).min(entry.len);
        if start < end {
            seen.extend_from_slice(&entry.file.read_range(start..end)?);
        }
    }
    Ok(seen)
}

/// Returns the header of a file of which nothing has to be known but that chunks follow: the log's own is
/// behind as long as it is open.
fn header() -> Vec<u8> {
    let mut header = vec![0; usize::try_from(FIRST_CHUNK).unwrap_or_default()];
    for (byte, value) in header.iter_mut().zip(b"ElfFile\0") {
        *byte = *value;
    }
    // It carries no checksum.
    if let Some(flags) = header.get_mut(120) {
        *flags = 4;
    }
    header
}
