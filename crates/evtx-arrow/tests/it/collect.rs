//! A sink that keeps everything, and rows as text.

use std::{io::Cursor, ops::ControlFlow, slice};

use arrow_array::{Array, Int32Array, Int64Array, RecordBatch, StringViewArray};
use evtx_arrow::{Damage, EventRequest, EventSink, ReadError, ReadSummary};

/// Keeps everything a reader pushes.
#[derive(Default)]
pub(crate) struct Collected {
    pub(crate) batches: Vec<RecordBatch>,
    pub(crate) damages: Vec<Damage>,
}

impl EventSink for Collected {
    fn batch(&mut self, _: usize, batch: RecordBatch) -> ControlFlow<()> {
        assert!(batch.num_rows() > 0);
        self.batches.push(batch);
        ControlFlow::Continue(())
    }

    fn damaged(&mut self, damage: Damage) {
        self.damages.push(damage);
    }
}

impl Collected {
    /// Returns the rows, every value as text; null is `None`.
    pub(crate) fn rows(&self) -> Vec<Vec<Option<String>>> {
        let mut rows = Vec::new();
        for batch in &self.batches {
            for row in 0..batch.num_rows() {
                rows.push(batch.columns().iter().map(|column| value(column, row)).collect());
            }
        }
        rows
    }

    /// Returns the values of the last column.
    pub(crate) fn lines(&self) -> Vec<i64> {
        self.rows()
            .iter()
            .map(|row| row.last().unwrap().as_ref().unwrap().parse().unwrap())
            .collect()
    }
}

fn value(column: &dyn Array, row: usize) -> Option<String> {
    if column.is_null(row) {
        return None;
    }
    let any = column.as_any();
    let text = |array: &StringViewArray| array.value(row).to_owned();
    any.downcast_ref::<StringViewArray>()
        .map(text)
        .or_else(|| any.downcast_ref::<Int32Array>().map(|array| array.value(row).to_string()))
        .or_else(|| any.downcast_ref::<Int64Array>().map(|array| array.value(row).to_string()))
}

/// Reads a file in memory and checks that its account balances.
pub(crate) fn read(
    bytes: &[u8],
    request: &EventRequest,
) -> Result<(ReadSummary, Collected), ReadError> {
    let mut collected = Collected::default();
    let summary = evtx_arrow::read(Cursor::new(bytes), slice::from_ref(request), &mut collected)?;
    check(&summary, &collected, request);
    Ok((summary, collected))
}

/// Checks that a summary balances and agrees with what the sink got.
pub(crate) fn check(summary: &ReadSummary, collected: &Collected, request: &EventRequest) {
    let rows: usize = collected.batches.iter().map(RecordBatch::num_rows).sum();
    assert_eq!(summary.records, summary.emitted + summary.filtered + summary.rejected);
    assert_eq!(summary.emitted, rows as u64);
    let (lines, others): (Vec<_>, Vec<_>) =
        collected.damages.iter().partition(|damage| damage.line.is_some());
    assert_eq!(summary.rejected, lines.len() as u64);
    assert_eq!(summary.other_damages, others.len() as u64);
    for batch in &collected.batches {
        assert_eq!(batch.schema(), request.schema());
    }
    // Emitted and rejected lines are distinct and in file order.
    let mut lines: Vec<u64> = lines.iter().filter_map(|damage| damage.line).collect();
    assert!(lines.is_sorted_by(|a, b| a < b));
    let emitted = collected.lines();
    assert!(emitted.is_sorted_by(|a, b| a < b));
    lines.extend(emitted.iter().map(|&line| line.cast_unsigned()));
    lines.sort_unstable();
    assert!(lines.is_sorted_by(|a, b| a < b));
    assert!(lines.last().is_none_or(|&last| last <= summary.records));
}
