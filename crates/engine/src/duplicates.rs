//! The same record found twice: a forwarded copy beside the original, exports that overlap.
//!
//! A record is the same if host, channel and record id are, and also its event id and the second of
//! its time: a log that was cleared counts its records anew. What is finer than a second is left to
//! the exporters, not all of which keep it. A record without an id is never a copy.

use std::{
    collections::{BTreeMap, HashSet},
    hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Int64Builder, StringViewArray},
    datatypes::{DataType, Field, Int32Type, Int64Type},
};
use kql_types::timespan;

use crate::{error::EngineError, evidence::MemberId, staging::StagedBatch};

/// The columns by which records are told apart, as a reader fills them.
pub(crate) struct RecordColumns<'a> {
    pub(crate) record_id: &'a ArrayRef,
    pub(crate) event_id: &'a ArrayRef,
    pub(crate) channel: &'a ArrayRef,
    pub(crate) host: &'a ArrayRef,
    pub(crate) time: &'a ArrayRef,
}

/// Returns the two fields of staged rows that hold what tells records apart, null where nothing does.
///
/// Together they are 128 bits: that two records of a billion share them is out of the question.
pub(crate) fn fields() -> [Field; 2] {
    ["#key", "#key2"].map(|name| Field::new(name, DataType::Int64, true))
}

/// Returns the columns of [`fields`].
pub(crate) fn keys(columns: &RecordColumns<'_>) -> Option<[ArrayRef; 2]> {
    let record_ids = columns.record_id.as_primitive_opt::<Int64Type>()?;
    let event_ids = columns.event_id.as_primitive_opt::<Int32Type>()?;
    let times = columns.time.as_primitive_opt::<Int64Type>()?;
    let mut channels = Texts::new(columns.channel.as_string_view_opt()?);
    let mut hosts = Texts::new(columns.host.as_string_view_opt()?);
    let rows = record_ids.len();
    let mut halves = [Int64Builder::with_capacity(rows), Int64Builder::with_capacity(rows)];
    for row in 0..rows {
        let (channel, host) = (channels.hash(row), hosts.hash(row));
        for (seed, half) in halves.iter_mut().enumerate() {
            if record_ids.is_null(row) {
                half.append_null();
                continue;
            }
            let mut hasher = DefaultHasher::new();
            seed.hash(&mut hasher);
            record_ids.value(row).hash(&mut hasher);
            event_ids.is_valid(row).then(|| event_ids.value(row)).hash(&mut hasher);
            let second = || times.value(row).div_euclid(timespan::SECOND);
            times.is_valid(row).then(second).hash(&mut hasher);
            (channel, host).hash(&mut hasher);
            half.append_value(hasher.finish().cast_signed());
        }
    }
    Some(halves.map(|mut half| -> ArrayRef { Arc::new(half.finish()) }))
}

/// The hashes of texts, of which one is mostly the same as the one before.
struct Texts<'a> {
    texts: &'a StringViewArray,
    last: Option<(&'a str, (u64, u64))>,
}

impl<'a> Texts<'a> {
    fn new(texts: &'a StringViewArray) -> Self {
        Self { texts, last: None }
    }

    /// Returns the hash of a row's text, whatever the case of its ASCII letters.
    fn hash(&mut self, row: usize) -> (u64, u64) {
        let text = self.texts.value(row);
        if let Some((last, hash)) = self.last
            && last == text
        {
            return hash;
        }
        let of = |seed: u8| {
            let mut hasher = DefaultHasher::new();
            seed.hash(&mut hasher);
            hasher.write(text.to_ascii_lowercase().as_bytes());
            hasher.finish()
        };
        let hash = (of(0), of(1));
        self.last = Some((text, hash));
        hash
    }
}

/// What tells a record from others.
type Key = (i64, i64);

/// A set of keys, which are hashes already.
type Keys = HashSet<Key, BuildHasherDefault<KeyHasher>>;

/// Takes a key's halves for what they are.
#[derive(Debug, Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_i64(&mut self, half: i64) {
        self.0 = self.0.rotate_left(1) ^ half.cast_unsigned();
    }
}

/// The records of one input that a branch has kept, for each request by which they came.
///
/// A log has no record twice, but what was carved out of an image has, and so has a file that was
/// put together out of others.
#[derive(Debug, Default)]
pub(crate) struct Seen(BTreeMap<usize, Keys>);

impl Seen {
    /// Returns which rows of a batch are copies of records kept before, or of others in the batch;
    /// `None` if none is.
    pub(crate) fn copies(&self, request: usize, keys: &[ArrayRef; 2]) -> Option<BooleanArray> {
        let kept = self.0.get(&request);
        let mut met = Keys::default();
        let mut is_copy = |key: Key| kept.is_some_and(|it| it.contains(&key)) || !met.insert(key);
        let copies: BooleanArray =
            key_values(keys)?.map(|key| Some(key.is_some_and(&mut is_copy))).collect();
        (copies.true_count() > 0).then_some(copies)
    }

    /// Takes note of the rows of a batch that were kept.
    pub(crate) fn keep(&mut self, request: usize, keys: &[ArrayRef; 2], kept: &BooleanArray) {
        let Some(keys) = key_values(keys) else { return };
        let kept = keys.zip(kept.values()).filter_map(|(key, is_kept)| key.filter(|_| is_kept));
        self.0.entry(request).or_default().extend(kept);
    }

    /// Returns those of a batch's copies whose original was kept.
    pub(crate) fn of_kept(
        &self,
        request: usize,
        keys: &[ArrayRef; 2],
        copies: &BooleanArray,
    ) -> Option<BooleanArray> {
        let kept = self.0.get(&request)?;
        let is_kept = |key: Option<Key>| key.is_some_and(|key| kept.contains(&key));
        let rows = key_values(keys)?.zip(copies.values());
        Some(rows.map(|(key, is_copy)| Some(is_copy && is_kept(key))).collect())
    }
}

/// Yields the keys that [`keys`] made, by row.
fn key_values(keys: &[ArrayRef; 2]) -> Option<impl Iterator<Item = Option<Key>>> {
    let [first, second] = keys.each_ref().map(|half| half.as_primitive_opt::<Int64Type>());
    let (first, second) = (first?, second?);
    Some(first.iter().zip(second).map(|(first, second)| first.zip(second)))
}

/// Copies found, by the member they are in: how many of each record there are.
#[derive(Debug, Default)]
pub(crate) struct Copies(BTreeMap<MemberId, BTreeMap<Key, u64>>);

impl Copies {
    /// Returns how many records of a member are copies.
    pub(crate) fn in_member(&self, member: MemberId) -> u64 {
        let counts = self.0.get(&member).into_iter().flat_map(BTreeMap::values);
        counts.copied().fold(0, u64::saturating_add)
    }

    /// Joins what another branch has found: a record that both kept is counted once.
    fn join(&mut self, other: Self) {
        for (member, keys) in other.0 {
            let known = self.0.entry(member).or_default();
            for (key, count) in keys {
                let most = known.entry(key).or_default();
                *most = count.max(*most);
            }
        }
    }
}

/// Leaves the first of each record in a branch's batches, which are in input order, and takes note
/// of the copies.
///
/// # Errors
///
/// If what was written out cannot be read back.
pub(crate) fn drop_copies(
    batches: &mut [StagedBatch],
    copies: &mut Copies,
) -> Result<(), EngineError> {
    let mut seen = Keys::default();
    let mut found = Copies::default();
    for batch in batches {
        let Some([first, second]) = batch.keys()? else { continue };
        let mut is_new = Vec::with_capacity(first.len());
        for row in 0..first.len() {
            let key = first.is_valid(row).then(|| (first.value(row), second.value(row)));
            let fresh = key.is_none_or(|key| seen.insert(key));
            if let Some(key) = key.filter(|_| !fresh) {
                let count = found.0.entry(batch.member()).or_default().entry(key).or_default();
                *count = count.saturating_add(1);
            }
            is_new.push(fresh);
        }
        if is_new.contains(&false) {
            batch.keep(BooleanArray::from(is_new));
        }
    }
    copies.join(found);
    Ok(())
}
