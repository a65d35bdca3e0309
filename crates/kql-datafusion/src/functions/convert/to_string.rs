//! `tostring`: total, and shaped as .NET prints values; null of any type is `""`.
//!
//! Source: <https://learn.microsoft.com/kusto/query/tostring-function>, and measured: `True`,
//! `2020-01-02T03:04:05.6000000Z`, `1.00:00:00`, `NaN`, a dynamic string without its quotes.

use crate::functions::kernel::simplify;
use std::{borrow::Cow, fmt::Write};

use datafusion_common::exec_datafusion_err;
use datafusion_expr::Expr;
use kql_types::{KqlType, datetime, dynamic, real, timespan};

use super::{
    Args, Kernel, Returns,
    columns::{texts, written},
    widen,
};

pub(super) fn convert(expr: Expr, from: KqlType) -> Option<Expr> {
    let kernel = match from {
        KqlType::Bool => &STRING_FROM_BOOL,
        KqlType::Int | KqlType::Long => &STRING_FROM_LONG,
        KqlType::Real => &STRING_FROM_REAL,
        KqlType::Datetime => &STRING_FROM_DATETIME,
        KqlType::Timespan => &STRING_FROM_TIMESPAN,
        KqlType::Guid => &STRING_FROM_GUID,
        KqlType::Dynamic => &STRING_FROM_DYNAMIC,
        _ => return None,
    };
    Some(kernel.call(vec![widen(expr, from, KqlType::Long)]))
}

/// Returns a dynamic's text as `tostring` prints it.
pub(crate) fn dynamic_text(json: Option<&str>) -> Cow<'_, str> {
    json.map_or(Cow::Borrowed(""), dynamic::unquote)
}

pub(super) static STRING_FROM_BOOL: Kernel = Kernel {
    name: "kql_string_from_bool",
    returns: Returns::Text,
    eval: |args| {
        let bools = args.bool(0)?;
        Ok(texts(args.rows(), |row| {
            Some(Cow::Borrowed(match bools.get(row) {
                Some(true) => "True",
                Some(false) => "False",
                None => "",
            }))
        }))
    },
};

pub(super) static STRING_FROM_LONG: Kernel = Kernel {
    name: "kql_string_from_long",
    returns: Returns::Text,
    eval: |args| {
        let longs = args.long(0)?;
        printed(args, |row| longs.get(row))
    },
};

pub(super) static STRING_FROM_REAL: Kernel = Kernel {
    name: "kql_string_from_real",
    returns: Returns::Text,
    eval: |args| {
        let reals = args.real(0)?;
        printed(args, |row| reals.get(row).map(real::format))
    },
};

pub(super) static STRING_FROM_DATETIME: Kernel = Kernel {
    name: "kql_string_from_datetime",
    returns: Returns::Text,
    eval: |args| {
        let ticks = args.long(0)?;
        printed(args, |row| ticks.get(row).map(datetime::format))
    },
};

pub(super) static STRING_FROM_TIMESPAN: Kernel = Kernel {
    name: "kql_string_from_timespan",
    returns: Returns::Text,
    eval: |args| {
        let ticks = args.long(0)?;
        printed(args, |row| ticks.get(row).map(timespan::format))
    },
};

pub(super) static STRING_FROM_GUID: Kernel = Kernel {
    name: "kql_string_from_guid",
    returns: Returns::Text,
    eval: |args| {
        let guids = args.text(0)?;
        Ok(texts(args.rows(), |row| Some(Cow::Borrowed(guids.str(row)))))
    },
};

pub(super) static STRING_FROM_DYNAMIC: Kernel = Kernel {
    name: simplify::STRING_FROM_DYNAMIC,
    returns: Returns::Text,
    eval: |args| {
        let json = args.text(0)?;
        Ok(texts(args.rows(), |row| Some(dynamic_text(json.get(row)))))
    },
};

/// Prints values; null prints as nothing.
fn printed<T: std::fmt::Display>(
    args: &Args<'_>,
    value: impl Fn(usize) -> Option<T>,
) -> datafusion_common::Result<arrow::array::ArrayRef> {
    written(args.rows(), |row, text| {
        if let Some(value) = value(row) {
            write!(text, "{value}").map_err(|error| exec_datafusion_err!("{error}"))?;
        }
        Ok(Some(()))
    })
}
