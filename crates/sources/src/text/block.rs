//! Cutting a stream of text into blocks that hold whole records.
//!
//! Memory is bounded: a record that exceeds the limit is dropped while it is read, and said so.

use std::{
    io::{self, Read},
    ops::Range,
    sync::Arc,
};

use memchr::{memchr, memrchr};

use super::buffer::{Buffer, SpareBuffers};
use crate::request::Limits;

/// How many times as large as a block the memory may be that is kept for the next ones.
const MOST_BLOCKS_KEPT: usize = 2;

/// Some whole records.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// The place of the block among those of the stream, from 0.
    pub(crate) index: u64,
    /// The text, not yet known to be UTF-8.
    pub(crate) bytes: Buffer,
    /// The offset of the first byte in the stream.
    pub(crate) offset: u64,
    /// Where the records are; `None` if each line is one.
    pub(crate) records: Option<Vec<Range<usize>>>,
    /// The names of the columns of those records that are arrays.
    pub(crate) columns: Option<Arc<[String]>>,
    /// Whether the stream broke off within or right behind the last record.
    pub(crate) is_cut_off: bool,
    /// Whether the block stands for one record that exceeded the limit and is not there.
    pub(crate) is_too_long: bool,
}

impl Block {
    /// Yields the records, blank lines left out, with their offsets in the block.
    pub(crate) fn records(&self) -> impl Iterator<Item = (usize, &[u8])> {
        let mut from = 0_usize;
        let mut ranges = self.records.as_deref().map(<[_]>::iter);
        let next = move || {
            let range = if let Some(ranges) = &mut ranges {
                ranges.next()?.clone()
            } else {
                let rest = self.bytes.get(from..).filter(|rest| !rest.is_empty())?;
                let len = memchr(b'\n', rest).map_or(rest.len(), |at| at.saturating_add(1));
                from..from.saturating_add(len)
            };
            from = range.end;
            Some((range.start, self.bytes.get(range).unwrap_or_default()))
        };
        std::iter::from_fn(next).filter(|(_, record)| !record.trim_ascii().is_empty())
    }
}

/// Finds where records end.
pub(crate) trait Framing {
    /// Returns how many bytes hold whole records; the rest will come again with more behind it.
    ///
    /// - `is_end`: nothing comes behind, so that what is left is a record, whole or not.
    /// - `records`: takes the places of the records if they are not the lines.
    fn frame(&mut self, bytes: &[u8], is_end: bool, records: &mut Vec<Range<usize>>) -> usize;

    /// Tells whether each line is a record, so that [`Self::frame`] names none.
    fn is_by_line(&self) -> bool;

    /// Tells, at the end of the text, whether it should have gone on.
    fn is_unfinished(&self) -> bool {
        false
    }

    /// Returns the names of the columns of the block's rows, where rows are arrays.
    fn columns(&self) -> Option<Arc<[String]>> {
        None
    }

    /// Takes note that a record was dropped; the text goes on at the start of a line.
    fn dropped(&mut self) {}
}

/// Each line is a record.
pub(crate) struct Lines;

impl Framing for Lines {
    fn frame(&mut self, bytes: &[u8], is_end: bool, _: &mut Vec<Range<usize>>) -> usize {
        if is_end {
            return bytes.len();
        }
        memrchr(b'\n', bytes).map_or(0, |at| at.saturating_add(1))
    }

    fn is_by_line(&self) -> bool {
        true
    }
}

/// Reads a stream block by block.
pub(crate) struct BlockReader<'a> {
    input: Box<dyn Read + 'a>,
    framing: Box<dyn Framing + 'a>,
    limits: Limits,
    buffer: Buffer,
    spare: SpareBuffers,
    offset: u64,
    index: u64,
    is_end: bool,
    failure: Option<io::Error>,
}

impl<'a> BlockReader<'a> {
    /// Returns a reader at the start of `input`.
    pub(crate) fn new(
        input: Box<dyn Read + 'a>,
        framing: Box<dyn Framing + 'a>,
        limits: Limits,
    ) -> Self {
        let spare = SpareBuffers::new(limits.block_bytes.saturating_mul(MOST_BLOCKS_KEPT));
        Self {
            input,
            framing,
            limits,
            buffer: spare.take(),
            spare,
            offset: 0,
            index: 0,
            is_end: false,
            failure: None,
        }
    }

    /// Returns why the stream should have gone on, if it should, and the offset where.
    pub(crate) fn failure(self) -> Option<(u64, io::Error)> {
        let unfinished = || {
            let is_unfinished = self.is_end && self.framing.is_unfinished();
            is_unfinished.then(|| io::ErrorKind::UnexpectedEof.into())
        };
        let error = self.failure.or_else(unfinished)?;
        Some((self.offset, error))
    }

    /// Returns the next block, `None` at the end.
    pub(crate) fn next(&mut self) -> Option<Block> {
        let mut wanted = self.limits.block_bytes.max(1);
        loop {
            self.fill(wanted);
            if self.buffer.is_empty() && self.is_end {
                return None;
            }
            let mut records = Vec::new();
            let whole = self.framing.frame(&self.buffer, self.is_end, &mut records);
            if whole > 0 {
                return Some(self.cut(whole, records));
            }
            if self.buffer.len() >= self.limits.record_bytes {
                return Some(self.drop_record());
            }
            wanted = self.buffer.len().saturating_mul(2).min(self.limits.record_bytes.max(1));
        }
    }

    /// Reads until the buffer holds `wanted` bytes or the stream has ended.
    fn fill(&mut self, wanted: usize) {
        if self.buffer.len() >= wanted || self.is_end {
            return;
        }
        let outcome = self.buffer.fill(&mut self.input, wanted);
        self.is_end = self.buffer.len() < wanted;
        self.failure = outcome.err();
    }

    fn cut(&mut self, whole: usize, records: Vec<Range<usize>>) -> Block {
        let mut next = self.spare.take();
        next.push(self.buffer.get(whole..).unwrap_or_default());
        let mut bytes = std::mem::replace(&mut self.buffer, next);
        bytes.truncate(whole);
        let is_cut_off = self.failure.is_some() && self.buffer.is_empty();
        let records = (!self.framing.is_by_line()).then_some(records);
        let columns = self.framing.columns();
        self.block(whole, Block { bytes, records, columns, is_cut_off, ..Block::default() })
    }

    /// Drops everything up to the next line.
    fn drop_record(&mut self) -> Block {
        let mut dropped = 0_usize;
        loop {
            if let Some(at) = memchr(b'\n', &self.buffer) {
                let end = at.saturating_add(1);
                self.buffer.remove_start(end);
                dropped = dropped.saturating_add(end);
                break;
            }
            dropped = dropped.saturating_add(self.buffer.len());
            self.buffer.truncate(0);
            if self.is_end {
                break;
            }
            self.fill(self.limits.block_bytes.max(1));
        }
        self.framing.dropped();
        self.block(dropped, Block { is_too_long: true, ..Block::default() })
    }

    fn block(&mut self, len: usize, block: Block) -> Block {
        let block = Block { index: self.index, offset: self.offset, ..block };
        self.index = self.index.saturating_add(1);
        self.offset = self.offset.saturating_add(u64::try_from(len).unwrap_or(u64::MAX));
        block
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(block_bytes: usize, record_bytes: usize) -> Limits {
        Limits { record_bytes, block_bytes, ..Limits::default() }
    }

    fn lines(text: &str, limits: Limits) -> Vec<(u64, String)> {
        let mut reader = BlockReader::new(Box::new(text.as_bytes()), Box::new(Lines), limits);
        let mut found = Vec::new();
        while let Some(block) = reader.next() {
            if block.is_too_long {
                found.push((block.offset, "too long".to_owned()));
            }
            for (at, record) in block.records() {
                let offset = block.offset.saturating_add(u64::try_from(at).unwrap());
                found.push((offset, str::from_utf8(record).unwrap().trim_end().to_owned()));
            }
        }
        found
    }

    #[test]
    fn blocks_of_any_size_hold_the_same_lines() {
        let text = "one\n\ntwo\r\n  \nthree\nfour";
        let expected = [(0, "one"), (5, "two"), (13, "three"), (19, "four")];
        for block_bytes in 1..30 {
            let found = lines(text, limits(block_bytes, 100));
            assert_eq!(found, expected.map(|(at, line)| (at, line.to_owned())));
        }
    }

    #[test]
    fn a_line_past_the_limit_is_dropped() {
        let text = "one\n0123456789012345\ntwo\n01234567890";
        let found = lines(text, limits(4, 8));
        let expected = [(0, "one"), (4, "too long"), (21, "two"), (25, "too long")];
        assert_eq!(found, expected.map(|(at, line)| (at, line.to_owned())));
    }

    #[test]
    fn a_failing_stream_yields_what_came_before() {
        struct Failing(bool);
        impl Read for Failing {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                if std::mem::replace(&mut self.0, true) {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                buffer[..6].copy_from_slice(b"one\ntw");
                Ok(6)
            }
        }
        let limits = limits(100, 100);
        let mut reader = BlockReader::new(Box::new(Failing(false)), Box::new(Lines), limits);
        let block = reader.next().unwrap();
        assert_eq!(&*block.bytes, b"one\ntw");
        assert!(block.is_cut_off);
        assert!(reader.next().is_none());
        assert_eq!(reader.failure().unwrap().0, 6);
    }
}
