//! Names with `*` in them.

use kql_syntax::ast::{Expr, ExprKind};

/// Returns the pattern, if the expression is a name with `*`.
pub(in crate::operators) fn pattern(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Wildcard(pattern) => Some(pattern),
        _ => None,
    }
}
