//! `find`: rows of many tables for which a predicate holds.

use std::sync::Arc;

use kql_syntax::{
    Span,
    ast::{Expr, ExprKind, FindColumn, OperatorKind},
};
use kql_types::KqlType;

use super::{
    super::{parameter, parts::build::filtered, word},
    table_list::Leg,
};
use crate::{
    binder::{Binder, Row, Scope, broken_rows, column_expr, opaque},
    conversion::convert,
    tree::{Column, ExprKind as Kind, Relation, RelationKind},
};

impl Binder<'_> {
    /// Binds `find`: where each row comes from, then the columns asked for.
    ///
    /// Without `project` they are those of a single table; of several, those that all of them have,
    /// those that the predicate names, and the rest packed. Tables without any column that the
    /// predicate names are left out.
    pub(in crate::operators) fn bind_find(
        &mut self,
        operator: &OperatorKind,
        span: Span,
    ) -> Relation {
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
        let (names, mut rows): (Vec<Option<String>>, Vec<Relation>) =
            legs.into_iter().map(|leg| (leg.name, leg.rows)).unzip();
        for leg in &rows {
            let row = Row::new(&leg.columns, true);
            self.bind_scalar(predicate, Scope::over(&row));
        }
        let named = named_columns(predicate, &rows);
        let mut names = names.into_iter();
        let mut kept_names = Vec::with_capacity(rows.len());
        rows.retain(|leg| {
            let name = names.next().flatten();
            let is_kept = named.is_empty() || named.iter().any(|column| has_column(leg, column));
            if is_kept {
                kept_names.push(name);
            }
            is_kept
        });
        if let Some(project) = project {
            for column in project {
                columns.push(self.found_column(column, &rows));
            }
            let legs = rows.iter().cloned().zip(kept_names);
            let legs = legs.map(|(rows, name)| Leg { rows, name }).collect();
            if let Some(found) = self.found_rows(legs, source, predicate, project, &columns, span) {
                return found;
            }
            return opaque("find", rows, columns, false, span);
        }
        if let [only] = rows.as_slice() {
            columns.extend(only.columns.iter().cloned());
            let is_open = only.has_open_schema();
            return opaque("find", rows, columns, is_open, span);
        }
        let is_open = rows.is_empty() || rows.iter().any(Relation::has_open_schema);
        for column in rows.first().map_or(&[][..], |first| &first.columns) {
            if rows.iter().all(|leg| has_column(leg, &column.name)) {
                columns.push(self.fresh_column(Arc::clone(&column.name), column.ty));
            }
        }
        for name in named {
            let found = rows.iter().flat_map(|leg| &leg.columns).find(|it| it.name == name);
            if let Some(ty) = found.map(|column| column.ty)
                && columns.iter().all(|column| column.name != name)
            {
                columns.push(self.fresh_column(name, ty));
            }
        }
        columns.push(self.fresh_column("pack_", KqlType::Dynamic));
        opaque("find", rows, columns, is_open, span)
    }

    /// Makes the rows of tables for which the predicate holds, where the columns asked for are spelled out;
    /// a column that a table lacks is missing in its rows.
    ///
    /// `None` where that does not say what they are: a column packs others, or has several types.
    fn found_rows(
        &mut self,
        legs: Vec<Leg>,
        source: &str,
        predicate: &Expr,
        project: &[FindColumn],
        columns: &[Column],
        span: Span,
    ) -> Option<Relation> {
        let is_plain = project.iter().all(|column| matches!(column, FindColumn::Column(_)));
        let is_named = legs.iter().all(|leg| leg.name.is_some() && !leg.rows.has_open_schema());
        if !is_plain || !is_named || legs.is_empty() {
            return None;
        }
        let known = self.diagnostics.len();
        let rows = self.united(legs, Some(source), false, span);
        let row = Row::of(&rows);
        let test = self.bind_predicate(predicate, Scope::over(&row));
        // What is wrong has been found table by table.
        self.diagnostics.truncate(known);
        let mut exprs = Vec::with_capacity(columns.len());
        for column in columns {
            let found = row.get(&column.name)?;
            exprs.push(convert(column_expr(found, span), column.ty));
        }
        let input = Box::new(filtered(rows, test?, span));
        let columns = columns.iter().zip(&exprs).map(|(column, expr)| match expr.kind {
            Kind::Column(id) => Column { id, ..column.clone() },
            _ => column.clone(),
        });
        let columns = columns.collect();
        Some(Relation { kind: RelationKind::Project { input, exprs }, columns, span })
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

fn has_column(rows: &Relation, name: &str) -> bool {
    rows.columns.iter().any(|column| &*column.name == name)
}

/// Returns the columns that a predicate names, in order.
fn named_columns(predicate: &Expr, rows: &[Relation]) -> Vec<Arc<str>> {
    let mut names: Vec<Arc<str>> = Vec::new();
    let mut rest = vec![predicate];
    while let Some(expr) = rest.pop() {
        match &expr.kind {
            ExprKind::Name(name) => {
                let is_column = rows.iter().any(|leg| has_column(leg, &name.text));
                if is_column && names.iter().all(|known| **known != *name.text) {
                    names.push(name.text.as_str().into());
                }
            }
            ExprKind::Logical { operands, .. } => rest.extend(operands.iter().rev()),
            ExprKind::Binary { left, right, .. } | ExprKind::Match { left, right, .. } => {
                rest.extend([&**right, &**left]);
            }
            ExprKind::In { left, list, .. } => {
                rest.extend(list.iter().rev());
                rest.push(left);
            }
            ExprKind::Between { value, .. } => rest.push(value),
            ExprKind::Member { base, .. } | ExprKind::Index { base, .. } => rest.push(base),
            ExprKind::Paren(inner) => rest.push(inner),
            ExprKind::Unary { operand, .. } => rest.push(operand),
            ExprKind::Call(call) => rest.extend(call.args.iter().rev().map(|it| &it.value)),
            _ => {}
        }
    }
    names
}
