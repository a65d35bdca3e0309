//! Keys that an object has twice: which of their values is meant, nobody can tell.

use std::collections::BTreeSet;

use super::{cursor::Cursor, members::members};
use crate::tree::draft::elements;

/// What is expected of an object instead.
pub(crate) const EXPECTED: &str = "each key once";

/// Tells whether an object has a key twice, or anything within a value has.
pub(crate) fn is_in(value: &str) -> bool {
    match value.as_bytes().first() {
        Some(b'{') => is_among_members(value) || members(value).any(|(_, value)| is_in(value)),
        Some(b'[') => elements(value).any(is_in),
        _ => false,
    }
}

/// Tells whether an object has a key twice; a few bits of each key rule that out for most objects.
fn is_among_members(object: &str) -> bool {
    let mut bits = 0_u64;
    let mut is_suspect = false;
    for (key, _) in members(object) {
        let ends = key.bytes().next().into_iter().chain(key.bytes().next_back());
        let mixed = ends
            .fold(key.len(), |mixed, byte| mixed.wrapping_mul(31).wrapping_add(usize::from(byte)));
        let bit = 1_u64.wrapping_shl(u32::try_from(mixed & 63).unwrap_or(0));
        is_suspect |= bits & bit != 0;
        bits |= bit;
    }
    let mut keys = BTreeSet::new();
    is_suspect && !members(object).all(|(key, _)| keys.insert(key))
}

/// Tells whether the object that `start` is the beginning of has a key already, as it is written.
pub(crate) fn has_key(start: &str, key: &str) -> bool {
    let mut cursor = Cursor::new(start);
    let mut before = b'{';
    while cursor.take(before) && cursor.peek() == Some(b'"') {
        before = b',';
        match cursor.string() {
            Ok(found) if found == key => return true,
            Ok(_) if cursor.take(b':') && cursor.value().is_ok() => {}
            _ => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_there_twice_is_found_at_any_depth() {
        for text in [
            r#"{"a":1,"b":2,"a":3}"#,
            r#"{"x":[{"y":{"a":1,"\u0061":2}}]}"#,
            r#"[{"a":1},{"b":1,"b":1}]"#,
        ] {
            assert!(is_in(text), "{text}");
        }
        let many: Vec<String> = (0..300).map(|n| format!("\"k{n}\":{{\"k\":{n}}}")).collect();
        let many = format!("{{{}}}", many.join(","));
        for text in [r#"{"a":{"a":1},"b":["a","a"]}"#, "[1,1]", "\"a\"", "{}", &many] {
            assert!(!is_in(text), "{text}");
        }
    }

    #[test]
    fn the_beginning_of_an_object_has_the_keys_so_far() {
        let start = r#"{"a":{"c":1},"b":[2],"#;
        assert!(has_key(start, "a") && has_key(start, "b"));
        assert!(!has_key(start, "c") && !has_key(start, "") && !has_key("{", "a"));
    }
}
