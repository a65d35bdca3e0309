//! `pow`, `atan2`, `pi`

use arrow::array::ArrayRef;
use datafusion_common::Result;
use datafusion_expr::lit;

use super::{Args, Example, Kernel, Returns, ScalarFunction, columns::reals};

pub(super) const POW: ScalarFunction = ScalarFunction {
    name: "pow",
    summary: "Returns a number to the power of another.",
    source: "https://learn.microsoft.com/kusto/query/pow-function",
    examples: &[Example::new("pow(2, 3)", "8.0")],
    lower: |call| Some(OF_POW.call(vec![call.real(0)?, call.real(1)?])),
};

pub(super) const ATAN2: ScalarFunction = ScalarFunction {
    name: "atan2",
    summary: "Returns the angle of a point, in radians.",
    source: "https://learn.microsoft.com/kusto/query/atan2-function",
    examples: &[Example::new("atan2(0, 1)", "0.0")],
    lower: |call| Some(OF_ATAN2.call(vec![call.real(0)?, call.real(1)?])),
};

pub(super) const PI: ScalarFunction = ScalarFunction {
    name: "pi",
    summary: "Returns the ratio of a circle to its diameter.",
    source: "https://learn.microsoft.com/kusto/query/pi-function",
    examples: &[Example::new("round(pi(), 5)", "3.14159")],
    lower: |_| Some(lit(std::f64::consts::PI)),
};

pub(super) static OF_POW: Kernel =
    Kernel { name: "kql_pow", returns: Returns::Real, eval: |args| of_reals(args, f64::powf) };

pub(super) static OF_ATAN2: Kernel =
    Kernel { name: "kql_atan2", returns: Returns::Real, eval: |args| of_reals(args, f64::atan2) };

fn of_reals(args: &Args<'_>, compute: fn(f64, f64) -> f64) -> Result<ArrayRef> {
    let (left, right) = (args.real(0)?, args.real(1)?);
    Ok(reals(args.rows(), |row| Some(compute(left.get(row)?, right.get(row)?))))
}
