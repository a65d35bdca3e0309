//! Keys that an object has twice: which of their values is meant, nobody can tell.

use std::collections::BTreeSet;

use super::{cursor::Cursor, members::members};
use crate::json::members::elements;

/// What is expected of an object instead.
pub(crate) const EXPECTED: &str = "each key once";

/// Bits by which keys are told apart, in words of 64.
const WORDS: usize = 64;

/// Tells whether an object has a key twice, or anything within a value has.
pub(crate) fn is_in(value: &str) -> bool {
    match value.as_bytes().first() {
        Some(b'{') => is_in_object(value),
        Some(b'[') => elements(value).any(is_in),
        _ => false,
    }
}

/// Tells it of an object; a bit for each key rules it out for most of them.
fn is_in_object(object: &str) -> bool {
    let mut bits = [0_u64; WORDS];
    let mut is_suspect = false;
    for (key, value) in members(object) {
        let hash = hash(key.as_bytes());
        let bit = 1_u64.wrapping_shl(u32::try_from(hash & 63).unwrap_or(0));
        let word = usize::try_from(hash.wrapping_shr(6)).ok().and_then(|at| at.checked_rem(WORDS));
        if let Some(word) = word.and_then(|at| bits.get_mut(at)) {
            is_suspect |= *word & bit != 0;
            *word |= bit;
        }
        if is_in(value) {
            return true;
        }
    }
    let mut keys = BTreeSet::new();
    is_suspect && !members(object).all(|(key, _)| keys.insert(key))
}

/// Mixes the bytes of a key into a number of which all bits depend on all bytes.
fn hash(key: &[u8]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, bytes: u64| (hash ^ bytes).wrapping_mul(ODD).rotate_left(32);
    let (chunks, rest) = key.as_chunks::<8>();
    let whole = chunks.iter().fold(0, |hash, chunk| mix(hash, u64::from_le_bytes(*chunk)));
    let rest = rest.iter().fold(1, |rest: u64, byte| rest.wrapping_shl(8) | u64::from(*byte));
    mix(mix(whole, rest), 0)
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
    use proptest::{collection::vec, prelude::*};

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

    proptest! {
        #[test]
        fn keys_are_told_apart_however_alike(
            keys in vec("(Target|Subject){0,2}(User|Name){0,2}[a-c0-9é]{0,3}", 0..80),
            again in any::<Option<prop::sample::Index>>(),
        ) {
            let distinct: BTreeSet<&String> = keys.iter().collect();
            let mut keys: Vec<&str> = distinct.iter().map(|key| key.as_str()).collect();
            if let Some(again) = again.filter(|_| !keys.is_empty()) {
                keys.push(*again.get(&keys.clone()));
            }
            let members: Vec<String> = keys.iter().map(|key| format!("\"{key}\":[1]")).collect();
            let object = format!("{{{}}}", members.join(","));
            let is_repeated = keys.len() > distinct.len();
            prop_assert_eq!(is_in(&object), is_repeated, "{}", object);
            prop_assert_eq!(is_in(&format!("{{\"a\":[1,{object}],\"b\":2}}")), is_repeated);
        }
    }

    #[test]
    fn the_beginning_of_an_object_has_the_keys_so_far() {
        let start = r#"{"a":{"c":1},"b":[2],"#;
        assert!(has_key(start, "a") && has_key(start, "b"));
        assert!(!has_key(start, "c") && !has_key(start, "") && !has_key("{", "a"));
    }
}
