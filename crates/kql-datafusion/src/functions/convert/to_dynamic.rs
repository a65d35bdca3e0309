//! A scalar as a dynamic, as `pack_array` stores it. A string becomes a dynamic string; reading it
//! as JSON is `parse_json`.
//!
//! Source: <https://learn.microsoft.com/kusto/query/scalar-data-types/dynamic>, and measured:
//! datetime and timespan are stored as their text.

use crate::functions::kernel::simplify;
use arrow::array::ArrayRef;
use datafusion_common::Result;
use datafusion_expr::Expr;
use kql_types::{KqlType, Value, dynamic};

use super::{Args, Kernel, Returns, columns::written, widen};

pub(super) fn convert(expr: Expr, from: KqlType) -> Option<Expr> {
    let kernel = match from {
        KqlType::Bool => &DYNAMIC_FROM_BOOL,
        KqlType::Int | KqlType::Long => &DYNAMIC_FROM_LONG,
        KqlType::Real => &DYNAMIC_FROM_REAL,
        KqlType::Datetime => &DYNAMIC_FROM_DATETIME,
        KqlType::Timespan => &DYNAMIC_FROM_TIMESPAN,
        KqlType::String | KqlType::Guid => &DYNAMIC_FROM_STRING,
        _ => return None,
    };
    Some(kernel.call(vec![widen(expr, from, KqlType::Long)]))
}

pub(super) static DYNAMIC_FROM_BOOL: Kernel = Kernel {
    name: "kql_dynamic_from_bool",
    returns: Returns::Text,
    eval: |args| {
        let bools = args.bool(0)?;
        encoded(args, |row| bools.get(row).map(|bool| Value::Bool(Some(bool))))
    },
};

pub(super) static DYNAMIC_FROM_LONG: Kernel = Kernel {
    name: "kql_dynamic_from_long",
    returns: Returns::Text,
    eval: |args| {
        let longs = args.long(0)?;
        encoded(args, |row| longs.get(row).map(|long| Value::Long(Some(long))))
    },
};

pub(super) static DYNAMIC_FROM_REAL: Kernel = Kernel {
    name: "kql_dynamic_from_real",
    returns: Returns::Text,
    eval: |args| {
        let reals = args.real(0)?;
        encoded(args, |row| reals.get(row).map(|real| Value::Real(Some(real))))
    },
};

pub(super) static DYNAMIC_FROM_DATETIME: Kernel = Kernel {
    name: "kql_dynamic_from_datetime",
    returns: Returns::Text,
    eval: |args| {
        let ticks = args.long(0)?;
        encoded(args, |row| ticks.get(row).map(|ticks| Value::Datetime(Some(ticks))))
    },
};

pub(super) static DYNAMIC_FROM_TIMESPAN: Kernel = Kernel {
    name: "kql_dynamic_from_timespan",
    returns: Returns::Text,
    eval: |args| {
        let ticks = args.long(0)?;
        encoded(args, |row| ticks.get(row).map(|ticks| Value::Timespan(Some(ticks))))
    },
};

/// Of a string or guid; a null guid stays null.
pub(super) static DYNAMIC_FROM_STRING: Kernel = Kernel {
    name: simplify::DYNAMIC_FROM_STRING,
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(0)?;
        written(args.rows(), |row, out| Ok(texts.get(row).map(|text| dynamic::quote(text, out))))
    },
};

fn encoded(args: &Args<'_>, value: impl Fn(usize) -> Option<Value>) -> Result<ArrayRef> {
    written(args.rows(), |row, out| Ok(value(row).map(|value| dynamic::encode(&value, out))))
}
