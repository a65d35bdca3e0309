//! `make_list`, `make_set`, `make_bag`: the values of a group as one dynamic.
//!
//! Values keep the order of the rows, if the rows have one, and the order of arrival otherwise.

use std::sync::Arc;

use datafusion_expr::{AggregateUDF, Expr, lit};
use datafusion_functions_aggregate::array_agg::array_agg_udaf;
use kql_types::KqlType;

use super::{
    AggregateCall, Aggregation, Finish, Lowered,
    gathered::gathered_texts::{all_texts, distinct_texts},
    one,
};
use crate::functions::{Kernel, convert, dynamic_kernels};

/// Elements that are kept if nothing else is said.
const MAX_ELEMENTS: i64 = 1_048_576;

pub(super) const MAKE_LIST: Aggregation = Aggregation {
    name: "make_list",
    summary: "Returns an array of the values that are not null; arrays give their elements.",
    source: "https://learn.microsoft.com/kusto/query/make-list-aggregation-function",
    lower: |call| lower(call, all_texts(), &dynamic_kernels::JSON_FLAT_ARRAY),
};

pub(super) const MAKE_LIST_WITH_NULLS: Aggregation = Aggregation {
    name: "make_list_with_nulls",
    summary: "Returns an array of all values, those that are null included.",
    source: "https://learn.microsoft.com/kusto/query/make-list-with-nulls-aggregation-function",
    lower: |call| {
        let (json, limit) = json_and_limit(call)?;
        let gathered = gather(call, all_texts(), json, &limit);
        one(gathered, Finish::Kernel(&dynamic_kernels::JSON_ARRAY, limit))
    },
};

pub(super) const MAKE_BAG: Aggregation = Aggregation {
    name: "make_bag",
    summary: "Returns a bag of the entries of all bags; of a key that several have, the first one.",
    source: "https://learn.microsoft.com/kusto/query/make-bag-aggregation-function",
    lower: |call| {
        // The limit is one of keys, of which a bag has any number.
        let (json, limit) = json_and_limit(call)?;
        let call = call.filtered(json.clone().is_not_null());
        let gathered = gather(&call, all_texts(), json, &lit(i64::MAX));
        one(gathered, Finish::Kernel(&dynamic_kernels::JSON_BAG, limit))
    },
};

pub(super) const MAKE_SET: Aggregation = Aggregation {
    name: "make_set",
    summary: "Returns an array of the different values; arrays give their elements.",
    source: "https://learn.microsoft.com/kusto/query/make-set-aggregation-function",
    lower: |call| lower(call, distinct_texts(), &dynamic_kernels::JSON_SET),
};

fn lower(
    call: &AggregateCall,
    function: Arc<AggregateUDF>,
    kernel: &'static Kernel,
) -> Option<Vec<Lowered>> {
    let (json, limit) = json_and_limit(call)?;
    let call = call.filtered(json.clone().is_not_null());
    let gathered = gather(&call, function, json, &limit);
    one(gathered, Finish::Kernel(kernel, limit))
}

/// Rows without an order are gathered as they come, no more of them than are wanted.
fn gather(call: &AggregateCall, function: Arc<AggregateUDF>, json: Expr, limit: &Expr) -> Expr {
    if call.order.is_empty() {
        call.apply(function, vec![json, limit.clone()])
    } else {
        call.apply_ordered(array_agg_udaf(), vec![json], call.order.clone())
    }
}

fn json_and_limit(call: &AggregateCall) -> Option<(Expr, Expr)> {
    let (value, ty) = call.arg(0)?;
    let limit = match call.arg(1) {
        Some((limit, ty)) => convert(limit, ty, KqlType::Long)?,
        None => lit(MAX_ELEMENTS),
    };
    Some((convert(value, ty, KqlType::Dynamic)?, limit))
}
