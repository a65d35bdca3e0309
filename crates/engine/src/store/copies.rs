//! Copies of records in what a run has kept, found when everything has been read.
//!
//! Of each record that a leaf has, the first in input order stays. What tells records apart is looked at
//! at once if memory allows it, else part by part: it then goes to temporary files, each of which has all
//! that is said of its records.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    fs::File,
    hash::BuildHasherDefault,
    io::{self, BufReader, BufWriter, Read, Seek, Write},
    num::NonZeroUsize,
    path::Path,
};

use super::Block;
use crate::{
    account::Reservation,
    error::EngineError,
    evidence::MemberId,
    keys::{Key, KeyHasher, key_values},
};

/// How many records of each member are copies.
#[derive(Debug, Default)]
pub(crate) struct Copies(BTreeMap<MemberId, u64>);

impl Copies {
    /// Returns how many records of a member are copies.
    pub(crate) fn in_member(&self, member: MemberId) -> u64 {
        self.0.get(&member).copied().unwrap_or(0)
    }
}

/// What a record takes while copies are looked for: its place in the set of all, and as a copy one
/// among those.
const RECORD_BYTES: usize = 192;
/// Parts are not all of the same size.
const SLACK_PARTS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);
/// The most parts, each of which is an open file: a power of two.
const MAX_PARTS: usize = 512;

/// Leaves to each leaf the first of each record. The blocks are in input order.
///
/// - `by_record`: the rows of a block are in no order: what comes first is told by their records.
///
/// # Errors
///
/// If temporary files cannot be written or read, or not even a part of the records fits into memory.
pub(crate) fn drop_copies(
    blocks: &mut [Block],
    by_record: bool,
    account: &Reservation,
    folder: &Path,
) -> Result<Copies, EngineError> {
    let mut copies = Copies::default();
    // A leaf has a record of one request only.
    let mut requests: BTreeMap<usize, Vec<&mut Block>> = BTreeMap::new();
    for block in blocks {
        requests.entry(block.request()).or_default().push(block);
    }
    for mut blocks in requests.into_values() {
        let rows = blocks.iter().map(|block| block.rows()).fold(0, usize::saturating_add);
        let parts = parts(rows, account)?;
        let mut finder = Finder::default();
        if parts == 1 {
            for_each(&blocks, by_record, |record| {
                finder.look_at(record);
                Ok(())
            })?;
            finder.end_part(&mut blocks, &mut copies)?;
        } else {
            let mut files = Parts::new(parts, folder)?;
            for_each(&blocks, by_record, |record| files.push(&record))?;
            for part in files.finish()? {
                part.for_each(|record| finder.look_at(record))?;
                finder.end_part(&mut blocks, &mut copies)?;
            }
        }
        account.free();
    }
    Ok(copies)
}

/// Reserves memory; returns in how many parts the records have to be looked at.
fn parts(rows: usize, account: &Reservation) -> Result<usize, EngineError> {
    if account.try_grow(rows.saturating_mul(RECORD_BYTES)) {
        return Ok(1);
    }
    for power in 0..=MAX_PARTS.trailing_zeros() {
        if account.try_grow(rows.wrapping_shr(power).saturating_mul(RECORD_BYTES)) {
            let parts = 1_usize.wrapping_shl(power);
            return Ok(parts.saturating_add(parts / SLACK_PARTS).saturating_add(1));
        }
    }
    account.grow(rows.wrapping_shr(MAX_PARTS.trailing_zeros()).saturating_mul(RECORD_BYTES))?;
    Ok(MAX_PARTS)
}

/// Where a record stands: the number of the block among those of its request, and the row.
type Row = (u32, u32);

/// What tells a record from others, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Record {
    key: Key,
    rank: Rank,
    row: Row,
}

/// Where a record stands in the input: member and line, or block and row, which mean the same where rows
/// are in order.
type Rank = (i64, i64);

/// Hands on the records that something tells apart, block by block.
fn for_each(
    blocks: &[&mut Block],
    by_record: bool,
    mut take: impl FnMut(Record) -> Result<(), EngineError>,
) -> Result<(), EngineError> {
    for (number, block) in (0_u32..).zip(blocks) {
        let Some(keys) = block.keys()? else { continue };
        let records = if by_record { block.records()? } else { None };
        for (row, key) in (0_u32..).zip(key_values(&keys).into_iter().flatten()) {
            let Some(key) = key else { continue };
            let rank = match &records {
                Some(records) => records.rank(row)?,
                None => (i64::from(number), i64::from(row)),
            };
            take(Record { key, rank, row: (number, row) })?;
        }
    }
    Ok(())
}

/// Finds the copies among the records of one part after the other.
#[derive(Debug, Default)]
struct Finder {
    first: HashMap<Key, (Rank, Row), BuildHasherDefault<KeyHasher>>,
    /// Those that are not the first with their key.
    again: Vec<Record>,
}

impl Finder {
    fn look_at(&mut self, record: Record) {
        match self.first.entry(record.key) {
            Entry::Vacant(entry) => {
                entry.insert((record.rank, record.row));
            }
            Entry::Occupied(mut entry) => {
                let (rank, row) = *entry.get();
                if record.rank < rank {
                    entry.insert((record.rank, record.row));
                    self.again.push(Record { key: record.key, rank, row });
                } else {
                    self.again.push(record);
                }
            }
        }
    }

    /// Takes the copies from the leaves and counts them.
    fn end_part(
        &mut self,
        blocks: &mut [&mut Block],
        copies: &mut Copies,
    ) -> Result<(), EngineError> {
        let mut again = std::mem::take(&mut self.again);
        again.sort_unstable_by_key(|record| (record.key, record.rank));
        let mut out: BTreeMap<u32, Vec<(usize, u32)>> = BTreeMap::new();
        let mut copied: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for group in again.chunk_by(|one, other| one.key == other.key) {
            let first = group.first().and_then(|record| self.first.get(&record.key));
            let mut have: Vec<usize> = Vec::new();
            let first = first.map(|(_, row)| *row);
            for (block, row) in first.into_iter().chain(group.iter().map(|it| it.row)) {
                let is_left = {
                    let out = out.entry(block).or_default();
                    let wanting = at(blocks, block)?.wanting(row);
                    let mut is_left = false;
                    for (selection, leaf) in wanting {
                        if have.contains(&leaf) {
                            out.push((selection, row));
                        } else {
                            have.push(leaf);
                            is_left = true;
                        }
                    }
                    is_left
                };
                if !is_left {
                    copied.entry(block).or_default().push(row);
                }
            }
        }
        self.first.clear();
        for (block, mut rows) in out {
            rows.sort_unstable();
            at(blocks, block)?.leave_out(&rows)?;
        }
        for (block, rows) in copied {
            for member in at(blocks, block)?.members(&rows)? {
                let count = copies.0.entry(member).or_default();
                *count = count.saturating_add(1);
            }
        }
        Ok(())
    }
}

fn at<'a>(blocks: &'a mut [&mut Block], number: u32) -> Result<&'a mut Block, EngineError> {
    let block = usize::try_from(number).ok().and_then(|number| blocks.get_mut(number));
    block.map(|block| &mut **block).ok_or(EngineError::Internal { what: "a block is missing" })
}

/// Files of records, of which each record stands in one.
struct Parts<'a> {
    files: Vec<BufWriter<File>>,
    folder: &'a Path,
}

/// Bytes of a record in a file.
const RECORD_LEN: usize = 40;

impl<'a> Parts<'a> {
    fn new(parts: usize, folder: &'a Path) -> Result<Self, EngineError> {
        let file = |_| Ok(BufWriter::new(tempfile::tempfile_in(folder)?));
        let files = (0..parts).map(file).collect::<io::Result<_>>();
        Ok(Self { files: files.map_err(told(folder))?, folder })
    }

    fn push(&mut self, record: &Record) -> Result<(), EngineError> {
        // The upper half of a hash: the set of a part tells records apart by the lower.
        let upper = u128::from(record.key.1.cast_unsigned() >> 32);
        let parts = u128::try_from(self.files.len()).ok();
        let part = parts.and_then(|parts| upper.checked_mul(parts)).map(|place| place >> 32);
        let file = part.and_then(|part| self.files.get_mut(usize::try_from(part).ok()?));
        let file = file.ok_or(EngineError::Internal { what: "a record is of no part" })?;
        file.write_all(&record.to_bytes()).map_err(told(self.folder))
    }

    fn finish(self) -> Result<Vec<Part<'a>>, EngineError> {
        let folder = self.folder;
        let end = |file: BufWriter<File>| {
            let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.rewind()?;
            Ok(Part { file, folder })
        };
        self.files.into_iter().map(end).collect::<io::Result<_>>().map_err(told(folder))
    }
}

/// One of the files.
struct Part<'a> {
    file: File,
    folder: &'a Path,
}

impl Part<'_> {
    fn for_each(self, mut take: impl FnMut(Record)) -> Result<(), EngineError> {
        let mut file = BufReader::new(self.file);
        let mut bytes = [0; RECORD_LEN];
        while !file_ends(&mut file).map_err(told(self.folder))? {
            file.read_exact(&mut bytes).map_err(told(self.folder))?;
            take(Record::from_bytes(&bytes));
        }
        Ok(())
    }
}

fn file_ends(file: &mut BufReader<File>) -> io::Result<bool> {
    Ok(io::BufRead::fill_buf(file)?.is_empty())
}

impl Record {
    fn to_bytes(self) -> [u8; RECORD_LEN] {
        let mut bytes = [0; RECORD_LEN];
        let ((first, second), (member, line), (block, row)) = (self.key, self.rank, self.row);
        let numbers = [first, second, member, line];
        let (keys, places) = (numbers.map(i64::to_le_bytes), [block, row].map(u32::to_le_bytes));
        let all = keys.iter().flatten().chain(places.iter().flatten());
        bytes.iter_mut().zip(all).for_each(|(byte, from)| *byte = *from);
        bytes
    }

    fn from_bytes(bytes: &[u8; RECORD_LEN]) -> Self {
        let (keys, places) = bytes.split_at(32);
        let key = |at: usize| keys.as_chunks().0.get(at).map_or(0, |it| i64::from_le_bytes(*it));
        let place =
            |at: usize| places.as_chunks().0.get(at).map_or(0, |it| u32::from_le_bytes(*it));
        Self { key: (key(0), key(1)), rank: (key(2), key(3)), row: (place(0), place(1)) }
    }
}

fn told(folder: &Path) -> impl Fn(io::Error) -> EngineError {
    move |source| EngineError::Spill { path: folder.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let record = Record { key: (i64::MIN, -7), rank: (3, i64::MAX), row: (u32::MAX, 9) };
        assert_eq!(Record::from_bytes(&record.to_bytes()), record);
    }
}
