//! The text of a file, in whatever encoding an editor of Windows has saved it.

use thiserror::Error;

/// A file's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceText {
    /// The text, without a byte order mark.
    pub text: String,
    /// How the file holds it.
    pub encoding: Encoding,
}

/// How a file holds its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8
    Utf8,
    /// UTF-8 behind a byte order mark
    Utf8WithMark,
    /// UTF-16, of either byte order
    Utf16,
}

/// Bytes that are no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("neither UTF-8 nor UTF-16: save the file as UTF-8")]
pub struct NoText;

impl SourceText {
    /// Reads a file's bytes: UTF-8, or UTF-16 by its byte order mark.
    ///
    /// # Errors
    ///
    /// If they are neither.
    pub fn decode(bytes: &[u8]) -> Result<Self, NoText> {
        match bytes {
            [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest, Encoding::Utf8WithMark),
            [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
            [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
            _ => utf8(bytes, Encoding::Utf8),
        }
    }
}

fn utf8(bytes: &[u8], encoding: Encoding) -> Result<SourceText, NoText> {
    let text = str::from_utf8(bytes).map_err(|_| NoText)?.to_owned();
    // Text of UTF-16 without its mark is valid UTF-8 with a NUL in every other place.
    if text.contains('\0') { Err(NoText) } else { Ok(SourceText { text, encoding }) }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<SourceText, NoText> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(NoText);
    }
    let units = pairs.iter().map(|pair| unit(*pair));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    let text = text.map_err(|_| NoText)?;
    Ok(SourceText { text, encoding: Encoding::Utf16 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_of_an_editor_gives_the_same_text() {
        let utf16 = |unit: fn(u16) -> [u8; 2], mark: [u8; 2]| {
            let units = "qüery: T".encode_utf16().flat_map(unit);
            mark.into_iter().chain(units).collect::<Vec<u8>>()
        };
        for bytes in [
            "qüery: T".as_bytes().to_vec(),
            "\u{feff}qüery: T".as_bytes().to_vec(),
            utf16(u16::to_le_bytes, [0xff, 0xfe]),
            utf16(u16::to_be_bytes, [0xfe, 0xff]),
        ] {
            assert_eq!(SourceText::decode(&bytes).unwrap().text, "qüery: T");
        }
        for bytes in [&b"q\xfcery"[..], b"q\0u\0e\0", b"\xff\xfea", b"\xff\xfe\x00\xd8"] {
            assert_eq!(SourceText::decode(bytes), Err(NoText));
        }
    }
}
