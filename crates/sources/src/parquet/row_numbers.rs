//! The numbers of a file's rows, which stand in a column of every batch.

use arrow_array::{Int64Array, RecordBatch, cast::AsArray, types::Int64Type};
use arrow_schema::ArrowError;

/// The column in which the reader numbers the rows of the file, from 0.
pub(super) const ROW_NUMBER: &str = "#row";

/// Returns a row's number; a batch has as many numbers as rows.
pub(super) fn line_of(lines: &Int64Array, row: usize) -> Result<i64, ArrowError> {
    lines.values().get(row).copied().ok_or_else(|| no_line(row))
}

/// Returns the error that a row has no number.
pub(super) fn no_line(row: usize) -> ArrowError {
    ArrowError::ComputeError(format!("row {row} of a batch has no number"))
}

/// Returns the rows' numbers, counted from 1.
pub(super) fn lines(batch: &RecordBatch) -> Int64Array {
    let numbers = batch.column_by_name(ROW_NUMBER);
    let numbers = numbers.and_then(|numbers| numbers.as_primitive_opt::<Int64Type>());
    let from_one = |number: i64| number.saturating_add(1);
    numbers.map_or_else(
        || Int64Array::from_value(0, batch.num_rows()),
        |numbers| numbers.unary::<_, Int64Type>(from_one),
    )
}
