//! Kept columns back into the encodings of KQL's types.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, Int64Array, RecordBatch, StringViewArray,
    cast::AsArray,
    types::{Int8Type, Int64Type, TimestampMicrosecondType},
};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType};
use kql_types::{KqlType, Ticks, datetime::UNIX_EPOCH, dynamic};

use crate::input::kept::TICKS_SUFFIX;
use crate::{parquet::convert::missing, rows::column::data_type};

/// Returns the columns of a file that have the values of a column.
pub(super) fn parts(name: &str, ty: KqlType) -> impl Iterator<Item = String> {
    let ticks = (ty == KqlType::Datetime).then(|| format!("{name}{TICKS_SUFFIX}"));
    std::iter::once(name.to_owned()).chain(ticks)
}

/// Returns a column's values; one that the file does not have is missing in all rows.
pub(super) fn values(batch: &RecordBatch, name: &str, ty: KqlType) -> Result<ArrayRef, ArrowError> {
    let Some(kept) = batch.column_by_name(name) else { return Ok(missing(ty, batch.num_rows())) };
    Ok(match ty {
        KqlType::Datetime => Arc::new(times(batch, name, kept)?),
        KqlType::String => without_nulls(&texts(kept)?),
        KqlType::Guid | KqlType::Decimal | KqlType::Dynamic => texts(kept)?,
        _ if *kept.data_type() == data_type(ty) => Arc::clone(kept),
        _ => return Err(other_type(name, kept)),
    })
}

/// Returns the times of a column: microseconds and the ticks that they leave.
fn times(batch: &RecordBatch, name: &str, kept: &ArrayRef) -> Result<Int64Array, ArrowError> {
    let micros = cast(kept, &DataType::Timestamp(arrow_schema::TimeUnit::Microsecond, None))?;
    let micros = micros.as_primitive_opt::<TimestampMicrosecondType>();
    let micros = micros.ok_or_else(|| other_type(name, kept))?;
    let rest = batch.column_by_name(&format!("{name}{TICKS_SUFFIX}"));
    let rest = rest.map(|rest| cast(rest, &DataType::Int8)).transpose()?;
    let rest = rest.as_ref().and_then(|rest| rest.as_primitive_opt::<Int8Type>());
    let time = |(row, micros): (usize, Option<i64>)| -> Result<Option<Ticks>, ArrowError> {
        let Some(micros) = micros else { return Ok(None) };
        let rest = rest.filter(|it| it.is_valid(row)).map_or(0, |it| i64::from(it.value(row)));
        let ticks =
            micros.checked_mul(10).and_then(|it| it.checked_add(rest)?.checked_add(UNIX_EPOCH));
        let ticks = ticks.and_then(kql_types::datetime::in_range);
        let far =
            || ArrowError::ComputeError(format!("`{name}` has a time that is none: {micros}"));
        ticks.map(Some).ok_or_else(far)
    };
    micros.iter().enumerate().map(time).collect()
}

fn texts(kept: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match kept.data_type() {
        DataType::Utf8View => Ok(Arc::clone(kept)),
        _ => cast(kept, &DataType::Utf8View),
    }
}

/// Strings are never null.
pub(super) fn without_nulls(texts: &ArrayRef) -> ArrayRef {
    match texts.as_string_view_opt() {
        Some(texts) if texts.null_count() > 0 => {
            Arc::new(StringViewArray::from_iter_values(texts.iter().map(Option::unwrap_or_default)))
        }
        _ => Arc::clone(texts),
    }
}

fn other_type(name: &str, kept: &ArrayRef) -> ArrowError {
    ArrowError::SchemaError(format!("`{name}` is kept as {}", kept.data_type()))
}

/// Returns the numbers of a column that every row has one of.
pub(super) fn numbers<'b>(
    batch: &'b RecordBatch,
    name: &str,
) -> Result<&'b Int64Array, ArrowError> {
    let numbers = batch.column_by_name(name).and_then(|it| it.as_primitive_opt::<Int64Type>());
    let numbers = numbers.filter(|numbers| numbers.null_count() == 0);
    numbers.ok_or_else(|| ArrowError::SchemaError(format!("a row has no `{name}`")))
}

/// How the value at a path is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// As text, `""` if there is none.
    Text,
    /// As JSON, null if there is none.
    Json,
}

/// Returns what stands at a path in each value of a column of JSON.
pub(super) fn at_path(json: &ArrayRef, path: &[String], written: Written) -> ArrayRef {
    let follow = |json| path.iter().try_fold(json, |json, key| dynamic::get(json, key));
    let found = json.as_string_view_opt().into_iter().flatten();
    let found = found.map(|json| json.and_then(follow).filter(|json| *json != "null"));
    Arc::new(match written {
        Written::Text => {
            let text = |json: Option<_>| json.map(dynamic::unquote).unwrap_or_default();
            StringViewArray::from_iter_values(found.map(text))
        }
        Written::Json => found.collect::<StringViewArray>(),
    })
}
