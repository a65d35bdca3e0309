//! `series_sum`, also called `array_sum`, `series_product`, `series_magnitude`

use arrow::array::ArrayRef;
use datafusion_common::Result;

use super::{
    Args, Example, Kernel, Returns, ScalarFunction, columns::reals, numbers::complete_reals,
};

pub(super) const SERIES_SUM: ScalarFunction = ScalarFunction {
    name: "series_sum",
    summary: "Returns the sum of an array's elements, as a real.",
    source: "https://learn.microsoft.com/kusto/query/series-sum-function",
    examples: &[
        Example::new("series_sum(dynamic([1, 2, 3, 4]))", "10.0"),
        Example::new("series_sum(dynamic([1, 'x']))", ""),
    ],
    lower: |call| Some(call.apply(&SUM)),
};

pub(super) const SERIES_PRODUCT: ScalarFunction = ScalarFunction {
    name: "series_product",
    summary: "Returns the product of an array's elements, as a real.",
    source: "https://learn.microsoft.com/kusto/query/series-product-function",
    examples: &[Example::new("series_product(dynamic([1, 2, 3, 4]))", "24.0")],
    lower: |call| Some(call.apply(&PRODUCT)),
};

pub(super) const SERIES_MAGNITUDE: ScalarFunction = ScalarFunction {
    name: "series_magnitude",
    summary: "Returns the length of the vector that an array is.",
    source: "https://learn.microsoft.com/kusto/query/series-magnitude-function",
    examples: &[Example::new("series_magnitude(dynamic([3, 4]))", "5.0")],
    lower: |call| Some(call.apply(&MAGNITUDE)),
};

pub(super) static SUM: Kernel = Kernel {
    name: "kql_series_sum",
    returns: Returns::Real,
    eval: |args| total(args, |values| values.iter().sum()),
};

pub(super) static PRODUCT: Kernel = Kernel {
    name: "kql_series_product",
    returns: Returns::Real,
    eval: |args| total(args, |values| values.iter().product()),
};

pub(super) static MAGNITUDE: Kernel = Kernel {
    name: "kql_series_magnitude",
    returns: Returns::Real,
    eval: |args| total(args, |values| values.iter().map(|it| it * it).sum::<f64>().sqrt()),
};

/// Null if an element is no number.
///
/// Source: documented.
fn total(args: &Args<'_>, of: fn(&[f64]) -> f64) -> Result<ArrayRef> {
    let arrays = args.text(0)?;
    Ok(reals(args.rows(), |row| Some(of(&complete_reals(arrays.get(row)?)?) + 0.0)))
}
