//! The last column of every batch: record indices, counted from the start of the stream.

use std::sync::Arc;

use arrow_array::{Int64Array, RecordBatch, types::Int64Type};

/// Returns a batch whose indices are counted from 1 in a part of a stream, with the indices
/// counted from the start of the stream.
pub(crate) fn with_lines_after(batch: RecordBatch, lines_before: u64) -> RecordBatch {
    if lines_before == 0 {
        return batch;
    }
    let lines_before = i64::try_from(lines_before).unwrap_or(i64::MAX);
    let mut columns = batch.columns().to_vec();
    if let Some(lines) = columns.last_mut()
        && let Some(indices) = lines.as_any().downcast_ref::<Int64Array>()
    {
        let shift = |index: i64| index.saturating_add(lines_before);
        *lines = Arc::new(indices.unary::<_, Int64Type>(shift));
    }
    // Only values have changed, so that the schema still fits.
    RecordBatch::try_new(batch.schema(), columns).unwrap_or(batch)
}
