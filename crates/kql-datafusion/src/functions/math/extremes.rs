//! `max_of`, `min_of`

use datafusion_expr::{Expr, when};
use kql_types::KqlType;

use super::{Call, Example, ScalarFunction};

pub(super) const MAX_OF: ScalarFunction = ScalarFunction {
    name: "max_of",
    summary: "Returns the largest of its arguments, nulls left out.",
    source: "https://learn.microsoft.com/kusto/query/max-of-function",
    examples: &[
        Example::new("max_of(10, 1, -3, 17)", "17"),
        Example::new("max_of(long(null), 2)", "2"),
    ],
    lower: |call| lower(call, true),
};

pub(super) const MIN_OF: ScalarFunction = ScalarFunction {
    name: "min_of",
    summary: "Returns the smallest of its arguments, nulls left out.",
    source: "https://learn.microsoft.com/kusto/query/min-of-function",
    examples: &[Example::new("min_of(10, 1, -3, 17)", "-3")],
    lower: |call| lower(call, false),
};

fn lower(call: &Call, is_largest: bool) -> Option<Expr> {
    use KqlType::{Datetime, Int, Long, Timespan};
    if !matches!(call.ty, Int | Long | Datetime | Timespan)
        || call.args.iter().any(|arg| arg.ty != call.ty)
    {
        return None;
    }
    let mut args = call.exprs().into_iter();
    let first = args.next()?;
    args.try_fold(first, |best, next| {
        let is_better =
            if is_largest { next.clone().gt(best.clone()) } else { next.clone().lt(best.clone()) };
        let takes_next = best.clone().is_null().or(is_better);
        when(takes_next, next).otherwise(best).ok()
    })
}
