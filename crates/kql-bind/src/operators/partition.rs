//! `partition`

use kql_syntax::{
    Span,
    ast::{self, PartitionBody},
};

use crate::{
    binder::{Binder, Bound, Row, Scope, broken_rows, opaque},
    tree::Relation,
};

impl Binder<'_> {
    /// Runs operators over the rows of each key.
    pub(super) fn bind_partition(
        &mut self,
        rows: Relation,
        by: &ast::Expr,
        body: &PartitionBody,
        span: Span,
    ) -> Relation {
        match body {
            PartitionBody::Operators(body) => self.bind_partition_by(rows, by, body, span),
            PartitionBody::Query(body) => {
                let row = Row::of(&rows);
                self.bind_scalar(by, Scope::over(&row));
                let result = match self.bind_body(body) {
                    Bound::Rows(rows) => rows,
                    Bound::Scalar(_) => broken_rows(span),
                };
                let is_open = result.has_open_schema();
                let columns = result.columns.clone();
                opaque("partition", vec![rows, result], columns, is_open, span)
            }
        }
    }

    /// Runs a pipeline over the rows of each key.
    pub(super) fn bind_partition_by(
        &mut self,
        rows: Relation,
        by: &ast::Expr,
        body: &ast::Expr,
        span: Span,
    ) -> Relation {
        let row = Row::of(&rows);
        self.bind_scalar(by, Scope::over(&row));
        let is_open = rows.has_open_schema();
        let one_key = opaque("partition", Vec::new(), rows.columns.clone(), is_open, span);
        let result = self.bind_continuation(one_key, body);
        let is_open = result.has_open_schema();
        opaque("partition", vec![rows], result.columns, is_open, span)
    }
}
