//! `series_fit_line`, `series_fit_line_dynamic`

use std::fmt::Write;

use datafusion_common::exec_datafusion_err;
use kql_types::real;

use super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::written,
    numbers::{complete_reals, count, write_reals},
};

pub(in crate::functions::series) const SERIES_FIT_LINE: ScalarFunction = ScalarFunction {
    name: "series_fit_line",
    summary: "Returns the line that fits an array best, a column for each of its properties.",
    source: "https://learn.microsoft.com/kusto/query/series-fit-line-function",
    examples: &[Example::new(
        "toscalar(print y = dynamic([1, 3, 5]) | project series_fit_line(y) | project series_fit_line_y_slope)",
        "2.0",
    )],
    lower: |call| Some(call.apply(&FIT)),
};

pub(in crate::functions::series) const SERIES_FIT_LINE_DYNAMIC: ScalarFunction = ScalarFunction {
    name: "series_fit_line_dynamic",
    summary: "Returns the line that fits an array best, in a bag.",
    source: "https://learn.microsoft.com/kusto/query/series-fit-line-dynamic-function",
    examples: &[
        Example::new("series_fit_line_dynamic(dynamic([1, 3, 5])).interception", "-1.0"),
        Example::new("series_fit_line_dynamic(dynamic([1, 3, 5])).line_fit", "[1.0,3.0,5.0]"),
    ],
    lower: |call| Some(call.apply(&FIT)),
};

/// Null of fewer than two elements, or if one is no number.
///
/// Source: measured, also that variances are those of a sample, and that the first element is at 1, so that the line
/// meets the axis a step before it.
pub(in crate::functions::series) static FIT: Kernel = Kernel {
    name: "kql_series_fit_line",
    returns: Returns::Text,
    eval: |args| {
        let arrays = args.text(0)?;
        written(args.rows(), |row, out| {
            let values = arrays.get(row).and_then(complete_reals);
            let Some(values) = values.filter(|values| values.len() > 1) else { return Ok(None) };
            let line = Line::fit(&values);
            for (number, (name, value)) in [
                ("slope", line.slope),
                ("interception", line.at(-1.0)),
                ("rsquare", line.rsquare),
                ("variance", line.variance),
                ("rvariance", line.rvariance),
            ]
            .into_iter()
            .enumerate()
            {
                let start = if number == 0 { '{' } else { ',' };
                write!(out, "{start}\"{name}\":").map_err(|it| exec_datafusion_err!("{it}"))?;
                real::write_json(value, out);
            }
            out.push_str(",\"line_fit\":");
            let fit = (0..values.len()).map(|at| Some(line.at(count(at)))).collect::<Vec<_>>();
            write_reals(&fit, out)?;
            out.push('}');
            Ok(Some(()))
        })
    },
};

/// The line with the least squares of distances from values at 0, 1, 2, …
pub(in crate::functions::series) struct Line {
    pub(super) slope: f64,
    pub(super) interception: f64,
    pub(super) rsquare: f64,
    pub(super) variance: f64,
    pub(super) rvariance: f64,
}

impl Line {
    pub(in crate::functions::series) fn fit(values: &[f64]) -> Self {
        let n = count(values.len());
        let (mean_x, mean_y) = ((n - 1.0) / 2.0, values.iter().sum::<f64>() / n);
        let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
        for (at, y) in values.iter().enumerate() {
            let x = count(at) - mean_x;
            xx += x * x;
            xy += x * (y - mean_y);
            yy += (y - mean_y) * (y - mean_y);
        }
        let slope = xy / xx;
        let mut line = Self {
            slope,
            interception: mean_y - slope * mean_x,
            rsquare: 0.0,
            variance: yy / (n - 1.0),
            rvariance: 0.0,
        };
        let distances = values.iter().enumerate().map(|(at, y)| y - line.at(count(at)));
        let residue: f64 = distances.map(|it| it * it).sum();
        line.rvariance = residue / (n - 1.0);
        line.rsquare = 1.0 - residue / yy;
        line
    }

    pub(in crate::functions::series) fn at(&self, x: f64) -> f64 {
        self.slope * x + self.interception
    }
}
