//! What a scan is asked for: columns, and the conditions an event has to meet.
//!
//! The vocabulary is that of Windows events, not of EVTX, so that readers of exported JSON
//! answer the same requests.

use std::{ops::Range, sync::Arc};
use windows_event_model::{Event, SystemField, SystemType, SystemValue, Ticks, header};

use arrow_schema::{DataType, Field, Schema, SchemaRef};

use needles::Needles;

pub(crate) mod needles;

/// The columns and events a scan is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventRequest {
    /// The columns, in the order of the batches.
    pub columns: Vec<EventColumn>,
    /// An event is wanted if any of these accepts it; none at all accepts every event.
    pub filters: Vec<EventFilter>,
}

/// One column of the batches.
///
/// A path names a value below the event's data: `["CommandLine"]` is a field of `EventData`,
/// `["Operation", "User"]` one nested in `UserData`. The empty path is the whole of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EventColumn {
    /// A field of the event's header.
    System(SystemField),
    /// The value at a path as text, `Utf8View`; `""` if missing. An object or array is JSON text.
    Text(Vec<String>),
    /// The value at a path as JSON text, `Utf8View`; null if missing.
    Dynamic(Vec<String>),
}

/// Conditions that an event must meet, all of them; `None` is no condition.
///
/// Strings compare without regard to ASCII case, and text beyond ASCII is accepted unseen: how its
/// case folds is the caller's affair. A caller whose own condition is stricter tests it again on
/// what the scan yields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Accepted [`SystemField::ProviderName`] names.
    pub providers: Option<Vec<String>>,
    /// Accepted [`SystemField::EventId`] numbers.
    pub event_ids: Option<Vec<u32>>,
    /// Accepted [`SystemField::Channel`] names.
    pub channels: Option<Vec<String>>,
    /// Accepted [`SystemField::Computer`] names.
    pub computers: Option<Vec<String>>,
    /// The range that [`SystemField::TimeCreated`] must lie in; a missing time lies in none.
    pub time: Option<Range<Ticks>>,
    /// Conditions on the event's data, which save decoding the rest of it. A reader to which
    /// they save nothing leaves them untested.
    pub data: Vec<DataCondition>,
}

/// A condition on an event's data: that the text at one of some paths has a needle in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataCondition {
    /// The paths below the event's data.
    pub paths: Vec<Vec<String>>,
    /// What has to be in the text at one of them.
    pub needles: Needles,
}

impl EventRequest {
    /// The name of the last column of every batch: the 1-based index of the record in its file.
    pub const LINE: &'static str = "line";

    /// Returns the schema of the batches: one field per column, then [`Self::LINE`], Int64.
    ///
    /// Names tell the columns apart to a reader of a plan (`EventID`, `EventData.Image`,
    /// `EventData.Image as text`); take the fields by position.
    pub fn schema(&self) -> SchemaRef {
        let columns = self.columns.iter().map(EventColumn::field);
        let line = Field::new(Self::LINE, DataType::Int64, false);
        Arc::new(Schema::new(columns.chain([line]).collect::<Vec<_>>()))
    }

    /// Tells whether any of the filters accepts the event by its header.
    pub fn accepts(&self, event: &impl Event) -> bool {
        self.filters.is_empty() || self.filters.iter().any(|filter| filter.accepts(event))
    }
}

impl EventColumn {
    fn field(&self) -> Field {
        match self {
            Self::System(field) => {
                let (data_type, nullable) = match field.ty() {
                    SystemType::String => (DataType::Utf8View, false),
                    SystemType::Guid => (DataType::Utf8View, true),
                    SystemType::Int => (DataType::Int32, true),
                    SystemType::Long => (DataType::Int64, true),
                };
                Field::new(field.name(), data_type, nullable)
            }
            Self::Text(path) => {
                Field::new(format!("{} as text", path_name(path)), DataType::Utf8View, false)
            }
            Self::Dynamic(path) => Field::new(path_name(path), DataType::Utf8View, true),
        }
    }
}

impl EventFilter {
    /// Tells whether the event meets every condition on its header.
    pub fn accepts(&self, event: &impl Event) -> bool {
        accepts_number(self.event_ids.as_deref(), event)
            && accepts_text(self.channels.as_deref(), SystemField::Channel, event)
            && accepts_text(self.providers.as_deref(), SystemField::ProviderName, event)
            && accepts_text(self.computers.as_deref(), SystemField::Computer, event)
            && self.time.as_ref().is_none_or(|range| {
                header::long(event, SystemField::TimeCreated)
                    .is_some_and(|time| range.contains(&time))
            })
    }
}

fn accepts_number(accepted: Option<&[u32]>, event: &impl Event) -> bool {
    accepted.is_none_or(|accepted| {
        header::long(event, SystemField::EventId)
            .and_then(|id| u32::try_from(id).ok())
            .is_some_and(|id| accepted.contains(&id))
    })
}

fn accepts_text(accepted: Option<&[String]>, field: SystemField, event: &impl Event) -> bool {
    accepted.is_none_or(|accepted| {
        let text = match event.system(field) {
            Some(SystemValue::Text(text)) => text,
            Some(SystemValue::Number(_)) | None => "".into(),
        };
        is_one_of(accepted, &text)
    })
}

/// Tells whether text is one of some names, or could be to who folds case beyond ASCII.
pub(crate) fn is_one_of(names: &[String], text: &str) -> bool {
    !text.is_ascii() || names.iter().any(|name| name.eq_ignore_ascii_case(text))
}

fn path_name(path: &[String]) -> String {
    let mut name = String::from("EventData");
    for step in path {
        name.push('.');
        name.push_str(step);
    }
    name
}
