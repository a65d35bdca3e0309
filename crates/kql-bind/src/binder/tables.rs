//! Tables of the catalog, and the views that fill them.

use std::{rc::Rc, sync::Arc};

use kql_syntax::{Diagnostic, Severity, Span};
use kql_types::{
    KqlType, Value,
    schema::{ColumnSchema, TableSchema},
};

use super::{Binder, Env, column_expr, did_you_mean, literal, renamed};
use crate::{
    TableDefinition,
    catalog::ViewText,
    codes,
    tree::{Relation, RelationKind},
};

impl Binder<'_> {
    /// Returns the rows of the table of that exact name, or `None` if there is none.
    pub(crate) fn bind_table(&mut self, name: &str, span: Span) -> Option<Relation> {
        let table = self.catalog.table(name)?;
        let native = self.scan(&table.schema, span);
        let rows =
            if table.views.is_empty() { native } else { self.bind_views(&table, native, span) };
        if let Some(first) = rows.columns.first() {
            self.tables.insert(first.id, name.into());
        }
        Some(rows)
    }

    /// Returns the table that rows are, as it is and under whatever name.
    pub(crate) fn table_of(&self, rows: &Relation) -> Option<&str> {
        let is_whole = matches!(rows.kind, RelationKind::Scan { .. } | RelationKind::Union { .. });
        let first = rows.columns.first().filter(|_| is_whole)?;
        self.tables.get(&first.id).map(|name| &**name)
    }

    /// Reports that no table has that name.
    pub(crate) fn unknown_table(&mut self, name: &str, span: Span) {
        let mut today = self.catalog.renamed_table(name);
        today.retain(|today| self.catalog.table(today).is_some());
        let help = renamed(&today).or_else(|| {
            let tables = self.catalog.table_names();
            let variables = Rc::clone(&self.env);
            let candidates = tables.iter().map(|it| &**it).chain(variables.names());
            did_you_mean(name, candidates)
        });
        self.error_with_help(codes::UNKNOWN_TABLE, span, format!("unknown table `{name}`"), help);
    }

    fn scan(&mut self, schema: &TableSchema, span: Span) -> Relation {
        let columns = schema
            .columns
            .iter()
            .map(|column| self.fresh_column(column.name.as_str(), column.ty))
            .collect();
        let table = Arc::from(schema.name.as_str());
        Relation { kind: RelationKind::Scan { table }, columns, span }
    }

    fn bind_views(&mut self, table: &TableDefinition, native: Relation, span: Span) -> Relation {
        let columns = table
            .schema
            .columns
            .iter()
            .map(|column| self.fresh_column(column.name.as_str(), column.ty))
            .collect();
        let mut inputs = vec![native];
        for view in &table.views {
            if let Some(rows) = self.bind_view(view, &table.schema, span) {
                inputs.push(rows);
            }
        }
        Relation { kind: RelationKind::Union { inputs }, columns, span }
    }

    /// Binds a view's text; an error in it is reported once, at the reference to the table.
    fn bind_view(&mut self, view: &ViewText, schema: &TableSchema, span: Span) -> Option<Relation> {
        if self.active.contains(&view.name) {
            self.error(codes::RECURSION, span, format!("view `{}` reads itself", view.name));
            return None;
        }
        if !self.enter(span) {
            return None;
        }
        self.active.push(Arc::clone(&view.name));
        let (query, found) = view.parsed();
        let mut found = found.to_vec();
        let outer = std::mem::take(&mut self.diagnostics);
        let results =
            self.within(Rc::new(Env::default()), |it| it.bind_statements(&query.statements));
        found.append(&mut self.diagnostics);
        self.diagnostics = outer;
        self.active.pop();
        self.leave();
        if let Some(first) = found.iter().find(|it| it.severity == Severity::Error) {
            self.diagnostics.push(broken_view(view, span, first));
            return None;
        }
        let Some(rows) = results.into_iter().next_back() else {
            let message = format!("view `{}` yields no rows", view.name);
            self.error(codes::BROKEN_VIEW, span, message);
            return None;
        };
        self.fit_to_schema(view, rows, schema, span)
    }

    /// Projects a view's rows to the table's columns; what the view does not give is missing.
    fn fit_to_schema(
        &mut self,
        view: &ViewText,
        rows: Relation,
        schema: &TableSchema,
        span: Span,
    ) -> Option<Relation> {
        let row = super::Row::of(&rows);
        let extra = rows.columns.iter().find(|column| schema.column(&column.name).is_none());
        if let Some(extra) = extra {
            let message = format!("view `{}` gives `{}`, no column of it", view.name, extra.name);
            self.error(codes::BROKEN_VIEW, span, message);
            return None;
        }
        let mut exprs = Vec::with_capacity(schema.columns.len());
        let mut columns = Vec::with_capacity(schema.columns.len());
        for column in &schema.columns {
            match row.get(&column.name) {
                Some(given) if given.ty != column.ty => {
                    let message = wrong_type(view, &column.name, given.ty, column.ty);
                    self.error(codes::BROKEN_VIEW, span, message);
                    return None;
                }
                Some(given) => {
                    exprs.push(column_expr(given, span));
                    columns.push(given.clone());
                }
                None => {
                    exprs.push(literal(ungiven(schema, column), span));
                    columns.push(self.fresh_column(column.name.as_str(), column.ty));
                }
            }
        }
        Some(Relation {
            kind: RelationKind::Project { input: Box::new(rows), exprs },
            columns,
            span,
        })
    }
}

/// Returns what a column is that a view does not give: the table's name where it is for that, else
/// missing.
fn ungiven(schema: &TableSchema, column: &ColumnSchema) -> Value {
    match (&*column.name, column.ty) {
        ("Type", KqlType::String) => Value::String(schema.name.clone()),
        (_, ty) => Value::missing(ty),
    }
}

fn broken_view(view: &ViewText, span: Span, first: &Diagnostic) -> Diagnostic {
    let message = format!("view `{}` does not bind: {}", view.name, first.message);
    Diagnostic::error(codes::BROKEN_VIEW, span, message)
}

fn wrong_type(view: &ViewText, column: &str, found: KqlType, expected: KqlType) -> String {
    format!("view `{}` gives `{column}` as {found}, the table has it as {expected}", view.name)
}
