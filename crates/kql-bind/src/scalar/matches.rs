//! String operators with one right operand: `has`, `contains`, `=~`, `matches regex`, ….

use kql_syntax::{
    Span,
    ast::{self, MatchOp},
};
use kql_types::KqlType;

use super::{convert::convert, expand::is_star};
use crate::{
    binder::{Binder, Scope},
    tree::{Expr, ExprKind},
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
            self.operand_error(symbol(op), left.ty, right.ty, op_span);
            return None;
        }
        Some(matching(op, left, right, span))
    }
}

/// Makes a string operator of its operands, as text.
pub(super) fn matching(op: MatchOp, left: Expr, right: Expr, span: Span) -> Expr {
    let left = Box::new(convert(left, KqlType::String));
    let right = Box::new(convert(right, KqlType::String));
    Expr { kind: ExprKind::Match { op, left, right }, ty: KqlType::Bool, span }
}

/// Returns the operator as it is written.
pub(crate) fn symbol(op: MatchOp) -> &'static str {
    match op {
        MatchOp::EqualCi => "=~",
        MatchOp::NotEqualCi => "!~",
        MatchOp::Has => "has",
        MatchOp::NotHas => "!has",
        MatchOp::HasCs => "has_cs",
        MatchOp::NotHasCs => "!has_cs",
        MatchOp::HasPrefix => "hasprefix",
        MatchOp::NotHasPrefix => "!hasprefix",
        MatchOp::HasPrefixCs => "hasprefix_cs",
        MatchOp::NotHasPrefixCs => "!hasprefix_cs",
        MatchOp::HasSuffix => "hassuffix",
        MatchOp::NotHasSuffix => "!hassuffix",
        MatchOp::HasSuffixCs => "hassuffix_cs",
        MatchOp::NotHasSuffixCs => "!hassuffix_cs",
        MatchOp::Contains => "contains",
        MatchOp::NotContains => "!contains",
        MatchOp::ContainsCs => "contains_cs",
        MatchOp::NotContainsCs => "!contains_cs",
        MatchOp::StartsWith => "startswith",
        MatchOp::NotStartsWith => "!startswith",
        MatchOp::StartsWithCs => "startswith_cs",
        MatchOp::NotStartsWithCs => "!startswith_cs",
        MatchOp::EndsWith => "endswith",
        MatchOp::NotEndsWith => "!endswith",
        MatchOp::EndsWithCs => "endswith_cs",
        MatchOp::NotEndsWithCs => "!endswith_cs",
        MatchOp::MatchesRegex => "matches regex",
        MatchOp::Like => "like",
        MatchOp::NotLike => "notlike",
        MatchOp::LikeCs => "likecs",
        MatchOp::NotLikeCs => "notlikecs",
        MatchOp::In => "in",
        MatchOp::NotIn => "!in",
        MatchOp::InCi => "in~",
        MatchOp::NotInCi => "!in~",
        MatchOp::HasAny => "has_any",
        MatchOp::HasAll => "has_all",
    }
}
