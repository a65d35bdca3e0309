//! Values of Parquet as JSON and as text: structures and lists above all.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, StringViewArray, cast::AsArray};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_schema::{ArrowError, DataType};
use kql_types::{datetime, timespan};
use windows_event_model::write_json_string;

use super::plain::{plain, ticks};

/// Returns a column as JSON texts, null where it is null.
pub(crate) fn column(array: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let json = |row| {
        if array.is_null(row) {
            return Ok(None);
        }
        let mut out = String::new();
        write(array, row, &mut out)?;
        Ok(Some(out))
    };
    let values: Result<StringViewArray, ArrowError> = (0..array.len()).map(json).collect();
    Ok(Arc::new(values?))
}

/// Appends a value as text: strings as they are, what has parts as JSON.
pub(crate) fn write_text(array: &ArrayRef, row: usize, out: &mut String) -> Result<(), ArrowError> {
    if let Some(texts) = array.as_string_view_opt() {
        out.push_str(texts.value(row));
    } else if array.data_type().is_nested() {
        write(array, row, out)?;
    } else if let Some(bytes) = array.as_fixed_size_binary_opt() {
        hexadecimal(bytes.value(row), out);
    } else if let Some(points) = ticks(array, true).filter(|points| points.is_valid(row)) {
        out.push_str(&datetime::format(points.value(row)).to_string());
    } else if let Some(lengths) = ticks(array, false).filter(|lengths| lengths.is_valid(row)) {
        out.push_str(&timespan::format(lengths.value(row)).to_string());
    } else {
        let options = FormatOptions::new();
        let formatter = ArrayFormatter::try_new(array, &options)?;
        out.push_str(&formatter.value(row).try_to_string()?);
    }
    Ok(())
}

/// Appends a value as JSON.
pub(crate) fn write(array: &ArrayRef, row: usize, out: &mut String) -> Result<(), ArrowError> {
    if array.is_null(row) {
        out.push_str("null");
        return Ok(());
    }
    match array.data_type() {
        DataType::Dictionary(..) | DataType::Utf8 | DataType::LargeUtf8 => {
            return write(&plain(&array.slice(row, 1))?, 0, out);
        }
        DataType::Struct(fields) => {
            let columns = array.as_struct().columns();
            out.push('{');
            for (place, (field, column)) in fields.iter().zip(columns).enumerate() {
                if place > 0 {
                    out.push(',');
                }
                write_json_string(field.name(), out);
                out.push(':');
                write(column, row, out)?;
            }
            out.push('}');
        }
        DataType::List(_) => write_list(&array.as_list::<i32>().value(row), out)?,
        DataType::LargeList(_) => write_list(&array.as_list::<i64>().value(row), out)?,
        DataType::FixedSizeList(..) => write_list(&array.as_fixed_size_list().value(row), out)?,
        DataType::Map(..) => write_map(array, row, out)?,
        DataType::Boolean => {
            out.push_str(if array.as_boolean().value(row) { "true" } else { "false" });
        }
        number if number.is_numeric() => {
            let mut text = String::new();
            write_text(array, row, &mut text)?;
            let is_number = crate::json::cursor::is_number(&text);
            out.push_str(if is_number { &text } else { "null" });
        }
        _ => {
            let mut text = String::new();
            write_text(array, row, &mut text)?;
            write_json_string(&text, out);
        }
    }
    Ok(())
}

fn write_list(elements: &ArrayRef, out: &mut String) -> Result<(), ArrowError> {
    out.push('[');
    for row in 0..elements.len() {
        if row > 0 {
            out.push(',');
        }
        write(elements, row, out)?;
    }
    out.push(']');
    Ok(())
}

fn write_map(array: &ArrayRef, row: usize, out: &mut String) -> Result<(), ArrowError> {
    let entries = array.as_map().value(row);
    let [keys, values] = entries.columns() else { return Ok(()) };
    let keys = plain(keys)?;
    out.push('{');
    for entry in 0..entries.len() {
        if entry > 0 {
            out.push(',');
        }
        let mut key = String::new();
        write_text(&keys, entry, &mut key)?;
        write_json_string(&key, out);
        out.push(':');
        write(values, entry, out)?;
    }
    out.push('}');
    Ok(())
}

fn hexadecimal(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        for digit in [byte >> 4, byte & 0xf] {
            out.extend(char::from_digit(u32::from(digit), 16));
        }
    }
}
