//! `invoke`

use std::rc::Rc;

use kql_syntax::{
    Span,
    ast::{self, ExprKind},
};

use super::parts::item::unparenthesised;
use crate::{
    binder::{Binder, Binding, Bound, Scope, broken_after, broken_rows, did_you_mean},
    codes,
    tree::Relation,
};

impl Binder<'_> {
    /// Calls a function with the rows as its first argument.
    pub(super) fn bind_invoke(&mut self, rows: Relation, call: &ast::Expr, span: Span) -> Relation {
        let (name, args) = match &unparenthesised(call).kind {
            ExprKind::Call(call) => (&call.name, call.args.as_slice()),
            ExprKind::Name(name) => (name, &[][..]),
            _ => return broken_after(rows, span),
        };
        let saved = if let Some(binding) = self.env.get(&name.text).map(Rc::clone) {
            match &*binding {
                Binding::Function(function) => Some(self.call_function(
                    &name.text,
                    function,
                    args,
                    Some(rows),
                    Scope::default(),
                    span,
                )),
                Binding::Scalar(None) => return broken_rows(span),
                Binding::Scalar(_) | Binding::Rows { .. } | Binding::Pattern { .. } => None,
            }
        } else {
            self.call_saved(name, args, Some(rows), Scope::default(), span)
        };
        match saved {
            Some(Bound::Rows(rows)) => rows,
            Some(Bound::Scalar(None)) => broken_rows(span),
            Some(Bound::Scalar(Some(_))) => {
                let message = format!("`{}` gives a scalar, not rows", name.text);
                self.error(codes::NOT_TABLE, span, message);
                broken_rows(span)
            }
            None => {
                let variables = Rc::clone(&self.env);
                let help = did_you_mean(&name.text, variables.names());
                let message = format!("unknown function `{}`", name.text);
                self.error_with_help(codes::UNKNOWN_FUNCTION, name.span, message, help);
                broken_rows(span)
            }
        }
    }
}
