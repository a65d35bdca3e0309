//! `*` as the left operand: the test of every column that holds text.
//!
//! Source: <https://learn.microsoft.com/kusto/query/search-operator>, which documents it for string
//! columns; that dynamic columns take part is inferred.

use kql_syntax::{
    Span,
    ast::{self, BinaryOp, LogicalOp, MatchOp},
};
use kql_types::{KqlType, Value};

use super::super::conversion::{convert, matching};
use crate::{
    binder::{Binder, Scope, column_expr, literal},
    codes,
    tree::{Expr, ExprKind, symbols},
};

/// Tells whether the expression is `*` alone.
pub(super) fn is_star(expr: &ast::Expr) -> bool {
    matches!(&expr.kind, ast::ExprKind::Wildcard(pattern) if pattern == "*")
}

impl Binder<'_> {
    /// Binds `* has x`, with any string operator.
    pub(crate) fn bind_star_match(
        &mut self,
        op: MatchOp,
        right: &ast::Expr,
        span: Span,
        scope: Scope<'_>,
    ) -> Option<Expr> {
        let right = self.bind_scalar(right, scope)?;
        if !matches!(right.ty, KqlType::String | KqlType::Dynamic) {
            self.operand_error(symbols::matching(op), KqlType::String, right.ty, span);
            return None;
        }
        self.check_match(op, &right);
        self.any_text_column(span, scope, |column| matching(op, column, right.clone(), span))
    }

    /// Binds `* == x`.
    pub(super) fn bind_star_equal(
        &mut self,
        right: &ast::Expr,
        span: Span,
        scope: Scope<'_>,
    ) -> Option<Expr> {
        let right = convert(self.bind_scalar(right, scope)?, KqlType::String);
        self.any_text_column(span, scope, |column| Expr {
            kind: ExprKind::Binary {
                op: BinaryOp::Equal,
                left: Box::new(convert(column, KqlType::String)),
                right: Box::new(right.clone()),
            },
            ty: KqlType::Bool,
            span,
        })
    }

    fn any_text_column(
        &mut self,
        span: Span,
        scope: Scope<'_>,
        test: impl Fn(Expr) -> Expr,
    ) -> Option<Expr> {
        let Some(row) = scope.row else {
            self.error(codes::STAR_HERE, span, "`*` needs rows to stand for their columns");
            return None;
        };
        if row.is_open() {
            return None;
        }
        let mut operands: Vec<Expr> = row
            .columns()
            .iter()
            .filter(|column| matches!(column.ty, KqlType::String | KqlType::Dynamic))
            .map(|column| test(column_expr(column, span)))
            .collect();
        match operands.len() {
            0 => Some(literal(Value::Bool(Some(false)), span)),
            1 => operands.pop(),
            _ => Some(Expr {
                kind: ExprKind::Logical { op: LogicalOp::Or, operands },
                ty: KqlType::Bool,
                span,
            }),
        }
    }
}
