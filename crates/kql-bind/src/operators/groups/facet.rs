//! `facet` and `fork`: several results of one input.

use kql_syntax::{
    Span,
    ast::{self, Fork, Operator},
};

use crate::{
    binder::{Binder, Row, Scope, opaque},
    tree::Relation,
};

impl Binder<'_> {
    /// Binds the branches of a `fork` over the same rows: as the last operator of a statement, each is a
    /// result of it.
    ///
    /// Source: <https://learn.microsoft.com/kusto/query/fork-operator>
    pub(in crate::operators) fn bind_fork(
        &mut self,
        rows: &Relation,
        branches: &[Fork],
        span: Span,
    ) -> Relation {
        let inputs = branches
            .iter()
            .map(|it| {
                let rows = self.instantiate(rows, span);
                self.bind_continuation(rows, &it.body)
            })
            .collect();
        opaque("fork", inputs, Vec::new(), true, span)
    }

    /// Binds the columns of a `facet` and what follows for each.
    pub(in crate::operators) fn bind_facet(
        &mut self,
        rows: Relation,
        by: &[ast::Expr],
        with: &[Operator],
        span: Span,
    ) -> Relation {
        let row = Row::of(&rows);
        for column in by {
            self.bind_scalar(column, Scope::over(&row));
        }
        let result = self.bind_operators(rows, with);
        opaque("facet", vec![result], Vec::new(), true, span)
    }
}
