//! `series_dot_product`, `series_cosine_similarity`, `series_pearson_correlation`

use arrow::array::ArrayRef;
use datafusion_common::Result;
use datafusion_expr::Expr;
use kql_types::KqlType;

use super::{
    Args, Call, Example, Kernel, Returns, ScalarFunction, arithmetic::operands, columns::reals,
    convert, numbers::count,
};

pub(super) const SERIES_DOT_PRODUCT: ScalarFunction = ScalarFunction {
    name: "series_dot_product",
    summary: "Returns the sum of the products of the elements of two arrays.",
    source: "https://learn.microsoft.com/kusto/query/series-dot-product-function",
    examples: &[
        Example::new("series_dot_product(dynamic([1, 2, 4]), dynamic([4, 2, 1]))", "12.0"),
        Example::new("series_dot_product(dynamic([1, 2, 4]), 2)", "14.0"),
    ],
    lower: |call| lower(call, &DOT_PRODUCT),
};

pub(super) const SERIES_COSINE_SIMILARITY: ScalarFunction = ScalarFunction {
    name: "series_cosine_similarity",
    summary: "Returns the cosine of the angle between two vectors.",
    source: "https://learn.microsoft.com/kusto/query/series-cosine-similarity-function",
    examples: &[Example::new("series_cosine_similarity(dynamic([3, 4]), dynamic([4, 3]))", "0.96")],
    // Lengths that are given save work and change nothing, if they are right.
    lower: |call| if call.args.len() == 2 { lower(call, &COSINE) } else { None },
};

pub(super) const SERIES_PEARSON_CORRELATION: ScalarFunction = ScalarFunction {
    name: "series_pearson_correlation",
    summary: "Returns the correlation of two arrays, from -1 to 1.",
    source: "https://learn.microsoft.com/kusto/query/series-pearson-correlation-function",
    examples: &[Example::new(
        "series_pearson_correlation(dynamic([1, 2, 3]), dynamic([3, 2, 1]))",
        "-1.0",
    )],
    lower: |call| lower(call, &CORRELATION),
};

fn lower(call: &Call, kernel: &'static Kernel) -> Option<Expr> {
    let dynamics = call.args.iter().map(|arg| convert(arg.expr.clone(), arg.ty, KqlType::Dynamic));
    Some(kernel.call(dynamics.collect::<Option<_>>()?))
}

pub(super) static DOT_PRODUCT: Kernel = Kernel {
    name: "kql_series_dot_product",
    returns: Returns::Real,
    eval: |args| of_pairs(args, dot_product),
};

pub(super) static COSINE: Kernel = Kernel {
    name: "kql_series_cosine_similarity",
    returns: Returns::Real,
    eval: |args| {
        of_pairs(args, |pairs| {
            let length = |value: fn(&(f64, f64)) -> f64| {
                pairs.iter().map(value).map(|it| it * it).sum::<f64>().sqrt()
            };
            dot_product(pairs) / (length(|pair| pair.0) * length(|pair| pair.1))
        })
    },
};

pub(super) static CORRELATION: Kernel = Kernel {
    name: "kql_series_pearson_correlation",
    returns: Returns::Real,
    eval: |args| of_pairs(args, correlation),
};

fn dot_product(pairs: &[(f64, f64)]) -> f64 {
    pairs.iter().map(|(a, b)| a * b).sum::<f64>() + 0.0
}

fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let mean =
        |value: fn(&(f64, f64)) -> f64| pairs.iter().map(value).sum::<f64>() / count(pairs.len());
    let (mean_a, mean_b) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let (mut covariance, mut variance_a, mut variance_b) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        covariance += (a - mean_a) * (b - mean_b);
        variance_a += (a - mean_a) * (a - mean_a);
        variance_b += (b - mean_b) * (b - mean_b);
    }
    covariance / (variance_a * variance_b).sqrt()
}

/// Null if the arrays differ in length or an element is no number.
///
/// Source: documented.
fn of_pairs(args: &Args<'_>, of: fn(&[(f64, f64)]) -> f64) -> Result<ArrayRef> {
    let (left, right) = (args.text(0)?, args.text(1)?);
    Ok(reals(args.rows(), |row| {
        let (left, right) = operands(left.get(row), right.get(row))?;
        let length = left.len().or(right.len())?;
        if right.len().is_some_and(|other| other != length) {
            return None;
        }
        let pairs: Option<Vec<_>> =
            (0..length).map(|at| left.real(at).zip(right.real(at))).collect();
        Some(of(&pairs?))
    }))
}
