//! `binary_all_and`, `binary_all_or`, `binary_all_xor`

use std::sync::Arc;

use datafusion_expr::AggregateUDF;
use datafusion_functions_aggregate::bit_and_or_xor::{bit_and_udaf, bit_or_udaf, bit_xor_udaf};
use kql_types::KqlType;

use super::{AggregateCall, Aggregation, Finish, Lowered, one};

pub(super) const BINARY_ALL_AND: Aggregation = Aggregation {
    name: "binary_all_and",
    summary: "Returns the binary and of all values.",
    source: "https://learn.microsoft.com/kusto/query/binary-all-and-aggregation-function",
    lower: |call| lower(call, bit_and_udaf()),
};

pub(super) const BINARY_ALL_OR: Aggregation = Aggregation {
    name: "binary_all_or",
    summary: "Returns the binary or of all values.",
    source: "https://learn.microsoft.com/kusto/query/binary-all-or-aggregation-function",
    lower: |call| lower(call, bit_or_udaf()),
};

pub(super) const BINARY_ALL_XOR: Aggregation = Aggregation {
    name: "binary_all_xor",
    summary: "Returns the binary xor of all values.",
    source: "https://learn.microsoft.com/kusto/query/binary-all-xor-aggregation-function",
    lower: |call| lower(call, bit_xor_udaf()),
};

fn lower(call: &AggregateCall, function: Arc<AggregateUDF>) -> Option<Vec<Lowered>> {
    let (value, ty) = call.arg(0)?;
    if !matches!(ty, KqlType::Int | KqlType::Long) {
        return None;
    }
    one(call.apply(function, vec![value]), Finish::Nothing)
}
