//! Events with everything at the top level and the time under `TimeCreated`.
//!
//! The public data sets of OTRF since late 2020 have it, written by a PowerShell exporter. There
//! is no record number; `Level`, `Keywords` and `ProviderGuid` may be missing.

use windows_event_model::SystemField;

use super::{Found, JsonShape};
use crate::events::{
    field,
    shape::{DataPlace, EventShape, FieldSource, plain},
};

pub(super) const SHAPE: JsonShape = JsonShape {
    recognise: |record, _| {
        let keys = ["EventID", "SourceName", "Channel", "Hostname", "TimeCreated"];
        keys.iter().all(|key| record.has(&[key])).then_some(Ok(Found::Event(&EVENT)))
    },
};

static EVENT: EventShape = EventShape {
    name: "flat JSON with TimeCreated",
    marker: &[&["TimeCreated"]],
    fields: &[
        FieldSource {
            field: SystemField::TimeCreated,
            values: &[&[&["TimeCreated"]]],
            read: field::time,
        },
        plain(SystemField::ProviderName, &[&[&["SourceName"]]]),
        plain(SystemField::ProviderGuid, &[&[&["ProviderGuid"]]]),
        plain(SystemField::EventId, &[&[&["EventID"]]]),
        FieldSource { field: SystemField::Level, values: &[&[&["Level"]]], read: field::level },
        plain(SystemField::Task, &[&[&["Task"]]]),
        plain(SystemField::Keywords, &[&[&["Keywords"]]]),
        FieldSource {
            field: SystemField::Channel,
            values: &[&[&["Channel"]]],
            read: field::channel,
        },
        plain(SystemField::Computer, &[&[&["Hostname"]]]),
    ],
    data: DataPlace::Beside { envelope: ENVELOPE, is_data: |_, _, _| true },
};

const ENVELOPE: &[&str] = &[
    "@timestamp",
    "@version",
    "Channel",
    "EventID",
    "Hostname",
    "Keywords",
    "Level",
    "Message",
    "ProviderGuid",
    "SourceName",
    "Task",
    "TimeCreated",
    "tags",
];
