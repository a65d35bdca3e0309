//! Numbers: arithmetic, comparison of reals, rounding.

mod abs;
pub(crate) mod arithmetic;
mod bin;
mod real_comparison;

use arrow::datatypes::DataType;
use datafusion_expr::{Expr, cast};
use kql_types::KqlType;

pub(crate) use self::real_comparison::{REAL_EQUAL, REAL_LESS, REAL_LESS_OR_EQUAL};
use super::{Args, Call, Example, Kernel, Returns, ScalarFunction, columns};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[abs::ABS, bin::BIN];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[
    &abs::ABS_LONG,
    &abs::ABS_REAL,
    &arithmetic::DATETIME_ADD,
    &arithmetic::DATETIME_SUBTRACT,
    &arithmetic::LONG_DIVIDE,
    &arithmetic::LONG_MODULO,
    &arithmetic::TIMESPAN_DIVIDE,
    &arithmetic::TIMESPAN_RATIO,
    &arithmetic::TIMESPAN_SCALE,
    &bin::BIN_DATETIME,
    &bin::BIN_LONG,
    &bin::BIN_REAL,
    &REAL_EQUAL,
    &REAL_LESS,
    &REAL_LESS_OR_EQUAL,
];

/// Widens a number: int to long, int or long to real. Other pairs stay as they are.
pub(crate) fn widen(expr: Expr, from: KqlType, to: KqlType) -> Expr {
    match (from, to) {
        (KqlType::Int, KqlType::Long) => cast(expr, DataType::Int64),
        (KqlType::Int | KqlType::Long, KqlType::Real) => cast(expr, DataType::Float64),
        _ => expr,
    }
}
