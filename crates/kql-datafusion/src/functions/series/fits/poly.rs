//! `series_fit_poly`

use std::fmt::Write;

use datafusion_common::{Result, ScalarValue, exec_datafusion_err, exec_err};
use datafusion_expr::lit;
use kql_types::real;

use super::{
    Example, Kernel, Returns, ScalarFunction,
    columns::written,
    numbers::{complete_reals, count, write_reals},
};

pub(in crate::functions::series) const SERIES_FIT_POLY: ScalarFunction = ScalarFunction {
    name: "series_fit_poly",
    summary: "Returns the polynomial of a degree that fits points best, a column for each of its properties.",
    source: "https://learn.microsoft.com/kusto/query/series-fit-poly-function",
    examples: &[Example::new(
        "toscalar(print y = dynamic([2, 4, 6]) | project series_fit_poly(y) | extend c = series_fit_poly_y_coefficients | project round(todouble(c[0]), 9))",
        "2.0",
    )],
    lower: |call| {
        let x = call.arg(1).unwrap_or_else(|| lit(ScalarValue::Utf8View(None)));
        let degree = if call.args.len() > 2 { call.long(2)? } else { lit(1_i64) };
        Some(FIT.call(vec![call.arg(0)?, x, degree]))
    },
};

/// Ordinates; abscissas, or null for 1, 2, 3, …; and the degree. Null if an element is no number, or there are
/// not as many of one as of the other.
///
/// Fits agree with the engine's to a relative 1e-9, as the way to a solution differs. Source: documented, and
/// measured: the fitted values, and that variances are those of a sample.
pub(in crate::functions::series) static FIT: Kernel = Kernel {
    name: "kql_series_fit_poly",
    returns: Returns::Text,
    eval: |args| {
        let (ys, xs, degrees) = (args.text(0)?, args.text(1)?, args.long(2)?);
        written(args.rows(), |row, out| {
            let Some(y) = ys.get(row).and_then(complete_reals) else { return Ok(None) };
            let x = match xs.get(row) {
                Some(json) => complete_reals(json).filter(|x| x.len() == y.len()),
                None => Some((1..=y.len()).map(count).collect()),
            };
            let (Some(x), Some(degree)) = (x, degrees.get(row)) else { return Ok(None) };
            let Some(degree) = usize::try_from(degree).ok().filter(|it| *it <= MOST) else {
                return exec_err!("a polynomial of degree {degree} cannot be fitted");
            };
            let Some(coefficients) = fit(&x, &y, degree) else {
                return exec_err!(
                    "{} points do not decide a polynomial of degree {degree}",
                    y.len()
                );
            };
            let fitted: Vec<f64> = x.iter().map(|x| at(&coefficients, *x)).collect();
            write(&y, &coefficients, &fitted, out)?;
            Ok(Some(()))
        })
    },
};

/// The highest degree; powers beyond it leave no digits.
const MOST: usize = 100;
/// What is left of a power beside the lower ones, in proportion, from which on points decide its factor.
const LEAST: f64 = 1e-12;

/// Returns the value of a polynomial, whose highest power comes first.
fn at(coefficients: &[f64], x: f64) -> f64 {
    coefficients.iter().fold(0.0, |value, coefficient| value * x + coefficient)
}

/// Finds the factors of the powers, the highest first; `None` if points do not decide them.
///
/// Powers are made orthogonal one by one, twice, so that what rounding leaves of the lower ones goes too.
fn fit(x: &[f64], y: &[f64], degree: usize) -> Option<Vec<f64>> {
    let dot = |one: &[f64], other: &[f64]| -> f64 {
        one.iter().zip(other).map(|(one, other)| one * other).sum()
    };
    // Each basis vector, and the polynomial that it is of, the lowest power first.
    let mut basis: Vec<(Vec<f64>, Vec<f64>)> = Vec::with_capacity(degree.saturating_add(1));
    let mut result = vec![0.0; degree.saturating_add(1)];
    for power in 0..=degree {
        let exponent = i32::try_from(power).ok()?;
        let mut vector: Vec<f64> = x.iter().map(|x| x.powi(exponent)).collect();
        let mut polynomial = vec![0.0; degree.saturating_add(1)];
        *polynomial.get_mut(power)? = 1.0;
        let whole = dot(&vector, &vector).sqrt();
        for _ in 0..2 {
            for (known, its) in &basis {
                let part = dot(known, &vector);
                vector.iter_mut().zip(known).for_each(|(it, of)| *it -= part * of);
                polynomial.iter_mut().zip(its).for_each(|(it, of)| *it -= part * of);
            }
        }
        let left = dot(&vector, &vector).sqrt();
        if !left.is_finite() || left <= whole * LEAST {
            return None;
        }
        vector.iter_mut().chain(polynomial.iter_mut()).for_each(|it| *it /= left);
        let part = dot(&vector, y);
        result.iter_mut().zip(&polynomial).for_each(|(it, of)| *it += part * of);
        basis.push((vector, polynomial));
    }
    result.reverse();
    Some(result)
}

fn write(y: &[f64], coefficients: &[f64], fitted: &[f64], out: &mut String) -> Result<()> {
    let n = count(y.len());
    let mean = y.iter().sum::<f64>() / n;
    let squares: f64 = y.iter().map(|y| (y - mean) * (y - mean)).sum();
    let residue: f64 = y.iter().zip(fitted).map(|(y, fit)| (y - fit) * (y - fit)).sum();
    out.push('{');
    for (name, value) in [
        ("rsquare", 1.0 - residue / squares),
        ("variance", squares / (n - 1.0)),
        ("rvariance", residue / (n - 1.0)),
    ] {
        write!(out, "\"{name}\":").map_err(|it| exec_datafusion_err!("{it}"))?;
        real::write_json(value, out);
        out.push(',');
    }
    for (name, values) in [("\"coefficients\":", coefficients), (",\"poly_fit\":", fitted)] {
        out.push_str(name);
        write_reals(&values.iter().copied().map(Some).collect::<Vec<_>>(), out)?;
    }
    out.push('}');
    Ok(())
}
