//! `round`, `ceiling`

use datafusion_common::ScalarValue;
use datafusion_expr::{Expr, lit};
use kql_types::{KqlType, decimal::Decimal};

use super::{
    Call, Example, Kernel, Returns, ScalarFunction,
    columns::{reals, texts},
};

pub(super) const ROUND: ScalarFunction = ScalarFunction {
    name: "round",
    summary: "Returns a number rounded to so many decimal places.",
    source: "https://learn.microsoft.com/kusto/query/round-function",
    examples: &[
        Example::new("round(2.98765, 3)", "2.988"),
        Example::new("round(15.5)", "16.0"),
        Example::new("round(-50.55, -2)", "-100.0"),
        Example::new("round(7)", "7"),
        Example::new("round(decimal(1.25), 1)", "1.3"),
    ],
    lower,
};

pub(super) const CEILING: ScalarFunction = ScalarFunction {
    name: "ceiling",
    summary: "Returns the smallest whole number that is not below a number.",
    source: "https://learn.microsoft.com/kusto/query/ceiling-function",
    examples: &[Example::new("ceiling(-1.1)", "-1.0"), Example::new("ceiling(0.9)", "1.0")],
    lower: |call| Some(CEILING_REAL.call(vec![call.real(0).filter(|_| call.ty == KqlType::Real)?])),
};

/// Integers are whole already; to tens they are rounded nowhere yet, as what Kusto makes of halves is
/// not known.
fn lower(call: &Call) -> Option<Expr> {
    let places = if call.args.len() > 1 { call.long(1)? } else { lit(0_i64) };
    match call.ty {
        KqlType::Real => Some(ROUND_REAL.call(vec![call.real(0)?, places])),
        KqlType::Decimal => Some(ROUND_DECIMAL.call(vec![call.arg(0)?, places])),
        KqlType::Int | KqlType::Long => {
            let is_whole = matches!(
                &places,
                Expr::Literal(ScalarValue::Int64(Some(places)), _) if *places >= 0
            );
            is_whole.then(|| call.arg(0)).flatten()
        }
        _ => None,
    }
}

/// Halves are rounded away from zero, as .NET's `SqlDecimal` does (inferred).
pub(super) static ROUND_DECIMAL: Kernel = Kernel {
    name: "kql_round_decimal",
    returns: Returns::Text,
    eval: |args| {
        let (values, places) = (args.text(0)?, args.long(1)?);
        Ok(texts(args.rows(), |row| {
            let (value, places) = (Decimal::parse(values.get(row)?)?, places.get(row)?);
            value.round(places).map(|it| it.to_string().into())
        }))
    },
};

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
