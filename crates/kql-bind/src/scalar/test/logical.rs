//! `and` and `or`.

use kql_syntax::{
    Span,
    ast::{self, LogicalOp},
};
use kql_types::KqlType;

use crate::{
    binder::{Binder, Scope},
    codes,
    conversion::convert,
    tree::{Expr, ExprKind},
};

impl Binder<'_> {
    /// Binds `a and b and …`; a dynamic operand counts as the bool it holds.
    pub(in crate::scalar) fn bind_logical(
        &mut self,
        op: LogicalOp,
        operands: &[ast::Expr],
        span: Span,
        scope: Scope<'_>,
    ) -> Option<Expr> {
        let bound: Vec<Option<Expr>> =
            operands.iter().map(|operand| self.bind_bool(op, operand, scope)).collect();
        let operands = bound.into_iter().collect::<Option<Vec<Expr>>>()?;
        Some(Expr { kind: ExprKind::Logical { op, operands }, ty: KqlType::Bool, span })
    }

    fn bind_bool(&mut self, op: LogicalOp, operand: &ast::Expr, scope: Scope<'_>) -> Option<Expr> {
        let bound = self.bind_scalar(operand, scope)?;
        match bound.ty {
            KqlType::Bool => Some(bound),
            KqlType::Dynamic => Some(convert(bound, KqlType::Bool)),
            ty => {
                let name = if op == LogicalOp::And { "and" } else { "or" };
                let message = format!("`{name}` needs bool operands, found a {ty}");
                self.error(codes::OPERAND_TYPES, operand.span, message);
                None
            }
        }
    }
}
