//! Arithmetic that SQL does otherwise: division, modulo, points in time.
//!
//! Sums, differences and products of longs are DataFusion's own, which wrap around as Kusto's do.
//! Source: <https://learn.microsoft.com/kusto/query/numerical-operators>, and measured: integers
//! divide towards zero, by zero gives null, a remainder is never negative.

use arrow::array::ArrayRef;
use datafusion_common::Result;
use kql_types::datetime;

use super::{Args, Kernel, Returns, columns::longs, columns::reals};

/// `long / long`
pub(crate) static LONG_DIVIDE: Kernel = Kernel {
    name: "kql_long_divide",
    returns: Returns::Long,
    eval: |args| of_longs(args, |a, b| if b == 0 { None } else { Some(a.wrapping_div(b)) }),
};

/// `long % long`
pub(crate) static LONG_MODULO: Kernel = Kernel {
    name: "kql_long_modulo",
    returns: Returns::Long,
    eval: |args| of_longs(args, |a, b| if b == 0 { None } else { Some(a.wrapping_rem_euclid(b)) }),
};

/// `real % real`, never negative; NaN by zero.
///
/// Source: documented.
pub(crate) static REAL_MODULO: Kernel = Kernel {
    name: "kql_real_modulo",
    returns: Returns::Real,
    eval: |args| {
        let (left, right) = (args.real(0)?, args.real(1)?);
        Ok(reals(args.rows(), |row| Some(left.get(row)?.rem_euclid(right.get(row)?))))
    },
};

/// `datetime + timespan`, null where it leaves the range of a datetime.
pub(crate) static DATETIME_ADD: Kernel = Kernel {
    name: "kql_datetime_add",
    returns: Returns::Long,
    eval: |args| of_longs(args, datetime::add),
};

/// `datetime - timespan`, null where it leaves the range of a datetime.
pub(crate) static DATETIME_SUBTRACT: Kernel = Kernel {
    name: "kql_datetime_subtract",
    returns: Returns::Long,
    eval: |args| of_longs(args, |a, b| datetime::add(a, b.checked_neg()?)),
};

/// `timespan / timespan`
pub(crate) static TIMESPAN_RATIO: Kernel =
    Kernel { name: "kql_timespan_ratio", returns: Returns::Real, eval: timespan_ratio };

/// `timespan * real`; below one tick is cut off, and what no timespan can hold is null.
pub(crate) static TIMESPAN_SCALE: Kernel = Kernel {
    name: "kql_timespan_scale",
    returns: Returns::Long,
    eval: |args| scale_timespan(args, |ticks, factor| ticks * factor),
};

/// `timespan / real`; below one tick is cut off, and what no timespan can hold is null.
pub(crate) static TIMESPAN_DIVIDE: Kernel = Kernel {
    name: "kql_timespan_divide",
    returns: Returns::Long,
    eval: |args| scale_timespan(args, |ticks, divisor| ticks / divisor),
};

fn of_longs(args: &Args<'_>, compute: fn(i64, i64) -> Option<i64>) -> Result<ArrayRef> {
    let (left, right) = (args.long(0)?, args.long(1)?);
    Ok(longs(args.rows(), |row| compute(left.get(row)?, right.get(row)?)))
}

#[expect(clippy::cast_precision_loss, reason = "a ratio is a real")]
fn timespan_ratio(args: &Args<'_>) -> Result<ArrayRef> {
    let (left, right) = (args.long(0)?, args.long(1)?);
    Ok(reals(args.rows(), |row| Some(left.get(row)? as f64 / right.get(row)? as f64)))
}

#[expect(clippy::cast_precision_loss, reason = "the factor is a real")]
fn scale_timespan(args: &Args<'_>, compute: fn(f64, f64) -> f64) -> Result<ArrayRef> {
    let (timespans, factors) = (args.long(0)?, args.real(1)?);
    Ok(longs(args.rows(), |row| {
        whole_ticks(compute(timespans.get(row)? as f64, factors.get(row)?))
    }))
}

/// Returns a real without its fraction, or `None` outside the range of a long.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
pub(crate) fn whole_ticks(ticks: f64) -> Option<i64> {
    // 2^63 is the first double that no i64 reaches.
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    (-LIMIT..LIMIT).contains(&ticks).then_some(ticks as i64)
}
