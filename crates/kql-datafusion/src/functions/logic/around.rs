//! `around`

use datafusion_expr::Expr;
use kql_types::KqlType;

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns::nullable_bools};

pub(super) const AROUND: ScalarFunction = ScalarFunction {
    name: "around",
    summary: "Tells whether a value is at most so far from a center.",
    source: "https://learn.microsoft.com/kusto/query/around-function",
    examples: &[
        Example::new("around(8, 10, 2)", "True"),
        Example::new("around(datetime(2021-01-01), datetime(2021-01-03), 1d)", "False"),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    use KqlType::{Datetime, Int, Long, Real, Timespan};
    let types = (call.arg_type(0)?, call.arg_type(1)?, call.arg_type(2)?);
    match types {
        (Datetime, Datetime, Timespan) | (Timespan, Timespan, Timespan) => Some(call.apply(&TICKS)),
        (Int | Long, Int | Long, Int | Long) => {
            Some(TICKS.call(vec![call.long(0)?, call.long(1)?, call.long(2)?]))
        }
        (Int | Long | Real, Int | Long | Real, Int | Long | Real) => {
            Some(REALS.call(vec![call.real(0)?, call.real(1)?, call.real(2)?]))
        }
        _ => None,
    }
}

/// Null if one of the arguments is null.
///
/// Source: documented.
pub(super) static TICKS: Kernel = Kernel {
    name: "kql_around_ticks",
    returns: Returns::Bool,
    eval: |args| {
        let (values, centers, deltas) = (args.long(0)?, args.long(1)?, args.long(2)?);
        Ok(nullable_bools(args.rows(), |row| {
            let distance = values.get(row)?.abs_diff(centers.get(row)?);
            let delta = deltas.get(row)?;
            Some(u64::try_from(delta).is_ok_and(|delta| distance <= delta))
        }))
    },
};

pub(super) static REALS: Kernel = Kernel {
    name: "kql_around_reals",
    returns: Returns::Bool,
    eval: |args| {
        let (values, centers, deltas) = (args.real(0)?, args.real(1)?, args.real(2)?);
        Ok(nullable_bools(args.rows(), |row| {
            let (value, center, delta) = (values.get(row)?, centers.get(row)?, deltas.get(row)?);
            Some(value >= center - delta && value <= center + delta)
        }))
    },
};
