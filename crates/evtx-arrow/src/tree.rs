//! An event as its XML tree, answering for its values.

use std::{borrow::Cow, collections::HashMap};

use crate::{
    element::Element,
    event::{DataValue, Event, SystemValue},
    json::write_json_string,
    system_field::SystemField,
    ticks::parse_xml_time,
};

/// An event as its XML tree: what readers of other renderings of the same XML put together.
///
/// The time has to be written as event XML writes it, `2021-04-21T09:40:32.3423972Z`.
#[derive(Debug)]
pub struct EventTree {
    root: Element,
}

impl EventTree {
    /// Wraps the `Event` element.
    pub const fn new(root: Element) -> Self {
        Self { root }
    }

    /// Returns the elements that hold the event's data, `None` if the event has none.
    fn data_elements(&self) -> Option<Vec<&Element>> {
        if let Some(data) = self.root.child("EventData") {
            return Some(data.children.iter().collect());
        }
        if let Some(data) = self.root.child("UserData") {
            return Some(data.children.iter().flat_map(|wrapper| &wrapper.children).collect());
        }
        let is_data = |element: &&Element| !matches!(&*element.name, "System" | "RenderingInfo");
        self.root.children.iter().find(is_data).map(|data| data.children.iter().collect())
    }
}

impl Event for EventTree {
    fn system(&self, field: SystemField) -> Option<SystemValue<'_>> {
        let (element, attribute) = field.place()?;
        let element = self.root.child("System")?.child(element)?;
        let text = match attribute {
            Some(attribute) => element.attribute(attribute)?,
            None => &element.text,
        };
        match field {
            SystemField::TimeGenerated => parse_xml_time(text).map(SystemValue::Number),
            _ => Some(SystemValue::Text(Cow::Borrowed(text))),
        }
    }

    fn data(&self, path: &[String]) -> Option<DataValue<'_>> {
        let mut elements = self.data_elements()?;
        let Some((last, parents)) = path.split_last() else {
            let mut json = String::new();
            write_object(&elements, &mut json);
            return Some(DataValue::Json(Cow::Owned(json)));
        };
        for step in parents {
            let [element] = *fields_named(&elements, step) else { return None };
            elements = element.children.iter().collect();
        }
        let found = fields_named(&elements, last);
        match *found {
            [] => None,
            [element] if element.children.is_empty() && !is_always_array(element) => {
                Some(DataValue::Text(Cow::Borrowed(&element.text)))
            }
            _ => {
                let mut json = String::new();
                write_value(&found, &mut json);
                Some(DataValue::Json(Cow::Owned(json)))
            }
        }
    }
}

/// Returns the name of an element as a field.
fn key(element: &Element) -> &str {
    let name = if may_have_name(&element.name) { element.attribute("Name") } else { None };
    name.filter(|name| !name.is_empty()).unwrap_or(&element.name)
}

/// Tells whether elements of that name are fields by what their `Name` attribute says.
pub(crate) fn may_have_name(element: &str) -> bool {
    matches!(element, "Data" | "ComplexData")
}

/// Tells whether the element is a `Data` without a name.
fn is_always_array(element: &Element) -> bool {
    &*element.name == "Data" && element.attribute("Name").is_none_or(str::is_empty)
}

fn fields_named<'a>(elements: &[&'a Element], name: &str) -> Vec<&'a Element> {
    elements.iter().copied().filter(|element| key(element) == name).collect()
}

/// Writes elements as a JSON object, in the order in which their names first appear.
fn write_object(elements: &[&Element], out: &mut String) {
    let mut fields: Vec<(&str, Vec<&Element>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for &element in elements {
        let name = key(element);
        let place = *places.entry(name).or_insert(fields.len());
        match fields.get_mut(place) {
            Some((_, same)) => same.push(element),
            None => fields.push((name, vec![element])),
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

/// Writes the elements of one name as JSON: a value, or an array if there are several.
fn write_value(elements: &[&Element], out: &mut String) {
    match elements {
        [element] if !is_always_array(element) => write_element(element, out),
        _ => {
            out.push('[');
            for (at, element) in elements.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_element(element, out);
            }
            out.push(']');
        }
    }
}

fn write_element(element: &Element, out: &mut String) {
    if element.children.is_empty() {
        write_json_string(&element.text, out);
    } else {
        write_object(&element.children.iter().collect::<Vec<_>>(), out);
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

    #[test]
    fn user_data_lose_their_wrapper_and_attributes() {
        let inner = element("A", vec![leaf("B", "1"), leaf("B", "2")]);
        let other = Element { attributes: vec![("t".into(), "i".into())], ..leaf("C", "3") };
        let event = event("UserData", vec![element("W", vec![inner, other])]);
        assert_eq!(json(&event), r#"{"A":{"B":["1","2"]},"C":"3"}"#);
        let path = ["A".to_owned(), "B".to_owned()];
        assert_eq!(event.data(&path), Some(DataValue::Json(r#"["1","2"]"#.into())));
        assert_eq!(event.data(&["X".to_owned()]), None);
    }

    #[test]
    fn an_event_without_data_has_none() {
        assert_eq!(event("RenderingInfo", vec![leaf("Message", "x")]).data(&[]), None);
        let empty = event("EventData", vec![]);
        assert_eq!(empty.data(&[]), Some(DataValue::Json("{}".into())));
    }
}
