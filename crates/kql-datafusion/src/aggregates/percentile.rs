//! `percentile`: the nearest rank.
//!
//! Differs: Kusto estimates it over many rows; it is exact here.

use datafusion_expr::Expr;
use kql_types::KqlType;

use super::{
    AggregateCall, Aggregation, Finish, Lowered,
    gathered::gathered_numbers::{all_longs, all_reals},
    one,
};
use crate::functions::{convert, math_kernels};

pub(super) const PERCENTILE: Aggregation = Aggregation {
    name: "percentile",
    summary: "Returns the value that a percentage of all values does not exceed.",
    source: "https://learn.microsoft.com/kusto/query/percentiles-aggregation-function",
    lower,
};

fn lower(call: &AggregateCall) -> Option<Vec<Lowered>> {
    let ((value, ty), (percentage, percentage_ty)) = (call.arg(0)?, call.arg(1)?);
    let percentage: Expr = convert(percentage, percentage_ty, KqlType::Real)?;
    let (value, gather, kernel) = match ty {
        KqlType::Int | KqlType::Long => {
            (convert(value, ty, KqlType::Long)?, all_longs(), &math_kernels::PERCENTILE_LONG)
        }
        KqlType::Datetime | KqlType::Timespan => {
            (value, all_longs(), &math_kernels::PERCENTILE_LONG)
        }
        KqlType::Real => (value, all_reals(), &math_kernels::PERCENTILE_REAL),
        _ => return None,
    };
    let call = call.filtered(value.clone().is_not_null());
    one(call.apply(gather, vec![value]), Finish::Kernel(kernel, percentage))
}
