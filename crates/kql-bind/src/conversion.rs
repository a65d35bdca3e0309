//! Conversions: which type two operands meet in, and getting there.

use kql_syntax::{Span, ast::MatchOp};
use kql_types::{KqlType, Value, datetime, dynamic, guid, timespan};

use crate::tree::{Expr, ExprKind};

/// Converts an expression to a type; constants are converted on the spot.
pub(crate) fn convert(expr: Expr, ty: KqlType) -> Expr {
    if expr.ty == ty {
        return expr;
    }
    let span = expr.span;
    if let ExprKind::Literal(value) = &expr.kind
        && let Some(value) = fold(value, ty)
    {
        return Expr { kind: ExprKind::Literal(value), ty, span };
    }
    Expr { kind: ExprKind::Convert(Box::new(expr)), ty, span }
}

/// Returns the type that holds the values of both, if they are numbers: int, long, real, decimal.
pub(crate) fn widest(left: KqlType, right: KqlType) -> Option<KqlType> {
    Some(if width(left)? >= width(right)? { left } else { right })
}

/// Returns the type that both widen to, dynamic if one of them is; `None` if they have nothing in
/// common.
pub(crate) fn common(left: KqlType, right: KqlType) -> Option<KqlType> {
    if left == right {
        Some(left)
    } else if left == KqlType::Dynamic || right == KqlType::Dynamic {
        Some(KqlType::Dynamic)
    } else {
        widest(left, right)
    }
}

/// Tells whether a value of `from` may stand where `to` is asked for, losing nothing.
pub(crate) fn widens(from: KqlType, to: KqlType) -> bool {
    match (width(from), width(to)) {
        (Some(from), Some(to)) => from < to,
        _ => false,
    }
}

/// Returns long for int, and any other type as it is: what arithmetic gives.
pub(crate) fn at_least_long(ty: KqlType) -> KqlType {
    if ty == KqlType::Int { KqlType::Long } else { ty }
}

fn width(ty: KqlType) -> Option<u8> {
    Some(match ty {
        KqlType::Int => 0,
        KqlType::Long => 1,
        KqlType::Real => 2,
        KqlType::Decimal => 3,
        _ => return None,
    })
}

/// Converts a constant, where that loses nothing or the text alone decides; `None` leaves it to
/// whoever runs the query.
pub(crate) fn fold(value: &Value, ty: KqlType) -> Option<Value> {
    Some(match (value, ty) {
        (Value::Int(value), KqlType::Long) => Value::Long(value.map(i64::from)),
        (Value::Int(value), KqlType::Real) => Value::Real(value.map(f64::from)),
        (Value::Long(Some(value)), KqlType::Int) => Value::Int(Some(i32::try_from(*value).ok()?)),
        (Value::Long(Some(value)), KqlType::Real) => Value::Real(Some(exact_real(*value)?)),
        (Value::Long(Some(value)), KqlType::String) => Value::String(value.to_string()),
        (Value::Long(Some(value)), KqlType::Decimal) => Value::Decimal(Some(value.to_string())),
        (Value::Int(Some(value)), KqlType::String) => Value::String(value.to_string()),
        (Value::Guid(Some(text)), KqlType::String) => Value::String(text.clone()),
        (Value::String(text), KqlType::Datetime) => Value::Datetime(datetime::parse(text)),
        (Value::String(text), KqlType::Timespan) => Value::Timespan(timespan::parse(text)),
        (Value::String(text), KqlType::Guid) => Value::Guid(guid::parse(text)),
        (Value::Dynamic(Some(json)), KqlType::String) => {
            Value::String(dynamic::unquote(json).into_owned())
        }
        (value, KqlType::Dynamic) => {
            let mut json = String::new();
            dynamic::encode(value, &mut json);
            Value::Dynamic((json != "null").then_some(json))
        }
        (value, ty) if *value == Value::missing(value.ty()) && value.ty() != KqlType::String => {
            Value::missing(ty)
        }
        _ => return None,
    })
}

/// Returns the real of the same value, if there is one.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "the way back tells whether anything was lost"
)]
fn exact_real(value: i64) -> Option<f64> {
    let real = value as f64;
    (real as i64 == value && value != i64::MAX).then_some(real)
}

/// Makes a string operator of its operands, as text.
pub(crate) fn matching(op: MatchOp, left: Expr, right: Expr, span: Span) -> Expr {
    let left = Box::new(convert(left, KqlType::String));
    let right = Box::new(convert(right, KqlType::String));
    Expr { kind: ExprKind::Match { op, left, right }, ty: KqlType::Bool, span }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_widen_in_one_order() {
        assert_eq!(widest(KqlType::Int, KqlType::Long), Some(KqlType::Long));
        assert_eq!(widest(KqlType::Decimal, KqlType::Real), Some(KqlType::Decimal));
        assert_eq!(widest(KqlType::Long, KqlType::Timespan), None);
        assert_eq!(common(KqlType::String, KqlType::Dynamic), Some(KqlType::Dynamic));
        assert_eq!(common(KqlType::String, KqlType::Long), None);
    }

    #[test]
    fn constants_are_converted_only_where_nothing_is_lost() {
        assert_eq!(fold(&Value::Long(Some(3)), KqlType::Real), Some(Value::Real(Some(3.0))));
        assert_eq!(fold(&Value::Long(Some(i64::MAX)), KqlType::Real), None);
        assert_eq!(
            fold(&Value::String("x".into()), KqlType::Dynamic),
            Some(Value::Dynamic(Some("\"x\"".into())))
        );
        assert_eq!(fold(&Value::Long(None), KqlType::Datetime), Some(Value::Datetime(None)));
    }
}
