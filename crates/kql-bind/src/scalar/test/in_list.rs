//! `in`, `has_any`, `has_all` and their relatives, over a list or over the rows of a table.
//!
//! Source: <https://learn.microsoft.com/kusto/query/in-operator>: the list may hold dynamic arrays,
//! whose elements count, or be one tabular expression, whose first column counts.

use kql_syntax::{
    Span,
    ast::{self, MatchOp},
};
use kql_types::KqlType;

use super::super::binary::{equality, fits_int};
use crate::{
    binder::{Binder, Bound, Scope, Wanted, column_expr},
    codes,
    conversion::{convert, widest},
    tree::{Expr, ExprKind, Relation, RelationKind, symbols},
};

impl Binder<'_> {
    /// Binds a test against a list.
    pub(in crate::scalar) fn bind_in(
        &mut self,
        op: MatchOp,
        op_span: Span,
        left: &ast::Expr,
        list: &[ast::Expr],
        span: Span,
        scope: Scope<'_>,
    ) -> Option<Expr> {
        let left = self.bind_in_left(op, op_span, left, scope);
        let items = match list {
            [only] => match self.bind_any(only, scope, Wanted::Scalar) {
                Bound::Rows(rows) => return self.bind_in_rows(op, op_span, left?, rows, span),
                Bound::Scalar(item) => vec![item],
            },
            _ => list.iter().map(|item| self.bind_scalar(item, scope)).collect(),
        };
        let items = items.into_iter().collect::<Option<Vec<Expr>>>()?;
        let left = left?;
        let is_int = left.ty == KqlType::Int && items.iter().all(fits_int);
        let ty = if is_int { Some(KqlType::Int) } else { list_type(op, left.ty, &items) };
        let Some(ty) = ty else {
            let item = items.iter().find(|item| equality(left.ty, item.ty).is_none());
            let found = item.map_or(KqlType::Dynamic, |item| item.ty);
            self.operand_error(symbols::matching(op), left.ty, found, op_span);
            return None;
        };
        let list = items
            .into_iter()
            .map(|item| if item.ty == KqlType::Dynamic { item } else { convert(item, ty) })
            .collect();
        let left = Box::new(convert(left, ty));
        Some(Expr { kind: ExprKind::In { op, left, list }, ty: KqlType::Bool, span })
    }

    fn bind_in_left(
        &mut self,
        op: MatchOp,
        op_span: Span,
        left: &ast::Expr,
        scope: Scope<'_>,
    ) -> Option<Expr> {
        if super::super::expand::is_star(left) {
            self.error(codes::STAR_HERE, left.span, "`*` cannot be tested against a list");
            return None;
        }
        let left = self.bind_scalar(left, scope)?;
        let is_text = matches!(left.ty, KqlType::String | KqlType::Dynamic);
        if compares_text(op) && !is_text {
            let message =
                format!("`{}` needs a string, found a {}", symbols::matching(op), left.ty);
            let help = Some("`tostring(…)` makes a string of it".to_owned());
            self.error_with_help(codes::OPERAND_TYPES, op_span, message, help);
            return None;
        }
        Some(left)
    }

    fn bind_in_rows(
        &mut self,
        op: MatchOp,
        op_span: Span,
        left: Expr,
        rows: Relation,
        span: Span,
    ) -> Option<Expr> {
        let Some(first) = rows.columns.first().cloned() else {
            if rows.has_open_schema() {
                self.leave_unresolved(&rows);
            } else {
                self.error(codes::NOT_SCALAR, span, "the table has no columns to compare with");
            }
            return None;
        };
        if self.is_unknown(first.id) {
            self.leave_unresolved(&rows);
            return None;
        }
        let are_dynamic = left.ty == KqlType::Dynamic && first.ty == KqlType::Dynamic;
        let ty = if compares_text(op) || are_dynamic {
            Some(KqlType::String)
        } else {
            equality(left.ty, first.ty)
        };
        let Some(ty) = ty else {
            self.operand_error(symbols::matching(op), left.ty, first.ty, op_span);
            return None;
        };
        let relation = Box::new(self.first_column_as(rows, &first, ty));
        let left = Box::new(convert(left, ty));
        Some(Expr { kind: ExprKind::InRelation { op, left, relation }, ty: KqlType::Bool, span })
    }

    /// Projects rows to their first column, of type `ty`; a dynamic column stays dynamic, since each
    /// of its values stands for its elements.
    fn first_column_as(
        &mut self,
        rows: Relation,
        first: &crate::tree::Column,
        ty: KqlType,
    ) -> Relation {
        let span = rows.span;
        let expr = column_expr(first, span);
        let (expr, column) = if first.ty == ty || first.ty == KqlType::Dynamic {
            (expr, first.clone())
        } else {
            (convert(expr, ty), self.fresh_column(std::sync::Arc::clone(&first.name), ty))
        };
        if rows.columns.len() == 1 && rows.columns.first() == Some(&column) {
            return rows;
        }
        let kind = RelationKind::Project { input: Box::new(rows), exprs: vec![expr] };
        Relation { kind, columns: vec![column], span }
    }
}

fn compares_text(op: MatchOp) -> bool {
    !matches!(op, MatchOp::In | MatchOp::NotIn)
}

/// Returns the type in which the items are compared; dynamic items have none of their own.
fn list_type(op: MatchOp, left: KqlType, items: &[Expr]) -> Option<KqlType> {
    if compares_text(op) {
        return Some(KqlType::String);
    }
    let mut ty: Option<KqlType> = None;
    for item in items.iter().filter(|item| item.ty != KqlType::Dynamic) {
        let met = equality(left, item.ty)?;
        ty = Some(match ty {
            None => met,
            Some(ty) if ty == met => ty,
            Some(ty) => widest(ty, met).unwrap_or(KqlType::String),
        });
    }
    Some(ty.unwrap_or(if left == KqlType::Dynamic { KqlType::String } else { left }))
}
