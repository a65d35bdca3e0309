//! JSON strings, written piece by piece.

/// Appends `text` as a JSON string, quotes included.
///
/// Escapes what JSON requires and nothing else: `"`, `\`, and the controls below U+0020, the
/// latter in their short form where they have one.
pub fn write_json_string(text: &str, out: &mut String) {
    out.push('"');
    escape_json(text, |piece| out.push_str(piece));
    out.push('"');
}

/// Hands over the pieces of a JSON string's inside, escaped as [`write_json_string`] says.
pub fn escape_json(text: &str, mut push: impl FnMut(&str)) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(is_special) {
        let (plain, special) = rest.split_at(at);
        push(plain);
        let mut chars = special.chars();
        if let Some(char) = chars.next() {
            push_escape(char, &mut push);
        }
        rest = chars.as_str();
    }
    push(rest);
}

/// Hands over the escape of one character that a JSON string cannot hold as it is.
fn push_escape(char: char, push: &mut impl FnMut(&str)) {
    match char {
        '"' => push("\\\""),
        '\\' => push("\\\\"),
        '\n' => push("\\n"),
        '\r' => push("\\r"),
        '\t' => push("\\t"),
        '\u{8}' => push("\\b"),
        '\u{c}' => push("\\f"),
        control => {
            push("\\u00");
            for shift in [4, 0] {
                let digit = u32::from(control).wrapping_shr(shift) & 0xf;
                let digit = char::from_digit(digit, 16).unwrap_or('0');
                push(digit.encode_utf8(&mut [0; 4]));
            }
        }
    }
}

/// Tells whether a byte has to be escaped.
fn is_special(byte: u8) -> bool {
    SPECIAL.get(usize::from(byte)).copied().unwrap_or(false)
}

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "evaluated when compiling"
)]
static SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        special[byte] = matches!(byte as u8, ..0x20 | b'"' | b'\\');
        byte += 1;
    }
    special
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_json_requires() {
        let mut out = String::new();
        write_json_string("a\"b\\c\n\t\u{1}\u{1f}é/", &mut out);
        assert_eq!(out, r#""a\"b\\c\n\t\u0001\u001fé/""#);
    }
}
