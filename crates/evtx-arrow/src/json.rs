//! JSON text, written piece by piece.

/// Appends `text` as a JSON string, quotes included.
///
/// Escapes what JSON requires and nothing else: `"`, `\`, and the controls below U+0020, the
/// latter in their short form where they have one.
pub fn write_json_string(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\')) {
        let (plain, special) = rest.split_at(at);
        out.push_str(plain);
        let mut chars = special.chars();
        if let Some(char) = chars.next() {
            write_escape(char, out);
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

/// Appends the escape of one character that a JSON string cannot hold as it is.
fn write_escape(char: char, out: &mut String) {
    match char {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        control => {
            out.push_str("\\u00");
            for shift in [4, 0] {
                let digit = u32::from(control).wrapping_shr(shift) & 0xf;
                out.extend(char::from_digit(digit, 16));
            }
        }
    }
}

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
