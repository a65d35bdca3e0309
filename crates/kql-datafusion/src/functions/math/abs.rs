//! `abs`

use kql_types::KqlType;

use super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::{longs, reals},
};

pub(super) const ABS: ScalarFunction = ScalarFunction {
    name: "abs",
    summary: "Returns a number or timespan without its sign.",
    source: "https://learn.microsoft.com/kusto/query/abs-function",
    examples: &[Example::new("abs(-5)", "5"), Example::new("abs(-1h)", "01:00:00")],
    lower: |call| {
        Some(match call.arg_type(0)? {
            KqlType::Int | KqlType::Long => ABS_LONG.call(vec![call.long(0)?]),
            KqlType::Timespan => call.apply(&ABS_LONG),
            KqlType::Real => call.apply(&ABS_REAL),
            _ => return None,
        })
    },
};

/// Of a long or timespan.
pub(super) static ABS_LONG: Kernel = Kernel {
    name: "kql_abs_long",
    returns: Returns::Long,
    eval: |args| {
        let values = args.long(0)?;
        Ok(longs(args.rows(), |row| values.get(row).map(i64::wrapping_abs)))
    },
};

/// Of a real.
pub(super) static ABS_REAL: Kernel = Kernel {
    name: "kql_abs_real",
    returns: Returns::Real,
    eval: |args| {
        let values = args.real(0)?;
        Ok(reals(args.rows(), |row| values.get(row).map(f64::abs)))
    },
};
