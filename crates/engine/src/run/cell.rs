//! One cell of a result as a value.

use arrow::{
    array::{Array, AsArray},
    datatypes::{Float64Type, Int32Type, Int64Type},
};
use kql_types::{KqlType, Value};

/// Returns the value of a row of a column that encodes `ty`; the type's missing value where the row
/// is null or the array encodes another type.
pub fn value(array: &dyn Array, ty: KqlType, row: usize) -> Value {
    let missing = Value::missing(ty);
    if row >= array.len() || array.is_null(row) {
        return missing;
    }
    let long = || array.as_primitive_opt::<Int64Type>().map(|array| array.value(row));
    let text = || array.as_string_view_opt().map(|array| array.value(row).to_owned());
    match ty {
        KqlType::Bool => Value::Bool(array.as_boolean_opt().map(|array| array.value(row))),
        KqlType::Int => Value::Int(array.as_primitive_opt::<Int32Type>().map(|a| a.value(row))),
        KqlType::Long => Value::Long(long()),
        KqlType::Real => Value::Real(array.as_primitive_opt::<Float64Type>().map(|a| a.value(row))),
        KqlType::Datetime => Value::Datetime(long()),
        KqlType::Timespan => Value::Timespan(long()),
        KqlType::String => text().map_or(missing, Value::String),
        KqlType::Guid => Value::Guid(text()),
        KqlType::Dynamic => Value::Dynamic(text()),
        KqlType::Decimal => Value::Decimal(text()),
    }
}
