//! Events whose values a collector lists without their names: Fluent Bit's `winevtlog` and `winlog`,
//! Fluentd's `windows_eventlog2`.
//!
//! The names are known for some events by their id and the number of values, and for Sysmon by the
//! message. An event for which they are not is refused, with what to collect instead.
//!
//! Source: the plugins `in_winevtlog` and `in_winlog` of Fluent Bit, fluent-plugin-windows-eventlog.

use kql_types::Ticks;

use super::{Found, JsonShape, get_winevent::fields, sysmon_message};
use crate::{
    events::times::time,
    json::{
        members::elements,
        probe::Probe,
        text::{text_of, text_or_json},
    },
    losses::Cause,
    tree::{
        draft::Draft,
        event::TreeEvent,
        lane::{TreeReader, TreeShape},
    },
};

pub(super) const SHAPE: JsonShape = JsonShape {
    recognise: |record, _| {
        let has = |keys: &[&str]| keys.iter().all(|key| record.has(&[key]));
        let lists_values = ["StringInserts", "EventData"]
            .iter()
            .any(|key| record.get(&[key]).is_some_and(|value| value.starts_with('[')));
        let is_event = has(&["ProviderName", "EventID", "Channel", "Computer", "TimeCreated"])
            && (lists_values || has(&["ActivityID", "RelatedActivityID"]))
            || has(&["SourceName", "EventID", "Channel", "ComputerName", "TimeGenerated"])
                && lists_values;
        is_event.then_some(Ok(Found::Tree(TreeReader::Builtin(EVENT))))
    },
};

const EVENT: TreeShape = TreeShape { name: "Fluent Bit or Fluentd JSON", read };

fn read(record: Probe<'_>) -> Option<TreeEvent> {
    let value = |keys: &[&str]| {
        let mut texts = keys.iter().filter_map(|key| record.get(&[key]).and_then(text_of));
        texts.find(|text| !text.is_empty())
    };
    let id = value(&["EventID"])?;
    let provider = value(&["ProviderName", "SourceName"]);
    let mut draft = Draft::default();
    draft.set_time(value(&["TimeCreated", "TimeGenerated"]), local_time);
    draft.attribute("Provider", "Guid", value(&["ProviderGuid", "ProviderGUID"]));
    draft.attribute("EventID", "Qualifiers", value(&["Qualifiers"]));
    for (keys, element) in [
        (&["Version"][..], "Version"),
        (&["Level"], "Level"),
        (&["Task", "EventCategory"], "Task"),
        (&["Opcode"], "Opcode"),
        (&["Keywords"], "Keywords"),
        (&["EventRecordID", "RecordNumber"], "EventRecordID"),
        (&["Channel"], "Channel"),
        (&["Computer", "ComputerName"], "Computer"),
    ] {
        draft.element(element, value(keys));
    }
    draft.attribute("Correlation", "ActivityID", value(&["ActivityID"]));
    draft.attribute("Execution", "ProcessID", value(&["ProcessID"]));
    draft.attribute("Execution", "ThreadID", value(&["ThreadID"]));
    // The account's name may stand there, which is no SID.
    let user = value(&["UserID", "Sid"]).filter(|user| user.starts_with("S-1-"));
    draft.attribute("Security", "UserID", user);
    let lists = ["StringInserts", "EventData"].iter().filter_map(|key| record.get(&[key]));
    let values: Vec<String> = lists
        .filter(|value| value.starts_with('['))
        .take(1)
        .flat_map(elements)
        .map(text_or_json)
        .collect();
    let name = provider.clone().unwrap_or_default();
    let lost = add_values(&mut draft, &name, &id, value(&["Message", "Description"]), values);
    draft.attribute("Provider", "Name", provider);
    draft.element("EventID", Some(id));
    Some(draft.finish().with_lost(lost))
}

/// Adds the event's data; returns what is not certain of them.
fn add_values(
    draft: &mut Draft,
    provider: &str,
    id: &str,
    message: Option<String>,
    values: Vec<String>,
) -> Vec<(Cause, String)> {
    if let Some(message) = message.filter(|_| provider == "Microsoft-Windows-Sysmon") {
        let mut lost = Vec::new();
        sysmon_message::add(draft, id, &message, &mut lost);
        return lost;
    }
    match fields::names(provider, id, values.len()) {
        Some(names) => {
            for (field, value) in names.iter().zip(values) {
                let (name, text) = fields::field(field, value);
                draft.data(name, text);
            }
        }
        None if values.is_empty() => {}
        None => draft.set_strange_data("values without names; collect the event's XML instead"),
    }
    Vec::new()
}

/// Reads a time as these collectors write it: `2021-05-04 03:02:01 +0200`, or with slashes and in UTC.
fn local_time(text: &str) -> Option<Ticks> {
    let text = text.trim().replace('/', "-");
    match text.rsplit_once(' ') {
        Some((local, zone)) if zone.starts_with(['+', '-']) && zone.len() == 5 => {
            let (hours, minutes) = zone.split_at_checked(3)?;
            time(&format!("{local}{hours}:{minutes}"))
        }
        _ => time(&text),
    }
}
