//! `covariance`, `covariancep`

use std::sync::Arc;

use datafusion_expr::AggregateUDF;
use datafusion_functions_aggregate::covariance::{covar_pop_udaf, covar_samp_udaf};
use kql_types::KqlType;

use super::{AggregateCall, Aggregation, Finish, Lowered, one};
use crate::functions::convert;

pub(super) const COVARIANCE: Aggregation = Aggregation {
    name: "covariance",
    summary: "Returns the sample covariance of two values.",
    source: "https://learn.microsoft.com/kusto/query/covariance-aggregation-function",
    lower: |call| lower(call, covar_samp_udaf()),
};

pub(super) const COVARIANCEP: Aggregation = Aggregation {
    name: "covariancep",
    summary: "Returns the population covariance of two values.",
    source: "https://learn.microsoft.com/kusto/query/covariancep-aggregation-function",
    lower: |call| lower(call, covar_pop_udaf()),
};

fn lower(call: &AggregateCall, function: Arc<AggregateUDF>) -> Option<Vec<Lowered>> {
    let mut values = Vec::new();
    for (value, ty) in call.args.iter().take(2).cloned() {
        values.push(convert(value, ty.is_numeric().then_some(ty)?, KqlType::Real)?);
    }
    one(call.apply(function, values), Finish::Nothing)
}
