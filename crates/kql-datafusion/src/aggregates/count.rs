//! `count`

use datafusion_expr::lit;
use datafusion_functions_aggregate::count::count_udaf;

use super::{Aggregation, Finish, one};

pub(super) const COUNT: Aggregation = Aggregation {
    name: "count",
    summary: "Returns the number of rows; nulls of an argument count too, as measured.",
    source: "https://learn.microsoft.com/kusto/query/count-aggregation-function",
    lower: |call| one(call.apply(count_udaf(), vec![lit(1_i64)]), Finish::Nothing),
};
