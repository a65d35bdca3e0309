//! Batches of a native table's rows.

use std::sync::Arc;

use arrow_array::{RecordBatch, builder::Int64Builder};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use kql_types::{KqlType, schema::ColumnSchema};

use super::{
    cell::Cell,
    column::{Column, data_type},
};
use crate::{
    losses::{Cause, Losses},
    request::LINE,
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
    columns: Vec<Column>,
    names: Vec<ColumnSchema>,
    losses: Losses,
    lines: Int64Builder,
    rows: usize,
}

impl RowBatchBuilder {
    /// The number of rows at which a batch is full.
    const MAX_ROWS: usize = 8192;

    /// Returns an empty builder of batches with [`row_schema`].
    pub(crate) fn new(columns: &[ColumnSchema]) -> Self {
        Self {
            schema: row_schema(columns),
            columns: columns.iter().map(|column| Column::new(column.ty)).collect(),
            names: columns.to_vec(),
            losses: Losses::default(),
            lines: Int64Builder::new(),
            rows: 0,
        }
    }

    /// Appends a row: `cell` is asked for each column by its place and passes it on.
    pub(crate) fn append(
        &mut self,
        line: i64,
        mut cell: impl FnMut(usize, &mut dyn FnMut(Cell<'_>)),
    ) {
        let losses = &mut self.losses;
        for (place, (column, name)) in self.columns.iter_mut().zip(&self.names).enumerate() {
            cell(place, &mut |cell| {
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

    /// Tells whether the batch should be taken.
    pub(crate) fn is_full(&self) -> bool {
        self.rows >= Self::MAX_ROWS
    }

    /// Takes the rows gathered, `None` if there are none.
    pub(crate) fn finish(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        if self.rows == 0 {
            return Ok(None);
        }
        self.rows = 0;
        let mut columns: Vec<_> = self.columns.iter_mut().map(Column::finish).collect();
        columns.push(Arc::new(self.lines.finish()));
        RecordBatch::try_new(Arc::clone(&self.schema), columns).map(Some)
    }

    /// Takes the account of values that did not convert.
    pub(crate) fn take_losses(&mut self) -> Losses {
        std::mem::take(&mut self.losses)
    }
}
