//! `parse_xml`: elements, attributes and texts as bags.

use kql_types::{KqlType, dynamic};
use quick_xml::{
    escape::resolve_predefined_entity,
    events::{BytesStart, Event},
    reader::Reader,
};

use super::{super::convert, Example, Kernel, Returns, ScalarFunction, columns::written};

pub(super) const PARSE_XML: ScalarFunction = ScalarFunction {
    name: "parse_xml",
    summary: "Returns XML as a dynamic: attributes as `@name`, mixed text as `#text`.",
    source: "https://learn.microsoft.com/kusto/query/parse-xml-function",
    examples: &[
        Example::new("parse_xml('<e a=\"v\">t</e>')", r##"{"e":{"@a":"v","#text":"t"}}"##),
        Example::new("parse_xml('<e><a>x</a><a>2</a><b/></e>')", r#"{"e":{"a":["x",2],"b":null}}"#),
        Example::new("isnull(parse_xml('<e>'))", "True"),
    ],
    lower: |call| Some(READ.call(vec![convert(call.arg(0)?, call.arg_type(0)?, KqlType::String)?])),
};

/// Text that is longer gives null.
///
/// Source: documented.
const MAX_BYTES: usize = 1_048_576;

/// Elements that may stand within each other.
const MAX_DEPTH: usize = 1_024;

pub(super) static READ: Kernel = Kernel {
    name: "kql_parse_xml",
    returns: Returns::Text,
    eval: |args| {
        let texts = args.text(0)?;
        written(args.rows(), |row, out| {
            let text = texts.str(row);
            let document = (text.len() <= MAX_BYTES).then(|| read(text)).flatten();
            Ok(document.map(|json| out.push_str(&json)))
        })
    },
};

/// Reads a document; `None` if it is not well formed. Comments and the like are left out.
fn read(text: &str) -> Option<String> {
    let mut reader = Reader::from_str(text);
    let mut document = Document::default();
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => document.open(&start)?,
            Event::Empty(start) => {
                document.open(&start)?;
                document.close()?;
            }
            Event::End(_) => document.close()?,
            Event::Text(text) => document.add_text(&text.decode().ok()?)?,
            Event::GeneralRef(reference) => {
                if let Some(char) = reference.resolve_char_ref().ok()? {
                    document.add_text(char.encode_utf8(&mut [0; 4]))?;
                } else {
                    document.add_text(resolve_predefined_entity(&reference.decode().ok()?)?)?;
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    document.root.filter(|_| document.open.is_empty())
}

/// What has been read so far.
#[derive(Default)]
struct Document {
    /// Elements that have not ended, outermost first.
    open: Vec<Element>,
    /// The outermost element as a bag, once it has ended.
    root: Option<String>,
}

/// An element under way: its entries so far, values as JSON, and the text behind the last of them.
struct Element {
    name: String,
    entries: Vec<(String, Vec<String>)>,
    text: String,
}

impl Document {
    fn open(&mut self, start: &BytesStart<'_>) -> Option<()> {
        if self.root.is_some() || self.open.len() >= MAX_DEPTH {
            return None;
        }
        if let Some(parent) = self.open.last_mut() {
            parent.end_text();
        }
        let name = std::str::from_utf8(start.name().into_inner()).ok()?.to_owned();
        let mut element = Element { name, entries: Vec::new(), text: String::new() };
        for attribute in start.attributes() {
            let attribute = attribute.ok()?;
            let name = std::str::from_utf8(attribute.key.into_inner()).ok()?;
            let value = attribute.unescape_value().ok()?;
            element.add(format!("@{name}"), scalar(&value));
        }
        self.open.push(element);
        Some(())
    }

    fn close(&mut self) -> Option<()> {
        let mut element = self.open.pop()?;
        element.end_text();
        let name = element.name.clone();
        let value = element.into_json();
        if let Some(parent) = self.open.last_mut() {
            parent.add(name, value);
        } else {
            let mut root = String::from("{");
            dynamic::quote(&name, &mut root);
            root.push(':');
            root.push_str(&value);
            root.push('}');
            self.root = Some(root);
        }
        Some(())
    }

    /// Adds text; outside all elements there may be blanks only.
    fn add_text(&mut self, text: &str) -> Option<()> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return None,
        }
        Some(())
    }
}

impl Element {
    fn add(&mut self, name: String, value: String) {
        match self.entries.iter_mut().find(|(key, _)| *key == name) {
            Some((_, values)) => values.push(value),
            None => self.entries.push((name, vec![value])),
        }
    }

    fn end_text(&mut self) {
        let text = std::mem::take(&mut self.text);
        if !text.trim().is_empty() {
            self.add("#text".to_owned(), scalar(text.trim()));
        }
    }

    /// Makes null of an element without entries, its text of one with text alone, else a bag.
    fn into_json(self) -> String {
        match self.entries.as_slice() {
            [] => return "null".to_owned(),
            [(name, values)] if name == "#text" => return array_of(values),
            _ => {}
        }
        let mut json = String::from("{");
        for (number, (name, values)) in self.entries.iter().enumerate() {
            if number > 0 {
                json.push(',');
            }
            dynamic::quote(name, &mut json);
            json.push(':');
            json.push_str(&array_of(values));
        }
        json.push('}');
        json
    }
}

fn array_of(values: &[String]) -> String {
    match values {
        [value] => value.clone(),
        values => format!("[{}]", values.join(",")),
    }
}

/// Writes a text as JSON: a number if it is one, else a string.
///
/// Source: measured, that `<a>1</a>` holds a number. Inferred: that attributes do as well, and that
/// only the plain form counts, without blanks, exponent, or zeros in front.
fn scalar(text: &str) -> String {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
    if is_plain && dynamic::is_valid(text) {
        return text.to_owned();
    }
    let mut json = String::new();
    dynamic::quote(text, &mut json);
    json
}
