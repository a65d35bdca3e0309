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
    datatypes::{Int32Type, Int64Type},
};
use kql_types::timespan;

use crate::account::Reservation;

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

/// The records of one input that a branch has kept, for each request by which they came.
///
/// A log has no record twice, but what was carved out of an image has, and so has a file that was
/// put together out of others. Where memory is not enough to hold what tells the records apart, all
/// are taken for new, and whoever uses them has to look for copies later.
#[derive(Debug)]
pub(crate) struct Seen {
    kept: BTreeMap<usize, Keys>,
    account: Reservation,
    is_given_up: bool,
    /// Those of the batch on which it was given up for which there was no room.
    last: Keys,
}

impl Seen {
    /// Starts without any.
    pub(crate) fn new(account: Reservation) -> Self {
        Self { kept: BTreeMap::new(), account, is_given_up: false, last: Keys::default() }
    }

    /// Tells whether every copy has been told so far: rows kept since may be copies.
    pub(crate) fn is_complete(&self) -> bool {
        !self.is_given_up
    }

    /// Returns which rows of a batch are copies of records kept before, or of others in the batch;
    /// `None` if none is.
    pub(crate) fn copies(&mut self, request: usize, keys: &[ArrayRef; 2]) -> Option<BooleanArray> {
        if self.is_given_up {
            self.kept.clear();
            self.last = Keys::default();
            self.account.free();
            return None;
        }
        let kept = self.kept.get(&request);
        let mut met = Keys::default();
        let mut is_copy = |key: Key| kept.is_some_and(|it| it.contains(&key)) || !met.insert(key);
        let copies: BooleanArray =
            key_values(keys)?.map(|key| Some(key.is_some_and(&mut is_copy))).collect();
        (copies.true_count() > 0).then_some(copies)
    }

    /// Takes note of the rows of a batch that were kept; tells whether there was memory for it, and
    /// for all before.
    pub(crate) fn keep(
        &mut self,
        request: usize,
        keys: &[ArrayRef; 2],
        kept: &BooleanArray,
    ) -> bool {
        if self.is_given_up {
            return false;
        }
        let Some(keys) = key_values(keys) else { return true };
        let of_request = self.kept.entry(request).or_default();
        let kept = keys.zip(kept.values()).filter_map(|(key, is_kept)| key.filter(|_| is_kept));
        for key in kept {
            let is_full = of_request.len() == of_request.capacity();
            self.is_given_up |= is_full && !make_room(of_request, &self.account);
            // What the batch has twice is still to be told.
            let keys = if self.is_given_up { &mut self.last } else { &mut *of_request };
            keys.insert(key);
        }
        !self.is_given_up
    }

    /// Returns those of a batch's copies whose original was kept.
    pub(crate) fn of_kept(
        &self,
        request: usize,
        keys: &[ArrayRef; 2],
        copies: &BooleanArray,
    ) -> Option<BooleanArray> {
        let kept = self.kept.get(&request)?;
        let is_known = |key: Key| kept.contains(&key) || self.last.contains(&key);
        let is_kept = |key: Option<Key>| key.is_some_and(is_known);
        let rows = key_values(keys)?.zip(copies.values());
        Some(rows.map(|(key, is_copy)| Some(is_copy && is_kept(key))).collect())
    }
}

/// Makes room in a set for as many keys again, if memory allows it.
fn make_room(keys: &mut Keys, account: &Reservation) -> bool {
    let (before, more) = (keys.capacity(), keys.capacity().max(LEAST_KEYS));
    let after = before.saturating_add(more);
    // While they move, the keys stand in both places.
    if !account.try_grow(bytes_of(after)) {
        return false;
    }
    keys.reserve(more);
    account.shrink(bytes_of(before));
    true
}

/// The first room that a set makes.
const LEAST_KEYS: usize = 448;

/// Returns the bytes of a set for so many keys: an eighth of its places stays free, their number is a
/// power of two, and each has a byte besides the key.
pub(crate) fn bytes_of(capacity: usize) -> usize {
    if capacity == 0 {
        return 0;
    }
    let places = capacity.saturating_mul(8).div_ceil(7).next_power_of_two();
    places.saturating_mul(size_of::<Key>().saturating_add(1))
}

/// Yields the keys that [`keys`] made, by row.
fn key_values(keys: &[ArrayRef; 2]) -> Option<impl Iterator<Item = Option<Key>>> {
    let [first, second] = keys.each_ref().map(|half| half.as_primitive_opt::<Int64Type>());
    let (first, second) = (first?, second?);
    Some(first.iter().zip(second).map(|(first, second)| first.zip(second)))
}

#[cfg(test)]
mod tests {
    use arrow::array::Int64Array;

    use super::*;

    fn keys(of: std::ops::Range<i64>) -> [ArrayRef; 2] {
        // Spread as hashes are.
        let mixed = |factor: i64| -> ArrayRef {
            Arc::new(of.clone().map(|key| key.wrapping_mul(factor)).collect::<Int64Array>())
        };
        [mixed(-7_046_029_254_386_353_131), mixed(-4_417_276_706_812_531_889)]
    }

    fn all(rows: usize) -> BooleanArray {
        BooleanArray::from(vec![true; rows])
    }

    #[test]
    fn what_tells_records_apart_is_on_the_account() {
        let mut seen = Seen::new(Reservation::with_limit(1 << 20));
        assert!(seen.keep(0, &keys(0..20_000), &all(20_000)));
        assert!(seen.account.bytes() >= 20_000 * 17, "{}", seen.account.bytes());
        assert_eq!(seen.copies(0, &keys(19_999..20_001)).unwrap(), vec![true, false].into());
        assert!(!seen.keep(0, &keys(20_000..90_000), &all(70_000)), "there is no room for them");
        let copies = BooleanArray::from(vec![true; 3]);
        assert_eq!(seen.of_kept(0, &keys(89_998..90_001), &copies).unwrap().true_count(), 2);
        assert_eq!(seen.copies(0, &keys(0..2)), None, "to be looked for later");
        assert_eq!(seen.account.bytes(), 0);
        assert!(!seen.keep(0, &keys(0..2), &all(2)));
    }

    #[test]
    fn a_set_takes_what_it_is_said_to() {
        let mut set = Keys::default();
        for wanted in [1, 448, 449, 5_000, 100_000] {
            set.reserve(wanted);
            assert!(bytes_of(set.capacity()) >= set.capacity() * 17, "{wanted}");
            assert!(bytes_of(set.capacity()) <= set.capacity().max(8) * 41, "{wanted}");
        }
    }
}
