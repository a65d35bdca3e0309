//! JSON text, written piece by piece.

use windows_event_model::escape_json;

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
    /// [`escape_json`].
    pub(crate) fn push_string(&mut self, render: impl FnOnce(&mut Vec<u8>)) {
        self.out.push(b'"');
        let start = self.out.len();
        render(self.out);
        let rendered = self.out.get(start..).unwrap_or_default();
        if has_special(rendered) {
            self.plain.clear();
            self.plain.extend_from_slice(rendered);
            self.out.truncate(start);
            escape_json(as_str(self.plain), |piece| self.out.extend_from_slice(piece.as_bytes()));
        }
        self.out.push(b'"');
    }
}

/// Tells whether a byte has to be escaped: all of them are looked at, several at a time.
fn has_special(bytes: &[u8]) -> bool {
    bytes.iter().fold(false, |found, byte| found | matches!(byte, ..0x20 | b'"' | b'\\'))
}

#[cfg(test)]
mod tests {
    use windows_event_model::write_json_string;

    use super::*;

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
