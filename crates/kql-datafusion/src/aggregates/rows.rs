//! `arg_max`, `arg_min`, `take_any`: values of one row of the group.

use datafusion_expr::{Expr, SortExpr};
use datafusion_functions_aggregate::first_last::first_value_udaf;
use kql_types::KqlType;

use super::{AggregateCall, Aggregation, Finish, Lowered};
use crate::{encoding::text_literal, functions::REAL_EQUAL};

pub(super) const ARG_MAX: Aggregation = Aggregation {
    name: "arg_max",
    summary: "Returns values of the row where the first argument is largest.",
    source: "https://learn.microsoft.com/kusto/query/arg-max-aggregation-function",
    lower: |call| best(call, true),
};

pub(super) const ARG_MIN: Aggregation = Aggregation {
    name: "arg_min",
    summary: "Returns values of the row where the first argument is smallest.",
    source: "https://learn.microsoft.com/kusto/query/arg-min-aggregation-function",
    lower: |call| best(call, false),
};

pub(super) const TAKE_ANY: Aggregation = Aggregation {
    name: "take_any",
    summary: "Returns values of any row, the first to come; a single value is one that is not null or empty, if there is one.",
    source: "https://learn.microsoft.com/kusto/query/take-any-aggregation-function",
    lower: |call| Some(first(call, &filled_first(call))),
};

/// Returns the order of rows in which those without a value come last, if there is but one argument: several are
/// of one row.
fn filled_first(call: &AggregateCall) -> Vec<SortExpr> {
    let mut order = Vec::new();
    if let [(value, ty)] = call.args.as_slice() {
        let is_empty = match ty {
            KqlType::String => value.clone().eq(text_literal("")),
            _ => value.clone().is_null(),
        };
        order.push(SortExpr::new(is_empty, true, false));
    }
    order.extend(call.order.iter().cloned());
    order
}

/// A row whose first argument is null is taken only if there is no other; NaN counts as null
/// (inferred).
fn best(call: &AggregateCall, is_largest: bool) -> Option<Vec<Lowered>> {
    let (by, ty) = call.arg(0)?;
    let mut order = Vec::new();
    match ty {
        KqlType::Dynamic | KqlType::Decimal => return None,
        KqlType::Real => {
            let is_number = REAL_EQUAL.call(vec![by.clone(), by.clone()]);
            order.push(SortExpr::new(is_number, false, false));
        }
        _ => {}
    }
    order.push(SortExpr::new(by, !is_largest, false));
    Some(first(call, &order))
}

fn first(call: &AggregateCall, order: &[SortExpr]) -> Vec<Lowered> {
    let lowered = call.args.iter().map(|(value, ty): &(Expr, KqlType)| Lowered {
        aggregate: call.apply_ordered(first_value_udaf(), vec![value.clone()], order.to_vec()),
        finish: Finish::missing(*ty),
    });
    lowered.collect()
}
