//! `avg`, of numbers, datetimes and timespans.

use datafusion_common::ScalarValue;
use datafusion_functions_aggregate::average::avg_udaf;
use kql_types::KqlType;

use super::{AggregateCall, Aggregation, Finish, Lowered, one, tick_mean::tick_mean};
use crate::functions::convert;

pub(super) const AVG: Aggregation = Aggregation {
    name: "avg",
    summary: "Returns the mean of the values that are not null, NaN if there are none.",
    source: "https://learn.microsoft.com/kusto/query/avg-aggregation-function",
    lower,
};

/// Of no ticks the mean is null (inferred).
fn lower(call: &AggregateCall) -> Option<Vec<Lowered>> {
    let (value, ty) = call.arg(0)?;
    match ty {
        KqlType::Datetime | KqlType::Timespan => {
            return one(call.apply(tick_mean(), vec![value]), Finish::Nothing);
        }
        KqlType::Int | KqlType::Long | KqlType::Real => {}
        _ => return None,
    }
    let value = convert(value, ty, KqlType::Real)?;
    one(
        call.apply(avg_udaf(), vec![value]),
        Finish::Otherwise(ScalarValue::Float64(Some(f64::NAN))),
    )
}
