//! `parse-kv`

use kql_syntax::{
    Span,
    ast::{self, ColumnDecl},
};

use super::mv_expand::place;
use crate::{
    binder::{Binder, Row, Scope, opaque},
    tree::Relation,
};

impl Binder<'_> {
    /// Adds the keys listed as columns; one of a name that is there is replaced.
    pub(super) fn bind_parse_kv(
        &mut self,
        rows: Relation,
        source: &ast::Expr,
        declared: &[ColumnDecl],
        span: Span,
    ) -> Relation {
        let row = Row::of(&rows);
        self.bind_scalar(source, Scope::over(&row));
        let mut columns = rows.columns.clone();
        for column in self.declared_columns(declared) {
            place(&mut columns, column);
        }
        let is_open = rows.has_open_schema();
        opaque("parse-kv", vec![rows], columns, is_open, span)
    }
}
