//! `gamma`, `loggamma`, `erf`, `erfc`

use arrow::array::ArrayRef;
use datafusion_common::Result;
use datafusion_expr::Expr;

use super::{Args, Call, Example, Kernel, Returns, ScalarFunction, columns::reals};

pub(super) const GAMMA: ScalarFunction = ScalarFunction {
    name: "gamma",
    summary: "Returns the gamma function of a number.",
    source: "https://learn.microsoft.com/kusto/query/gamma-function",
    examples: &[Example::new("gamma(5)", "24.0")],
    lower: |call| lower(call, &OF_GAMMA),
};

pub(super) const LOGGAMMA: ScalarFunction = ScalarFunction {
    name: "loggamma",
    summary: "Returns the logarithm of the absolute value of the gamma function of a number.",
    source: "https://learn.microsoft.com/kusto/query/loggamma-function",
    examples: &[Example::new("round(loggamma(5), 10)", "3.1780538303")],
    lower: |call| lower(call, &OF_LOGGAMMA),
};

pub(super) const ERF: ScalarFunction = ScalarFunction {
    name: "erf",
    summary: "Returns the error function of a number.",
    source: "https://learn.microsoft.com/kusto/query/erf-function",
    examples: &[Example::new("erf(0)", "0.0")],
    lower: |call| lower(call, &OF_ERF),
};

pub(super) const ERFC: ScalarFunction = ScalarFunction {
    name: "erfc",
    summary: "Returns one less the error function of a number.",
    source: "https://learn.microsoft.com/kusto/query/erfc-function",
    examples: &[Example::new("erfc(0)", "1.0")],
    lower: |call| lower(call, &OF_ERFC),
};

fn lower(call: &Call, kernel: &'static Kernel) -> Option<Expr> {
    Some(kernel.call(vec![call.real(0)?]))
}

pub(super) static OF_GAMMA: Kernel =
    Kernel { name: "kql_gamma", returns: Returns::Real, eval: |args| compute(args, libm::tgamma) };

pub(super) static OF_LOGGAMMA: Kernel = Kernel {
    name: "kql_loggamma",
    returns: Returns::Real,
    eval: |args| compute(args, libm::lgamma),
};

pub(super) static OF_ERF: Kernel =
    Kernel { name: "kql_erf", returns: Returns::Real, eval: |args| compute(args, libm::erf) };

pub(super) static OF_ERFC: Kernel =
    Kernel { name: "kql_erfc", returns: Returns::Real, eval: |args| compute(args, libm::erfc) };

fn compute(args: &Args<'_>, of: fn(f64) -> f64) -> Result<ArrayRef> {
    let values = args.real(0)?;
    Ok(reals(args.rows(), |row| values.get(row).map(of)))
}
