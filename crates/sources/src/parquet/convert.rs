//! Columns of Parquet into the encodings of KQL's types.
//!
//! What does not convert becomes null, as it does when Kusto ingests it; [`unconverted`] finds it.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Int64Array, StringViewArray, cast::AsArray, new_null_array};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType};
use kql_types::KqlType;

use super::{
    json,
    plain::{plain, ticks},
};
use crate::{
    dates::{Time, TimeForm},
    rows::{
        cell::Cell,
        column::{Column, data_type},
    },
};

/// A converted column.
pub(crate) type Converted = Result<ArrayRef, ArrowError>;

/// Returns a column that no row has a value in.
pub(crate) fn missing(ty: KqlType, rows: usize) -> ArrayRef {
    match ty {
        KqlType::String => {
            Arc::new(StringViewArray::from_iter_values(std::iter::repeat_n("", rows)))
        }
        _ => new_null_array(&data_type(ty), rows),
    }
}

/// Converts a column.
pub(crate) fn convert(array: &ArrayRef, ty: KqlType) -> Converted {
    let array = plain(array)?;
    Ok(match (ty, array.data_type()) {
        (_, DataType::Null) => missing(ty, array.len()),
        (KqlType::String, DataType::Utf8View) => without_nulls(&array),
        (KqlType::Datetime, _) if ticks(&array, true).is_some() => {
            Arc::new(ticks(&array, true).unwrap_or_else(|| Int64Array::new_null(array.len())))
        }
        (KqlType::Timespan, _) if ticks(&array, false).is_some() => {
            Arc::new(ticks(&array, false).unwrap_or_else(|| Int64Array::new_null(array.len())))
        }
        (KqlType::Dynamic, from) if *from != DataType::Utf8View => json::column(&array)?,
        (KqlType::Bool, DataType::Boolean) => Arc::clone(&array),
        (KqlType::Int | KqlType::Long | KqlType::Real | KqlType::Bool, from)
            if from.is_numeric() || *from == DataType::Boolean =>
        {
            cast(&array, &data_type(ty))?
        }
        (KqlType::Decimal, DataType::Decimal128(..)) => cast(&array, &data_type(ty))?,
        _ => return by_text(&array, ty),
    })
}

/// Returns the rows whose value became null because it does not convert, in order.
pub(crate) fn unconverted(
    array: &ArrayRef,
    converted: &ArrayRef,
    ty: KqlType,
) -> Result<Vec<usize>, ArrowError> {
    let is_never_lost = matches!(ty, KqlType::String | KqlType::Dynamic);
    if is_never_lost || converted.logical_null_count() == array.logical_null_count() {
        return Ok(Vec::new());
    }
    let array = plain(array)?;
    let (nulls, converted_nulls) = (array.logical_nulls(), converted.logical_nulls());
    let texts = array.as_string_view_opt();
    let is_value = |row| {
        nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row))
            && texts.is_none_or(|texts| !texts.value(row).trim_ascii().is_empty())
    };
    let is_lost =
        |row| converted_nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) && is_value(row);
    Ok((0..array.len()).filter(|row| is_lost(*row)).collect())
}

fn without_nulls(array: &ArrayRef) -> ArrayRef {
    match array.as_string_view_opt() {
        Some(texts) if texts.null_count() > 0 => {
            Arc::new(StringViewArray::from_iter_values(texts.iter().map(Option::unwrap_or_default)))
        }
        _ => Arc::clone(array),
    }
}

/// Converts a column of texts that are times; `see` is shown each time with its row and text.
///
/// `None` if the column holds no texts.
pub(crate) fn times(
    array: &ArrayRef,
    form: TimeForm,
    see: &mut dyn FnMut(usize, &Time, &str),
) -> Result<Option<ArrayRef>, ArrowError> {
    let array = plain(array)?;
    let Some(texts) = array.as_string_view_opt() else { return Ok(None) };
    let mut ticks = Vec::with_capacity(texts.len());
    for (row, text) in texts.iter().enumerate() {
        let text = text.unwrap_or_default();
        let time = form.read(text);
        if let Some(time) = &time {
            see(row, time, text);
        }
        ticks.push(time.map(|time| time.ticks));
    }
    Ok(Some(Arc::new(Int64Array::from(ticks))))
}

/// Converts value by value through its text, as a CSV file's fields are.
fn by_text(array: &ArrayRef, ty: KqlType) -> Converted {
    let mut column = Column::new(ty);
    let mut text = String::new();
    for row in 0..array.len() {
        text.clear();
        let is_there = array.is_valid(row);
        if is_there {
            json::write_text(array, row, &mut text)?;
        }
        let cell = if text.is_empty() { Cell::Missing } else { Cell::Text(&text) };
        column.append(cell);
    }
    Ok(column.finish())
}
