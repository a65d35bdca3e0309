//! How a column is named that the query does not name.
//!
//! Source: measured, and the language service where nothing was measured.

use kql_syntax::ast::{self, Argument, Call, ExprKind, Literal};

use crate::{
    binder::{Binder, Binding, Row},
    functions::{self, Naming},
};

/// Returns the name that an expression gives its column, or `None` if the operator has to make one.
///
/// `row` is what `column_ifexists` looks into; `prefers_aggregates` where `any` means the aggregate.
pub(crate) fn result_name(
    binder: &Binder<'_>,
    expr: &ast::Expr,
    row: Option<&Row<'_>>,
    prefers_aggregates: bool,
) -> Option<String> {
    let name = |expr: &ast::Expr| result_name(binder, expr, row, prefers_aggregates);
    match &expr.kind {
        ExprKind::Name(name) => Some(name.text.clone()),
        ExprKind::Paren(inner) => name(inner),
        ExprKind::Member { base, name: member } => Some(joined(name(base), &member.text)),
        ExprKind::Index { base, index } => {
            let index = match &index.kind {
                ExprKind::Literal(Literal::String(text) | Literal::Long(Some(text))) => {
                    text.clone()
                }
                ExprKind::Literal(Literal::Int(Some(value))) => value.to_string(),
                _ => String::new(),
            };
            Some(joined(name(base), &index))
        }
        ExprKind::Ordered(key) => name(&key.expr.value),
        ExprKind::Call(call) => call_name(binder, call, row, prefers_aggregates),
        _ => None,
    }
}

fn joined(base: Option<String>, step: &str) -> String {
    match base {
        Some(base) if !base.trim().is_empty() => format!("{base}_{step}"),
        _ => step.to_owned(),
    }
}

fn call_name(
    binder: &Binder<'_>,
    call: &Call,
    row: Option<&Row<'_>>,
    prefers_aggregates: bool,
) -> Option<String> {
    let name = call.name.text.as_str();
    if binder.env.get(name).is_some() {
        return None;
    }
    let scalar = functions::scalar(name);
    let aggregate = functions::aggregate(name);
    let function = if prefers_aggregates { aggregate.or(scalar) } else { scalar.or(aggregate) }?;
    let first = || {
        let argument = call.args.first()?;
        match &argument.name {
            Some(name) => Some(name.text.clone()),
            None => result_name(binder, &argument.value, row, prefers_aggregates),
        }
    };
    match function.naming {
        Naming::Fresh => None,
        Naming::FirstArgument => first(),
        Naming::OnlyArgument if call.args.len() == 1 => first(),
        Naming::OnlyArgument => None,
        Naming::Prefix(prefix) => Some(format!("{prefix}_{}", first().unwrap_or_default())),
        Naming::Fixed(name) => Some(name.to_owned()),
        Naming::NamedColumn => {
            let wanted = constant_text(binder, call.args.first())?;
            row?.get(&wanted).map(|column| column.name.to_string())
        }
    }
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
