//! Conversions between KQL's types: `tostring`, `tolong` and their kin, one target type a file.
//!
//! What does not convert gives null, never an error; `tostring` is total.

mod decimal;
mod to_bool;
mod to_datetime;
mod to_dynamic;
mod to_guid;
mod to_int;
mod to_long;
mod to_real;
mod to_string;
mod to_timespan;

use datafusion_expr::Expr;
use kql_types::KqlType;

use super::{Args, Kernel, Returns, arithmetic, columns, math::widen};

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[
    &to_bool::BOOL_FROM_DYNAMIC,
    &to_bool::BOOL_FROM_LONG,
    &to_bool::BOOL_FROM_REAL,
    &to_bool::BOOL_FROM_STRING,
    &to_datetime::DATETIME_FROM_DYNAMIC,
    &to_datetime::DATETIME_FROM_STRING,
    &to_dynamic::DYNAMIC_FROM_BOOL,
    &to_dynamic::DYNAMIC_FROM_DATETIME,
    &to_dynamic::DYNAMIC_FROM_LONG,
    &to_dynamic::DYNAMIC_FROM_REAL,
    &to_dynamic::DYNAMIC_FROM_STRING,
    &to_dynamic::DYNAMIC_FROM_TIMESPAN,
    &to_guid::GUID_FROM_DYNAMIC,
    &to_guid::GUID_FROM_STRING,
    &to_int::INT_FROM_DYNAMIC,
    &to_int::INT_FROM_LONG,
    &to_int::INT_FROM_REAL,
    &to_int::INT_FROM_STRING,
    &to_long::LONG_FROM_BOOL,
    &to_long::LONG_FROM_DYNAMIC,
    &to_long::LONG_FROM_REAL,
    &to_long::LONG_FROM_STRING,
    &to_real::REAL_FROM_BOOL,
    &to_real::REAL_FROM_DYNAMIC,
    &to_real::REAL_FROM_STRING,
    &to_string::STRING_FROM_BOOL,
    &to_string::STRING_FROM_DATETIME,
    &to_string::STRING_FROM_DYNAMIC,
    &to_string::STRING_FROM_GUID,
    &to_string::STRING_FROM_LONG,
    &to_string::STRING_FROM_REAL,
    &to_string::STRING_FROM_TIMESPAN,
    &to_timespan::TIMESPAN_FROM_DYNAMIC,
    &to_timespan::TIMESPAN_FROM_REAL,
    &to_timespan::TIMESPAN_FROM_STRING,
];

/// Converts an expression, or returns `None` if there is no such conversion.
pub(crate) fn convert(expr: Expr, from: KqlType, to: KqlType) -> Option<Expr> {
    if from == to {
        return Some(expr);
    }
    if from == KqlType::Decimal {
        return decimal::to_type(expr, to);
    }
    match to {
        KqlType::Bool => to_bool::convert(expr, from),
        KqlType::Int => to_int::convert(expr, from),
        KqlType::Long => to_long::convert(expr, from),
        KqlType::Real => to_real::convert(expr, from),
        KqlType::String => to_string::convert(expr, from),
        KqlType::Datetime => to_datetime::convert(expr, from),
        KqlType::Timespan => to_timespan::convert(expr, from),
        KqlType::Guid => to_guid::convert(expr, from),
        KqlType::Dynamic => to_dynamic::convert(expr, from),
        KqlType::Decimal => decimal::from_type(expr, from),
    }
}

/// Applies a conversion of text to a dynamic: a string by the rule for strings, a bool or number by
/// its own, null and containers not at all.
fn from_dynamic<T>(
    json: &str,
    from_string: impl Fn(&str) -> Option<T>,
    from_bool: impl Fn(bool) -> Option<T>,
    from_long: impl Fn(i64) -> Option<T>,
    from_real: impl Fn(f64) -> Option<T>,
) -> Option<T> {
    use kql_types::dynamic::{Kind, kind, unquote};
    match kind(json) {
        Kind::String => from_string(&unquote(json)),
        Kind::Bool => from_bool(json.trim_ascii().starts_with('t')),
        Kind::Long => match json.trim_ascii().parse::<i64>() {
            Ok(long) => from_long(long),
            // More digits than a long holds: the number is a double.
            Err(_) => from_real(json.trim_ascii().parse().ok()?),
        },
        Kind::Double => from_real(json.trim_ascii().parse().ok()?),
        Kind::Null | Kind::Array | Kind::Bag => None,
    }
}
