//! `isempty`, `isnotempty`

use datafusion_expr::{Expr, lit, or};
use kql_types::KqlType;

use super::{Arg, Example, ScalarFunction};
use crate::encoding::empty_string;

pub(super) const ISEMPTY: ScalarFunction = ScalarFunction {
    name: "isempty",
    summary: "Tells whether a value is null or the empty string.",
    source: "https://learn.microsoft.com/kusto/query/isempty-function",
    examples: &[
        Example::new("isempty('')", "True"),
        Example::new("isempty(long(null))", "True"),
        Example::new("isempty(0)", "False"),
    ],
    lower: |call| Some(is_empty(call.args.first()?)),
};

pub(super) const ISNOTEMPTY: ScalarFunction = ScalarFunction {
    name: "isnotempty",
    summary: "Tells whether a value is neither null nor the empty string.",
    source: "https://learn.microsoft.com/kusto/query/isnotempty-function",
    examples: &[Example::new("isnotempty('x')", "True")],
    lower: |call| {
        let arg = call.args.first()?;
        if arg.ty == KqlType::String {
            return Some(arg.expr.clone().not_eq(lit(empty_string())));
        }
        Some(Expr::Not(Box::new(is_empty(arg))))
    },
};

/// Of a dynamic, null and the empty string are empty; an empty array or bag is not.
fn is_empty(arg: &Arg) -> Expr {
    let expr = arg.expr.clone();
    match arg.ty {
        KqlType::String => expr.eq(lit(empty_string())),
        KqlType::Dynamic => {
            let empty = datafusion_common::ScalarValue::Utf8View(Some("\"\"".to_owned()));
            or(expr.clone().is_null(), expr.eq(lit(empty)))
        }
        _ => expr.is_null(),
    }
}
