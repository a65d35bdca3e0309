//! `partition`

use std::rc::Rc;

use kql_syntax::{
    Span,
    ast::{self, PartitionBody},
};

use crate::{
    binder::{Binder, Binding, Bound, Env, PARAMETER, Row, Scope, broken_rows, opaque},
    scalar::result_name,
    tree::{Expr, ExprKind, Relation},
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
                let key = self.bind_scalar(by, Scope::over(&row));
                let mut env = Env::block(Rc::clone(&self.env));
                if let Some(name) = result_name(self, by, Some(&row), false) {
                    Env::define(&mut env, &name, Binding::Scalar(key.as_ref().map(key_value)));
                }
                let result = match self.within(env, |it| it.bind_body(body)) {
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

/// Returns what the key is within the body: one value.
fn key_value(key: &Expr) -> Expr {
    let kind = ExprKind::Call { function: PARAMETER, args: Vec::new() };
    Expr { kind, ty: key.ty, span: key.span }
}
