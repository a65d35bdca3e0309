//! Columns as the engine has them into columns of the lake. No value is lost on the way.

use std::sync::Arc;

use arrow::{
    array::{
        ArrayRef, AsArray, Int8Array, Int64Array, RecordBatch, StringViewArray,
        TimestampMicrosecondArray,
    },
    datatypes::{Int8Type, Int64Type, TimestampMicrosecondType},
};
use kql_types::{KqlType, Ticks, datetime::UNIX_EPOCH, schema::ColumnSchema};
use sources::kept::TICKS_SUFFIX;

use crate::error::LakeError;

/// Ticks of a microsecond.
const MICROSECOND: Ticks = 10;

/// Returns a column as the lake has it; a datetime has a second one behind it, with the ticks that a
/// microsecond leaves.
///
/// - `is_field`: `""` is kept as null.
/// - `has_ticks`: whether it has a second column.
///
/// # Errors
///
/// If the column has another encoding than its type.
pub(crate) fn encode(
    column: &ColumnSchema,
    values: &ArrayRef,
    is_field: bool,
    has_ticks: bool,
) -> Result<Vec<ArrayRef>, LakeError> {
    Ok(match column.ty {
        KqlType::Datetime => {
            let (micros, ticks) = split(&column.name, values)?;
            let ticks: Option<ArrayRef> = has_ticks.then(|| Arc::new(ticks) as ArrayRef);
            std::iter::once(Arc::new(micros) as ArrayRef).chain(ticks).collect()
        }
        KqlType::String if is_field => {
            let texts = values.as_string_view_opt().ok_or(WRONG)?;
            let texts = texts.iter().map(|text| text.filter(|text| !text.is_empty()));
            vec![Arc::new(texts.collect::<StringViewArray>())]
        }
        _ => vec![Arc::clone(values)],
    })
}

const WRONG: LakeError = LakeError::Internal { invariant: "a column has the encoding of its type" };

/// Divides ticks since year 1 into microseconds since 1970 and what they leave.
fn split(
    column: &str,
    values: &ArrayRef,
) -> Result<(TimestampMicrosecondArray, Int8Array), LakeError> {
    let values = values.as_primitive_opt::<Int64Type>().ok_or(WRONG)?;
    for value in values.iter().flatten() {
        if micros(value).is_none() {
            let (column, value) = (column.to_owned(), value.to_string());
            return Err(LakeError::Value { column, value });
        }
    }
    let of_year_1970 = values.unary_opt::<_, TimestampMicrosecondType>(micros);
    let ticks = values.unary_opt::<_, Int8Type>(|value| i8::try_from(value.rem_euclid(10)).ok());
    Ok((of_year_1970.with_timezone("UTC"), ticks))
}

/// Returns the ticks since year 1 of a column of the lake.
///
/// # Errors
///
/// If it is not a column of times.
pub(crate) fn decode(batch: &RecordBatch, name: &str) -> Result<Int64Array, LakeError> {
    let micros = batch.column_by_name(name);
    let micros = micros.and_then(|it| it.as_primitive_opt::<TimestampMicrosecondType>());
    let rest = batch.column_by_name(&format!("{name}{TICKS_SUFFIX}"));
    let rest = rest.and_then(|it| it.as_primitive_opt::<Int8Type>()).ok_or(WRONG)?;
    let ticks = |(micros, rest): (Option<i64>, Option<i8>)| {
        let ticks = micros?.checked_mul(MICROSECOND)?.checked_add(UNIX_EPOCH)?;
        ticks.checked_add(i64::from(rest.unwrap_or_default()))
    };
    Ok(micros.ok_or(WRONG)?.iter().zip(rest).map(ticks).collect())
}

/// Returns the microseconds since 1970 of ticks since year 1, rounded down.
pub(crate) fn micros(ticks: Ticks) -> Option<i64> {
    Some(ticks.checked_sub(UNIX_EPOCH)?.div_euclid(MICROSECOND))
}

#[cfg(test)]
mod tests {
    use arrow::array::Array;
    use kql_types::datetime;

    use super::*;

    #[test]
    fn every_datetime_comes_back_to_the_tick() {
        let ticks = [datetime::MIN, 7, datetime::FILETIME_EPOCH, UNIX_EPOCH - 1, datetime::MAX];
        let given: ArrayRef =
            Arc::new(ticks.into_iter().map(Some).chain([None]).collect::<Int64Array>());
        let column = ColumnSchema { name: "T".into(), ty: KqlType::Datetime };
        let kept = encode(&column, &given, false, true).unwrap();
        let micros = kept[0].as_primitive::<TimestampMicrosecondType>();
        let rest = kept[1].as_primitive::<Int8Type>();
        let back = micros
            .iter()
            .zip(rest)
            .map(|(micros, rest)| Some(micros? * MICROSECOND + UNIX_EPOCH + i64::from(rest?)));
        assert_eq!(back.collect::<Int64Array>(), *given.as_primitive::<Int64Type>());
    }

    #[test]
    fn a_field_that_an_event_lacks_is_null() {
        let given: ArrayRef = Arc::new(StringViewArray::from(vec!["a", ""]));
        let column = ColumnSchema { name: "F".into(), ty: KqlType::String };
        assert_eq!(encode(&column, &given, true, false).unwrap()[0].null_count(), 1);
        assert_eq!(encode(&column, &given, false, false).unwrap()[0].null_count(), 0);
    }
}
