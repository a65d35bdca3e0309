//! `guid`: text to the canonical form, lower-case `8-4-4-4-12`.
//!
//! In: text. Out: the canonical text, which is how a guid travels, or `None`.

/// Reads a guid as `toguid(string)` does and returns its canonical text.
///
/// 32 hexadecimal digits; hyphens may stand anywhere between them or be missing, and braces or
/// parentheses may enclose the whole.
///
/// Sources: measured, `0123456789abcdef0123456789abcdef` and `0123456789ab-cdef-0123-456789abcdef`
/// are both read, and braced text by `parse … : guid`. Parentheses are inferred.
pub fn parse(text: &str) -> Option<String> {
    let text = text.trim_ascii();
    let digits = enclosed(text, '{', '}').or_else(|| enclosed(text, '(', ')')).unwrap_or(text);
    if digits.starts_with('-') || digits.ends_with('-') {
        return None;
    }
    let mut canonical = String::with_capacity(CANONICAL_LEN);
    for digit in digits.bytes().filter(|&byte| byte != b'-') {
        if !digit.is_ascii_hexdigit() || canonical.len() == CANONICAL_LEN {
            return None;
        }
        if matches!(canonical.len(), 8 | 13 | 18 | 23) {
            canonical.push('-');
        }
        canonical.push(char::from(digit.to_ascii_lowercase()));
    }
    (canonical.len() == CANONICAL_LEN).then_some(canonical)
}

/// Bytes of `8-4-4-4-12`.
const CANONICAL_LEN: usize = 36;

fn enclosed(text: &str, open: char, close: char) -> Option<&str> {
    text.strip_prefix(open)?.strip_suffix(close)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_every_spelling_as_one() {
        let canonical = "01234567-89ab-cdef-0123-456789abcdef";
        for text in [
            canonical,
            "0123456789abcdef0123456789abcdef",
            "0123456789ab-cdef-0123-456789abcdef",
            "01234567-89AB-CDEF-0123-456789ABCDEF",
            "{01234567-89ab-cdef-0123-456789abcdef}",
            "(01234567-89ab-cdef-0123-456789abcdef)",
            " 01234567-89ab-cdef-0123-456789abcdef ",
        ] {
            assert_eq!(parse(text).as_deref(), Some(canonical), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_guid() {
        for text in [
            "",
            "a string that is not a guid",
            "{0123456789abcdef0123456789abcdef",
            "0123456789abcdef0123456789abcde",
            "0123456789abcdef0123456789abcdef0",
            "-0123456789abcdef0123456789abcdef",
            "0123456789abcdef0123456789abcdeg",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn the_canonical_form_is_a_fixed_point(text in "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}") {
            let canonical = parse(&text).unwrap();
            prop_assert_eq!(&canonical, &text.to_ascii_lowercase());
            prop_assert_eq!(parse(&canonical), Some(canonical));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,50}") {
            drop(parse(&text));
        }
    }
}
