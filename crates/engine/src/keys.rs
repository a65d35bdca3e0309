//! The same record found twice: a forwarded copy beside the original, exports that overlap.
//!
//! A record is the same if host, channel and record id are, and also its event id and the second of
//! its time: a log that was cleared counts its records anew. What is finer than a second is left to
//! the exporters, not all of which keep it. A record without an id is never a copy.

use std::{
    collections::HashSet,
    hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, Int64Builder, StringViewArray},
    datatypes::{Int32Type, Int64Type},
};
use kql_types::timespan;

/// The columns by which records are told apart, as a reader fills them.
pub(crate) struct RecordColumns<'a> {
    pub(crate) record_id: &'a ArrayRef,
    pub(crate) event_id: &'a ArrayRef,
    pub(crate) channel: &'a ArrayRef,
    pub(crate) host: &'a ArrayRef,
    pub(crate) time: &'a ArrayRef,
}

/// Returns two columns that together tell the records apart, null where nothing does.
///
/// Together they are 128 bits: that two records of a billion share them is out of the question.
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
pub(crate) type Key = (i64, i64);

/// A set of keys, which are hashes already.
pub(crate) type Keys = HashSet<Key, BuildHasherDefault<KeyHasher>>;

/// Takes a key's halves for what they are.
#[derive(Debug, Default)]
pub(crate) struct KeyHasher(u64);

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

/// Yields the keys that [`keys`] made, by row.
pub(crate) fn key_values(keys: &[ArrayRef; 2]) -> Option<impl Iterator<Item = Option<Key>>> {
    let [first, second] = keys.each_ref().map(|half| half.as_primitive_opt::<Int64Type>());
    let (first, second) = (first?, second?);
    Some(first.iter().zip(second).map(|(first, second)| first.zip(second)))
}
