//! The nearest rank in a list of values.

use std::{cmp::Ordering, sync::Arc};

use arrow::array::{Array, ArrayRef, Float64Array, Int64Array};
use datafusion_common::{Result, exec_datafusion_err};

use super::{Args, Kernel, Returns, columns::longs, columns::reals};

/// Argument 0 is a list of longs, datetimes or timespans, argument 1 a percentage.
pub(crate) static PERCENTILE_LONG: Kernel = Kernel {
    name: "kql_percentile_long",
    returns: Returns::Long,
    eval: |args| {
        let values = ranked(args, |list: &Int64Array| list.iter().flatten().collect(), i64::cmp)?;
        Ok(longs(args.rows(), |row| values.get(row).copied().flatten()))
    },
};

/// Argument 0 is a list of reals, argument 1 a percentage.
pub(crate) static PERCENTILE_REAL: Kernel = Kernel {
    name: "kql_percentile_real",
    returns: Returns::Real,
    eval: |args| {
        let of_list = |list: &Float64Array| list.iter().flatten().collect();
        let values = ranked(args, of_list, f64::total_cmp)?;
        Ok(reals(args.rows(), |row| values.get(row).copied().flatten()))
    },
};

/// Returns the value of the nearest rank for each row; null of an empty list.
fn ranked<A: Array + 'static, T: Copy>(
    args: &Args<'_>,
    values: impl Fn(&A) -> Vec<T>,
    order: impl Fn(&T, &T) -> Ordering + Copy,
) -> Result<Vec<Option<T>>> {
    let (lists, percentages) = (args.list(0)?, args.real(1)?);
    let of_rows = (0..args.rows()).map(|row| {
        let Some((list, percentage)) = lists.get(row).zip(percentages.get(row)) else {
            return Ok(None);
        };
        let list: ArrayRef = Arc::clone(&list);
        let list = list
            .as_any()
            .downcast_ref::<A>()
            .ok_or_else(|| exec_datafusion_err!("a list of {}", list.data_type()))?;
        let mut values = values(list);
        let rank = rank(percentage, values.len());
        // Nobody asks for the order of the others.
        Ok((rank < values.len()).then(|| *values.select_nth_unstable_by(rank, order).1))
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
