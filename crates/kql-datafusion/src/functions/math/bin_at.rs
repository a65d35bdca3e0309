//! `bin_at`

use datafusion_expr::Expr;
use kql_types::{KqlType, datetime};

use super::Args;
use super::{
    Call, Example, Kernel, Returns, ScalarFunction,
    columns::{longs, reals},
};
use arrow::array::ArrayRef;
use datafusion_common::{Result, exec_err};

pub(super) const BIN_AT: ScalarFunction = ScalarFunction {
    name: "bin_at",
    summary: "Rounds down to a multiple of a size, counted from a fixed point.",
    source: "https://learn.microsoft.com/kusto/query/bin-at-function",
    examples: &[
        Example::new("bin_at(6.5, 2.5, 7)", "4.5"),
        Example::new("bin_at(1h, 1d, 12h)", "-12:00:00"),
        Example::new(
            "bin_at(datetime(2017-05-17 10:20), 7d, datetime(2017-06-04))",
            "2017-05-14T00:00:00.0000000Z",
        ),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    use KqlType::{Datetime, Int, Long, Real, Timespan};
    let is_number = |at| matches!(call.arg_type(at), Some(Int | Long | Real));
    let is_integer = |at| matches!(call.arg_type(at), Some(Int | Long));
    Some(match (call.arg_type(0)?, call.arg_type(1)?, call.arg_type(2)?) {
        (Datetime, Timespan, Datetime) => call.apply(&DATETIMES),
        (Timespan, Timespan, Timespan) => call.apply(&LONGS),
        _ if (0..3).all(is_integer) => {
            LONGS.call(vec![call.long(0)?, call.long(1)?, call.long(2)?])
        }
        _ if (0..3).all(is_number) => REALS.call(vec![call.real(0)?, call.real(1)?, call.real(2)?]),
        _ => return None,
    })
}

/// Of longs and timespans; a size of zero gives null (inferred).
pub(super) static LONGS: Kernel =
    Kernel { name: "kql_bin_at_long", returns: Returns::Long, eval: |args| floors(args, Some) };

pub(super) static DATETIMES: Kernel = Kernel {
    name: "kql_bin_at_datetime",
    returns: Returns::Long,
    eval: |args| floors(args, datetime::in_range),
};

pub(super) static REALS: Kernel = Kernel {
    name: "kql_bin_at_real",
    returns: Returns::Real,
    eval: |args| {
        let (values, sizes, fixed) = (args.real(0)?, args.real(1)?, args.real(2)?);
        Ok(reals(args.rows(), |row| {
            let (value, size, fixed) = (values.get(row)?, sizes.get(row)?, fixed.get(row)?);
            Some(((value - fixed) / size).floor() * size + fixed)
        }))
    },
};

/// Fails on a size below zero: what Kusto makes of it is not known.
fn floors(args: &Args<'_>, in_range: fn(i64) -> Option<i64>) -> Result<ArrayRef> {
    let (values, sizes, fixed) = (args.long(0)?, args.long(1)?, args.long(2)?);
    if (0..args.rows()).any(|row| sizes.get(row).is_some_and(|size| size < 0)) {
        return exec_err!("`bin_at` by a size below zero does not run yet");
    }
    Ok(longs(args.rows(), |row| {
        floor(values.get(row)?, sizes.get(row)?, fixed.get(row)?).and_then(in_range)
    }))
}

fn floor(value: i64, size: i64, fixed: i64) -> Option<i64> {
    if size <= 0 {
        return None;
    }
    value.checked_sub(value.checked_sub(fixed)?.rem_euclid(size))
}
