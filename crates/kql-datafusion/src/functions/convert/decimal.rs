//! Conversions to and from decimals.

use datafusion_expr::Expr;
use kql_types::KqlType;

use super::{
    super::decimal::{
        FROM_DYNAMIC, FROM_LONG, FROM_REAL, FROM_STRING, TO_LONG, TO_REAL, TO_STRING,
    },
    convert,
};

/// Makes a decimal of a value of another type.
pub(super) fn from_type(expr: Expr, from: KqlType) -> Option<Expr> {
    Some(match from {
        KqlType::Int => FROM_LONG.call(vec![convert(expr, from, KqlType::Long)?]),
        KqlType::Long => FROM_LONG.call(vec![expr]),
        KqlType::Real => FROM_REAL.call(vec![expr]),
        KqlType::String => FROM_STRING.call(vec![expr]),
        KqlType::Dynamic => FROM_DYNAMIC.call(vec![expr]),
        _ => return None,
    })
}

/// Makes a value of another type of a decimal.
pub(super) fn to_type(expr: Expr, to: KqlType) -> Option<Expr> {
    Some(match to {
        KqlType::String => TO_STRING.call(vec![expr]),
        KqlType::Long => TO_LONG.call(vec![expr]),
        KqlType::Int => convert(TO_LONG.call(vec![expr]), KqlType::Long, to)?,
        KqlType::Real => TO_REAL.call(vec![expr]),
        // The text is that of a JSON number.
        KqlType::Dynamic => expr,
        _ => return None,
    })
}
