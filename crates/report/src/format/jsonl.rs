//! `jsonl`: one JSON object per row, its keys the columns in order. Values as in `json`.

use std::io;

use arrow_array::RecordBatch;
use kql_types::schema::ColumnSchema;

use crate::{
    WriteError,
    cell::{Rows, write_json_string},
    format::ResultWriter,
};

/// Writes one line per row.
pub(crate) struct JsonlWriter<W> {
    out: W,
    columns: Vec<ColumnSchema>,
    /// For each column what precedes its value: the bracket or comma, the quoted name, the colon.
    keys: Vec<String>,
}

impl<W: io::Write> JsonlWriter<W> {
    /// Quotes the names once; writes nothing.
    pub(crate) fn begin(columns: &[ColumnSchema], out: W) -> Self {
        let mut opening = '{';
        let keys = columns
            .iter()
            .map(|column| {
                let mut key = String::from(opening);
                opening = ',';
                write_json_string(&column.name, &mut key);
                key.push(':');
                key
            })
            .collect();
        Self { out, columns: columns.to_vec(), keys }
    }
}

impl<W: io::Write> ResultWriter for JsonlWriter<W> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), WriteError> {
        let rows = Rows::new(batch, &self.columns)?;
        let mut text = String::new();
        for row in 0..rows.count {
            for (key, cell) in self.keys.iter().zip(rows.row(row)) {
                text.push_str(key);
                cell.write_json(&mut text);
            }
            text.push_str(if self.keys.is_empty() { "{}\n" } else { "}\n" });
        }
        Ok(self.out.write_all(text.as_bytes())?)
    }

    fn finish(mut self: Box<Self>) -> Result<(), WriteError> {
        Ok(self.out.flush()?)
    }
}
