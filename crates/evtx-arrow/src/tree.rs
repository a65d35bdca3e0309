//! An event as its XML tree, answering for its values.

use std::borrow::Cow;

use crate::{
    event::{DataValue, Event, SystemValue},
    json::write_json_string,
    system_field::SystemField,
    ticks::parse_xml_time,
    xml::Element,
};

/// An event as its XML tree.
#[derive(Debug)]
pub(crate) struct EventTree {
    root: Element,
}

impl EventTree {
    /// Wraps the `Event` element.
    pub(crate) const fn new(root: Element) -> Self {
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
        let (element, attribute) = place(field)?;
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

/// Returns where a header field stands: the element within `System`, and the attribute if it is
/// one. `None` for a field that restates another.
const fn place(field: SystemField) -> Option<(&'static str, Option<&'static str>)> {
    Some(match field {
        SystemField::TimeGenerated => ("TimeCreated", Some("SystemTime")),
        SystemField::Provider => ("Provider", Some("Name")),
        SystemField::ProviderGuid => ("Provider", Some("Guid")),
        SystemField::EventSourceName => ("Provider", Some("EventSourceName")),
        SystemField::EventID => ("EventID", None),
        SystemField::Qualifiers => ("EventID", Some("Qualifiers")),
        SystemField::Version => ("Version", None),
        SystemField::EventLevel => ("Level", None),
        SystemField::Task => ("Task", None),
        SystemField::Opcode => ("Opcode", None),
        SystemField::Keywords => ("Keywords", None),
        SystemField::RecordId => ("EventRecordID", None),
        SystemField::Correlation => ("Correlation", Some("ActivityID")),
        SystemField::SystemProcessId => ("Execution", Some("ProcessID")),
        SystemField::SystemThreadId => ("Execution", Some("ThreadID")),
        SystemField::Channel => ("Channel", None),
        SystemField::Computer => ("Computer", None),
        SystemField::SystemUserId => ("Security", Some("UserID")),
        SystemField::EventLevelName | SystemField::EventRecordId => return None,
    })
}

/// Returns the name of an element as a field.
fn key(element: &Element) -> &str {
    match &*element.name {
        "Data" | "ComplexData" => element.attribute("Name").filter(|name| !name.is_empty()),
        _ => None,
    }
    .unwrap_or(&element.name)
}

/// Tells whether the element is a `Data` without a name.
fn is_always_array(element: &Element) -> bool {
    element.name == "Data" && element.attribute("Name").is_none_or(str::is_empty)
}

fn fields_named<'a>(elements: &[&'a Element], name: &str) -> Vec<&'a Element> {
    elements.iter().copied().filter(|element| key(element) == name).collect()
}

/// Writes elements as a JSON object, in the order in which their names first appear.
fn write_object(elements: &[&Element], out: &mut String) {
    let mut names: Vec<&str> = Vec::new();
    out.push('{');
    for element in elements {
        let name = key(element);
        if names.contains(&name) {
            continue;
        }
        if !names.is_empty() {
            out.push(',');
        }
        names.push(name);
        write_json_string(name, out);
        out.push(':');
        write_value(&fields_named(elements, name), out);
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
    use crate::xml;

    fn event(data: &str) -> EventTree {
        EventTree::new(xml::parse(&format!("<Event><System/>{data}</Event>")).unwrap())
    }

    fn json(data: &str) -> String {
        match event(data).data(&[]) {
            Some(DataValue::Json(json)) => json.into_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn named_data_are_fields_and_unnamed_an_array() {
        assert_eq!(
            json(r#"<EventData><Data Name="A">1</Data><Data Name="B"></Data></EventData>"#),
            r#"{"A":"1","B":""}"#
        );
        assert_eq!(json("<EventData><Data>x</Data></EventData>"), r#"{"Data":["x"]}"#);
        assert_eq!(
            json("<EventData><Data>x</Data><Data>y</Data><Binary>00FF</Binary></EventData>"),
            r#"{"Data":["x","y"],"Binary":"00FF"}"#
        );
    }

    #[test]
    fn repeated_names_are_an_array_of_all_values() {
        let data = r#"<EventData><Data Name="A">1</Data><Data Name="B">2</Data><Data Name="A">3</Data></EventData>"#;
        assert_eq!(json(data), r#"{"A":["1","3"],"B":"2"}"#);
        let path = ["A".to_owned()];
        assert_eq!(event(data).data(&path), Some(DataValue::Json(r#"["1","3"]"#.into())));
    }

    #[test]
    fn user_data_lose_their_wrapper_and_attributes() {
        let data = "<UserData><W xmlns='x'><A><B>1</B><B>2</B></A><C t='i'>3</C></W></UserData>";
        assert_eq!(json(data), r#"{"A":{"B":["1","2"]},"C":"3"}"#);
        let path = ["A".to_owned(), "B".to_owned()];
        assert_eq!(event(data).data(&path), Some(DataValue::Json(r#"["1","2"]"#.into())));
        assert_eq!(event(data).data(&["X".to_owned()]), None);
    }

    #[test]
    fn an_event_without_data_has_none() {
        assert_eq!(event("<RenderingInfo><Message/></RenderingInfo>").data(&[]), None);
        assert_eq!(event("<EventData/>").data(&[]), Some(DataValue::Json("{}".into())));
    }
}
