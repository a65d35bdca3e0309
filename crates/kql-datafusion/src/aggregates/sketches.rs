//! `hll`, `hll_merge`, `tdigest`, `tdigest_merge`
//!
//! Differs: Kusto's are estimates; these are exact, and nothing that another engine reads.

use datafusion_expr::lit;
use datafusion_functions_aggregate::array_agg::array_agg_udaf;
use kql_types::KqlType;

use super::{
    AggregateCall, Aggregation, Finish, Lowered,
    gathered::gathered_texts::{all_texts, distinct_texts},
    one,
};
use crate::functions::{Kernel, convert, math_kernels, sketch_kernels};

pub(super) const HLL: Aggregation = Aggregation {
    name: "hll",
    summary: "Returns a sketch of how many different values there are.",
    source: "https://learn.microsoft.com/kusto/query/hll-aggregation-function",
    lower: |call| {
        let (value, ty) = call.arg(0)?;
        let kernel = match ty {
            KqlType::String | KqlType::Guid | KqlType::Decimal => &sketch_kernels::HLL_HASH_TEXT,
            KqlType::Int | KqlType::Long | KqlType::Datetime | KqlType::Timespan => {
                &sketch_kernels::HLL_HASH_TICKS
            }
            _ => return None,
        };
        let value = if ty == KqlType::Int { convert(value, ty, KqlType::Long)? } else { value };
        let call = call.filtered(value.clone().is_not_null());
        let hashes = call.apply(distinct_texts(), vec![kernel.call(vec![value]), lit(i64::MAX)]);
        one(hashes, Finish::Kernel(&sketch_kernels::HLL_OF_HASHES, lit(0_i64)))
    },
};

pub(super) const HLL_MERGE: Aggregation = Aggregation {
    name: "hll_merge",
    summary: "Returns the sketch of all values of a group's sketches.",
    source: "https://learn.microsoft.com/kusto/query/hll-merge-aggregation-function",
    lower: |call| merge(call, &sketch_kernels::HLL_MERGED),
};

pub(super) const TDIGEST: Aggregation = Aggregation {
    name: "tdigest",
    summary: "Returns a digest of how values are distributed.",
    source: "https://learn.microsoft.com/kusto/query/tdigest-aggregation-function",
    lower: |call| {
        let (value, ty) = call.arg(0)?;
        let kernel = sketch_kernels::tdigest_of(ty)?;
        let pair = match ty {
            KqlType::Real => &math_kernels::WEIGHTED_REAL,
            _ => &math_kernels::WEIGHTED_LONG,
        };
        let value = if ty == KqlType::Int { convert(value, ty, KqlType::Long)? } else { value };
        let weight = match call.arg(1) {
            Some((weight, ty)) => convert(weight, ty, KqlType::Long)?,
            None => lit(1_i64),
        };
        let pair = pair.call(vec![value, weight]);
        let call = call.filtered(pair.clone().is_not_null());
        let gathered = call.apply(array_agg_udaf(), vec![pair]);
        one(gathered, Finish::Kernel(kernel, lit(0_i64)))
    },
};

pub(super) const TDIGEST_MERGE: Aggregation = Aggregation {
    name: "tdigest_merge",
    summary: "Returns the digest of all values of a group's digests.",
    source: "https://learn.microsoft.com/kusto/query/tdigest-merge-aggregation-function",
    lower: |call| merge(call, &sketch_kernels::TDIGEST_MERGED),
};

fn merge(call: &AggregateCall, kernel: &'static Kernel) -> Option<Vec<Lowered>> {
    let (sketch, ty) = call.arg(0)?;
    (ty == KqlType::Dynamic).then_some(())?;
    let call = call.filtered(sketch.clone().is_not_null());
    let gathered = call.apply(all_texts(), vec![sketch, lit(i64::MAX)]);
    one(gathered, Finish::Kernel(kernel, lit(0_i64)))
}
