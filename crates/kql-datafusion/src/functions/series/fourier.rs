//! `series_fft` and `series_ifft`

use arrow::array::ArrayRef;
use datafusion_common::{Result, ScalarValue};
use datafusion_expr::{Expr, lit};
use rustfft::{FftDirection, FftPlannerScalar, num_complex::Complex};

use super::{
    Args, Call, Example, Kernel, Returns, ScalarFunction,
    columns::written,
    numbers::{complete_reals, count, write_reals},
};

pub(super) const SERIES_FFT: ScalarFunction = ScalarFunction {
    name: "series_fft",
    summary: "Returns the frequencies in a series of complex numbers: their real and their imaginary parts.",
    source: "https://learn.microsoft.com/kusto/query/series-fft-function",
    examples: &[Example::new(
        "toscalar(print y = dynamic([1, 0, 0, 0]) | project series_fft(y) | project series_fft_y_real)",
        "[1.0,1.0,1.0,1.0]",
    )],
    lower: |call| lower(call, &FORWARD),
};

pub(super) const SERIES_IFFT: ScalarFunction = ScalarFunction {
    name: "series_ifft",
    summary: "Returns the series of complex numbers that has these frequencies.",
    source: "https://learn.microsoft.com/kusto/query/series-ifft-function",
    examples: &[Example::new(
        "toscalar(print y = dynamic([1, 1, 1, 1]) | project series_ifft(y) | project series_ifft_y_real)",
        "[1.0,0.0,0.0,0.0]",
    )],
    lower: |call| lower(call, &INVERSE),
};

fn lower(call: &Call, kernel: &'static Kernel) -> Option<Expr> {
    let imaginary = call.arg(1).unwrap_or_else(|| lit(ScalarValue::Utf8View(None)));
    Some(kernel.call(vec![call.arg(0)?, imaginary]))
}

/// Real parts, and imaginary ones or null, which stands for zeros.
pub(super) static FORWARD: Kernel = Kernel {
    name: "kql_series_fft",
    returns: Returns::Text,
    eval: |args| transformed(args, FftDirection::Forward),
};

/// The same, of which each is divided by their number.
pub(super) static INVERSE: Kernel = Kernel {
    name: "kql_series_ifft",
    returns: Returns::Text,
    eval: |args| transformed(args, FftDirection::Inverse),
};

/// Null if an element is no number, or the parts differ in length.
fn transformed(args: &Args<'_>, direction: FftDirection) -> Result<ArrayRef> {
    let (reals, imaginaries) = (args.text(0)?, args.text(1)?);
    // Not what the machine does best, but the same digits on each.
    let mut planner = FftPlannerScalar::new();
    written(args.rows(), |row, out| {
        let Some(real) = reals.get(row).and_then(complete_reals) else { return Ok(None) };
        let imaginary = match imaginaries.get(row) {
            Some(json) => complete_reals(json).filter(|it| it.len() == real.len()),
            None => Some(vec![0.0; real.len()]),
        };
        let Some(imaginary) = imaginary else { return Ok(None) };
        let pairs = real.into_iter().zip(imaginary);
        let mut series: Vec<_> = pairs.map(|(re, im)| Complex { re, im }).collect();
        planner.plan_fft(series.len(), direction).process(&mut series);
        let scale = match direction {
            FftDirection::Forward => 1.0,
            FftDirection::Inverse => count(series.len()),
        };
        out.push_str("{\"real\":");
        write_reals(&series.iter().map(|it| Some(it.re / scale)).collect::<Vec<_>>(), out)?;
        out.push_str(",\"imag\":");
        write_reals(&series.iter().map(|it| Some(it.im / scale)).collect::<Vec<_>>(), out)?;
        out.push('}');
        Ok(Some(()))
    })
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use super::*;

    #[test]
    fn frequencies_are_those_of_the_definition() {
        for len in [1_usize, 2, 3, 5, 8, 12, 17] {
            let series: Vec<Complex<f64>> = (0..len)
                .map(|at| Complex { re: count(at * at % 7), im: count(at % 3) - 1.0 })
                .collect();
            let mut fast = series.clone();
            FftPlannerScalar::new().plan_fft(len, FftDirection::Forward).process(&mut fast);
            for (at, value) in fast.iter().enumerate() {
                let sum: Complex<f64> = (0..len)
                    .map(|k| {
                        series[k] * Complex::from_polar(1.0, -TAU * count(k * at) / count(len))
                    })
                    .sum();
                assert!((sum - value).norm() < 1e-9, "{len} {at}: {sum} {value}");
            }
        }
    }
}
