//! The way through a file: header, then chunks, one behind the other.
//!
//! In: a byte stream in file order, or a file of which some chunks are wanted. Out: batches and
//! damages, pushed into a sink. Holds one block of chunks and one batch per request at a time.

use std::{
    io::{self, Read, Seek, SeekFrom},
    ops::{ControlFlow, Range},
};

use crate::{
    chunk::{CHUNK_LEN, has_signature, is_headless},
    damage::DamageReason,
    error::ReadError,
    read::{
        chunk_reader::{ChunkPlace, ChunkReader},
        file_header::{FILE_HEADER_LEN, FileHeader},
        fill,
    },
    request::EventRequest,
    sink::{EventSink, ReadSummary},
};

/// Length of what is read at a time: larger blocks leave the processor's cache, smaller ones cost
/// more calls.
const BLOCK_LEN: usize = 4 * CHUNK_LEN;

/// Reads an EVTX file or stream from its start, in file order.
///
/// Holds a few megabytes at most, whatever the input.
///
/// # Errors
///
/// [`ReadError`] if nothing can be read; everything else that is wrong is told to the sink, and
/// reading goes on behind it.
pub fn read(
    mut input: impl Read,
    requests: &[EventRequest],
    sink: &mut dyn EventSink,
) -> Result<ReadSummary, ReadError> {
    let start = FileStart::read(&mut input)?;
    let mut input = start.first_chunk.as_slice().chain(input);
    let mut walk = Walk::new(start.header, requests);
    walk.run(&mut input, 0..u64::MAX, true, sink)
}

/// Does as [`read`], but passes over the records up to the one with a number, without counting them. The
/// lines of the others are their numbers in the log.
///
/// It is for a log that grows: a chunk that has been read in part is read again for what has come since.
///
/// # Errors
///
/// As [`read`].
pub fn read_after(
    mut input: impl Read,
    after: u64,
    requests: &[EventRequest],
    sink: &mut dyn EventSink,
) -> Result<ReadSummary, ReadError> {
    let start = FileStart::read(&mut input)?;
    let mut input = start.first_chunk.as_slice().chain(input);
    let mut walk = Walk {
        header: start.header,
        reader: ChunkReader::after(after, requests),
        block: Vec::new(),
    };
    walk.run(&mut input, 0..u64::MAX, false, sink)
}

/// Reads some of a file's chunks after others, in any order, and keeps what it learns of the
/// file's templates.
pub struct FileReader<'r, R> {
    input: R,
    file_chunks: u64,
    walk: Walk<'r>,
}

impl<R> FileReader<'_, R> {
    /// Returns the number of chunks in a file of that length, a cut one included.
    pub fn chunks_in(file_len: u64) -> u64 {
        file_len.saturating_sub(FILE_HEADER_LEN as u64).div_ceil(CHUNK_LEN as u64)
    }
}

impl<'r, R: Read + Seek> FileReader<'r, R> {
    /// Reads the header of a file.
    ///
    /// # Errors
    ///
    /// As [`read`].
    pub fn open(mut input: R, requests: &'r [EventRequest]) -> Result<Self, ReadError> {
        let file_chunks = Self::chunks_in(input.seek(SeekFrom::End(0))?);
        input.rewind()?;
        let header = FileStart::read(&mut input)?.header;
        Ok(Self { input, file_chunks, walk: Walk::new(header, requests) })
    }

    /// Reads some chunks, counted from 0 in file order; lines are counted from 1 within them.
    ///
    /// Ranges that together cover the file yield what [`read`] yields. The range with the first
    /// chunk tells the damages of the file header, the one with the last that chunks are missing;
    /// in a file without any, that is any range that starts at 0.
    ///
    /// # Errors
    ///
    /// If the place of the chunks cannot be reached.
    pub fn read(
        &mut self,
        chunks: Range<u64>,
        sink: &mut dyn EventSink,
    ) -> Result<ReadSummary, ReadError> {
        self.input.seek(SeekFrom::Start(chunk_offset(chunks.start)))?;
        let has_last_chunk =
            chunks.start < self.file_chunks.max(1) && self.file_chunks <= chunks.end;
        self.walk.run(&mut self.input, chunks, has_last_chunk, sink)
    }
}

/// The header of a file, and what had to be read of the first chunk to be sure of it.
struct FileStart {
    header: FileHeader,
    first_chunk: Vec<u8>,
}

impl FileStart {
    fn read(input: &mut impl Read) -> Result<Self, ReadError> {
        let mut block = vec![0; FILE_HEADER_LEN];
        let have = fill_or_fail(input, &mut block)?;
        let header = FileHeader::read(&block);
        match header {
            _ if have == 0 => Err(ReadError::Empty),
            Some(_) if have < FILE_HEADER_LEN => {
                Err(ReadError::TruncatedHeader { need: FILE_HEADER_LEN, have })
            }
            Some(header) => Ok(Self { header, first_chunk: Vec::new() }),
            None => {
                let mut first_chunk = vec![0; CHUNK_LEN];
                let len = fill_or_fail(input, &mut first_chunk)?;
                first_chunk.truncate(len);
                if !has_signature(&first_chunk) {
                    return Err(ReadError::NotEvtx);
                }
                Ok(Self { header: FileHeader::lost(), first_chunk })
            }
        }
    }
}

/// A walk through a file's chunks.
struct Walk<'r> {
    header: FileHeader,
    reader: ChunkReader<'r>,
    /// Room for a block; made as large as the first one needs.
    block: Vec<u8>,
}

impl<'r> Walk<'r> {
    fn new(header: FileHeader, requests: &'r [EventRequest]) -> Self {
        Self { header, reader: ChunkReader::new(requests), block: Vec::new() }
    }

    /// Reads chunks from where the input stands, up to the end of the range or of the input.
    fn run(
        &mut self,
        input: &mut impl Read,
        chunks: Range<u64>,
        has_last_chunk: bool,
        sink: &mut dyn EventSink,
    ) -> Result<ReadSummary, ReadError> {
        if chunks.start == 0
            && let Some(damage) = self.header.damage.take()
        {
            self.reader.tell(0, None, damage, sink);
        }
        let mut block = std::mem::take(&mut self.block);
        let mut number = chunks.start;
        let mut last_number = None;
        let mut is_more = true;
        while is_more && number < chunks.end {
            let want = usize::try_from(chunks.end.saturating_sub(number)).unwrap_or(usize::MAX);
            let want = want.saturating_mul(CHUNK_LEN).min(BLOCK_LEN);
            block.resize(block.len().max(want), 0);
            let room = block.get_mut(..want).unwrap_or_default();
            let (len, error) = fill(input, room);
            for bytes in room.get(..len).unwrap_or_default().chunks(CHUNK_LEN) {
                let (flow, last) = self.chunk(bytes, number, sink)?;
                if flow.is_break() {
                    self.block = block;
                    return self.reader.finish(sink);
                }
                number = number.saturating_add(1);
                last_number = last.or(last_number);
            }
            is_more = len == want;
            if let Some(error) = error {
                let reason = DamageReason::Io(error);
                self.reader.tell(chunk_offset(number), Some(number), reason, sink);
                self.block = block;
                return self.reader.finish(sink);
            }
        }
        self.block = block;
        if has_last_chunk && number < self.header.chunk_count {
            let records = self.header.records_after(last_number.unwrap_or(0));
            let expected = self.header.chunk_count;
            let reason = DamageReason::MissingChunks { expected, found: number, records };
            self.reader.tell(chunk_offset(number), None, reason, sink);
        }
        self.reader.finish(sink)
    }

    /// Reads what should be a chunk; returns also the number of its last record.
    fn chunk(
        &mut self,
        bytes: &[u8],
        number: u64,
        sink: &mut dyn EventSink,
    ) -> Result<(ControlFlow<()>, Option<u64>), ReadError> {
        let place = ChunkPlace { number, offset: chunk_offset(number) };
        if !has_signature(bytes) {
            let is_headless = is_headless(bytes);
            // What the file's header does not count may be zeros, or whatever the disk held.
            if is_headless || number < self.header.chunk_count {
                let is_blank = bytes.iter().all(|&byte| byte == 0);
                let reason =
                    if is_blank { DamageReason::BlankChunk } else { DamageReason::ChunkSignature };
                self.reader.tell(place.offset, Some(number), reason, sink);
            }
            if !is_headless {
                return Ok((ControlFlow::Continue(()), None));
            }
        }
        let outcome = self.reader.read(bytes, place, sink)?;
        Ok((outcome.flow, outcome.last_number))
    }
}

/// Returns where a chunk starts in the file.
fn chunk_offset(chunk: u64) -> u64 {
    chunk.saturating_mul(CHUNK_LEN as u64).saturating_add(FILE_HEADER_LEN as u64)
}

fn fill_or_fail(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    match fill(input, buffer) {
        (len, None) => Ok(len),
        (_, Some(error)) => Err(error),
    }
}
