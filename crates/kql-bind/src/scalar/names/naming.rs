//! How a column is named that the query does not name.
//!
//! What each function makes of the names of its arguments is in the table of functions
//! ([`Naming`]); this module follows it through an expression.
//!
//! Source: measured, and the language service where nothing was measured.

use kql_syntax::ast::{self, Argument, Call, ExprKind, Literal, UnaryOp};
use kql_types::Value;

use crate::{
    binder::{Binder, Binding, Scope},
    functions::{self, Naming},
    tree::{self, Expr},
};

/// Returns the name that an expression gives its column, or `None` if the operator has to make one.
///
/// Of `scope`, the row is what `column_ifexists` looks into, and an aggregate is preferred to a scalar
/// function of its name where aggregates stand.
pub(crate) fn result_name(
    binder: &Binder<'_>,
    expr: &ast::Expr,
    scope: Scope<'_>,
) -> Option<String> {
    let name = |expr: &ast::Expr| result_name(binder, expr, scope);
    match &expr.kind {
        ExprKind::Name(name) if scope.is_key && is_scalar_variable(binder, name, scope) => None,
        ExprKind::Name(name) => Some(name.text.clone()),
        ExprKind::Paren(inner) => name(inner),
        ExprKind::Member { base, name: member } => Some(joined(name(base), &member.text)),
        ExprKind::Index { base, index } => Some(joined(name(base), &index_name(index))),
        ExprKind::Ordered(key) => name(&key.expr.value),
        ExprKind::Call(call) => call_name(binder, call, scope),
        _ => None,
    }
}

/// Returns the name of a function's result, of the names that its arguments give.
pub(crate) fn name_by(
    naming: Naming,
    arguments: usize,
    argument: impl Fn(usize) -> Option<String>,
) -> Option<String> {
    let text = |at: usize| argument(at).unwrap_or_default();
    match naming {
        Naming::Fresh | Naming::NamedColumn => None,
        Naming::FirstArgument => argument(0),
        Naming::OnlyArgument => {
            if arguments == 1 {
                argument(0)
            } else {
                None
            }
        }
        Naming::Prefix(prefix) => Some(format!("{prefix}_{}", text(0))),
        Naming::PrefixOfTwo(prefix) => Some(format!("{prefix}_{}_{}", text(0), text(1))),
        Naming::Percentile(at) => Some(percentile_name(&text(0), &text(at))),
        Naming::Fixed(name) => Some(name.to_owned()),
    }
}

/// Returns the name of a percentile of what has the name `of`.
pub(crate) fn percentile_name(of: &str, percentile: &str) -> String {
    format!("percentile_{of}_{percentile}")
}

/// Returns a percentile as it stands in a column's name: `95`, `99_9`.
pub(crate) fn percentile_text(percentile: &Expr) -> String {
    match &percentile.kind {
        tree::ExprKind::Literal(Value::Long(Some(value))) => value.to_string(),
        tree::ExprKind::Literal(Value::Int(Some(value))) => value.to_string(),
        tree::ExprKind::Literal(Value::Real(Some(value))) => real_text(*value),
        _ => String::new(),
    }
}

fn real_text(value: f64) -> String {
    value.to_string().replace('.', "_")
}

/// Returns what an index adds to the name of what it looks into; measured: `d[-1]` is `d__1`.
fn index_name(index: &ast::Expr) -> String {
    match &index.kind {
        ExprKind::Literal(Literal::String(text) | Literal::Long(Some(text))) => text.clone(),
        ExprKind::Literal(Literal::Int(Some(value))) => value.to_string().replace('-', "_"),
        ExprKind::Unary { op: UnaryOp::Minus, operand } => match index_name(operand) {
            text if text.is_empty() => text,
            text => format!("_{text}"),
        },
        ExprKind::Paren(inner) => index_name(inner),
        _ => String::new(),
    }
}

fn joined(base: Option<String>, step: &str) -> String {
    match base {
        Some(base) if !base.trim().is_empty() => format!("{base}_{step}"),
        _ => step.to_owned(),
    }
}

/// Tells whether a name is a scalar variable's and no column's. Measured: as a key to group by, such
/// a variable is the value that it stands for, which has no name.
fn is_scalar_variable(binder: &Binder<'_>, name: &ast::Name, scope: Scope<'_>) -> bool {
    scope.row.is_none_or(|row| row.get(&name.text).is_none())
        && matches!(binder.env.get(&name.text).map(|it| &**it), Some(Binding::Scalar(_)))
}

fn call_name(binder: &Binder<'_>, call: &Call, scope: Scope<'_>) -> Option<String> {
    let name = call.name.text.as_str();
    if binder.env.get(name).is_some() {
        return None;
    }
    let scalar = functions::scalar(name);
    let aggregate = functions::aggregate(name);
    let prefers_aggregates = scope.aggregates.is_some();
    let function = if prefers_aggregates { aggregate.or(scalar) } else { scalar.or(aggregate) }?;
    if function.naming == Naming::NamedColumn {
        let wanted = constant_text(binder, call.args.first())?;
        return scope.row?.get(&wanted).map(|column| column.name.to_string());
    }
    name_by(function.naming, call.args.len(), |at| {
        let argument = call.args.get(at)?;
        match (&argument.name, function.naming) {
            (Some(name), _) => Some(name.text.clone()),
            (None, Naming::Percentile(place)) if place == at => {
                Some(percentile_of(binder, &argument.value))
            }
            (None, _) => result_name(binder, &argument.value, scope),
        }
    })
}

/// Returns the text of an argument that is a string, written out or by a variable.
fn constant_text(binder: &Binder<'_>, argument: Option<&Argument>) -> Option<String> {
    match &argument?.value.kind {
        ExprKind::Literal(Literal::String(text)) => Some(text.clone()),
        ExprKind::Name(name) => match &**binder.env.get(&name.text)? {
            Binding::Scalar(Some(value)) => value.text_constant().map(str::to_owned),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the text of a percentile, written out or by a variable.
fn percentile_of(binder: &Binder<'_>, value: &ast::Expr) -> String {
    match &value.kind {
        ExprKind::Literal(Literal::Long(Some(text))) => text.clone(),
        ExprKind::Literal(Literal::Int(Some(value))) => value.to_string(),
        ExprKind::Literal(Literal::Real(Some(value))) => real_text(*value),
        ExprKind::Paren(inner) => percentile_of(binder, inner),
        ExprKind::Name(name) => match binder.env.get(&name.text).map(|it| &**it) {
            Some(Binding::Scalar(Some(value))) => percentile_text(value),
            _ => String::new(),
        },
        _ => String::new(),
    }
}
