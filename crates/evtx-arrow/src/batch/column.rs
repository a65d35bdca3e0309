//! The columns of a batch under construction.

use std::sync::Arc;

use arrow_array::{
    ArrayRef,
    builder::{Int32Builder, Int64Builder},
};
use arrow_schema::ArrowError;

use crate::{batch::texts::Texts, request::EventColumn};
use windows_event_model::{DataValue, Event, SystemField, SystemType, header, write_json_string};

/// A column of a batch under construction.
pub(crate) struct Column {
    /// The number of values.
    rows: usize,
    pub(crate) values: Values,
}

/// The values of a column, by their encoding.
pub(crate) enum Values {
    /// Int32 header field.
    Int(SystemField, Int32Builder),
    /// Int64 header field.
    Long(SystemField, Int64Builder),
    /// String header field, never null.
    String(SystemField, Texts),
    /// Guid header field.
    Guid(SystemField, Texts),
    /// Text of a value below the event's data, never null.
    Text(Vec<String>, Texts),
    /// JSON text of a value below the event's data.
    Dynamic(Vec<String>, Texts),
}

impl Column {
    /// Returns an empty column.
    pub(crate) fn new(column: &EventColumn) -> Self {
        let values = match column {
            EventColumn::System(field) => match field.ty() {
                SystemType::Int => Values::Int(*field, Int32Builder::new()),
                SystemType::Long => Values::Long(*field, Int64Builder::new()),
                SystemType::String => Values::String(*field, Texts::new()),
                SystemType::Guid => Values::Guid(*field, Texts::new()),
            },
            EventColumn::Text(path) => Values::Text(path.clone(), Texts::new()),
            EventColumn::Dynamic(path) => Values::Dynamic(path.clone(), Texts::new()),
        };
        Self { rows: 0, values }
    }

    /// Returns the values of rows before `row`, those that are missing appended, to append the
    /// value of that row.
    pub(crate) fn at(&mut self, row: usize) -> &mut Values {
        if self.rows < row {
            self.values.append_missing(row.saturating_sub(self.rows));
        }
        self.rows = row.saturating_add(1);
        &mut self.values
    }

    /// Returns the values of so many rows, and is empty afterwards.
    ///
    /// # Errors
    ///
    /// Those of [`Texts::finish`].
    pub(crate) fn finish(&mut self, rows: usize) -> Result<ArrayRef, ArrowError> {
        self.values.append_missing(rows.saturating_sub(self.rows));
        self.rows = 0;
        self.values.finish()
    }
}

impl Values {
    /// Appends the event's value and returns about how many bytes it took.
    pub(crate) fn append(&mut self, event: &impl Event) -> usize {
        match self {
            Self::Int(field, ints) => {
                ints.append_option(header::int(event, *field));
                size_of::<i32>()
            }
            Self::Long(field, longs) => {
                longs.append_option(header::long(event, *field));
                size_of::<i64>()
            }
            Self::String(field, texts) => texts.append(&header::text(event, *field)),
            Self::Guid(field, texts) => match header::guid(event, *field) {
                Some(guid) => texts.append(&guid),
                None => texts.append_null(),
            },
            Self::Text(path, texts) => match event.data(path) {
                Some(DataValue::Text(text) | DataValue::Json(text)) => texts.append(&text),
                None => texts.append(""),
            },
            Self::Dynamic(path, texts) => match event.data(path) {
                Some(DataValue::Json(json)) => texts.append(&json),
                Some(DataValue::Text(text)) => {
                    let mut json = String::new();
                    write_json_string(&text, &mut json);
                    texts.append(&json)
                }
                None => texts.append_null(),
            },
        }
    }

    /// Appends what stands for a missing value.
    fn append_missing(&mut self, count: usize) {
        match self {
            Self::Int(_, ints) => ints.append_nulls(count),
            Self::Long(_, longs) => longs.append_nulls(count),
            Self::String(_, texts) | Self::Text(_, texts) => texts.append_empty(count),
            Self::Guid(_, texts) | Self::Dynamic(_, texts) => texts.append_nulls(count),
        }
    }

    fn finish(&mut self) -> Result<ArrayRef, ArrowError> {
        match self {
            Self::Int(_, ints) => Ok(Arc::new(ints.finish())),
            Self::Long(_, longs) => Ok(Arc::new(longs.finish())),
            Self::String(_, texts)
            | Self::Guid(_, texts)
            | Self::Text(_, texts)
            | Self::Dynamic(_, texts) => texts.finish(),
        }
    }
}
