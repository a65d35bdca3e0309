//! One event's XML into its tree.

use std::rc::Rc;

use quick_xml::{
    Reader,
    escape::resolve_predefined_entity,
    events::{BytesRef, BytesStart, Event},
};
use windows_event_model::{Element, EventTree};

use super::{
    MAX_DEPTH,
    lenient::{self, Fault},
};
use crate::{events::times::time, losses::Cause, tree::event::TreeEvent};

/// Reads an event, and what in it is not well formed: each fault costs its own value at most.
///
/// Elements and attributes lose the prefixes of their namespaces. Blanks in an element with others in
/// it are what indents them, and are dropped.
///
/// # Errors
///
/// What should have been there, and the offset where it is not.
pub(crate) fn event(text: &str) -> Result<(TreeEvent, Vec<Fault>), (usize, &'static str)> {
    if let Ok(root) = well_formed(text) {
        return Ok((finish(root)?, Vec::new()));
    }
    let (root, faults) = lenient::event(text)?;
    Ok((finish(root)?, faults))
}

/// Reads an event whose XML is a text within a record; what had to be mended is told with the event.
pub(crate) fn event_in_text(text: &str) -> Option<TreeEvent> {
    let (event, faults) = event(text).ok()?;
    let first = faults.first().map(|fault| (Cause::XmlInText, fault.what.to_owned()));
    Some(event.with_lost(first.into_iter().collect()))
}

/// Reads an event that is well formed into its `Event` element.
fn well_formed(text: &str) -> Result<Element, (usize, &'static str)> {
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
                if !element.children.is_empty() && element.text.trim().is_empty() {
                    element.text.clear();
                }
                match open.last_mut() {
                    Some(parent) => parent.children.push(element),
                    None => return Ok(element),
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

/// Makes an event of its element, which has to have what makes it one.
fn finish(root: Element) -> Result<TreeEvent, (usize, &'static str)> {
    let header = root.child("System").filter(|_| &*root.name == "Event");
    let header = header.ok_or((0, "`<Event` with `<System>` in it"))?;
    let mut names: Vec<&str> = header.children.iter().map(|child| &*child.name).collect();
    names.sort_unstable();
    if names.windows(2).any(|pair| matches!(pair, [one, other] if one == other)) {
        return Err((0, "each element of `<System>` once"));
    }
    let provider = header.child("Provider").filter(|it| {
        let is_said = |(_, value): &(Rc<str>, String)| !value.trim().is_empty();
        it.attributes.iter().any(is_said)
    });
    provider.ok_or((0, "`<Provider` with a `Name`"))?;
    let created = header.child("TimeCreated").and_then(|it| it.attribute("SystemTime"));
    let time =
        created.and_then(time).ok_or((0, "`<TimeCreated` with a `SystemTime` that is a time"))?;
    let id = header.child("EventID").filter(|it| !it.text.trim().is_empty());
    id.ok_or((0, "`<EventID>`"))?;
    Ok(TreeEvent::new(EventTree::new(root), Some(time)))
}

fn element(start: &BytesStart<'_>) -> Option<Element> {
    let mut attributes: Vec<(Rc<str>, String)> = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.ok()?;
        if attribute.key.as_namespace_binding().is_some() {
            continue;
        }
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
    use windows_event_model::{DataValue, Event as _, SystemField, SystemValue};

    use super::*;

    const SYSTEM: &str = "<System><Provider Name='P'/><EventID Qualifiers=\"1\">7</EventID>\
        <TimeCreated SystemTime='2021-04-21T09:40:32.123456789Z'/></System>";

    fn data(section: &str) -> String {
        let (event, _) = event(&format!("<Event xmlns='x'>{SYSTEM}{section}</Event>")).unwrap();
        match event.data(&[]) {
            Some(DataValue::Json(json)) => json.into_owned(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn header_fields_are_elements_and_attributes() {
        let (event, _) = event(&format!("<Event>{SYSTEM}</Event>")).unwrap();
        let text = |field| match event.system(field) {
            Some(SystemValue::Text(text)) => text.into_owned(),
            other => format!("{other:?}"),
        };
        assert_eq!(text(SystemField::ProviderName), "P");
        assert_eq!(text(SystemField::EventId), "7");
        assert_eq!(text(SystemField::Qualifiers), "1");
        assert_eq!(text(SystemField::TimeCreated), "Some(Number(637545948321234567))");
    }

    #[test]
    fn entities_and_sections_are_text() {
        let section = "<EventData><Data Name='A'>a &lt; &#65;&amp;\n</Data><Data Name='B'/>\
            <Data><![CDATA[<x>]]></Data></EventData>";
        assert_eq!(data(section), r#"{"A":"a < A&\n","B":"","Data":["<x>"]}"#);
    }

    #[test]
    fn user_data_lose_their_wrapper_and_keep_their_attributes() {
        let section = "<UserData>\n  <W xmlns='y' xmlns:p='z' p:life='&lt;9'>\n    <A>1</A>\n  </W>\n</UserData>";
        assert_eq!(data(section), r#"{"@life":"<9","A":"1"}"#);
        let section = "<UserData><W no='7'><A t='i'>1</A><A/></W></UserData>";
        assert_eq!(data(section), r##"{"@no":"7","A":[{"@t":"i","#text":"1"},""]}"##);
    }

    #[test]
    fn what_is_not_well_formed_costs_its_own_value_and_is_told() {
        let section = "<EventData><Data Name='A'>a & <b</Data><Data Name='B'>2</Data></EventData>";
        assert_eq!(data(section), r#"{"A":"a & <b","B":"2"}"#);
        let (_, faults) = event(&format!("<Event>{SYSTEM}{section}</Event>")).unwrap();
        let told: Vec<_> = faults.iter().map(|fault| fault.what).collect();
        assert_eq!(told, ["`&` that starts no entity", "`<` that starts no tag"]);
    }

    #[test]
    fn what_makes_no_event_is_said() {
        let with = |header: &str| format!("<Event><System>{header}</System></Event>");
        let time = "<TimeCreated SystemTime='2021-04-21T09:40:32Z'/>";
        for (text, expected) in [
            ("<Event>".to_owned(), "`</Event>`"),
            ("<Event></Event>".to_owned(), "`<Event` with `<System>` in it"),
            ("x".to_owned(), "`</Event>`"),
            (with(time), "`<Provider` with a `Name`"),
            (
                with("<Provider Name='P'/><TimeCreated SystemTime='soon'/>"),
                "`<TimeCreated` with a `SystemTime` that is a time",
            ),
        ] {
            assert_eq!(event(&text).unwrap_err().1, expected, "{text}");
        }
    }
}
