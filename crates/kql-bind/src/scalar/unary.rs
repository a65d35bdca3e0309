//! `-x` and `+x`.

use kql_syntax::{
    Span,
    ast::{self, UnaryOp},
};
use kql_types::{KqlType, Value};

use super::super::conversion::{at_least_long, convert};
use crate::{
    binder::{Binder, Scope, literal},
    codes,
    tree::{Expr, ExprKind},
};

impl Binder<'_> {
    /// Binds a sign; an int becomes a long, unless it is a constant.
    pub(super) fn bind_unary(
        &mut self,
        op: UnaryOp,
        operand: &ast::Expr,
        span: Span,
        scope: Scope<'_>,
    ) -> Option<Expr> {
        let bound = self.bind_scalar(operand, scope)?;
        let is_signed =
            bound.ty.is_numeric() || matches!(bound.ty, KqlType::Timespan | KqlType::Dynamic);
        if !is_signed {
            let sign = if op == UnaryOp::Minus { "-" } else { "+" };
            let message = format!("`{sign}` needs a number or timespan, found a {}", bound.ty);
            self.error(codes::OPERAND_TYPES, span, message);
            return None;
        }
        if let ExprKind::Literal(value) = &bound.kind
            && let Some(value) = signed(op, value)
        {
            return Some(literal(value, span));
        }
        let ty = at_least_long(bound.ty);
        let bound = convert(bound, ty);
        Some(match op {
            UnaryOp::Plus => bound,
            UnaryOp::Minus => Expr { kind: ExprKind::Negate(Box::new(bound)), ty, span },
        })
    }
}

/// Applies the sign to a constant, if the result is of the same type.
fn signed(op: UnaryOp, value: &Value) -> Option<Value> {
    if op == UnaryOp::Plus {
        return Some(value.clone());
    }
    Some(match value {
        Value::Int(Some(value)) => Value::Int(Some(value.checked_neg()?)),
        Value::Long(Some(value)) => Value::Long(Some(value.checked_neg()?)),
        Value::Real(Some(value)) => Value::Real(Some(-value)),
        Value::Timespan(Some(value)) => Value::Timespan(Some(value.checked_neg()?)),
        _ => return None,
    })
}
