//! `case`

use datafusion_expr::{Case, Expr};

use super::{Call, Example, ScalarFunction};

pub(super) const CASE: ScalarFunction = ScalarFunction {
    name: "case",
    summary: "Returns the value behind the first predicate that is true, else the last argument.",
    source: "https://learn.microsoft.com/kusto/query/case-function",
    examples: &[Example::new("case(false, 'a', bool(null), 'b', true, 'c', 'd')", "c")],
    lower,
};

fn lower(call: &Call) -> Option<Expr> {
    let mut branches = call.exprs();
    let otherwise = Box::new(branches.pop()?);
    let mut branches = branches.into_iter();
    let mut pairs = Vec::new();
    while let Some(predicate) = branches.next() {
        pairs.push((Box::new(predicate), Box::new(branches.next()?)));
    }
    Some(Expr::Case(Case::new(None, pairs, Some(otherwise))))
}
