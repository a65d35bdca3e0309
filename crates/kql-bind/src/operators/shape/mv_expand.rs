//! `mv-expand`
//!
//! Source: <https://learn.microsoft.com/kusto/query/mv-expand-operator>, and measured.

use kql_syntax::{
    Span,
    ast::{self, Assignment, ExprKind, MvExpandItem, Param},
};
use kql_types::KqlType;

use super::super::{
    parameter,
    parts::{
        build::{numbered, select_renamed},
        item::unparenthesised,
        projection::distinct_name,
    },
    word,
};
use crate::{
    binder::{Binder, Row, Scope, opaque},
    codes,
    scalar::result_name,
    tree::{Column, Expand, ExpandedArray, Expr, Relation, RelationKind},
};

/// What `mv-expand` and `mv-apply` make of their arrays.
pub(in crate::operators) struct Arrays {
    /// The arrays that bind, and whether each takes the place of the column it reads.
    pub(in crate::operators) known: Vec<(ExpandedArray, bool)>,
    /// Columns of arrays whose values are not known, and the same of them.
    pub(in crate::operators) unknown: Vec<(Column, bool)>,
    /// The number of an element.
    pub(in crate::operators) index: Option<Column>,
    /// How many elements of a row count.
    pub(in crate::operators) limit: Option<Expr>,
}

impl Binder<'_> {
    /// Makes one row for each element of arrays.
    pub(in crate::operators) fn bind_mv_expand(
        &mut self,
        rows: Relation,
        params: &[Param],
        items: &[MvExpandItem],
        limit: Option<&ast::Expr>,
        span: Span,
    ) -> Relation {
        let arrays = self.bind_arrays(&rows, params, items, limit);
        let columns = arrays.placed(&rows);
        if rows.has_open_schema() || !arrays.unknown.is_empty() {
            let is_open = rows.has_open_schema();
            return opaque("mv-expand", vec![rows], columns, is_open, span);
        }
        select_renamed(arrays.over(rows, span), columns, span)
    }

    /// Binds the arrays, and the index of their elements if it is asked for.
    pub(in crate::operators) fn bind_arrays(
        &mut self,
        rows: &Relation,
        params: &[Param],
        items: &[MvExpandItem],
        limit: Option<&ast::Expr>,
    ) -> Arrays {
        let row = Row::of(rows);
        let kind = parameter(params, "kind").or_else(|| parameter(params, "bagexpansion"));
        let bags_as_pairs = kind.and_then(word) == Some("array");
        let limit = limit.and_then(|limit| self.bind_row_count(limit));
        let mut arrays = Arrays { known: Vec::new(), unknown: Vec::new(), index: None, limit };
        self.check_names(items.iter().filter_map(|item| name_of(&item.expr)));
        for item in items {
            let (source, column, replaces) = self.bind_array(item, &row);
            match source {
                Some(source) if !self.is_unknown(column.id) => {
                    let array = ExpandedArray { source, column, bags_as_pairs };
                    arrays.known.push((array, replaces));
                }
                _ => arrays.unknown.push((column, replaces)),
            }
        }
        if let Some(index) = parameter(params, "with_itemindex").and_then(word) {
            // Measured: `with_itemindex=b` beside a column `b` gives `b1`.
            let taken = |name: &str| arrays.placed(rows).iter().any(|it| &*it.name == name);
            let name = distinct_name(index, taken);
            arrays.index = Some(self.fresh_column(name, KqlType::Long));
        }
        arrays
    }

    fn bind_array(&mut self, item: &MvExpandItem, row: &Row<'_>) -> (Option<Expr>, Column, bool) {
        let value = &item.expr.value;
        let bound = self.bind_scalar(value, Scope::over(row));
        if let Some(expr) = &bound
            && expr.ty != KqlType::Dynamic
        {
            let message = format!("expected a dynamic array, found a {}", expr.ty);
            let help = (expr.ty == KqlType::String)
                .then(|| "`parse_json(…)` makes a dynamic of a string".to_owned());
            self.error_with_help(codes::NOT_DYNAMIC, value.span, message, help);
        }
        let inferred = result_name(self, value, Scope::over(row));
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
            None if bound.is_some() => self.fresh_column(name, KqlType::Dynamic),
            Some(None) | None => self.unknown_column(name),
        };
        (bound, column, replaces)
    }
}

impl Arrays {
    /// Returns the input's columns with those of the elements in their places.
    pub(in crate::operators) fn placed(&self, rows: &Relation) -> Vec<Column> {
        let mut columns = rows.columns.clone();
        let arrays = self.known.iter().map(|(array, _)| &array.column);
        let unknown = self.unknown.iter().map(|(column, _)| column);
        for column in arrays.chain(unknown) {
            place(&mut columns, column.clone());
        }
        columns.extend(self.index.clone());
        columns
    }

    /// Makes the expansion; its columns are the input's, then the elements', under any names.
    pub(in crate::operators) fn over(self, rows: Relation, span: Span) -> Relation {
        let arrays: Vec<ExpandedArray> = self.known.into_iter().map(|(array, _)| array).collect();
        let made = arrays.iter().map(|array| array.column.clone()).chain(self.index.clone());
        let columns = numbered(rows.columns.iter().cloned().chain(made).collect());
        let expand = Expand { input: rows, arrays, index: self.index, limit: self.limit };
        Relation { kind: RelationKind::Expand(Box::new(expand)), columns, span }
    }
}

/// Returns the name that an array's elements go by, if it is spelled out.
fn name_of(expr: &ast::NamedExpr) -> Option<&ast::Name> {
    match (&expr.name, &unparenthesised(&expr.value).kind) {
        (Assignment::Name(name), _) | (Assignment::None, ExprKind::Name(name)) => Some(name),
        (Assignment::Names(names), _) => names.first(),
        (Assignment::None, _) => None,
    }
}

/// Puts a column in the place of the one of its name, or at the end.
pub(in crate::operators) fn place(columns: &mut Vec<Column>, column: Column) {
    match columns.iter_mut().find(|it| it.name == column.name) {
        Some(old) => *old = column,
        None => columns.push(column),
    }
}
