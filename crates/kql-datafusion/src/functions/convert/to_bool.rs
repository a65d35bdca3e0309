//! `tobool`: the words `true` and `false` in any case, and whole numbers, zero being false.
//!
//! Source: <https://learn.microsoft.com/kusto/query/tobool-function>, and measured: `'1'` and
//! `'2'` are true, `'yes'` and `'1.5'` null, a real is true unless zero.

use datafusion_expr::Expr;
use kql_types::KqlType;

use super::{Kernel, Returns, columns::nullable_bools, from_dynamic, to_long, widen};

pub(super) fn convert(expr: Expr, from: KqlType) -> Option<Expr> {
    let kernel = match from {
        KqlType::String => &BOOL_FROM_STRING,
        KqlType::Int | KqlType::Long => &BOOL_FROM_LONG,
        KqlType::Real => &BOOL_FROM_REAL,
        KqlType::Dynamic => &BOOL_FROM_DYNAMIC,
        _ => return None,
    };
    Some(kernel.call(vec![widen(expr, from, KqlType::Long)]))
}

pub(super) static BOOL_FROM_STRING: Kernel = Kernel {
    name: "kql_bool_from_string",
    returns: Returns::Bool,
    eval: |args| {
        let texts = args.text(0)?;
        Ok(nullable_bools(args.rows(), |row| parse(texts.str(row))))
    },
};

pub(super) static BOOL_FROM_LONG: Kernel = Kernel {
    name: "kql_bool_from_long",
    returns: Returns::Bool,
    eval: |args| {
        let longs = args.long(0)?;
        Ok(nullable_bools(args.rows(), |row| longs.get(row).map(|long| long != 0)))
    },
};

pub(super) static BOOL_FROM_REAL: Kernel = Kernel {
    name: "kql_bool_from_real",
    returns: Returns::Bool,
    eval: |args| {
        let reals = args.real(0)?;
        Ok(nullable_bools(args.rows(), |row| reals.get(row).map(|real| real != 0.0)))
    },
};

/// A fraction inside a dynamic is null where it is no whole number.
///
/// Source: measured for `mv-expand … to typeof(bool)` over `2.5`.
pub(super) static BOOL_FROM_DYNAMIC: Kernel = Kernel {
    name: "kql_bool_from_dynamic",
    returns: Returns::Bool,
    eval: |args| {
        let json = args.text(0)?;
        Ok(nullable_bools(args.rows(), |row| {
            let from_real = |real: f64| (real.fract() == 0.0).then_some(real != 0.0);
            from_dynamic(json.get(row)?, parse, Some, |long| Some(long != 0), from_real)
        }))
    },
};

fn parse(text: &str) -> Option<bool> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("true") {
        return Some(true);
    }
    if text.eq_ignore_ascii_case("false") {
        return Some(false);
    }
    to_long::parse(text).map(|long| long != 0)
}
