//! Events as `evtx_dump -o json` and `-o jsonl` write them, with and without `--separate-json-attributes`.
//!
//! The XML's tree: attributes stand under `#attributes` within the element or under
//! `<element>_attributes` beside it, an element's own text under `#text` where it has attributes.

use windows_event_model::SystemField;

use crate::{
    events::{
        field,
        shape::{DataPlace, EventShape, FieldSource, plain},
    },
    json::plan::ANY,
    shapes::{Found, JsonShape},
};

pub(in crate::shapes) const SHAPE: JsonShape = JsonShape {
    recognise: |record, _| record.has(&["Event", "System"]).then_some(Ok(Found::Event(&EVENT))),
};

/// Returns the places of an attribute of an element of `System`.
macro_rules! attribute {
    ($element:literal, $separate:literal, $name:literal) => {
        &[&[
            &["Event", "System", $element, "#attributes", $name],
            &["Event", "System", $separate, $name],
        ]]
    };
}

/// Returns the places of an element of `System`.
macro_rules! element {
    ($element:literal) => {
        &[&[&["Event", "System", $element], &["Event", "System", $element, "#text"]]]
    };
}

static EVENT: EventShape = EventShape {
    name: "evtx_dump JSON",
    marker: &[&["Event", "System"]],
    fields: &[
        FieldSource {
            field: SystemField::TimeCreated,
            values: attribute!("TimeCreated", "TimeCreated_attributes", "SystemTime"),
            read: field::time,
        },
        plain(SystemField::ProviderName, attribute!("Provider", "Provider_attributes", "Name")),
        plain(SystemField::ProviderGuid, attribute!("Provider", "Provider_attributes", "Guid")),
        plain(
            SystemField::EventSourceName,
            attribute!("Provider", "Provider_attributes", "EventSourceName"),
        ),
        plain(SystemField::EventId, element!("EventID")),
        plain(SystemField::Qualifiers, attribute!("EventID", "EventID_attributes", "Qualifiers")),
        plain(SystemField::Version, element!("Version")),
        plain(SystemField::Level, element!("Level")),
        plain(SystemField::Task, element!("Task")),
        plain(SystemField::Opcode, element!("Opcode")),
        plain(SystemField::Keywords, element!("Keywords")),
        plain(SystemField::RecordId, element!("EventRecordID")),
        plain(
            SystemField::ActivityId,
            attribute!("Correlation", "Correlation_attributes", "ActivityID"),
        ),
        plain(SystemField::ProcessId, attribute!("Execution", "Execution_attributes", "ProcessID")),
        plain(SystemField::ThreadId, attribute!("Execution", "Execution_attributes", "ThreadID")),
        plain(SystemField::Channel, element!("Channel")),
        plain(SystemField::Computer, element!("Computer")),
        plain(SystemField::UserId, attribute!("Security", "Security_attributes", "UserID")),
    ],
    data: DataPlace::Below(&[&["Event", "EventData"], &["Event", "UserData", ANY]]),
};
