//! Leaving out what conditions rule out: inputs of unions of which no row can be in the result.
//!
//! A table is the union of many views, most of which give columns as constants, and a rule asks for
//! one value: of the thirty views of `DeviceEvents`, one has named pipes. What can never have a row is
//! cheapest to leave out here, before anything is made of it.

mod known;

use kql_syntax::ast::LogicalOp;

use self::known::is_never_true;
use super::super::stack::with_stack;
use crate::tree::{Column, Expr, ExprKind, Relation, RelationKind};

/// Removes, from all unions that a result rests on, the inputs whose rows do not meet a condition
/// further up, as far as constants tell.
///
/// A union keeps at least one input. Rows that several places share stay as they are.
pub fn narrow(result: &mut Relation) {
    is_ruled_out(result, Vec::new());
}

/// Narrows what a relation rests on, and tells whether it has no row that meets the conditions.
///
/// - `conditions`: over the relation's columns, or over columns that do not occur below it.
fn is_ruled_out(relation: &mut Relation, mut conditions: Vec<Expr>) -> bool {
    with_stack(|| {
        relation.for_each_expr_mut(&mut narrow_within);
        match &mut relation.kind {
            RelationKind::Filter { input, predicate } => {
                add_conjuncts(predicate, &mut conditions);
                conditions.iter().any(is_never_true) || is_ruled_out(input, conditions)
            }
            RelationKind::Project { input, exprs } => {
                let given = |id| {
                    let at = relation.columns.iter().position(|column| column.id == id)?;
                    exprs.get(at).filter(|expr| is_plain(expr)).cloned()
                };
                for condition in &mut conditions {
                    condition.substitute(&given);
                }
                conditions.iter().any(is_never_true) || is_ruled_out(input, conditions)
            }
            RelationKind::Sort { input, .. } => is_ruled_out(input, conditions),
            RelationKind::Union { inputs } => {
                keep_possible(inputs, &relation.columns, &conditions);
                false
            }
            _ => {
                relation.for_each_input_mut(&mut narrow);
                false
            }
        }
    })
}

/// Removes the inputs of a union that conditions over its columns rule out.
fn keep_possible(inputs: &mut Vec<Relation>, columns: &[Column], conditions: &[Expr]) {
    let is_out = |input: &mut Relation| {
        let own = input.columns.clone();
        let given = |id| {
            let at = columns.iter().position(|column| column.id == id)?;
            own.get(at).map(|column| Expr {
                kind: ExprKind::Column(column.id),
                ty: column.ty,
                span: input.span,
            })
        };
        let mut conditions = conditions.to_vec();
        for condition in &mut conditions {
            condition.substitute(&given);
        }
        is_ruled_out(input, conditions)
    };
    let ruled_out: Vec<bool> = inputs.iter_mut().map(is_out).collect();
    if ruled_out.iter().all(|is_out| *is_out) {
        inputs.truncate(1);
        return;
    }
    let mut flags = ruled_out.into_iter();
    inputs.retain(|_| flags.next() != Some(true));
}

/// Narrows the rows that an expression reads.
fn narrow_within(expr: &mut Expr) {
    with_stack(|| {
        if let Some(rows) = expr.relation_mut() {
            narrow(rows);
        }
        expr.for_each_child_mut(&mut narrow_within);
    });
}

/// Adds what a predicate demands, each demand by itself. What reads rows of its own is left out: no
/// constant decides it.
fn add_conjuncts(predicate: &Expr, conditions: &mut Vec<Expr>) {
    match &predicate.kind {
        ExprKind::Logical { op: LogicalOp::And, operands } => {
            for operand in operands {
                add_conjuncts(operand, conditions);
            }
        }
        _ if reads_rows(predicate) => {}
        _ => conditions.push(predicate.clone()),
    }
}

fn reads_rows(expr: &Expr) -> bool {
    let mut reads = matches!(expr.kind, ExprKind::ToScalar(_) | ExprKind::InRelation { .. });
    expr.for_each_child(&mut |child| reads = reads || reads_rows(child));
    reads
}

/// Tells whether an expression says no more than where a value comes from.
fn is_plain(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Column(_) | ExprKind::Literal(_))
}
