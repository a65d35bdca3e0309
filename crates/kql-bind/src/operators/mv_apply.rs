//! `mv-apply`

use std::collections::HashSet;

use kql_syntax::{
    Span,
    ast::{self, MvExpandItem, Param},
};

use super::mv_expand::place;
use crate::{
    binder::{Binder, opaque},
    tree::{Column, Relation},
};

impl Binder<'_> {
    /// Runs operators over the elements of arrays, row by row: the input's columns, without those
    /// expanded, then what the operators give beside them.
    pub(super) fn bind_mv_apply(
        &mut self,
        rows: Relation,
        params: &[Param],
        items: &[MvExpandItem],
        limit: Option<&ast::Expr>,
        body: &ast::Expr,
        span: Span,
    ) -> Relation {
        let expanded = self.bind_arrays(&rows, params, items);
        if let Some(limit) = limit {
            self.bind_row_count(limit);
        }
        let is_open = rows.has_open_schema();
        let replaced: HashSet<String> = expanded
            .iter()
            .filter(|item| item.replaces)
            .map(|item| item.column.name.to_string())
            .collect();
        let mut within = rows.columns.clone();
        for item in expanded {
            place(&mut within, item.column);
        }
        let elements = opaque("mv-apply", Vec::new(), within, is_open, span);
        let result = self.bind_continuation(elements, body);
        let is_open = is_open || result.has_open_schema();
        let mut columns: Vec<Column> =
            rows.columns.iter().filter(|it| !replaced.contains(&*it.name)).cloned().collect();
        for column in &result.columns {
            place(&mut columns, column.clone());
        }
        opaque("mv-apply", vec![rows], columns, is_open, span)
    }
}
