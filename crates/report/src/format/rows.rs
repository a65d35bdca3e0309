//! Rows as JSON, one by one, for whoever frames them otherwise than the formats here do.

use arrow_array::RecordBatch;
use kql_types::schema::ColumnSchema;

use crate::{
    WriteError,
    cell::{Cell, Rows, write_json_string},
};

/// How a value of the type dynamic is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dynamics {
    /// As the JSON that it is.
    Native,
    /// As a text with that JSON in it; null is null.
    Text,
}

/// The rows of a batch, in the form of Kusto's results: see [`Format::Json`](crate::Format::Json).
pub struct JsonRows<'a> {
    rows: Rows<'a>,
    columns: &'a [ColumnSchema],
    dynamics: Dynamics,
}

impl<'a> JsonRows<'a> {
    /// Pairs a batch with the result's columns, by position.
    ///
    /// # Errors
    ///
    /// If the batch does not have the columns of the result.
    pub fn new(
        batch: &'a RecordBatch,
        columns: &'a [ColumnSchema],
        dynamics: Dynamics,
    ) -> Result<Self, WriteError> {
        Ok(Self { rows: Rows::new(batch, columns)?, columns, dynamics })
    }

    /// Returns how many rows there are.
    pub fn count(&self) -> usize {
        self.rows.count
    }

    /// Appends a row below [`count`](Self::count) as an array of its values.
    pub fn write_array(&self, row: usize, out: &mut String) {
        for (position, cell) in self.rows.row(row).enumerate() {
            out.push(if position == 0 { '[' } else { ',' });
            self.write(cell, out);
        }
        out.push_str(if self.columns.is_empty() { "[]" } else { "]" });
    }

    /// Appends a row below [`count`](Self::count) as an object of its values by the columns' names.
    pub fn write_object(&self, row: usize, out: &mut String) {
        out.push('{');
        for (position, (cell, column)) in self.rows.row(row).zip(self.columns).enumerate() {
            if position > 0 {
                out.push(',');
            }
            write_json_string(&column.name, out);
            out.push(':');
            self.write(cell, out);
        }
        out.push('}');
    }

    fn write(&self, cell: Cell<'_>, out: &mut String) {
        match (cell, self.dynamics) {
            (Cell::Dynamic(json), Dynamics::Text) => write_json_string(json, out),
            _ => cell.write_json(out),
        }
    }
}
