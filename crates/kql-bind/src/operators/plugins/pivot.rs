//! `pivot`: a column for each value of a column, of an aggregate over the rows that have it.
//!
//! Which columns there are is known where the query declares them, has the values in it, or the data has
//! been asked.
//!
//! Source: <https://learn.microsoft.com/kusto/query/pivot-plugin>

use std::{cell::RefCell, collections::HashSet};

use kql_syntax::{
    Span,
    ast::{self, Argument, Assignment, Call, EvaluateArgs, Name, NamedExpr},
};
use kql_types::KqlType;

use super::{
    super::parts::{
        build::{binary, grouped, select_renamed, text, with_columns},
        item::{name_of, unparenthesised},
    },
    PluginCall, constant_rows, is_scalar, named_column,
};
use crate::{
    binder::{Binder, Row, column_expr},
    conversion::convert,
    operators::groups::summarize::Constants,
    tree::{Aggregate, Column, Expr, ExprKind, Relation, RelationKind},
};

impl Binder<'_> {
    pub(super) fn run_pivot(&mut self, rows: &Relation, call: &PluginCall<'_>) -> Option<Relation> {
        let span = call.span;
        let pivot = named_column(rows, call, 0).filter(|it| is_scalar(it.ty))?.clone();
        let keys = pivoted(call.args, rows);
        let values = match &call.declared {
            Some(declared) => {
                let is_value = |column: &&Column| !keys.iter().any(|key| key.name == column.name);
                declared.iter().filter(is_value).map(|it| it.name.to_string()).collect()
            }
            None => match values_of_constants(rows, &pivot) {
                Some(values) => values,
                None => self.values_of_data(rows, &pivot, &keys, span)?,
            },
        };
        let mut aggregates = Vec::with_capacity(values.len());
        let mut made = Vec::with_capacity(values.len());
        for value in values {
            let mut aggregate = self.pivot_aggregate(rows, call)?;
            let output = aggregate.outputs.first_mut()?;
            output.name = value.as_str().into();
            made.push(output.clone());
            let on = convert(column_expr(&pivot, span), KqlType::String);
            let is_value = binary(ast::BinaryOp::Equal, on, text(&value, span), KqlType::Bool);
            aggregate.filter = Some(is_value);
            aggregates.push(aggregate);
        }
        let exprs = keys.iter().map(|key| column_expr(key, span)).collect();
        let columns: Vec<Column> = keys.iter().chain(&made).cloned().collect();
        let kind =
            RelationKind::Aggregate { input: Box::new(rows.clone()), keys: exprs, aggregates };
        let grouped = Relation { kind, columns: columns.clone(), span };
        let Some(declared) = &call.declared else { return Some(grouped) };
        let chosen = declared.iter().map(|wanted| {
            columns.iter().find(|it| it.name == wanted.name && it.ty == wanted.ty).cloned()
        });
        Some(select_renamed(grouped, chosen.collect::<Option<_>>()?, span))
    }

    /// Returns the different values as the data has said; asks it otherwise.
    ///
    /// Nothing where they make no names of columns: an empty text, or the name of a column that is kept.
    fn values_of_data(
        &mut self,
        rows: &Relation,
        pivot: &Column,
        keys: &[Column],
        span: Span,
    ) -> Option<Vec<String>> {
        let site = self.call_site(span);
        if let Some(found) = self.found.get(&site) {
            let names: Vec<String> = found.0.iter().map(|column| column.name.clone()).collect();
            let is_name =
                |name: &String| !name.is_empty() && keys.iter().all(|key| *key.name != **name);
            return names.iter().all(is_name).then_some(names);
        }
        let column = self.fresh_column("value", KqlType::String);
        let value = convert(column_expr(pivot, span), KqlType::String);
        let with_value = with_columns(rows.clone(), vec![(column.clone(), value)]);
        let key = vec![column_expr(&column, span)];
        self.ask(site, grouped(with_value, vec![column], key, span));
        None
    }

    /// Binds the aggregate once more, for one value; `count()` if none is said.
    fn pivot_aggregate(&mut self, rows: &Relation, call: &PluginCall<'_>) -> Option<Aggregate> {
        let item = match call.args.call.args.get(1) {
            Some(argument) => argument.value.clone(),
            None => count_call(call.span),
        };
        let item = NamedExpr { name: Assignment::None, span: item.span, value: item };
        let row = Row::of(rows);
        let found = RefCell::new(Vec::new());
        let items = self.bind_aggregates(
            std::slice::from_ref(&item),
            &row,
            &HashSet::new(),
            &found,
            Constants::Refused,
        );
        let mut found = found.into_inner();
        let [item] = items.as_slice() else { return None };
        // An expression over aggregates has no filter to put in.
        let is_plain = matches!(item.value.as_ref()?.kind, ExprKind::Column(_));
        let aggregate = found.pop().filter(|it| is_plain && it.filter.is_none())?;
        (found.is_empty() && aggregate.outputs.len() == 1).then_some(aggregate)
    }
}

fn count_call(span: Span) -> ast::Expr {
    let name = Name { text: "count".to_owned(), span };
    let call = Call { name, args: Vec::<Argument>::new(), span };
    ast::Expr { kind: ast::ExprKind::Call(call), span }
}

/// Returns the different texts of a column of rows written in the query, in order.
fn values_of_constants(rows: &Relation, pivot: &Column) -> Option<Vec<String>> {
    let at = rows.columns.iter().position(|column| column.id == pivot.id)?;
    let texts = constant_rows(rows)?.iter().map(|row| {
        let text = convert(row.get(at)?.clone(), KqlType::String);
        text_of(&text)
    });
    let mut texts = texts.collect::<Option<Vec<String>>>()?;
    texts.sort_unstable();
    texts.dedup();
    Some(texts)
}

fn text_of(expr: &Expr) -> Option<String> {
    expr.text_constant().map(str::to_owned)
}

/// Returns the columns by which `pivot` groups: the input's, without those it reads.
pub(in crate::operators) fn pivoted(args: &EvaluateArgs, rows: &Relation) -> Vec<Column> {
    let listed: Vec<&str> = args.call.args.iter().skip(2).map(|it| name_of(&it.value)).collect();
    let is_kept = |column: &Column| {
        if listed.is_empty() {
            !args.call.args.iter().any(|it| mentions(&it.value, &column.name))
        } else {
            listed.contains(&&*column.name)
        }
    };
    rows.columns.iter().filter(|column| is_kept(column)).cloned().collect()
}

/// Tells whether an argument of `pivot` reads the column.
fn mentions(expr: &ast::Expr, column: &str) -> bool {
    match &unparenthesised(expr).kind {
        ast::ExprKind::Name(name) => name.text == column,
        ast::ExprKind::Call(call) => call.args.iter().any(|it| mentions(&it.value, column)),
        _ => false,
    }
}
