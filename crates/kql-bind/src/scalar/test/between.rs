//! `between` and `!between`: two comparisons.
//!
//! Source: <https://learn.microsoft.com/kusto/query/between-operator>: both ends belong to the range,
//! and a timespan as the upper end of a datetime range counts from the lower end.

use kql_syntax::{
    Span,
    ast::{self, BinaryOp, LogicalOp},
};
use kql_types::KqlType::{self, Datetime, Dynamic, Timespan};

use super::super::binary::order;
use crate::{
    binder::{Binder, Scope},
    codes,
    conversion::{convert, widest},
    tree::{Expr, ExprKind},
};

impl Binder<'_> {
    /// Binds `value between (low .. high)`; `parts` are the three in that order.
    pub(in crate::scalar) fn bind_between(
        &mut self,
        negated: bool,
        parts: [&ast::Expr; 3],
        span: Span,
        scope: Scope<'_>,
    ) -> Option<Expr> {
        let [value, low, high] = parts.map(|part| self.bind_scalar(part, scope));
        let (value, low, high) = (value?, low?, high?);
        let (ty, high) = match (range_type(&value, &low, &high), value.ty, high.ty) {
            (Some(ty), _, _) => (ty, high),
            (None, Datetime, Timespan) if low.ty == Datetime => {
                let end = offset(&low, high);
                (Datetime, end)
            }
            _ => {
                let message = format!(
                    "`between` is not defined for {}, {} and {}",
                    value.ty, low.ty, high.ty
                );
                self.error(codes::OPERAND_TYPES, span, message);
                return None;
            }
        };
        let value = convert(value, ty);
        let (op, lower, upper) = if negated {
            (LogicalOp::Or, BinaryOp::Less, BinaryOp::Greater)
        } else {
            (LogicalOp::And, BinaryOp::GreaterOrEqual, BinaryOp::LessOrEqual)
        };
        let operands = vec![
            compare(lower, value.clone(), convert(low, ty), span),
            compare(upper, value, convert(high, ty), span),
        ];
        Some(Expr { kind: ExprKind::Logical { op, operands }, ty: KqlType::Bool, span })
    }
}

/// Returns the type in which the three are compared.
fn range_type(value: &Expr, low: &Expr, high: &Expr) -> Option<KqlType> {
    let bounds = if low.ty == high.ty { Some(low.ty) } else { widest(low.ty, high.ty) }?;
    match (value.ty, bounds) {
        (Dynamic, Dynamic) => None,
        (Dynamic, Datetime | Timespan) => Some(bounds),
        _ => order(value.ty, bounds),
    }
}

fn offset(low: &Expr, high: Expr) -> Expr {
    let span = high.span;
    let kind =
        ExprKind::Binary { op: BinaryOp::Add, left: Box::new(low.clone()), right: Box::new(high) };
    Expr { kind, ty: Datetime, span }
}

fn compare(op: BinaryOp, left: Expr, right: Expr, span: Span) -> Expr {
    let kind = ExprKind::Binary { op, left: Box::new(left), right: Box::new(right) };
    Expr { kind, ty: KqlType::Bool, span }
}
