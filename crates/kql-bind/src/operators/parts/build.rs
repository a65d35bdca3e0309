//! Building blocks of relations that operators are made of.

use std::collections::HashSet;

use kql_syntax::{
    Span,
    ast::{self, BinaryOp},
};
use kql_types::{KqlType, Value};

use crate::{
    binder::{column_expr, literal, opaque},
    conversion::convert,
    tree::{Aggregate, Column, ColumnId, Expr, ExprKind, PathStep, Relation, RelationKind},
};

/// Makes a call.
pub(in crate::operators) fn call(
    function: &'static str,
    args: Vec<Expr>,
    ty: KqlType,
    span: Span,
) -> Expr {
    Expr { kind: ExprKind::Call { function, args }, ty, span }
}

/// Applies an operator of two operands.
pub(in crate::operators) fn binary(op: BinaryOp, left: Expr, right: Expr, ty: KqlType) -> Expr {
    let span = left.span;
    Expr { kind: ExprKind::Binary { op, left: Box::new(left), right: Box::new(right) }, ty, span }
}

/// Joins tests by `and`; none is true.
pub(in crate::operators) fn all_of(mut tests: Vec<Expr>, span: Span) -> Expr {
    match (tests.len(), tests.pop()) {
        (1, Some(only)) => only,
        (_, Some(last)) => {
            tests.push(last);
            let op = ast::LogicalOp::And;
            Expr { kind: ExprKind::Logical { op, operands: tests }, ty: KqlType::Bool, span }
        }
        (_, None) => literal(Value::Bool(Some(true)), span),
    }
}

/// Makes a constant long.
pub(in crate::operators) fn long(value: i64, span: Span) -> Expr {
    literal(Value::Long(Some(value)), span)
}

/// Makes a constant string.
pub(in crate::operators) fn text(value: &str, span: Span) -> Expr {
    literal(Value::String(value.to_owned()), span)
}

/// Makes an aggregate of one column.
pub(in crate::operators) fn aggregate(
    function: &'static str,
    args: Vec<Expr>,
    output: Column,
    span: Span,
) -> Aggregate {
    Aggregate { function, args, filter: None, outputs: vec![output], span }
}

/// Returns what steps find in a dynamic, as another type: of text, what the text says.
pub(in crate::operators) fn element_of(dynamic: Expr, steps: Vec<PathStep>, ty: KqlType) -> Expr {
    let span = dynamic.span;
    let kind = ExprKind::Path { base: Box::new(dynamic), steps };
    let path = Expr { kind, ty: KqlType::Dynamic, span };
    let text = convert(path, KqlType::String);
    if ty == KqlType::Dynamic {
        return call("parse_json", vec![text], ty, span);
    }
    convert(text, ty)
}

/// Adds columns to rows.
pub(in crate::operators) fn with_columns(rows: Relation, added: Vec<(Column, Expr)>) -> Relation {
    let span = rows.span;
    let (columns, values): (Vec<Column>, Vec<Expr>) = added.into_iter().unzip();
    let passed_on = rows.columns.iter().map(|it| column_expr(it, span));
    let exprs = passed_on.chain(values).collect();
    let columns = rows.columns.iter().cloned().chain(columns).collect();
    Relation { kind: RelationKind::Project { input: Box::new(rows), exprs }, columns, span }
}

/// The columns at these positions.
pub(in crate::operators) fn pick(
    rows: &Relation,
    positions: impl Iterator<Item = usize>,
) -> Vec<Column> {
    positions.filter_map(|at| rows.columns.get(at).cloned()).collect()
}

/// Projects rows to some of their columns; of rows that are not wholly known, neither is the result.
pub(in crate::operators) fn select(rows: Relation, columns: Vec<Column>, span: Span) -> Relation {
    if rows.has_open_schema() {
        return opaque("project-away", vec![rows], columns, true, span);
    }
    select_renamed(rows, columns, span)
}

/// Projects rows to columns of theirs, perhaps under other names.
pub(in crate::operators) fn select_renamed(
    rows: Relation,
    columns: Vec<Column>,
    span: Span,
) -> Relation {
    let exprs = columns.iter().map(|column| column_expr(column, span)).collect();
    Relation { kind: RelationKind::Project { input: Box::new(rows), exprs }, columns, span }
}

/// Makes a filter.
pub(in crate::operators) fn filtered(
    rows: Relation,
    predicate: crate::tree::Expr,
    span: Span,
) -> Relation {
    let columns = rows.columns.clone();
    Relation { kind: RelationKind::Filter { input: Box::new(rows), predicate }, columns, span }
}

/// Groups rows by keys, without aggregates.
pub(in crate::operators) fn grouped(
    rows: Relation,
    columns: Vec<Column>,
    keys: Vec<Expr>,
    span: Span,
) -> Relation {
    let kind = RelationKind::Aggregate { input: Box::new(rows), keys, aggregates: Vec::new() };
    Relation { kind, columns, span }
}

/// Keeps the distinct values of one column.
pub(in crate::operators) fn distinct_of(rows: Relation, column: Column, span: Span) -> Relation {
    let keys = vec![column_expr(&column, span)];
    let selected = select_renamed(rows, vec![column.clone()], span);
    grouped(selected, vec![column], keys, span)
}

/// Makes the names of columns that nobody sees distinct.
pub(in crate::operators) fn numbered(columns: Vec<Column>) -> Vec<Column> {
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
pub(in crate::operators) fn column_of(expr: &Expr) -> Option<ColumnId> {
    match expr.kind {
        ExprKind::Column(id) => Some(id),
        _ => None,
    }
}
