//! `dynamic`: its encoding as JSON text, and the kernels that read it without building a tree.
//!
//! In: the text of one value. Out: slices of it, or text. A dynamic travels as compact JSON
//! ([`compact`]); a null dynamic travels as the absence of a value, so that the text `null` occurs
//! only inside arrays and bags.
//!
//! JSON has no datetime, timespan, guid or NaN; they are stored as Kusto prints them inside a
//! dynamic ([`encode`]): `"2020-01-01T00:00:00.0000000Z"`, `"1.00:00:00"`, `"NaN"`. A timespan that is
//! *written* in a literal, `dynamic([1d])`, is a number of ticks instead; that is the binder's to do.
//!
//! Differs: Kusto remembers the type of such an element, so `gettype(dynamic([datetime(…)])[0])` is
//! `datetime` there and `string` here. What it prints, compares and converts to is the same.
//!
//! Nothing here recurses, so depth costs no stack, and nothing panics on text that is no JSON: it
//! reads as far as it makes sense and then answers `None`.

mod check;
mod scan;
mod text;

use std::{borrow::Cow, fmt::Write};

pub use self::{
    check::{compact, is_valid},
    scan::{Elements, Entries, elements, entries},
    text::quote,
};
use crate::{Value, datetime, real, timespan};

/// What a dynamic holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number without fraction or exponent
    Long,
    /// Any other number
    Double,
    /// A string
    String,
    /// `[…]`
    Array,
    /// `{…}`, a property bag
    Bag,
}

impl Kind {
    /// Returns the name that `gettype` gives a dynamic holding this.
    ///
    /// Source: measured.
    pub const fn gettype(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "bool",
            Self::Long => "long",
            Self::Double => "double",
            Self::String => "string",
            Self::Array => "array",
            Self::Bag => "dictionary",
        }
    }
}

/// Tells what the text holds, by its first byte; only a number is read to its end.
///
/// Text that is no JSON counts as [`Kind::Null`].
pub fn kind(json: &str) -> Kind {
    let json = json.trim_ascii_start();
    match json.as_bytes().first() {
        Some(b'{') => Kind::Bag,
        Some(b'[') => Kind::Array,
        Some(b'"') => Kind::String,
        Some(b't' | b'f') => Kind::Bool,
        Some(b'-' | b'0'..=b'9') if json.contains(['.', 'e', 'E']) => Kind::Double,
        Some(b'-' | b'0'..=b'9') => Kind::Long,
        _ => Kind::Null,
    }
}

/// Returns the text of a bag's property, or `None` if it is missing or `json` is no bag.
///
/// Keys are case-sensitive. Of a key that occurs twice the first counts (inferred). The cost is
/// one pass over the bytes before the property's end.
pub fn get<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    entries(json).find(|(name, _)| text::is_quoted_form(name, key)).map(|(_, value)| value)
}

/// Returns the text of an array's element, from the end if `index` is negative.
///
/// `None` if there is no such element or `json` is no array.
pub fn index(json: &str, index: i64) -> Option<&str> {
    let Ok(from_start) = usize::try_from(index) else {
        let from_end = usize::try_from(index.unsigned_abs()).ok()?;
        return elements(json).nth(elements(json).count().checked_sub(from_end)?);
    };
    elements(json).nth(from_start)
}

/// Returns what `tostring` gives: a string without its quotes, `""` for null, otherwise the text.
///
/// Source: measured, `tostring(dynamic('x'))`, `tostring(dynamic(null))`, `tostring(dynamic(true))`.
pub fn unquote(json: &str) -> Cow<'_, str> {
    match kind(json) {
        Kind::String => text::unquote_string(json.trim_ascii()),
        Kind::Null => Cow::Borrowed(""),
        _ => Cow::Borrowed(json),
    }
}

/// Appends a scalar as an element of an array or bag, as `pack_array` and `bag_pack` store it.
///
/// A null of any type is `null`. A dynamic is appended as it is, so it must be compact.
///
/// Sources: measured, datetime, timespan, string, long, real(nan), nulls; a decimal as a number is
/// inferred.
pub fn encode(value: &Value, out: &mut String) {
    let written = match value {
        Value::Bool(Some(value)) => write!(out, "{value}"),
        Value::Int(Some(value)) => write!(out, "{value}"),
        Value::Long(Some(value)) => write!(out, "{value}"),
        Value::Datetime(Some(ticks)) => write!(out, "\"{}\"", datetime::format(*ticks)),
        Value::Timespan(Some(ticks)) => write!(out, "\"{}\"", timespan::format(*ticks)),
        Value::Real(Some(value)) => return real::write_json(*value, out),
        Value::String(text) | Value::Guid(Some(text)) => return quote(text, out),
        Value::Decimal(Some(text)) | Value::Dynamic(Some(text)) => return out.push_str(text),
        _ => return out.push_str("null"),
    };
    debug_assert!(written.is_ok(), "writing to a string cannot fail");
}

#[cfg(test)]
mod tests;
