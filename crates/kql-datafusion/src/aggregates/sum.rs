//! `sum`, of numbers and timespans.

use datafusion_common::ScalarValue;
use datafusion_functions_aggregate::sum::sum_udaf;
use kql_types::KqlType;

use super::{AggregateCall, Aggregation, Finish, Lowered, one};
use crate::functions::convert;

pub(super) const SUM: Aggregation = Aggregation {
    name: "sum",
    summary: "Returns the sum of the values that are not null, zero if there are none.",
    source: "https://learn.microsoft.com/kusto/query/sum-aggregation-function",
    lower,
};

fn lower(call: &AggregateCall) -> Option<Vec<Lowered>> {
    let (value, ty) = call.arg(0)?;
    let (value, zero) = match ty {
        KqlType::Int | KqlType::Long => {
            (convert(value, ty, KqlType::Long)?, ScalarValue::Int64(Some(0)))
        }
        KqlType::Timespan => (value, ScalarValue::Int64(Some(0))),
        KqlType::Real => (value, ScalarValue::Float64(Some(0.0))),
        _ => return None,
    };
    one(call.apply(sum_udaf(), vec![value]), Finish::Otherwise(zero))
}
