//! `stdev`, `variance` and their population forms.

use std::sync::Arc;

use datafusion_common::ScalarValue;
use datafusion_expr::AggregateUDF;
use datafusion_functions_aggregate::{
    stddev::{stddev_pop_udaf, stddev_udaf},
    variance::{var_pop_udaf, var_samp_udaf},
};
use kql_types::KqlType;

use super::{AggregateCall, Aggregation, Finish, Lowered, one};
use crate::functions::convert;

pub(super) const STDEV: Aggregation = Aggregation {
    name: "stdev",
    summary: "Returns the standard deviation of a sample.",
    source: "https://learn.microsoft.com/kusto/query/stdev-aggregation-function",
    lower: |call| lower(call, stddev_udaf()),
};

pub(super) const STDEVP: Aggregation = Aggregation {
    name: "stdevp",
    summary: "Returns the standard deviation of a population.",
    source: "https://learn.microsoft.com/kusto/query/stdevp-aggregation-function",
    lower: |call| lower(call, stddev_pop_udaf()),
};

pub(super) const VARIANCE: Aggregation = Aggregation {
    name: "variance",
    summary: "Returns the variance of a sample.",
    source: "https://learn.microsoft.com/kusto/query/variance-aggregation-function",
    lower: |call| lower(call, var_samp_udaf()),
};

pub(super) const VARIANCEP: Aggregation = Aggregation {
    name: "variancep",
    summary: "Returns the variance of a population.",
    source: "https://learn.microsoft.com/kusto/query/variancep-aggregation-function",
    lower: |call| lower(call, var_pop_udaf()),
};

/// Of no value, or of one, it is zero.
///
/// Source: measured for none; inferred for one.
fn lower(call: &AggregateCall, function: Arc<AggregateUDF>) -> Option<Vec<Lowered>> {
    let (value, ty) = call.arg(0)?;
    let value = convert(value, ty.is_numeric().then_some(ty)?, KqlType::Real)?;
    one(call.apply(function, vec![value]), Finish::Otherwise(ScalarValue::Float64(Some(0.0))))
}
