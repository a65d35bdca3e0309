//! Functions of one real: roots, powers, logarithms, angles.

use arrow::array::ArrayRef;
use datafusion_common::Result;

use super::{Args, Example, Kernel, Returns, ScalarFunction, columns::reals};

pub(super) const SQRT: ScalarFunction = ScalarFunction {
    name: "sqrt",
    summary: "Returns the square root; null of a negative number.",
    source: "https://learn.microsoft.com/kusto/query/sqrt-function",
    examples: &[Example::new("sqrt(16)", "4.0")],
    lower: |call| Some(OF_SQRT.call(vec![call.real(0)?])),
};

pub(super) const EXP: ScalarFunction = ScalarFunction {
    name: "exp",
    summary: "Returns e to the power of a number.",
    source: "https://learn.microsoft.com/kusto/query/exp-function",
    examples: &[Example::new("exp(0)", "1.0")],
    lower: |call| Some(OF_EXP.call(vec![call.real(0)?])),
};

pub(super) const EXP2: ScalarFunction = ScalarFunction {
    name: "exp2",
    summary: "Returns 2 to the power of a number.",
    source: "https://learn.microsoft.com/kusto/query/exp2-function",
    examples: &[Example::new("exp2(5)", "32.0")],
    lower: |call| Some(OF_EXP2.call(vec![call.real(0)?])),
};

pub(super) const EXP10: ScalarFunction = ScalarFunction {
    name: "exp10",
    summary: "Returns 10 to the power of a number.",
    source: "https://learn.microsoft.com/kusto/query/exp10-function",
    examples: &[Example::new("exp10(3)", "1000.0")],
    lower: |call| Some(OF_EXP10.call(vec![call.real(0)?])),
};

pub(super) const LOG: ScalarFunction = ScalarFunction {
    name: "log",
    summary: "Returns the natural logarithm.",
    source: "https://learn.microsoft.com/kusto/query/log-function",
    examples: &[Example::new("log(1)", "0.0")],
    lower: |call| Some(OF_LOG.call(vec![call.real(0)?])),
};

pub(super) const LOG2: ScalarFunction = ScalarFunction {
    name: "log2",
    summary: "Returns the logarithm to base 2.",
    source: "https://learn.microsoft.com/kusto/query/log2-function",
    examples: &[Example::new("log2(8)", "3.0")],
    lower: |call| Some(OF_LOG2.call(vec![call.real(0)?])),
};

pub(super) const LOG10: ScalarFunction = ScalarFunction {
    name: "log10",
    summary: "Returns the logarithm to base 10.",
    source: "https://learn.microsoft.com/kusto/query/log10-function",
    examples: &[Example::new("log10(1000)", "3.0")],
    lower: |call| Some(OF_LOG10.call(vec![call.real(0)?])),
};

pub(super) const SIN: ScalarFunction = ScalarFunction {
    name: "sin",
    summary: "Returns the sine of an angle in radians.",
    source: "https://learn.microsoft.com/kusto/query/sin-function",
    examples: &[Example::new("sin(0)", "0.0")],
    lower: |call| Some(OF_SIN.call(vec![call.real(0)?])),
};

pub(super) const COS: ScalarFunction = ScalarFunction {
    name: "cos",
    summary: "Returns the cosine of an angle in radians.",
    source: "https://learn.microsoft.com/kusto/query/cos-function",
    examples: &[Example::new("cos(0)", "1.0")],
    lower: |call| Some(OF_COS.call(vec![call.real(0)?])),
};

pub(super) const TAN: ScalarFunction = ScalarFunction {
    name: "tan",
    summary: "Returns the tangent of an angle in radians.",
    source: "https://learn.microsoft.com/kusto/query/tan-function",
    examples: &[Example::new("tan(0)", "0.0")],
    lower: |call| Some(OF_TAN.call(vec![call.real(0)?])),
};

pub(super) const ASIN: ScalarFunction = ScalarFunction {
    name: "asin",
    summary: "Returns the angle of a sine, in radians.",
    source: "https://learn.microsoft.com/kusto/query/asin-function",
    examples: &[Example::new("asin(0)", "0.0")],
    lower: |call| Some(OF_ASIN.call(vec![call.real(0)?])),
};

pub(super) const ACOS: ScalarFunction = ScalarFunction {
    name: "acos",
    summary: "Returns the angle of a cosine, in radians.",
    source: "https://learn.microsoft.com/kusto/query/acos-function",
    examples: &[Example::new("acos(1)", "0.0")],
    lower: |call| Some(OF_ACOS.call(vec![call.real(0)?])),
};

pub(super) const ATAN: ScalarFunction = ScalarFunction {
    name: "atan",
    summary: "Returns the angle of a tangent, in radians.",
    source: "https://learn.microsoft.com/kusto/query/atan-function",
    examples: &[Example::new("atan(0)", "0.0")],
    lower: |call| Some(OF_ATAN.call(vec![call.real(0)?])),
};

pub(super) const COT: ScalarFunction = ScalarFunction {
    name: "cot",
    summary: "Returns the cotangent of an angle in radians.",
    source: "https://learn.microsoft.com/kusto/query/cot-function",
    examples: &[Example::new("round(cot(1), 4)", "0.6421")],
    lower: |call| Some(OF_COT.call(vec![call.real(0)?])),
};

pub(super) const DEGREES: ScalarFunction = ScalarFunction {
    name: "degrees",
    summary: "Returns an angle in degrees that is given in radians.",
    source: "https://learn.microsoft.com/kusto/query/degrees-function",
    examples: &[Example::new("degrees(pi())", "180.0")],
    lower: |call| Some(OF_DEGREES.call(vec![call.real(0)?])),
};

pub(super) const RADIANS: ScalarFunction = ScalarFunction {
    name: "radians",
    summary: "Returns an angle in radians that is given in degrees.",
    source: "https://learn.microsoft.com/kusto/query/radians-function",
    examples: &[Example::new("round(radians(180), 4)", "3.1416")],
    lower: |call| Some(OF_RADIANS.call(vec![call.real(0)?])),
};

pub(super) const SIGN: ScalarFunction = ScalarFunction {
    name: "sign",
    summary: "Returns -1, 0 or 1 by the sign of a number.",
    source: "https://learn.microsoft.com/kusto/query/sign-function",
    examples: &[Example::new("sign(-42)", "-1.0"), Example::new("sign(0)", "0.0")],
    lower: |call| Some(OF_SIGN.call(vec![call.real(0)?])),
};

pub(super) static OF_SQRT: Kernel = Kernel {
    name: "kql_sqrt",
    returns: Returns::Real,
    eval: |args| where_defined(args, f64::sqrt, |value| value < 0.0),
};

pub(super) static OF_EXP: Kernel =
    Kernel { name: "kql_exp", returns: Returns::Real, eval: |args| of_real(args, f64::exp) };

pub(super) static OF_EXP2: Kernel =
    Kernel { name: "kql_exp2", returns: Returns::Real, eval: |args| of_real(args, f64::exp2) };

pub(super) static OF_EXP10: Kernel = Kernel {
    name: "kql_exp10",
    returns: Returns::Real,
    eval: |args| of_real(args, |value| 10_f64.powf(value)),
};

pub(super) static OF_LOG: Kernel = Kernel {
    name: "kql_log",
    returns: Returns::Real,
    eval: |args| where_defined(args, f64::ln, |value| value < 0.0),
};

pub(super) static OF_LOG2: Kernel = Kernel {
    name: "kql_log2",
    returns: Returns::Real,
    eval: |args| where_defined(args, f64::log2, |value| value < 0.0),
};

pub(super) static OF_LOG10: Kernel = Kernel {
    name: "kql_log10",
    returns: Returns::Real,
    eval: |args| where_defined(args, f64::log10, |value| value < 0.0),
};

pub(super) static OF_SIN: Kernel =
    Kernel { name: "kql_sin", returns: Returns::Real, eval: |args| of_real(args, f64::sin) };

pub(super) static OF_COS: Kernel =
    Kernel { name: "kql_cos", returns: Returns::Real, eval: |args| of_real(args, f64::cos) };

pub(super) static OF_TAN: Kernel =
    Kernel { name: "kql_tan", returns: Returns::Real, eval: |args| of_real(args, f64::tan) };

pub(super) static OF_ASIN: Kernel = Kernel {
    name: "kql_asin",
    returns: Returns::Real,
    eval: |args| where_defined(args, f64::asin, |value| value.abs() > 1.0),
};

pub(super) static OF_ACOS: Kernel = Kernel {
    name: "kql_acos",
    returns: Returns::Real,
    eval: |args| where_defined(args, f64::acos, |value| value.abs() > 1.0),
};

pub(super) static OF_ATAN: Kernel =
    Kernel { name: "kql_atan", returns: Returns::Real, eval: |args| of_real(args, f64::atan) };

pub(super) static OF_COT: Kernel = Kernel {
    name: "kql_cot",
    returns: Returns::Real,
    eval: |args| of_real(args, |value| value.tan().recip()),
};

pub(super) static OF_DEGREES: Kernel = Kernel {
    name: "kql_degrees",
    returns: Returns::Real,
    eval: |args| of_real(args, f64::to_degrees),
};

pub(super) static OF_RADIANS: Kernel = Kernel {
    name: "kql_radians",
    returns: Returns::Real,
    eval: |args| of_real(args, f64::to_radians),
};

/// Null and NaN have no sign: 0.
///
/// Source: measured.
pub(super) static OF_SIGN: Kernel = Kernel {
    name: "kql_sign",
    returns: Returns::Real,
    eval: |args| {
        let values = args.real(0)?;
        Ok(reals(args.rows(), |row| {
            let value = values.get(row).filter(|value| !value.is_nan() && *value != 0.0);
            Some(value.map_or(0.0, f64::signum))
        }))
    },
};

fn of_real(args: &Args<'_>, compute: impl Fn(f64) -> f64) -> Result<ArrayRef> {
    let values = args.real(0)?;
    Ok(reals(args.rows(), |row| values.get(row).map(&compute)))
}

/// Null outside of what a function is defined for; NaN stays NaN.
///
/// Source: measured for `asin` and `acos`, documented for the others.
fn where_defined(
    args: &Args<'_>,
    compute: fn(f64) -> f64,
    is_outside: fn(f64) -> bool,
) -> Result<ArrayRef> {
    let values = args.real(0)?;
    Ok(reals(args.rows(), |row| values.get(row).filter(|value| !is_outside(*value)).map(compute)))
}
