//! UTF-16 and ANSI text to UTF-8, as the Event Viewer's XML has it.
//!
//! A string ends at its first zero unit. What XML cannot hold is `_`: controls other than tab,
//! line feed and carriage return, U+FFFE and U+FFFF. Half a surrogate pair is U+FFFD.

/// Appends little-endian UTF-16 text, up to its first zero unit.
pub(crate) fn push_utf16(units: &[u8], out: &mut Vec<u8>) {
    out.reserve(units.len() / 2);
    let mut rest = units;
    // Eight units at a time as long as they are printable ASCII.
    while let Some((block, after)) = rest.split_first_chunk::<16>() {
        let Some(ascii) = narrow(*block) else { break };
        out.extend_from_slice(&ascii);
        rest = after;
    }
    let (pairs, _) = rest.as_chunks::<2>();
    for (at, pair) in pairs.iter().enumerate() {
        let unit = u16::from_le_bytes(*pair);
        match u8::try_from(unit) {
            Ok(0) => return,
            Ok(byte @ (b' '..=b'~' | b'\t' | b'\n' | b'\r')) => out.push(byte),
            _ => return push_any(pairs.get(at..).unwrap_or_default(), out),
        }
    }
}

/// Appends text in the Windows-1252 code page, without its zeros.
pub(crate) fn push_ansi(bytes: &[u8], out: &mut Vec<u8>) {
    for &byte in bytes.iter().filter(|&&byte| byte != 0) {
        let high = byte.checked_sub(0x80).and_then(|at| WINDOWS_1252.get(usize::from(at)));
        push_char(high.copied().unwrap_or(char::from(byte)), out);
    }
}

/// Returns eight units as ASCII, `None` unless all are printable.
fn narrow(block: [u8; 16]) -> Option<[u8; 8]> {
    let mut ascii = [0; 8];
    let mut others = 0;
    for (to, [low, _]) in ascii.iter_mut().zip(block.as_chunks::<2>().0) {
        *to = *low;
        // Above 0x7e or below 0x20, by a carry into or a borrow from the high bit.
        others |= low.wrapping_add(1) | low | low.wrapping_sub(0x20);
    }
    (others & 0x80 == 0 && is_zero_above(&block)).then_some(ascii)
}

/// Tells whether the upper half of every unit is zero.
fn is_zero_above(block: &[u8; 16]) -> bool {
    u128::from_le_bytes(*block) & 0xff00_ff00_ff00_ff00_ff00_ff00_ff00_ff00 == 0
}

/// Appends units of any kind.
fn push_any(pairs: &[[u8; 2]], out: &mut Vec<u8>) {
    let units = pairs.iter().map(|pair| u16::from_le_bytes(*pair)).take_while(|&unit| unit != 0);
    for decoded in char::decode_utf16(units) {
        push_char(decoded.unwrap_or(char::REPLACEMENT_CHARACTER), out);
    }
}

/// Appends a character, or `_` for one that XML cannot hold.
pub(crate) fn push_char(char: char, out: &mut Vec<u8>) {
    let char = match char {
        '\t' | '\n' | '\r' => char,
        '\0'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => '_',
        _ => char,
    };
    out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
}

/// The characters of Windows-1252 from 0x80 to 0x9f; the five it does not define are controls.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &[u16]) -> String {
        let units: Vec<u8> = text.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let mut out = Vec::new();
        push_utf16(&units, &mut out);
        String::from_utf8(out).unwrap()
    }

    fn from(text: &str) -> String {
        utf16(&text.encode_utf16().collect::<Vec<_>>())
    }

    #[test]
    fn every_unit_at_every_place_of_a_block() {
        for at in [0, 7, 8, 13, 16, 19] {
            for unit in 1..=u16::MAX {
                let mut units = [u16::from(b'a'); 20];
                units[at] = unit;
                let expected = match char::from_u32(u32::from(unit)) {
                    None => '\u{fffd}',
                    Some('\t' | '\n' | '\r') => char::from_u32(u32::from(unit)).unwrap(),
                    Some('\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}') => '_',
                    Some(char) => char,
                };
                let got = utf16(&units);
                assert_eq!(got.chars().nth(at), Some(expected), "{unit:#x} at {at}");
                assert_eq!(got.chars().count(), 20);
            }
        }
    }

    #[test]
    fn text_ends_at_a_zero() {
        for len in 0..20 {
            let text: String = "abcdefghijklmnopqrst".chars().take(len).collect();
            assert_eq!(from(&format!("{text}\0tail that is cut")), text);
        }
    }

    #[test]
    fn other_scripts_and_pairs() {
        assert_eq!(from("ünïcode, 日本語 and 😀 in one"), "ünïcode, 日本語 and 😀 in one");
        assert_eq!(utf16(&[0xd83d, 0x41, 0xde00]), "\u{fffd}A\u{fffd}");
    }

    #[test]
    fn ansi_is_windows_1252() {
        let mut out = Vec::new();
        push_ansi(b"caf\xe9 \x80\0\x01!", &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "café €_!");
    }
}
