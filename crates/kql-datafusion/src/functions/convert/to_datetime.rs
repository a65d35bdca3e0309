//! `todatetime`, of text.
//!
//! Source: <https://learn.microsoft.com/kusto/query/todatetime-function>

use datafusion_expr::Expr;
use kql_types::{KqlType, datetime};

use super::{Kernel, Returns, columns::longs, from_dynamic};

pub(super) fn convert(expr: Expr, from: KqlType) -> Option<Expr> {
    let kernel = match from {
        KqlType::String => &DATETIME_FROM_STRING,
        KqlType::Dynamic => &DATETIME_FROM_DYNAMIC,
        _ => return None,
    };
    Some(kernel.call(vec![expr]))
}

pub(super) static DATETIME_FROM_STRING: Kernel = Kernel {
    name: "kql_datetime_from_string",
    returns: Returns::Long,
    eval: |args| {
        let texts = args.text(0)?;
        Ok(longs(args.rows(), |row| datetime::parse(texts.str(row))))
    },
};

/// Of what a dynamic holds; only a string is a datetime.
///
/// Source: measured for `mv-expand … to typeof(datetime)`.
pub(super) static DATETIME_FROM_DYNAMIC: Kernel = Kernel {
    name: "kql_datetime_from_dynamic",
    returns: Returns::Long,
    eval: |args| {
        let json = args.text(0)?;
        Ok(longs(args.rows(), |row| {
            from_dynamic(json.get(row)?, datetime::parse, |_| None, |_| None, |_| None)
        }))
    },
};
