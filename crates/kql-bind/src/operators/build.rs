//! Building blocks of relations that operators are made of.

use kql_syntax::{
    Span,
    ast::{self, BinaryOp},
};
use kql_types::{KqlType, Value};

use crate::{
    binder::{column_expr, literal},
    scalar::convert,
    tree::{Aggregate, Column, Expr, ExprKind, PathStep, Relation, RelationKind},
};

/// Makes a call.
pub(super) fn call(function: &'static str, args: Vec<Expr>, ty: KqlType, span: Span) -> Expr {
    Expr { kind: ExprKind::Call { function, args }, ty, span }
}

/// Applies an operator of two operands.
pub(super) fn binary(op: BinaryOp, left: Expr, right: Expr, ty: KqlType) -> Expr {
    let span = left.span;
    Expr { kind: ExprKind::Binary { op, left: Box::new(left), right: Box::new(right) }, ty, span }
}

/// Joins tests by `and`; none is true.
pub(super) fn all_of(mut tests: Vec<Expr>, span: Span) -> Expr {
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
pub(super) fn long(value: i64, span: Span) -> Expr {
    literal(Value::Long(Some(value)), span)
}

/// Makes a constant string.
pub(super) fn text(value: &str, span: Span) -> Expr {
    literal(Value::String(value.to_owned()), span)
}

/// Makes an aggregate of one column.
pub(super) fn aggregate(
    function: &'static str,
    args: Vec<Expr>,
    output: Column,
    span: Span,
) -> Aggregate {
    Aggregate { function, args, filter: None, outputs: vec![output], span }
}

/// Returns what steps find in a dynamic, as another type: of text, what the text says.
pub(super) fn element_of(dynamic: Expr, steps: Vec<PathStep>, ty: KqlType) -> Expr {
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
pub(super) fn with_columns(rows: Relation, added: Vec<(Column, Expr)>) -> Relation {
    let span = rows.span;
    let (columns, values): (Vec<Column>, Vec<Expr>) = added.into_iter().unzip();
    let passed_on = rows.columns.iter().map(|it| column_expr(it, span));
    let exprs = passed_on.chain(values).collect();
    let columns = rows.columns.iter().cloned().chain(columns).collect();
    Relation { kind: RelationKind::Project { input: Box::new(rows), exprs }, columns, span }
}
