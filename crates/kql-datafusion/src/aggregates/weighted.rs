//! `percentilew`, and percentiles as an array.
//!
//! Differs: Kusto estimates percentiles over many rows; they are exact here.

use datafusion_expr::{Expr, lit};
use datafusion_functions_aggregate::array_agg::array_agg_udaf;
use kql_types::KqlType;

use super::{AggregateCall, Aggregation, Finish, Lowered, one};
use crate::functions::{Kernel, convert, dynamic_kernels, math_kernels};

pub(super) const PERCENTILEW: Aggregation = Aggregation {
    name: "percentilew",
    summary: "Returns the value that a percentage of all values, each by its weight, does not exceed.",
    source: "https://learn.microsoft.com/kusto/query/percentilesw-aggregation-function",
    lower: |call| {
        let (percentage, ty) = call.arg(2)?;
        let percentage = convert(percentage, ty, KqlType::Real)?;
        let (_, kernel) = value_kernels(call.arg(0)?.1)?;
        lower(call, call.arg(1)?, kernel, percentage)
    },
};

pub(super) const PERCENTILES_ARRAY: Aggregation = Aggregation {
    name: "percentiles_array",
    summary: "Returns the values that percentages of all values do not exceed, as an array.",
    source: "https://learn.microsoft.com/kusto/query/percentiles-aggregation-function",
    lower: |call| {
        let kernel = math_kernels::weighted_array(call.arg(0)?.1)?;
        lower(call, (lit(1_i64), KqlType::Long), kernel, percentages(call, 1)?)
    },
};

pub(super) const PERCENTILESW_ARRAY: Aggregation = Aggregation {
    name: "percentilesw_array",
    summary: "Returns the values that percentages of all values, each by its weight, do not exceed, as an array.",
    source: "https://learn.microsoft.com/kusto/query/percentilesw-aggregation-function",
    lower: |call| {
        let kernel = math_kernels::weighted_array(call.arg(0)?.1)?;
        lower(call, call.arg(1)?, kernel, percentages(call, 2)?)
    },
};

/// Returns what puts a value together with its weight, and what finds a percentile.
const fn value_kernels(ty: KqlType) -> Option<(&'static Kernel, &'static Kernel)> {
    match ty {
        KqlType::Int | KqlType::Long | KqlType::Datetime | KqlType::Timespan => {
            Some((&math_kernels::WEIGHTED_LONG, &math_kernels::WEIGHTED_PERCENTILE_LONG))
        }
        KqlType::Real => {
            Some((&math_kernels::WEIGHTED_REAL, &math_kernels::WEIGHTED_PERCENTILE_REAL))
        }
        _ => None,
    }
}

/// Returns the percentages from an argument on as one dynamic.
fn percentages(call: &AggregateCall, first: usize) -> Option<Expr> {
    let percentages = call.args.get(first..)?;
    if let [(array, KqlType::Dynamic)] = percentages {
        return Some(array.clone());
    }
    let items = percentages.iter().map(|(it, ty)| convert(it.clone(), *ty, KqlType::Dynamic));
    Some(dynamic_kernels::PACK.call(items.collect::<Option<_>>()?))
}

fn lower(
    call: &AggregateCall,
    weight: (Expr, KqlType),
    finish: &'static Kernel,
    argument: Expr,
) -> Option<Vec<Lowered>> {
    let (value, ty) = call.arg(0)?;
    let value = if ty == KqlType::Int { convert(value, ty, KqlType::Long)? } else { value };
    let weight = convert(weight.0, weight.1, KqlType::Long)?;
    let pair = value_kernels(ty)?.0.call(vec![value, weight]);
    let call = call.filtered(pair.clone().is_not_null());
    one(call.apply(array_agg_udaf(), vec![pair]), Finish::Kernel(finish, argument))
}
