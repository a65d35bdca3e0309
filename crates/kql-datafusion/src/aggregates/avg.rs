//! `avg`, of numbers.

use datafusion_common::ScalarValue;
use datafusion_functions_aggregate::average::avg_udaf;
use kql_types::KqlType;

use super::{AggregateCall, Aggregation, Finish, Lowered, one};
use crate::functions::convert;

pub(super) const AVG: Aggregation = Aggregation {
    name: "avg",
    summary: "Returns the mean of the values that are not null, NaN if there are none.",
    source: "https://learn.microsoft.com/kusto/query/avg-aggregation-function",
    lower,
};

fn lower(call: &AggregateCall) -> Option<Vec<Lowered>> {
    let (value, ty) = call.arg(0)?;
    if !matches!(ty, KqlType::Int | KqlType::Long | KqlType::Real) {
        return None;
    }
    let value = convert(value, ty, KqlType::Real)?;
    one(
        call.apply(avg_udaf(), vec![value]),
        Finish::Otherwise(ScalarValue::Float64(Some(f64::NAN))),
    )
}
