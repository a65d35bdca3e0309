//! `top-nested`: the top values level by level, each with its aggregate.
//!
//! Each level groups the rows by the values so far, keeps the groups whose outer values were kept, and
//! of each outer group the first ones.
//!
//! Source: <https://learn.microsoft.com/kusto/query/top-nested-operator>

use std::{cell::RefCell, collections::HashSet, sync::Arc};

use kql_syntax::{
    Span,
    ast::{Assignment, BinaryOp, OrderDirection, TopNestedClause},
};
use kql_types::KqlType;

use super::{
    super::parts::{
        aggregate::has_name,
        build::{binary, filtered, numbered, select_renamed},
        item::{Item, ItemName},
        projection::Projection,
        window::windowed,
    },
    summarize::Constants,
};
use crate::{
    binder::{Binder, Row, Scope, column_expr, opaque},
    tree::{
        Aggregate, Column, Expr, Join, JoinKind, Relation, RelationKind, SortKey, WindowFunction,
    },
};

/// The levels that are kept so far: their rows, and the columns of values among them.
struct Kept {
    rows: Relation,
    values: Vec<Column>,
}

/// A level once it is bound over rows of its own.
struct Level {
    /// The values of this level and of those before, as the rows have them.
    values: Vec<Expr>,
    aggregates: Vec<Aggregate>,
    measure: Expr,
}

impl Binder<'_> {
    /// Keeps the top values level by level: for each its value and its aggregate.
    pub(in crate::operators) fn bind_top_nested(
        &mut self,
        rows: Relation,
        clauses: &[TopNestedClause],
        span: Span,
    ) -> Relation {
        let row = Row::of(&rows);
        let mut levels = Projection::new(span);
        levels.reserve(clauses.iter().flat_map(|clause| [&clause.of, &clause.by.expr]));
        for clause in clauses {
            self.bind_level(clause, &row, &mut levels);
        }
        let (columns, _) = levels.into_parts();
        let has_others = clauses.iter().any(|clause| clause.others.is_some());
        let is_known = !columns.iter().any(|column| self.is_unknown(column.id));
        if rows.has_open_schema() || has_others || !is_known {
            return opaque("this form of top-nested", vec![rows], columns, false, span);
        }
        let known = self.diagnostics.len();
        let made = self.nested(&rows, clauses, &columns, span);
        self.diagnostics.truncate(known);
        made.unwrap_or_else(|| opaque("this form of top-nested", vec![rows], columns, false, span))
    }

    fn bind_level(&mut self, clause: &TopNestedClause, row: &Row<'_>, levels: &mut Projection) {
        if let Some(count) = &clause.count {
            self.bind_row_count(count);
        }
        if let Some(others) = &clause.others {
            self.bind_scalar(others, Scope::default());
        }
        let mut name = String::new();
        for item in self.bind_items(std::slice::from_ref(&clause.of), Scope::over(row)) {
            item.name.text().clone_into(&mut name);
            levels.add(self, distinct(item));
        }
        let found = RefCell::new(Vec::new());
        let by = std::slice::from_ref(&clause.by.expr);
        for item in self
            .bind_aggregates(by, row, &HashSet::new(), &found, Constants::Refused)
            .into_iter()
            .take(1)
        {
            let named = match (&clause.by.expr.name, has_name(&clause.by.expr)) {
                (Assignment::Name(name), true) => ItemName::Declared(name.text.clone()),
                _ => ItemName::Inferred(format!("aggregated_{name}")),
            };
            levels.add(self, Item { name: named, ..item });
        }
    }

    fn nested(
        &mut self,
        rows: &Relation,
        clauses: &[TopNestedClause],
        columns: &[Column],
        span: Span,
    ) -> Option<Relation> {
        let mut kept: Option<Kept> = None;
        let mut shown: Vec<Column> = Vec::with_capacity(columns.len());
        for (at, clause) in clauses.iter().enumerate() {
            // Each level reads the rows anew.
            let own = self.instantiate(rows, span);
            let level = self.level_over(&own, clauses.get(..=at)?)?;
            let (grouped, values, measure) = self.grouped(own, level, span);
            let outer = kept.as_ref().map_or(0, |kept| kept.values.len());
            let nested = match kept.take() {
                None => grouped,
                Some(kept) => within(grouped, kept, &values, span),
            };
            let outer_values = values.get(..outer)?.to_vec();
            let nested = self.first_of_outer(nested, clause, &measure, &outer_values, span)?;
            shown.push(values.last()?.clone());
            shown.push(measure);
            kept = Some(Kept { rows: nested, values });
        }
        let result = kept?.rows;
        let named = shown.iter().zip(columns).map(|(column, name)| {
            (column.ty == name.ty)
                .then(|| Column { name: Arc::clone(&name.name), ..column.clone() })
        });
        // A value that has been grouped again is that of the last level; all are equal.
        let named = named.collect::<Option<Vec<_>>>()?;
        Some(select_renamed(result, named, span))
    }

    fn level_over(&mut self, rows: &Relation, clauses: &[TopNestedClause]) -> Option<Level> {
        let row = Row::of(rows);
        let mut values = Vec::with_capacity(clauses.len());
        for clause in clauses {
            let items = self.bind_items(std::slice::from_ref(&clause.of), Scope::over(&row));
            values.push(items.into_iter().next()?.value?);
        }
        let found = RefCell::new(Vec::new());
        let by = std::slice::from_ref(&clauses.last()?.by.expr);
        let items = self.bind_aggregates(by, &row, &HashSet::new(), &found, Constants::Refused);
        let measure = items.into_iter().next()?.value?;
        Some(Level { values, aggregates: found.into_inner(), measure })
    }

    /// Groups rows by the values; the columns are the values, then others, then the measure.
    fn grouped(
        &mut self,
        rows: Relation,
        level: Level,
        span: Span,
    ) -> (Relation, Vec<Column>, Column) {
        let Level { values: keys, aggregates, measure } = level;
        let values: Vec<Column> =
            keys.iter().map(|key| self.value_column("$value", Some(key.clone()), span).0).collect();
        let outputs = aggregates.iter().flat_map(|it| it.outputs.iter().cloned());
        let columns = numbered(values.iter().cloned().chain(outputs).collect());
        let kind = RelationKind::Aggregate { input: Box::new(rows), keys, aggregates };
        let grouped = Relation { kind, columns, span };
        let (measured, value) = self.value_column("$measure", Some(measure), span);
        let mut columns = values.clone();
        columns.push(measured.clone());
        let exprs = values.iter().map(|value| column_expr(value, span)).chain([value]).collect();
        let columns = numbered(columns);
        let kind = RelationKind::Project { input: Box::new(grouped), exprs };
        (Relation { kind, columns, span }, values, measured)
    }

    /// Keeps the first rows of each outer group.
    fn first_of_outer(
        &mut self,
        rows: Relation,
        clause: &TopNestedClause,
        measure: &Column,
        outer: &[Column],
        span: Span,
    ) -> Option<Relation> {
        let Some(count) = &clause.count else { return Some(rows) };
        let count = self.bind_row_count(count)?;
        let descending = !matches!(clause.by.direction, Some(OrderDirection::Asc));
        let expr = column_expr(measure, span);
        let keys = vec![SortKey { expr, descending, nulls_first: !descending }];
        let columns = rows.columns.clone();
        let kind = RelationKind::Sort { input: Box::new(rows), keys };
        let sorted = Relation { kind, columns, span };
        let output = self.hidden_column("row_number", KqlType::Long);
        let number = column_expr(&output, span);
        let function = WindowFunction { function: "row_number", args: Vec::new(), output, span };
        let partition = outer.iter().map(|value| column_expr(value, span)).collect();
        let rows = windowed(sorted, partition, vec![function]);
        Some(filtered(rows, binary(BinaryOp::LessOrEqual, number, count, KqlType::Bool), span))
    }
}

/// Keeps the groups whose outer values are kept, and adds what the outer levels have.
fn within(rows: Relation, kept: Kept, values: &[Column], span: Span) -> Relation {
    let Kept { rows: outer, values: outer_values } = kept;
    let on = values.iter().zip(&outer_values);
    let on = on.map(|(own, outer)| (column_expr(own, span), column_expr(outer, span))).collect();
    let columns = numbered(rows.columns.iter().chain(&outer.columns).cloned().collect());
    let join = Join { kind: JoinKind::Inner, left: rows, right: outer, on };
    Relation { kind: RelationKind::Join(Box::new(join)), columns, span }
}

/// Lets a column be listed at several levels.
fn distinct(item: Item) -> Item {
    let name = match item.name {
        ItemName::Reference(name) => ItemName::Inferred(name),
        name => name,
    };
    Item { name, ..item }
}
