//! Equality and order.
//!
//! Source: <https://learn.microsoft.com/kusto/query/scalar-data-types/null-values>, measured: with one
//! null, `==` is false and `!=` is true; with two, both are null, as any order with a null is.

use datafusion_common::ScalarValue;
use datafusion_expr::{BinaryExpr, Expr as PlanExpr, Operator, lit, when};
use kql_bind::tree::{Expr, ExprKind};
use kql_syntax::ast::BinaryOp;
use kql_types::{KqlType, Value};

use super::Purpose;
use crate::{
    codes,
    functions::{REAL_EQUAL, REAL_LESS, REAL_LESS_OR_EQUAL, convert, decimal_kernels},
    lower::{Failure, Lowering},
};

impl Lowering<'_> {
    /// Lowers a comparison; numbers of two types meet in the wider one.
    pub(super) fn comparison(
        &mut self,
        op: BinaryOp,
        left: &Expr,
        right: &Expr,
        purpose: Purpose,
    ) -> Result<PlanExpr, Failure> {
        let ty = common_type(left.ty, right.ty);
        let sides = [self.value(left)?, self.value(right)?];
        let [from_left, from_right] = [left.ty, right.ty];
        let [l, r] = sides;
        let (Some(l), Some(r)) = (convert(l, from_left, ty), convert(r, from_right, ty)) else {
            let message = format!("comparing {} with {} does not run yet", left.ty, right.ty);
            return Err(self.refuse(codes::FUNCTION, left.span.to(right.span), message));
        };
        if ty == KqlType::Dynamic {
            let message = "comparing two dynamics does not run: Kusto refuses it".to_owned();
            return Err(self.refuse(codes::FUNCTION, left.span.to(right.span), message));
        }
        Ok(match op {
            BinaryOp::Equal | BinaryOp::NotEqual => {
                let nulls = Nulls { left: is_nullable(left), right: is_nullable(right) };
                let is_negated = op == BinaryOp::NotEqual;
                equality(ty, l, r, nulls, is_negated, purpose)
            }
            _ => order(ty, op, l, r),
        })
    }
}

/// Which operands may be null.
#[derive(Clone, Copy)]
pub(super) struct Nulls {
    pub(super) left: bool,
    pub(super) right: bool,
}

/// Makes an equality with Kusto's nulls.
pub(super) fn equality(
    ty: KqlType,
    left: PlanExpr,
    right: PlanExpr,
    nulls: Nulls,
    is_negated: bool,
    purpose: Purpose,
) -> PlanExpr {
    let (l, r) = (left.clone(), right.clone());
    let equal =
        if ty == KqlType::Real { REAL_EQUAL.call(vec![left, right]) } else { left.eq(right) };
    match (nulls.left || nulls.right, is_negated, purpose) {
        (false, false, _) => equal,
        (false, true, _) if ty == KqlType::Real => PlanExpr::Not(Box::new(equal)),
        (false, true, _) => l.not_eq(r),
        // Null is not true, whatever else it is.
        (true, false, Purpose::Filter | Purpose::Conjunct) => equal,
        _ => {
            let one_is_null = lit(is_negated);
            let known = if is_negated { PlanExpr::Not(Box::new(equal)) } else { equal };
            let total = datafusion_functions::core::expr_fn::coalesce(vec![known, one_is_null]);
            if nulls.left && nulls.right {
                when(l.is_null().and(r.is_null()), lit(ScalarValue::Boolean(None)))
                    .otherwise(total.clone())
                    .unwrap_or(total)
            } else {
                total
            }
        }
    }
}

fn order(ty: KqlType, op: BinaryOp, left: PlanExpr, right: PlanExpr) -> PlanExpr {
    let [left, right] = [left, right].map(|side| match ty {
        KqlType::Decimal => decimal_kernels::KEY.call(vec![side]),
        _ => side,
    });
    if ty == KqlType::Real {
        return match op {
            BinaryOp::Less => REAL_LESS.call(vec![left, right]),
            BinaryOp::LessOrEqual => REAL_LESS_OR_EQUAL.call(vec![left, right]),
            BinaryOp::Greater => REAL_LESS.call(vec![right, left]),
            _ => REAL_LESS_OR_EQUAL.call(vec![right, left]),
        };
    }
    let op = match op {
        BinaryOp::Less => Operator::Lt,
        BinaryOp::LessOrEqual => Operator::LtEq,
        BinaryOp::Greater => Operator::Gt,
        _ => Operator::GtEq,
    };
    PlanExpr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right)))
}

/// Tells whether an expression's value may be null: a string's never is, nor a literal that is none.
pub(super) fn is_nullable(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Literal(value) => *value == Value::missing(expr.ty) && expr.ty != KqlType::String,
        ExprKind::Now => false,
        _ => expr.ty != KqlType::String,
    }
}

fn common_type(left: KqlType, right: KqlType) -> KqlType {
    let width = |ty| match ty {
        KqlType::Int => 0,
        KqlType::Long => 1,
        KqlType::Real => 2,
        _ => 3,
    };
    if left.is_numeric() && right.is_numeric() && width(right) > width(left) { right } else { left }
}
