//! `estimate_data_size`

use std::ops::Add;

use datafusion_expr::{Expr, lit};
use kql_types::KqlType;

use super::{super::text::STRING_BYTES, Call, Example, ScalarFunction};

pub(super) const ESTIMATE_DATA_SIZE: ScalarFunction = ScalarFunction {
    name: "estimate_data_size",
    summary: "Returns how many bytes the values of columns take.",
    source: "https://learn.microsoft.com/kusto/query/estimate-data-size-function",
    examples: &[Example::new(
        "toscalar(print a = 1, b = 'size' | project estimate_data_size(*))",
        "12",
    )],
    lower,
};

/// Eight bytes of a long, those of a string in UTF-8.
///
/// Source: measured. Eight of other types of that width are inferred; what the rest takes is not
/// known, and refused.
fn lower(call: &Call) -> Option<Expr> {
    use KqlType::{Datetime, Long, Real, String, Timespan};
    call.args.iter().try_fold(lit(0_i64), |total, arg| match arg.ty {
        Long | Real | Datetime | Timespan => Some(total.add(lit(8_i64))),
        String => Some(total.add(STRING_BYTES.call(vec![arg.expr.clone()]))),
        _ => None,
    })
}
