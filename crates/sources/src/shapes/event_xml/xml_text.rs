//! Records that carry the event's whole XML as text, under whatever key: timelines, forwarders and
//! agents that were told to keep the original.

use crate::{
    json::probe::Probe,
    shapes::{Found, JsonShape},
    tree::{
        event::TreeEvent,
        lane::{TreeReader, TreeShape},
    },
    xml,
};

pub(in crate::shapes) const SHAPE: JsonShape = JsonShape {
    recognise: |record, _| xml_of(record).map(|_| Ok(Found::Tree(TreeReader::Builtin(EVENT)))),
};

const EVENT: TreeShape = TreeShape { name: "event XML in JSON", read };

/// Returns the XML of an event that a text holds, with nothing but a declaration before it.
pub(in crate::shapes) fn event_in(text: &str) -> Option<String> {
    let at = xml::framing::find_event(text.as_bytes())?;
    let event = text.get(at..).unwrap_or_default().trim_end();
    let is_whole = xml::framing::is_of_events(text.as_bytes(), at) && event.ends_with("</Event>");
    is_whole.then(|| event.to_owned())
}

fn xml_of(record: Probe<'_>) -> Option<String> {
    let mut texts = record.members().filter(|(_, value)| value.contains("<Event"));
    texts.find_map(|(key, _)| event_in(&record.text(&[&key])?))
}

fn read(record: Probe<'_>) -> Option<TreeEvent> {
    xml::read::event_in_text(&xml_of(record)?)
}
