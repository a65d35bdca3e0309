//! What operators are made of: functions that the binder calls and no query can.

mod parse_captures;
mod parse_kv;
pub(crate) mod range_rows;
mod series_of_points;

use datafusion_common::ScalarValue;
use datafusion_expr::Expr;

use super::{Args, Call, Kernel, Returns, ScalarFunction, columns};

/// The functions of this group.
pub(super) const FUNCTIONS: &[ScalarFunction] = &[
    parse_captures::PARSE_CAPTURES,
    parse_kv::PARSE_KV,
    parse_kv::PARSE_KV_REGEX,
    series_of_points::SERIES_OF_POINTS,
];

/// The kernels of this group.
pub(super) const KERNELS: &[&Kernel] = &[
    &parse_captures::CAPTURES,
    &parse_kv::DELIMITED,
    &parse_kv::MATCHED,
    &range_rows::DATETIMES,
    &range_rows::LONGS,
    &range_rows::REALS,
    &series_of_points::SERIES,
];

/// Returns an argument that is a constant text.
fn constant_text(call: &Call, index: usize) -> Option<String> {
    match call.arg(index)? {
        Expr::Literal(ScalarValue::Utf8View(Some(text)), _) => Some(text),
        _ => None,
    }
}
