//! Rows of Parquet as JSON lines, for those that are events in one of the shapes that JSON has.

use std::io::{self, Read};

use arrow_array::{Array, RecordBatch};
use arrow_schema::ArrowError;
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;
use windows_event_model::write_json_string;

use super::json;

/// The rows of a file, one JSON object a line, columns without a value left out.
pub(crate) struct JsonLines {
    reader: ParquetRecordBatchReader,
    text: Vec<u8>,
    at: usize,
}

impl JsonLines {
    /// Returns the lines of a reader's rows.
    pub(crate) fn new(reader: ParquetRecordBatchReader) -> Self {
        Self { reader, text: Vec::new(), at: 0 }
    }
}

impl Read for JsonLines {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.text.len() {
            let Some(batch) = self.reader.next() else { return Ok(0) };
            let text = batch.and_then(|batch| text(&batch)).map_err(io::Error::other)?;
            self.text = text.into_bytes();
            self.at = 0;
        }
        let mut left = self.text.get(self.at..).unwrap_or_default();
        let read = left.read(buffer)?;
        self.at = self.at.saturating_add(read);
        Ok(read)
    }
}

fn text(batch: &RecordBatch) -> Result<String, ArrowError> {
    let schema = batch.schema();
    let mut out = String::new();
    for row in 0..batch.num_rows() {
        let mut before = '{';
        for (field, column) in schema.fields().iter().zip(batch.columns()) {
            if column.is_null(row) || field.name().starts_with('#') {
                continue;
            }
            out.push(before);
            before = ',';
            write_json_string(field.name(), &mut out);
            out.push(':');
            json::write(column, row, &mut out)?;
        }
        out.push_str(if before == '{' { "{}\n" } else { "}\n" });
    }
    Ok(out)
}
