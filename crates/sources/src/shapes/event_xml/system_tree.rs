//! Events with their XML's `System` and `EventData` at the top level: Velociraptor's `parse_evtx`
//! and openwec.
//!
//! Velociraptor has the event's id in an object and the time in seconds since 1970; openwec has the
//! time as the XML writes it.

use windows_event_model::{SystemField, SystemValue};

use crate::{
    dates::epoch_seconds,
    events::{
        field,
        shape::{DataPlace, EventShape, FieldSource, plain},
    },
    json::plan::ANY,
    shapes::{Found, JsonShape},
};

pub(in crate::shapes) const SHAPE: JsonShape = JsonShape {
    recognise: |record, _| {
        let system = record.object(&["System"])?;
        let is_event = ["Provider", "EventID", "Channel"].iter().all(|key| system.has(&[key]));
        let shape = if system.object(&["EventID"]).is_some() { &VELOCIRAPTOR } else { &OPENWEC };
        is_event.then_some(Ok(Found::Event(shape)))
    },
};

static VELOCIRAPTOR: EventShape =
    EventShape { name: "Velociraptor JSON", marker: MARKER, fields: FIELDS, data: DATA };

static OPENWEC: EventShape =
    EventShape { name: "openwec JSON", marker: MARKER, fields: FIELDS, data: DATA };

const MARKER: &[&[&str]] = &[&["System"]];
const DATA: DataPlace = DataPlace::Below(&[&["EventData"], &["UserData", ANY]]);

const FIELDS: &[FieldSource] = &[
    FieldSource {
        field: SystemField::TimeCreated,
        values: &[&[&["System", "TimeCreated"], &["System", "TimeCreated", "SystemTime"]]],
        read: time,
    },
    plain(SystemField::ProviderName, &[&[&["System", "Provider", "Name"]]]),
    plain(SystemField::ProviderGuid, &[&[&["System", "Provider", "Guid"]]]),
    plain(SystemField::EventSourceName, &[&[&["System", "Provider", "EventSourceName"]]]),
    plain(SystemField::EventId, &[&[&["System", "EventID"], &["System", "EventID", "Value"]]]),
    plain(SystemField::Qualifiers, &[&[&["System", "EventID", "Qualifiers"]]]),
    plain(SystemField::Version, &[&[&["System", "Version"]]]),
    plain(SystemField::Level, &[&[&["System", "Level"]]]),
    plain(SystemField::Task, &[&[&["System", "Task"]]]),
    plain(SystemField::Opcode, &[&[&["System", "Opcode"]]]),
    plain(SystemField::Keywords, &[&[&["System", "Keywords"]]]),
    plain(SystemField::RecordId, &[&[&["System", "EventRecordID"]]]),
    plain(SystemField::ActivityId, &[&[&["System", "Correlation", "ActivityID"]]]),
    plain(SystemField::ProcessId, &[&[&["System", "Execution", "ProcessID"]]]),
    plain(SystemField::ThreadId, &[&[&["System", "Execution", "ThreadID"]]]),
    plain(SystemField::Channel, &[&[&["System", "Channel"]]]),
    plain(SystemField::Computer, &[&[&["System", "Computer"]]]),
    plain(SystemField::UserId, &[&[&["System", "Security", "UserID"]]]),
];

/// Reads a time as text, or as a number of seconds since 1970 in UTC.
fn time<'r>(values: &[Option<&'r str>]) -> Option<SystemValue<'r>> {
    let value = values.iter().flatten().next()?;
    match field::text(Some(value)) {
        Some(text) => crate::events::times::time(&text).map(SystemValue::Number),
        None => epoch_seconds(value).map(SystemValue::Number),
    }
}
