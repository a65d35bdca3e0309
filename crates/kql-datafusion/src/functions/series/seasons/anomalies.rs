//! `series_decompose_anomalies` and `series_outliers`: what stands out.
//!
//! Source: measured, to the last digits: a score is how far a value is beyond the tenth and the ninetieth
//! percentile, which are interpolated, in units of [`UNIT`] of what is between them.

use datafusion_expr::lit;

use super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::written,
    decompose::{Places, each, learning, text, write_values},
    numbers::{complete_reals, count},
};

/// What of the span between two percentiles a score of 1 is. Source: measured.
const UNIT: f64 = 0.360_671_563_966_202_7;
/// The score from which on a value is an anomaly, unless it is said.
const DEFAULT_THRESHOLD: f64 = 1.5;

pub(in crate::functions::series) const ANOMALIES: ScalarFunction = ScalarFunction {
    name: "series_decompose_anomalies",
    summary: "Returns which values of an array stand out from what repeats in it and its trend.",
    source: "https://learn.microsoft.com/kusto/query/series-decompose-anomalies-function",
    examples: &[Example::new(
        "toscalar(print y = dynamic([1, 3, 1, 3, 1, 3, 1, 3, 1, 9]) | project series_decompose_anomalies(y, 1.5, 2) | project series_decompose_anomalies_y_ad_flag)",
        "[0,0,0,0,0,0,0,0,0,1]",
    )],
    lower: |call| {
        let count = call.args.len();
        let threshold = if count > 1 { call.real(1)? } else { lit(DEFAULT_THRESHOLD) };
        // Of points for a test it is not documented whether the percentiles are without them.
        let has_test_points = count > 4
            && call.long(4)? != lit(0_i64)
            && call.arg(4)? != lit(datafusion_common::ScalarValue::Int32(Some(0)));
        // What a score of 1 is between quartiles is not known.
        let is_known = !has_test_points && (count <= 5 || text(call, 5)? == "ctukey");
        is_known.then_some(())?;
        let places =
            Places { period: 2, trend: 3, test_points: None, seasonality_threshold: Some(6) };
        let mut args = learning(call, &places, "avg")?;
        args.push(threshold);
        Some(FLAGS.call(args))
    },
};

pub(in crate::functions::series) const OUTLIERS: ScalarFunction = ScalarFunction {
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

/// The arguments of [`each`], and the score above which a value is an anomaly.
pub(in crate::functions::series) static FLAGS: Kernel = Kernel {
    name: "kql_series_anomalies",
    returns: Returns::Text,
    eval: |args| {
        let thresholds = args.real(5)?;
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
            write_values(&scores, out)?;
            out.push_str(",\"baseline\":");
            write_values(&parts.baseline, out)?;
            out.push('}');
            Ok(())
        })
    },
};

pub(in crate::functions::series) static SCORES: Kernel = Kernel {
    name: "kql_series_outliers",
    returns: Returns::Text,
    eval: |args| {
        let arrays = args.text(0)?;
        written(args.rows(), |row, out| {
            let values =
                arrays.get(row).and_then(complete_reals).filter(|values| !values.is_empty());
            values.map(|values| write_values(&scores(&values), out)).transpose()
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
