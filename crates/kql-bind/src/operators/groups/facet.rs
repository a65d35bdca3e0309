//! `facet` and `fork`: several results of one input.

use kql_syntax::{
    Span,
    ast::{self, Fork, Operator},
};

use kql_types::KqlType;

use super::super::parts::build::aggregate;
use crate::{
    binder::{Binder, Row, Scope, opaque},
    scalar::result_name,
    tree::{Relation, RelationKind},
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

    /// Makes the results of a `facet`: what follows in `with`, if anything does, then of each column its values and
    /// how many rows have them. As the last operator of a statement, each is a result of it.
    ///
    /// Source: <https://learn.microsoft.com/kusto/query/facet-operator>
    pub(in crate::operators) fn bind_facet(
        &mut self,
        rows: &Relation,
        by: &[ast::Expr],
        with: &[Operator],
        span: Span,
    ) -> Relation {
        let mut results = Vec::with_capacity(by.len().saturating_add(1));
        if !with.is_empty() {
            let rows = self.instantiate(rows, span);
            results.push(self.bind_operators(rows, with));
        }
        for column in by {
            let rows = self.instantiate(rows, span);
            results.extend(self.counted_values(rows, column, span));
        }
        opaque("facet", results, Vec::new(), true, span)
    }

    /// Counts the rows of each value of a column.
    fn counted_values(&mut self, rows: Relation, of: &ast::Expr, span: Span) -> Option<Relation> {
        let row = Row::of(&rows);
        let name = result_name(self, of, Scope::over(&row)).unwrap_or_else(|| "Column1".into());
        let value = self.bind_scalar(of, Scope::over(&row));
        let (column, key) = self.value_column(&name, value, span);
        self.check_keys(std::slice::from_ref(&column), std::slice::from_ref(&key));
        if rows.has_open_schema() {
            return None;
        }
        let count = self.fresh_column(format!("count_{name}"), KqlType::Long);
        let aggregates = vec![aggregate("count", Vec::new(), count.clone(), span)];
        let kind = RelationKind::Aggregate { input: Box::new(rows), keys: vec![key], aggregates };
        Some(Relation { kind, columns: vec![column, count], span })
    }
}
