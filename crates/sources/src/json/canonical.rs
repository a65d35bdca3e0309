//! JSON values written in the one form that rows hold.

use std::borrow::Cow;

use evtx_arrow::write_json_string;

use super::{cursor::Cursor, members::members, plan::is_attributes, text::unescape_into};

/// The key under which a JSON rendering of XML keeps an element's own text.
const OWN_TEXT: &str = "#text";

/// How scalars are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scalars {
    /// As they are: native rows keep their types.
    Typed,
    /// As strings, null as `""`, and XML attributes left out: an event's data are text.
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

/// Appends the data of an event, `value` being the object that holds it.
///
/// What has no name comes under `Data` and is always an array.
pub(crate) fn write_event_data(value: &str, out: &mut String) {
    let mut written = Members::default();
    for (key, value) in elements(value) {
        written.start(&key, out);
        if key == "Data" { write_unnamed(value, out) } else { write(value, Scalars::Text, out) }
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
            key if is_attributes(key) => text = text.or(Some("\"\"")),
            _ => return None,
        }
    }
    text
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

/// Returns what is between the quotes of a JSON string.
pub(crate) fn string_content(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or_default()
}

fn write_object(value: &str, scalars: Scalars, out: &mut String) {
    if scalars == Scalars::Text
        && let Some(text) = own_text(value)
    {
        return write(text, scalars, out);
    }
    let mut written = Members::default();
    let mut write_member = |(key, value): (Cow<'_, str>, &str)| {
        written.start(&key, out);
        write(value, scalars, out);
    };
    match scalars {
        Scalars::Typed => members(value).for_each(&mut write_member),
        Scalars::Text => elements(value).for_each(&mut write_member),
    }
    written.end(out);
}

/// Yields the members of an object that are elements of the XML it renders.
///
/// Attributes beside nothing are those of an element without content.
fn elements(object: &str) -> impl Iterator<Item = (Cow<'_, str>, &str)> {
    members(object).filter_map(move |(key, value)| match key.strip_suffix("_attributes") {
        _ if !is_attributes(&key) => Some((key, value)),
        Some(element) if members(object).all(|(other, _)| other != element) => {
            Some((Cow::Owned(element.to_owned()), "null"))
        }
        _ => None,
    })
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
            r##"{"a":1,"b":false,"c":null,"d":[2],"#attributes":{"x":1},"d_attributes":{}}"##;
        assert_eq!(written(value, Scalars::Text), r#"{"a":"1","b":"false","c":"","d":["2"]}"#);
        assert_eq!(written(r#"{"a_attributes":{},"b":1}"#, Scalars::Text), r#"{"a":"","b":"1"}"#);
        let value = r##"{"a":{"#attributes":{"t":1},"#text":5},"b":{"#attributes":{"t":1}}}"##;
        assert_eq!(written(value, Scalars::Text), r#"{"a":"5","b":""}"#);
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
            (r##"{"#attributes":{"Name":"n"}}"##, "{}"),
        ] {
            let mut out = String::new();
            write_event_data(value, &mut out);
            assert_eq!(out, expected);
        }
    }
}
