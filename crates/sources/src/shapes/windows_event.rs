//! Rows of Sentinel's `WindowsEvent`: events with their header flat and their data below.
//!
//! An export writes the data as an object or, as it does with every `dynamic`, as its JSON text.

use windows_event_model::SystemField;

use super::{Found, JsonShape};
use crate::{
    events::{
        field,
        shape::{DataPlace, EventShape, FieldSource, plain},
        times::time,
    },
    json::{
        members::members,
        plan::says_nothing,
        probe::Probe,
        text::{text_of, text_or_json},
    },
    request::EVENTS,
    tree::{
        draft::Draft,
        event::TreeEvent,
        lane::{TreeReader, TreeShape},
    },
};

pub(super) const SHAPE: JsonShape = JsonShape {
    recognise: |record, _| {
        let has = |keys: &[&str]| keys.iter().all(|key| record.has(&[key]));
        let is_named = record.text(&["Type"]).map(|name| name == EVENTS);
        let is_event = has(&["TimeGenerated", "Provider", "Channel", "EventID"]);
        // A field of CSV that is empty is not there, so that an event without data has no column.
        let is_typical = has(&["EventData"]) || has(&["EventLevelName", "EventRecordId"]);
        if !(is_event && is_named.unwrap_or(is_typical)) {
            return None;
        }
        let has_object = record.object(&["EventData"]).is_some();
        Some(Ok(if has_object {
            Found::Event(&EVENT)
        } else {
            Found::Tree(TreeReader::Builtin(TEXT))
        }))
    },
};

static EVENT: EventShape = EventShape {
    name: "WindowsEvent JSON",
    marker: &[&["Channel"]],
    fields: &[
        FieldSource {
            field: SystemField::TimeCreated,
            values: &[&[&["TimeGenerated"]]],
            read: field::time,
        },
        plain(SystemField::ProviderName, &[&[&["Provider"]]]),
        plain(SystemField::EventId, &[&[&["EventID"]]]),
        plain(SystemField::Version, &[&[&["Version"]]]),
        plain(SystemField::Level, &[&[&["EventLevel"]]]),
        plain(SystemField::Task, &[&[&["Task"]]]),
        plain(SystemField::Opcode, &[&[&["Opcode"]]]),
        plain(SystemField::Keywords, &[&[&["Keywords"]]]),
        plain(SystemField::RecordId, &[&[&["EventRecordId"]]]),
        plain(SystemField::ActivityId, &[&[&["Correlation"]]]),
        plain(SystemField::ProcessId, &[&[&["SystemProcessId"]]]),
        plain(SystemField::ThreadId, &[&[&["SystemThreadId"]]]),
        plain(SystemField::Channel, &[&[&["Channel"]]]),
        plain(SystemField::Computer, &[&[&["Computer"]]]),
        plain(SystemField::UserId, &[&[&["SystemUserId"]]]),
    ],
    data: DataPlace::Below(&[&["EventData"]]),
};

const TEXT: TreeShape = TreeShape { name: "WindowsEvent JSON with text", read };

/// Columns and the elements of the header that they are.
const HEADER: [(&str, &str); 9] = [
    ("EventID", "EventID"),
    ("Version", "Version"),
    ("EventLevel", "Level"),
    ("Task", "Task"),
    ("Opcode", "Opcode"),
    ("Keywords", "Keywords"),
    ("EventRecordId", "EventRecordID"),
    ("Channel", "Channel"),
    ("Computer", "Computer"),
];

fn read(record: Probe<'_>) -> Option<TreeEvent> {
    record.get(&["EventID"])?;
    let value = |key: &str| record.get(&[key]).and_then(text_of);
    let data = record.get(&["EventData"]).map(text_or_json).unwrap_or_default();
    let mut draft = Draft::default();
    draft.set_time(value("TimeGenerated"), time);
    for (column, element) in HEADER {
        draft.header(element, record.get(&[column]));
    }
    draft.attribute("Provider", "Name", value("Provider"));
    draft.attribute("Correlation", "ActivityID", value("Correlation"));
    draft.attribute("Execution", "ProcessID", value("SystemProcessId"));
    draft.attribute("Execution", "ThreadID", value("SystemThreadId"));
    draft.attribute("Security", "UserID", value("SystemUserId"));
    if Probe::new(&data).is_some() {
        for (name, value) in members(&data) {
            draft.json(&name, value);
        }
    } else if !data.trim().is_empty() && !says_nothing(&data) {
        draft.set_strange_data(&data);
    }
    Some(draft.finish())
}
