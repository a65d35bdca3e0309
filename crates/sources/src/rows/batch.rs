//! Batches of a native table's rows.

use std::sync::Arc;

use arrow_array::{RecordBatch, builder::Int64Builder};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use kql_types::{KqlType, schema::ColumnSchema};

use super::{column::data_type, sparse::Sparse, test::RowCells};
use crate::{
    losses::{Cause, Losses},
    request::LINE,
    text::yielded::PartBatch,
};

/// Returns the schema of a table's batches: the columns asked for, then the record's index.
pub fn row_schema(columns: &[ColumnSchema]) -> SchemaRef {
    let fields = columns
        .iter()
        .map(|column| Field::new(&column.name, data_type(column.ty), column.ty != KqlType::String));
    let line = Field::new(LINE, DataType::Int64, false);
    Arc::new(Schema::new(fields.chain([line]).collect::<Vec<_>>()))
}

/// Gathers rows into batches.
pub(crate) struct RowBatchBuilder {
    schema: SchemaRef,
    columns: Vec<Sparse>,
    names: Vec<ColumnSchema>,
    losses: Losses,
    lines: Int64Builder,
    rows: usize,
    left_out: usize,
}

impl RowBatchBuilder {
    /// The number of rows at which a batch is full.
    const MAX_ROWS: usize = 8192;

    /// Returns an empty builder of batches with [`row_schema`].
    pub(crate) fn new(columns: &[ColumnSchema]) -> Self {
        Self {
            schema: row_schema(columns),
            columns: columns.iter().map(|column| Sparse::new(column.ty)).collect(),
            names: columns.to_vec(),
            losses: Losses::default(),
            lines: Int64Builder::new(),
            rows: 0,
            left_out: 0,
        }
    }

    /// Appends a row.
    pub(crate) fn append(&mut self, line: i64, row: &mut impl RowCells) {
        let losses = &mut self.losses;
        for (place, (column, name)) in self.columns.iter_mut().zip(&self.names).enumerate() {
            row.with(place, |cell| {
                if !column.append(cell) {
                    let cause = Cause::NotConverted { column: name.name.clone(), ty: name.ty };
                    let record = u64::try_from(line).unwrap_or(u64::MAX);
                    losses.add(cause, record, &cell.text().unwrap_or_default());
                }
            });
        }
        self.lines.append_value(line);
        self.rows = self.rows.saturating_add(1);
    }

    /// Takes a row into account without its values, if it can be left out: the first row of a batch
    /// cannot, so that there is a batch wherever there would be one with all rows, as far into the input,
    /// and whoever takes them may end the scan at the same record.
    pub(crate) fn leave_out(&mut self) -> bool {
        let is_left_out = self.rows > 0;
        self.left_out = self.left_out.saturating_add(usize::from(is_left_out));
        is_left_out
    }

    /// Tells whether the batch should be taken.
    pub(crate) fn is_full(&self) -> bool {
        self.records() >= Self::MAX_ROWS
    }

    /// Takes the rows gathered, `None` if there are none.
    pub(crate) fn finish(&mut self) -> Result<Option<PartBatch>, ArrowError> {
        if self.rows == 0 {
            return Ok(None);
        }
        let records = self.records();
        (self.rows, self.left_out) = (0, 0);
        let mut columns: Vec<_> = self.columns.iter_mut().map(Sparse::finish).collect();
        columns.push(Arc::new(self.lines.finish()));
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns)?;
        Ok(Some(PartBatch { request: 0, batch, records }))
    }

    fn records(&self) -> usize {
        self.rows.saturating_add(self.left_out)
    }

    /// Takes the account of values that did not convert.
    pub(crate) fn take_losses(&mut self) -> Losses {
        std::mem::take(&mut self.losses)
    }
}
