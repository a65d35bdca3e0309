//! String operators with one right operand: `has`, `contains`, `=~`, `matches regex`, ….

use kql_syntax::{
    Span,
    ast::{self, MatchOp},
};
use kql_types::KqlType;

use super::{
    super::{conversion::matching, tree::symbols},
    expand::is_star,
};
use crate::{
    binder::{Binder, Scope},
    tree::Expr,
};

impl Binder<'_> {
    /// Binds a string operator. A dynamic operand counts as its text.
    pub(super) fn bind_match(
        &mut self,
        op: MatchOp,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
        scope: Scope<'_>,
    ) -> Option<Expr> {
        if is_star(left) {
            return self.bind_star_match(op, right, span, scope);
        }
        let left = self.bind_scalar(left, scope);
        let right = self.bind_scalar(right, scope);
        let (Some(left), Some(right)) = (left, right) else { return None };
        let is_text = |ty| matches!(ty, KqlType::String | KqlType::Dynamic);
        if !is_text(left.ty) || !is_text(right.ty) {
            self.operand_error(symbols::matching(op), left.ty, right.ty, op_span);
            return None;
        }
        self.check_match(op, &right);
        Some(matching(op, left, right, span))
    }
}
