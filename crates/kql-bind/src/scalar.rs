//! Scalar expressions: what each kind means, and which types it takes and gives.

mod arguments;
mod between;
mod binary;
mod call;
mod constants;
mod convert;
mod expand;
mod in_list;
mod literal;
mod logical;
mod matches;
mod method;
mod name;
mod naming;
mod overload;
mod path;
mod pattern;
mod regexes;
mod special;
pub(crate) mod symbols;
mod unary;

use kql_syntax::ast::{self, ExprKind};

pub(crate) use self::{
    arguments::{Arg, Placed},
    call::{Called, typed_arguments},
    convert::{at_least_long, convert, widest},
    naming::{name_by, percentile_name, percentile_text, result_name},
    overload::{Choice, result_type},
};
use crate::{
    binder::{Binder, Bound, Scope, Wanted, with_stack},
    codes,
    tree::Expr,
};

impl Binder<'_> {
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
