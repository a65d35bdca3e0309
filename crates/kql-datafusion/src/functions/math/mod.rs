//! Numbers: arithmetic, comparison of reals, rounding.

mod abs;
pub(crate) mod arithmetic;
mod beta;
mod bin;
mod bin_at;
mod binary;
mod classify;
mod convert_units;
mod extremes;
mod format_bytes;
mod gamma;
mod pow;
mod ranks;
mod real_comparison;
mod real_functions;
mod round;

use arrow::datatypes::DataType;
use datafusion_expr::{Expr, cast};
use kql_types::KqlType;

pub(crate) use self::ranks::percentile::{PERCENTILE_LONG, PERCENTILE_REAL, Ranks, key_of_real};
pub(crate) use self::ranks::weighted::{
    WEIGHTED_LONG, WEIGHTED_PERCENTILE_LONG, WEIGHTED_PERCENTILE_REAL, WEIGHTED_REAL,
    weighted_array,
};
pub(crate) use self::real_comparison::{REAL_EQUAL, REAL_LESS, REAL_LESS_OR_EQUAL};
use super::{Args, Call, Example, Kernel, Returns, ScalarFunction, columns};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    abs::ABS,
    beta::BETA_CDF,
    beta::BETA_INV,
    beta::BETA_PDF,
    beta::WELCH_TEST,
    bin::BIN,
    bin_at::BIN_AT,
    binary::BINARY_AND,
    binary::BINARY_NOT,
    binary::BINARY_OR,
    binary::BINARY_SHIFT_LEFT,
    binary::BINARY_SHIFT_RIGHT,
    binary::BINARY_XOR,
    binary::BITSET_COUNT_ONES,
    classify::ISFINITE,
    classify::ISINF,
    classify::ISNAN,
    convert_units::CONVERT_ANGLE,
    convert_units::CONVERT_ENERGY,
    convert_units::CONVERT_FORCE,
    convert_units::CONVERT_LENGTH,
    convert_units::CONVERT_MASS,
    convert_units::CONVERT_SPEED,
    convert_units::CONVERT_TEMPERATURE,
    convert_units::CONVERT_VOLUME,
    extremes::MAX_OF,
    extremes::MIN_OF,
    format_bytes::FORMAT_BYTES,
    gamma::ERF,
    gamma::ERFC,
    gamma::GAMMA,
    gamma::LOGGAMMA,
    pow::ATAN2,
    pow::PI,
    pow::POW,
    real_functions::ACOS,
    real_functions::ASIN,
    real_functions::ATAN,
    real_functions::COS,
    real_functions::COT,
    real_functions::DEGREES,
    real_functions::EXP,
    real_functions::EXP10,
    real_functions::EXP2,
    real_functions::LOG,
    real_functions::LOG10,
    real_functions::LOG2,
    real_functions::RADIANS,
    real_functions::SIGN,
    real_functions::SIN,
    real_functions::SQRT,
    real_functions::TAN,
    round::CEILING,
    round::ROUND,
];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[
    &REAL_EQUAL,
    &REAL_LESS,
    &REAL_LESS_OR_EQUAL,
    &abs::ABS_LONG,
    &abs::ABS_REAL,
    &arithmetic::DATETIME_ADD,
    &arithmetic::DATETIME_SUBTRACT,
    &arithmetic::LONG_DIVIDE,
    &arithmetic::LONG_MODULO,
    &arithmetic::REAL_MODULO,
    &arithmetic::TIMESPAN_DIVIDE,
    &arithmetic::TIMESPAN_RATIO,
    &arithmetic::TIMESPAN_SCALE,
    &beta::CUMULATIVE,
    &beta::DENSITY,
    &beta::INVERSE,
    &beta::PROBABILITY,
    &bin::BIN_DATETIME,
    &bin::BIN_LONG,
    &bin::BIN_REAL,
    &bin_at::DATETIMES,
    &bin_at::LONGS,
    &bin_at::REALS,
    &binary::AND,
    &binary::LEFT,
    &binary::NOT,
    &binary::ONES,
    &binary::OR,
    &binary::RIGHT,
    &binary::XOR,
    &classify::IS_FINITE,
    &classify::IS_INF,
    &classify::IS_NAN,
    &format_bytes::FORMAT,
    &gamma::OF_ERF,
    &gamma::OF_ERFC,
    &gamma::OF_GAMMA,
    &gamma::OF_LOGGAMMA,
    &PERCENTILE_LONG,
    &WEIGHTED_LONG,
    &WEIGHTED_PERCENTILE_LONG,
    &WEIGHTED_PERCENTILE_REAL,
    &WEIGHTED_REAL,
    &PERCENTILE_REAL,
    &pow::OF_ATAN2,
    &pow::OF_POW,
    &real_functions::OF_ACOS,
    &real_functions::OF_ASIN,
    &real_functions::OF_ATAN,
    &real_functions::OF_COS,
    &real_functions::OF_COT,
    &real_functions::OF_DEGREES,
    &real_functions::OF_EXP,
    &real_functions::OF_EXP10,
    &real_functions::OF_EXP2,
    &real_functions::OF_LOG,
    &real_functions::OF_LOG10,
    &real_functions::OF_LOG2,
    &real_functions::OF_RADIANS,
    &real_functions::OF_SIGN,
    &real_functions::OF_SIN,
    &real_functions::OF_SQRT,
    &real_functions::OF_TAN,
    &round::CEILING_REAL,
    &round::ROUND_DECIMAL,
    &round::ROUND_REAL,
    &ranks::weighted::WEIGHTED_ARRAY_DATETIME,
    &ranks::weighted::WEIGHTED_ARRAY_LONG,
    &ranks::weighted::WEIGHTED_ARRAY_REAL,
    &ranks::weighted::WEIGHTED_ARRAY_TIMESPAN,
];

/// Widens a number: int to long, int or long to real. Other pairs stay as they are.
pub(crate) fn widen(expr: Expr, from: KqlType, to: KqlType) -> Expr {
    match (from, to) {
        (KqlType::Int, KqlType::Long) => cast(expr, DataType::Int64),
        (KqlType::Int | KqlType::Long, KqlType::Real) => cast(expr, DataType::Float64),
        _ => expr,
    }
}
