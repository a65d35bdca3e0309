//! The way through a file: header, chunks, records, batches.
//!
//! In: a byte stream in file order. Out: batches and damages, pushed into a sink. Holds one chunk
//! and one batch at a time.

use std::{
    io::{self, Read, Seek, SeekFrom},
    ops::{ControlFlow, Range},
};

use crate::{
    batch::EventBatchBuilder,
    chunk::{CHUNK_LEN, Chunk, RecordSlot, Slot, has_signature},
    damage::{Damage, DamageReason},
    decode::{Outcome, RecordDecoder},
    error::ReadError,
    file_header::{FILE_HEADER_LEN, FileHeader},
    request::EventRequest,
    sink::{EventSink, ReadSummary},
    ticks::filetime_to_ticks,
};

/// A part of a file that can be read on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkRange {
    /// The chunks, counted from 0 in file order; those past the end of the file are none.
    pub chunks: Range<u64>,
    /// The line of the first record: 1 plus the records of all chunks before, as
    /// [`count_records`] tells.
    pub first_line: u64,
}

impl ChunkRange {
    /// Returns the number of chunks in a file of that length, a cut one included.
    pub fn chunks_in(file_len: u64) -> u64 {
        file_len.saturating_sub(FILE_HEADER_LEN as u64).div_ceil(CHUNK_LEN as u64)
    }
}

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
    request: &EventRequest,
    sink: &mut dyn EventSink,
) -> Result<ReadSummary, ReadError> {
    let start = FileStart::read(&mut input)?;
    let mut reader = Reader::new(request, sink, 0, 0);
    reader.tell(0, None, start.header.damage);
    let mut input = start.first_chunk.as_slice().chain(input);
    reader.run(&mut input, start.header.chunk_count, u64::MAX, true)?;
    reader.finish()
}

/// Reads some of a file's chunks, independently of the others.
///
/// Ranges that together cover a file yield what [`read`] yields, each in file order. The range
/// with the first chunk tells the damages of the file header, the one with the last that chunks
/// are missing.
///
/// # Errors
///
/// As [`read`].
pub fn read_chunks(
    mut input: impl Read + Seek,
    range: &ChunkRange,
    request: &EventRequest,
    sink: &mut dyn EventSink,
) -> Result<ReadSummary, ReadError> {
    let file_chunks = ChunkRange::chunks_in(input.seek(SeekFrom::End(0))?);
    input.rewind()?;
    let start = FileStart::read(&mut input)?;
    input.seek(SeekFrom::Start(chunk_offset(range.chunks.start)))?;
    let lines_before = range.first_line.saturating_sub(1);
    let mut reader = Reader::new(request, sink, range.chunks.start, lines_before);
    if range.chunks.start == 0 {
        reader.tell(0, None, start.header.damage);
    }
    let has_last_chunk = range.chunks.start < file_chunks.max(1) && file_chunks <= range.chunks.end;
    reader.run(&mut input, start.header.chunk_count, range.chunks.end, has_last_chunk)?;
    reader.finish()
}

/// Counts the record slots of some of a file's chunks, without decoding any.
///
/// # Errors
///
/// Those of the input.
pub fn count_records(mut input: impl Read + Seek, chunks: Range<u64>) -> io::Result<u64> {
    input.seek(SeekFrom::Start(chunk_offset(chunks.start)))?;
    let mut buffer = vec![0; CHUNK_LEN];
    let mut records = 0_usize;
    for _ in chunks {
        let len = fill(&mut input, &mut buffer)?;
        let bytes = buffer.get(..len).unwrap_or_default();
        if has_signature(bytes)
            && let Some(chunk) = Chunk::read(bytes, &mut |_| ())
        {
            records = records.saturating_add(chunk.slots().count());
        }
        if len < CHUNK_LEN {
            break;
        }
    }
    Ok(records.try_into().unwrap_or(u64::MAX))
}

/// The header of a file, and what had to be read of the first chunk to be sure of it.
struct FileStart {
    header: FileHeader,
    first_chunk: Vec<u8>,
}

impl FileStart {
    fn read(input: &mut impl Read) -> Result<Self, ReadError> {
        let mut block = vec![0; FILE_HEADER_LEN];
        let have = fill(input, &mut block)?;
        let header = FileHeader::read(&block);
        match header {
            _ if have == 0 => Err(ReadError::Empty),
            Some(_) if have < FILE_HEADER_LEN => {
                Err(ReadError::TruncatedHeader { need: FILE_HEADER_LEN, have })
            }
            Some(header) => Ok(Self { header, first_chunk: Vec::new() }),
            None => {
                let mut first_chunk = vec![0; CHUNK_LEN];
                let len = fill(input, &mut first_chunk)?;
                first_chunk.truncate(len);
                if !has_signature(&first_chunk) {
                    return Err(ReadError::NotEvtx);
                }
                Ok(Self { header: FileHeader::lost(), first_chunk })
            }
        }
    }
}

/// The state of one reading.
struct Reader<'s> {
    decoder: RecordDecoder<'s>,
    sink: &'s mut dyn EventSink,
    batch: EventBatchBuilder,
    summary: ReadSummary,
    lines_before: u64,
    /// The current chunk's number.
    chunk: u64,
}

impl<'s> Reader<'s> {
    fn new(
        request: &'s EventRequest,
        sink: &'s mut dyn EventSink,
        chunk: u64,
        lines_before: u64,
    ) -> Self {
        let batch = EventBatchBuilder::new(request);
        Self {
            decoder: RecordDecoder::new(request),
            sink,
            batch,
            summary: ReadSummary::default(),
            lines_before,
            chunk,
        }
    }

    /// Reads chunks up to number `end` or the end of the input.
    fn run(
        &mut self,
        input: &mut impl Read,
        chunk_count: u64,
        end: u64,
        has_last_chunk: bool,
    ) -> Result<(), ReadError> {
        let mut buffer = vec![0; CHUNK_LEN];
        while self.chunk < end {
            let offset = chunk_offset(self.chunk);
            let len = match fill(input, &mut buffer) {
                Ok(len) => len,
                Err(error) => {
                    self.tell(offset, Some(self.chunk), Some(DamageReason::Io(error)));
                    return Ok(());
                }
            };
            if len == 0 {
                break;
            }
            let is_counted = self.chunk < chunk_count;
            if self.read_chunk(buffer.get(..len).unwrap_or_default(), is_counted)?.is_break() {
                self.summary.stopped = true;
                return Ok(());
            }
            self.chunk = self.chunk.saturating_add(1);
            if len < CHUNK_LEN {
                break;
            }
        }
        if has_last_chunk && self.chunk < chunk_count {
            let reason = DamageReason::MissingChunks { expected: chunk_count, found: self.chunk };
            self.tell(chunk_offset(self.chunk), None, Some(reason));
        }
        Ok(())
    }

    /// Reads one chunk; `is_counted` tells whether the file's header knows of it.
    fn read_chunk(&mut self, bytes: &[u8], is_counted: bool) -> Result<ControlFlow<()>, ReadError> {
        let offset = chunk_offset(self.chunk);
        let number = Some(self.chunk);
        if !has_signature(bytes) {
            // Chunks not used yet are zeros, and slack may hold anything.
            let is_damaged = is_counted && bytes.iter().any(|&byte| byte != 0);
            self.tell(offset, number, is_damaged.then_some(DamageReason::ChunkSignature));
            return Ok(ControlFlow::Continue(()));
        }
        if bytes.len() < CHUNK_LEN {
            let reason = DamageReason::TruncatedChunk { have: bytes.len() };
            self.tell(offset, number, Some(reason));
        }
        let chunk = Chunk::read(bytes, &mut |reason| self.tell(offset, number, Some(reason)));
        let Some(chunk) = chunk else { return Ok(ControlFlow::Continue(())) };
        self.decoder.next_chunk();
        for slot in chunk.slots() {
            self.summary.records = self.summary.records.saturating_add(1);
            match slot {
                Slot::Record(record) => self.read_record(bytes, record),
                Slot::Lost { offset, len } => {
                    self.reject(offset, DamageReason::LostRecords { len });
                }
            }
            if self.batch.is_full() && self.flush()?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn read_record(&mut self, chunk: &[u8], record: RecordSlot) {
        let line = i64::try_from(self.line()).unwrap_or(i64::MAX);
        let count = match self.decoder.record(chunk, record, line, &mut self.batch) {
            Ok(Outcome::Emitted) => &mut self.summary.emitted,
            Ok(Outcome::Filtered) => &mut self.summary.filtered,
            Err(error) => return self.reject(record.offset, DamageReason::Record(error)),
        };
        *count = count.saturating_add(1);
        self.summary.saw(filetime_to_ticks(record.written));
    }

    /// Returns the current record's line.
    fn line(&self) -> u64 {
        self.lines_before.saturating_add(self.summary.records)
    }

    /// Gives up the current record, which is at `offset` of the current chunk.
    fn reject(&mut self, offset: usize, reason: DamageReason) {
        self.summary.rejected = self.summary.rejected.saturating_add(1);
        let offset = u64::try_from(offset).unwrap_or(u64::MAX);
        self.sink.damaged(Damage {
            offset: chunk_offset(self.chunk).saturating_add(offset),
            chunk: Some(self.chunk),
            line: Some(self.line()),
            reason,
        });
    }

    /// Tells the sink of a damage that is not of a single record, if there is one.
    fn tell(&mut self, offset: u64, chunk: Option<u64>, reason: Option<DamageReason>) {
        if let Some(reason) = reason {
            self.summary.other_damages = self.summary.other_damages.saturating_add(1);
            self.sink.damaged(Damage { offset, chunk, line: None, reason });
        }
    }

    fn flush(&mut self) -> Result<ControlFlow<()>, ReadError> {
        Ok(match self.batch.finish()? {
            Some(batch) => self.sink.batch(batch),
            None => ControlFlow::Continue(()),
        })
    }

    fn finish(mut self) -> Result<ReadSummary, ReadError> {
        if !self.summary.stopped && self.flush()?.is_break() {
            self.summary.stopped = true;
        }
        Ok(self.summary)
    }
}

/// Returns where a chunk starts in the file.
fn chunk_offset(chunk: u64) -> u64 {
    chunk.saturating_mul(CHUNK_LEN as u64).saturating_add(FILE_HEADER_LEN as u64)
}

/// Fills the buffer as far as the input goes and returns how far that was.
fn fill(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0_usize;
    while let Some(rest) = buffer.get_mut(filled..)
        && !rest.is_empty()
    {
        match input.read(rest) {
            Ok(0) => break,
            Ok(len) => filled = filled.saturating_add(len),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
