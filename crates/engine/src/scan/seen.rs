//! What one input has had so far, so that what it has again is left out at once.

use std::collections::BTreeMap;

use arrow::array::{ArrayRef, BooleanArray};

use crate::{
    account::Reservation,
    keys::{Key, Keys, key_values},
};

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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

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
