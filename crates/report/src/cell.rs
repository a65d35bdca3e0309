//! One cell of a result: an Arrow value, or a [`Value`], read by its KQL type.
//!
//! In: a batch and the result's columns. Out: [`Cell`]s, and their text and JSON forms.

use std::{borrow::Cow, fmt::Write};

use arrow_array::{
    Array, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
    StringViewArray,
};
use kql_types::{KqlType, Ticks, Value, datetime, dynamic, real, schema::ColumnSchema, timespan};

use crate::WriteError;

/// A value of a cell; a missing string is `String("")`, any other missing value `Null`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cell<'a> {
    Null,
    Bool(bool),
    Long(i64),
    Real(f64),
    /// A decimal's canonical text.
    Decimal(&'a str),
    Datetime(Ticks),
    Timespan(Ticks),
    String(&'a str),
    Guid(&'a str),
    Dynamic(&'a str),
}

/// The columns of one batch, each seen as its KQL type.
pub(crate) struct Rows<'a> {
    columns: Vec<Cells<'a>>,
    pub(crate) count: usize,
}

impl<'a> Rows<'a> {
    /// Pairs the arrays of a batch with the result's columns, by position.
    pub(crate) fn new(batch: &'a RecordBatch, schema: &[ColumnSchema]) -> Result<Self, WriteError> {
        if batch.num_columns() != schema.len() {
            return Err(WriteError::ColumnCount {
                expected: schema.len(),
                found: batch.num_columns(),
            });
        }
        let columns = batch
            .columns()
            .iter()
            .zip(schema)
            .map(|(array, column)| {
                Cells::new(array.as_ref(), column.ty).ok_or_else(|| WriteError::Encoding {
                    column: column.name.clone(),
                    ty: column.ty,
                    found: array.data_type().clone(),
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { columns, count: batch.num_rows() })
    }

    /// Returns the cells of a row below [`Rows::count`], in column order.
    pub(crate) fn row(&self, row: usize) -> impl Iterator<Item = Cell<'a>> + '_ {
        self.columns.iter().map(move |cells| cells.cell(row))
    }
}

/// The array of a column.
enum Cells<'a> {
    Bool(&'a BooleanArray),
    Int(&'a Int32Array),
    Long(&'a Int64Array),
    Real(&'a Float64Array),
    Decimal(Texts<'a>),
    Datetime(&'a Int64Array),
    Timespan(&'a Int64Array),
    String(Texts<'a>),
    Guid(Texts<'a>),
    Dynamic(Texts<'a>),
}

impl<'a> Cells<'a> {
    fn new(array: &'a dyn Array, ty: KqlType) -> Option<Self> {
        let array_any = array.as_any();
        Some(match ty {
            KqlType::Bool => Self::Bool(array_any.downcast_ref()?),
            KqlType::Int => Self::Int(array_any.downcast_ref()?),
            KqlType::Long => Self::Long(array_any.downcast_ref()?),
            KqlType::Real => Self::Real(array_any.downcast_ref()?),
            KqlType::Decimal => Self::Decimal(Texts::new(array)?),
            KqlType::Datetime => Self::Datetime(array_any.downcast_ref()?),
            KqlType::Timespan => Self::Timespan(array_any.downcast_ref()?),
            KqlType::String => Self::String(Texts::new(array)?),
            KqlType::Guid => Self::Guid(Texts::new(array)?),
            KqlType::Dynamic => Self::Dynamic(Texts::new(array)?),
        })
    }

    fn cell(&self, row: usize) -> Cell<'a> {
        fn of<'a, T>(value: Option<T>, cell: impl FnOnce(T) -> Cell<'a>) -> Cell<'a> {
            value.map_or(Cell::Null, cell)
        }
        match self {
            Self::Bool(array) => of(array.is_valid(row).then(|| array.value(row)), Cell::Bool),
            Self::Int(array) => {
                of(array.is_valid(row).then(|| array.value(row)), |int| Cell::Long(int.into()))
            }
            Self::Long(array) => of(array.is_valid(row).then(|| array.value(row)), Cell::Long),
            Self::Real(array) => of(array.is_valid(row).then(|| array.value(row)), Cell::Real),
            Self::Datetime(array) => {
                of(array.is_valid(row).then(|| array.value(row)), Cell::Datetime)
            }
            Self::Timespan(array) => {
                of(array.is_valid(row).then(|| array.value(row)), Cell::Timespan)
            }
            Self::String(texts) => Cell::String(texts.get(row).unwrap_or_default()),
            Self::Guid(texts) => of(texts.get(row), Cell::Guid),
            Self::Decimal(texts) => of(texts.get(row), Cell::Decimal),
            Self::Dynamic(texts) => of(texts.get(row), Cell::Dynamic),
        }
    }
}

/// An array of text. `Utf8View` is the encoding; `Utf8` is what some kernels of DataFusion return.
enum Texts<'a> {
    View(&'a StringViewArray),
    Plain(&'a StringArray),
}

impl<'a> Texts<'a> {
    fn new(array: &'a dyn Array) -> Option<Self> {
        let array = array.as_any();
        array.downcast_ref().map(Self::View).or_else(|| array.downcast_ref().map(Self::Plain))
    }

    fn get(&self, row: usize) -> Option<&'a str> {
        match self {
            Self::View(array) => array.is_valid(row).then(|| array.value(row)),
            Self::Plain(array) => array.is_valid(row).then(|| array.value(row)),
        }
    }
}

impl<'a> From<&'a Value> for Cell<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Bool(Some(value)) => Self::Bool(*value),
            Value::Int(Some(value)) => Self::Long((*value).into()),
            Value::Long(Some(value)) => Self::Long(*value),
            Value::Real(Some(value)) => Self::Real(*value),
            Value::Decimal(Some(digits)) => Self::Decimal(digits),
            Value::String(text) => Self::String(text),
            Value::Datetime(Some(ticks)) => Self::Datetime(*ticks),
            Value::Timespan(Some(ticks)) => Self::Timespan(*ticks),
            Value::Guid(Some(text)) => Self::Guid(text),
            Value::Dynamic(Some(json)) => Self::Dynamic(json),
            _ => Self::Null,
        }
    }
}

impl<'a> Cell<'a> {
    /// Returns the text a person reads; null is `""`, a datetime its ISO form.
    pub(crate) fn text(self) -> Cow<'a, str> {
        match self {
            Self::Null => Cow::Borrowed(""),
            Self::Bool(value) => Cow::Borrowed(if value { "true" } else { "false" }),
            Self::Long(value) => Cow::Owned(value.to_string()),
            Self::Real(value) => Cow::Owned(real::format(value).to_string()),
            Self::Datetime(ticks) => Cow::Owned(datetime::format(ticks).to_string()),
            Self::Timespan(ticks) => Cow::Owned(timespan::format(ticks).to_string()),
            Self::Decimal(text) | Self::String(text) | Self::Guid(text) => Cow::Borrowed(text),
            Self::Dynamic(json) => dynamic::unquote(json),
        }
    }

    /// Appends the JSON form of Kusto's results.
    ///
    /// A dynamic is itself, and a JSON string of its text should it be no JSON after all. What acts on
    /// a terminal or misleads the eye is escaped, which leaves the value the same.
    pub(crate) fn write_json(self, out: &mut String) {
        let written = match self {
            Self::Null => out.write_str("null"),
            Self::Bool(value) => write!(out, "{value}"),
            Self::Long(value) => write!(out, "{value}"),
            Self::Real(value) => return real::write_json(value, out),
            Self::Datetime(ticks) => write!(out, "\"{}\"", datetime::format(ticks)),
            Self::Timespan(ticks) => write!(out, "\"{}\"", timespan::format(ticks)),
            Self::Decimal(text) | Self::String(text) | Self::Guid(text) => {
                return write_json_string(text, out);
            }
            Self::Dynamic(json) => match dynamic::compact(json) {
                Some(json) => return push_escaped(&json, out),
                None => return write_json_string(json, out),
            },
        };
        debug_assert!(written.is_ok(), "writing to a string cannot fail");
    }
}

/// Appends `text` as a JSON string.
pub(crate) fn write_json_string(text: &str, out: &mut String) {
    if text.bytes().all(|byte| byte < b'\x7f') {
        return dynamic::quote(text, out);
    }
    let mut quoted = String::new();
    dynamic::quote(text, &mut quoted);
    push_escaped(&quoted, out);
}

/// Appends JSON text with escapes for deceptive characters; outside strings there are none.
pub(crate) fn push_escaped(json: &str, out: &mut String) {
    let mut rest = json;
    while let Some(at) = rest.find(is_deceptive) {
        let Some((plain, special)) = rest.split_at_checked(at) else { break };
        out.push_str(plain);
        let mut chars = special.chars();
        if let Some(special) = chars.next() {
            let written = write!(out, "\\u{:04x}", u32::from(special));
            debug_assert!(written.is_ok(), "writing to a string cannot fail");
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
}

/// Tells whether a character is DEL, a C1 control, without width, or reverses text.
///
/// All are of the basic plane, so that one `\u` escape writes each.
fn is_deceptive(char: char) -> bool {
    matches!(char,
        '\u{7f}'..='\u{9f}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Returns a time to the second: `2026-03-12 09:14:05Z`.
pub(crate) fn to_second(time: Ticks) -> String {
    let second: String = datetime::format_spaced(time).to_string().chars().take(19).collect();
    format!("{second}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_escapes_what_acts_or_misleads() {
        let mut out = String::new();
        Cell::String("a\u{9b}31m\u{1b}\u{7f}\u{202e}é").write_json(&mut out);
        Cell::Dynamic("[ \"\u{9b}\" ]").write_json(&mut out);
        Cell::Dynamic("not json").write_json(&mut out);
        assert_eq!(out, r#""a\u009b31m\u001b\u007f\u202eé"["\u009b"]"not json""#);
    }
}
