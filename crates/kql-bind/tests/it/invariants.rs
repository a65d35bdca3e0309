//! What holds for every bound tree, checked on all real queries, before and after each simplification.

use std::collections::{HashMap, HashSet};

use kql_bind::tree::{ColumnId, Expr, ExprKind, JoinKind, Relation, RelationKind};
use kql_bind::{bind, merge, narrow, prune};
use kql_syntax::{Severity, ast::BinaryOp, parse};
use kql_types::KqlType;
use measure::real_queries;

use crate::environment::{Build, Environment};

#[test]
fn trees_of_real_queries_are_well_formed() {
    testkit::reference!("kql");
    let environments: HashMap<_, _> = ["m365", "sentinel", "both"]
        .map(|name| (name, Environment::reference(name).unwrap()))
        .into();
    for case in real_queries().unwrap() {
        let (query, syntax) = parse(&case.query);
        let (bound, found) = bind(&query, &environments[&*case.env]);
        if syntax.iter().chain(&found).any(|it| it.severity == Severity::Error) {
            continue;
        }
        for mut result in bound.results {
            check(&case.id, &result);
            let columns = result.columns.clone();
            for simplify in [narrow, prune, merge] {
                simplify(&mut result);
                check(&case.id, &result);
                assert_eq!(result.columns, columns, "{}: the result stays", case.id);
            }
        }
    }
}

/// Fails if a relation, or one below it, breaks a promise of the typed tree.
fn check(id: &str, relation: &Relation) {
    let context = || format!("{id}: {}", kql_bind::tree::display(relation));
    let mut names = HashSet::new();
    assert!(
        relation.columns.iter().all(|it| names.insert(&it.name)),
        "two of a name: {}",
        context()
    );
    check_shape(relation, &context);
    let mut readable = HashSet::new();
    if !matches!(relation.kind, RelationKind::Opaque { .. }) {
        relation.for_each_relation(&mut |input| {
            readable.extend(input.columns.iter().map(|column| column.id));
        });
        relation.for_each_expr(&mut |expr| check_expr(expr, &readable, &context));
    }
    relation.for_each_relation(&mut |input| check(id, input));
}

fn check_shape(relation: &Relation, context: &impl Fn() -> String) {
    let ids = |columns: &[kql_bind::tree::Column]| -> Vec<ColumnId> {
        columns.iter().map(|column| column.id).collect()
    };
    match &relation.kind {
        RelationKind::Project { exprs, .. } => {
            assert_eq!(exprs.len(), relation.columns.len(), "{}", context());
            for (expr, column) in exprs.iter().zip(&relation.columns) {
                assert_eq!(expr.ty, column.ty, "`{}` in {}", column.name, context());
                if let ExprKind::Column(id) = expr.kind {
                    assert_eq!(id, column.id, "`{}` in {}", column.name, context());
                }
            }
        }
        RelationKind::Filter { input, predicate } => {
            assert_eq!(predicate.ty, KqlType::Bool, "{}", context());
            assert_eq!(relation.columns, input.columns, "{}", context());
        }
        RelationKind::Sort { input, .. } | RelationKind::Take { input, .. } => {
            assert_eq!(relation.columns, input.columns, "{}", context());
        }
        RelationKind::Aggregate { keys, aggregates, .. } => {
            let outputs = aggregates.iter().flat_map(|it| &it.outputs);
            let made: Vec<ColumnId> = outputs.map(|column| column.id).collect();
            assert_eq!(ids(&relation.columns)[keys.len()..], made, "{}", context());
        }
        RelationKind::Union { inputs } => {
            let types = |relation: &Relation| -> Vec<KqlType> {
                relation.columns.iter().map(|column| column.ty).collect()
            };
            for input in inputs {
                assert_eq!(types(input), types(relation), "{}", context());
            }
        }
        RelationKind::Join(join) => {
            for (left, right) in &join.on {
                assert_eq!(left.ty, right.ty, "{}", context());
            }
            let (left, right) = (ids(&join.left.columns), ids(&join.right.columns));
            let expected = match join.kind {
                JoinKind::LeftSemi | JoinKind::LeftAnti => left,
                JoinKind::RightSemi | JoinKind::RightAnti => right,
                _ => [left, right].concat(),
            };
            assert_eq!(ids(&relation.columns), expected, "{}", context());
        }
        _ => {}
    }
}

fn check_expr(expr: &Expr, readable: &HashSet<ColumnId>, context: &impl Fn() -> String) {
    match &expr.kind {
        ExprKind::Column(id) => {
            assert!(readable.contains(id), "column {} is not there: {}", id.0, context());
        }
        ExprKind::Literal(value) => assert_eq!(value.ty(), expr.ty, "{}", context()),
        ExprKind::Path { base, .. } => {
            assert!(!matches!(base.kind, ExprKind::Path { .. }), "{}", context());
            assert_eq!(base.ty, KqlType::Dynamic, "{}", context());
        }
        ExprKind::Convert(inner) => assert_ne!(inner.ty, expr.ty, "{}", context()),
        ExprKind::Match { left, right, .. } => {
            assert_eq!((left.ty, right.ty), (KqlType::String, KqlType::String), "{}", context());
        }
        ExprKind::Logical { operands, .. } => {
            assert!(operands.len() >= 2 && operands.iter().all(|it| it.ty == KqlType::Bool));
        }
        ExprKind::Binary { op, left, right } => check_operands(*op, left, right, context),
        ExprKind::In { left, list, .. } => {
            let fits = |item: &Expr| item.ty == left.ty || item.ty == KqlType::Dynamic;
            assert!(list.iter().all(fits), "{}", context());
        }
        _ => {}
    }
    expr.for_each_child(&mut |child| check_expr(child, readable, context));
}

fn check_operands(op: BinaryOp, left: &Expr, right: &Expr, context: &impl Fn() -> String) {
    let is_time = |ty| matches!(ty, KqlType::Datetime | KqlType::Timespan);
    let mixes_time = is_time(left.ty) || is_time(right.ty);
    let is_arithmetic = matches!(
        op,
        BinaryOp::Add
            | BinaryOp::Subtract
            | BinaryOp::Multiply
            | BinaryOp::Divide
            | BinaryOp::Modulo
    );
    assert!(left.ty == right.ty || (is_arithmetic && mixes_time), "{}", context());
}

#[test]
fn an_environment_is_shared_between_queries() {
    let environment = Environment::default().with_table("T", "a: long");
    let (query, _) = parse("T | where a == 1");
    assert_eq!(bind(&query, &environment), bind(&query, &environment));
}
