//! `where`

use kql_syntax::{Span, ast};

use super::super::parts::build::{filtered, select};
use crate::{
    binder::{Binder, Row, Scope},
    tree::Relation,
};

impl Binder<'_> {
    /// Keeps the rows for which the predicate is true.
    pub(in crate::operators) fn bind_where(
        &mut self,
        rows: Relation,
        predicate: &ast::Expr,
        span: Span,
    ) -> Relation {
        let row = Row::of(&rows);
        let Some(mut predicate) = self.bind_predicate(predicate, Scope::over(&row)) else {
            return rows;
        };
        let columns = rows.columns.clone();
        let rows = self.lift_windows(rows, vec![&mut predicate]);
        let is_lifted = rows.columns.len() > columns.len();
        let filtered = filtered(rows, predicate, span);
        if is_lifted { select(filtered, columns, span) } else { filtered }
    }
}
