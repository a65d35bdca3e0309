//! Scalar expressions: what each kind means, and which types it takes and gives.

mod binary;
mod calls;
mod constant;
mod expand;
mod matches;
pub(crate) mod names;
mod path;
mod test;
mod unary;

use kql_syntax::ast::{self, ExprKind};

pub(crate) use self::{
    calls::{
        arguments::{Arg, Placed},
        call::{Called, typed_arguments},
        overload::{Choice, result_type},
    },
    names::naming::{name_by, percentile_name, percentile_text, result_name},
};
use super::stack::with_stack;
use crate::{
    binder::{Binder, Bound, Scope, Wanted},
    codes,
    tree::Expr,
};

impl Binder<'_> {
    /// Returns the type of that name; anything else is reported.
    pub(crate) fn type_named(
        &mut self,
        name: &kql_syntax::ast::Name,
    ) -> Option<kql_types::KqlType> {
        let ty = name.text.parse().ok();
        if ty.is_none() {
            let message = format!("unknown type `{}`", name.text);
            self.error(codes::UNKNOWN_TYPE, name.span, message);
        }
        ty
    }

    /// Binds an expression of which it is not known whether it yields rows or a scalar.
    pub(crate) fn bind_any(&mut self, expr: &ast::Expr, scope: Scope<'_>, wanted: Wanted) -> Bound {
        with_stack(|| match &expr.kind {
            ExprKind::Paren(inner) => self.bind_any(inner, scope, wanted),
            ExprKind::Name(name) => self.bind_name(name, scope, wanted),
            ExprKind::Call(call) => self.bind_call(call, scope, wanted),
            ExprKind::MethodCall { base, call } => self.bind_method_call(base, call, scope, wanted),
            ExprKind::Member { base, name } => self.bind_member(expr, base, name, scope),
            ExprKind::Pipeline { source, operators } => {
                Bound::Rows(self.bind_pipeline(source.as_deref(), operators, expr.span))
            }
            ExprKind::Datatable { columns, values } => {
                Bound::Rows(self.bind_datatable(columns, values, expr.span))
            }
            ExprKind::ExternalData { columns, uris, properties } => {
                Bound::Rows(self.bind_external_data(columns, uris, properties, expr.span))
            }
            ExprKind::ContextualTable { columns, .. } => {
                Bound::Rows(self.bind_contextual_table(columns, expr.span))
            }
            _ => Bound::Scalar(self.bind_scalar_only(expr, scope)),
        })
    }

    /// Binds an expression that has to yield a scalar; rows are reported.
    pub(crate) fn bind_scalar(&mut self, expr: &ast::Expr, scope: Scope<'_>) -> Option<Expr> {
        match self.bind_any(expr, scope, Wanted::Scalar) {
            Bound::Scalar(scalar) => scalar,
            Bound::Rows(_) => {
                self.error_with_help(
                    codes::NOT_SCALAR,
                    expr.span,
                    "expected a scalar, found a table",
                    Some("`toscalar(…)` takes the first value of a table".into()),
                );
                None
            }
        }
    }

    /// Binds a predicate: an expression that has to be bool.
    pub(crate) fn bind_predicate(&mut self, expr: &ast::Expr, scope: Scope<'_>) -> Option<Expr> {
        let bound = self.bind_scalar(expr, scope)?;
        if bound.ty == kql_types::KqlType::Bool {
            return Some(bound);
        }
        self.error(codes::NOT_BOOL, expr.span, format!("expected a bool, found a {}", bound.ty));
        None
    }

    fn bind_scalar_only(&mut self, expr: &ast::Expr, scope: Scope<'_>) -> Option<Expr> {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Literal(value) => self.bind_literal(value, span),
            ExprKind::Index { base, index } => self.bind_index(base, index, span, scope),
            ExprKind::Unary { op, operand } => self.bind_unary(*op, operand, span, scope),
            ExprKind::Binary { op, op_span, left, right } => {
                self.bind_binary(*op, *op_span, left, right, span, scope)
            }
            ExprKind::Match { op, op_span, left, right } => {
                self.bind_match(*op, *op_span, left, right, span, scope)
            }
            ExprKind::In { op, op_span, left, list } => {
                self.bind_in(*op, *op_span, left, list, span, scope)
            }
            ExprKind::Between { negated, value, low, high } => {
                self.bind_between(*negated, [value, low, high], span, scope)
            }
            ExprKind::Logical { op, operands } => self.bind_logical(*op, operands, span, scope),
            ExprKind::Ordered(key) => self.bind_scalar(&key.expr.value, scope),
            ExprKind::Wildcard(_) => {
                self.error(codes::STAR_HERE, span, "`*` stands for no value here");
                None
            }
            // The parser has reported it.
            ExprKind::Error => None,
            // Bound by `bind_any`.
            _ => None,
        }
    }
}
