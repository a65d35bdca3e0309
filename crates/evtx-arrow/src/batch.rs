//! Record batches built event by event, by one set of rules for every reader.

use std::sync::Arc;

use arrow_array::{RecordBatch, builder::Int64Builder};
use arrow_schema::{ArrowError, SchemaRef};

use windows_event_model::Event;

use crate::request::EventRequest;

use column::Column;

pub(crate) mod column;
pub(crate) mod texts;

/// Gathers events into batches of a request's columns.
///
/// ```
/// # use evtx_arrow::{DataValue, Event, EventBatchBuilder, EventColumn, EventRequest};
/// # use evtx_arrow::{SystemField, SystemValue};
/// struct Logon;
/// impl Event for Logon {
///     fn system(&self, field: SystemField) -> Option<SystemValue<'_>> {
///         (field == SystemField::EventId).then_some(SystemValue::Number(4624))
///     }
///     fn data(&self, path: &[String]) -> Option<DataValue<'_>> {
///         (path == ["LogonType"]).then_some(DataValue::Text("3".into()))
///     }
/// }
/// let request = EventRequest {
///     columns: vec![
///         EventColumn::System(SystemField::EventId),
///         EventColumn::Text(vec!["LogonType".into()]),
///     ],
///     filters: vec![],
/// };
/// let mut batches = EventBatchBuilder::new(&request);
/// if request.accepts(&Logon) {
///     batches.append(&Logon, 1);
/// }
/// let batch = batches.finish()?.expect("one event was appended");
/// assert_eq!((batch.num_rows(), batch.num_columns()), (1, 3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct EventBatchBuilder {
    schema: SchemaRef,
    /// As long as `lines` or shorter: a row that has nothing for a column leaves it alone.
    columns: Vec<Column>,
    lines: Int64Builder,
    bytes: usize,
}

impl EventBatchBuilder {
    /// The number of rows at which a batch is full.
    pub const MAX_ROWS: usize = 8192;
    /// The number of bytes, roughly counted, at which a batch is full.
    pub const MAX_BYTES: usize = 1024 * 1024;

    /// Returns an empty builder of batches with [`EventRequest::schema`].
    pub fn new(request: &EventRequest) -> Self {
        Self {
            schema: request.schema(),
            columns: request.columns.iter().map(Column::new).collect(),
            lines: Int64Builder::new(),
            bytes: 0,
        }
    }

    /// Appends a row; `line` is the event's 1-based place in its file.
    pub fn append(&mut self, event: &impl Event, line: i64) {
        let rows = self.rows();
        for column in &mut self.columns {
            self.bytes = self.bytes.saturating_add(column.at(rows).append(event));
        }
        self.lines.append_value(line);
        self.bytes = self.bytes.saturating_add(size_of::<i64>());
    }

    /// Appends a row whose values `append` appends to the columns, as the row of that number; it
    /// returns about how many bytes they took.
    pub(crate) fn append_with(
        &mut self,
        line: i64,
        append: impl FnOnce(&mut [Column], usize) -> usize,
    ) {
        let rows = self.rows();
        let bytes = append(&mut self.columns, rows);
        self.lines.append_value(line);
        self.bytes = self.bytes.saturating_add(bytes).saturating_add(size_of::<i64>());
    }

    /// Tells whether the batch has reached its size and should be taken.
    pub fn is_full(&self) -> bool {
        self.rows() >= Self::MAX_ROWS || self.bytes >= Self::MAX_BYTES
    }

    /// Returns the number of rows gathered since the last batch was taken.
    pub fn rows(&self) -> usize {
        arrow_array::builder::ArrayBuilder::len(&self.lines)
    }

    /// Takes the rows gathered, `None` if there are none.
    ///
    /// # Errors
    ///
    /// Arrow's own, if it refuses the columns.
    pub fn finish(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        let rows = self.rows();
        if rows == 0 {
            return Ok(None);
        }
        self.bytes = 0;
        let columns = self.columns.iter_mut().map(|column| column.finish(rows));
        let mut columns = columns.collect::<Result<Vec<_>, _>>()?;
        columns.push(Arc::new(self.lines.finish()));
        RecordBatch::try_new(Arc::clone(&self.schema), columns).map(Some)
    }
}
