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

/// Of longs and timespans; a size of zero gives null.
///
/// Source: measured, sizes below zero as well.
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

/// Returns the size times the quotient rounded down. Where value and size are of different signs, the
/// dividend is moved first, which wraps around at the ends of a long.
///
/// Source: measured, at the ends as well.
fn floor(value: i64, size: i64) -> Option<i64> {
    let towards_zero = match (value.signum(), size.signum()) {
        (_, 0) => return None,
        (-1, 1) => value.wrapping_sub(size).wrapping_add(1),
        (1, -1) => value.wrapping_sub(size).wrapping_sub(1),
        _ => value,
    };
    // There is no quotient of the smallest long and -1, whose multiple it is.
    let quotient = towards_zero.checked_div(size);
    Some(quotient.map_or(towards_zero, |quotient| quotient.wrapping_mul(size)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longs_are_rounded_down_whatever_the_signs() {
        for (value, size, expected) in [
            (7, 5, 5),
            (-7, 5, -10),
            (7, -5, 10),
            (-7, -5, -5),
            (0, 5, 0),
            (-10, 5, -10),
            (10, -5, 10),
            (i64::MIN + 1, 2, i64::MIN),
            (i64::MIN + 3, 4, i64::MIN),
            (i64::MAX - 2, -3, i64::MAX - 1),
            (i64::MIN + 2, 4, i64::MAX - 3),
            (i64::MAX, -4, i64::MIN + 4),
            (i64::MIN, 3, i64::MAX - 1),
        ] {
            assert_eq!(floor(value, size), Some(expected), "bin({value}, {size})");
        }
        assert_eq!(floor(7, 0), None);
    }
}
