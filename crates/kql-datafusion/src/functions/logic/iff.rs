//! `iff`, also called `iif`

use datafusion_expr::{Expr, when};

use super::{Call, Example, ScalarFunction};

pub(super) const IFF: ScalarFunction = ScalarFunction {
    name: "iff",
    summary: "Returns the second argument where the first is true, else the third.",
    source: "https://learn.microsoft.com/kusto/query/iff-function",
    examples: &[
        Example::new("iff(1 < 2, 'yes', 'no')", "yes"),
        Example::new("iff(bool(null), 'yes', 'no')", "no"),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    when(call.arg(0)?, call.arg(1)?).otherwise(call.arg(2)?).ok()
}
