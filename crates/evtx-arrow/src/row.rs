//! One row, read from a template instance straight into the columns of a batch.

use arrow_array::builder::StringViewBuilder;

use crate::{
    binxml::{
        instance::Instance,
        text::as_str,
        value::{Value, push_hex_digits},
    },
    column::{Column, append_null, append_text},
    decode::{DataFound, value_of},
    fields::{Field, Leaf},
    json::write_json_string,
    program::Source,
    system_field::SystemField,
    system_value::{self, canonical_guid, keyword_bits, wrap_to_int},
    ticks::{parse_xml_time, value_to_ticks},
};

/// A row: where its values are. All of them are scalar or missing.
pub(crate) struct Row<'a> {
    /// The event's instance, and for each column the source of its header field.
    pub(crate) header: (&'a Instance<'a>, &'a [Source]),
    /// The event's data, if it has any.
    pub(crate) data: Option<&'a DataFound<'a>>,
}

/// Room for the value at hand.
pub(crate) struct Scratch<'s> {
    pub(crate) text: &'s mut Vec<u8>,
    pub(crate) json: &'s mut String,
}

/// A header field as its source has it.
enum Found<'a> {
    Missing,
    Literal(&'a str),
    Value(Value<'a>),
}

impl Row<'_> {
    /// Appends the row's value to column number `at`, and returns about how many bytes it took.
    pub(crate) fn append(
        &self,
        at: usize,
        column: &mut Column,
        scratch: &mut Scratch<'_>,
    ) -> usize {
        match column {
            Column::Int(_, ints) => {
                ints.append_option(self.header(at).number(scratch).and_then(wrap_to_int));
                size_of::<i32>()
            }
            Column::Long(SystemField::TimeGenerated, longs) => {
                longs.append_option(self.header(at).time(scratch));
                size_of::<i64>()
            }
            Column::Long(_, longs) => {
                longs.append_option(self.header(at).number(scratch));
                size_of::<i64>()
            }
            Column::String(field, texts) => self.header(at).append(*field, texts, scratch),
            Column::Guid(_, texts) => match canonical_guid(self.header(at).text(scratch)) {
                Some(guid) => append_text(texts, &guid),
                None => append_null(texts),
            },
            Column::Text(_, texts) => self.append_data(at, false, texts, scratch),
            Column::Dynamic(_, texts) => self.append_data(at, true, texts, scratch),
        }
    }

    fn header(&self, at: usize) -> Found<'_> {
        let (instance, sources) = self.header;
        match sources.get(at) {
            Some(Source::Literal(text)) => Found::Literal(text),
            Some(Source::Slot(slot)) => {
                value_of(instance, *slot).map_or(Found::Missing, Found::Value)
            }
            Some(Source::Missing | Source::Tree) | None => Found::Missing,
        }
    }

    fn append_data(
        &self,
        at: usize,
        is_json: bool,
        texts: &mut StringViewBuilder,
        scratch: &mut Scratch<'_>,
    ) -> usize {
        let Some(data) = self.data else { return append_null(texts) };
        match data.field(at) {
            Some(Field::Leaf(leaf)) => {
                let Some(text) = leaf_text(&data.instance, leaf, scratch.text) else {
                    return append_null(texts);
                };
                if !is_json && !leaf.is_item {
                    return append_text(texts, text);
                }
                scratch.json.clear();
                write_leaf(text, leaf, scratch.json);
                append_text(texts, scratch.json)
            }
            Some(Field::All(all)) => {
                scratch.json.clear();
                write_all(&data.instance, all, scratch);
                append_text(texts, scratch.json)
            }
            Some(Field::Missing | Field::Tree) | None => append_null(texts),
        }
    }
}

impl Found<'_> {
    fn text<'s>(&'s self, scratch: &'s mut Scratch<'_>) -> &'s str {
        match self {
            Self::Missing => "",
            Self::Literal(text) => text,
            Self::Value(value) => {
                scratch.text.clear();
                value.push_text(scratch.text);
                as_str(scratch.text)
            }
        }
    }

    fn number(&self, scratch: &mut Scratch<'_>) -> Option<i64> {
        match self {
            Self::Value(value) if value.number().is_some() => value.number(),
            _ => self.text(scratch).parse().ok(),
        }
    }

    fn time(&self, scratch: &mut Scratch<'_>) -> Option<i64> {
        match self {
            Self::Missing => None,
            Self::Literal(text) => parse_xml_time(text),
            Self::Value(value) => {
                scratch.text.clear();
                value_to_ticks(*value, scratch.text)
            }
        }
    }

    fn append(
        &self,
        field: SystemField,
        texts: &mut StringViewBuilder,
        scratch: &mut Scratch<'_>,
    ) -> usize {
        match field {
            SystemField::EventLevelName => {
                let level = self.number(scratch);
                append_text(texts, level.map_or("", system_value::level_name))
            }
            SystemField::Keywords => {
                let bits = match self {
                    Self::Value(value) => value.bits(),
                    Self::Missing | Self::Literal(_) => None,
                };
                let Some(bits) = bits.or_else(|| keyword_bits(self.text(scratch))) else {
                    return append_text(texts, self.text(scratch));
                };
                scratch.text.clear();
                scratch.text.extend_from_slice(b"0x");
                push_hex_digits(bits, 16, scratch.text);
                append_text(texts, as_str(scratch.text))
            }
            _ => append_text(texts, self.text(scratch)),
        }
    }
}

/// Returns the text of an element, `None` if the element is not there.
fn leaf_text<'t>(
    instance: &Instance<'_>,
    leaf: &'t Leaf,
    text: &'t mut Vec<u8>,
) -> Option<&'t str> {
    match &leaf.source {
        Source::Literal(text) => Some(text),
        Source::Slot(slot) => {
            if slot.dependency.is_some_and(|dependency| instance.is_null(dependency)) {
                return None;
            }
            text.clear();
            if let Some(value) = instance.value(slot.id) {
                value.push_text(text);
            }
            Some(as_str(text))
        }
        Source::Missing | Source::Tree => None,
    }
}

fn write_leaf(text: &str, leaf: &Leaf, json: &mut String) {
    if leaf.is_item {
        json.push('[');
    }
    write_json_string(text, json);
    if leaf.is_item {
        json.push(']');
    }
}

fn write_all(instance: &Instance<'_>, all: &[(String, Leaf)], scratch: &mut Scratch<'_>) {
    scratch.json.push('{');
    let mut is_first = true;
    for (prefix, leaf) in all {
        let Some(text) = leaf_text(instance, leaf, scratch.text) else { continue };
        if !is_first {
            scratch.json.push(',');
        }
        is_first = false;
        scratch.json.push_str(prefix);
        write_leaf(text, leaf, scratch.json);
    }
    scratch.json.push('}');
}
