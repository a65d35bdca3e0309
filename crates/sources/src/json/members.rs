//! The members of a JSON object, and the elements of an array, one after the other.

use std::borrow::Cow;

use super::{cursor::Cursor, text::unescape};

/// Yields the members of `object` in order: the key, decoded, and the value's text.
///
/// Ends early where the text is no object.
pub(crate) fn members(object: &str) -> impl Iterator<Item = (Cow<'_, str>, &str)> {
    let mut cursor = Cursor::new(object);
    let mut before = b'{';
    std::iter::from_fn(move || {
        if !cursor.take(before) || cursor.peek() != Some(b'"') {
            return None;
        }
        before = b',';
        let key = cursor.string().ok()?;
        cursor.require(b':', "`:`").ok()?;
        Some((unescape(key), cursor.value().ok()?))
    })
}

/// Yields the elements of a JSON array.
pub(crate) fn elements(array: &str) -> impl Iterator<Item = &str> {
    let mut cursor = Cursor::new(array);
    let mut before = b'[';
    std::iter::from_fn(move || {
        let goes_on = cursor.take(before) && cursor.peek() != Some(b']');
        before = b',';
        goes_on.then(|| cursor.value().ok()).flatten()
    })
}
