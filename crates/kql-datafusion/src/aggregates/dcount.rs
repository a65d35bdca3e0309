//! `dcount`, `count_distinct`
//!
//! Differs: Kusto's `dcount` is an estimate; it is exact here, as it is there for few values.

use datafusion_expr::{Expr, expr::AggregateFunction};
use datafusion_functions_aggregate::count::count_udaf;
use kql_types::KqlType;

use super::{
    AggregateCall, Aggregation, Finish, Lowered, gathered::distinct_count::distinct_count, one,
};

pub(super) const DCOUNT: Aggregation = Aggregation {
    name: "dcount",
    summary: "Returns the number of different values, nulls left out.",
    source: "https://learn.microsoft.com/kusto/query/dcount-aggregation-function",
    lower,
};

pub(super) const COUNT_DISTINCT: Aggregation = Aggregation {
    name: "count_distinct",
    summary: "Returns the number of different values, nulls left out.",
    source: "https://learn.microsoft.com/kusto/query/count-distinct-aggregation-function",
    lower,
};

fn lower(call: &AggregateCall) -> Option<Vec<Lowered>> {
    let (value, ty) = call.arg(0)?;
    if ty == KqlType::Dynamic {
        return None;
    }
    if matches!(ty, KqlType::String | KqlType::Guid | KqlType::Decimal) {
        return one(call.apply(distinct_count(), vec![value]), Finish::Nothing);
    }
    let filter = call.filter.clone().map(Box::new);
    let distinct =
        AggregateFunction::new_udf(count_udaf(), vec![value], true, filter, Vec::new(), None);
    one(Expr::AggregateFunction(distinct), Finish::Nothing)
}
