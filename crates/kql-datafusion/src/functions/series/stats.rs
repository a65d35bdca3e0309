//! `series_stats`, `series_stats_dynamic`

use std::fmt::Write;

use datafusion_common::exec_datafusion_err;
use datafusion_expr::{Expr, lit};
use kql_types::real;

use super::{
    Call, Example, Kernel, Returns, ScalarFunction,
    columns::written,
    numbers::{Series, count},
};

pub(super) const SERIES_STATS: ScalarFunction = ScalarFunction {
    name: "series_stats",
    summary: "Returns the extremes, average and spread of an array, a column each.",
    source: "https://learn.microsoft.com/kusto/query/series-stats-function",
    examples: &[Example::new(
        "toscalar(print x = dynamic([2, 8, 5]) | project series_stats(x) | project series_stats_x_avg)",
        "5.0",
    )],
    lower,
};

pub(super) const SERIES_STATS_DYNAMIC: ScalarFunction = ScalarFunction {
    name: "series_stats_dynamic",
    summary: "Returns the extremes, average and spread of an array, in a bag.",
    source: "https://learn.microsoft.com/kusto/query/series-stats-dynamic-function",
    examples: &[
        Example::new("series_stats_dynamic(dynamic([2, 8, 5])).max_idx", "1"),
        Example::new("series_stats_dynamic(dynamic([2, 8, 5])).variance", "9.0"),
        Example::new("series_stats_dynamic(dynamic([2, null]), true).len", "1"),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    let ignores = call.arg(1).unwrap_or_else(|| lit(false));
    Some(STATS.call(vec![call.arg(0)?, ignores]))
}

/// Null if an element is no finite number, unless those are ignored.
///
/// Source: documented; spread is that of a sample, which is measured.
pub(super) static STATS: Kernel = Kernel {
    name: "kql_series_stats",
    returns: Returns::Text,
    eval: |args| {
        let (arrays, ignores) = (args.text(0)?, args.bool(1)?);
        written(args.rows(), |row, out| {
            let Some(values) = arrays.get(row).and_then(Series::parse).map(Series::reals) else {
                return Ok(None);
            };
            let finite = |value: &Option<f64>| value.filter(|value| value.is_finite());
            let places = values.iter().enumerate();
            let known: Vec<(usize, f64)> =
                places.filter_map(|(at, value)| Some((at, finite(value)?))).collect();
            let is_usable = known.len() == values.len() || ignores.get(row).unwrap_or(false);
            let Some(stats) = is_usable.then(|| Stats::of(&known)).flatten() else {
                return Ok(None);
            };
            stats.write(out).map_err(|error| exec_datafusion_err!("{error}"))?;
            Ok(Some(()))
        })
    },
};

struct Stats {
    min: (usize, f64),
    max: (usize, f64),
    avg: f64,
    variance: f64,
    sum: f64,
    len: usize,
}

impl Stats {
    fn of(values: &[(usize, f64)]) -> Option<Self> {
        let mut values_left = values.iter().copied();
        let first = values_left.next()?;
        let (mut min, mut max, mut sum) = (first, first, first.1);
        for value in values_left {
            if value.1 < min.1 {
                min = value;
            }
            if value.1 > max.1 {
                max = value;
            }
            sum += value.1;
        }
        let len = values.len();
        let avg = sum / count(len);
        let squares: f64 = values.iter().map(|(_, value)| (value - avg) * (value - avg)).sum();
        let variance = if len > 1 { squares / (count(len) - 1.0) } else { 0.0 };
        Some(Self { min, max, avg, variance, sum, len })
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let real = |value: f64| {
            let mut json = String::new();
            real::write_json(value, &mut json);
            json
        };
        write!(out, "{{\"min\":{},\"min_idx\":{}", real(self.min.1), self.min.0)?;
        write!(out, ",\"max\":{},\"max_idx\":{}", real(self.max.1), self.max.0)?;
        write!(out, ",\"avg\":{}", real(self.avg))?;
        write!(out, ",\"stdev\":{}", real(self.variance.sqrt()))?;
        write!(out, ",\"variance\":{}", real(self.variance))?;
        write!(out, ",\"sum\":{},\"len\":{}}}", real(self.sum), self.len)
    }
}
