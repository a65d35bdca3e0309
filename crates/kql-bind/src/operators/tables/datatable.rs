//! `datatable`

use kql_syntax::{
    Span,
    ast::{self, ColumnDecl},
};
use kql_types::{KqlType, Value};

use super::print::is_literal;
use crate::{
    binder::{Binder, Scope, literal},
    codes,
    conversion::convert,
    tree::{Column, Expr, Relation, RelationKind},
};

impl Binder<'_> {
    /// Makes constant rows of values listed row by row.
    pub(crate) fn bind_datatable(
        &mut self,
        declared: &[ColumnDecl],
        values: &[ast::Expr],
        span: Span,
    ) -> Relation {
        let columns = self.declared_columns(declared);
        let mut rows: Vec<Vec<Expr>> = Vec::new();
        if let Some(extra) = values.len().checked_rem(columns.len())
            && extra != 0
        {
            let message =
                format!("{} values do not fill rows of {} columns", values.len(), columns.len());
            self.error(codes::DATATABLE_VALUES, span, message);
        }
        for row in values.chunks(columns.len().max(1)) {
            rows.push(
                row.iter().zip(&columns).map(|(value, it)| self.bind_value(value, it)).collect(),
            );
        }
        Relation { kind: RelationKind::Values { rows }, columns, span }
    }

    /// Binds a constant of a column's type; what is not one is reported and missing.
    fn bind_value(&mut self, value: &ast::Expr, column: &Column) -> Expr {
        let missing = literal(Value::missing(column.ty), value.span);
        let Some(bound) = self.bind_scalar(value, Scope::default()) else { return missing };
        let ty = bound.ty;
        let converted = convert_constant(bound, column.ty);
        if is_literal(&converted) {
            return converted;
        }
        if !converted.is_parameter() {
            let message = if converted.is_constant() {
                format!("a {ty} is not a constant of type {}", column.ty)
            } else {
                "expected a constant".to_owned()
            };
            self.error(codes::NOT_CONSTANT, value.span, message);
        }
        missing
    }
}

/// Converts a constant to a column's type. Text that is no value of the type becomes null, and
/// numbers are rounded as `toint` and its like do.
fn convert_constant(value: Expr, ty: KqlType) -> Expr {
    let converted = convert(value, ty);
    let crate::tree::ExprKind::Convert(inner) = &converted.kind else { return converted };
    let crate::tree::ExprKind::Literal(constant) = &inner.kind else { return converted };
    match lossy(constant, ty) {
        Some(value) => literal(value, converted.span),
        None => converted,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "`toint` wraps, `tolong` cuts the fraction off, `toreal` rounds"
)]
fn lossy(value: &Value, ty: KqlType) -> Option<Value> {
    Some(match (value, ty) {
        (Value::Long(Some(value)), KqlType::Int) => Value::Int(Some(*value as i32)),
        (Value::Long(Some(value)), KqlType::Real) => Value::Real(Some(*value as f64)),
        (Value::Long(Some(value)), KqlType::Bool) => Value::Bool(Some(*value != 0)),
        (Value::Bool(Some(value)), KqlType::Long) => Value::Long(Some(i64::from(*value))),
        (Value::Bool(Some(value)), KqlType::Int) => Value::Int(Some(i32::from(*value))),
        (Value::Bool(Some(value)), KqlType::String) => {
            Value::String(if *value { "True" } else { "False" }.to_owned())
        }
        (Value::Real(Some(value)), KqlType::Long) => Value::Long(Some(*value as i64)),
        (Value::Real(Some(value)), KqlType::Int) => Value::Int(Some(*value as i32)),
        (Value::Real(Some(value)), KqlType::Decimal) => Value::Decimal(Some(value.to_string())),
        (Value::Datetime(Some(ticks)), KqlType::String) => {
            Value::String(kql_types::datetime::format(*ticks).to_string())
        }
        (Value::Timespan(Some(ticks)), KqlType::String) => {
            Value::String(kql_types::timespan::format(*ticks).to_string())
        }
        (Value::String(text), KqlType::Long) => Value::Long(text.trim().parse().ok()),
        (Value::String(text), KqlType::Int) => Value::Int(text.trim().parse().ok()),
        (Value::String(text), KqlType::Real) => Value::Real(text.trim().parse().ok()),
        (Value::String(text), KqlType::Decimal) => {
            let text = text.trim();
            Value::Decimal(text.parse::<f64>().is_ok().then(|| text.to_owned()))
        }
        (Value::String(text), KqlType::Bool) => {
            Value::Bool(match text.trim().to_ascii_lowercase().as_str() {
                "true" | "1" => Some(true),
                "false" | "0" => Some(false),
                _ => None,
            })
        }
        _ => return None,
    })
}
