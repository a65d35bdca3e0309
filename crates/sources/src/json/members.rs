//! The members of a JSON object, one after the other.

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
