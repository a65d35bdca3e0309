//! Events as Winlogbeat has written them since version 7, in the Elastic Common Schema, and as
//! Elastic's agent does; a search of Elasticsearch wraps them in `_source`.

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
        let wrapped = record.object(&["_source"]);
        let is_event = [Some(record), wrapped].into_iter().flatten().any(|record| {
            record.has(&["@timestamp"])
                && record.object(&["winlog"]).is_some_and(|winlog| {
                    winlog.has(&["channel"])
                        && (winlog.has(&["event_id"]) || record.has(&["event", "code"]))
                })
        });
        is_event.then_some(Ok(Found::Event(&EVENT)))
    },
};

/// Returns the places of a field of the header, bare and wrapped.
macro_rules! at {
    ($($step:literal),+) => {
        &[&[$($step),+], &["_source", $($step),+]]
    };
}

static EVENT: EventShape = EventShape {
    name: "Winlogbeat JSON",
    marker: at!["winlog"],
    fields: &[
        FieldSource {
            field: SystemField::TimeCreated,
            values: &[at!["@timestamp"]],
            read: field::time,
        },
        plain(
            SystemField::ProviderName,
            &[at!["winlog", "provider_name"], at!["event", "provider"]],
        ),
        plain(SystemField::ProviderGuid, &[at!["winlog", "provider_guid"]]),
        plain(SystemField::EventId, &[at!["winlog", "event_id"], at!["event", "code"]]),
        plain(SystemField::Version, &[at!["winlog", "version"]]),
        FieldSource {
            field: SystemField::Level,
            values: &[at!["log", "level"], at!["winlog", "level"]],
            read: field::level,
        },
        FieldSource {
            field: SystemField::Task,
            values: &[
                at!["winlog", "task"],
                at!["winlog", "provider_name"],
                at!["winlog", "event_id"],
            ],
            read: field::task,
        },
        FieldSource {
            field: SystemField::Opcode,
            values: &[at!["winlog", "opcode"]],
            read: field::opcode,
        },
        FieldSource {
            field: SystemField::Keywords,
            values: &[at!["winlog", "keywords"]],
            read: field::keywords,
        },
        plain(SystemField::RecordId, &[at!["winlog", "record_id"]]),
        plain(SystemField::ActivityId, &[at!["winlog", "activity_id"]]),
        plain(SystemField::ProcessId, &[at!["winlog", "process", "pid"]]),
        plain(SystemField::ThreadId, &[at!["winlog", "process", "thread", "id"]]),
        FieldSource {
            field: SystemField::Channel,
            values: &[at!["winlog", "channel"]],
            read: field::channel,
        },
        plain(SystemField::Computer, &[at!["winlog", "computer_name"], at!["host", "name"]]),
        plain(SystemField::UserId, &[at!["winlog", "user", "identifier"]]),
    ],
    data: DataPlace::Below(&[
        &["winlog", "event_data"],
        &["winlog", "user_data"],
        &["_source", "winlog", "event_data"],
        &["_source", "winlog", "user_data"],
    ]),
};
