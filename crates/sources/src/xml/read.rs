//! One event's XML into its tree.

use std::rc::Rc;

use evtx_arrow::{Element, EventTree};
use quick_xml::{
    Reader,
    escape::resolve_predefined_entity,
    events::{BytesRef, BytesStart, Event},
};

use crate::tree::event::{TreeEvent, time};

/// Nesting past which an event is refused, in elements.
const MAX_DEPTH: usize = 64;

/// Reads an event.
///
/// Elements and attributes lose the prefixes of their namespaces. Text in an element with others in
/// it is what indents them, and is dropped.
///
/// # Errors
///
/// What should have been there, and the offset where it is not.
pub(crate) fn event(text: &str) -> Result<TreeEvent, (usize, &'static str)> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut open: Vec<Element> = Vec::new();
    loop {
        let offset = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let found = reader.read_event().map_err(|_| (offset, "well-formed XML"))?;
        match found {
            Event::Start(start) if open.len() < MAX_DEPTH => {
                open.push(element(&start).ok_or((offset, "attributes"))?);
            }
            Event::Start(_) => return Err((offset, "less nesting")),
            Event::Empty(start) => {
                let element = element(&start).ok_or((offset, "attributes"))?;
                if let Some(parent) = open.last_mut() {
                    parent.children.push(element);
                }
            }
            Event::End(_) => {
                let Some(mut element) = open.pop() else { return Err((offset, "`<Event`")) };
                if !element.children.is_empty() {
                    element.text.clear();
                }
                match open.last_mut() {
                    Some(parent) => parent.children.push(element),
                    None => return finish(element).ok_or((0, "`<Event` with `<System>` in it")),
                }
            }
            Event::Text(piece) => add(&mut open, &piece.decode().unwrap_or_default()),
            Event::CData(piece) => add(&mut open, &piece.decode().unwrap_or_default()),
            Event::GeneralRef(reference) => {
                add(&mut open, &character(&reference).ok_or((offset, "a known entity"))?);
            }
            Event::Eof => return Err((offset, "`</Event>`")),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn finish(root: Element) -> Option<TreeEvent> {
    let created = root.child("System")?.child("TimeCreated");
    let time = created.and_then(|created| time(created.attribute("SystemTime")?));
    (&*root.name == "Event").then(|| TreeEvent::new(EventTree::new(root), time))
}

fn element(start: &BytesStart<'_>) -> Option<Element> {
    let mut attributes: Vec<(Rc<str>, String)> = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        let name = str::from_utf8(attribute.key.local_name().into_inner()).ok()?.into();
        let value = attribute.unescape_value().ok()?.into_owned();
        attributes.push((name, value));
    }
    let name = str::from_utf8(start.local_name().into_inner()).ok()?.into();
    Some(Element { name, attributes, ..Element::default() })
}

/// Appends text to the innermost element; line breaks stay as they are, as in the event itself.
fn add(open: &mut [Element], text: &str) {
    let Some(element) = open.last_mut() else { return };
    element.text.push_str(text);
}

/// Returns what an entity or a numbered character stands for.
fn character(reference: &BytesRef<'_>) -> Option<String> {
    if let Some(char) = reference.resolve_char_ref().ok()? {
        return Some(char.into());
    }
    let name = reference.decode().ok()?;
    resolve_predefined_entity(&name).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use evtx_arrow::{DataValue, Event as _, SystemField, SystemValue};

    use super::*;

    const SYSTEM: &str = "<System><Provider Name='P'/><EventID Qualifiers=\"1\">7</EventID>\
        <TimeCreated SystemTime='2021-04-21T09:40:32.123456789Z'/></System>";

    fn data(section: &str) -> String {
        let event = event(&format!("<Event xmlns='x'>{SYSTEM}{section}</Event>")).unwrap();
        match event.data(&[]) {
            Some(DataValue::Json(json)) => json.into_owned(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn header_fields_are_elements_and_attributes() {
        let event = event(&format!("<Event>{SYSTEM}</Event>")).unwrap();
        let text = |field| match event.system(field) {
            Some(SystemValue::Text(text)) => text.into_owned(),
            other => format!("{other:?}"),
        };
        assert_eq!(text(SystemField::Provider), "P");
        assert_eq!(text(SystemField::EventID), "7");
        assert_eq!(text(SystemField::Qualifiers), "1");
        assert_eq!(text(SystemField::TimeGenerated), "Some(Number(637545948321234567))");
    }

    #[test]
    fn entities_and_sections_are_text() {
        let section = "<EventData><Data Name='A'>a &lt; &#65;&amp;\n</Data><Data Name='B'/>\
            <Data><![CDATA[<x>]]></Data></EventData>";
        assert_eq!(data(section), r#"{"A":"a < A&\n","B":"","Data":["<x>"]}"#);
    }

    #[test]
    fn user_data_lose_their_wrapper() {
        let section = "<UserData>\n  <W xmlns='y'>\n    <A>1</A>\n  </W>\n</UserData>";
        assert_eq!(data(section), r#"{"A":"1"}"#);
    }

    #[test]
    fn what_is_no_event_is_said() {
        for text in
            ["<Event>", "<Event><System></Event>", "<Event></Event>", "<Event>&x;</Event>", "x"]
        {
            assert!(event(text).is_err(), "{text}");
        }
    }
}
