//! `series_abs` and its kin: one function of each element of an array.

use arrow::array::ArrayRef;
use datafusion_common::Result;

use super::{
    Args, Example, Kernel, Returns, ScalarFunction,
    columns::written,
    numbers::{Series, to_real},
};

/// Declares functions of each element: constant, kernel, name, summary, example, functions of longs
/// and reals.
macro_rules! elementwise {
    ($($name:ident, $kernel:ident, $text:literal, $summary:literal, $source:literal,
       ($query:literal, $result:literal), $of_longs:expr, $of_reals:expr;)+) => {$(
        pub(super) const $name: ScalarFunction = ScalarFunction {
            name: $text,
            summary: $summary,
            source: $source,
            examples: &[Example::new($query, $result)],
            lower: |call| Some(call.apply(&$kernel)),
        };

        pub(super) static $kernel: Kernel = Kernel {
            name: concat!("kql_", $text),
            returns: Returns::Text,
            eval: |args| compute(args, $of_longs, $of_reals),
        };
    )+};
}

elementwise! {
    SERIES_ABS, ABS, "series_abs", "Returns the absolute values of an array's elements.",
    "https://learn.microsoft.com/kusto/query/series-abs-function",
    ("series_abs(dynamic([-6.5, 0]))", "[6.5,0.0]"), Some(i64::wrapping_abs), f64::abs;
    SERIES_SIGN, SIGN, "series_sign", "Returns the signs of an array's elements.",
    "https://learn.microsoft.com/kusto/query/series-sign-function",
    ("series_sign(dynamic([-6, 0, 8]))", "[-1,0,1]"), Some(i64::signum), sign;
    SERIES_ACOS, ACOS, "series_acos", "Returns the angles whose cosines are an array's elements.",
    "https://learn.microsoft.com/kusto/query/series-acos-function",
    ("series_acos(dynamic([1]))", "[0.0]"), None, f64::acos;
    SERIES_ASIN, ASIN, "series_asin", "Returns the angles whose sines are an array's elements.",
    "https://learn.microsoft.com/kusto/query/series-asin-function",
    ("series_asin(dynamic([0]))", "[0.0]"), None, f64::asin;
    SERIES_ATAN, ATAN, "series_atan", "Returns the angles whose tangents are an array's elements.",
    "https://learn.microsoft.com/kusto/query/series-atan-function",
    ("series_atan(dynamic([0]))", "[0.0]"), None, f64::atan;
    SERIES_COS, COS, "series_cos", "Returns the cosines of an array's elements.",
    "https://learn.microsoft.com/kusto/query/series-cos-function",
    ("series_cos(dynamic([0]))", "[1.0]"), None, f64::cos;
    SERIES_SIN, SIN, "series_sin", "Returns the sines of an array's elements.",
    "https://learn.microsoft.com/kusto/query/series-sin-function",
    ("series_sin(dynamic([0, 'x']))", "[0.0,null]"), None, f64::sin;
    SERIES_TAN, TAN, "series_tan", "Returns the tangents of an array's elements.",
    "https://learn.microsoft.com/kusto/query/series-tan-function",
    ("series_tan(dynamic([0]))", "[0.0]"), None, f64::tan;
    SERIES_EXP, EXP, "series_exp", "Returns e to the powers of an array's elements.",
    "https://learn.microsoft.com/kusto/query/series-exp-function",
    ("series_exp(dynamic([0]))", "[1.0]"), None, f64::exp;
    SERIES_LOG, LOG, "series_log", "Returns the natural logarithms of an array's elements.",
    "https://learn.microsoft.com/kusto/query/series-log-function",
    ("series_log(dynamic([1, null]))", "[0.0,null]"), None, f64::ln;
    SERIES_FLOOR, FLOOR, "series_floor", "Returns an array's elements rounded down, as reals.",
    "https://learn.microsoft.com/kusto/query/series-floor-function",
    ("series_floor(dynamic([-1.5, 1, 2.5]))", "[-2.0,1.0,2.0]"), None, f64::floor;
    SERIES_CEILING, CEILING, "series_ceiling", "Returns an array's elements rounded up, as reals.",
    "https://learn.microsoft.com/kusto/query/series-ceiling-function",
    ("series_ceiling(dynamic([-1.5, 1, 2.5]))", "[-1.0,1.0,3.0]"), None, f64::ceil;
}

fn sign(value: f64) -> f64 {
    if value == 0.0 || value.is_nan() { value } else { value.signum() }
}

/// Null of what is no array; null elements stay null. Whole numbers stay whole where `of_longs` is
/// there.
///
/// Source: measured for `series_abs`, `series_sign`, `series_sin` and `series_log`.
fn compute(
    args: &Args<'_>,
    of_longs: Option<fn(i64) -> i64>,
    of_reals: fn(f64) -> f64,
) -> Result<ArrayRef> {
    let arrays = args.text(0)?;
    written(args.rows(), |row, out| {
        let Some(series) = arrays.get(row).and_then(Series::parse) else { return Ok(None) };
        let series = match (series, of_longs) {
            (Series::Longs(values), Some(of_longs)) => {
                Series::Longs(values.into_iter().map(|it| it.map(of_longs)).collect())
            }
            (Series::Longs(values), None) => {
                Series::Reals(values.into_iter().map(|it| it.map(to_real).map(of_reals)).collect())
            }
            (Series::Reals(values), _) => {
                Series::Reals(values.into_iter().map(|it| it.map(of_reals)).collect())
            }
        };
        series.write(out)?;
        Ok(Some(()))
    })
}
