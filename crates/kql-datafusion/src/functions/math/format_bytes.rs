//! `format_bytes`

use std::fmt::Write;

use datafusion_common::{ScalarValue, exec_datafusion_err};
use datafusion_expr::{Expr, lit};

use super::{Call, Example, Kernel, Returns, ScalarFunction, columns::written};

pub(super) const FORMAT_BYTES: ScalarFunction = ScalarFunction {
    name: "format_bytes",
    summary: "Returns a number of bytes as text with a unit: the given one, or one that fits.",
    source: "https://learn.microsoft.com/kusto/query/format-bytes-function",
    examples: &[
        Example::new("format_bytes(564)", "564 Bytes"),
        Example::new("format_bytes(10332, 1)", "10.1 KB"),
        Example::new("format_bytes(20010332, 2)", "19.08 MB"),
        Example::new("format_bytes(20010332, 0, 'KB')", "19541 KB"),
    ],
    lower,
};

const UNITS: [&str; 7] = ["Bytes", "KB", "MB", "GB", "TB", "PB", "EB"];

/// A unit that there is not is refused.
fn lower(call: &Call) -> Option<Expr> {
    let precision = if call.args.len() > 1 { call.real(1)? } else { lit(0.0) };
    let unit = call.arg(2).unwrap_or_else(|| lit(ScalarValue::Utf8View(Some(String::new()))));
    match &unit {
        Expr::Literal(ScalarValue::Utf8View(Some(unit)), _)
            if unit.is_empty() || UNITS.contains(&unit.as_str()) => {}
        _ => return None,
    }
    Some(FORMAT.call(vec![call.real(0)?, precision, unit]))
}

/// A number of bytes, digits behind the point at most, and a unit, which may be empty.
pub(super) static FORMAT: Kernel = Kernel {
    name: "kql_format_bytes",
    returns: Returns::Text,
    eval: |args| {
        let (sizes, precisions, units) = (args.real(0)?, args.real(1)?, args.text(2)?);
        written(args.rows(), |row, out| {
            if let Some((size, precision)) = sizes.get(row).zip(precisions.get(row)) {
                write_size(size, precision, units.str(row), out)
                    .map_err(|error| exec_datafusion_err!("{error}"))?;
            }
            Ok(Some(()))
        })
    },
};

/// Zeros at the end of the fraction are left out (inferred).
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a few digits, and the cast saturates"
)]
fn write_size(size: f64, precision: f64, unit: &str, out: &mut String) -> std::fmt::Result {
    let mut value = size;
    let mut chosen = "Bytes";
    for (number, name) in UNITS.iter().enumerate() {
        let is_wanted = if unit.is_empty() { value.abs() < 1024.0 } else { *name == unit };
        chosen = name;
        if is_wanted || number.saturating_add(1) == UNITS.len() {
            break;
        }
        value /= 1024.0;
    }
    let digits = precision.clamp(0.0, 15.0) as usize;
    let text = format!("{value:.digits$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text.as_str()
    };
    write!(out, "{text} {chosen}")
}
