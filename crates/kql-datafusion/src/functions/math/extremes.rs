//! `max_of`, `min_of`

use datafusion_expr::{Expr, when};
use kql_types::KqlType;

use super::{Call, Example, REAL_LESS, ScalarFunction};

pub(super) const MAX_OF: ScalarFunction = ScalarFunction {
    name: "max_of",
    summary: "Returns the largest of its arguments, nulls left out.",
    source: "https://learn.microsoft.com/kusto/query/max-of-function",
    examples: &[
        Example::new("max_of(10, 1, -3, 17)", "17"),
        Example::new("max_of(long(null), 2)", "2"),
        Example::new("max_of(1.5, 2)", "2.0"),
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
    use KqlType::{Datetime, Int, Long, Real, String, Timespan};
    if !matches!(call.ty, Int | Long | Real | Datetime | Timespan | String)
        || call.args.iter().any(|arg| arg.ty != call.ty)
    {
        return None;
    }
    let is_less = |left: Expr, right: Expr| match call.ty {
        Real => REAL_LESS.call(vec![left, right]),
        _ => left.lt(right),
    };
    let mut args = call.exprs().into_iter();
    let first = args.next()?;
    args.try_fold(first, |best, next| {
        let is_better = if is_largest {
            is_less(best.clone(), next.clone())
        } else {
            is_less(next.clone(), best.clone())
        };
        let takes_next = best.clone().is_null().or(is_better);
        when(takes_next, next).otherwise(best).ok()
    })
}
