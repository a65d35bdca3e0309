//! Kept events: header fields, fields of the data that have columns of their own, and all of the data.

use std::{iter::repeat_n, ops::RangeInclusive, sync::Arc};

use arrow_array::{
    Array, ArrayRef, BooleanArray, Int32Array, Int64Array, RecordBatch, StringViewArray,
    cast::AsArray,
    types::{Int32Type, Int64Type},
};
use arrow_schema::{ArrowError, Field, Schema, SchemaRef};
use evtx_arrow::{EventColumn, EventFilter, EventRequest};
use kql_types::KqlType;
use windows_event_model::{DataValue, Event, SystemField, SystemValue};

use super::{
    column::{Written, at_path, parts, values, without_nulls},
    plan::{Bounds, OpenFile, Wanted},
};
use crate::{
    events::columns::{event_column, event_column_type},
    input::kept::{FIELD_PREFIX, KeptFile, MEMBER},
};

/// The column with all data of an event.
const DATA: &str = "EventData";

/// A request for events, and where a file has what it asks for.
pub(super) struct Events {
    request: EventRequest,
    columns: Vec<Source>,
}

/// Where a column's values are.
enum Source {
    System(SystemField),
    /// In a column of their own.
    Own(String),
    /// Nowhere: no event of the file has the field.
    Nowhere,
    /// All of the data.
    Data,
    /// In the data, at a path.
    At(Vec<String>, Written),
}

impl Events {
    /// Lays a request out for a file.
    pub(super) fn new(request: &EventRequest, file: &OpenFile) -> Self {
        let source = |column: &EventColumn| match column {
            EventColumn::System(field) => Source::System(*field),
            EventColumn::Text(path) => match own_column(path) {
                Some(name) if file.has(&name) => Source::Own(name),
                Some(name) if file.is_empty(&name) => Source::Nowhere,
                _ => Source::At(path.clone(), Written::Text),
            },
            EventColumn::Dynamic(path) if path.is_empty() => Source::Data,
            EventColumn::Dynamic(path) => Source::At(path.clone(), Written::Json),
        };
        Self { columns: request.columns.iter().map(source).collect(), request: request.clone() }
    }

    /// Tells whether a file may have events that a request wants, by what is known before it is opened.
    pub(super) fn are_in(request: &EventRequest, file: &KeptFile) -> bool {
        let times = file.times.as_ref();
        let times = times.filter(|(column, _)| column == event_column(SystemField::TimeCreated));
        let times = times.map(|(_, times)| times);
        let may = |filter: &EventFilter| {
            let has_id = |ids: &RangeInclusive<i64>| may_have_id(filter, *ids.start(), *ids.end());
            let is_in_time = |times: &RangeInclusive<i64>| {
                filter.time.as_ref().is_none_or(|wanted| {
                    wanted.start <= *times.end() && *times.start() < wanted.end
                })
            };
            file.event_ids.as_ref().is_none_or(has_id) && times.is_none_or(is_in_time)
        };
        request.filters.is_empty() || request.filters.iter().any(may)
    }

    /// Returns the header fields that filters test.
    fn tested_fields(&self) -> Vec<SystemField> {
        let filters = || self.request.filters.iter();
        let fields = [
            (SystemField::EventId, filters().any(|it| it.event_ids.is_some())),
            (SystemField::ProviderName, filters().any(|it| it.providers.is_some())),
            (SystemField::Channel, filters().any(|it| it.channels.is_some())),
            (SystemField::Computer, filters().any(|it| it.computers.is_some())),
            (SystemField::TimeCreated, filters().any(|it| it.time.is_some())),
        ];
        fields.into_iter().filter(|(_, is_tested)| *is_tested).map(|(field, _)| field).collect()
    }
}

fn may_have_id(filter: &EventFilter, least: i64, greatest: i64) -> bool {
    let is_in = |id: &u32| (least..=greatest).contains(&i64::from(*id));
    filter.event_ids.as_ref().is_none_or(|ids| ids.iter().any(is_in))
}

/// Returns the column that a field has, if it has one of its own.
fn own_column(path: &[String]) -> Option<String> {
    let [field] = path else { return None };
    Some(format!("{FIELD_PREFIX}{field}"))
}

fn no_texts(rows: usize) -> ArrayRef {
    Arc::new(StringViewArray::from_iter_values(repeat_n("", rows)))
}

impl Wanted for Events {
    fn tested(&self) -> Vec<String> {
        let fields = self.tested_fields().into_iter();
        fields.flat_map(|field| parts(event_column(field), event_column_type(field))).collect()
    }

    fn passing(&self, batch: &RecordBatch) -> Result<BooleanArray, ArrowError> {
        let headers = Headers::new(batch, &self.tested_fields())?;
        let passes = |row| Some(self.request.accepts(&Header { headers: &headers, row }));
        Ok((0..batch.num_rows()).map(passes).collect())
    }

    fn may_pass(&self, bounds: &Bounds<'_>) -> bool {
        let ids = bounds.numbers(event_column(SystemField::EventId));
        let times = bounds.times(event_column(SystemField::TimeCreated));
        let may = |filter: &EventFilter| {
            ids.is_none_or(|(least, greatest)| may_have_id(filter, least, greatest))
                && times.is_none_or(|(oldest, newest)| {
                    let is_in = |it: &std::ops::Range<i64>| it.start <= newest && oldest < it.end;
                    filter.time.as_ref().is_none_or(is_in)
                })
        };
        self.request.filters.is_empty() || self.request.filters.iter().any(may)
    }

    fn read(&self) -> Vec<String> {
        let of = |source: &Source| match source {
            Source::System(field) => {
                parts(event_column(*field), event_column_type(*field)).collect()
            }
            Source::Own(name) => vec![name.clone()],
            Source::Nowhere => Vec::new(),
            Source::Data | Source::At(..) => vec![DATA.to_owned()],
        };
        self.columns.iter().flat_map(of).collect()
    }

    fn rows(&self, batch: &RecordBatch) -> Result<Vec<ArrayRef>, ArrowError> {
        let data = || values(batch, DATA, KqlType::Dynamic);
        let column = |source: &Source| match source {
            Source::System(field) => values(batch, event_column(*field), event_column_type(*field)),
            Source::Own(name) => Ok(without_nulls(&values(batch, name, KqlType::String)?)),
            Source::Nowhere => Ok(no_texts(batch.num_rows())),
            Source::Data => data(),
            Source::At(path, written) => Ok(at_path(&data()?, path, *written)),
        };
        self.columns.iter().map(column).collect()
    }

    fn schema(&self) -> SchemaRef {
        with_members(&self.request.schema())
    }
}

/// Returns a request's schema with the members before the lines.
pub(super) fn with_members(schema: &SchemaRef) -> SchemaRef {
    let mut fields: Vec<Arc<Field>> = schema.fields().iter().cloned().collect();
    let member = Arc::new(Field::new(MEMBER, arrow_schema::DataType::Int64, false));
    fields.insert(fields.len().saturating_sub(1), member);
    Arc::new(Schema::new(fields))
}

/// The header fields of a batch of events that filters test.
#[derive(Default)]
struct Headers {
    ids: Option<Int32Array>,
    times: Option<Int64Array>,
    texts: Vec<(SystemField, StringViewArray)>,
}

impl Headers {
    fn new(batch: &RecordBatch, fields: &[SystemField]) -> Result<Self, ArrowError> {
        let mut headers = Self::default();
        for field in fields {
            let column = values(batch, event_column(*field), event_column_type(*field))?;
            match field {
                SystemField::EventId => {
                    headers.ids = column.as_primitive_opt::<Int32Type>().cloned();
                }
                SystemField::TimeCreated => {
                    headers.times = column.as_primitive_opt::<Int64Type>().cloned();
                }
                _ => {
                    let texts = column.as_string_view_opt().cloned();
                    headers.texts.extend(texts.map(|texts| (*field, texts)));
                }
            }
        }
        Ok(headers)
    }
}

/// The header of one of the events.
struct Header<'a> {
    headers: &'a Headers,
    row: usize,
}

impl Event for Header<'_> {
    fn system(&self, field: SystemField) -> Option<SystemValue<'_>> {
        let row = self.row;
        match field {
            SystemField::EventId => {
                let ids = self.headers.ids.as_ref().filter(|ids| ids.is_valid(row))?;
                Some(SystemValue::Number(i64::from(ids.value(row))))
            }
            SystemField::TimeCreated => {
                let times = self.headers.times.as_ref().filter(|times| times.is_valid(row))?;
                Some(SystemValue::Number(times.value(row)))
            }
            _ => {
                let mut texts = self.headers.texts.iter();
                let (_, texts) = texts.find(|(of, _)| *of == field)?;
                Some(SystemValue::Text(texts.value(row).into()))
            }
        }
    }

    fn data(&self, _path: &[String]) -> Option<DataValue<'_>> {
        None
    }
}
