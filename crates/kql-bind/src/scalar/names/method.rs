//! `database("x").T`, `cluster("y").database("x").T`, `workspace("z").T`: the same table names, told
//! apart by where they live. One catalog answers for all of them.

use kql_syntax::ast::{self, Call, ExprKind, Name};

use crate::{
    binder::{Binder, Bound, Scope, Wanted, broken_rows},
    codes,
};

/// Tells whether the expression names a place that holds tables.
pub(in crate::scalar) fn is_database(expr: &ast::Expr) -> bool {
    match &expr.kind {
        ExprKind::Call(call) => {
            matches!(
                call.name.text.as_str(),
                "database" | "cluster" | "workspace" | "app" | "adx" | "arg" | "resource"
            )
        }
        ExprKind::MethodCall { base, call } => call.name.text == "database" && is_database(base),
        ExprKind::Member { base, .. } => is_database(base),
        ExprKind::Paren(inner) => is_database(inner),
        _ => false,
    }
}

impl Binder<'_> {
    /// Binds a call after a dot.
    pub(in crate::scalar) fn bind_method_call(
        &mut self,
        base: &ast::Expr,
        call: &Call,
        scope: Scope<'_>,
        wanted: Wanted,
    ) -> Bound {
        if is_database(base) {
            return self.bind_call(call, scope, wanted);
        }
        if self.bind_scalar(base, scope).is_some() {
            let message = format!("`{}` cannot be called on a value", call.name.text);
            self.error(codes::UNKNOWN_FUNCTION, call.name.span, message);
        }
        Bound::Scalar(None)
    }

    /// Binds a name after a database.
    pub(in crate::scalar) fn bind_remote_name(&mut self, name: &Name, scope: Scope<'_>) -> Bound {
        if let Some(rows) = self.bind_table(&name.text, name.span) {
            return Bound::Rows(rows);
        }
        if let Some(bound) = self.call_saved(name, &[], None, scope, name.span) {
            return bound;
        }
        self.unknown_table(&name.text, name.span);
        Bound::Rows(broken_rows(name.span))
    }
}
