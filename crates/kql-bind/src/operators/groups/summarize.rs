//! `summarize`

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
};

use kql_syntax::{
    Span,
    ast::{self, NamedExpr},
};

use super::super::parts::{
    build::{column_of, numbered},
    item::{Item, ItemName, unparenthesised},
    projection::Projection,
};
use crate::{
    binder::{Binder, Row, Scope, opaque},
    scalar::result_name,
    tree::{Aggregate, Column, ColumnId, Expr, Relation, RelationKind},
};

/// Whether a list of aggregates may hold a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::operators) enum Constants {
    Refused,
    /// A series may be one value throughout, as measured.
    Taken,
}

impl Binder<'_> {
    /// Makes one row for each combination of keys: the keys, then the aggregates.
    pub(in crate::operators) fn bind_summarize(
        &mut self,
        rows: Relation,
        aggregates: &[NamedExpr],
        by: &[NamedExpr],
        bin: Option<&ast::Expr>,
        span: Span,
    ) -> Relation {
        let row = Row::of(&rows);
        let mut keys = Projection::new(span);
        keys.reserve(by.iter().chain(aggregates));
        for item in self.bind_items(by, Scope::key_over(&row)) {
            keys.add(self, item);
        }
        if let Some(bin) = bin {
            self.bind_scalar(bin, Scope::over(&row));
        }
        let names = keys.named_columns();
        let (key_columns, key_exprs) = keys.into_parts();
        self.check_keys(&key_columns, &key_exprs);
        let found = RefCell::new(Vec::new());
        let key_names = self.key_names(by, &row, &key_exprs);
        let items = self.bind_aggregates(aggregates, &row, &key_names, &found, Constants::Refused);
        let result = Grouping { key_columns, key_exprs, aggregates: found.into_inner(), span };
        let is_open = rows.has_open_schema() && aggregates.iter().any(takes_all_columns);
        let grouped = self.finish_summarize(rows, result, names, items);
        if is_open {
            let columns = grouped.columns.clone();
            return opaque("summarize", vec![grouped], columns, true, span);
        }
        grouped
    }

    /// Returns the names of the columns that are keys as they are.
    pub(in crate::operators) fn key_names(
        &mut self,
        by: &[NamedExpr],
        row: &Row<'_>,
        key_exprs: &[Expr],
    ) -> HashSet<String> {
        let keys: HashSet<ColumnId> = key_exprs.iter().filter_map(column_of).collect();
        by.iter()
            .filter_map(|item| result_name(self, &item.value, Scope::over(row)))
            .filter(|name| row.get(name).is_some_and(|column| keys.contains(&column.id)))
            .collect()
    }

    /// Binds a list of expressions over aggregates, which are added to `found`.
    pub(in crate::operators) fn bind_aggregates(
        &mut self,
        list: &[NamedExpr],
        row: &Row<'_>,
        keys: &HashSet<String>,
        found: &RefCell<Vec<Aggregate>>,
        constants: Constants,
    ) -> Vec<Item> {
        let scope = Scope { aggregates: Some(found), ..Scope::over(row) };
        let mut items = Vec::with_capacity(list.len());
        for item in list {
            if let Some(called) = self.bind_aggregate_item(item, scope, keys) {
                self.name_called(item, called, &mut items);
                continue;
            }
            let first = items.len();
            let known = found.borrow().len();
            if !self.bind_several(item, scope, &mut items) {
                items.push(self.bind_over_aggregates(item, scope));
            }
            let has_aggregate = constants == Constants::Taken || found.borrow().len() > known;
            for made in items.iter_mut().skip(first) {
                self.check_aggregated(made, item.value.span, has_aggregate, scope);
            }
        }
        items
    }

    /// Binds a call over aggregates that gives several columns: `series_stats(make_list(x))`; `false`
    /// if it is not one.
    fn bind_several(&mut self, item: &NamedExpr, scope: Scope<'_>, items: &mut Vec<Item>) -> bool {
        let ast::ExprKind::Call(call) = &unparenthesised(&item.value).kind else { return false };
        let Some(called) = self.bind_columns_call(call, scope) else { return false };
        self.name_called(item, called, items);
        true
    }

    /// Reports a value that is no aggregate's, and forgets it.
    fn check_aggregated(
        &mut self,
        made: &mut Item,
        span: Span,
        has_aggregate: bool,
        scope: Scope<'_>,
    ) {
        let Some(value) = &made.value else { return };
        if reads_row(value, scope) {
            self.not_aggregated(span, "a column of the rows");
        } else if !has_aggregate {
            self.not_aggregated(span, "a value without one");
        } else {
            return;
        }
        made.value = None;
    }

    /// Binds an expression with aggregates in it.
    fn bind_over_aggregates(&mut self, item: &NamedExpr, scope: Scope<'_>) -> Item {
        let inferred = result_name(self, &item.value, scope);
        let value = self.bind_scalar(&item.value, scope);
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
        names: Projection,
        items: Vec<Item>,
    ) -> Relation {
        let mut projection = names;
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
pub(in crate::operators) struct Grouping {
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
