//! Logs that are compressed when they have been rotated: what has not been read of them, and no more.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use lake::Cursor;
use sha2::{Digest, Sha256};
use sources::Piece;

use super::{
    Kind, Look, Next, SETTLED, Stuck, Work, lines,
    streams::{LinesPlace, LinesState, digest, json, piece_of},
};

/// Bytes of a rotated log that may not have been read when it was compressed.
const MOST_REST: usize = 64 << 20;
const STEP: usize = 256 << 10;

/// A compressed file that begins as a stream does.
#[derive(Clone, Debug)]
pub(super) struct Packed {
    kind: Packing,
    /// Places of that stream and of those that begin alike, the first ones first.
    places: Vec<LinesPlace>,
}

#[derive(Clone, Copy, Debug)]
enum Packing {
    Gzip,
    Zstandard,
}

impl Packed {
    /// Returns a file that is a stream's, if it is one.
    pub(super) fn adopt(look: &Look<'_>, head: &[u8]) -> Option<Self> {
        let kind = match head {
            [0x1f, 0x8b, 8, ..] => Packing::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Packing::Zstandard,
            _ => return None,
        };
        let mut first = Vec::new();
        // What is cut off shows when all of it is read.
        let _cut = kind.open(Box::new(head)).ok()?.take(lines::MOST_FIRST).read_to_end(&mut first);
        let mut places = look.streams.with_first_line(&lines::first_line(&first)).to_vec();
        places.sort_by_key(|place| (place.offset, place.is_last));
        (!places.is_empty()).then_some(Self { kind, places })
    }

    pub(super) fn work(self, look: &mut Look<'_>) -> Result<Work, Stuck> {
        if look.quiet < SETTLED {
            return Ok(Work::Wait(Kind::Packed(self)));
        }
        let Some((place, mut rest)) = self.rest(look)? else { return look.whole() };
        let end = memchr::memrchr(b'\n', &rest).map_or(0, |at| at.saturating_add(1));
        let is_last_line = rest.get(end..).is_some_and(|line| !line.trim_ascii().is_empty());
        if !is_last_line {
            rest.truncate(end);
        }
        if rest.trim_ascii().is_empty() {
            return Ok(Work::Wait(Kind::Done));
        }
        let stream = if place.is_last {
            place.stream.clone()
        } else {
            look.streams.fresh(look.entry, &place.state.first_line)?
        };
        let mut held = look.intake.enter();
        held.grow_to_whole(rest.len())?;
        let records = rest.split(|byte| *byte == b'\n').filter(|it| !it.trim_ascii().is_empty());
        let records = u64::try_from(records.count()).unwrap_or(u64::MAX);
        let len = u64::try_from(rest.len()).unwrap_or(u64::MAX);
        let state = LinesState {
            path: sources::path_text(&look.entry.path),
            sha256: String::new(),
            records: place.state.records.saturating_add(records),
            ..place.state.clone()
        };
        // What is compressed does not grow: nobody goes on from here.
        let end = Cursor { position: place.offset.saturating_add(len), state: json(&state) };
        let piece = Piece::Lines { before: place.state.records };
        let offer = piece_of(&look.entry.path, rest, &stream, place.offset, end, piece);
        Ok(Work::Offer(Box::new(Next { offer, bytes: look.entry.len, then: Kind::Done, held })))
    }

    /// Returns the last place that the file has, and what comes behind it; `None` if it has none.
    fn rest(&self, look: &Look<'_>) -> Result<Option<(&LinesPlace, Vec<u8>)>, Stuck> {
        let mut reader = self.reader(look)?;
        let mut found = None;
        let (mut hash, mut at) = (Sha256::new(), 0_u64);
        for place in &self.places {
            let len = place.offset.saturating_sub(at);
            let read = io::copy(&mut (&mut reader).take(len), &mut Hashing(&mut hash))?;
            at = at.saturating_add(read);
            if read < len {
                break;
            }
            if digest(&hash) == place.state.sha256 {
                found = Some(place);
            }
        }
        let Some(place) = found else { return Ok(None) };
        let mut reader = self.reader(look)?;
        io::copy(&mut (&mut reader).take(place.offset), &mut io::sink())?;
        let mut rest = Vec::new();
        let most = u64::try_from(MOST_REST).unwrap_or(u64::MAX);
        reader.take(most.saturating_add(1)).read_to_end(&mut rest)?;
        if rest.len() > MOST_REST {
            let problem = "too much of it had not been read when it was compressed";
            return Err(Stuck::Unreadable(problem.to_owned()));
        }
        Ok(Some((place, rest)))
    }

    fn reader<'l>(&self, look: &'l Look<'_>) -> io::Result<Box<dyn Read + 'l>> {
        self.kind.open(Box::new(Stored { look, at: 0 }))
    }
}

impl Packing {
    fn open<'r>(self, bytes: Box<dyn Read + 'r>) -> io::Result<Box<dyn Read + 'r>> {
        Ok(match self {
            Self::Gzip => Box::new(MultiGzDecoder::new(bytes)),
            Self::Zstandard => Box::new(zstd::Decoder::new(bytes)?),
        })
    }
}

/// The bytes of a file in their order.
struct Stored<'l, 's> {
    look: &'l Look<'s>,
    at: u64,
}

impl Read for Stored<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = u64::try_from(buffer.len().min(STEP)).unwrap_or(u64::MAX);
        let read = (&*self.look.read(self.at, most)?).read(buffer)?;
        self.at = self.at.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        Ok(read)
    }
}

/// Hashes what is written to it.
struct Hashing<'h>(&'h mut Sha256);

impl io::Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
