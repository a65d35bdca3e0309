//! `toreal`, also called `todouble`.
//!
//! Source: <https://learn.microsoft.com/kusto/query/todouble-function>, and measured: points and
//! spans of time give their ticks.

use arrow::datatypes::DataType;
use datafusion_expr::{Expr, cast};
use kql_types::KqlType;

use super::{Kernel, Returns, columns::reals, from_dynamic};

pub(super) fn convert(expr: Expr, from: KqlType) -> Option<Expr> {
    let kernel = match from {
        KqlType::Int | KqlType::Long | KqlType::Datetime | KqlType::Timespan => {
            return Some(cast(expr, DataType::Float64));
        }
        KqlType::String => &REAL_FROM_STRING,
        KqlType::Bool => &REAL_FROM_BOOL,
        KqlType::Dynamic => &REAL_FROM_DYNAMIC,
        _ => return None,
    };
    Some(kernel.call(vec![expr]))
}

pub(super) static REAL_FROM_STRING: Kernel = Kernel {
    name: "kql_real_from_string",
    returns: Returns::Real,
    eval: |args| {
        let texts = args.text(0)?;
        Ok(reals(args.rows(), |row| parse(texts.str(row))))
    },
};

pub(super) static REAL_FROM_BOOL: Kernel = Kernel {
    name: "kql_real_from_bool",
    returns: Returns::Real,
    eval: |args| {
        let bools = args.bool(0)?;
        Ok(reals(args.rows(), |row| bools.get(row).map(f64::from)))
    },
};

pub(super) static REAL_FROM_DYNAMIC: Kernel = Kernel {
    name: "kql_real_from_dynamic",
    returns: Returns::Real,
    eval: |args| {
        let json = args.text(0)?;
        Ok(reals(args.rows(), |row| {
            let from_bool = |bool| Some(f64::from(bool));
            from_dynamic(json.get(row)?, parse, from_bool, from_long, Some)
        }))
    },
};

#[expect(clippy::cast_precision_loss, reason = "a real has 53 bits")]
#[expect(clippy::unnecessary_wraps, reason = "one of several conversions, and others fail")]
fn from_long(long: i64) -> Option<f64> {
    Some(long as f64)
}

/// Reads a number in decimal or exponent form, `NaN` or an infinity.
fn parse(text: &str) -> Option<f64> {
    let text = text.trim();
    let is_number = text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first))
        && !text.contains(|c: char| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E'));
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ if is_number => text.parse().ok(),
        _ => None,
    }
}
