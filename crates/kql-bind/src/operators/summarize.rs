//! `summarize`

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
};

use kql_syntax::{
    Span,
    ast::{self, NamedExpr},
};

use super::{
    item::{Item, ItemName, unparenthesised},
    projection::Projection,
};
use crate::{
    binder::{Binder, Row, Scope, column_expr, opaque},
    scalar::{Called, result_name},
    tree::{Aggregate, Column, ColumnId, Expr, ExprKind, Relation, RelationKind},
};

impl Binder<'_> {
    /// Makes one row for each combination of keys: the keys, then the aggregates.
    pub(super) fn bind_summarize(
        &mut self,
        rows: Relation,
        aggregates: &[NamedExpr],
        by: &[NamedExpr],
        bin: Option<&ast::Expr>,
        span: Span,
    ) -> Relation {
        let row = Row::of(&rows);
        let mut keys = Projection::new(span);
        for item in self.bind_items(by, Scope::over(&row)) {
            keys.add(self, item);
        }
        if let Some(bin) = bin {
            self.bind_scalar(bin, Scope::over(&row));
        }
        let (key_columns, key_exprs) = keys.into_parts();
        self.check_keys(&key_columns, &key_exprs);
        let found = RefCell::new(Vec::new());
        let key_names = self.key_names(by, &row, &key_exprs);
        let items = self.bind_aggregates(aggregates, &row, &key_names, &found);
        let result = Grouping { key_columns, key_exprs, aggregates: found.into_inner(), span };
        let is_open = rows.has_open_schema() && aggregates.iter().any(takes_all_columns);
        let grouped = self.finish_summarize(rows, result, items);
        if is_open {
            let columns = grouped.columns.clone();
            return opaque("summarize", vec![grouped], columns, true, span);
        }
        grouped
    }

    /// Returns the names of the columns that are keys as they are.
    pub(super) fn key_names(
        &mut self,
        by: &[NamedExpr],
        row: &Row<'_>,
        key_exprs: &[Expr],
    ) -> HashSet<String> {
        let keys: HashSet<ColumnId> = key_exprs.iter().filter_map(column_of).collect();
        by.iter()
            .filter_map(|item| result_name(self, &item.value, Some(row), false))
            .filter(|name| row.get(name).is_some_and(|column| keys.contains(&column.id)))
            .collect()
    }

    /// Binds a list of expressions over aggregates, which are added to `found`.
    pub(super) fn bind_aggregates(
        &mut self,
        list: &[NamedExpr],
        row: &Row<'_>,
        keys: &HashSet<String>,
        found: &RefCell<Vec<Aggregate>>,
    ) -> Vec<Item> {
        let scope = Scope { row: Some(row), aggregates: Some(found) };
        let mut items = Vec::with_capacity(list.len());
        for item in list {
            match self.bind_aggregate_item(item, scope, keys) {
                Some(called) => self.name_aggregates(item, called, &mut items),
                None => items.push(self.bind_over_aggregates(item, scope)),
            }
        }
        items
    }

    fn name_aggregates(&mut self, item: &NamedExpr, called: Called, items: &mut Vec<Item>) {
        self.name_called(item, called, items);
    }

    /// Binds an expression with aggregates in it; a column outside of them is an error.
    fn bind_over_aggregates(&mut self, item: &NamedExpr, scope: Scope<'_>) -> Item {
        let inferred = result_name(self, &item.value, scope.row, true);
        let value = self.bind_scalar(&item.value, scope);
        let value = match value {
            Some(value) if reads_row(&value, scope) => {
                self.not_aggregated(item.value.span);
                None
            }
            value => value,
        };
        let name = match &item.name {
            ast::Assignment::Name(name) => ItemName::Declared(name.text.clone()),
            ast::Assignment::Names(names) => {
                names.first().map_or(ItemName::Fresh, |it| ItemName::Declared(it.text.clone()))
            }
            ast::Assignment::None => {
                inferred.filter(|it| !it.is_empty()).map_or(ItemName::Fresh, ItemName::Inferred)
            }
        };
        Item { name, value, span: item.span }
    }

    fn finish_summarize(
        &mut self,
        rows: Relation,
        grouping: Grouping,
        items: Vec<Item>,
    ) -> Relation {
        let mut projection = Projection::new(grouping.span);
        for column in &grouping.key_columns {
            projection.declare(column);
        }
        for item in items {
            projection.add(self, item);
        }
        grouping.finish(rows, projection)
    }
}

/// Tells whether an aggregate is asked for all columns: `arg_max(x, *)`.
fn takes_all_columns(item: &NamedExpr) -> bool {
    match &unparenthesised(&item.value).kind {
        ast::ExprKind::Call(call) => {
            call.args.iter().any(|it| matches!(it.value.kind, ast::ExprKind::Wildcard(_)))
        }
        _ => false,
    }
}

/// Tells whether an expression reads a column of the rows that are grouped.
fn reads_row(value: &Expr, scope: Scope<'_>) -> bool {
    let Some(row) = scope.row else { return false };
    let mut found =
        column_of(value).is_some_and(|id| row.columns().iter().any(|column| column.id == id));
    value.for_each_child(&mut |child| found = found || reads_row(child, scope));
    found
}

/// Keys and aggregates, before their columns have names.
pub(super) struct Grouping {
    key_columns: Vec<Column>,
    key_exprs: Vec<Expr>,
    aggregates: Vec<Aggregate>,
    span: Span,
}

impl Grouping {
    /// Makes the relation; a projection on top of it only if it does more than name columns.
    fn finish(mut self, rows: Relation, projection: Projection) -> Relation {
        let span = self.span;
        let (columns, exprs) = projection.into_parts();
        let outputs = self.aggregates.iter().flat_map(|it| &it.outputs);
        let made: Vec<ColumnId> =
            self.key_columns.iter().chain(outputs).map(|column| column.id).collect();
        let wanted: Vec<Option<ColumnId>> = exprs.iter().map(column_of).collect();
        let is_plain = made.len() == wanted.len()
            && made.iter().zip(&wanted).all(|(made, wanted)| Some(*made) == *wanted);
        if is_plain {
            let names: HashMap<ColumnId, &Column> =
                columns.iter().map(|column| (column.id, column)).collect();
            for output in self.aggregates.iter_mut().flat_map(|it| &mut it.outputs) {
                if let Some(named) = names.get(&output.id) {
                    output.name.clone_from(&named.name);
                }
            }
            return self.relation(rows, columns);
        }
        let outputs = self.aggregates.iter().flat_map(|it| it.outputs.iter().cloned());
        let inner: Vec<Column> = self.key_columns.iter().cloned().chain(outputs).collect();
        let inner = numbered(inner);
        let grouped = self.relation(rows, inner);
        Relation { kind: RelationKind::Project { input: Box::new(grouped), exprs }, columns, span }
    }

    fn relation(self, rows: Relation, columns: Vec<Column>) -> Relation {
        let Self { key_exprs: keys, aggregates, span, .. } = self;
        let kind = RelationKind::Aggregate { input: Box::new(rows), keys, aggregates };
        Relation { kind, columns, span }
    }
}

/// Makes the names of columns that nobody sees distinct.
pub(super) fn numbered(columns: Vec<Column>) -> Vec<Column> {
    let mut taken: HashSet<String> = HashSet::new();
    columns
        .into_iter()
        .map(|mut column| {
            let name = super::projection::distinct_name(&column.name, |name| taken.contains(name));
            column.name = name.as_str().into();
            taken.insert(name);
            column
        })
        .collect()
}

/// Returns the column that an expression is.
pub(super) fn column_of(expr: &Expr) -> Option<ColumnId> {
    match expr.kind {
        ExprKind::Column(id) => Some(id),
        _ => None,
    }
}

impl Projection {
    /// Appends a key's column, whose name is taken from now on.
    fn declare(&mut self, column: &Column) {
        let item = column_expr(column, self.span());
        self.append_declared(column.clone(), item);
    }
}
