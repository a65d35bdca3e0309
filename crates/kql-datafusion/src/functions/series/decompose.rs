//! `series_decompose`, `series_decompose_anomalies`, of a known period, and `series_outliers`.
//!
//! Source: measured, to the last digits: what repeats is the median of each place in the period, the trend is
//! the mean or the line of the rest, and a score is how far a value is beyond the tenth and the ninetieth
//! percentile, which are interpolated, in units of [`UNIT`] of what is between them.

use std::fmt::Write;

use arrow::array::ArrayRef;
use datafusion_common::{Result, ScalarValue, exec_datafusion_err};
use datafusion_expr::{Expr, lit};

use super::{
    Args, Call, Example, Kernel, Returns, ScalarFunction,
    columns::written,
    fit_line::Line,
    numbers::{complete_reals, count, write_reals},
    seasonal::repeating,
};

/// What of the span between two percentiles a score of 1 is. Source: measured.
const UNIT: f64 = 0.360_671_563_966_202_7;
/// The score from which on a value is an anomaly, unless it is said.
const DEFAULT_THRESHOLD: f64 = 1.5;

pub(super) const DECOMPOSE: ScalarFunction = ScalarFunction {
    name: "series_decompose",
    summary: "Returns what repeats in an array, its trend and the rest, of a known period.",
    source: "https://learn.microsoft.com/kusto/query/series-decompose-function",
    examples: &[Example::new(
        "toscalar(print y = dynamic([1, 3, 1, 3, 2, 4]) | project series_decompose(y, 2, 'none') | project series_decompose_y_residual)",
        "[0.0,0.0,0.0,0.0,1.0,1.0]",
    )],
    lower: |call| {
        let args = vec![call.arg(0)?, known_period(call, 1)?, trend(call, 2)?];
        // Points for a test are left out of what is learnt; of how much is not known.
        (call.args.len() <= 3).then(|| PARTS.call(args))
    },
};

pub(super) const ANOMALIES: ScalarFunction = ScalarFunction {
    name: "series_decompose_anomalies",
    summary: "Returns which values of an array stand out, of a known period.",
    source: "https://learn.microsoft.com/kusto/query/series-decompose-anomalies-function",
    examples: &[Example::new(
        "toscalar(print y = dynamic([1, 3, 1, 3, 1, 3, 1, 3, 1, 9]) | project series_decompose_anomalies(y, 1.5, 2) | project series_decompose_anomalies_y_ad_flag)",
        "[0,0,0,0,0,0,0,0,0,1]",
    )],
    lower: |call| {
        let threshold = if call.args.len() > 1 { call.real(1)? } else { lit(DEFAULT_THRESHOLD) };
        let args = vec![call.arg(0)?, known_period(call, 2)?, trend(call, 3)?, threshold];
        (call.args.len() <= 4).then(|| FLAGS.call(args))
    },
};

pub(super) const OUTLIERS: ScalarFunction = ScalarFunction {
    name: "series_outliers",
    summary: "Returns how far each value of an array stands out.",
    source: "https://learn.microsoft.com/kusto/query/series-outliers-function",
    examples: &[Example::new(
        "array_length(series_outliers(dynamic([1, 2, 3, 4, 5, 6, 7, 8, 9, 100])))",
        "10",
    )],
    lower: |call| {
        let is_known = match call.args.len() {
            1 => true,
            2 => text(call, 1)? == "ctukey",
            _ => false,
        };
        is_known.then_some(())?;
        Some(SCORES.call(vec![call.arg(0)?]))
    },
};

/// Returns a period that is known: of one that has to be found, how it is found is not documented.
fn known_period(call: &Call, at: usize) -> Option<Expr> {
    let period = call.arg(at)?;
    let is_known = match &period {
        Expr::Literal(ScalarValue::Int64(Some(period)), _) => *period >= 0,
        Expr::Literal(ScalarValue::Int32(Some(period)), _) => *period >= 0,
        _ => false,
    };
    is_known.then_some(())?;
    call.long(at)
}

fn trend(call: &Call, at: usize) -> Option<Expr> {
    let name = if call.args.len() > at { text(call, at)? } else { "avg".to_owned() };
    matches!(name.as_str(), "avg" | "linefit" | "none")
        .then(|| lit(ScalarValue::Utf8View(Some(name))))
}

fn text(call: &Call, at: usize) -> Option<String> {
    match call.arg(at)? {
        Expr::Literal(ScalarValue::Utf8View(Some(text)), _) => Some(text),
        _ => None,
    }
}

/// The parts of a series.
struct Parts {
    seasonal: Vec<f64>,
    trend: Vec<f64>,
    baseline: Vec<f64>,
    residual: Vec<f64>,
}

impl Parts {
    fn of(values: &[f64], period: usize, trend: &str) -> Self {
        let seasonal =
            if period == 0 { vec![0.0; values.len()] } else { repeating(values, period) };
        let rest: Vec<f64> = values.iter().zip(&seasonal).map(|(value, of)| value - of).collect();
        let trend = match trend {
            "none" => vec![0.0; values.len()],
            "linefit" if rest.len() > 1 => {
                let line = Line::fit(&rest);
                (0..rest.len()).map(|at| line.at(count(at))).collect()
            }
            _ => vec![rest.iter().sum::<f64>() / count(rest.len()); values.len()],
        };
        let baseline: Vec<f64> =
            seasonal.iter().zip(&trend).map(|(one, other)| one + other).collect();
        let residual = values.iter().zip(&baseline).map(|(value, of)| value - of).collect();
        Self { seasonal, trend, baseline, residual }
    }
}

pub(super) static PARTS: Kernel = Kernel {
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

pub(super) static FLAGS: Kernel = Kernel {
    name: "kql_series_anomalies",
    returns: Returns::Text,
    eval: |args| {
        let thresholds = args.real(3)?;
        each(args, |parts, row, out| {
            let threshold = thresholds.get(row).unwrap_or(DEFAULT_THRESHOLD);
            let scores = scores(&parts.residual);
            out.push_str("{\"ad_flag\":[");
            for (number, score) in scores.iter().enumerate() {
                if number > 0 {
                    out.push(',');
                }
                let flag = if score.abs() <= threshold {
                    "0"
                } else if *score > 0.0 {
                    "1"
                } else {
                    "-1"
                };
                out.push_str(flag);
            }
            out.push_str("],\"ad_score\":");
            write(&scores, out)?;
            out.push_str(",\"baseline\":");
            write(&parts.baseline, out)?;
            out.push('}');
            Ok(())
        })
    },
};

/// Computes the parts of each row's array: arguments are the array, the period and the trend. Null if an
/// element is no number.
fn each(
    args: &Args<'_>,
    mut write: impl FnMut(&Parts, usize, &mut String) -> Result<()>,
) -> Result<ArrayRef> {
    let (arrays, periods, trends) = (args.text(0)?, args.long(1)?, args.text(2)?);
    written(args.rows(), |row, out| {
        let values = arrays.get(row).and_then(complete_reals).filter(|values| !values.is_empty());
        let period = periods.get(row).and_then(|period| usize::try_from(period).ok());
        let Some((values, period)) = values.zip(period) else { return Ok(None) };
        write(&Parts::of(&values, period, trends.str(row)), row, out)?;
        Ok(Some(()))
    })
}

pub(super) static SCORES: Kernel = Kernel {
    name: "kql_series_outliers",
    returns: Returns::Text,
    eval: |args| {
        let arrays = args.text(0)?;
        written(args.rows(), |row, out| {
            let values =
                arrays.get(row).and_then(complete_reals).filter(|values| !values.is_empty());
            values.map(|values| write(&scores(&values), out)).transpose()
        })
    },
};

/// Returns how far values are beyond the tenth and the ninetieth percentile.
fn scores(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let (low, high) = (percentile(&sorted, 0.1), percentile(&sorted, 0.9));
    let unit = (high - low) * UNIT;
    let score = |value: &f64| {
        if *value > high {
            (value - high) / unit
        } else if *value < low {
            (value - low) / unit
        } else {
            0.0
        }
    };
    values.iter().map(score).collect()
}

/// Returns a percentile of sorted values, interpolated between the two next to it.
fn percentile(sorted: &[f64], part: f64) -> f64 {
    let place = count(sorted.len().saturating_sub(1)) * part;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in memory, and not below 0"
    )]
    let below = place as usize;
    let at = |at: usize| sorted.get(at).or(sorted.last()).copied().unwrap_or(f64::NAN);
    let (low, high) = (at(below), at(below.saturating_add(1)));
    low + (high - low) * (place - count(below))
}

fn write_bag(parts: &[(&str, &Vec<f64>)], out: &mut String) -> Result<()> {
    for (number, (name, values)) in parts.iter().enumerate() {
        let start = if number == 0 { '{' } else { ',' };
        write!(out, "{start}\"{name}\":").map_err(|it| exec_datafusion_err!("{it}"))?;
        write(values, out)?;
    }
    out.push('}');
    Ok(())
}

fn write(values: &[f64], out: &mut String) -> Result<()> {
    write_reals(&values.iter().copied().map(Some).collect::<Vec<_>>(), out)
}
