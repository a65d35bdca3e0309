//! `series_seasonal`, of a known period

use datafusion_common::ScalarValue;
use datafusion_expr::{Expr, lit};

use super::{
    Call, Example, Kernel, Returns, ScalarFunction,
    columns::written,
    numbers::{complete_reals, write_reals},
};

pub(super) const SERIES_SEASONAL: ScalarFunction = ScalarFunction {
    name: "series_seasonal",
    summary: "Returns what repeats in an array: for each place in the period the median.",
    source: "https://learn.microsoft.com/kusto/query/series-seasonal-function",
    examples: &[Example::new(
        "series_seasonal(dynamic([1, 3, 1, 3, 2, 4]), 2)",
        "[1.0,3.0,1.0,3.0,1.0,3.0]",
    )],
    lower,
};

/// A period that has to be found, or may have to be, is refused.
fn lower(call: &Call) -> Option<Expr> {
    let is_known = matches!(
        call.arg(1)?,
        Expr::Literal(ScalarValue::Int64(Some(period)), _) if period > 0
    );
    if !is_known {
        return None;
    }
    let test_points = if call.args.len() > 2 { call.long(2)? } else { lit(0_i64) };
    Some(REPEATING.call(vec![call.arg(0)?, call.long(1)?, test_points]))
}

/// An array, its period, and how many elements at its end are left out of account.
///
/// Source: measured.
pub(super) static REPEATING: Kernel = Kernel {
    name: "kql_series_seasonal",
    returns: Returns::Text,
    eval: |args| {
        let (arrays, periods, test_points) = (args.text(0)?, args.long(1)?, args.long(2)?);
        written(args.rows(), |row, out| {
            let values = arrays.get(row).and_then(complete_reals);
            let period = periods.get(row).and_then(|period| usize::try_from(period).ok());
            let Some((values, period)) = values.zip(period.filter(|period| *period > 0)) else {
                return Ok(None);
            };
            let left_out = usize::try_from(test_points.get(row).unwrap_or(0)).unwrap_or(0);
            let known = values.len().saturating_sub(left_out);
            let medians = medians(values.get(..known).unwrap_or(&values), period);
            let places = (0..period).cycle().take(values.len());
            let repeated = places.map(|place| medians.get(place).copied().flatten());
            write_reals(&repeated.collect::<Vec<_>>(), out)?;
            Ok(Some(()))
        })
    },
};

/// Returns the median of each place in a period.
fn medians(values: &[f64], period: usize) -> Vec<Option<f64>> {
    let of_place = |place| median(values.iter().skip(place).step_by(period).copied().collect());
    (0..period).map(of_place).collect()
}

/// Returns what repeats in values of a period that is at least 1.
pub(super) fn repeating(values: &[f64], period: usize) -> Vec<f64> {
    let medians = medians(values, period);
    let places = (0..period).cycle().take(values.len());
    places.map(|place| medians.get(place).copied().flatten().unwrap_or(f64::NAN)).collect()
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    Some(f64::midpoint(*values.get(middle.checked_sub(1)?)?, upper))
}
