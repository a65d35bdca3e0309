//! JSON arrays and bags as kernels read and write them.

use kql_types::dynamic::{self, Kind};

/// Returns the elements of an array, or `None` if `json` is none.
pub(super) fn elements(json: &str) -> Option<Vec<&str>> {
    (dynamic::kind(json) == Kind::Array).then(|| dynamic::elements(json).collect())
}

/// Returns the entries of a bag, keys quoted, or `None` if `json` is none.
pub(super) fn entries(json: &str) -> Option<Vec<(&str, &str)>> {
    (dynamic::kind(json) == Kind::Bag).then(|| dynamic::entries(json).collect())
}

/// Writes an array.
pub(super) fn write_array<'a>(items: impl IntoIterator<Item = &'a str>, out: &mut String) {
    out.push('[');
    for (number, item) in items.into_iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        out.push_str(item);
    }
    out.push(']');
}

/// Writes an array of texts, which are quoted.
pub(super) fn write_texts(texts: impl IntoIterator<Item = impl AsRef<str>>, out: &mut String) {
    out.push('[');
    for (number, text) in texts.into_iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        dynamic::quote(text.as_ref(), out);
    }
    out.push(']');
}

/// Writes a bag of quoted keys.
pub(super) fn write_bag<'a>(
    entries: impl IntoIterator<Item = (&'a str, &'a str)>,
    out: &mut String,
) {
    out.push('{');
    for (number, (key, value)) in entries.into_iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        out.push_str(key);
        out.push(':');
        out.push_str(value);
    }
    out.push('}');
}

/// Returns a place in an array of `length` for an index that may count from the end; the nearest
/// one if it lies outside.
pub(super) fn place(index: i64, length: usize) -> usize {
    let distance = usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX);
    if index < 0 { length.saturating_sub(distance) } else { distance.min(length) }
}
