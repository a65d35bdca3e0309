//! `totimespan`: text; a number, bool or datetime gives as many ticks.
//!
//! Source: <https://learn.microsoft.com/kusto/query/totimespan-function>, and measured: `1230` is
//! 123 µs, a real loses its fraction, a dynamic converts as what it holds.

use datafusion_expr::Expr;
use kql_types::{KqlType, timespan};

use super::{Kernel, Returns, arithmetic::whole_ticks, columns::longs, from_dynamic, to_long};

pub(super) fn convert(expr: Expr, from: KqlType) -> Option<Expr> {
    let kernel = match from {
        KqlType::String => &TIMESPAN_FROM_STRING,
        KqlType::Dynamic => &TIMESPAN_FROM_DYNAMIC,
        KqlType::Real => &TIMESPAN_FROM_REAL,
        KqlType::Long => return Some(expr),
        _ => return to_long::convert(expr, from),
    };
    Some(kernel.call(vec![expr]))
}

pub(super) static TIMESPAN_FROM_STRING: Kernel = Kernel {
    name: "kql_timespan_from_string",
    returns: Returns::Long,
    eval: |args| {
        let texts = args.text(0)?;
        Ok(longs(args.rows(), |row| timespan::parse(texts.str(row))))
    },
};

/// What no timespan can hold is null.
///
/// Source: measured for infinities and NaN.
pub(super) static TIMESPAN_FROM_REAL: Kernel = Kernel {
    name: "kql_timespan_from_real",
    returns: Returns::Long,
    eval: |args| {
        let reals = args.real(0)?;
        Ok(longs(args.rows(), |row| whole_ticks(reals.get(row)?)))
    },
};

pub(super) static TIMESPAN_FROM_DYNAMIC: Kernel = Kernel {
    name: "kql_timespan_from_dynamic",
    returns: Returns::Long,
    eval: |args| {
        let json = args.text(0)?;
        Ok(longs(args.rows(), |row| {
            let from_bool = |bool| Some(i64::from(bool));
            from_dynamic(json.get(row)?, timespan::parse, from_bool, Some, whole_ticks)
        }))
    },
};
