//! Events as Winlogbeat wrote them up to version 6: snake case, `event_data` for the data.

use windows_event_model::SystemField;

use crate::{
    events::{
        field,
        shape::{DataPlace, EventShape, FieldSource, plain},
    },
    shapes::{Found, JsonShape},
};

pub(in crate::shapes) const SHAPE: JsonShape = JsonShape {
    recognise: |record, _| {
        let keys = ["@timestamp", "event_id", "source_name", "log_name"];
        keys.iter().all(|key| record.has(&[key])).then_some(Ok(Found::Event(&EVENT)))
    },
};

static EVENT: EventShape = EventShape {
    name: "Winlogbeat 6 JSON",
    marker: &[&["source_name"]],
    fields: &[
        FieldSource {
            field: SystemField::TimeCreated,
            values: &[&[&["@timestamp"]]],
            read: field::time,
        },
        plain(SystemField::ProviderName, &[&[&["source_name"]]]),
        plain(SystemField::ProviderGuid, &[&[&["provider_guid"]]]),
        plain(SystemField::EventId, &[&[&["event_id"]]]),
        plain(SystemField::Version, &[&[&["version"]]]),
        FieldSource { field: SystemField::Level, values: &[&[&["level"]]], read: field::level },
        FieldSource {
            field: SystemField::Task,
            values: &[&[&["task"]], &[&["source_name"]], &[&["event_id"]]],
            read: field::task,
        },
        FieldSource { field: SystemField::Opcode, values: &[&[&["opcode"]]], read: field::opcode },
        FieldSource {
            field: SystemField::Keywords,
            values: &[&[&["keywords"]]],
            read: field::keywords,
        },
        plain(SystemField::RecordId, &[&[&["record_number"]]]),
        plain(SystemField::ActivityId, &[&[&["activity_id"]]]),
        plain(SystemField::ProcessId, &[&[&["process_id"]]]),
        plain(SystemField::ThreadId, &[&[&["thread_id"]]]),
        FieldSource {
            field: SystemField::Channel,
            values: &[&[&["log_name"]]],
            read: field::channel,
        },
        plain(SystemField::Computer, &[&[&["computer_name"]]]),
        plain(SystemField::UserId, &[&[&["user", "identifier"]]]),
    ],
    data: DataPlace::Below(&[&["event_data"], &["user_data"]]),
};
