//! `sample` and `sample-distinct`

use kql_syntax::{
    Span,
    ast::{self},
};

use super::super::parts::{build::distinct_of, item::unparenthesised};
use crate::{
    binder::{Binder, Row, Scope},
    codes,
    scalar::result_name,
    tree::Relation,
};

impl Binder<'_> {
    /// Keeps some rows: which ones, nobody promises.
    pub(in crate::operators) fn bind_sample(
        &mut self,
        rows: Relation,
        count: &ast::Expr,
        span: Span,
    ) -> Relation {
        self.bind_take(rows, count, span)
    }

    /// Keeps some of the distinct values of a column.
    pub(in crate::operators) fn bind_sample_distinct(
        &mut self,
        rows: Relation,
        count: &ast::Expr,
        of: &ast::Expr,
        span: Span,
    ) -> Relation {
        let row = Row::of(&rows);
        if !matches!(unparenthesised(of).kind, ast::ExprKind::Name(_) | ast::ExprKind::Error) {
            self.error(codes::NOT_COLUMN, of.span, "expected a column name");
        }
        let name = result_name(self, of, Scope::over(&row)).unwrap_or_else(|| "Column1".into());
        let value = self.bind_scalar(of, Scope::over(&row));
        let (column, expr) = self.value_column(&name, value, span);
        self.check_keys(std::slice::from_ref(&column), std::slice::from_ref(&expr));
        let kind = crate::tree::RelationKind::Project { input: Box::new(rows), exprs: vec![expr] };
        let selected = Relation { kind, columns: vec![column.clone()], span };
        let distinct = distinct_of(selected, column, span);
        self.bind_take(distinct, count, span)
    }
}
