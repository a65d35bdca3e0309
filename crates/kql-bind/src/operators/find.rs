//! `find`: rows of many tables for which a predicate holds.

use kql_syntax::{
    Span,
    ast::{FindColumn, OperatorKind},
};
use kql_types::KqlType;

use super::{parameter, word};
use crate::{
    binder::{Binder, Row, Scope, broken_rows, opaque},
    tree::{Column, Relation},
};

impl Binder<'_> {
    /// Binds `find`: where each row comes from, then the columns asked for. Without `project` they
    /// are those of a single table; of several only the predicate's are promised, so the rest is open.
    pub(super) fn bind_find(&mut self, operator: &OperatorKind, span: Span) -> Relation {
        let OperatorKind::Find { params, tables, predicate, project, .. } = operator else {
            return broken_rows(span);
        };
        let legs = if tables.is_empty() {
            self.bind_all_tables(span)
        } else {
            self.bind_table_list(tables, false)
        };
        let source = parameter(params, "withsource").and_then(word).unwrap_or("source_");
        let mut columns = vec![self.fresh_column(source, KqlType::String)];
        let rows: Vec<Relation> = legs.into_iter().map(|leg| leg.rows).collect();
        for leg in &rows {
            let row = Row::new(&leg.columns, true);
            self.bind_scalar(predicate, Scope::over(&row));
        }
        let is_open = match (project, rows.as_slice()) {
            (Some(project), _) => {
                for column in project {
                    columns.push(self.found_column(column, &rows));
                }
                false
            }
            (None, [only]) => {
                columns.extend(only.columns.iter().cloned());
                only.has_open_schema()
            }
            (None, _) => true,
        };
        opaque("find", rows, columns, is_open, span)
    }

    fn found_column(&mut self, column: &FindColumn, rows: &[Relation]) -> Column {
        let FindColumn::Column(declared) = column else {
            return self.fresh_column("pack_", KqlType::Dynamic);
        };
        let name = declared.name.text.as_str();
        if let Some(ty) = &declared.ty {
            return match self.type_named(ty) {
                Some(ty) => self.fresh_column(name, ty),
                None => self.unknown_column(name),
            };
        }
        let found = rows.iter().flat_map(|rows| &rows.columns).find(|it| &*it.name == name);
        match found.map(|column| column.ty) {
            Some(ty) => self.fresh_column(name, ty),
            None => self.unknown_column(name),
        }
    }
}
