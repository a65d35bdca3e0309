//! Arithmetic and comparison: which operand types go together, and what comes out.
//!
//! Sources: <https://learn.microsoft.com/kusto/query/numerical-operators> and
//! <https://learn.microsoft.com/kusto/query/datetime-timespan-arithmetic>; for dynamic operands the
//! language service's operator table.

use kql_syntax::{
    Span,
    ast::{self, BinaryOp},
};
use kql_types::KqlType::{self, Bool, Datetime, Dynamic, Guid, Int, Long, Real, String, Timespan};

use super::{
    super::{
        conversion::{at_least_long, convert, fold, widest},
        tree::symbols,
    },
    expand::is_star,
};
use crate::{
    binder::{Binder, Scope},
    codes,
    tree::{Expr, ExprKind},
};

/// The types that operands are converted to, and the result's.
struct Meeting {
    left: KqlType,
    right: KqlType,
    result: KqlType,
}

impl Binder<'_> {
    /// Binds an arithmetic operator or a comparison.
    pub(super) fn bind_binary(
        &mut self,
        op: BinaryOp,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
        scope: Scope<'_>,
    ) -> Option<Expr> {
        if op == BinaryOp::Equal && is_star(left) {
            return self.bind_star_equal(right, span, scope);
        }
        let left = self.bind_scalar(left, scope);
        let right = self.bind_scalar(right, scope);
        let (Some(left), Some(right)) = (left, right) else { return None };
        let Some(meeting) = meet(op, left.ty, right.ty) else {
            self.operand_error(symbols::binary(op), left.ty, right.ty, op_span);
            return None;
        };
        let meeting = narrowed(meeting, &left, &right);
        Some(Expr {
            kind: ExprKind::Binary {
                op,
                left: Box::new(convert(left, meeting.left)),
                right: Box::new(convert(right, meeting.right)),
            },
            ty: meeting.result,
            span,
        })
    }

    /// Reports operand types that an operator is not defined for.
    pub(super) fn operand_error(&mut self, op: &str, left: KqlType, right: KqlType, span: Span) {
        let message = format!("`{op}` is not defined for {left} and {right}");
        let help = operand_help(op, left, right);
        self.error_with_help(codes::OPERAND_TYPES, span, message, help);
    }
}

/// Lets an int be compared with a constant as an int, if the constant is one: so a reader can tell
/// which rows are asked for.
fn narrowed(meeting: Meeting, left: &Expr, right: &Expr) -> Meeting {
    let is_long = meeting.left == Long && meeting.result == Bool;
    let fits = (left.ty == Int && fits_int(right)) || (right.ty == Int && fits_int(left));
    if is_long && fits { Meeting { left: Int, right: Int, ..meeting } } else { meeting }
}

/// Tells whether an expression is an int, or a constant that loses nothing as one.
pub(super) fn fits_int(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Literal(value) => fold(value, Int).is_some(),
        _ => expr.ty == Int,
    }
}

fn operand_help(op: &str, left: KqlType, right: KqlType) -> Option<std::string::String> {
    match (left, right) {
        (Dynamic, Dynamic) => Some("convert one side, with `tostring(…)` for example".into()),
        (String, String) if matches!(op, "<" | "<=" | ">" | ">=") => {
            Some("strings have no order; `strcmp(a, b)` compares them".into())
        }
        (Datetime, String) | (String, Datetime) => {
            Some("times are written `datetime(2024-01-01)`; `todatetime(…)` reads a text".into())
        }
        (Int | Long | Real | Guid, String) if op.chars().any(char::is_alphabetic) => {
            Some(format!("`{op}` looks into texts: `tostring(…)` makes one"))
        }
        (String, Int | Long | Real) | (Int | Long | Real, String) => {
            Some("convert one side: `tostring(…)`, `tolong(…)`".into())
        }
        (Dynamic, _) => Some(format!("convert the left side: `to{right}(…)`")),
        (_, Dynamic) => Some(format!("convert the right side: `to{left}(…)`")),
        _ => None,
    }
}

/// Returns how operands of these types meet, or `None` if the operator is not defined for them.
fn meet(op: BinaryOp, left: KqlType, right: KqlType) -> Option<Meeting> {
    match op {
        BinaryOp::Equal | BinaryOp::NotEqual => {
            let ty = equality(left, right)?;
            Some(Meeting { left: ty, right: ty, result: Bool })
        }
        BinaryOp::Less | BinaryOp::LessOrEqual | BinaryOp::Greater | BinaryOp::GreaterOrEqual => {
            let ty = order(left, right)?;
            Some(Meeting { left: ty, right: ty, result: Bool })
        }
        BinaryOp::Add
        | BinaryOp::Subtract
        | BinaryOp::Multiply
        | BinaryOp::Divide
        | BinaryOp::Modulo => arithmetic(op, left, right),
    }
}

/// Returns the type in which two values are compared for equality.
///
/// A text beside a number is compared as text, so that `ResultType == 0` finds `"0"`; beside a
/// datetime, timespan, guid or bool it is read as one. A dynamic takes the other side's type, and real
/// beside integers, so that no fraction is lost.
pub(super) fn equality(left: KqlType, right: KqlType) -> Option<KqlType> {
    match (left, right) {
        (Dynamic, Dynamic) => None,
        _ if left == right => Some(left),
        (Dynamic, other) | (other, Dynamic) => Some(beside_dynamic(other)),
        (String, other) | (other, String) => Some(if other.is_numeric() { String } else { other }),
        (Bool, other) | (other, Bool) if other.is_numeric() => Some(at_least_long(other)),
        _ => widest(left, right),
    }
}

/// Returns the type in which two values are ordered.
pub(super) fn order(left: KqlType, right: KqlType) -> Option<KqlType> {
    match (left, right) {
        (Dynamic, other) | (other, Dynamic) if other.is_numeric() => Some(beside_dynamic(other)),
        (Bool, Bool) => Some(Int),
        (Bool, other) | (other, Bool) if other.is_numeric() => Some(at_least_long(other)),
        (Datetime, Datetime) | (Timespan, Timespan) => Some(left),
        _ => widest(left, right),
    }
}

fn beside_dynamic(other: KqlType) -> KqlType {
    match other {
        Int | Long => Real,
        Bool | Real | KqlType::Decimal | String | Datetime | Timespan | Guid | Dynamic => other,
    }
}

fn arithmetic(op: BinaryOp, left: KqlType, right: KqlType) -> Option<Meeting> {
    if let Some(wide) = widest(left, right) {
        let ty = at_least_long(wide);
        return Some(Meeting { left: ty, right: ty, result: ty });
    }
    let (left, right, result) = match (left, right) {
        (Dynamic, Dynamic) => (Dynamic, Dynamic, Dynamic),
        (Dynamic, _) | (_, Dynamic) => return with_dynamic(op, left, right),
        (Timespan, Timespan) => match op {
            BinaryOp::Divide => (left, right, Real),
            BinaryOp::Multiply => return None,
            _ => (left, right, Timespan),
        },
        (Datetime, Timespan) => match op {
            BinaryOp::Add | BinaryOp::Subtract => (left, right, Datetime),
            BinaryOp::Modulo => (left, right, Timespan),
            _ => return None,
        },
        (Timespan, Datetime) if op == BinaryOp::Add => (left, right, Datetime),
        (Datetime, Datetime) if op == BinaryOp::Subtract => (left, right, Timespan),
        (Timespan, number) if number.is_numeric() => match op {
            BinaryOp::Multiply | BinaryOp::Divide => (left, factor(number), Timespan),
            _ => return None,
        },
        (number, Timespan) if number.is_numeric() && op == BinaryOp::Multiply => {
            (factor(number), right, Timespan)
        }
        _ => return None,
    };
    Some(Meeting { left, right, result })
}

/// A factor of a timespan is a long or a real.
fn factor(number: KqlType) -> KqlType {
    if matches!(number, Int | Long) { Long } else { Real }
}

/// Returns how a dynamic and a typed operand meet: the dynamic is read as what makes sense beside the
/// other.
fn with_dynamic(op: BinaryOp, left: KqlType, right: KqlType) -> Option<Meeting> {
    let other = if left == Dynamic { right } else { left };
    let (own, result) = match (op, other) {
        (_, Int | Long) => (Long, Long),
        (_, Real | KqlType::Decimal) => (other, other),
        (BinaryOp::Add, Datetime) => (Timespan, Datetime),
        (BinaryOp::Subtract, Datetime) => (Datetime, Timespan),
        (BinaryOp::Add | BinaryOp::Subtract, Timespan) => (Timespan, Timespan),
        _ => return None,
    };
    let other = at_least_long(other);
    Some(if left == Dynamic {
        Meeting { left: own, right: other, result }
    } else {
        Meeting { left: other, right: own, result }
    })
}
