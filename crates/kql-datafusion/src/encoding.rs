//! KQL's types and constants as Arrow's.

use arrow::datatypes::DataType;
use datafusion_common::ScalarValue;
use datafusion_expr::Expr;
use kql_types::{KqlType, Value, decimal::Decimal};

/// Returns the Arrow type that carries values of `ty`; every type has one.
pub const fn data_type(ty: KqlType) -> Option<DataType> {
    Some(match ty {
        KqlType::Bool => DataType::Boolean,
        KqlType::Int => DataType::Int32,
        KqlType::Long | KqlType::Datetime | KqlType::Timespan => DataType::Int64,
        KqlType::Real => DataType::Float64,
        KqlType::String | KqlType::Guid | KqlType::Dynamic | KqlType::Decimal => DataType::Utf8View,
    })
}

/// Returns the constant that carries `value`; a decimal that is none is null.
pub fn scalar(value: &Value) -> Option<ScalarValue> {
    Some(match value {
        Value::Bool(value) => ScalarValue::Boolean(*value),
        Value::Int(value) => ScalarValue::Int32(*value),
        Value::Long(value) | Value::Datetime(value) | Value::Timespan(value) => {
            ScalarValue::Int64(*value)
        }
        Value::Real(value) => ScalarValue::Float64(*value),
        Value::String(text) => ScalarValue::Utf8View(Some(text.clone())),
        Value::Guid(text) | Value::Dynamic(text) => ScalarValue::Utf8View(text.clone()),
        Value::Decimal(text) => {
            let decimal = text.as_deref().and_then(Decimal::parse);
            ScalarValue::Utf8View(decimal.map(|it| it.to_string()))
        }
    })
}

/// Returns what a missing string is.
pub(crate) fn empty_string() -> ScalarValue {
    ScalarValue::Utf8View(Some(String::new()))
}

/// Puts the missing string in the place of null.
pub(crate) fn or_empty(text: Expr) -> Expr {
    datafusion_functions::core::expr_fn::coalesce(vec![text, Expr::Literal(empty_string(), None)])
}

/// Makes a constant string.
pub(crate) fn text_literal(text: &str) -> Expr {
    Expr::Literal(ScalarValue::Utf8View(Some(text.to_owned())), None)
}
