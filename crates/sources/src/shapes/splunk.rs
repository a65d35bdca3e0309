//! Results that Splunk exports as JSON: the event's fields flat below `result`, next to its own.
//!
//! With the event's XML in `_raw`, that is what is read. Without it, the header is made of the
//! fields as Splunk's add-on for Windows names them; what is neither header nor Splunk's is data.

use super::{Found, JsonShape, event_xml::xml_text};
use crate::{
    events::{
        names::{keywords_of, provider_of},
        times::time,
    },
    json::{probe::Probe, text::text_of},
    losses::Cause,
    tree::{
        draft::Draft,
        event::TreeEvent,
        lane::{TreeReader, TreeShape},
    },
    xml,
};

pub(super) const SHAPE: JsonShape = JsonShape {
    recognise: |record, _| {
        let result = result_of(record)?;
        let is_event = raw_xml(result).is_some()
            || (result.has(&["EventID"]) || result.has(&["EventCode"]))
                && channel(result).is_some();
        is_event.then_some(Ok(Found::Tree(TreeReader::Builtin(EVENT))))
    },
};

const EVENT: TreeShape = TreeShape { name: "Splunk JSON", read };

/// What the sources of Windows events are called, before the channel's name.
const SOURCES: [&str; 2] = ["XmlWinEventLog:", "WinEventLog:"];

/// Fields of the header, of Splunk and of its add-on's own making.
const NO_DATA: &[&str] = &[
    "ActivityID",
    "Caller_Machine_Name",
    "Channel",
    "Computer",
    "ComputerName",
    "CreationUtcTime_",
    "EventCode",
    "EventData_Xml",
    "EventID",
    "EventRecordID",
    "EventSourceName",
    "EventType",
    "Error_Code",
    "Guid",
    "Keywords",
    "Level",
    "LogName",
    "Message",
    "Name",
    "OpCode",
    "Opcode",
    "ProcessID",
    "Qualifiers",
    "RecordID",
    "RecordNumber",
    "RenderingInfo_Xml",
    "SourceName",
    "SystemTime",
    "System_Props_Xml",
    "Task",
    "TaskCategory",
    "ThreadID",
    "TimeCreated",
    "UserData_Xml",
    "UserID",
    "Version",
    "action",
    "app",
    "change_type",
    "dest",
    "dvc",
    "dvc_nt_host",
    "event_id",
    "eventtype",
    "host",
    "id",
    "index",
    "linecount",
    "member_id",
    "object",
    "object_attrs",
    "object_category",
    "product",
    "punct",
    "result",
    "severity",
    "severity_id",
    "signature",
    "signature_id",
    "source",
    "sourcetype",
    "splunk_server",
    "splunk_server_group",
    "src",
    "src_user",
    "src_user_type",
    "status",
    "subject",
    "ta_windows_action",
    "tag",
    "timeendpos",
    "timestartpos",
    "user",
    "user_group_id",
    "user_type",
    "vendor",
    "vendor_product",
];

fn result_of(record: Probe<'_>) -> Option<Probe<'_>> {
    let wrapped = record.object(&["result"]);
    wrapped.or_else(|| (record.has(&["_raw"]) || record.has(&["_time"])).then_some(record))
}

fn raw_xml(result: Probe<'_>) -> Option<String> {
    let raw = result.text(&["_raw"])?;
    xml_text::event_in(&raw)
}

fn read(record: Probe<'_>) -> Option<TreeEvent> {
    let result = result_of(record)?;
    let raw = raw_xml(result);
    if let Some(event) = raw.and_then(|raw| xml::read::event_in_text(raw.trim_end())) {
        return Some(event);
    }
    // Splunk cuts events that are long; then there are the fields that it has found by then.
    let raw = result.text(&["_raw"]).filter(|raw| raw.trim_start().starts_with("<Event"));
    let lost = raw.map(|raw| (Cause::XmlInText, raw.into_owned()));
    let value = |keys: &[&str]| keys.iter().find_map(|key| first_text(result.get(&[key])?));
    let id = value(&["EventID", "EventCode"])?;
    let channel = channel(result)?;
    let mut draft = Draft::default();
    let created = value(&["SystemTime"]).map(|text| trimmed(&text)).filter(|text| !text.is_empty());
    draft.set_time(created.or_else(|| value(&["_time"])), time);
    let provider = value(&["Name", "ProviderName", "SourceName"]).map(|name| trimmed(&name));
    draft.attribute(
        "Provider",
        "Name",
        Some(provider.unwrap_or_else(|| provider_of(&channel, &id))),
    );
    draft.attribute("Provider", "Guid", value(&["Guid"]).map(|guid| trimmed(&guid)));
    draft.element("EventID", Some(id));
    for (keys, element) in [
        (&["Version"][..], "Version"),
        (&["Level"], "Level"),
        (&["Task"], "Task"),
        (&["Opcode"], "Opcode"),
        (&["EventRecordID", "RecordNumber", "RecordID"], "EventRecordID"),
        (&["Computer", "ComputerName", "host"], "Computer"),
    ] {
        draft.element(element, value(keys));
    }
    let keywords = value(&["Keywords"]);
    let bits = keywords.as_deref().and_then(keywords_of).map(str::to_owned);
    draft.element("Keywords", bits.or(keywords));
    draft.element("Channel", Some(channel));
    draft.attribute("Correlation", "ActivityID", value(&["ActivityID"]));
    draft.attribute("Security", "UserID", value(&["UserID"]).map(|sid| trimmed(&sid)));
    for (key, value) in result.members() {
        let is_own = key.starts_with(['_', '@']) || key.starts_with("date_") || key.contains("::");
        if !is_own && !NO_DATA.contains(&&*key) {
            draft.json(&key, value);
        }
    }
    Some(draft.finish().with_lost(lost.into_iter().collect()))
}

/// Returns the channel: a field of its own, or what stands behind the kind of source.
fn channel(result: Probe<'_>) -> Option<String> {
    let value = |key: &str| first_text(result.get(&[key])?);
    let named = value("Channel").or_else(|| value("LogName")).filter(|name| !name.is_empty());
    named.or_else(|| {
        ["source", "sourcetype"].iter().find_map(|key| {
            let source = value(key)?;
            let names = SOURCES.iter().filter_map(|kind| source.strip_prefix(kind));
            names.map(str::to_owned).next()
        })
    })
}

/// Returns a value's text, of several values that of the first.
fn first_text(value: &str) -> Option<String> {
    if value.starts_with('[') {
        return crate::json::members::elements(value).next().and_then(text_of);
    }
    text_of(value)
}

/// Returns an attribute's value without the quotes that Splunk may leave around it.
fn trimmed(value: &str) -> String {
    value.trim_matches('\'').to_owned()
}
