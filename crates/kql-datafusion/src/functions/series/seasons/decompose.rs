//! `series_decompose` and `series_decompose_forecast`.
//!
//! Source: measured, to the last digits: what repeats is the median of each place in the period, the trend is
//! the mean or the line of the rest. Documented: points for a test are left out of what is learnt.

use std::fmt::Write;

use arrow::array::ArrayRef;
use datafusion_common::{Result, ScalarValue, exec_datafusion_err, exec_err};
use datafusion_expr::{Expr, lit};

use super::{
    Args, Call, Example, Kernel, Line, Returns, ScalarFunction,
    columns::written,
    numbers::{complete_reals, count, write_reals},
    period::period,
    seasonal::repeating,
};

/// The score from which on a period counts, unless it is said.
const SEASONALITY_THRESHOLD: f64 = 0.6;
/// Stands for a period that has to be found.
const FOUND: i64 = -1;

pub(in crate::functions::series) const DECOMPOSE: ScalarFunction = ScalarFunction {
    name: "series_decompose",
    summary: "Returns what repeats in an array, its trend and the rest.",
    source: "https://learn.microsoft.com/kusto/query/series-decompose-function",
    examples: &[Example::new(
        "toscalar(print y = dynamic([1, 3, 1, 3, 2, 4]) | project series_decompose(y, 2, 'none') | project series_decompose_y_residual)",
        "[0.0,0.0,0.0,0.0,1.0,1.0]",
    )],
    lower: |call| {
        let places =
            Places { period: 1, trend: 2, test_points: Some(3), seasonality_threshold: Some(4) };
        Some(PARTS.call(learning(call, &places, "avg")?))
    },
};

pub(in crate::functions::series) const FORECAST: ScalarFunction = ScalarFunction {
    name: "series_decompose_forecast",
    summary: "Returns what an array is to be by what repeats in it and its trend, also at its end, which is not looked at.",
    source: "https://learn.microsoft.com/kusto/query/series-decompose-forecast-function",
    examples: &[Example::new(
        "toscalar(print y = dynamic([1, 3, 2, 4, 0, 0]) | project series_decompose_forecast(y, 2, 2, 'none') | project series_decompose_forecast_y_baseline)",
        "[1.5,3.5,1.5,3.5,1.5,3.5]",
    )],
    lower: |call| {
        // The trend is `avg` or `linefit` unless it is said: versions of the documentation disagree.
        (call.args.len() > 3).then_some(())?;
        let places =
            Places { period: 2, trend: 3, test_points: Some(1), seasonality_threshold: Some(4) };
        Some(PARTS.call(learning(call, &places, "avg")?))
    },
};

/// Where the arguments stand that say how a series is taken apart.
pub(super) struct Places {
    pub(super) period: usize,
    pub(super) trend: usize,
    pub(super) test_points: Option<usize>,
    pub(super) seasonality_threshold: Option<usize>,
}

/// Returns the arguments of [`each`].
pub(super) fn learning(call: &Call, places: &Places, trend: &str) -> Option<Vec<Expr>> {
    let given = |place: Option<usize>| place.filter(|at| *at < call.args.len());
    let period = match given(Some(places.period)) {
        Some(at) => call.long(at)?,
        None => lit(FOUND),
    };
    let trend = match given(Some(places.trend)) {
        Some(at) => text(call, at)?,
        None => trend.to_owned(),
    };
    matches!(trend.as_str(), "avg" | "linefit" | "none").then_some(())?;
    let test_points = match given(places.test_points) {
        Some(at) => call.long(at)?,
        None => lit(0_i64),
    };
    let threshold = match given(places.seasonality_threshold) {
        Some(at) => call.real(at)?,
        None => lit(SEASONALITY_THRESHOLD),
    };
    let trend = lit(ScalarValue::Utf8View(Some(trend)));
    Some(vec![call.arg(0)?, period, trend, test_points, threshold])
}

pub(super) fn text(call: &Call, at: usize) -> Option<String> {
    match call.arg(at)? {
        Expr::Literal(ScalarValue::Utf8View(Some(text)), _) => Some(text),
        _ => None,
    }
}

/// The parts of a series.
pub(super) struct Parts {
    pub(super) seasonal: Vec<f64>,
    pub(super) trend: Vec<f64>,
    pub(super) baseline: Vec<f64>,
    pub(super) residual: Vec<f64>,
}

impl Parts {
    /// Takes a series apart by its first `learnt` values; a period of 0 is none.
    fn of(values: &[f64], learnt: usize, period: usize, trend: &str) -> Self {
        let known = values.get(..learnt).unwrap_or(values);
        let seasonal = if period == 0 {
            vec![0.0; values.len()]
        } else {
            repeating(known, period, values.len())
        };
        let rest: Vec<f64> = known.iter().zip(&seasonal).map(|(value, of)| value - of).collect();
        let trend = match trend {
            "none" => vec![0.0; values.len()],
            "linefit" if rest.len() > 1 => {
                let line = Line::fit(&rest);
                (0..values.len()).map(|at| line.at(count(at))).collect()
            }
            _ => vec![rest.iter().sum::<f64>() / count(rest.len()); values.len()],
        };
        let baseline: Vec<f64> =
            seasonal.iter().zip(&trend).map(|(one, other)| one + other).collect();
        let residual = values.iter().zip(&baseline).map(|(value, of)| value - of).collect();
        Self { seasonal, trend, baseline, residual }
    }
}

pub(in crate::functions::series) static PARTS: Kernel = Kernel {
    name: "kql_series_decompose",
    returns: Returns::Text,
    eval: |args| {
        each(args, |parts, _, out| {
            write_bag(
                &[
                    ("baseline", &parts.baseline),
                    ("seasonal", &parts.seasonal),
                    ("trend", &parts.trend),
                    ("residual", &parts.residual),
                ],
                out,
            )
        })
    },
};

/// Computes the parts of each row's array. Arguments are the array, the period, the trend, how many values at
/// the end are left out of what is learnt, and the score from which on a period counts. Null if an element is
/// no number, or nothing is left to learn of.
pub(super) fn each(
    args: &Args<'_>,
    mut write: impl FnMut(&Parts, usize, &mut String) -> Result<()>,
) -> Result<ArrayRef> {
    let (arrays, periods, trends) = (args.text(0)?, args.long(1)?, args.text(2)?);
    let (test_points, thresholds) = (args.long(3)?, args.real(4)?);
    written(args.rows(), |row, out| {
        let Some(values) = arrays.get(row).and_then(complete_reals) else { return Ok(None) };
        let Some(wanted) = periods.get(row) else { return Ok(None) };
        let left_out = test_points.get(row).unwrap_or(0);
        let Ok(left_out) = usize::try_from(left_out) else {
            return exec_err!("a series cannot be learnt without its last {left_out} points");
        };
        let learnt = values.len().checked_sub(left_out).filter(|learnt| *learnt > 0);
        let Some(learnt) = learnt else { return Ok(None) };
        let period = match usize::try_from(wanted) {
            Ok(period) => period,
            Err(_) if wanted != FOUND => {
                return exec_err!("{wanted} is not a period that a series can have");
            }
            Err(_) => {
                let threshold = thresholds.get(row).unwrap_or(SEASONALITY_THRESHOLD);
                period(values.get(..learnt).unwrap_or(&values), threshold)?.unwrap_or(0)
            }
        };
        write(&Parts::of(&values, learnt, period, trends.str(row)), row, out)?;
        Ok(Some(()))
    })
}

fn write_bag(parts: &[(&str, &Vec<f64>)], out: &mut String) -> Result<()> {
    for (number, (name, values)) in parts.iter().enumerate() {
        let start = if number == 0 { '{' } else { ',' };
        write!(out, "{start}\"{name}\":").map_err(|it| exec_datafusion_err!("{it}"))?;
        write_values(values, out)?;
    }
    out.push('}');
    Ok(())
}

pub(super) fn write_values(values: &[f64], out: &mut String) -> Result<()> {
    write_reals(&values.iter().copied().map(Some).collect::<Vec<_>>(), out)
}
