//! `json`: the whole result as one object, `{"columns":[{"name":…,"type":…}],"rows":[[…]]}`.
//!
//! Types have KQL's names. datetime, timespan, guid and decimal are Kusto's JSON strings, a dynamic is
//! native JSON, NaN and the infinities are strings, null is null. Each row has a line of its own.

use std::io;

use arrow_array::RecordBatch;
use kql_types::schema::ColumnSchema;

use crate::{
    WriteError,
    cell::write_json_string,
    format::{
        ResultWriter,
        rows::{Dynamics, JsonRows},
    },
};

/// Writes one JSON object.
pub(crate) struct JsonWriter<W> {
    out: W,
    columns: Vec<ColumnSchema>,
    /// What has to precede the next row.
    separator: &'static str,
}

impl<W: io::Write> JsonWriter<W> {
    /// Writes the columns.
    pub(crate) fn begin(columns: &[ColumnSchema], mut out: W) -> Result<Self, WriteError> {
        let mut text = String::from("{\"columns\":[");
        for (position, column) in columns.iter().enumerate() {
            text.push_str(if position == 0 { "{\"name\":" } else { ",{\"name\":" });
            write_json_string(&column.name, &mut text);
            text.push_str(",\"type\":\"");
            text.push_str(column.ty.name());
            text.push_str("\"}");
        }
        text.push_str("],\"rows\":[");
        out.write_all(text.as_bytes())?;
        Ok(Self { out, columns: columns.to_vec(), separator: "\n" })
    }
}

impl<W: io::Write> ResultWriter for JsonWriter<W> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), WriteError> {
        let rows = JsonRows::new(batch, &self.columns, Dynamics::Native)?;
        let mut text = String::new();
        for row in 0..rows.count() {
            text.push_str(self.separator);
            self.separator = ",\n";
            rows.write_array(row, &mut text);
        }
        Ok(self.out.write_all(text.as_bytes())?)
    }

    fn finish(mut self: Box<Self>) -> Result<(), WriteError> {
        self.out.write_all(if self.separator == "\n" { b"]}\n" } else { b"\n]}\n" })?;
        Ok(self.out.flush()?)
    }
}
