//! Bytes to UTF-8: byte order marks, and UTF-16 as Windows tools write it.

use std::io::{self, Read};

use encoding_rs::{Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes decoded at a time.
const CHUNK_LEN: usize = 64 * 1024;

/// Returns the encoding that the first bytes of a text show, and the length of its mark.
///
/// Without a mark it is UTF-16 if one of the first two bytes is zero: the texts that are read
/// start with ASCII.
pub(crate) fn of(head: &[u8]) -> (&'static Encoding, usize) {
    if let Some(found) = Encoding::for_bom(head) {
        return found;
    }
    match head {
        [0, byte, ..] if *byte != 0 => (UTF_16BE, 0),
        [byte, 0, ..] if *byte != 0 => (UTF_16LE, 0),
        _ => (UTF_8, 0),
    }
}

/// Returns `input` as UTF-8, without its byte order mark.
///
/// UTF-8 passes unchecked. Units of UTF-16 that are no character become U+FFFD.
pub(crate) fn decoded<'a>(head: &[u8], mut input: Box<dyn Read + 'a>) -> Box<dyn Read + 'a> {
    let (encoding, mark_len) = of(head);
    if encoding == UTF_8 {
        let mark_len = u64::try_from(mark_len).unwrap_or(0);
        // The mark has been seen in the head, so that reading it cannot fail.
        drop(io::copy(&mut input.by_ref().take(mark_len), &mut io::sink()));
        return input;
    }
    let decoder = encoding.new_decoder_with_bom_removal();
    Box::new(Decoded { input, decoder, raw: Vec::new(), text: Vec::new(), at: 0, is_end: false })
}

/// Returns as much of the head as decodes, as text.
pub(crate) fn decoded_head(head: &[u8]) -> String {
    let (encoding, _) = of(head);
    let (text, _) = encoding.decode_with_bom_removal(head);
    // The last character may be cut.
    text.trim_end_matches(char::REPLACEMENT_CHARACTER).to_owned()
}

/// A stream of UTF-16 read as UTF-8.
struct Decoded<'a> {
    input: Box<dyn Read + 'a>,
    decoder: Decoder,
    raw: Vec<u8>,
    text: Vec<u8>,
    at: usize,
    is_end: bool,
}

impl Decoded<'_> {
    fn refill(&mut self) -> io::Result<()> {
        self.raw.resize(CHUNK_LEN, 0);
        let read = self.input.read(&mut self.raw)?;
        self.is_end = read == 0;
        let raw = self.raw.get(..read).unwrap_or_default();
        let room = self.decoder.max_utf8_buffer_length(read).unwrap_or(CHUNK_LEN);
        self.text.resize(room, 0);
        let (_, _, written, _) = self.decoder.decode_to_utf8(raw, &mut self.text, self.is_end);
        self.text.truncate(written);
        self.at = 0;
        Ok(())
    }
}

impl Read for Decoded<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.text.len() && !self.is_end {
            self.refill()?;
        }
        let mut left = self.text.get(self.at..).unwrap_or_default();
        let copied = left.read(buffer)?;
        self.at = self.at.saturating_add(copied);
        Ok(copied)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> String {
        let mut text = String::new();
        decoded(bytes, Box::new(bytes)).read_to_string(&mut text).unwrap();
        text
    }

    fn utf16(text: &str, mark: bool, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let mark = mark.then_some(0xfeff);
        mark.into_iter().chain(text.encode_utf16()).flat_map(bytes).collect()
    }

    #[test]
    fn decodes_what_windows_writes() {
        let text = "{\"é\":\"😀\"}\r\n".repeat(20_000);
        for mark in [true, false] {
            assert_eq!(decode(&utf16(&text, mark, u16::to_le_bytes)), text);
            assert_eq!(decode(&utf16(&text, mark, u16::to_be_bytes)), text);
        }
        assert_eq!(decode(text.as_bytes()), text);
        assert_eq!(decode(format!("\u{feff}{text}").as_bytes()), text);
        assert_eq!(decode(b""), "");
    }

    #[test]
    fn heads_are_cut_anywhere() {
        assert_eq!(decoded_head("aé".as_bytes().get(..2).unwrap()), "a");
        assert_eq!(decoded_head(&utf16("ab", true, u16::to_le_bytes)[..5]), "a");
    }
}
