//! The arguments of a call, bound but not yet matched to parameters.

use kql_syntax::{
    Span,
    ast::{self, Argument, ColumnDecl, ExprKind},
};
use kql_types::KqlType;

use crate::{
    binder::{Binder, Bound, Scope, Wanted},
    tree::Expr,
};

/// An argument.
pub(crate) enum Arg {
    /// A scalar; `None` after an error or where its type depends on data.
    Scalar(Option<Expr>),
    /// Rows.
    Rows,
    /// `typeof(…)`; `None` after an error.
    Type(Option<KqlType>),
    /// `*`
    Star,
}

/// An argument and where it stands.
pub(crate) struct Placed {
    /// The argument.
    pub(crate) arg: Arg,
    /// Its place.
    pub(crate) span: Span,
}

impl Binder<'_> {
    /// Binds a call's arguments in order.
    pub(crate) fn bind_call_arguments(
        &mut self,
        args: &[Argument],
        scope: Scope<'_>,
    ) -> Vec<Placed> {
        args.iter()
            .map(|argument| Placed {
                arg: self.bind_call_argument(&argument.value, scope),
                span: argument.value.span,
            })
            .collect()
    }

    fn bind_call_argument(&mut self, value: &ast::Expr, scope: Scope<'_>) -> Arg {
        match &value.kind {
            ExprKind::Wildcard(pattern) if pattern == "*" => Arg::Star,
            ExprKind::TypeOf(columns) => Arg::Type(self.bind_typeof(columns)),
            _ => match self.bind_any(value, scope, Wanted::Scalar) {
                Bound::Scalar(scalar) => Arg::Scalar(scalar),
                Bound::Rows(_) => Arg::Rows,
            },
        }
    }

    fn bind_typeof(&mut self, columns: &[ColumnDecl]) -> Option<KqlType> {
        match columns {
            [ColumnDecl { ty: Some(ty), .. }] => self.type_named(ty),
            _ => None,
        }
    }
}

impl Arg {
    /// Returns the type of a scalar.
    pub(crate) fn ty(&self) -> Option<KqlType> {
        match self {
            Self::Scalar(Some(expr)) => Some(expr.ty),
            _ => None,
        }
    }
}
