//! An event as its XML tree, answering for its values.
//!
//! What an element holds is its attributes, called `@name`, the elements in it, and its own text, called
//! `#text` where there is anything beside it. Declarations of namespaces are not attributes, and the
//! `Name` of a `Data` is its name as a field.

use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry},
};

use crate::{
    element::Element,
    event::{DataValue, Event, SystemValue},
    json::write_json_string,
    system_field::SystemField,
    ticks::parse_xml_time,
};

/// What the key of an attribute starts with, as in what KQL's `parse_xml` returns.
pub const ATTRIBUTE: char = '@';
/// The key of an element's text beside attributes or elements.
const OWN_TEXT: &str = "#text";

/// An event as its XML tree: what readers of other renderings of the same XML put together.
///
/// The time has to be written as event XML writes it, `2021-04-21T09:40:32.3423972Z`.
#[derive(Debug)]
pub struct EventTree {
    root: Element,
}

/// One of the things that an element holds.
#[derive(Clone, Copy)]
enum Part<'a> {
    /// An attribute: its name without a namespace, and its value.
    Attribute(&'a str, &'a str),
    Element(&'a Element),
    /// The element's own text.
    Text(&'a str),
}

impl EventTree {
    /// Wraps the `Event` element.
    pub const fn new(root: Element) -> Self {
        Self { root }
    }

    /// Returns what the event's data consist of, `None` if the event has none.
    ///
    /// An event has `EventData` or `UserData`; whoever renders it may write both, one of them empty. What
    /// stands in several such elements is all data.
    fn data_parts(&self) -> Option<Vec<Part<'_>>> {
        let mut all: Option<Vec<Part<'_>>> = None;
        for child in &self.root.children {
            let found: Vec<Part<'_>> = match &*child.name {
                "UserData" if !child.children.is_empty() => {
                    attributes(child).chain(child.children.iter().flat_map(parts)).collect()
                }
                "EventData" | "UserData" => parts(child),
                _ => continue,
            };
            match &mut all {
                Some(all) => all.extend(found),
                None => all = Some(found),
            }
        }
        let is_data = |element: &&Element| !matches!(&*element.name, "System" | "RenderingInfo");
        all.or_else(|| self.root.children.iter().find(is_data).map(parts))
    }

    /// Returns a header field as the provider's texts render it, where the header itself lacks it.
    fn rendered(&self, field: SystemField) -> Option<SystemValue<'_>> {
        let info = self.root.child("RenderingInfo")?;
        let element = match field {
            SystemField::Level => info.child("Level")?,
            SystemField::Task => info.child("Task")?,
            SystemField::Opcode => info.child("Opcode")?,
            SystemField::Channel => info.child("Channel")?,
            SystemField::Keywords => {
                let words = info.child("Keywords")?.children.iter().map(|word| &*word.text);
                let words = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(", ");
                return Some(SystemValue::Text(Cow::Owned(words)));
            }
            _ => return None,
        };
        Some(SystemValue::Text(Cow::Borrowed(&element.text)))
    }
}

impl Event for EventTree {
    fn system(&self, field: SystemField) -> Option<SystemValue<'_>> {
        let (element, attribute) = field.place()?;
        let header = self.root.child("System")?;
        let found = header.child(element).and_then(|element| match attribute {
            Some(attribute) => element.attribute(attribute),
            None => Some(&element.text),
        });
        let Some(text) = found else { return self.rendered(field) };
        match field {
            SystemField::TimeCreated => parse_xml_time(text).map(SystemValue::Number),
            _ => Some(SystemValue::Text(Cow::Borrowed(text))),
        }
    }

    fn data(&self, path: &[String]) -> Option<DataValue<'_>> {
        let mut within = self.data_parts()?;
        let Some((last, parents)) = path.split_last() else {
            let mut json = String::new();
            write_object(&within, &mut json);
            return Some(DataValue::Json(Cow::Owned(json)));
        };
        for step in parents {
            let [Part::Element(element)] = *parts_named(&within, step) else { return None };
            if plain_text(element).is_some() {
                return None;
            }
            within = parts(element);
        }
        let found = parts_named(&within, last);
        match *found {
            [] => None,
            [Part::Attribute(_, text) | Part::Text(text)] => {
                Some(DataValue::Text(Cow::Borrowed(text)))
            }
            [Part::Element(element)]
                if !is_always_array(element)
                    && let Some(text) = plain_text(element) =>
            {
                Some(DataValue::Text(Cow::Borrowed(text)))
            }
            _ => {
                let mut json = String::new();
                write_value(&found, &mut json);
                Some(DataValue::Json(Cow::Owned(json)))
            }
        }
    }
}

impl<'a> Part<'a> {
    /// Returns the name as a field.
    fn key(self) -> Cow<'a, str> {
        match self {
            Self::Attribute(name, _) => Cow::Owned(format!("{ATTRIBUTE}{name}")),
            Self::Element(element) => Cow::Borrowed(key(element)),
            Self::Text(_) => Cow::Borrowed(OWN_TEXT),
        }
    }

    fn is_called(self, field: &str) -> bool {
        match self {
            Self::Attribute(name, _) => field.strip_prefix(ATTRIBUTE) == Some(name),
            Self::Element(element) => key(element) == field,
            Self::Text(_) => field == OWN_TEXT,
        }
    }

    fn is_always_array(self) -> bool {
        matches!(self, Self::Element(element) if is_always_array(element))
    }
}

/// Returns what an element holds: attributes, elements, its own text.
fn parts(element: &Element) -> Vec<Part<'_>> {
    let mut parts: Vec<_> = attributes(element).collect();
    parts.extend(element.children.iter().map(Part::Element));
    let text = if element.children.is_empty() { &element.text } else { element.text.trim() };
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    parts
}

/// Yields the attributes of an element that are data.
fn attributes(element: &Element) -> impl Iterator<Item = Part<'_>> {
    element.attributes.iter().filter_map(|(name, value)| {
        let name = data_attribute(&element.name, name).filter(|_| !value.is_empty())?;
        Some(Part::Attribute(name, value))
    })
}

/// Returns the name of an attribute without its namespace, `None` if it is not data but what names
/// the element or declares a namespace.
pub fn data_attribute<'n>(element: &str, attribute: &'n str) -> Option<&'n str> {
    let is_declaration = attribute == "xmlns" || attribute.starts_with("xmlns:");
    let is_name = attribute == "Name" && may_have_name(element);
    let name = attribute.rsplit(':').next().unwrap_or(attribute);
    (!is_declaration && !is_name).then_some(name)
}

/// Returns the text of an element that holds nothing else.
fn plain_text(element: &Element) -> Option<&str> {
    let is_plain = element.children.is_empty() && attributes(element).next().is_none();
    is_plain.then_some(&element.text)
}

/// Returns the name of an element as a field.
fn key(element: &Element) -> &str {
    let name = if may_have_name(&element.name) { element.attribute("Name") } else { None };
    name.filter(|name| !name.is_empty()).unwrap_or(&element.name)
}

/// Tells whether elements of that name are fields by what their `Name` attribute says.
pub fn may_have_name(element: &str) -> bool {
    matches!(element, "Data" | "ComplexData")
}

/// Tells whether the element is a `Data` without a name.
fn is_always_array(element: &Element) -> bool {
    &*element.name == "Data" && element.attribute("Name").is_none_or(str::is_empty)
}

fn parts_named<'a>(parts: &[Part<'a>], name: &str) -> Vec<Part<'a>> {
    parts.iter().copied().filter(|part| part.is_called(name)).collect()
}

/// Writes what an element holds as a JSON object, in the order in which names first appear.
fn write_object(parts: &[Part<'_>], out: &mut String) {
    let mut fields: Vec<(Cow<'_, str>, Vec<Part<'_>>)> = Vec::new();
    let mut places: HashMap<Cow<'_, str>, usize> = HashMap::new();
    for &part in parts {
        let name = part.key();
        match places.entry(name.clone()) {
            Entry::Occupied(place) => {
                if let Some((_, same)) = fields.get_mut(*place.get()) {
                    same.push(part);
                }
            }
            Entry::Vacant(place) => {
                place.insert(fields.len());
                fields.push((name, vec![part]));
            }
        }
    }
    out.push('{');
    for (at, (name, same)) in fields.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_json_string(name, out);
        out.push(':');
        write_value(same, out);
    }
    out.push('}');
}

/// Writes what has one name as JSON: a value, or an array if there are several.
fn write_value(parts: &[Part<'_>], out: &mut String) {
    match parts {
        [part] if !part.is_always_array() => write_part(*part, out),
        _ => {
            out.push('[');
            for (at, part) in parts.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_part(*part, out);
            }
            out.push(']');
        }
    }
}

fn write_part(part: Part<'_>, out: &mut String) {
    match part {
        Part::Attribute(_, text) | Part::Text(text) => write_json_string(text, out),
        Part::Element(element) => match plain_text(element) {
            Some(text) => write_json_string(text, out),
            None => write_object(&parts(element), out),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(name: &str, children: Vec<Element>) -> Element {
        Element { name: name.into(), children, ..Element::default() }
    }

    fn leaf(name: &str, text: &str) -> Element {
        Element { name: name.into(), text: text.into(), ..Element::default() }
    }

    fn data(name: &str, text: &str) -> Element {
        let attributes = vec![("Name".into(), name.to_owned())];
        Element { attributes, ..leaf("Data", text) }
    }

    fn event(section: &str, children: Vec<Element>) -> EventTree {
        let children = vec![leaf("System", ""), element(section, children)];
        EventTree::new(element("Event", children))
    }

    fn json(event: &EventTree) -> String {
        match event.data(&[]) {
            Some(DataValue::Json(json)) => json.into_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn named_data_are_fields_and_unnamed_an_array() {
        let named = event("EventData", vec![data("A", "1"), data("B", "")]);
        assert_eq!(json(&named), r#"{"A":"1","B":""}"#);
        let one = event("EventData", vec![leaf("Data", "x")]);
        assert_eq!(json(&one), r#"{"Data":["x"]}"#);
        let children = vec![leaf("Data", "x"), data("", "y"), leaf("Binary", "00FF")];
        let several = event("EventData", children);
        assert_eq!(json(&several), r#"{"Data":["x","y"],"Binary":"00FF"}"#);
    }

    #[test]
    fn repeated_names_are_an_array_of_all_values() {
        let event = event("EventData", vec![data("A", "1"), data("B", "2"), data("A", "3")]);
        assert_eq!(json(&event), r#"{"A":["1","3"],"B":"2"}"#);
        let path = ["A".to_owned()];
        assert_eq!(event.data(&path), Some(DataValue::Json(r#"["1","3"]"#.into())));
    }

    fn with(attributes: &[(&str, &str)], element: Element) -> Element {
        let attributes = attributes.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        Element { attributes: attributes.collect(), ..element }
    }

    fn at(event: &EventTree, path: &[&str]) -> Option<String> {
        let path: Vec<String> = path.iter().map(|step| (*step).to_owned()).collect();
        event.data(&path).map(|value| match value {
            DataValue::Text(text) | DataValue::Json(text) => text.into_owned(),
        })
    }

    #[test]
    fn what_stands_in_several_elements_is_all_data() {
        let leaf = |name: &str, text: &str| Element {
            name: name.into(),
            text: text.into(),
            ..Element::default()
        };
        let section =
            |name: &str, children| Element { name: name.into(), children, ..Element::default() };
        let user = || section("UserData", vec![section("W", vec![leaf("B", "2")])]);
        for (children, expected) in [
            (vec![section("EventData", vec![]), user()], r#"{"B":"2"}"#),
            (vec![section("EventData", vec![leaf("A", "1")]), user()], r#"{"A":"1","B":"2"}"#),
            (
                vec![
                    section("EventData", vec![leaf("A", "1")]),
                    section("EventData", vec![leaf("A", "2")]),
                ],
                r#"{"A":["1","2"]}"#,
            ),
        ] {
            let event = EventTree::new(section("Event", children));
            assert_eq!(event.data(&[]), Some(DataValue::Json(expected.into())));
        }
    }

    #[test]
    fn user_data_lose_their_wrapper_and_nothing_else() {
        let inner = element("A", vec![leaf("B", "1"), leaf("B", "2")]);
        let other = with(&[("t", "i"), ("xmlns:p", "u"), ("p:u", "j")], leaf("C", "3"));
        let wrapper = element("W", vec![inner, other, with(&[("e", "")], leaf("D", "4"))]);
        let event = event("UserData", vec![with(&[("xmlns", "n"), ("life", "9")], wrapper)]);
        let expected =
            r##"{"@life":"9","A":{"B":["1","2"]},"C":{"@t":"i","@u":"j","#text":"3"},"D":"4"}"##;
        assert_eq!(json(&event), expected);
        assert_eq!(at(&event, &["A", "B"]).unwrap(), r#"["1","2"]"#);
        assert_eq!(at(&event, &["@life"]).unwrap(), "9");
        assert_eq!(at(&event, &["C", "@u"]).unwrap(), "j");
        assert_eq!(at(&event, &["C", "#text"]).unwrap(), "3");
        assert_eq!(at(&event, &["D"]).unwrap(), "4");
        for missing in [&["X"][..], &["D", "#text"], &["@xmlns"], &["C", "@x"], &["@life", "#text"]]
        {
            assert_eq!(at(&event, missing), None, "{missing:?}");
        }
    }

    #[test]
    fn what_stands_around_data_is_data_too() {
        let children =
            vec![with(&[("Name", "A"), ("unit", "s")], leaf("Data", "1")), leaf("Data", "x")];
        let section = with(&[("Name", "TICK")], element("EventData", children));
        let event = EventTree::new(element("Event", vec![leaf("System", ""), section]));
        let expected = r##"{"@Name":"TICK","A":{"@unit":"s","#text":"1"},"Data":["x"]}"##;
        assert_eq!(json(&event), expected);
        let text = EventTree::new(element("Event", vec![leaf("EventData", "loose")]));
        assert_eq!(json(&text), r##"{"#text":"loose"}"##);
    }

    #[test]
    fn what_the_header_lacks_is_taken_from_the_rendering() {
        let words =
            element("Keywords", vec![leaf("Keyword", "Audit Success"), leaf("Keyword", "x")]);
        let info = vec![leaf("Level", "Warning"), leaf("Opcode", "Stop"), words];
        let header = element("System", vec![leaf("Opcode", "7")]);
        let event = EventTree::new(element("Event", vec![header, element("RenderingInfo", info)]));
        let text = |field| match event.system(field) {
            Some(SystemValue::Text(text)) => text.into_owned(),
            other => format!("{other:?}"),
        };
        assert_eq!(text(SystemField::Level), "Warning");
        assert_eq!(text(SystemField::Opcode), "7");
        assert_eq!(text(SystemField::Keywords), "Audit Success, x");
    }

    #[test]
    fn an_event_without_data_has_none() {
        assert_eq!(event("RenderingInfo", vec![leaf("Message", "x")]).data(&[]), None);
        let empty = event("EventData", vec![]);
        assert_eq!(empty.data(&[]), Some(DataValue::Json("{}".into())));
    }
}
