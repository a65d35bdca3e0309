//! Whether an event's data are in the form that a shape has them in.

use crate::json::{canonical::own_text, members::elements};

/// Tells whether an object's first key is none that Windows gives a field: the mark of a rendering
/// of XML that the shape is not.
pub(super) fn has_marked_key(object: &str) -> bool {
    let inside = object.strip_prefix('{').unwrap_or(object).trim_start();
    let Some(key) = inside.strip_prefix('"') else { return false };
    let is_attributes = key.starts_with("#attributes\"");
    key.starts_with(['@', '$', '#', '-', '_', '+']) && !is_attributes
}

/// Tells whether data without names are values: texts, alone, in an array or beside attributes.
pub(super) fn are_texts(value: &str) -> bool {
    let value = own_text(value).unwrap_or(value);
    if value.starts_with('[') {
        return elements(value).all(|value| !own_text(value).unwrap_or(value).starts_with('{'));
    }
    !value.starts_with('{')
}
