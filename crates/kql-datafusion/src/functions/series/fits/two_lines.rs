//! `series_fit_2lines`. In the bag of `series_fit_2lines_dynamic` is what is not known of a split: it is refused.

use std::fmt::Write;

use datafusion_common::{Result, exec_datafusion_err};
use kql_types::real;

use super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::written,
    line::Line,
    numbers::{complete_reals, count, write_reals},
};

pub(in crate::functions::series) const SERIES_FIT_2LINES: ScalarFunction = ScalarFunction {
    name: "series_fit_2lines",
    summary: "Returns the two lines that fit the two parts of an array best, a column for each of their properties.",
    source: "https://learn.microsoft.com/kusto/query/series-fit-2lines-function",
    examples: &[Example::new(
        "toscalar(print y = dynamic([1, 2, 3, 9, 7, 5]) | project series_fit_2lines(y) | project series_fit_2lines_y_line_fit)",
        "[1.0,2.0,3.0,9.0,7.0,5.0]",
    )],
    lower: |call| Some(call.apply(&FIT)),
};

/// What a split has that is not known: whether its place is that of the last value of the left part or of the
/// first of the right one, and where the right line is 0.
pub(crate) const UNKNOWN: &[&str] = &["split_idx", "right_interception"];

/// Null of fewer than four elements, or if one is no number.
///
/// Source: documented, and measured: the fitted values.
pub(in crate::functions::series) static FIT: Kernel = Kernel {
    name: "kql_series_fit_2lines",
    returns: Returns::Text,
    eval: |args| {
        let arrays = args.text(0)?;
        written(args.rows(), |row, out| {
            let Some(values) = arrays.get(row).and_then(complete_reals) else { return Ok(None) };
            let Some(fit) = best(&values) else { return Ok(None) };
            fit.write(&values, out)?;
            Ok(Some(()))
        })
    },
};

/// A line for each of two parts.
struct TwoLines {
    /// How many values are in the left part.
    split: usize,
    left: Line,
    right: Line,
    /// The sum of squares of distances.
    residue: f64,
}

/// Finds the split with the least distances. A part has two values at least: one with one value would fit no
/// better.
fn best(values: &[f64]) -> Option<TwoLines> {
    let fits = (2..values.len().checked_sub(1)?).filter_map(|split| {
        let (left, right) = values.split_at_checked(split)?;
        let lines = [Line::fit(left), Line::fit(right)];
        let residue = [left, right]
            .iter()
            .zip(&lines)
            .map(|(part, line)| {
                let distance = |(at, y): (usize, &f64)| (y - line.at(count(at))).powi(2);
                part.iter().enumerate().map(distance).sum::<f64>()
            })
            .sum();
        let [left, right] = lines;
        Some(TwoLines { split, left, right, residue })
    });
    fits.reduce(|best, fit| if fit.residue < best.residue { fit } else { best })
}

impl TwoLines {
    fn write(&self, values: &[f64], out: &mut String) -> Result<()> {
        let n = count(values.len());
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|y| (y - mean) * (y - mean)).sum();
        let numbers = [
            ("rsquare", 1.0 - self.residue / squares),
            ("variance", squares / (n - 1.0)),
            ("rvariance", self.residue / (n - 1.0)),
            ("right_rsquare", self.right.rsquare),
            ("right_slope", self.right.slope),
            ("right_variance", self.right.variance),
            ("right_rvariance", self.right.rvariance),
            ("left_rsquare", self.left.rsquare),
            ("left_slope", self.left.slope),
            ("left_interception", self.left.at(-1.0)),
            ("left_variance", self.left.variance),
            ("left_rvariance", self.left.rvariance),
        ];
        out.push('{');
        for (name, value) in numbers {
            write!(out, "\"{name}\":").map_err(|it| exec_datafusion_err!("{it}"))?;
            real::write_json(value, out);
            out.push(',');
        }
        out.push_str("\"line_fit\":");
        let left = (0..self.split).map(|at| self.left.at(count(at)));
        let right = (0..values.len().saturating_sub(self.split)).map(|at| self.right.at(count(at)));
        write_reals(&left.chain(right).map(Some).collect::<Vec<_>>(), out)?;
        out.push('}');
        Ok(())
    }
}
