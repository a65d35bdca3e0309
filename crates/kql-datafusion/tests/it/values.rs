//! Rows as JSON values, in the form of Kusto's results.

use datafusion::arrow::{
    array::{
        Array, AsArray, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch,
        StringViewArray,
    },
    datatypes::DataType,
};
use kql_types::{KqlType, datetime, real, timespan};
use serde_json::Value;

/// Returns the rows of batches whose first columns are of the given types.
pub(crate) fn json_rows(batches: &[RecordBatch], columns: &[(String, KqlType)]) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for batch in batches {
        for row in 0..batch.num_rows() {
            let values = columns.iter().enumerate();
            rows.push(
                values.map(|(at, (_, ty))| json(batch.column(at).as_ref(), *ty, row)).collect(),
            );
        }
    }
    rows
}

fn json(array: &dyn Array, ty: KqlType, row: usize) -> Value {
    assert_eq!(
        Some(array.data_type().clone()),
        kql_datafusion::data_type(ty),
        "the encoding of {ty}"
    );
    if array.is_null(row) {
        assert_ne!(ty, KqlType::String, "a string is null");
        return Value::Null;
    }
    match ty {
        KqlType::Bool => array.as_any().downcast_ref::<BooleanArray>().unwrap().value(row).into(),
        KqlType::Int => array.as_any().downcast_ref::<Int32Array>().unwrap().value(row).into(),
        KqlType::Long => long(array, row).into(),
        KqlType::Real => {
            let value = array.as_any().downcast_ref::<Float64Array>().unwrap().value(row);
            let mut text = String::new();
            real::write_json(value, &mut text);
            serde_json::from_str(&text).unwrap()
        }
        KqlType::Datetime => datetime::format_json(long(array, row)).to_string().into(),
        KqlType::Timespan => timespan::format(long(array, row)).to_string().into(),
        KqlType::String | KqlType::Guid | KqlType::Decimal => text(array, row).into(),
        KqlType::Dynamic => {
            let json = text(array, row);
            let value = serde_json::from_str(json);
            value.unwrap_or_else(|error| panic!("a dynamic is no JSON: {json}: {error}"))
        }
    }
}

fn long(array: &dyn Array, row: usize) -> i64 {
    array.as_any().downcast_ref::<Int64Array>().unwrap().value(row)
}

fn text(array: &dyn Array, row: usize) -> &str {
    debug_assert_eq!(array.data_type(), &DataType::Utf8View);
    let texts: &StringViewArray = array.as_string_view();
    texts.value(row)
}
