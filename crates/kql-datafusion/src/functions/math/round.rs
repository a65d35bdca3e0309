//! `round`, `ceiling`

use datafusion_expr::{Expr, lit};
use kql_types::KqlType;

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns::reals};

pub(super) const ROUND: ScalarFunction = ScalarFunction {
    name: "round",
    summary: "Returns a number rounded to so many decimal places.",
    source: "https://learn.microsoft.com/kusto/query/round-function",
    examples: &[Example::new("round(2.98765, 3)", "2.988"), Example::new("round(15.5)", "16.0")],
    lower,
};

pub(super) const CEILING: ScalarFunction = ScalarFunction {
    name: "ceiling",
    summary: "Returns the smallest whole number that is not below a number.",
    source: "https://learn.microsoft.com/kusto/query/ceiling-function",
    examples: &[Example::new("ceiling(-1.1)", "-1.0"), Example::new("ceiling(0.9)", "1.0")],
    lower: |call| Some(CEILING_REAL.call(vec![call.real(0).filter(|_| call.ty == KqlType::Real)?])),
};

/// Integers are whole already; rounding them to tens does not run yet.
fn lower(call: &Call) -> Option<Expr> {
    if call.ty != KqlType::Real {
        return None;
    }
    let places = if call.args.len() > 1 { call.long(1)? } else { lit(0_i64) };
    Some(ROUND_REAL.call(vec![call.real(0)?, places]))
}

/// Halves are rounded to the even neighbour, as .NET does (inferred).
pub(super) static ROUND_REAL: Kernel = Kernel {
    name: "kql_round",
    returns: Returns::Real,
    eval: |args| {
        let (values, places) = (args.real(0)?, args.long(1)?);
        Ok(reals(args.rows(), |row| round(values.get(row)?, places.get(row)?)))
    },
};

pub(super) static CEILING_REAL: Kernel = Kernel {
    name: "kql_ceiling",
    returns: Returns::Real,
    eval: |args| {
        let values = args.real(0)?;
        // Adding zero makes a zero of the negative zero that small negative numbers round to.
        Ok(reals(args.rows(), |row| values.get(row).map(|value| value.ceil() + 0.0)))
    },
};

fn round(value: f64, places: i64) -> Option<f64> {
    let factor = 10_f64.powi(i32::try_from(places).ok()?);
    let rounded = (value * factor).round_ties_even() / factor;
    // A factor beyond a double's range leaves nothing to round.
    Some(if rounded.is_finite() { rounded } else { value })
}
