//! Plugins that are other operators, written in KQL.
//!
//! The text reads the plugin's rows as `T`, with its columns under names of the text's own, and gives the
//! columns of the result in order.

use std::rc::Rc;

use kql_syntax::{Severity, Span};

use super::super::parts::build::{column_of, select_renamed};
use crate::{
    binder::{Binder, Binding, Env},
    tree::{Column, Expr, Relation, RelationKind},
};

/// What a text may name.
pub(super) struct Named {
    pub(super) rows: Vec<(String, Relation)>,
    pub(super) values: Vec<(String, Expr)>,
}

impl Binder<'_> {
    /// Binds a text; `None` if it does not bind with these columns, or gives columns of other types.
    pub(super) fn bind_in_kql(
        &mut self,
        text: &str,
        named: Named,
        result: Vec<Column>,
        span: Span,
    ) -> Option<Relation> {
        let (query, found) = kql_syntax::parse(text);
        if found.iter().any(|it| it.severity == Severity::Error) || !self.enter(span) {
            return None;
        }
        let mut env = Rc::new(Env::default());
        for (name, rows) in named.rows {
            Env::define(&mut env, &name, Binding::Rows { rows, is_view: false, deferred: None });
        }
        for (name, value) in named.values {
            Env::define(&mut env, &name, Binding::Scalar(Some(value)));
        }
        let outer = std::mem::take(&mut self.diagnostics);
        let results =
            self.without_meanings(|it| it.within(env, |it| it.bind_statements(&query.statements)));
        let found = std::mem::replace(&mut self.diagnostics, outer);
        self.leave();
        if found.iter().any(|it| it.severity == Severity::Error) {
            return None;
        }
        let rows = results.into_iter().next_back()?;
        let has_types = rows.columns.len() == result.len()
            && rows.columns.iter().zip(&result).all(|(made, wanted)| made.ty == wanted.ty);
        let columns = rows.columns.iter().zip(result);
        let columns = columns.map(|(made, wanted)| Column { id: made.id, ..wanted }).collect();
        has_types.then(|| select_renamed(rows, columns, span))
    }

    /// Returns rows with values under names, and nothing else; `None` if a column comes twice.
    pub(super) fn rows_of_values(
        &mut self,
        rows: Relation,
        values: Vec<(String, Expr)>,
        span: Span,
    ) -> Option<Relation> {
        let mut columns: Vec<Column> = Vec::with_capacity(values.len());
        let mut exprs = Vec::with_capacity(values.len());
        for (name, value) in values {
            let column = self.fresh_column(name.as_str(), value.ty);
            let id = column_of(&value).unwrap_or(column.id);
            columns.iter().all(|known| known.id != id).then_some(())?;
            columns.push(Column { id, ..column });
            exprs.push(value);
        }
        let kind = RelationKind::Project { input: Box::new(rows), exprs };
        Some(Relation { kind, columns, span })
    }
}
