//! Events of OpenTelemetry's `windowseventlog` receiver: the body of its records, bare or as OTLP
//! writes it.
//!
//! The data are a map, `event_data`, or in former versions a list of maps of one field each below
//! `event_data.data`. With `raw` the body is the event's XML.

use std::borrow::Cow;

use windows_event_model::write_json_string;

use super::{Found, JsonShape, event_xml::xml_text};
use crate::{
    events::{
        names::{keywords_of, level_of, opcode_of, task_of},
        times::time,
    },
    json::{members::elements, probe::Probe, text::text_of},
    tree::{
        draft::Draft,
        event::TreeEvent,
        lane::{TreeReader, TreeShape},
    },
};

pub(super) const SHAPE: JsonShape = JsonShape {
    recognise: |record, _| {
        let is_event = match body(record)? {
            Body::Fields(text) => Probe::new(&text).is_some_and(is_event),
            Body::Xml(_) => true,
        };
        is_event.then_some(Ok(Found::Tree(TreeReader::Builtin(EVENT))))
    },
};

const EVENT: TreeShape = TreeShape { name: "OpenTelemetry JSON", read };

/// Nesting past which values of OTLP are left out.
const MAX_DEPTH: usize = 12;

/// The body of a record of a log.
enum Body<'r> {
    Fields(Cow<'r, str>),
    Xml(String),
}

/// Returns the body: that of an OTLP record, or the record itself.
fn body(record: Probe<'_>) -> Option<Body<'_>> {
    let Some(body) = record.object(&["body"]) else {
        return Some(Body::Fields(Cow::Borrowed(record.as_str())));
    };
    if let Some(text) = body.text(&["stringValue"]) {
        return xml_text::event_in(&text).map(Body::Xml);
    }
    body.has(&["kvlistValue"]).then(|| Body::Fields(Cow::Owned(plain(body, 0))))
}

fn is_event(body: Probe<'_>) -> bool {
    let has = |keys: &[&str]| keys.iter().all(|key| body.has(&[key]));
    has(&["event_id", "provider", "channel", "computer"]) && body.object(&["provider"]).is_some()
}

/// Returns a value of OTLP, an object with one of `stringValue` and its kin, as plain JSON.
fn plain(value: Probe<'_>, depth: usize) -> String {
    let Some((kind, inner)) = value.members().next().filter(|_| depth < MAX_DEPTH) else {
        return "null".to_owned();
    };
    let values = || Probe::new(inner).and_then(|list| list.get(&["values"])).unwrap_or("[]");
    let below = depth.saturating_add(1);
    let plain_of = |value: &str| {
        Probe::new(value).map_or_else(|| "null".to_owned(), |value| plain(value, below))
    };
    match &*kind {
        "kvlistValue" => {
            let mut json = String::new();
            for member in elements(values()).filter_map(Probe::new) {
                json.push(if json.is_empty() { '{' } else { ',' });
                write_json_string(&member.text(&["key"]).unwrap_or_default(), &mut json);
                json.push(':');
                json.push_str(&member.get(&["value"]).map_or("null".to_owned(), plain_of));
            }
            json.push_str(if json.is_empty() { "{}" } else { "}" });
            json
        }
        "arrayValue" => {
            let items: Vec<String> = elements(values()).map(plain_of).collect();
            format!("[{}]", items.join(","))
        }
        _ => inner.to_owned(),
    }
}

fn read(record: Probe<'_>) -> Option<TreeEvent> {
    match body(record)? {
        Body::Xml(xml) => crate::xml::read::event_in_text(&xml),
        Body::Fields(text) => Probe::new(&text).filter(|body| is_event(*body)).map(event),
    }
}

fn event(body: Probe<'_>) -> TreeEvent {
    let value = |path: &[&str]| body.get(path).and_then(text_of).filter(|text| !text.is_empty());
    let mut draft = Draft::default();
    draft.set_time(value(&["system_time"]), time);
    let provider = value(&["provider", "name"]);
    let id = value(&["event_id", "id"]).or_else(|| value(&["event_id"])).unwrap_or_default();
    let number = |name: Option<String>, known: &dyn Fn(&str) -> Option<i64>| {
        name.map(|name| known(&name).map_or(name, |number| number.to_string()))
    };
    let task = |name: &str| task_of(name, provider.as_deref().unwrap_or_default(), &id);
    draft.element("Level", number(value(&["level"]), &level_of));
    draft.element("Task", number(value(&["task"]), &task));
    draft.element("Opcode", number(value(&["opcode"]), &opcode_of));
    let keywords: Vec<String> =
        body.get(&["keywords"]).into_iter().flat_map(elements).filter_map(text_of).collect();
    let keywords = keywords.join(", ");
    draft.element("Keywords", keywords_of(&keywords).map(str::to_owned).or(Some(keywords)));
    draft.attribute("Provider", "Name", provider);
    draft.attribute("Provider", "Guid", value(&["provider", "guid"]));
    draft.attribute("Provider", "EventSourceName", value(&["provider", "event_source"]));
    draft.element("EventID", Some(id));
    draft.attribute("EventID", "Qualifiers", value(&["event_id", "qualifiers"]));
    for (key, element) in [
        ("version", "Version"),
        ("record_id", "EventRecordID"),
        ("channel", "Channel"),
        ("computer", "Computer"),
    ] {
        draft.header(element, body.get(&[key]));
    }
    draft.attribute("Correlation", "ActivityID", value(&["correlation", "activity_id"]));
    draft.attribute("Execution", "ProcessID", value(&["execution", "process_id"]));
    draft.attribute("Execution", "ThreadID", value(&["execution", "thread_id"]));
    draft.attribute("Security", "UserID", value(&["security", "user_id"]));
    match (body.object(&["event_data"]), body.get(&["event_data"])) {
        (Some(data), _) => add_data(&mut draft, data),
        (None, Some(other)) if !matches!(other, "null" | "\"\"" | "[]") => {
            draft.set_strange_data(other);
        }
        _ => {}
    }
    match (body.object(&["user_data"]), body.get(&["user_data"])) {
        (Some(data), _) => add_user_data(&mut draft, data),
        (None, Some(other)) if !matches!(other, "null" | "\"\"" | "[]") => {
            draft.set_strange_data(other);
        }
        _ => {}
    }
    draft.finish()
}

/// Adds what stands below `UserData`: the fields of the one element in it, or those that stand there
/// themselves.
fn add_user_data(draft: &mut Draft, data: Probe<'_>) {
    let mut members = data.members();
    let only = members.next().filter(|_| members.next().is_none());
    match only.and_then(|(_, value)| Probe::new(value)) {
        Some(inner) => add_data(draft, inner),
        None => add_data(draft, data),
    }
}

fn add_data(draft: &mut Draft, data: Probe<'_>) {
    let list = data.get(&["data"]).filter(|value| value.starts_with('['));
    let Some(list) = list else {
        data.members().for_each(|(name, value)| draft.json(&name, value));
        return;
    };
    for field in elements(list) {
        let mut members = Probe::new(field).into_iter().flat_map(Probe::members);
        match (members.next(), members.next()) {
            (Some((name, value)), None) if !value.starts_with(['{', '[']) => {
                let text = text_of(value).unwrap_or_default();
                if name.is_empty() { draft.unnamed(text) } else { draft.data(&name, text) }
            }
            _ => draft.set_strange_data(field),
        }
    }
    if let Some(binary) = data.get(&["binary"]).and_then(text_of).filter(|text| !text.is_empty()) {
        draft.data("Binary", binary);
    }
}
