//! `top-hitters`
//!
//! Differs: Kusto estimates the counts over many values; they are exact here.
//!
//! Source: <https://learn.microsoft.com/kusto/query/top-hitters-operator>

use kql_syntax::{Span, ast};
use kql_types::KqlType;

use super::super::parts::build::aggregate;
use crate::{
    binder::{Binder, Row, Scope, column_expr, opaque},
    conversion::convert,
    scalar::result_name,
    tree::{Column, Expr, Relation, RelationKind, SortKey},
};

impl Binder<'_> {
    /// Keeps the most frequent values, with an approximate count or sum of weights.
    pub(in crate::operators) fn bind_top_hitters(
        &mut self,
        rows: Relation,
        count: &ast::Expr,
        of: &ast::Expr,
        by: Option<&ast::Expr>,
        span: Span,
    ) -> Relation {
        let count = self.bind_row_count(count);
        let row = Row::of(&rows);
        let name = result_name(self, of, Scope::over(&row)).unwrap_or_default();
        let value = self.bind_scalar(of, Scope::over(&row));
        let weight = by.map(|by| {
            let name = result_name(self, by, Scope::over(&row)).unwrap_or_default();
            (name, self.bind_scalar(by, Scope::over(&row)))
        });
        let (column, value) = self.value_column(&name, value, span);
        let (measure, function, args) = match weight {
            Some((name, Some(weight))) => {
                let ty = if weight.ty == KqlType::Int { KqlType::Long } else { weight.ty };
                let column = self.fresh_column(format!("approximate_sum_{name}"), ty);
                (column, "sum", vec![convert(weight, ty)])
            }
            Some((name, None)) => {
                let column = self.unknown_column(format!("approximate_sum_{name}"));
                (column, "sum", Vec::new())
            }
            None => {
                let column = self.fresh_column(format!("approximate_count_{name}"), KqlType::Long);
                (column, "count", Vec::new())
            }
        };
        let is_known = !self.is_unknown(column.id) && !self.is_unknown(measure.id);
        let Some(count) = count.filter(|_| is_known && !rows.has_open_schema()) else {
            return opaque("top-hitters", vec![rows], vec![column, measure], false, span);
        };
        let aggregates = vec![aggregate(function, args, measure.clone(), span)];
        let kind = RelationKind::Aggregate { input: Box::new(rows), keys: vec![value], aggregates };
        let grouped = Relation { kind, columns: vec![column, measure.clone()], span };
        first_by(grouped, &measure, count, span)
    }
}

/// Keeps the rows of the largest values of a column.
fn first_by(rows: Relation, measure: &Column, count: Expr, span: Span) -> Relation {
    let columns = rows.columns.clone();
    let expr = column_expr(measure, span);
    let keys = vec![SortKey { expr, descending: true, nulls_first: false }];
    let kind = RelationKind::Sort { input: Box::new(rows), keys };
    let sorted = Relation { kind, columns: columns.clone(), span };
    let kind = RelationKind::Take { input: Box::new(sorted), count: Box::new(count) };
    Relation { kind, columns, span }
}
