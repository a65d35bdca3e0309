//! `table`: the result for a person at a terminal.
//!
//! Numbers and timespans stand on the right; long text is cut; where the columns do not fit side by
//! side each row becomes a block. Everything from the data is made visible first.

use std::io;

use arrow_array::RecordBatch;
use kql_types::{KqlType, schema::ColumnSchema};

use crate::{
    WriteError,
    cell::Rows,
    format::ResultWriter,
    grid::{Grid, GridCell, GridColumn, TableOptions},
};

/// Writes aligned rows.
pub(crate) struct TableWriter<W> {
    columns: Vec<ColumnSchema>,
    grid: Grid<W>,
}

impl<W: io::Write> TableWriter<W> {
    /// Prepares the columns; the header is written when the widths are known.
    pub(crate) fn begin(columns: &[ColumnSchema], options: TableOptions, out: W) -> Self {
        let grid_columns = columns.iter().map(|column| GridColumn {
            name: column.name.clone(),
            is_right_aligned: column.ty.is_numeric() || column.ty == KqlType::Timespan,
            is_cuttable: matches!(column.ty, KqlType::String | KqlType::Dynamic),
        });
        Self { columns: columns.to_vec(), grid: Grid::new(grid_columns.collect(), options, out) }
    }
}

impl<W: io::Write> ResultWriter for TableWriter<W> {
    fn batch(&mut self, batch: &RecordBatch) -> Result<(), WriteError> {
        let rows = Rows::new(batch, &self.columns)?;
        for row in 0..rows.count {
            self.grid.row(rows.row(row).map(|cell| GridCell::plain(cell.text())))?;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<(), WriteError> {
        self.grid.finish("row")?;
        Ok(())
    }
}
