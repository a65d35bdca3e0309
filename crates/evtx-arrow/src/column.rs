//! The columns of a batch under construction.

use std::sync::Arc;

use arrow_array::{
    ArrayRef,
    builder::{Int32Builder, Int64Builder, StringViewBuilder},
};

use crate::{
    event::{DataValue, Event},
    json::write_json_string,
    request::EventColumn,
    system_field::{SystemField, SystemType},
    system_value,
};

/// The bytes a view takes, whatever the length of its text.
const VIEW_LEN: usize = 16;

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
    String(SystemField, StringViewBuilder),
    /// Guid header field.
    Guid(SystemField, StringViewBuilder),
    /// Text of a value below the event's data, never null.
    Text(Vec<String>, StringViewBuilder),
    /// JSON text of a value below the event's data.
    Dynamic(Vec<String>, StringViewBuilder),
}

impl Column {
    /// Returns an empty column.
    pub(crate) fn new(column: &EventColumn) -> Self {
        let values = match column {
            EventColumn::System(field) => match field.ty() {
                SystemType::Int => Values::Int(*field, Int32Builder::new()),
                SystemType::Long => Values::Long(*field, Int64Builder::new()),
                SystemType::String => Values::String(*field, StringViewBuilder::new()),
                SystemType::Guid => Values::Guid(*field, StringViewBuilder::new()),
            },
            EventColumn::Text(path) => Values::Text(path.clone(), StringViewBuilder::new()),
            EventColumn::Dynamic(path) => Values::Dynamic(path.clone(), StringViewBuilder::new()),
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
    pub(crate) fn finish(&mut self, rows: usize) -> ArrayRef {
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
                ints.append_option(system_value::int(event, *field));
                size_of::<i32>()
            }
            Self::Long(field, longs) => {
                longs.append_option(system_value::long(event, *field));
                size_of::<i64>()
            }
            Self::String(field, texts) => append_text(texts, &system_value::text(event, *field)),
            Self::Guid(field, texts) => match system_value::guid(event, *field) {
                Some(guid) => append_text(texts, &guid),
                None => append_null(texts),
            },
            Self::Text(path, texts) => match event.data(path) {
                Some(DataValue::Text(text) | DataValue::Json(text)) => append_text(texts, &text),
                None => append_text(texts, ""),
            },
            Self::Dynamic(path, texts) => match event.data(path) {
                Some(DataValue::Json(json)) => append_text(texts, &json),
                Some(DataValue::Text(text)) => {
                    let mut json = String::new();
                    write_json_string(&text, &mut json);
                    append_text(texts, &json)
                }
                None => append_null(texts),
            },
        }
    }

    /// Appends what stands for a missing value.
    fn append_missing(&mut self, count: usize) {
        match self {
            Self::Int(_, ints) => ints.append_nulls(count),
            Self::Long(_, longs) => longs.append_nulls(count),
            Self::String(_, texts) | Self::Text(_, texts) => {
                (0..count).for_each(|_| texts.append_value(""));
            }
            Self::Guid(_, texts) | Self::Dynamic(_, texts) => {
                (0..count).for_each(|_| texts.append_null());
            }
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Int(_, ints) => Arc::new(ints.finish()),
            Self::Long(_, longs) => Arc::new(longs.finish()),
            Self::String(_, texts)
            | Self::Guid(_, texts)
            | Self::Text(_, texts)
            | Self::Dynamic(_, texts) => Arc::new(texts.finish()),
        }
    }
}

/// Appends text and returns about how many bytes it took.
pub(crate) fn append_text(texts: &mut StringViewBuilder, text: &str) -> usize {
    texts.append_value(text);
    text.len().saturating_add(VIEW_LEN)
}

/// Appends a null and returns about how many bytes it took.
pub(crate) fn append_null(texts: &mut StringViewBuilder) -> usize {
    texts.append_null();
    VIEW_LEN
}
