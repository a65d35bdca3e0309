//! `partition`: operators over the rows of each key.
//!
//! Source: <https://learn.microsoft.com/kusto/query/partition-operator>

use std::rc::Rc;

use kql_syntax::{
    Span,
    ast::{self, PartitionBody},
};

use super::{
    super::parts::build::{select_renamed, with_columns},
    groupwise::{Groups, one_group},
};
use crate::{
    binder::{Binder, Binding, Bound, Env, PARAMETER, Row, Scope, broken_rows, opaque},
    scalar::result_name,
    tree::{Column, Expr, ExprKind, Relation},
};

impl Binder<'_> {
    /// Runs operators over the rows of each key.
    pub(in crate::operators) fn bind_partition(
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
                if let Some(name) = result_name(self, by, Scope::over(&row)) {
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
    pub(in crate::operators) fn bind_partition_by(
        &mut self,
        rows: Relation,
        by: &ast::Expr,
        body: &ast::Expr,
        span: Span,
    ) -> Relation {
        let row = Row::of(&rows);
        let Some(key) = self.bind_scalar(by, Scope::over(&row)) else {
            return self.bind_unknown_partition(rows, body, span);
        };
        let columns = rows.columns.clone();
        let (keyed, key) = self.with_hidden_key(rows, key);
        let result = self.bind_continuation(one_group(keyed, columns), body);
        let columns = result.columns.clone();
        if result.has_open_schema() {
            return opaque("partition", vec![result], columns, true, span);
        }
        let mut groups = Groups { keys: vec![key], carried: Vec::new() };
        match self.per_group(result, &mut groups) {
            Some(result) => select_renamed(result, columns, span),
            None => opaque("this body of partition", Vec::new(), columns, false, span),
        }
    }

    /// Adds the key as a hidden column.
    fn with_hidden_key(&mut self, rows: Relation, key: Expr) -> (Relation, Column) {
        let hidden = self.hidden_column("key", key.ty);
        let hidden = match key.kind {
            ExprKind::Column(id) => Column { id, ..hidden },
            _ => hidden,
        };
        if rows.has_open_schema() {
            return (rows, hidden);
        }
        (with_columns(rows, vec![(hidden.clone(), key)]), hidden)
    }

    /// Binds the body where the key is not known, for the errors in it.
    fn bind_unknown_partition(&mut self, rows: Relation, body: &ast::Expr, span: Span) -> Relation {
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
