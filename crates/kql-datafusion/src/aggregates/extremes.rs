//! `min`, `max`

use std::sync::Arc;

use datafusion_expr::AggregateUDF;
use datafusion_functions_aggregate::min_max::{max_udaf, min_udaf};
use kql_types::KqlType;

use super::{AggregateCall, Aggregation, Finish, Lowered, one};
use crate::functions::REAL_EQUAL;

pub(super) const MIN: Aggregation = Aggregation {
    name: "min",
    summary: "Returns the smallest value.",
    source: "https://learn.microsoft.com/kusto/query/min-aggregation-function",
    lower: |call| lower(call, min_udaf()),
};

pub(super) const MAX: Aggregation = Aggregation {
    name: "max",
    summary: "Returns the largest value.",
    source: "https://learn.microsoft.com/kusto/query/max-aggregation-function",
    lower: |call| lower(call, max_udaf()),
};

/// NaN is left out, as null is (inferred).
fn lower(call: &AggregateCall, function: Arc<AggregateUDF>) -> Option<Vec<Lowered>> {
    let (value, ty) = call.arg(0)?;
    match ty {
        KqlType::Dynamic | KqlType::Decimal => None,
        KqlType::Real => {
            let call = call.filtered(REAL_EQUAL.call(vec![value.clone(), value.clone()]));
            one(call.apply(function, vec![value]), Finish::Nothing)
        }
        _ => one(call.apply(function, vec![value]), Finish::missing(ty)),
    }
}
