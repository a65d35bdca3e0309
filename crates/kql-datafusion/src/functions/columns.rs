//! Building result columns row by row.

use std::{borrow::Cow, sync::Arc};

use arrow::{
    array::{ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, StringViewBuilder},
    buffer::BooleanBuffer,
};
use datafusion_common::Result;

use super::size::Size;

/// Builds a bool column without nulls.
pub(crate) fn bools(rows: usize, value: impl FnMut(usize) -> bool) -> ArrayRef {
    Arc::new(BooleanArray::new(BooleanBuffer::collect_bool(rows, value), None))
}

/// Builds a bool column.
pub(crate) fn nullable_bools(rows: usize, value: impl FnMut(usize) -> Option<bool>) -> ArrayRef {
    Arc::new((0..rows).map(value).collect::<BooleanArray>())
}

/// Builds a long, datetime or timespan column.
pub(crate) fn longs(rows: usize, value: impl FnMut(usize) -> Option<i64>) -> ArrayRef {
    Arc::new((0..rows).map(value).collect::<Int64Array>())
}

/// Builds an int column.
pub(crate) fn ints(rows: usize, value: impl FnMut(usize) -> Option<i32>) -> ArrayRef {
    Arc::new((0..rows).map(value).collect::<Int32Array>())
}

/// Builds a real column.
pub(crate) fn reals(rows: usize, value: impl FnMut(usize) -> Option<f64>) -> ArrayRef {
    Arc::new((0..rows).map(value).collect::<Float64Array>())
}

/// Builds a string, guid or dynamic column of texts that exist already or are made one by one.
pub(crate) fn texts<'a>(rows: usize, value: impl FnMut(usize) -> Option<Cow<'a, str>>) -> ArrayRef {
    let mut builder = StringViewBuilder::with_capacity(rows);
    (0..rows).map(value).for_each(|text| builder.append_option(text));
    Arc::new(builder.finish())
}

/// Builds a string, guid or dynamic column by writing into one buffer, which is empty for each row.
///
/// # Errors
///
/// The first one of `write`, and that a text or all of them are too large.
pub(crate) fn written(
    rows: usize,
    mut write: impl FnMut(usize, &mut String) -> Result<Option<()>>,
) -> Result<ArrayRef> {
    let mut builder = StringViewBuilder::with_capacity(rows);
    let mut buffer = String::new();
    let mut size = Size::default();
    for row in 0..rows {
        buffer.clear();
        let is_some = write(row, &mut buffer)?.is_some();
        size.add(&buffer)?;
        builder.append_option(is_some.then_some(&buffer));
    }
    Ok(Arc::new(builder.finish()))
}
