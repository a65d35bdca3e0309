//! One value of an export, before it has a type.

use std::borrow::Cow;

use kql_types::Ticks;
use windows_event_model::write_json_string;

use crate::json::{
    canonical::{self, Scalars},
    cursor::Cursor,
    text::{string_content, unescape, unescape_in},
};

/// One value of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    /// The export has no value here: no such column, JSON's null, an empty string or field.
    Missing,
    /// The text of a field, unquoted.
    Text(&'a str),
    /// The text of a JSON value.
    Json(&'a str),
    /// The text of a time, and the time if it could be read.
    Time(&'a str, Option<Ticks>),
}

impl<'a> Cell<'a> {
    /// Returns the cell of a JSON value, which may be absent; an empty string is nothing.
    #[inline]
    pub(crate) fn of_json(value: Option<&'a str>) -> Self {
        match value {
            None | Some("null" | "\"\"") => Self::Missing,
            Some(value) => Self::Json(value),
        }
    }

    /// Returns the cell's text, `None` if there is nothing; a container is compact JSON.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Missing | Self::Text("") | Self::Time("", _) => None,
            Self::Text(text) | Self::Time(text, _) => Some(Cow::Borrowed(text)),
            Self::Json(value) => match value.as_bytes().first() {
                Some(b'"') => Some(unescape(string_content(value))).filter(|text| !text.is_empty()),
                Some(b'{' | b'[') => Some(Cow::Owned(compact(value))),
                _ => Some(Cow::Borrowed(value)),
            },
        }
    }

    /// Returns what [`Self::text`] does, `""` if there is nothing; what has to be put together first is
    /// written to `room`.
    pub(crate) fn text_in<'t>(self, room: &'t mut String) -> &'t str
    where
        'a: 't,
    {
        match self {
            Self::Missing => "",
            Self::Text(text) | Self::Time(text, _) => text,
            Self::Json(value) => match value.as_bytes().first() {
                Some(b'"') => unescape_in(string_content(value), room),
                Some(b'{' | b'[') => {
                    room.clear();
                    canonical::write(value, Scalars::Typed, room);
                    room
                }
                _ => value,
            },
        }
    }

    /// Returns the cell as JSON text, `None` if there is nothing.
    ///
    /// Defender and Sentinel put JSON into strings. A string that holds an object or an array is
    /// that; a field of a CSV file is any JSON it holds; everything else is a string.
    pub(crate) fn dynamic(self) -> Option<String> {
        match self {
            Self::Json(value) if !value.starts_with('"') => Some(compact(value)),
            Self::Json(_) => {
                let text = self.text()?;
                let is_container = text.trim_start().starts_with(['{', '[']);
                Some(parsed(&text).filter(|_| is_container).unwrap_or_else(|| quoted(&text)))
            }
            Self::Text(_) | Self::Time(..) | Self::Missing => {
                let text = self.text()?;
                (text != "null").then(|| parsed(&text).unwrap_or_else(|| quoted(&text)))
            }
        }
    }
}

fn compact(value: &str) -> String {
    let mut json = String::with_capacity(value.len());
    canonical::write(value, Scalars::Typed, &mut json);
    json
}

/// Returns the compact form of a text that is one JSON value.
fn parsed(text: &str) -> Option<String> {
    let mut cursor = Cursor::new(text);
    let value = cursor.value().ok()?;
    cursor.peek().is_none().then(|| compact(value))
}

fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len().saturating_add(2));
    write_json_string(text, &mut json);
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_decoded() {
        assert_eq!(Cell::Json(r#""a\\b""#).text().unwrap(), r"a\b");
        assert_eq!(Cell::Json("1.5").text().unwrap(), "1.5");
        assert_eq!(Cell::Json("[ 1 ]").text().unwrap(), "[1]");
        assert_eq!(Cell::Text("x").text().unwrap(), "x");
        for cell in [Cell::Missing, Cell::Text(""), Cell::Json("\"\""), Cell::of_json(Some("null"))]
        {
            assert_eq!(cell.text(), None);
        }
        let mut room = "something else".to_owned();
        for cell in [
            Cell::Json(r#""a\\b""#),
            Cell::Json(r#""ab""#),
            Cell::Json("1.5"),
            Cell::Json("[ 1 ]"),
            Cell::Json("\"\""),
            Cell::Text("x"),
            Cell::Text(""),
            Cell::Time("y", None),
            Cell::Missing,
        ] {
            assert_eq!(cell.text_in(&mut room), cell.text().unwrap_or_default(), "{cell:?}");
        }
    }

    #[test]
    fn json_within_strings_is_found() {
        let dynamic = |cell: Cell<'_>| cell.dynamic().unwrap_or_default();
        assert_eq!(dynamic(Cell::Json(r#""{\"a\": [1]}""#)), r#"{"a":[1]}"#);
        assert_eq!(dynamic(Cell::Json(r#""{broken""#)), r#""{broken""#);
        assert_eq!(dynamic(Cell::Json(r#""12""#)), r#""12""#);
        assert_eq!(dynamic(Cell::Json("{ }")), "{}");
        assert_eq!(dynamic(Cell::Text("{\"a\": 1}")), r#"{"a":1}"#);
        assert_eq!(dynamic(Cell::Text("12")), "12");
        assert_eq!(dynamic(Cell::Text("C:\\x")), r#""C:\\x""#);
        assert_eq!(dynamic(Cell::Text("null")), "");
        assert_eq!(dynamic(Cell::Missing), "");
    }
}
