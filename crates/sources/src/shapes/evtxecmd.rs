//! Records of `EvtxECmd`, as JSON lines and as rows of its CSV: a flat header, and the event's data
//! as the JSON text of their XML in `Payload`.
//!
//! `MapDescription`, `PayloadData1` to `PayloadData6` and the like are what its maps have drawn from the
//! data, which are all in `Payload`.

use std::borrow::Cow;

use super::{Found, JsonShape, event_xml::xml_json};
use crate::{
    events::{
        names::{keywords_of, level_of},
        times::time,
    },
    json::{probe::Probe, repeated, text::text_of},
    problem::Reason,
    tree::{
        draft::Draft,
        event::TreeEvent,
        lane::{TreeReader, TreeShape},
    },
};

pub(super) const SHAPE: JsonShape = JsonShape {
    recognise: |record, _| {
        let is_evtxecmd =
            ["EventId", "TimeCreated", "Channel"].iter().all(|key| record.has(&[key]))
                && MARKS.iter().any(|key| record.has(&[key]));
        let has_data = record.has(&["Payload"]);
        is_evtxecmd.then_some(if has_data {
            Ok(Found::Tree(TreeReader::Builtin(EVENT)))
        } else {
            Err(Reason::OtherTool {
                what: "records of EvtxECmd without the column Payload, which holds the event data",
                instead: "export them again with all columns, or give the event logs themselves",
            })
        })
    },
};

/// The name of the format.
pub(super) const NAME: &str = "EvtxECmd";
const EVENT: TreeShape = TreeShape { name: NAME, read };

/// The columns of its CSV.
pub(super) const COLUMNS: &[&str] = &[
    "RecordNumber",
    "EventRecordId",
    "TimeCreated",
    "EventId",
    "Level",
    "Provider",
    "Channel",
    "ProcessId",
    "ThreadId",
    "Computer",
    "ChunkNumber",
    "UserId",
    "MapDescription",
    "UserName",
    "RemoteHost",
    "PayloadData1",
    "PayloadData2",
    "PayloadData3",
    "PayloadData4",
    "PayloadData5",
    "PayloadData6",
    "ExecutableInfo",
    "HiddenRecord",
    "SourceFile",
    "Keywords",
    "ExtraDataOffset",
    "Payload",
];

/// Columns that `EvtxECmd` has and others do not, of which a row of CSV may have some empty.
const MARKS: [&str; 8] = [
    "ChunkNumber",
    "ExecutableInfo",
    "ExtraDataOffset",
    "HiddenRecord",
    "MapDescription",
    "Payload",
    "PayloadData1",
    "SourceFile",
];

fn read(record: Probe<'_>) -> Option<TreeEvent> {
    let value = |key: &str| record.get(&[key]).and_then(text_of);
    let mut draft = Draft::default();
    draft.set_time(value("TimeCreated"), time);
    draft.attribute("Provider", "Name", value("Provider"));
    draft.element("EventID", Some(value("EventId")?));
    let level = value("Level");
    let number = level.as_deref().and_then(level_of).map(|number| number.to_string());
    draft.element("Level", number.or(level));
    let keywords = value("Keywords");
    let bits = keywords.as_deref().and_then(keywords_of).map(str::to_owned);
    draft.element("Keywords", bits.or(keywords));
    draft.element("EventRecordID", value("EventRecordId").or_else(|| value("RecordNumber")));
    draft.header("Channel", record.get(&["Channel"]));
    draft.header("Computer", record.get(&["Computer"]));
    draft.attribute("Execution", "ProcessID", value("ProcessId"));
    draft.attribute("Execution", "ThreadID", value("ThreadId"));
    draft.attribute("Security", "UserID", value("UserId"));
    let payload = record.get(&["Payload"])?;
    let payload = if payload.starts_with('{') {
        Cow::Borrowed(payload)
    } else {
        record.text(&["Payload"])?
    };
    match Probe::new(&payload).map(xml_json::data) {
        Some(_) if repeated::is_in(&payload) => draft.set_strange_data(&payload),
        Some(Ok(data)) => draft.add_data(data),
        Some(Err(odd)) => draft.set_strange_data(&odd),
        None if payload.trim().is_empty() => {}
        None => draft.set_strange_data(&payload),
    }
    Some(draft.finish())
}
