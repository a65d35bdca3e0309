//! `join`

use std::{collections::HashSet, sync::Arc};

use kql_syntax::{
    Span,
    ast::{self, BinaryOp, Clause, ExprKind, LogicalOp, Name, Param},
};
use kql_types::KqlType;

use super::super::{
    parameter,
    parts::{item::unparenthesised, projection::distinct_name},
    word,
};
use crate::{
    binder::{Binder, Row, column_expr, did_you_mean, opaque},
    codes,
    tree::{Column, Expr, Join, JoinKind, Relation, RelationKind},
};

/// The names of the kinds, for help.
const KINDS: [&str; 12] = [
    "innerunique",
    "inner",
    "leftouter",
    "rightouter",
    "fullouter",
    "leftsemi",
    "rightsemi",
    "leftanti",
    "rightanti",
    "anti",
    "leftantisemi",
    "rightantisemi",
];

impl Binder<'_> {
    /// Joins rows with others: the left side's columns, then all of the right side's, those whose
    /// name is taken with a number.
    pub(in crate::operators) fn bind_join(
        &mut self,
        left: Relation,
        params: &[Param],
        right: &ast::Expr,
        on: &Clause,
        span: Span,
    ) -> Relation {
        let kind = self.join_kind(params);
        let right = self.bind_rows(right);
        self.note_right_side(span, &right);
        if on.conditions.is_empty() {
            let help = Some("say which columns have to be equal: `on Name`".to_owned());
            self.error_with_help(codes::JOIN_CONDITION, span, "`join` without `on`", help);
        }
        let on = self.bind_conditions(&left, &right, &on.conditions);
        joined(kind, left, right, on, span)
    }

    fn join_kind(&mut self, params: &[Param]) -> JoinKind {
        let Some(kind) = parameter(params, "kind") else { return JoinKind::InnerUnique };
        match word(kind) {
            Some("innerunique") | None => JoinKind::InnerUnique,
            Some("inner") => JoinKind::Inner,
            Some("leftouter") => JoinKind::LeftOuter,
            Some("rightouter") => JoinKind::RightOuter,
            Some("fullouter") => JoinKind::FullOuter,
            Some("leftsemi") => JoinKind::LeftSemi,
            Some("rightsemi") => JoinKind::RightSemi,
            Some("leftanti" | "anti" | "leftantisemi") => JoinKind::LeftAnti,
            Some("rightanti" | "rightantisemi") => JoinKind::RightAnti,
            Some(other) => {
                let message = format!("`join` has no kind `{other}`");
                let help = did_you_mean(other, KINDS)
                    .or_else(|| Some(format!("kinds: {}", KINDS.join(", "))));
                self.error_with_help(codes::UNKNOWN_PARAMETER_VALUE, kind.span, message, help);
                JoinKind::InnerUnique
            }
        }
    }

    /// Binds the conditions after `on`: names that both sides have, and `$left.a == $right.b`.
    pub(in crate::operators) fn bind_conditions(
        &mut self,
        left: &Relation,
        right: &Relation,
        conditions: &[ast::Expr],
    ) -> Vec<(Expr, Expr)> {
        let sides = Sides { left: Row::of(left), right: Row::of(right) };
        let mut on = Vec::with_capacity(conditions.len());
        for condition in conditions {
            self.bind_condition(&sides, condition, &mut on);
        }
        on
    }

    fn bind_condition(
        &mut self,
        sides: &Sides<'_>,
        condition: &ast::Expr,
        on: &mut Vec<(Expr, Expr)>,
    ) {
        match &unparenthesised(condition).kind {
            ExprKind::Error => {}
            ExprKind::Name(name) => {
                let left = self.bind_key(&sides.left, name, "left");
                let right = self.bind_key(&sides.right, name, "right");
                on.extend(left.zip(right).and_then(|it| self.key_pair(it, condition.span)));
            }
            ExprKind::Logical { op: LogicalOp::And, operands } => {
                for operand in operands {
                    self.bind_condition(sides, operand, on);
                }
            }
            ExprKind::Binary { op: BinaryOp::Equal, left, right, .. } => {
                match (side_column(left, "$left"), side_column(right, "$right")) {
                    (Some(left), Some(right)) => {
                        let left = self.bind_key(&sides.left, left, "left");
                        let right = self.bind_key(&sides.right, right, "right");
                        on.extend(left.zip(right).and_then(|it| self.key_pair(it, condition.span)));
                    }
                    _ => self.condition_error(condition.span),
                }
            }
            _ => self.condition_error(condition.span),
        }
    }

    fn condition_error(&mut self, span: Span) {
        let message = "expected a column of both sides, or `$left.a == $right.b`";
        let help = Some("make the keys by `extend` before the join".to_owned());
        self.error_with_help(codes::JOIN_CONDITION, span, message, help);
    }

    fn bind_key(&mut self, row: &Row<'_>, name: &Name, side: &str) -> Option<Expr> {
        let known = self.diagnostics.len();
        let column = self.bind_column(name, row);
        // The name may well be a column, but of the other side.
        if let Some(found) = self.diagnostics.get_mut(known) {
            found.message = format!("the {side} side has no column `{}`", name.text);
            found.help.get_or_insert_with(|| {
                "`on $left.a == $right.b` compares columns of two names".to_owned()
            });
        }
        let column = column?;
        (!self.is_unknown(column.id)).then(|| column_expr(column, name.span))
    }

    fn key_pair(&mut self, (left, right): (Expr, Expr), span: Span) -> Option<(Expr, Expr)> {
        if left.ty != right.ty {
            let message = format!("join keys differ in type: {} and {}", left.ty, right.ty);
            let help = Some(format!("convert one before the join: `to{}(…)`", left.ty));
            self.error_with_help(codes::JOIN_KEY_TYPES, span, message, help);
            return None;
        }
        if left.ty == KqlType::Dynamic {
            let message = "a dynamic cannot be a join key";
            let help = Some("`tostring(…)` makes a string of it".to_owned());
            self.error_with_help(codes::DYNAMIC_KEY, span, message, help);
            return None;
        }
        Some((left, right))
    }
}

/// Makes the join of two sides.
pub(in crate::operators) fn joined(
    kind: JoinKind,
    left: Relation,
    right: Relation,
    on: Vec<(Expr, Expr)>,
    span: Span,
) -> Relation {
    let is_open = left.has_open_schema() || right.has_open_schema();
    let columns = match kind {
        JoinKind::LeftSemi | JoinKind::LeftAnti => left.columns.clone(),
        JoinKind::RightSemi | JoinKind::RightAnti => right.columns.clone(),
        _ => side_by_side(&left.columns, &right.columns),
    };
    if is_open {
        return opaque("join", vec![left, right], columns, true, span);
    }
    Relation { kind: RelationKind::Join(Box::new(Join { kind, left, right, on })), columns, span }
}

struct Sides<'r> {
    left: Row<'r>,
    right: Row<'r>,
}

/// Returns the column that `$left.name` or `$right.name` names.
fn side_column<'e>(expr: &'e ast::Expr, side: &str) -> Option<&'e Name> {
    let ExprKind::Member { base, name } = &unparenthesised(expr).kind else { return None };
    match &base.kind {
        ExprKind::Name(base) if base.text == side => Some(name),
        _ => None,
    }
}

/// Adds the names of the right side's columns that a condition compares.
pub(in crate::operators) fn right_keys<'e>(condition: &'e ast::Expr, keys: &mut HashSet<&'e str>) {
    match &unparenthesised(condition).kind {
        ExprKind::Name(name) => {
            keys.insert(&name.text);
        }
        ExprKind::Logical { operands, .. } => {
            for operand in operands {
                right_keys(operand, keys);
            }
        }
        ExprKind::Binary { right, .. } => {
            keys.extend(side_column(right, "$right").map(|name| name.text.as_str()));
        }
        _ => {}
    }
}

/// Returns the columns of both sides; a name of the right side that is taken gets the first number
/// that makes it new. Source: measured.
pub(in crate::operators) fn side_by_side(left: &[Column], right: &[Column]) -> Vec<Column> {
    let of_left: HashSet<&str> = left.iter().map(|it| &*it.name).collect();
    let mut taken: HashSet<String> =
        left.iter().chain(right).map(|it| it.name.to_string()).collect();
    let mut columns = left.to_vec();
    for column in right {
        let mut column = column.clone();
        if of_left.contains(&*column.name) {
            let name = distinct_name(&column.name, |name| taken.contains(name));
            column.name = Arc::from(name.as_str());
            taken.insert(name);
        }
        columns.push(column);
    }
    columns
}
