//! `mv-expand`

use kql_syntax::{
    Span,
    ast::{self, Assignment, ExprKind, MvExpandItem, Param},
};
use kql_types::KqlType;

use super::{item::unparenthesised, parameter, word};
use crate::{
    binder::{Binder, Row, Scope, opaque},
    codes,
    scalar::result_name,
    tree::{Column, Relation},
};

/// A column that an array's elements go into.
pub(super) struct Expanded {
    /// The column.
    pub(super) column: Column,
    /// It takes the place of the column of its name.
    pub(super) replaces: bool,
}

impl Binder<'_> {
    /// Makes one row for each element of arrays. The schema is known; the rows are lowering's to make.
    pub(super) fn bind_mv_expand(
        &mut self,
        rows: Relation,
        params: &[Param],
        items: &[MvExpandItem],
        limit: Option<&ast::Expr>,
        span: Span,
    ) -> Relation {
        let expanded = self.bind_arrays(&rows, params, items);
        if let Some(limit) = limit {
            self.bind_row_count(limit);
        }
        let mut columns = rows.columns.clone();
        for item in expanded {
            place(&mut columns, item.column);
        }
        let is_open = rows.has_open_schema();
        opaque("mv-expand", vec![rows], columns, is_open, span)
    }

    /// Binds the arrays and the index of their elements, if it is asked for.
    pub(super) fn bind_arrays(
        &mut self,
        rows: &Relation,
        params: &[Param],
        items: &[MvExpandItem],
    ) -> Vec<Expanded> {
        let row = Row::of(rows);
        let mut expanded: Vec<Expanded> =
            items.iter().map(|item| self.bind_array(item, &row)).collect();
        if let Some(index) = parameter(params, "with_itemindex").and_then(word) {
            let column = self.fresh_column(index, KqlType::Long);
            expanded.push(Expanded { column, replaces: false });
        }
        expanded
    }

    fn bind_array(&mut self, item: &MvExpandItem, row: &Row<'_>) -> Expanded {
        let value = &item.expr.value;
        let bound = self.bind_scalar(value, Scope::over(row));
        let is_known = bound.is_some();
        if let Some(expr) = &bound
            && expr.ty != KqlType::Dynamic
        {
            let message = format!("expected a dynamic array, found a {}", expr.ty);
            let help = (expr.ty == KqlType::String)
                .then(|| "`parse_json(…)` makes a dynamic of a string".to_owned());
            self.error_with_help(codes::NOT_DYNAMIC, value.span, message, help);
        }
        let inferred = result_name(self, value, Some(row), false);
        let (name, replaces) = match &item.expr.name {
            Assignment::Name(name) => (name.text.clone(), false),
            Assignment::Names(names) => {
                (names.first().map(|it| it.text.clone()).unwrap_or_default(), false)
            }
            Assignment::None => {
                let is_column = matches!(unparenthesised(value).kind, ExprKind::Name(_));
                let name = inferred.filter(|it| !it.is_empty());
                (name.unwrap_or_else(|| "Column1".to_owned()), is_column)
            }
        };
        let column = match item.to.as_ref().map(|to| self.type_named(to)) {
            Some(Some(ty)) => self.fresh_column(name, ty),
            None if is_known => self.fresh_column(name, KqlType::Dynamic),
            Some(None) | None => self.unknown_column(name),
        };
        Expanded { column, replaces }
    }
}

/// Puts a column in the place of the one of its name, or at the end.
pub(super) fn place(columns: &mut Vec<Column>, column: Column) {
    match columns.iter_mut().find(|it| it.name == column.name) {
        Some(old) => *old = column,
        None => columns.push(column),
    }
}
