//! Putting an event's tree together from values found one by one.

use std::rc::Rc;

use kql_types::Ticks;
use windows_event_model::{Element, EventTree};

use super::event::TreeEvent;
use crate::json::{
    members::{elements, members},
    text::text_of,
};

/// An event under construction.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    system: Vec<Element>,
    data: Vec<Element>,
    time: Option<Ticks>,
    time_text: Option<String>,
    strange_data: Option<String>,
}

impl Draft {
    /// Sets the time of the event from its text, which is kept: it may be read in another way too.
    pub(crate) fn set_time(&mut self, text: Option<String>, read: fn(&str) -> Option<Ticks>) {
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return };
        self.time = read(&text);
        self.time_text = Some(text);
    }

    /// Takes note of what should have been the event's data and is in no form that is known.
    pub(crate) fn set_strange_data(&mut self, text: &str) {
        self.strange_data = Some(text.to_owned());
    }

    /// Adds elements to the event's data.
    pub(crate) fn add_data(&mut self, elements: Vec<Element>) {
        self.data.extend(elements);
    }

    /// Adds an element of the header, unless there is nothing to put into it.
    pub(crate) fn element(&mut self, name: &str, text: Option<impl Into<String>>) {
        let Some(text) = text.map(Into::into).filter(|text: &String| !text.is_empty()) else {
            return;
        };
        match self.system.iter_mut().find(|element| &*element.name == name) {
            Some(element) => element.text = text,
            None => self.system.push(Element { name: name.into(), text, ..Element::default() }),
        }
    }

    /// Adds an element of the header by its JSON text; an array or an object is no value of it, and is
    /// taken note of.
    pub(crate) fn header(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) if value.starts_with(['[', '{']) => self.set_strange_data(value),
            value => self.element(name, value.and_then(text_of)),
        }
    }

    /// Adds an attribute of an element of the header, unless there is nothing to put into it.
    pub(crate) fn attribute(
        &mut self,
        element: &str,
        name: &str,
        value: Option<impl Into<String>>,
    ) {
        let Some(value) = value.map(Into::into).filter(|value: &String| !value.is_empty()) else {
            return;
        };
        let attribute = (Rc::from(name), value);
        match self.system.iter_mut().find(|known| &*known.name == element) {
            Some(known) => known.attributes.push(attribute),
            None => self.system.push(Element {
                name: element.into(),
                attributes: vec![attribute],
                ..Element::default()
            }),
        }
    }

    /// Adds a field of the event's data.
    pub(crate) fn data(&mut self, name: &str, text: impl Into<String>) {
        let attributes = vec![(Rc::from("Name"), name.to_owned())];
        self.data.push(Element {
            name: "Data".into(),
            attributes,
            text: text.into(),
            ..Element::default()
        });
    }

    /// Adds a value of the event's data that has no name.
    pub(crate) fn unnamed(&mut self, text: impl Into<String>) {
        self.data.push(Element { name: "Data".into(), text: text.into(), ..Element::default() });
    }

    /// Adds a field of the event's data by its JSON text.
    pub(crate) fn json(&mut self, name: &str, value: &str) {
        if value.starts_with('[') {
            for element in elements(value) {
                self.json(name, element);
            }
        } else if value.starts_with('{') {
            let mut element = nested("Data", value);
            element.attributes.push((Rc::from("Name"), name.to_owned()));
            self.data.push(element);
        } else {
            self.data(name, text_of(value).unwrap_or_default());
        }
    }

    /// Returns the event.
    pub(crate) fn finish(self) -> TreeEvent {
        let section =
            |name: &str, children| Element { name: name.into(), children, ..Element::default() };
        let children = vec![section("System", self.system), section("EventData", self.data)];
        TreeEvent::new(EventTree::new(section("Event", children)), self.time)
            .with_time_text(self.time_text)
            .with_strange_data(self.strange_data)
    }
}

/// Returns an object as an element whose children are its members.
fn nested(name: &str, value: &str) -> Element {
    let mut children = Vec::new();
    for (key, value) in members(value) {
        if value.starts_with('[') {
            children.extend(elements(value).map(|value| nested(&key, value)));
        } else {
            children.push(nested(&key, value));
        }
    }
    let text =
        if value.starts_with('{') { String::new() } else { text_of(value).unwrap_or_default() };
    Element { name: name.into(), children, text, ..Element::default() }
}
