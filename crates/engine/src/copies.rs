//! Copies of records in what a run has kept, found when everything has been read.
//!
//! Of each record the first in input order stays, branch by branch. What tells records apart is
//! looked at at once if memory allows it, else part by part: it then goes to temporary files, each of
//! which has all that is said of its records.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek, Write},
    num::NonZeroUsize,
    path::Path,
};

use arrow::{
    array::{Array, BooleanArray},
    buffer::BooleanBuffer,
};

use crate::{
    account::Reservation,
    duplicates::{Key, Keys},
    error::EngineError,
    evidence::MemberId,
    staging::StagedBatch,
};

/// How many records of each member are copies. One that several branches kept counts once.
#[derive(Debug, Default)]
pub(crate) struct Copies(BTreeMap<MemberId, u64>);

impl Copies {
    /// Returns how many records of a member are copies.
    pub(crate) fn in_member(&self, member: MemberId) -> u64 {
        self.0.get(&member).copied().unwrap_or(0)
    }
}

/// What a record takes while copies are looked for: its place in the set of all, and as a copy one in
/// the counts.
const RECORD_BYTES: usize = 128;
/// Parts are not all of the same size.
const SLACK_PARTS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);
/// The most parts, each of which is an open file: a power of two.
const MAX_PARTS: usize = 512;

/// Leaves the first of each record in each branch's batches, which are in input order.
///
/// # Errors
///
/// If temporary files cannot be written or read, or not even a part of the records fits into memory.
pub(crate) fn drop_copies(
    staged: &mut [Vec<StagedBatch>],
    account: &Reservation,
    folder: &Path,
) -> Result<Copies, EngineError> {
    let rows = staged.iter().flatten().map(|batch| batch.rows).fold(0, usize::saturating_add);
    let parts = parts(rows, account)?;
    let mut finder = Finder::default();
    if parts == 1 {
        for_each(staged, |record| {
            finder.look_at(record);
            Ok(())
        })?;
        finder.end_part();
    } else {
        let mut files = Parts::new(parts, folder)?;
        for_each(staged, |record| files.push(&record))?;
        for part in files.finish()? {
            part.for_each(|record| finder.look_at(record))?;
            finder.end_part();
        }
    }
    Ok(finder.finish(staged))
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

/// What tells a record from others, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Record {
    key: Key,
    member: MemberId,
    branch: u32,
    batch: u32,
    row: u32,
}

/// Hands on the records that something tells apart, branch by branch, in input order.
fn for_each(
    staged: &[Vec<StagedBatch>],
    mut take: impl FnMut(Record) -> Result<(), EngineError>,
) -> Result<(), EngineError> {
    for (branch, batches) in (0..).zip(staged) {
        for (number, batch) in (0..).zip(batches) {
            let Some([first, second]) = batch.keys()? else { continue };
            for (row, at) in (0..).zip(0..first.len()) {
                if first.is_valid(at) {
                    let key = (first.value(at), second.value(at));
                    take(Record { key, member: batch.member(), branch, batch: number, row })?;
                }
            }
        }
    }
    Ok(())
}

type Counts = BTreeMap<(MemberId, Key), u64>;

/// Finds the copies among the records of one part after the other.
#[derive(Debug, Default)]
struct Finder {
    seen: Keys,
    branch: Option<u32>,
    /// Copies of each record in the branch, and in the branch that has most.
    of_branch: Counts,
    of_part: Counts,
    copies: Copies,
    /// The rows that are copies, by branch and batch: a bit for each row up to the last of them.
    marked: BTreeMap<(u32, u32), Vec<u64>>,
}

impl Finder {
    fn look_at(&mut self, record: Record) {
        if self.branch != Some(record.branch) {
            self.end_branch();
            self.branch = Some(record.branch);
        }
        if self.seen.insert(record.key) {
            return;
        }
        let count = self.of_branch.entry((record.member, record.key)).or_default();
        *count = count.saturating_add(1);
        mark(self.marked.entry((record.branch, record.batch)).or_default(), record.row);
    }

    fn end_branch(&mut self) {
        self.seen.clear();
        for (record, count) in std::mem::take(&mut self.of_branch) {
            let most = self.of_part.entry(record).or_default();
            *most = count.max(*most);
        }
        self.branch = None;
    }

    fn end_part(&mut self) {
        self.end_branch();
        for ((member, _), count) in std::mem::take(&mut self.of_part) {
            let copies = self.copies.0.entry(member).or_default();
            *copies = copies.saturating_add(count);
        }
    }

    fn finish(self, staged: &mut [Vec<StagedBatch>]) -> Copies {
        for ((branch, batch), marked) in self.marked {
            let place = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
            let batches = staged.get_mut(place(branch));
            let Some(batch) = batches.and_then(|it| it.get_mut(place(batch))) else { continue };
            let is_kept = |row: usize| {
                let word = marked.get(row >> 6).copied().unwrap_or(0);
                word.wrapping_shr(u32::try_from(row & 63).unwrap_or(0)) & 1 == 0
            };
            let kept = BooleanBuffer::collect_bool(batch.rows, is_kept);
            batch.keep(BooleanArray::new(kept, None));
        }
        self.copies
    }
}

fn mark(bits: &mut Vec<u64>, row: u32) {
    let word = usize::try_from(row >> 6).unwrap_or(usize::MAX);
    if word >= bits.len() {
        bits.resize(word.saturating_add(1), 0);
    }
    if let Some(bits) = bits.get_mut(word) {
        *bits |= 1_u64.wrapping_shl(row & 63);
    }
}

/// Files of records, of which each record stands in one.
struct Parts<'a> {
    files: Vec<BufWriter<File>>,
    folder: &'a Path,
}

/// Bytes of a record in a file.
const RECORD_LEN: usize = 36;

impl<'a> Parts<'a> {
    fn new(parts: usize, folder: &'a Path) -> Result<Self, EngineError> {
        let file = |_| Ok(BufWriter::new(tempfile::tempfile_in(folder)?));
        let files = (0..parts).map(file).collect::<io::Result<_>>();
        Ok(Self { files: files.map_err(told(folder))?, folder })
    }

    fn push(&mut self, record: &Record) -> Result<(), EngineError> {
        // The upper half of a hash: the set of a part tells records apart by the lower.
        let upper = record.key.1.cast_unsigned() >> 32;
        let parts = u64::try_from(self.files.len()).unwrap_or(1);
        let part = usize::try_from(upper.saturating_mul(parts) >> 32).unwrap_or_default();
        let Some(file) = self.files.get_mut(part) else { return Ok(()) };
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
        let (first, second) = self.key;
        let numbers = [first, second, self.member.encode()].map(i64::to_le_bytes);
        let places = [self.branch, self.batch, self.row].map(u32::to_le_bytes);
        let all = numbers.iter().flatten().chain(places.iter().flatten());
        bytes.iter_mut().zip(all).for_each(|(byte, from)| *byte = *from);
        bytes
    }

    fn from_bytes(bytes: &[u8; RECORD_LEN]) -> Self {
        let (numbers, places) = bytes.split_at(24);
        let number =
            |at: usize| numbers.as_chunks().0.get(at).map_or(0, |it| i64::from_le_bytes(*it));
        let place =
            |at: usize| places.as_chunks().0.get(at).map_or(0, |it| u32::from_le_bytes(*it));
        Self {
            key: (number(0), number(1)),
            member: MemberId::decode(number(2)),
            branch: place(0),
            batch: place(1),
            row: place(2),
        }
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
        let record = Record {
            key: (i64::MIN, -7),
            member: MemberId::new(3, 70_000),
            branch: 1,
            batch: u32::MAX,
            row: 9,
        };
        assert_eq!(Record::from_bytes(&record.to_bytes()), record);
    }
}
