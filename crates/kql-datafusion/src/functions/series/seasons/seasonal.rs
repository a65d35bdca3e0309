//! `series_seasonal`

use datafusion_common::exec_err;
use datafusion_expr::{Expr, lit};

use super::{
    Call, Example, Kernel, Returns, ScalarFunction,
    columns::written,
    numbers::{complete_reals, write_reals},
    period::period,
};

pub(in crate::functions::series) const SERIES_SEASONAL: ScalarFunction = ScalarFunction {
    name: "series_seasonal",
    summary: "Returns what repeats in an array: for each place in the period the median.",
    source: "https://learn.microsoft.com/kusto/query/series-seasonal-function",
    examples: &[Example::new(
        "series_seasonal(dynamic([1, 3, 1, 3, 2, 4]), 2)",
        "[1.0,3.0,1.0,3.0,1.0,3.0]",
    )],
    lower,
};

/// The score from which on a period counts.
const THRESHOLD: f64 = 0.6;
/// Stands for a period that has to be found.
const FOUND: i64 = -1;

fn lower(call: &Call) -> Option<Expr> {
    let period = if call.args.len() > 1 { call.long(1)? } else { lit(FOUND) };
    let test_points = if call.args.len() > 2 { call.long(2)? } else { lit(0_i64) };
    Some(REPEATING.call(vec![call.arg(0)?, period, test_points]))
}

/// An array, its period, and how many elements at its end are left out of account. Zeros if it has no period.
///
/// Source: measured, of a period that is known.
pub(in crate::functions::series) static REPEATING: Kernel = Kernel {
    name: "kql_series_seasonal",
    returns: Returns::Text,
    eval: |args| {
        let (arrays, periods, test_points) = (args.text(0)?, args.long(1)?, args.long(2)?);
        written(args.rows(), |row, out| {
            let Some(values) = arrays.get(row).and_then(complete_reals) else { return Ok(None) };
            let Some(wanted) = periods.get(row) else { return Ok(None) };
            let left_out = test_points.get(row).unwrap_or(0);
            let Ok(left_out) = usize::try_from(left_out) else {
                return exec_err!("a series cannot be learnt without its last {left_out} points");
            };
            let Some(learnt) = values.len().checked_sub(left_out) else { return Ok(None) };
            let known = values.get(..learnt).unwrap_or(&values);
            let period = match usize::try_from(wanted) {
                Ok(period) if period > 0 => period,
                Err(_) if wanted == FOUND => {
                    let Some(period) = period(known, THRESHOLD)? else {
                        write_reals(&vec![Some(0.0); values.len()], out)?;
                        return Ok(Some(()));
                    };
                    period
                }
                _ => return Ok(None),
            };
            let medians = medians(known, period);
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

/// Returns what repeats in values of a period that is at least 1, for a number of places.
pub(super) fn repeating(values: &[f64], period: usize, len: usize) -> Vec<f64> {
    let medians = medians(values, period);
    let places = (0..period).cycle().take(len);
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
