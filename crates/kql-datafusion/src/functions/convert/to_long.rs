//! `tolong`: a sign and digits or `0x` and hexadecimal digits; ticks of points and spans of time.
//!
//! Source: <https://learn.microsoft.com/kusto/query/tolong-function>, and measured: `'5.7'`, `'1e3'`
//! and `'5.'` are null, hexadecimal is unsigned and wraps, a real loses its fraction.

use datafusion_expr::Expr;
use kql_types::KqlType;

use super::{Kernel, Returns, columns::longs, from_dynamic, widen};

pub(super) fn convert(expr: Expr, from: KqlType) -> Option<Expr> {
    let kernel = match from {
        KqlType::Int => return Some(widen(expr, from, KqlType::Long)),
        KqlType::Datetime | KqlType::Timespan => return Some(expr),
        KqlType::String => &LONG_FROM_STRING,
        KqlType::Bool => &LONG_FROM_BOOL,
        KqlType::Real => &LONG_FROM_REAL,
        KqlType::Dynamic => &LONG_FROM_DYNAMIC,
        _ => return None,
    };
    Some(kernel.call(vec![expr]))
}

pub(super) static LONG_FROM_STRING: Kernel = Kernel {
    name: "kql_long_from_string",
    returns: Returns::Long,
    eval: |args| {
        let texts = args.text(0)?;
        Ok(longs(args.rows(), |row| parse(texts.str(row))))
    },
};

pub(super) static LONG_FROM_BOOL: Kernel = Kernel {
    name: "kql_long_from_bool",
    returns: Returns::Long,
    eval: |args| {
        let bools = args.bool(0)?;
        Ok(longs(args.rows(), |row| bools.get(row).map(i64::from)))
    },
};

pub(super) static LONG_FROM_REAL: Kernel = Kernel {
    name: "kql_long_from_real",
    returns: Returns::Long,
    eval: |args| {
        let reals = args.real(0)?;
        Ok(longs(args.rows(), |row| truncate(reals.get(row)?)))
    },
};

pub(super) static LONG_FROM_DYNAMIC: Kernel = Kernel {
    name: "kql_long_from_dynamic",
    returns: Returns::Long,
    eval: |args| {
        let json = args.text(0)?;
        Ok(longs(args.rows(), |row| {
            from_dynamic(json.get(row)?, parse, |bool| Some(i64::from(bool)), Some, truncate)
        }))
    },
};

/// Reads an integer as KQL writes it.
pub(super) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        // A sign would be accepted by the parser, and is none of hexadecimal's.
        Some(digits) if digits.starts_with(['+', '-']) => None,
        Some(digits) => u64::from_str_radix(digits, 16).ok().map(u64::cast_signed),
        None => text.parse().ok(),
    }
}

/// Cuts off a fraction; what is beyond a long is the nearest long, and NaN is null.
///
/// Sources: measured, fractions, and that an int saturates. Inferred: the same for longs; NaN.
#[expect(clippy::cast_possible_truncation, reason = "the cast saturates, which is meant")]
pub(super) fn truncate(real: f64) -> Option<i64> {
    (!real.is_nan()).then_some(real as i64)
}
