//! The nearest rank among gathered numbers.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray},
    datatypes::Int64Type,
};
use datafusion_common::{Result, exec_datafusion_err, internal_datafusion_err, internal_err};

use super::super::{
    Args, Kernel, Returns,
    columns::{longs, reals},
};

/// Argument 0 is what longs, datetimes or timespans were gathered to, argument 1 a percentage.
pub(crate) static PERCENTILE_LONG: Kernel = Kernel {
    name: "kql_percentile_long",
    returns: Returns::Long,
    eval: |args| {
        let keys = ranked(args)?;
        Ok(longs(args.rows(), |row| keys.get(row).copied().flatten()))
    },
};

/// Argument 0 is what reals were gathered to, argument 1 a percentage.
pub(crate) static PERCENTILE_REAL: Kernel = Kernel {
    name: "kql_percentile_real",
    returns: Returns::Real,
    eval: |args| {
        let keys = ranked(args)?;
        Ok(reals(args.rows(), |row| keys.get(row).copied().flatten().map(real_of_key)))
    },
};

/// Returns a number that is in the order of reals, that of [`f64::total_cmp`], where this one is.
pub(crate) const fn key_of_real(real: f64) -> i64 {
    let bits = real.to_bits().cast_signed();
    // Of negative reals, those with greater bits are less.
    bits ^ ((bits >> 63) & i64::MAX)
}

/// Returns the real of a key.
const fn real_of_key(key: i64) -> f64 {
    let bits = key ^ ((key >> 63) & i64::MAX);
    f64::from_bits(bits.cast_unsigned())
}

/// The gathered numbers of a group as a list has them: how many are counted, each of these with how
/// often it comes, then the others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranks<'a> {
    pairs: &'a [[i64; 2]],
    plain: &'a [i64],
}

impl<'a> Ranks<'a> {
    /// Reads a list; an empty one has no numbers.
    ///
    /// # Errors
    ///
    /// If the list was not written by [`Self::write`].
    pub(crate) fn of(list: &'a [i64]) -> Result<Self> {
        let Some((pairs, rest)) = list.split_first() else {
            return Ok(Self { pairs: &[], plain: &[] });
        };
        let length = usize::try_from(*pairs).ok().and_then(|pairs| pairs.checked_mul(2));
        let (pairs, plain) = length
            .and_then(|length| rest.split_at_checked(length))
            .ok_or_else(|| internal_datafusion_err!("a list of gathered numbers is cut off"))?;
        let pairs = pairs.as_chunks().0;
        if pairs.iter().any(|[_, times]| *times < 1) {
            return internal_err!("a gathered number is counted less than once");
        }
        Ok(Self { pairs, plain })
    }

    /// Writes a list behind others.
    pub(crate) fn write(counted: &[(i64, i64)], plain: &[i64], to: &mut Vec<i64>) {
        to.push(i64::try_from(counted.len()).unwrap_or(i64::MAX));
        to.extend(counted.iter().flat_map(|(number, times)| [*number, *times]));
        to.extend_from_slice(plain);
    }

    /// Yields the numbers that are counted, and how often each comes.
    pub(crate) fn counted(self) -> impl Iterator<Item = (i64, i64)> + 'a {
        self.pairs.iter().map(|[number, times]| (*number, *times))
    }

    /// Returns the others.
    pub(crate) const fn plain(self) -> &'a [i64] {
        self.plain
    }

    /// Returns the number of the nearest rank, `None` if there are none.
    fn nearest(self, percentage: f64) -> Option<i64> {
        let times = |times: i64| usize::try_from(times).unwrap_or(0);
        let counted = self.counted().map(|pair| times(pair.1)).fold(0, usize::saturating_add);
        let all = counted.saturating_add(self.plain.len());
        let rank = rank(percentage, all);
        if all == 0 {
            return None;
        }
        if self.pairs.is_empty() {
            // Nobody asks for the order of the others.
            let mut plain = self.plain.to_vec();
            return Some(*plain.select_nth_unstable(rank).1);
        }
        let mut pairs: Vec<(i64, i64)> = self.counted().collect();
        pairs.extend(self.plain.iter().map(|number| (*number, 1)));
        pairs.sort_unstable();
        let mut before = 0_usize;
        let reaches = |pair: &&(i64, i64)| {
            before = before.saturating_add(times(pair.1));
            before > rank
        };
        pairs.iter().find(reaches).map(|pair| pair.0)
    }
}

/// Returns the key of the nearest rank for each row; null of an empty list.
fn ranked(args: &Args<'_>) -> Result<Vec<Option<i64>>> {
    let (lists, percentages) = (args.list(0)?, args.real(1)?);
    let of_rows = (0..args.rows()).map(|row| {
        let Some((list, percentage)) = lists.get(row).zip(percentages.get(row)) else {
            return Ok(None);
        };
        let list: ArrayRef = Arc::clone(&list);
        let numbers = list
            .as_primitive_opt::<Int64Type>()
            .ok_or_else(|| exec_datafusion_err!("a list of {}", list.data_type()))?;
        Ok(Ranks::of(numbers.values())?.nearest(percentage))
    });
    of_rows.collect()
}

/// Returns the place of the nearest rank among so many sorted values.
///
/// Source: measured, `percentile` does not interpolate.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place in memory is far below what a double counts, and the cast saturates"
)]
fn rank(percentage: f64, count: usize) -> usize {
    let rank = (percentage / 100.0 * count as f64).ceil() as usize;
    rank.saturating_sub(1).min(count.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn keys_are_in_the_order_of_their_reals(one: f64, other: f64) {
            prop_assert_eq!(key_of_real(one).cmp(&key_of_real(other)), one.total_cmp(&other));
            prop_assert_eq!(real_of_key(key_of_real(one)).to_bits(), one.to_bits());
        }

        #[test]
        fn the_nearest_rank_is_that_of_all_numbers(
            numbers in proptest::collection::vec(-5..6_i64, 0..60),
            counted in proptest::collection::btree_map(-9..9_i64, 1..5_i64, 0..9),
            percentage in 0.0..100.0_f64,
        ) {
            let counted: Vec<(i64, i64)> = counted.into_iter().collect();
            let mut list = Vec::new();
            Ranks::write(&counted, &numbers, &mut list);
            let mut all = numbers;
            for (number, times) in counted {
                all.extend(std::iter::repeat_n(number, usize::try_from(times).unwrap()));
            }
            all.sort_unstable();
            let expected = all.get(rank(percentage, all.len())).copied();
            prop_assert_eq!(Ranks::of(&list).unwrap().nearest(percentage), expected);
        }
    }

    #[test]
    fn a_list_that_ends_early_is_an_error() {
        assert!(Ranks::of(&[2, 7, 1, 9]).is_err() && Ranks::of(&[-1]).is_err());
        assert!(Ranks::of(&[1, 7, 0]).is_err());
        assert_eq!(Ranks::of(&[]).unwrap().nearest(50.0), None);
    }
}
