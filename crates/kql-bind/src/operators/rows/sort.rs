//! `sort`, `order`, `top`, `take` and `limit`

use kql_syntax::{
    Span,
    ast::{self, OrderDirection, OrderKey},
};
use kql_types::KqlType;

use crate::{
    binder::{Binder, Row, Scope},
    codes,
    conversion::convert,
    tree::{Expr, Relation, RelationKind, SortKey},
};

impl Binder<'_> {
    /// Orders rows, largest first unless said otherwise.
    pub(in crate::operators) fn bind_sort(
        &mut self,
        rows: Relation,
        by: &[OrderKey],
        span: Span,
    ) -> Relation {
        let row = Row::of(&rows);
        let keys: Vec<SortKey> =
            by.iter().filter_map(|key| self.bind_order(key, Scope::over(&row))).collect();
        if keys.is_empty() {
            return rows;
        }
        let columns = rows.columns.clone();
        Relation { kind: RelationKind::Sort { input: Box::new(rows), keys }, columns, span }
    }

    /// Keeps the first rows in an order.
    pub(in crate::operators) fn bind_top(
        &mut self,
        rows: Relation,
        count: &ast::Expr,
        by: &OrderKey,
        span: Span,
    ) -> Relation {
        let sorted = self.bind_sort(rows, std::slice::from_ref(by), span);
        self.bind_take(sorted, count, span)
    }

    /// Keeps so many rows.
    pub(in crate::operators) fn bind_take(
        &mut self,
        rows: Relation,
        count: &ast::Expr,
        span: Span,
    ) -> Relation {
        let Some(count) = self.bind_row_count(count) else { return rows };
        let columns = rows.columns.clone();
        let kind = RelationKind::Take { input: Box::new(rows), count: Box::new(count) };
        Relation { kind, columns, span }
    }

    /// Binds a number of rows: an integer constant.
    pub(in crate::operators) fn bind_row_count(&mut self, count: &ast::Expr) -> Option<Expr> {
        let bound = self.bind_scalar(count, Scope::default())?;
        match bound.ty {
            KqlType::Int | KqlType::Long => Some(convert(bound, KqlType::Long)),
            ty => {
                let message = format!("expected an integer, found a {ty}");
                self.error(codes::ARGUMENT_TYPE, count.span, message);
                None
            }
        }
    }

    /// Binds a sort key. Nulls come last where the order is descending, first where it is ascending.
    ///
    /// Source: <https://learn.microsoft.com/kusto/query/sort-operator>
    pub(in crate::operators) fn bind_order(
        &mut self,
        key: &OrderKey,
        scope: Scope<'_>,
    ) -> Option<SortKey> {
        let expr = self.bind_scalar(&key.expr.value, scope)?;
        if expr.ty == KqlType::Dynamic {
            let message = "a dynamic cannot be sorted by";
            let help = Some("`tostring(…)` makes a string of it".to_owned());
            self.error_with_help(codes::DYNAMIC_KEY, expr.span, message, help);
            return None;
        }
        let descending =
            !matches!(key.direction, Some(OrderDirection::Asc | OrderDirection::GrannyAsc));
        let nulls_first = key.nulls_first.unwrap_or(!descending);
        Some(SortKey { expr, descending, nulls_first })
    }
}
