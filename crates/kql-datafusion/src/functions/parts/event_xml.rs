//! The XML text of an event's data, made of the data as readers hand them over.
//!
//! The rules are those of the readers, turned round: a field is an element `Data` of that name; the
//! items of an array are elements of one name; what stands under `Data` has no name; `@name` is an
//! attribute and `#text` the text beside it. The order is that of the record.

use kql_types::dynamic::{self, Kind};

use super::{Args, Kernel, Returns, ScalarFunction, columns::written};

const NAMESPACE: &str = "http://schemas.microsoft.com/win/2004/08/events/event";

pub(super) const EVENT_DATA_XML: ScalarFunction = ScalarFunction {
    name: "__event_data_xml",
    summary: "Returns the element `EventData` of an event as XML; `\"\"` if the event has none.",
    source: "https://learn.microsoft.com/windows/win32/wes/eventschema-eventdatatype-complextype",
    examples: &[],
    lower: |call| Some(call.apply(&DATA)),
};

pub(super) const EVENT_PARAMS_XML: ScalarFunction = ScalarFunction {
    name: "__event_params_xml",
    summary: "Returns the values of an event's data as elements `Param`.",
    source: "https://learn.microsoft.com/azure/azure-monitor/reference/tables/event",
    examples: &[],
    lower: |call| Some(call.apply(&PARAMS)),
};

pub(super) static DATA: Kernel = Kernel {
    name: "kql_event_data_xml",
    returns: Returns::Text,
    eval: |args: &Args<'_>| {
        let data = args.text(0)?;
        written(args.rows(), |row, out| {
            if let Some(json) = data.get(row) {
                write_event_data(json, out);
            }
            Ok(Some(()))
        })
    },
};

pub(super) static PARAMS: Kernel = Kernel {
    name: "kql_event_params_xml",
    returns: Returns::Text,
    eval: |args: &Args<'_>| {
        let data = args.text(0)?;
        written(args.rows(), |row, out| {
            let fields = dynamic::entries(data.get(row).unwrap_or_default());
            for (_, value) in fields.filter(|(key, _)| !is_attribute(&dynamic::unquote(key))) {
                write_elements("Param", None, value, out);
            }
            Ok(Some(()))
        })
    },
};

fn write_event_data(json: &str, out: &mut String) {
    if dynamic::kind(json) != Kind::Bag {
        return;
    }
    let fields: Vec<_> =
        dynamic::entries(json).map(|(key, value)| (dynamic::unquote(key), value)).collect();
    out.push_str("<EventData xmlns=\"");
    out.push_str(NAMESPACE);
    out.push('"');
    for (key, value) in &fields {
        if let Some(name) = key.strip_prefix('@') {
            write_attribute(name, &dynamic::unquote(value), out);
        }
    }
    out.push('>');
    // Classic events have an element `Binary` behind their `Data`, which have no names.
    let is_classic = fields.iter().all(|(key, _)| matches!(&**key, "Data" | "Binary"));
    for (key, value) in fields.iter().filter(|(key, _)| !is_attribute(key)) {
        match &**key {
            "#text" => escape(&dynamic::unquote(value), out),
            "Data" => write_elements("Data", None, value, out),
            "Binary" if is_classic => write_elements("Binary", None, value, out),
            name => write_elements("Data", Some(name), value, out),
        }
    }
    out.push_str("</EventData>");
}

/// Writes a value as one element, an array as one for each item.
fn write_elements(element: &str, name: Option<&str>, value: &str, out: &mut String) {
    if dynamic::kind(value) == Kind::Array {
        for item in dynamic::elements(value) {
            write_element(element, name, item, out);
        }
    } else {
        write_element(element, name, value, out);
    }
}

/// Writes an element; depth costs heap, not the stack.
fn write_element(element: &str, name: Option<&str>, value: &str, out: &mut String) {
    out.push('<');
    out.push_str(element);
    if let Some(name) = name {
        write_attribute("Name", name, out);
    }
    if dynamic::kind(value) == Kind::Bag {
        let members: Vec<_> =
            dynamic::entries(value).map(|(key, value)| (dynamic::unquote(key), value)).collect();
        for (key, value) in &members {
            if let Some(name) = key.strip_prefix('@') {
                write_attribute(name, &dynamic::unquote(value), out);
            }
        }
        out.push('>');
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || {
            for (key, value) in members.iter().filter(|(key, _)| !is_attribute(key)) {
                match &**key {
                    "#text" => escape(&dynamic::unquote(value), out),
                    key if is_name(key) => write_elements(key, None, value, out),
                    key => write_elements("Data", Some(key), value, out),
                }
            }
        });
    } else {
        out.push('>');
        escape(&dynamic::unquote(value), out);
    }
    out.push_str("</");
    out.push_str(element);
    out.push('>');
}

fn write_attribute(name: &str, value: &str, out: &mut String) {
    if !is_name(name) {
        return;
    }
    out.push(' ');
    out.push_str(name);
    out.push_str("=\"");
    escape(value, out);
    out.push('"');
}

fn is_attribute(key: &str) -> bool {
    key.starts_with('@')
}

/// Tells whether a text can be the name of an element or an attribute.
fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && chars.all(|char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.' | ':'))
}

/// Appends text with those characters replaced that XML cannot hold as they are.
///
/// A control character that XML has no form for becomes U+FFFD: the text stays XML.
fn escape(text: &str, out: &mut String) {
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(char),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(char),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(json: &str) -> String {
        let mut out = String::new();
        write_event_data(json, &mut out);
        out.replace(&format!(" xmlns=\"{NAMESPACE}\""), "")
    }

    #[test]
    fn fields_are_data_in_their_order() {
        assert_eq!(
            data(r#"{"b":"x","a":"","n":["1","2"]}"#),
            r#"<EventData><Data Name="b">x</Data><Data Name="a"></Data><Data Name="n">1</Data><Data Name="n">2</Data></EventData>"#
        );
        assert_eq!(data("{}"), "<EventData></EventData>");
        assert_eq!(data("null"), "");
    }

    #[test]
    fn what_has_no_name_gets_none() {
        assert_eq!(
            data(r#"{"Data":["x","y"],"Binary":"00"}"#),
            "<EventData><Data>x</Data><Data>y</Data><Binary>00</Binary></EventData>"
        );
        assert_eq!(
            data(r#"{"Binary":"00","n":"1"}"#),
            r#"<EventData><Data Name="Binary">00</Data><Data Name="n">1</Data></EventData>"#
        );
    }

    #[test]
    fn attributes_and_nested_elements_keep_their_place() {
        assert_eq!(
            data(
                r##"{"@Name":"s","f":{"@t":"1","#text":"v"},"g":{"h":["1",{"i":"2"}],"a b":"c"}}"##
            ),
            r#"<EventData Name="s"><Data Name="f" t="1">v</Data><Data Name="g"><h>1</h><h><i>2</i></h><Data Name="a b">c</Data></Data></EventData>"#
        );
    }

    #[test]
    fn no_value_breaks_the_text() {
        assert_eq!(
            data(r#"{"a\"<&":"<x a=\"1\">&'\u0001\n]]>"}"#),
            "<EventData><Data Name=\"a&quot;&lt;&amp;\">&lt;x a=&quot;1&quot;&gt;&amp;'\u{fffd}\n]]&gt;</Data></EventData>"
        );
    }
}
