//! `where`

use kql_syntax::{Span, ast};

use crate::{
    binder::{Binder, Row, Scope},
    tree::{Relation, RelationKind},
};

impl Binder<'_> {
    /// Keeps the rows for which the predicate is true.
    pub(super) fn bind_where(
        &mut self,
        rows: Relation,
        predicate: &ast::Expr,
        span: Span,
    ) -> Relation {
        let row = Row::of(&rows);
        match self.bind_predicate(predicate, Scope::over(&row)) {
            Some(predicate) => filtered(rows, predicate, span),
            None => rows,
        }
    }
}

/// Makes a filter.
pub(super) fn filtered(rows: Relation, predicate: crate::tree::Expr, span: Span) -> Relation {
    let columns = rows.columns.clone();
    Relation { kind: RelationKind::Filter { input: Box::new(rows), predicate }, columns, span }
}
