//! Events whose XML a converter has turned into JSON, whichever it was.
//!
//! Converters differ in where they put attributes and an element's own text: `@Name` and `#text`
//! (xmltodict, Json.NET), objects `$` and `_` (xml2js), `_attributes` and `_text` (xml-js), `@_Name`
//! (fast-xml-parser), `-Name` (mxj), `+@Name` (yq), `_Name` and `_VALUE` (Spark), plain names and
//! `content` (org.json). An element that occurs once is an object or text, several are an array;
//! some always write arrays. What is left of an event's header is told by the names that Windows
//! gives its elements and attributes.

use std::rc::Rc;

use windows_event_model::{Element, EventTree};

use crate::{
    events::times::time,
    json::{members::elements, probe::Probe, text::text_or_json},
    shapes::{Found, JsonShape},
    tree::{
        event::TreeEvent,
        lane::{TreeReader, TreeShape},
    },
};

pub(in crate::shapes) const SHAPE: JsonShape = JsonShape {
    recognise: |record, _| {
        let system = section(event_of(record)?, "System")?;
        let has_id = system.members().any(|(key, _)| local_name(&key) == "EventID");
        has_id.then_some(Ok(Found::Tree(TreeReader::Builtin(EVENT))))
    },
};

const EVENT: TreeShape = TreeShape { name: "event XML as JSON", read };

/// Nesting past which values are no event's.
const MAX_DEPTH: usize = 32;

/// Keys under which converters keep an element's own text.
const TEXT: [&str; 13] = [
    "#text",
    "_text",
    "$t",
    "_",
    "#cdata-section",
    "#cdata",
    "_cdata",
    "__cdata",
    "__text",
    "$text",
    "+content",
    "_VALUE",
    "",
];

/// Names under which an element's own text stands where attributes have no mark.
const PLAIN_TEXT: [&str; 6] = ["content", "Value", "value", "Text", "text", "$"];

/// Keys of objects that hold an element's attributes.
const ATTRIBUTES: [&str; 5] = ["#attributes", "_attributes", "@attributes", "$attributes", "$"];

/// What stands before the name of an attribute.
const PREFIXES: [&str; 4] = ["+@", "@_", "@", "-"];

/// Attributes that event XML has: what a mark as common as `_` is believed for.
const KNOWN_ATTRIBUTES: [&str; 11] = [
    "ActivityID",
    "EventSourceName",
    "Guid",
    "Name",
    "ProcessID",
    "Qualifiers",
    "RelatedActivityID",
    "SystemTime",
    "ThreadID",
    "UserID",
    "xmlns",
];

/// Members that are neither elements, attributes nor text.
const NO_CONTENT: [&str; 5] = ["#comment", "_comment", "?xml", "_declaration", "#whitespace"];

/// Returns the object that has the header: below `Event` or the record itself.
fn event_of(record: Probe<'_>) -> Option<Probe<'_>> {
    section(record, "Event").or(Some(record)).filter(|event| section(*event, "System").is_some())
}

/// Returns the object that is an element of that name, alone or the only one of an array.
fn section<'r>(object: Probe<'r>, name: &str) -> Option<Probe<'r>> {
    let (_, value) = object.members().find(|(key, _)| local_name(key) == name)?;
    if value.starts_with('[') {
        let mut values = elements(value);
        let first = values.next()?;
        return if values.next().is_none() { Probe::new(first) } else { None };
    }
    Probe::new(value)
}

fn read(record: Probe<'_>) -> Option<TreeEvent> {
    let event = event_of(record)?;
    let mut strange = list_of_other_things(event);
    let mut root = object("Event", event, 0);
    let system = root.children.iter_mut().find(|child| &*child.name == "System")?;
    system.children.iter_mut().for_each(plain_attributes);
    strange = strange.or_else(|| odd_header(system));
    let created = system.child("TimeCreated");
    let created = created.map(|created| created.attribute("SystemTime").unwrap_or(&created.text));
    let created = created.filter(|text| !text.trim().is_empty()).map(str::to_owned);
    let ticks = created.as_deref().and_then(time);
    for data in root.children.iter_mut().filter(|child| &*child.name == "EventData") {
        let (fields, odd) = fields(std::mem::take(&mut data.children));
        data.children = fields;
        strange = strange.or(odd);
        if data.children.is_empty() && !data.text.trim().is_empty() {
            strange = strange.or_else(|| Some(data.text.clone()));
        }
    }
    let mut users = root.children.iter().filter(|child| &*child.name == "UserData");
    let user = users.next().filter(|user| user.children.is_empty() || users.next().is_some());
    let user = user.map(|user| user.text.trim()).filter(|text| !text.is_empty());
    strange = strange.or_else(|| user.map(str::to_owned));
    let event = TreeEvent::new(EventTree::new(root), ticks);
    Some(event.with_time_text(created).with_strange_data(strange))
}

/// Returns what of a header is not one value: an element that is there twice, an attribute that is an
/// array or an object, an element with members that event XML does not have.
fn odd_header(header: &Element) -> Option<String> {
    let is_json = |text: &str| text.starts_with('[') || text.starts_with("{\"");
    header.children.iter().enumerate().find_map(|(at, child)| {
        let again = header.children.iter().skip(at.saturating_add(1));
        if again.clone().any(|other| other.name == child.name) {
            return Some(format!("System.{}, several times", child.name));
        }
        let has_no_attributes = matches!(&*child.name, "Computer" | "Channel");
        let odd = child.attributes.iter().find(|(name, value)| {
            is_json(value) || (has_no_attributes && child.text.is_empty() && &**name != "Name")
        });
        odd.map(|(name, _)| format!("System.{}.{name}", child.name))
    })
}

/// Returns the value of `EventData` if it is an array of anything but the element's own content.
///
/// Converters that write every element as an array have one object in it, with `Data` below.
fn list_of_other_things(event: Probe<'_>) -> Option<String> {
    let (_, value) = event.members().find(|(key, _)| local_name(key) == "EventData")?;
    if !value.starts_with('[') {
        return None;
    }
    let is_content = |key: &str| {
        matches!(local_name(key), "Data" | "ComplexData" | "Binary")
            || ATTRIBUTES.contains(&key)
            || marked_attribute(key).is_some()
    };
    let mut values = elements(value);
    let only = values.next().filter(|_| values.next().is_none());
    let is_element = match only {
        Some(value) if value.starts_with('{') => Probe::new(value)
            .is_some_and(|object| object.members().all(|(key, _)| is_content(&key))),
        Some(value) => matches!(value, "\"\"" | "null"),
        None => value == "[]",
    };
    (!is_element).then(|| value.to_owned())
}

/// Returns the data of an event from the JSON of the part of its XML that holds them, as an object
/// with `EventData` or `UserData`; an error is what is in no form that is known.
pub(in crate::shapes) fn data(payload: Probe<'_>) -> Result<Vec<Element>, String> {
    let mut data = Vec::new();
    for section in object("Event", payload, 0).children {
        let children = if &*section.name == "UserData" {
            section.children.into_iter().flat_map(|wrapper| wrapper.children).collect()
        } else {
            section.children
        };
        if children.is_empty() && !section.text.trim().is_empty() {
            return Err(section.text);
        }
        let (fields, odd) = fields(children);
        data.extend(fields);
        if let Some(odd) = odd {
            return Err(odd);
        }
    }
    Ok(data)
}

/// Returns the elements of a value: none is one without content, an array one for each of it.
fn of_value(name: &str, value: &str, depth: usize) -> Vec<Element> {
    if value.starts_with('[') && depth < MAX_DEPTH {
        let inner = depth.saturating_add(1);
        return elements(value).flat_map(|value| of_value(name, value, inner)).collect();
    }
    if let Some(probe) = Probe::new(value).filter(|_| depth < MAX_DEPTH) {
        return vec![object(name, probe, depth.saturating_add(1))];
    }
    let text = text_or_json(value);
    vec![Element { name: name.into(), text, ..Element::default() }]
}

fn object(name: &str, members: Probe<'_>, depth: usize) -> Element {
    let mut element = Element { name: name.into(), ..Element::default() };
    let mut apart = Vec::new();
    for (key, value) in members.members() {
        let holds_attributes = value.starts_with('{') && ATTRIBUTES.contains(&&*key);
        if NO_CONTENT.contains(&&*key) {
        } else if holds_attributes {
            attributes(value, &mut element);
        } else if TEXT.contains(&&*key) || key == "$" {
            element.text.push_str(&text(value));
        } else if let Some(element_name) = key.strip_suffix("_attributes") {
            apart.push((element_name.to_owned(), value));
        } else if let Some(attribute) = marked_attribute(&key) {
            add_attribute(&mut element, attribute, value);
        } else {
            element.children.extend(of_value(local_name(&key), value, depth));
        }
    }
    for (name, value) in apart {
        let at = element.children.iter().position(|child| &*child.name == name.as_str());
        if at.is_none() {
            element.children.push(Element { name: name.as_str().into(), ..Element::default() });
        }
        let place = match at {
            Some(at) => element.children.get_mut(at),
            None => element.children.last_mut(),
        };
        if let Some(child) = place {
            attributes(value, child);
        }
    }
    element
}

/// Returns an element's text: a scalar, or the pieces of an array.
fn text(value: &str) -> String {
    if value.starts_with('[') {
        return elements(value).map(text_or_json).collect();
    }
    text_or_json(value)
}

fn attributes(object: &str, element: &mut Element) {
    for (key, value) in Probe::new(object).into_iter().flat_map(Probe::members) {
        add_attribute(element, marked_attribute(&key).unwrap_or(&key), value);
    }
}

fn add_attribute(element: &mut Element, name: &str, value: &str) {
    let is_namespace = name == "xmlns" || name.starts_with("xmlns:");
    if !is_namespace {
        element.attributes.push((Rc::from(local_name(name)), text_or_json(value)));
    }
}

/// Returns the name of an attribute if the key is marked as one.
fn marked_attribute(key: &str) -> Option<&str> {
    let marked = PREFIXES.iter().find_map(|prefix| key.strip_prefix(prefix));
    marked.filter(|name| !name.is_empty()).or_else(|| {
        let name = key.strip_prefix('_')?;
        KNOWN_ATTRIBUTES.contains(&name).then_some(name)
    })
}

/// Returns a name without the prefix of its namespace.
fn local_name(key: &str) -> &str {
    match key.split_once(':') {
        Some((prefix, name)) if prefix != "xmlns" && !name.is_empty() => name,
        _ => key,
    }
}

/// Makes attributes of what stands below an element that has nothing but attributes and text.
fn plain_attributes(element: &mut Element) {
    for child in std::mem::take(&mut element.children) {
        if PLAIN_TEXT.contains(&&*child.name) {
            element.text.push_str(&child.text);
        } else {
            element.attributes.push((Rc::clone(&child.name), child.text));
        }
    }
}

/// Returns the fields of an event's data, and the first that is in no form that is known.
fn fields(children: Vec<Element>) -> (Vec<Element>, Option<String>) {
    let mut fields = Vec::new();
    let mut odd = None;
    let is_only = children.iter().filter(|child| &*child.name == "Data").count() == 1;
    for mut child in children {
        if &*child.name != "Data" || child.children.is_empty() {
            fields.push(child);
            continue;
        }
        let is_named = child.attribute("Name").is_some() || child.child("Name").is_some();
        let are_leaves = child.children.iter().all(|leaf| leaf.children.is_empty());
        if is_named && are_leaves {
            plain_attributes(&mut child);
            // A name, a text and nothing else, or it is not clear what is the value.
            let extra = child.attributes.iter().find(|(name, _)| !is_of_data(name));
            odd = odd.or_else(|| extra.map(|(name, _)| format!("Data.{name}")));
            fields.push(child);
        } else if is_only && are_leaves && child.text.trim().is_empty() {
            // The names are the keys.
            fields.extend(child.children.into_iter().map(named));
        } else {
            let first = child.children.first().map(|child| child.name.to_string());
            odd = odd.or(Some(format!("Data.{}", first.unwrap_or_default())));
        }
    }
    (fields, odd)
}

/// Tells whether event XML has that attribute on a `Data`.
fn is_of_data(name: &str) -> bool {
    matches!(name, "Name" | "Type" | "type" | "inType" | "outType")
}

/// Returns an element as the field of its name.
fn named(leaf: Element) -> Element {
    let attributes = vec![(Rc::from("Name"), leaf.name.to_string())];
    Element { name: "Data".into(), attributes, ..leaf }
}

#[cfg(test)]
mod tests {
    use windows_event_model::{DataValue, Event, SystemField, SystemValue};

    use super::*;

    /// Returns provider, id, qualifiers, time and data of a record.
    fn shown(record: &str) -> String {
        let event = read(Probe::new(record).unwrap()).unwrap();
        event.claim("x", true).unwrap();
        let header = |field| match event.system(field) {
            Some(SystemValue::Text(text)) => text.into_owned(),
            Some(SystemValue::Number(number)) => number.to_string(),
            None => "-".to_owned(),
        };
        let fields = [
            SystemField::ProviderName,
            SystemField::EventId,
            SystemField::Qualifiers,
            SystemField::TimeCreated,
            SystemField::ActivityId,
        ];
        let data = match event.data(&[]) {
            Some(DataValue::Json(json)) => json.into_owned(),
            other => format!("{other:?}"),
        };
        format!("{} {data}", fields.map(header).join(" "))
    }

    const EXPECTED: &str =
        r#"Prov 77 16384 637363976110000000 - {"Who":"me & you","Empty":"","Data":["loose"]}"#;

    #[test]
    fn every_converters_marks_are_known() {
        for record in [
            // xmltodict, Json.NET
            r##"{"Event":{"@xmlns":"n","System":{"Provider":{"@Name":"Prov"},"EventID":{"@Qualifiers":"16384","#text":"77"},"TimeCreated":{"@SystemTime":"2020-09-22T18:53:31Z"},"Security":null},"EventData":{"Data":[{"@Name":"Who","#text":"me & you"},{"@Name":"Empty"},"loose"]}}}"##,
            // xml2js
            r#"{"Event":{"$":{"xmlns":"n"},"System":[{"Provider":[{"$":{"Name":"Prov"}}],"EventID":[{"_":"77","$":{"Qualifiers":"16384"}}],"TimeCreated":[{"$":{"SystemTime":"2020-09-22T18:53:31Z"}}],"Security":[""]}],"EventData":[{"Data":[{"_":"me & you","$":{"Name":"Who"}},{"$":{"Name":"Empty"}},"loose"]}]}}"#,
            // xml-js
            r#"{"_declaration":{"_attributes":{"version":"1.0"}},"Event":{"_attributes":{"xmlns":"n"},"System":{"Provider":{"_attributes":{"Name":"Prov"}},"EventID":{"_attributes":{"Qualifiers":"16384"},"_text":"77"},"TimeCreated":{"_attributes":{"SystemTime":"2020-09-22T18:53:31Z"}}},"EventData":{"Data":[{"_attributes":{"Name":"Who"},"_text":"me & you"},{"_attributes":{"Name":"Empty"}},{"_text":"loose"}]}}}"#,
            // fast-xml-parser
            r##"{"Event":{"System":{"Provider":{"@_Name":"Prov"},"EventID":{"@_Qualifiers":"16384","#text":77},"TimeCreated":{"@_SystemTime":"2020-09-22T18:53:31Z"}},"EventData":{"Data":[{"@_Name":"Who","#text":"me & you"},{"@_Name":"Empty"},{"#text":"loose"}]},"@_xmlns":"n"}}"##,
            // mxj, yq
            r##"{"Event":{"-xmlns":"n","System":{"Provider":{"-Name":"Prov"},"EventID":{"-Qualifiers":"16384","#text":"77"},"TimeCreated":{"-SystemTime":"2020-09-22T18:53:31Z"}},"EventData":{"Data":[{"-Name":"Who","#text":"me & you"},{"-Name":"Empty"},"loose"]}}}"##,
            r#"{"Event":{"System":{"Provider":{"+@Name":"Prov"},"EventID":{"+content":"77","+@Qualifiers":"16384"},"TimeCreated":{"+@SystemTime":"2020-09-22T18:53:31Z"}},"EventData":{"Data":[{"+content":"me & you","+@Name":"Who"},{"+@Name":"Empty"},"loose"]}}}"#,
            // Spark
            r#"{"System":{"Provider":{"_Name":"Prov"},"EventID":{"_VALUE":77,"_Qualifiers":16384},"TimeCreated":{"_SystemTime":"2020-09-22T18:53:31Z"}},"EventData":{"Data":[{"_VALUE":"me & you","_Name":"Who"},{"_VALUE":null,"_Name":"Empty"},{"_VALUE":"loose"}]}}"#,
            // xml2json, BadgerFish
            r#"{"Event":{"xmlns":"n","System":{"Provider":{"Name":"Prov"},"EventID":{"Qualifiers":"16384","$t":"77"},"TimeCreated":{"SystemTime":"2020-09-22T18:53:31Z"}},"EventData":{"Data":[{"Name":"Who","$t":"me & you"},{"Name":"Empty"},"loose"]}}}"#,
            r#"{"e:Event":{"@xmlns":{"e":"n"},"e:System":{"e:Provider":{"@Name":"Prov"},"e:EventID":{"@Qualifiers":"16384","$":"77"},"e:TimeCreated":{"@SystemTime":"2020-09-22T18:53:31Z"}},"e:EventData":{"e:Data":[{"@Name":"Who","$":"me & you"},{"@Name":"Empty"},{"$":"loose"}]}}}"#,
            // org.json
            r#"{"Event":{"xmlns":"n","System":{"Provider":{"Name":"Prov"},"EventID":{"Qualifiers":16384,"content":77},"TimeCreated":{"SystemTime":"2020-09-22T18:53:31Z"}},"EventData":{"Data":[{"Name":"Who","content":"me & you"},{"Name":"Empty"},"loose"]}}}"#,
            // evtx_dump's marks beside names that are no map
            r##"{"Event":{"#attributes":{"xmlns":"n"},"System":{"Provider_attributes":{"Name":"Prov"},"EventID":77,"EventID_attributes":{"Qualifiers":16384},"TimeCreated":{"#attributes":{"SystemTime":"2020-09-22T18:53:31Z"}}},"EventData":{"Data":[{"#attributes":{"Name":"Who"},"#text":"me & you"},{"#attributes":{"Name":"Empty"}},"loose"]}}}"##,
        ] {
            assert_eq!(shown(record), EXPECTED, "{record}");
        }
    }

    #[test]
    fn a_single_field_is_an_object_and_names_may_be_keys() {
        let with = |data: &str| {
            let shown = shown(&format!(
                r#"{{"Event":{{"System":{{"Provider":{{"@Name":"P"}},"EventID":"1","TimeCreated":{{"@SystemTime":"2020-09-22T18:53:31Z"}}}},{data}}}}}"#
            ));
            shown.rsplit(" - ").next().unwrap_or_default().to_owned()
        };
        assert_eq!(with(r##""EventData":{"Data":{"@Name":"A","#text":"1"}}"##), r#"{"A":"1"}"#);
        assert_eq!(with(r#""EventData":{"Data":{"A":"1","B":null}}"#), r#"{"A":"1","B":""}"#);
        assert_eq!(with(r#""EventData":{"A":"1","B":"2"}"#), r#"{"A":"1","B":"2"}"#);
        assert_eq!(with(r#""EventData":{"Data":"x"}"#), r#"{"Data":["x"]}"#);
        assert_eq!(
            with(r#""UserData":{"W":{"@xmlns":"y","A":"1","B":{"C":"2"}}}"#),
            r#"{"A":"1","B":{"C":"2"}}"#
        );
        assert_eq!(with(r#""EventData":null"#), "{}");
    }

    #[test]
    fn what_is_in_no_known_form_is_told() {
        for data in [
            r#"{"Data":[{"x":{"y":1}},{"z":2}]}"#,
            r#"{"Data":[{"Name":"A","First":"1","Second":"2"}]}"#,
            r#""a text""#,
        ] {
            let record = format!(
                r#"{{"Event":{{"System":{{"Provider":{{"@Name":"P"}},"EventID":"1","TimeCreated":{{"@SystemTime":"2020-09-22T18:53:31Z"}}}},"EventData":{data}}}}}"#
            );
            let event = read(Probe::new(&record).unwrap()).unwrap();
            assert!(event.claim("x", true).is_err(), "{data}");
        }
    }
}
