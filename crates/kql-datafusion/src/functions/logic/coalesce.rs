//! `coalesce`

use datafusion_expr::{Expr, lit, when};
use datafusion_functions::core::expr_fn::coalesce;
use kql_types::KqlType;

use super::{Call, Example, ScalarFunction};
use crate::encoding::empty_string;

pub(super) const COALESCE: ScalarFunction = ScalarFunction {
    name: "coalesce",
    summary: "Returns the first argument that is not null; for strings, not empty.",
    source: "https://learn.microsoft.com/kusto/query/coalesce-function",
    examples: &[
        Example::new("coalesce(long(null), 2, 3)", "2"),
        Example::new("coalesce('', 'b')", "b"),
    ],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    let args = call.exprs();
    if call.ty != KqlType::String {
        return Some(coalesce(args));
    }
    let mut args = args.into_iter().rev();
    let last = args.next()?;
    args.try_fold(last, |rest, arg| {
        when(arg.clone().not_eq(lit(empty_string())), arg).otherwise(rest).ok()
    })
}
