//! `series_add` and its kin: arithmetic on two arrays, element by element.

use arrow::array::ArrayRef;
use datafusion_common::Result;
use datafusion_expr::Expr;
use kql_types::KqlType;

use super::{
    Args, Call, Example, Kernel, Returns, ScalarFunction,
    columns::written,
    convert,
    numbers::{Series, to_real},
};

pub(super) const SERIES_ADD: ScalarFunction = ScalarFunction {
    name: "series_add",
    summary: "Returns the sums of the elements of two arrays.",
    source: "https://learn.microsoft.com/kusto/query/series-add-function",
    examples: &[
        Example::new("series_add(dynamic([1, 2, 4]), dynamic([4, 2]))", "[5,4,null]"),
        Example::new("series_add(dynamic([1, 2.5]), 1)", "[2.0,3.5]"),
    ],
    lower: |call| lower(call, &ADD),
};

pub(super) const SERIES_SUBTRACT: ScalarFunction = ScalarFunction {
    name: "series_subtract",
    summary: "Returns the differences of the elements of two arrays.",
    source: "https://learn.microsoft.com/kusto/query/series-subtract-function",
    examples: &[Example::new("series_subtract(dynamic([1, 2]), dynamic([4, 2]))", "[-3,0]")],
    lower: |call| lower(call, &SUBTRACT),
};

pub(super) const SERIES_MULTIPLY: ScalarFunction = ScalarFunction {
    name: "series_multiply",
    summary: "Returns the products of the elements of two arrays.",
    source: "https://learn.microsoft.com/kusto/query/series-multiply-function",
    examples: &[Example::new("series_multiply(dynamic([1, 2]), dynamic([4, 2]))", "[4,4]")],
    lower: |call| lower(call, &MULTIPLY),
};

pub(super) const SERIES_DIVIDE: ScalarFunction = ScalarFunction {
    name: "series_divide",
    summary: "Returns the quotients of the elements of two arrays, as reals.",
    source: "https://learn.microsoft.com/kusto/query/series-divide-function",
    examples: &[Example::new(
        "series_divide(dynamic([1, 2, 4]), dynamic([4, 2, 1]))",
        "[0.25,1.0,4.0]",
    )],
    lower: |call| lower(call, &DIVIDE),
};

pub(super) const SERIES_POW: ScalarFunction = ScalarFunction {
    name: "series_pow",
    summary: "Returns the elements of an array to the powers in another, as reals.",
    source: "https://learn.microsoft.com/kusto/query/series-pow-function",
    examples: &[Example::new("series_pow(dynamic([2, 4]), dynamic([3, 0.5]))", "[8.0,2.0]")],
    lower: |call| lower(call, &POW),
};

/// Either argument may be a number, which then stands for all elements.
pub(super) fn lower(call: &Call, kernel: &'static Kernel) -> Option<Expr> {
    let dynamics = call.args.iter().map(|arg| convert(arg.expr.clone(), arg.ty, KqlType::Dynamic));
    Some(kernel.call(dynamics.collect::<Option<_>>()?))
}

pub(super) static ADD: Kernel = Kernel {
    name: "kql_series_add",
    returns: Returns::Text,
    eval: |args| compute(args, Some(i64::wrapping_add), |a, b| a + b),
};

pub(super) static SUBTRACT: Kernel = Kernel {
    name: "kql_series_subtract",
    returns: Returns::Text,
    eval: |args| compute(args, Some(i64::wrapping_sub), |a, b| a - b),
};

pub(super) static MULTIPLY: Kernel = Kernel {
    name: "kql_series_multiply",
    returns: Returns::Text,
    eval: |args| compute(args, Some(i64::wrapping_mul), |a, b| a * b),
};

pub(super) static DIVIDE: Kernel = Kernel {
    name: "kql_series_divide",
    returns: Returns::Text,
    eval: |args| compute(args, None, |a, b| a / b),
};

pub(super) static POW: Kernel = Kernel {
    name: "kql_series_pow",
    returns: Returns::Text,
    eval: |args| compute(args, None, f64::powf),
};

/// Null if an argument is neither array nor number. Whole numbers stay whole where `of_longs` is
/// there; an element that one array has no number for is null.
///
/// Source: documented; that whole numbers stay whole is measured.
fn compute(
    args: &Args<'_>,
    of_longs: Option<fn(i64, i64) -> i64>,
    of_reals: fn(f64, f64) -> f64,
) -> Result<ArrayRef> {
    let (left, right) = (args.text(0)?, args.text(1)?);
    written(args.rows(), |row, out| {
        let Some((left, right)) = operands(left.get(row), right.get(row)) else { return Ok(None) };
        let length = common_len(&left, &right);
        let is_whole = left.is_whole() && right.is_whole();
        let series = if let Some(of_longs) = of_longs.filter(|_| is_whole) {
            let value = |at| Some(of_longs(left.long(at)?, right.long(at)?));
            Series::Longs((0..length).map(value).collect())
        } else {
            let value = |at| Some(of_reals(left.real(at)?, right.real(at)?));
            Series::Reals((0..length).map(value).collect())
        };
        series.write(out)?;
        Ok(Some(()))
    })
}

/// Reads both operands; `None` if one is neither array nor number.
pub(super) fn operands(left: Option<&str>, right: Option<&str>) -> Option<(Operand, Operand)> {
    Some((Operand::parse(left?)?, Operand::parse(right?)?))
}

/// Returns how many elements the longer operand has; two numbers make one.
pub(super) fn common_len(left: &Operand, right: &Operand) -> usize {
    left.len().max(right.len()).unwrap_or(1)
}

/// An array, or a number that stands for all elements.
pub(super) enum Operand {
    Array(Series),
    Number(Series),
}

impl Operand {
    pub(super) fn parse(json: &str) -> Option<Self> {
        if let Some(series) = Series::parse(json) {
            return Some(Self::Array(series));
        }
        let number = Series::parse(&format!("[{json}]"))?;
        let is_number = match &number {
            Series::Longs(values) => values.first()?.is_some(),
            Series::Reals(values) => values.first()?.is_some(),
        };
        is_number.then_some(Self::Number(number))
    }

    /// Returns how many elements it has; a number has as many as need be.
    pub(super) fn len(&self) -> Option<usize> {
        match self {
            Self::Array(series) => Some(series.len()),
            Self::Number(_) => None,
        }
    }

    fn is_whole(&self) -> bool {
        let (Self::Array(series) | Self::Number(series)) = self;
        matches!(series, Series::Longs(_))
    }

    fn long(&self, at: usize) -> Option<i64> {
        let (series, at) = self.place(at);
        match series {
            Series::Longs(values) => *values.get(at)?,
            Series::Reals(_) => None,
        }
    }

    pub(super) fn real(&self, at: usize) -> Option<f64> {
        let (series, at) = self.place(at);
        match series {
            Series::Longs(values) => values.get(at)?.map(to_real),
            Series::Reals(values) => *values.get(at)?,
        }
    }

    const fn place(&self, at: usize) -> (&Series, usize) {
        match self {
            Self::Array(series) => (series, at),
            Self::Number(series) => (series, 0),
        }
    }
}
