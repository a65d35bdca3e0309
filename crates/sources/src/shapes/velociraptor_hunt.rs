//! Events as Velociraptor's artifacts for hunting list them: the header flat, the data below.

use windows_event_model::SystemField;

use super::{Found, JsonShape};
use crate::{
    events::{
        field,
        shape::{DataPlace, EventShape, FieldSource, plain},
    },
    json::plan::ANY,
};

pub(super) const SHAPE: JsonShape = JsonShape {
    recognise: |record, _| {
        let keys = ["EventTime", "Computer", "Channel", "EventID", "EventData"];
        keys.iter().all(|key| record.has(&[key])).then_some(Ok(Found::Event(&EVENT)))
    },
};

static EVENT: EventShape = EventShape {
    name: "Velociraptor hunt JSON",
    marker: &[&["EventTime"]],
    fields: &[
        FieldSource {
            field: SystemField::TimeCreated,
            values: &[&[&["EventTime"]]],
            read: field::time,
        },
        plain(SystemField::ProviderName, &[&[&["Provider"], &["ProviderName"]]]),
        plain(SystemField::EventId, &[&[&["EventID"]]]),
        plain(SystemField::RecordId, &[&[&["EventRecordID"], &["RecordID"]]]),
        FieldSource {
            field: SystemField::Channel,
            values: &[&[&["Channel"]]],
            read: field::channel,
        },
        plain(SystemField::Computer, &[&[&["Computer"]]]),
        plain(SystemField::UserId, &[&[&["UserSID"]]]),
    ],
    data: DataPlace::Below(&[&["EventData"], &["UserData", ANY]]),
};
