//! Terms: maximal runs of letters and digits.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// Tells whether a character belongs to a term: `[\pL\pN]`, so the underscore does not.
///
/// Source: measured, every other character delimits.
pub(super) fn is_term_char(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphanumeric();
    }
    let group = character.general_category_group();
    matches!(group, GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number)
}

/// Tells whether no term reaches over byte `start` from the left.
pub(super) fn is_boundary_before(text: &str, start: usize) -> bool {
    match text.as_bytes().get(..start).and_then(<[u8]>::last) {
        None => true,
        Some(byte) if byte.is_ascii() => !byte.is_ascii_alphanumeric(),
        Some(_) => text.get(..start).and_then(last_char).is_none_or(|c| !is_term_char(c)),
    }
}

/// Tells whether no term reaches over byte `end` to the right.
pub(super) fn is_boundary_after(text: &str, end: usize) -> bool {
    match text.as_bytes().get(end) {
        None => true,
        Some(byte) if byte.is_ascii() => !byte.is_ascii_alphanumeric(),
        Some(_) => text.get(end..).and_then(first_char).is_none_or(|c| !is_term_char(c)),
    }
}

fn first_char(text: &str) -> Option<char> {
    text.chars().next()
}

fn last_char(text: &str) -> Option<char> {
    text.chars().next_back()
}
