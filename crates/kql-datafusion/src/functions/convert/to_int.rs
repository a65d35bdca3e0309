//! `toint`: as `tolong`, in 32 bits.
//!
//! Source: <https://learn.microsoft.com/kusto/query/toint-function>, and measured: a long and the
//! ticks of a timespan wrap around, a real saturates.

use datafusion_expr::Expr;
use kql_types::KqlType;

use super::{Kernel, Returns, columns::ints, from_dynamic, to_long, widen};

pub(super) fn convert(expr: Expr, from: KqlType) -> Option<Expr> {
    let kernel = match from {
        KqlType::Long | KqlType::Datetime | KqlType::Timespan => &INT_FROM_LONG,
        KqlType::Bool => {
            let long = to_long::convert(expr, from)?;
            return Some(INT_FROM_LONG.call(vec![long]));
        }
        KqlType::String => &INT_FROM_STRING,
        KqlType::Real => &INT_FROM_REAL,
        KqlType::Dynamic => &INT_FROM_DYNAMIC,
        _ => return None,
    };
    Some(kernel.call(vec![widen(expr, from, KqlType::Long)]))
}

pub(super) static INT_FROM_LONG: Kernel = Kernel {
    name: "kql_int_from_long",
    returns: Returns::Int,
    eval: |args| {
        let longs = args.long(0)?;
        Ok(ints(args.rows(), |row| longs.get(row).map(wrap)))
    },
};

pub(super) static INT_FROM_STRING: Kernel = Kernel {
    name: "kql_int_from_string",
    returns: Returns::Int,
    eval: |args| {
        let texts = args.text(0)?;
        Ok(ints(args.rows(), |row| parse(texts.str(row))))
    },
};

pub(super) static INT_FROM_REAL: Kernel = Kernel {
    name: "kql_int_from_real",
    returns: Returns::Int,
    eval: |args| {
        let reals = args.real(0)?;
        Ok(ints(args.rows(), |row| truncate(reals.get(row)?)))
    },
};

pub(super) static INT_FROM_DYNAMIC: Kernel = Kernel {
    name: "kql_int_from_dynamic",
    returns: Returns::Int,
    eval: |args| {
        let json = args.text(0)?;
        Ok(ints(args.rows(), |row| {
            let from_bool = |bool| Some(i32::from(bool));
            from_dynamic(json.get(row)?, parse, from_bool, |long| Some(wrap(long)), truncate)
        }))
    },
};

/// Reads an integer of 32 bits; one that needs more is null.
fn parse(text: &str) -> Option<i32> {
    let text = text.trim();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) if digits.starts_with(['+', '-']) => None,
        Some(digits) => u32::from_str_radix(digits, 16).ok().map(u32::cast_signed),
        None => text.parse().ok(),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "Kusto wraps around")]
const fn wrap(long: i64) -> i32 {
    long as i32
}

#[expect(clippy::cast_possible_truncation, reason = "the cast saturates, as Kusto does")]
fn truncate(real: f64) -> Option<i32> {
    (!real.is_nan()).then_some(real as i32)
}
