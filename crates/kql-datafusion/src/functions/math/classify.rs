//! `isnan`, `isinf`, `isfinite`

use arrow::array::ArrayRef;
use datafusion_common::Result;

use super::{Args, Example, Kernel, Returns, ScalarFunction, columns::nullable_bools};

pub(super) const ISNAN: ScalarFunction = ScalarFunction {
    name: "isnan",
    summary: "Tells whether a real is not a number.",
    source: "https://learn.microsoft.com/kusto/query/isnan-function",
    examples: &[Example::new("isnan(0.0/0)", "True"), Example::new("isnan(1.0)", "False")],
    lower: |call| Some(call.apply(&IS_NAN)),
};

pub(super) const ISINF: ScalarFunction = ScalarFunction {
    name: "isinf",
    summary: "Tells whether a real is an infinity.",
    source: "https://learn.microsoft.com/kusto/query/isinf-function",
    examples: &[Example::new("isinf(1.0/0)", "True")],
    lower: |call| Some(call.apply(&IS_INF)),
};

pub(super) const ISFINITE: ScalarFunction = ScalarFunction {
    name: "isfinite",
    summary: "Tells whether a real is neither an infinity nor NaN.",
    source: "https://learn.microsoft.com/kusto/query/isfinite-function",
    examples: &[Example::new("isfinite(1.0)", "True"), Example::new("isfinite(1.0/0)", "False")],
    lower: |call| Some(call.apply(&IS_FINITE)),
};

pub(super) static IS_NAN: Kernel =
    Kernel { name: "kql_isnan", returns: Returns::Bool, eval: |args| of_real(args, f64::is_nan) };

pub(super) static IS_INF: Kernel = Kernel {
    name: "kql_isinf",
    returns: Returns::Bool,
    eval: |args| of_real(args, f64::is_infinite),
};

pub(super) static IS_FINITE: Kernel = Kernel {
    name: "kql_isfinite",
    returns: Returns::Bool,
    eval: |args| of_real(args, f64::is_finite),
};

/// Of null it is null.
///
/// Source: measured for `isnan`, against the documentation; inferred for the others.
fn of_real(args: &Args<'_>, test: fn(f64) -> bool) -> Result<ArrayRef> {
    let values = args.real(0)?;
    Ok(nullable_bools(args.rows(), |row| values.get(row).map(test)))
}
