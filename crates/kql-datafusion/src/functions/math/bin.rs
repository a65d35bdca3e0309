//! `bin`, also called `floor`

use kql_types::{KqlType, datetime};

use super::{
    Call, Example, Kernel, Returns, ScalarFunction,
    columns::{longs, reals},
};
use datafusion_expr::Expr;

pub(super) const BIN: ScalarFunction = ScalarFunction {
    name: "bin",
    summary: "Rounds down to a multiple of a size, counted from zero or from the year 1.",
    source: "https://learn.microsoft.com/kusto/query/bin-function",
    examples: &[
        Example::new("bin(-7, 5)", "-10"),
        Example::new("bin(4.5, 1)", "4.0"),
        Example::new("bin(datetime(2020-01-02 03:04), 1d)", "2020-01-02T00:00:00.0000000Z"),
        Example::new("bin(90m, 1h)", "01:00:00"),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    use KqlType::{Datetime, Int, Long, Real, Timespan};
    Some(match (call.arg_type(0)?, call.arg_type(1)?) {
        (Int | Long, Int | Long) => BIN_LONG.call(vec![call.long(0)?, call.long(1)?]),
        (Int | Long | Real, Int | Long | Real) => BIN_REAL.call(vec![call.real(0)?, call.real(1)?]),
        (Timespan, Timespan) => call.apply(&BIN_LONG),
        (Datetime, Timespan) => call.apply(&BIN_DATETIME),
        _ => return None,
    })
}

/// Of longs and timespans; a size of zero or below gives null.
///
/// Source: measured for zero; below zero is inferred.
pub(super) static BIN_LONG: Kernel = Kernel {
    name: "kql_bin_long",
    returns: Returns::Long,
    eval: |args| {
        let (values, sizes) = (args.long(0)?, args.long(1)?);
        Ok(longs(args.rows(), |row| floor(values.get(row)?, sizes.get(row)?)))
    },
};

/// Of datetimes, by timespans.
pub(super) static BIN_DATETIME: Kernel = Kernel {
    name: "kql_bin_datetime",
    returns: Returns::Long,
    eval: |args| {
        let (values, sizes) = (args.long(0)?, args.long(1)?);
        Ok(longs(args.rows(), |row| {
            floor(values.get(row)?, sizes.get(row)?).and_then(datetime::in_range)
        }))
    },
};

/// Of reals: `floor(value / size) * size`; a size of zero gives NaN.
///
/// Source: measured.
pub(super) static BIN_REAL: Kernel = Kernel {
    name: "kql_bin_real",
    returns: Returns::Real,
    eval: |args| {
        let (values, sizes) = (args.real(0)?, args.real(1)?);
        Ok(reals(args.rows(), |row| {
            let (value, size) = (values.get(row)?, sizes.get(row)?);
            Some((value / size).floor() * size)
        }))
    },
};

fn floor(value: i64, size: i64) -> Option<i64> {
    if size <= 0 {
        return None;
    }
    Some(value.wrapping_sub(value.rem_euclid(size)))
}
