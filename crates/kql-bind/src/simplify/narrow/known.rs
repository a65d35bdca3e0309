//! What conditions are, as far as constants tell.
//!
//! Only what Kusto's rules leave no doubt about is decided, which is what rules compare constants of
//! views by; all else is unknown, and its rows stay.

use kql_syntax::ast::{BinaryOp, LogicalOp, MatchOp};
use kql_types::Value;

use crate::tree::{Expr, ExprKind};

/// Tells whether a condition is false or null, whatever the columns in it are.
pub(super) fn is_never_true(condition: &Expr) -> bool {
    match &condition.kind {
        ExprKind::Literal(Value::Bool(value)) => *value != Some(true),
        _ => truth(condition) == Some(false),
    }
}

/// Returns whether a bool is true or false; `None` where it is null, or columns decide.
fn truth(expr: &Expr) -> Option<bool> {
    match &expr.kind {
        ExprKind::Literal(Value::Bool(value)) => *value,
        ExprKind::Not(operand) => truth(operand).map(|is_true| !is_true),
        ExprKind::Logical { op, operands } => {
            let decides = *op == LogicalOp::Or;
            let operands: Vec<Option<bool>> = operands.iter().map(truth).collect();
            if operands.contains(&Some(decides)) {
                return Some(decides);
            }
            operands.iter().all(Option::is_some).then_some(!decides)
        }
        ExprKind::Binary { op: BinaryOp::Equal, left, right } => Some(text(left)? == text(right)?),
        ExprKind::Binary { op: BinaryOp::NotEqual, left, right } => {
            Some(text(left)? != text(right)?)
        }
        ExprKind::Match { op, left, right } => matches(*op, text(left)?, text(right)?),
        ExprKind::In { op, left, list } => is_in(*op, text(left)?, list),
        ExprKind::Call { function, args } => match (*function, args.as_slice()) {
            ("isempty", [arg]) => text(arg).map(str::is_empty),
            ("isnotempty", [arg]) => text(arg).map(|text| !text.is_empty()),
            _ => None,
        },
        _ => None,
    }
}

fn text(expr: &Expr) -> Option<&str> {
    match &expr.kind {
        ExprKind::Literal(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn matches(op: MatchOp, text: &str, sought: &str) -> Option<bool> {
    match op {
        MatchOp::EqualCi => equals_ci(text, sought),
        MatchOp::NotEqualCi => equals_ci(text, sought).map(|equal| !equal),
        // In an empty text there is nothing to be found.
        _ if !text.is_empty() || sought.is_empty() => None,
        MatchOp::Has
        | MatchOp::HasCs
        | MatchOp::HasPrefix
        | MatchOp::HasPrefixCs
        | MatchOp::HasSuffix
        | MatchOp::HasSuffixCs
        | MatchOp::Contains
        | MatchOp::ContainsCs
        | MatchOp::StartsWith
        | MatchOp::StartsWithCs
        | MatchOp::EndsWith
        | MatchOp::EndsWithCs => Some(false),
        _ => None,
    }
}

/// Compares without regard to case; which letters are one outside ASCII is not decided here.
fn equals_ci(left: &str, right: &str) -> Option<bool> {
    (left.is_ascii() && right.is_ascii()).then(|| left.eq_ignore_ascii_case(right))
}

fn is_in(op: MatchOp, value: &str, list: &[Expr]) -> Option<bool> {
    let mut found = false;
    for item in list {
        found |= match op {
            MatchOp::In | MatchOp::NotIn => value == text(item)?,
            MatchOp::InCi | MatchOp::NotInCi => equals_ci(value, text(item)?)?,
            _ => return None,
        };
    }
    Some(found != matches!(op, MatchOp::NotIn | MatchOp::NotInCi))
}
