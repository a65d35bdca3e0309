//! JSON values written in the one form that rows hold.

use std::borrow::Cow;

use windows_event_model::write_json_string;

use super::{
    cursor::Cursor,
    members::members,
    plan::is_attributes,
    text::{string_content, unescape_into},
};

/// The key under which a JSON rendering of XML keeps an element's own text.
const OWN_TEXT: &str = "#text";
/// The key under which it keeps the element's attributes, and the end of one that keeps those of the
/// element beside it.
const ATTRIBUTES: &str = "#attributes";
const BESIDE: &str = "_attributes";

/// How scalars are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scalars {
    /// As they are: native rows keep their types.
    Typed,
    /// As strings, null as `""`, and XML attributes as `@name`: an event's data are text.
    Text,
}

/// Appends the compact form of `value`, one well-formed JSON value, to `out`.
pub(crate) fn write(value: &str, scalars: Scalars, out: &mut String) {
    match value.as_bytes().first() {
        Some(b'{') => write_object(value, scalars, out),
        Some(b'[') => write_array(value, scalars, out),
        Some(b'"') => {
            let mut text = String::new();
            unescape_into(string_content(value), &mut text);
            write_json_string(&text, out);
        }
        _ if scalars == Scalars::Typed => out.push_str(value),
        _ if value == "null" => out.push_str("\"\""),
        _ => write_json_string(value, out),
    }
}

/// Appends the data of an event, `value` being the object that holds it, and `beside` the objects of
/// attributes that stand beside it.
///
/// What has no name comes under `Data` and is always an array.
pub(crate) fn write_event_data(value: &str, beside: &[&str], out: &mut String) {
    let value = if value.starts_with('{') { value } else { "{}" };
    let mut written = Members::default();
    write_attributes(value, beside, &mut written, out);
    if let Some(text) = own_text(value) {
        if text != "\"\"" {
            written.start(OWN_TEXT, out);
            write(text, Scalars::Text, out);
        }
    } else {
        for element in elements(value) {
            written.start(&element.key, out);
            if element.key == "Data" {
                write_unnamed(element.value, out);
            } else {
                write_element(element.value, element.attributes, out);
            }
        }
    }
    written.end(out);
}

/// Appends the values of the elements without a name as an array.
pub(crate) fn write_unnamed(value: &str, out: &mut String) {
    let value = own_text(value).unwrap_or(value);
    if value.starts_with('[') {
        write_array(value, Scalars::Text, out);
    } else {
        out.push('[');
        write(value, Scalars::Text, out);
        out.push(']');
    }
}

/// Returns the text of an XML element that is an object only because it has attributes.
pub(crate) fn own_text(value: &str) -> Option<&str> {
    if !value.starts_with('{') {
        return None;
    }
    let mut text = None;
    for (key, value) in members(value) {
        match &*key {
            OWN_TEXT => text = Some(value),
            key if holds_attributes(key, value) => text = text.or(Some("\"\"")),
            _ => return None,
        }
    }
    text
}

/// Tells whether a member holds the attributes of an element, and is not an element so called.
fn holds_attributes(key: &str, value: &str) -> bool {
    is_attributes(key) && (key == ATTRIBUTES || value.starts_with('{') || value == "null")
}

/// Tells whether an object that renders an XML element has attributes that are data.
pub(crate) fn has_attributes(value: &str) -> bool {
    value.starts_with('{')
        && members(value)
            .any(|(key, value)| key == ATTRIBUTES && attributes(value).next().is_some())
}

/// Yields the attributes of an element that are data: not those without a value, and no
/// declarations of namespaces.
fn attributes(object: &str) -> impl Iterator<Item = (String, &str)> {
    let object = if object.starts_with('{') { object } else { "{}" };
    members(object).filter_map(|(name, value)| {
        let is_declaration = name == "xmlns" || name.starts_with("xmlns:");
        let is_empty = matches!(value, "\"\"" | "null");
        let local = name.rsplit(':').next().unwrap_or_default();
        (!is_declaration && !is_empty).then(|| (format!("@{local}"), value))
    })
}

/// Appends the attributes of an element: its own, and those that stand beside it.
fn write_attributes(value: &str, beside: &[&str], written: &mut Members, out: &mut String) {
    let own = if value.starts_with('{') { value } else { "{}" };
    let own = members(own).filter(|(key, _)| key == ATTRIBUTES).map(|(_, value)| value);
    for object in beside.iter().copied().chain(own) {
        for (name, value) in attributes(object) {
            written.start(&name, out);
            write(value, Scalars::Text, out);
        }
    }
}

/// Appends an element whose attributes stand beside it, if it has any.
fn write_element(value: &str, beside: Option<&str>, out: &mut String) {
    let Some(beside) = beside.filter(|object| attributes(object).next().is_some()) else {
        return write(value, Scalars::Text, out);
    };
    if value.starts_with('{') && own_text(value).is_none() {
        return write_members(value, &[beside], out);
    }
    let mut written = Members::default();
    write_attributes(value, &[beside], &mut written, out);
    let text = own_text(value).unwrap_or(value);
    if !matches!(text, "\"\"" | "null") {
        written.start(OWN_TEXT, out);
        write(text, Scalars::Text, out);
    }
    written.end(out);
}

/// The punctuation around the members of an object being written.
#[derive(Default)]
pub(crate) struct Members {
    any: bool,
}

impl Members {
    /// Appends what stands before a member's value.
    pub(crate) fn start(&mut self, key: &str, out: &mut String) {
        out.push(if self.any { ',' } else { '{' });
        self.any = true;
        write_json_string(key, out);
        out.push(':');
    }

    /// Appends what stands after the last member.
    pub(crate) fn end(self, out: &mut String) {
        out.push_str(if self.any { "}" } else { "{}" });
    }
}

fn write_object(value: &str, scalars: Scalars, out: &mut String) {
    if scalars == Scalars::Typed {
        let mut written = Members::default();
        for (key, value) in members(value) {
            written.start(&key, out);
            write(value, scalars, out);
        }
        return written.end(out);
    }
    match own_text(value) {
        Some(text) if !has_attributes(value) => write(text, scalars, out),
        Some(text) => {
            let mut written = Members::default();
            write_attributes(value, &[], &mut written, out);
            if text != "\"\"" {
                written.start(OWN_TEXT, out);
                write(text, scalars, out);
            }
            written.end(out);
        }
        None => write_members(value, &[], out),
    }
}

/// Appends an object that has elements in it.
fn write_members(value: &str, beside: &[&str], out: &mut String) {
    let mut written = Members::default();
    write_attributes(value, beside, &mut written, out);
    for element in elements(value) {
        written.start(&element.key, out);
        write_element(element.value, element.attributes, out);
    }
    written.end(out);
}

/// An element within another.
struct Member<'v> {
    key: Cow<'v, str>,
    value: &'v str,
    /// The object with its attributes that stands beside it.
    attributes: Option<&'v str>,
}

/// Returns the elements of the XML that an object renders, in order; its own text is the last.
///
/// Attributes beside nothing are those of an element without content.
fn elements(object: &str) -> Vec<Member<'_>> {
    let mut found: Vec<Member<'_>> = Vec::new();
    // Places of elements of which there are only the attributes so far.
    let mut bare: Vec<usize> = Vec::new();
    let mut text = None;
    for (key, value) in members(object) {
        match key.strip_suffix(BESIDE) {
            _ if key == ATTRIBUTES => {}
            _ if key == OWN_TEXT => text = Some(Member { key, value, attributes: None }),
            Some(element) if holds_attributes(&key, value) => {
                let known = found.iter_mut().rfind(|member| member.key == element);
                if let Some(member) = known {
                    member.attributes = Some(value);
                } else {
                    bare.push(found.len());
                    let key = Cow::Owned(element.to_owned());
                    found.push(Member { key, value: "null", attributes: Some(value) });
                }
            }
            _ => {
                let is_it = |at: &usize| found.get(*at).is_some_and(|member| member.key == key);
                let at = bare.iter().position(is_it).map(|place| bare.swap_remove(place));
                match at.and_then(|at| found.get_mut(at)) {
                    Some(member) => member.value = value,
                    None => found.push(Member { key, value, attributes: None }),
                }
            }
        }
    }
    found.extend(text);
    found
}

fn write_array(value: &str, scalars: Scalars, out: &mut String) {
    let mut cursor = Cursor::new(value);
    let mut before = b'[';
    out.push('[');
    while cursor.take(before) && cursor.peek() != Some(b']') {
        let Ok(element) = cursor.value() else { break };
        if before == b',' {
            out.push(',');
        }
        before = b',';
        write(element, scalars, out);
    }
    out.push(']');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &str, scalars: Scalars) -> String {
        let mut out = String::new();
        write(value, scalars, &mut out);
        out
    }

    #[test]
    fn typed_values_are_compacted() {
        let value = r#"{ "a" : [ 1 , true, null, "\u0041\/" ] , "b" : { } }"#;
        assert_eq!(written(value, Scalars::Typed), r#"{"a":[1,true,null,"A/"],"b":{}}"#);
    }

    #[test]
    fn leaves_of_events_are_text() {
        let value =
            r##"{"a":1,"b":false,"c":null,"d":[2],"#attributes":{"xmlns":1},"d_attributes":{}}"##;
        assert_eq!(written(value, Scalars::Text), r#"{"a":"1","b":"false","c":"","d":["2"]}"#);
        assert_eq!(written(r#"{"a_attributes":{},"b":1}"#, Scalars::Text), r#"{"a":"","b":"1"}"#);
    }

    #[test]
    fn attributes_are_members_wherever_they_stand() {
        for (value, expected) in [
            (
                r##"{"a":{"#attributes":{"t":1,"xmlns":"u","xmlns:p":"v","p:q":"w"},"#text":5},"b":{"#attributes":{"t":1}}}"##,
                r##"{"a":{"@t":"1","@q":"w","#text":"5"},"b":{"@t":"1"}}"##,
            ),
            (
                r#"{"a":5,"a_attributes":{"t":1},"b_attributes":{"t":1},"c":{"d":2},"c_attributes":{"e":""}}"#,
                r##"{"a":{"@t":"1","#text":"5"},"b":{"@t":"1"},"c":{"d":"2"}}"##,
            ),
            (
                r##"{"a":{"#attributes":{"t":1},"#text":"x","b":null}}"##,
                r##"{"a":{"@t":"1","b":"","#text":"x"}}"##,
            ),
            (r##"{"a":{"#attributes":{"xmlns":"u"},"#text":5}}"##, r#"{"a":"5"}"#),
            (r#"{"my_attributes":"7"}"#, r#"{"my_attributes":"7"}"#),
        ] {
            assert_eq!(written(value, Scalars::Text), expected);
        }
    }

    #[test]
    fn what_has_no_name_is_an_array() {
        for (value, expected) in [
            (r#"{"Data":"x"}"#, r#"{"Data":["x"]}"#),
            (
                r##"{"Data":{"#text":["x","y"]},"Binary":null}"##,
                r#"{"Data":["x","y"],"Binary":""}"#,
            ),
            (r#"{"Data":null}"#, r#"{"Data":[""]}"#),
            (r##"{"#attributes":{"Name":"n"}}"##, r#"{"@Name":"n"}"#),
            (r##"{"#attributes":{"xmlns":"n"}}"##, "{}"),
            (r##"{"#text":"loose"}"##, r##"{"#text":"loose"}"##),
        ] {
            let mut out = String::new();
            write_event_data(value, &[], &mut out);
            assert_eq!(out, expected);
        }
    }
}
