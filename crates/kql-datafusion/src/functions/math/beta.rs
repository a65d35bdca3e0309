//! `beta_cdf`, `beta_inv`, `beta_pdf`, and `welch_test`, which rests on them.
//!
//! Source: measured, what becomes of arguments out of range.

use arrow::array::ArrayRef;
use datafusion_common::Result;
use datafusion_expr::Expr;

use super::{Args, Call, Example, Kernel, Returns, ScalarFunction, columns::reals};

pub(super) const BETA_CDF: ScalarFunction = ScalarFunction {
    name: "beta_cdf",
    summary: "Returns the cumulative beta distribution of a number from 0 to 1.",
    source: "https://learn.microsoft.com/kusto/query/beta-cdf-function",
    examples: &[
        Example::new("round(beta_cdf(0.25, 2, 3), 10)", "0.26171875"),
        Example::new("beta_cdf(1.5, 10, 20)", "NaN"),
    ],
    lower: |call| lower(call, &CUMULATIVE),
};

pub(super) const BETA_INV: ScalarFunction = ScalarFunction {
    name: "beta_inv",
    summary: "Returns the number whose cumulative beta distribution is a probability.",
    source: "https://learn.microsoft.com/kusto/query/beta-inv-function",
    examples: &[
        Example::new("round(beta_inv(0.26171875, 2, 3), 10)", "0.25"),
        Example::new("isnull(beta_inv(1.5, 10, 20))", "True"),
    ],
    lower: |call| lower(call, &INVERSE),
};

pub(super) const BETA_PDF: ScalarFunction = ScalarFunction {
    name: "beta_pdf",
    summary: "Returns the density of the beta distribution at a number from 0 to 1.",
    source: "https://learn.microsoft.com/kusto/query/beta-pdf-function",
    examples: &[
        Example::new("round(beta_pdf(0.5, 2, 3), 10)", "1.5"),
        Example::new("beta_pdf(-1, 10, 20)", "NaN"),
    ],
    lower: |call| lower(call, &DENSITY),
};

fn lower(call: &Call, kernel: &'static Kernel) -> Option<Expr> {
    Some(kernel.call(vec![call.real(0)?, call.real(1)?, call.real(2)?]))
}

pub(super) static CUMULATIVE: Kernel = Kernel {
    name: "kql_beta_cdf",
    returns: Returns::Real,
    eval: |args| {
        compute(args, |x, alpha, beta| {
            if !(0.0..=1.0).contains(&x) {
                return Some(f64::NAN);
            }
            // Measured for an alpha below 0.
            Some(if alpha <= 0.0 || beta <= 0.0 { 1.0 } else { cumulative(x, alpha, beta) })
        })
    },
};

pub(super) static INVERSE: Kernel = Kernel {
    name: "kql_beta_inv",
    returns: Returns::Real,
    eval: |args| {
        compute(args, |probability, alpha, beta| {
            if !(0.0..=1.0).contains(&probability) {
                return None;
            }
            let is_sound = alpha > 0.0 && beta > 0.0;
            Some(if is_sound { inverse(probability, alpha, beta) } else { f64::NAN })
        })
    },
};

pub(super) static DENSITY: Kernel = Kernel {
    name: "kql_beta_pdf",
    returns: Returns::Real,
    eval: |args| {
        compute(args, |x, alpha, beta| {
            let is_sound = (0.0..=1.0).contains(&x) && alpha > 0.0 && beta > 0.0;
            let powers = (alpha - 1.0) * x.ln() + (beta - 1.0) * (1.0 - x).ln();
            Some(if is_sound { (powers - log_beta(alpha, beta)).exp() } else { f64::NAN })
        })
    },
};

fn compute(args: &Args<'_>, of: fn(f64, f64, f64) -> Option<f64>) -> Result<ArrayRef> {
    let (first, second, third) = (args.real(0)?, args.real(1)?, args.real(2)?);
    Ok(reals(args.rows(), |row| of(first.get(row)?, second.get(row)?, third.get(row)?)))
}

fn log_beta(alpha: f64, beta: f64) -> f64 {
    libm::lgamma(alpha) + libm::lgamma(beta) - libm::lgamma(alpha + beta)
}

/// Returns the regularised incomplete beta function.
fn cumulative(x: f64, alpha: f64, beta: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x;
    }
    let front = (alpha * x.ln() + beta * (-x).ln_1p() - log_beta(alpha, beta)).exp();
    // The fraction converges fast on one side of the mean.
    if x < (alpha + 1.0) / (alpha + beta + 2.0) {
        front * fraction(x, alpha, beta) / alpha
    } else {
        1.0 - front * fraction(1.0 - x, beta, alpha) / beta
    }
}

/// The continued fraction of the incomplete beta function, by Lentz's method.
///
/// Source: DLMF, 8.17.22.
fn fraction(x: f64, alpha: f64, beta: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (alpha + beta) * x / (alpha + 1.0));
    let mut value = d;
    for step in 1..10_000_u32 {
        let m = f64::from(step);
        let even = m * (beta - m) * x / ((alpha + 2.0 * m - 1.0) * (alpha + 2.0 * m));
        d = 1.0 / away_from_zero(1.0 + even * d);
        c = away_from_zero(1.0 + even / c);
        value *= d * c;
        let odd =
            -(alpha + m) * (alpha + beta + m) * x / ((alpha + 2.0 * m) * (alpha + 2.0 * m + 1.0));
        d = 1.0 / away_from_zero(1.0 + odd * d);
        c = away_from_zero(1.0 + odd / c);
        let factor = d * c;
        value *= factor;
        if (factor - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    value
}

/// Returns where the cumulative distribution has a value, to the last digit, by halving.
fn inverse(probability: f64, alpha: f64, beta: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..1_100 {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if cumulative(middle, alpha, beta) < probability {
            low = middle;
        } else {
            high = middle;
        }
    }
    if probability == 0.0 { 0.0 } else { high }
}

pub(super) const WELCH_TEST: ScalarFunction = ScalarFunction {
    name: "welch_test",
    summary: "Returns the probability that two samples have one mean, by their means, variances and counts.",
    source: "https://learn.microsoft.com/kusto/query/welch-test-function",
    examples: &[Example::new("round(welch_test(1, 1, 10, 1, 1, 10), 10)", "1.0")],
    lower: |call| Some(PROBABILITY.call((0..6).map(|at| call.real(at)).collect::<Option<_>>()?)),
};

/// The two-sided test, with the degrees of freedom by Welch and Satterthwaite.
pub(super) static PROBABILITY: Kernel = Kernel {
    name: "kql_welch_test",
    returns: Returns::Real,
    eval: |args| {
        let columns = (0..6).map(|at| args.real(at)).collect::<Result<Vec<_>>>()?;
        Ok(reals(args.rows(), |row| {
            let values = columns.iter().map(|it| it.get(row)).collect::<Option<Vec<f64>>>()?;
            let [mean, variance, count, other_mean, other_variance, other_count] = *values else {
                return None;
            };
            let (one, other) = (variance / count, other_variance / other_count);
            let square = (mean - other_mean) * (mean - other_mean) / (one + other);
            let freedom = (one + other) * (one + other)
                / (one * one / (count - 1.0) + other * other / (other_count - 1.0));
            Some(cumulative(freedom / (freedom + square), freedom / 2.0, 0.5))
        }))
    },
};
