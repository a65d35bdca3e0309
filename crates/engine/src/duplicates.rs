//! The same record found twice: a forwarded copy beside the original, exports that overlap.
//!
//! A record is the same if host, channel and record id are, and also its event id and the second of
//! its time: a log that was cleared counts its records anew. What is finer than a second is left to
//! the exporters, not all of which keep it. A record without an id is never a copy.

use std::{
    collections::{BTreeMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array, StringViewArray},
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
    let channels = columns.channel.as_string_view_opt()?;
    let hosts = columns.host.as_string_view_opt()?;
    let key = |row: usize, seed: u8| {
        if record_ids.is_null(row) {
            return None;
        }
        let mut hasher = DefaultHasher::new();
        seed.hash(&mut hasher);
        record_ids.value(row).hash(&mut hasher);
        event_ids.is_valid(row).then(|| event_ids.value(row)).hash(&mut hasher);
        times
            .is_valid(row)
            .then(|| times.value(row).div_euclid(timespan::SECOND))
            .hash(&mut hasher);
        hash_text(channels, row, &mut hasher);
        hash_text(hosts, row, &mut hasher);
        Some(hasher.finish().cast_signed())
    };
    let column = |seed| -> ArrayRef {
        let keys: Int64Array = (0..record_ids.len()).map(|row| key(row, seed)).collect();
        std::sync::Arc::new(keys)
    };
    Some([column(0), column(1)])
}

fn hash_text(texts: &StringViewArray, row: usize, hasher: &mut DefaultHasher) {
    for byte in texts.value(row).bytes() {
        byte.to_ascii_lowercase().hash(hasher);
    }
    u8::MAX.hash(hasher);
}

/// What tells a record from others.
type Key = (i64, i64);

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
    let mut seen: HashSet<Key> = HashSet::new();
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
