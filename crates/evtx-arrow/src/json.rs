//! JSON text, written piece by piece.

use crate::utf8::as_str;

/// JSON whose strings are rendered in their place, so that most of them are never copied.
pub(crate) struct JsonText<'a> {
    pub(crate) out: &'a mut Vec<u8>,
    /// Room for a string that has to be escaped.
    pub(crate) plain: &'a mut Vec<u8>,
}

impl JsonText<'_> {
    /// Appends what is JSON already.
    pub(crate) fn push_raw(&mut self, json: &str) {
        self.out.extend_from_slice(json.as_bytes());
    }

    /// Appends a string of what `render` appends, in which nothing has to be escaped.
    pub(crate) fn push_plain_string(&mut self, render: impl FnOnce(&mut Vec<u8>)) {
        self.out.push(b'"');
        render(self.out);
        self.out.push(b'"');
    }

    /// Appends a string of what `render` appends, with quotes and the escapes of
    /// [`write_json_string`].
    pub(crate) fn push_string(&mut self, render: impl FnOnce(&mut Vec<u8>)) {
        self.out.push(b'"');
        let start = self.out.len();
        render(self.out);
        let rendered = self.out.get(start..).unwrap_or_default();
        if has_special(rendered) {
            self.plain.clear();
            self.plain.extend_from_slice(rendered);
            self.out.truncate(start);
            escape(as_str(self.plain), |piece| self.out.extend_from_slice(piece.as_bytes()));
        }
        self.out.push(b'"');
    }
}

/// Tells whether a byte has to be escaped: all of them are looked at, several at a time.
fn has_special(bytes: &[u8]) -> bool {
    bytes.iter().fold(false, |found, byte| found | is_special(*byte))
}

const fn is_special(byte: u8) -> bool {
    matches!(byte, ..0x20 | b'"' | b'\\')
}

/// Tells the same of one byte, where bytes are looked at one by one.
fn is_special_byte(byte: u8) -> bool {
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
        special[byte] = is_special(byte as u8);
        byte += 1;
    }
    special
};

/// Appends `text` as a JSON string, quotes included.
///
/// Escapes what JSON requires and nothing else: `"`, `\`, and the controls below U+0020, the
/// latter in their short form where they have one.
pub fn write_json_string(text: &str, out: &mut String) {
    out.push('"');
    escape(text, |piece| out.push_str(piece));
    out.push('"');
}

/// Hands over the pieces of a JSON string's inside.
fn escape(text: &str, mut push: impl FnMut(&str)) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(is_special_byte) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_json_requires() {
        let mut out = String::new();
        write_json_string("a\"b\\c\n\t\u{1}\u{1f}é/", &mut out);
        assert_eq!(out, r#""a\"b\\c\n\t\u0001\u001fé/""#);
    }

    #[test]
    fn a_string_rendered_in_place_is_the_same() {
        let (mut out, mut plain) = (Vec::new(), Vec::new());
        for text in
            ["", "plain", "a\"b", "\\\n\u{1}", "é\u{7f}", "C:\\Windows\\Temp, twenty and more"]
        {
            out.clear();
            let mut json = JsonText { out: &mut out, plain: &mut plain };
            json.push_string(|out| out.extend_from_slice(text.as_bytes()));
            let mut expected = String::new();
            write_json_string(text, &mut expected);
            assert_eq!(as_str(&out), expected);
        }
    }
}
