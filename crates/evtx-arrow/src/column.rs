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
pub(crate) enum Column {
    /// Int32 header field.
    Int(SystemField, Int32Builder),
    /// Int64 header field.
    Long(SystemField, Int64Builder),
    /// String header field, never null.
    String(SystemField, StringViewBuilder),
    /// Guid header field.
    Guid(SystemField, StringViewBuilder),
    /// Text of a value below the event's data.
    Text(Vec<String>, StringViewBuilder),
    /// JSON text of a value below the event's data.
    Dynamic(Vec<String>, StringViewBuilder),
}

impl Column {
    /// Returns an empty column.
    pub(crate) fn new(column: &EventColumn) -> Self {
        match column {
            EventColumn::System(field) => match field.ty() {
                SystemType::Int => Self::Int(*field, Int32Builder::new()),
                SystemType::Long => Self::Long(*field, Int64Builder::new()),
                SystemType::String => Self::String(*field, StringViewBuilder::new()),
                SystemType::Guid => Self::Guid(*field, StringViewBuilder::new()),
            },
            EventColumn::Text(path) => Self::Text(path.clone(), StringViewBuilder::new()),
            EventColumn::Dynamic(path) => Self::Dynamic(path.clone(), StringViewBuilder::new()),
        }
    }

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
                None => append_null(texts),
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

    /// Returns the values gathered, and is empty afterwards.
    pub(crate) fn finish(&mut self) -> ArrayRef {
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
