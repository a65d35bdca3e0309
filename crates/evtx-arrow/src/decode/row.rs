//! One row, read from a template instance straight into the columns of a batch.

use crate::{
    batch::{
        column::{Column, Values},
        texts::Texts,
    },
    binxml::{
        instance::Located,
        value::{Value, push_hex_digits},
    },
    json::JsonText,
    program::{
        fields::{DataFields, Field, Leaf},
        header::HeaderFields,
        source::{Source, value_of},
    },
    utf8::as_str,
};
use windows_event_model::{
    SystemField,
    header::{self, canonical_guid, keyword_bits, wrap_to_int},
    parse_xml_time,
};

/// A row: where its values are. All of them are scalar or missing.
pub(crate) struct Row<'a> {
    /// The values of the event's instance, and its header fields.
    pub(crate) header: (Located<'a, 'a>, &'a HeaderFields),
    /// The values of the instance with the event's data, if it has any, and its fields.
    pub(crate) data: Option<(Located<'a, 'a>, &'a DataFields)>,
}

/// Room for the value at hand, where it does not go straight into its column.
#[derive(Default)]
pub(crate) struct Scratch {
    pub(crate) text: Vec<u8>,
}

/// A header field as its source has it.
enum Found<'a> {
    Missing,
    Literal(&'a str),
    Value(Value<'a>),
}

impl Row<'_> {
    /// Appends the row's values, as row number `row`, to those columns that it has any for, and
    /// returns about how many bytes they took.
    pub(crate) fn append(
        &self,
        columns: &mut [Column],
        row: usize,
        scratch: &mut Scratch,
    ) -> usize {
        let mut bytes = 0_usize;
        let (values, header) = self.header;
        for (at, source) in &header.columns {
            let Some(column) = columns.get_mut(*at) else { continue };
            let taken = Found::of(source, values).append_to(column.at(row), scratch);
            bytes = bytes.saturating_add(taken);
        }
        let Some((values, data)) = self.data else { return bytes };
        for (at, field) in &data.columns {
            let Some(column) = columns.get_mut(*at) else { continue };
            bytes = bytes.saturating_add(append_data(field, values, column.at(row), scratch));
        }
        bytes
    }
}

/// Appends a value of the event's data.
fn append_data(
    field: &Field,
    values: Located<'_, '_>,
    column: &mut Values,
    scratch: &mut Scratch,
) -> usize {
    let (texts, is_json) = match column {
        Values::Text(_, texts) => (texts, false),
        Values::Dynamic(_, texts) => (texts, true),
        Values::Int(..) | Values::Long(..) | Values::String(..) | Values::Guid(..) => return 0,
    };
    let append_missing =
        |texts: &mut Texts| if is_json { texts.append_null() } else { texts.append("") };
    let plain = &mut scratch.text;
    match field {
        Field::Leaf(leaf) => {
            let Some(text) = LeafText::of(values, leaf) else { return append_missing(texts) };
            if !is_json && !leaf.is_item {
                return texts.append_with(|out| text.push(out));
            }
            texts.append_with(|out| write_leaf(&text, leaf, &mut JsonText { out, plain }))
        }
        Field::All(all) => {
            texts.append_with(|out| write_all(values, all, &mut JsonText { out, plain }))
        }
        Field::Missing | Field::Tree => append_missing(texts),
    }
}

impl<'a> Found<'a> {
    fn of(source: &'a Source, values: Located<'a, '_>) -> Self {
        match source {
            Source::Literal(text) => Self::Literal(text),
            Source::Slot(slot) => value_of(values, *slot).map_or(Self::Missing, Self::Value),
            Source::Missing | Source::Tree => Self::Missing,
        }
    }

    /// Appends the header field to its column.
    fn append_to(&self, column: &mut Values, scratch: &mut Scratch) -> usize {
        match column {
            Values::Int(_, ints) => {
                ints.append_option(self.number(scratch).and_then(wrap_to_int));
                size_of::<i32>()
            }
            Values::Long(SystemField::TimeCreated, longs) => {
                longs.append_option(self.time(scratch));
                size_of::<i64>()
            }
            Values::Long(_, longs) => {
                longs.append_option(self.number(scratch));
                size_of::<i64>()
            }
            Values::String(field, texts) => self.append(*field, texts, scratch),
            Values::Guid(_, texts) => match self {
                Self::Missing => texts.append_null(),
                Self::Literal(guid) => texts.append(guid),
                Self::Value(value) if value.is_guid() => {
                    texts.append_with(|out| value.push_bare_guid(out))
                }
                Self::Value(_) => match canonical_guid(self.text(scratch)) {
                    Some(guid) => texts.append(&guid),
                    None => texts.append_null(),
                },
            },
            Values::Text(..) | Values::Dynamic(..) => 0,
        }
    }

    fn text<'s>(&'s self, scratch: &'s mut Scratch) -> &'s str {
        match self {
            Self::Missing => "",
            Self::Literal(text) => text,
            Self::Value(value) => {
                scratch.text.clear();
                value.push_text(&mut scratch.text);
                as_str(&scratch.text)
            }
        }
    }

    fn number(&self, scratch: &mut Scratch) -> Option<i64> {
        match self {
            Self::Value(value) if value.number().is_some() => value.number(),
            _ => self.text(scratch).parse().ok(),
        }
    }

    fn time(&self, scratch: &mut Scratch) -> Option<i64> {
        match self {
            Self::Missing => None,
            Self::Literal(text) => parse_xml_time(text),
            Self::Value(value) => {
                scratch.text.clear();
                value.ticks(&mut scratch.text)
            }
        }
    }

    fn append(&self, field: SystemField, texts: &mut Texts, scratch: &mut Scratch) -> usize {
        match field {
            SystemField::LevelName => {
                let level = self.number(scratch);
                texts.append(level.map_or("", header::level_name))
            }
            SystemField::Keywords => {
                let bits = match self {
                    Self::Value(value) => value.bits(),
                    Self::Missing | Self::Literal(_) => None,
                };
                let Some(bits) = bits.or_else(|| keyword_bits(self.text(scratch))) else {
                    return texts.append(self.text(scratch));
                };
                texts.append_with(|out| {
                    out.extend_from_slice(b"0x");
                    push_hex_digits(bits, 16, out);
                })
            }
            _ => match self {
                Self::Missing => texts.append(""),
                Self::Literal(text) => texts.append(text),
                Self::Value(value) => texts.append_with(|out| value.push_text(out)),
            },
        }
    }
}

/// The text of an element that is there.
enum LeafText<'a> {
    Literal(&'a str),
    /// `None` where the instance has no value for it.
    Value(Option<Value<'a>>),
}

impl<'a> LeafText<'a> {
    /// Returns the text of an element, `None` if the element is not there.
    fn of(values: Located<'a, '_>, leaf: &'a Leaf) -> Option<Self> {
        match &leaf.source {
            Source::Literal(text) => Some(Self::Literal(text)),
            Source::Slot(slot) => {
                if slot.dependency.is_some_and(|dependency| values.is_null(dependency)) {
                    return None;
                }
                Some(Self::Value(values.value(slot.id)))
            }
            Source::Missing | Source::Tree => None,
        }
    }

    /// Tells whether there may be quotes, backslashes or controls in the text.
    const fn may_need_escapes(&self) -> bool {
        match self {
            Self::Literal(_) => true,
            Self::Value(Some(value)) => !value.is_of_digits(),
            Self::Value(None) => false,
        }
    }

    fn push(&self, out: &mut Vec<u8>) {
        match self {
            Self::Literal(text) => out.extend_from_slice(text.as_bytes()),
            Self::Value(Some(value)) => value.push_text(out),
            Self::Value(None) => {}
        }
    }
}

fn write_leaf(text: &LeafText<'_>, leaf: &Leaf, json: &mut JsonText<'_>) {
    if leaf.is_item {
        json.push_raw("[");
    }
    if text.may_need_escapes() {
        json.push_string(|out| text.push(out));
    } else {
        json.push_plain_string(|out| text.push(out));
    }
    if leaf.is_item {
        json.push_raw("]");
    }
}

fn write_all(values: Located<'_, '_>, all: &[(String, Leaf)], json: &mut JsonText<'_>) {
    json.push_raw("{");
    let mut is_first = true;
    for (prefix, leaf) in all {
        let Some(text) = LeafText::of(values, leaf) else { continue };
        if !is_first {
            json.push_raw(",");
        }
        is_first = false;
        json.push_raw(prefix);
        write_leaf(&text, leaf, json);
    }
    json.push_raw("}");
}
