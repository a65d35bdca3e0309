//! `series_fir`, `series_iir`: digital filters.

use datafusion_common::ScalarValue;
use datafusion_expr::{Expr, lit};

use super::{
    Call, Example, Kernel, Returns, ScalarFunction,
    columns::written,
    numbers::{complete_reals, write_reals},
};

pub(super) const SERIES_FIR: ScalarFunction = ScalarFunction {
    name: "series_fir",
    summary: "Returns an array folded with a filter: a moving average, for one.",
    source: "https://learn.microsoft.com/kusto/query/series-fir-function",
    examples: &[
        Example::new("series_fir(dynamic([2, 4, 6]), dynamic([1, 1]))", "[1.0,3.0,5.0]"),
        Example::new("series_fir(dynamic([2, 4, 7]), dynamic([1, -1]))", "[2.0,2.0,3.0]"),
        Example::new(
            "series_fir(dynamic([3, 6, 9]), dynamic([1, 1, 1]), true, true)",
            "[3.0,6.0,5.0]",
        ),
    ],
    lower: |call| {
        let normalizes = call.arg(2).unwrap_or_else(|| lit(ScalarValue::Boolean(None)));
        let centers = call.arg(3).unwrap_or_else(|| lit(false));
        Some(FIR.call(vec![call.arg(0)?, call.arg(1)?, normalizes, centers]))
    },
};

pub(super) const SERIES_IIR: ScalarFunction = ScalarFunction {
    name: "series_iir",
    summary: "Returns an array folded with a filter that reads its own results: a running sum, for one.",
    source: "https://learn.microsoft.com/kusto/query/series-iir-function",
    examples: &[Example::new(
        "series_iir(dynamic([1, 2, 3]), dynamic([1]), dynamic([1, -1]))",
        "[1.0,3.0,6.0]",
    )],
    lower: three,
};

fn three(call: &Call) -> Option<Expr> {
    Some(IIR.call(vec![call.arg(0)?, call.arg(1)?, call.arg(2)?]))
}

/// An array, a filter, whether it is divided by its sum, and whether it is centered. Null if an
/// element is no number, or a filter with negative values is to be divided.
///
/// Source: documented, and measured: what lies outside the array counts as 0.
pub(super) static FIR: Kernel = Kernel {
    name: "kql_series_fir",
    returns: Returns::Text,
    eval: |args| {
        let (arrays, filters) = (args.text(0)?, args.text(1)?);
        let (normalizes, centers) = (args.bool(2)?, args.bool(3)?);
        written(args.rows(), |row, out| {
            let arrays = arrays.get(row).and_then(complete_reals);
            let Some((values, mut filter)) = arrays.zip(filters.get(row).and_then(complete_reals))
            else {
                return Ok(None);
            };
            let has_negative = filter.iter().any(|it| *it < 0.0);
            match normalizes.get(row) {
                Some(true) if has_negative => return Ok(None),
                Some(true) => normalize(&mut filter),
                None if !has_negative => normalize(&mut filter),
                _ => {}
            }
            let is_centered = centers.get(row).unwrap_or(false);
            let shift = if is_centered { filter.len().saturating_sub(1) / 2 } else { 0 };
            let folded = (0..values.len()).map(|at| {
                let products = filter.iter().enumerate().filter_map(|(back, factor)| {
                    let from = at.checked_add(shift)?.checked_sub(back)?;
                    Some(factor * values.get(from)?)
                });
                Some(products.sum::<f64>() + 0.0)
            });
            write_reals(&folded.collect::<Vec<_>>(), out)?;
            Ok(Some(()))
        })
    },
};

fn normalize(filter: &mut [f64]) {
    let sum: f64 = filter.iter().sum();
    for factor in filter {
        *factor /= sum;
    }
}

/// An array, the factors of its elements, and the factors of results. Null if an element is no
/// number, or the first factor of results is missing.
///
/// Source: documented, and measured.
pub(super) static IIR: Kernel = Kernel {
    name: "kql_series_iir",
    returns: Returns::Text,
    eval: |args| {
        let (arrays, numerators, denominators) = (args.text(0)?, args.text(1)?, args.text(2)?);
        written(args.rows(), |row, out| {
            let read = |json: Option<&str>| json.and_then(complete_reals);
            let values = read(arrays.get(row));
            let factors = read(numerators.get(row)).zip(read(denominators.get(row)));
            let Some((values, (numerators, denominators))) = values.zip(factors) else {
                return Ok(None);
            };
            let Some((scale, back)) = denominators.split_first() else { return Ok(None) };
            let mut results: Vec<Option<f64>> = Vec::with_capacity(values.len());
            for at in 0..values.len() {
                let ahead: f64 = numerators
                    .iter()
                    .enumerate()
                    .filter_map(|(lag, factor)| Some(factor * values.get(at.checked_sub(lag)?)?))
                    .sum();
                let behind: f64 = back
                    .iter()
                    .zip(results.iter().rev())
                    .filter_map(|(factor, result)| Some(factor * (*result)?))
                    .sum();
                results.push(Some((ahead - behind) / scale));
            }
            write_reals(&results, out)?;
            Ok(Some(()))
        })
    },
};
