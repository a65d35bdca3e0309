//! The values of binary XML and their text.

use std::io::Write;

use windows_event_model::{Ticks, filetime_to_ticks, parse_xml_time};

use crate::{
    binxml::{
        text::{push_ansi, push_utf16},
        time::{push_filetime, push_systemtime},
    },
    bytes,
    utf8::as_str,
};

/// The types of values, as they stand in a stream.
pub(crate) mod ty {
    pub(crate) const NULL: u8 = 0x00;
    pub(crate) const STRING: u8 = 0x01;
    pub(crate) const ANSI_STRING: u8 = 0x02;
    pub(crate) const INT8: u8 = 0x03;
    pub(crate) const UINT8: u8 = 0x04;
    pub(crate) const INT16: u8 = 0x05;
    pub(crate) const UINT16: u8 = 0x06;
    pub(crate) const INT32: u8 = 0x07;
    pub(crate) const UINT32: u8 = 0x08;
    pub(crate) const INT64: u8 = 0x09;
    pub(crate) const UINT64: u8 = 0x0a;
    pub(crate) const REAL32: u8 = 0x0b;
    pub(crate) const REAL64: u8 = 0x0c;
    pub(crate) const BOOL: u8 = 0x0d;
    pub(crate) const BINARY: u8 = 0x0e;
    pub(crate) const GUID: u8 = 0x0f;
    pub(crate) const SIZE_T: u8 = 0x10;
    pub(crate) const FILETIME: u8 = 0x11;
    pub(crate) const SYSTEMTIME: u8 = 0x12;
    pub(crate) const SID: u8 = 0x13;
    pub(crate) const HEX_INT32: u8 = 0x14;
    pub(crate) const HEX_INT64: u8 = 0x15;
    pub(crate) const BINXML: u8 = 0x21;
    /// Set in the type of an array of another type.
    pub(crate) const ARRAY: u8 = 0x80;
    pub(crate) const STRING_ARRAY: u8 = STRING | ARRAY;
}

/// Returns the length of a type's values, `None` if each has its own.
pub(crate) const fn width(ty: u8) -> Option<usize> {
    match ty {
        ty::INT8 | ty::UINT8 => Some(1),
        ty::INT16 | ty::UINT16 => Some(2),
        ty::INT32 | ty::UINT32 | ty::REAL32 | ty::BOOL | ty::HEX_INT32 => Some(4),
        ty::INT64 | ty::UINT64 | ty::REAL64 | ty::FILETIME | ty::HEX_INT64 => Some(8),
        ty::GUID | ty::SYSTEMTIME => Some(16),
        _ => None,
    }
}

/// A value: its type and its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Value<'a> {
    pub(crate) ty: u8,
    pub(crate) bytes: &'a [u8],
}

impl Value<'_> {
    /// Tells whether the value is text of its own: neither an array nor a fragment.
    pub(crate) const fn is_scalar(&self) -> bool {
        self.ty & ty::ARRAY == 0 && (self.ty != ty::BINXML || self.bytes.is_empty())
    }

    /// Returns the number of a value of an integer type.
    pub(crate) fn number(&self) -> Option<i64> {
        match self.ty {
            ty::INT8 => self.fixed().map(|bytes| i64::from(i8::from_le_bytes(bytes))),
            ty::UINT8 => self.fixed().map(|bytes| i64::from(u8::from_le_bytes(bytes))),
            ty::INT16 => self.fixed().map(|bytes| i64::from(i16::from_le_bytes(bytes))),
            ty::UINT16 => self.fixed().map(|bytes| i64::from(u16::from_le_bytes(bytes))),
            ty::INT32 => self.fixed().map(|bytes| i64::from(i32::from_le_bytes(bytes))),
            ty::UINT32 => self.fixed().map(|bytes| i64::from(u32::from_le_bytes(bytes))),
            ty::INT64 => self.fixed().map(i64::from_le_bytes),
            ty::UINT64 => self.fixed().and_then(|bytes| u64::from_le_bytes(bytes).try_into().ok()),
            _ => None,
        }
    }

    /// Returns the bits of a hexadecimal or size value.
    pub(crate) fn bits(&self) -> Option<u64> {
        match (self.ty, self.bytes.len()) {
            (ty::HEX_INT32, _) | (ty::SIZE_T, 4) => {
                self.fixed().map(u32::from_le_bytes).map(u64::from)
            }
            (ty::HEX_INT64, _) | (ty::SIZE_T, 8) => self.fixed().map(u64::from_le_bytes),
            _ => None,
        }
    }

    /// Returns the FILETIME of a value of that type.
    pub(crate) fn filetime(&self) -> Option<u64> {
        if self.ty == ty::FILETIME { self.fixed().map(u64::from_le_bytes) } else { None }
    }

    /// Returns the time that the value is or that its text says; `text` is room for the latter.
    pub(crate) fn ticks(&self, text: &mut Vec<u8>) -> Option<Ticks> {
        self.filetime().and_then(filetime_to_ticks).or_else(|| {
            self.push_text(text);
            parse_xml_time(as_str(text))
        })
    }

    /// Tells whether the value's text is made of digits, letters and punctuation such as dashes: a
    /// number, a time, a name of the system's.
    pub(crate) const fn is_of_digits(&self) -> bool {
        matches!(self.ty, ty::NULL | ty::INT8..=ty::HEX_INT64)
    }

    /// Tells whether the value is a GUID.
    pub(crate) const fn is_guid(&self) -> bool {
        self.ty == ty::GUID && self.bytes.len() == 16
    }

    /// Appends a GUID without braces.
    pub(crate) fn push_bare_guid(&self, out: &mut Vec<u8>) {
        push_bare_guid(self.bytes, out);
    }

    /// Appends the value's text; the items of an array are joined by commas.
    ///
    /// A value that has not the size of its type has no text.
    pub(crate) fn push_text(&self, out: &mut Vec<u8>) {
        match self.ty {
            ty::NULL => {}
            ty::STRING => push_utf16(self.bytes, out),
            ty::ANSI_STRING => push_ansi(self.bytes, out),
            ty::INT8..=ty::UINT64 => self.push_integer(out),
            ty::REAL32 => {
                if let Some(number) = self.fixed().map(f32::from_le_bytes) {
                    push_real(&format!("{number:?}"), &format!("{number}"), out);
                }
            }
            ty::REAL64 => {
                if let Some(number) = self.fixed().map(f64::from_le_bytes) {
                    push_real(&format!("{number:?}"), &format!("{number}"), out);
                }
            }
            ty::BOOL => match self.fixed().map(i32::from_le_bytes) {
                Some(0) => out.extend_from_slice(b"false"),
                Some(1) => out.extend_from_slice(b"true"),
                // Some providers write bit masks as bool.
                Some(_) => Value { ty: ty::INT32, bytes: self.bytes }.push_integer(out),
                None => {}
            },
            ty::BINARY => push_hex(self.bytes, out),
            ty::GUID => push_guid(self.bytes, out),
            ty::SIZE_T | ty::HEX_INT32 | ty::HEX_INT64 => self.push_bits(out),
            ty::FILETIME => {
                if let Some(filetime) = self.filetime() {
                    push_filetime(filetime, out);
                }
            }
            ty::SYSTEMTIME => self.push_systemtime(out),
            ty::SID => push_sid(self.bytes, out),
            _ => self.push_items(out),
        }
    }

    /// Returns the items of an array, `None` for anything else.
    pub(crate) fn items(&self) -> Option<Vec<Self>> {
        let item = self.ty & !ty::ARRAY;
        if self.ty & ty::ARRAY == 0 {
            return None;
        }
        let len = match item {
            ty::STRING => return Some(self.strings(2)),
            ty::ANSI_STRING => return Some(self.strings(1)),
            ty::SID => return Some(self.sids()),
            // The size of a pointer is not told; that of today's machines, if it fits.
            ty::SIZE_T if self.bytes.len().is_multiple_of(8) => 8,
            ty::SIZE_T => 4,
            // Binary items have no length of their own: one item, all of it.
            _ => width(item).unwrap_or(self.bytes.len().max(1)),
        };
        let is_mask = |bytes: &[u8]| bytes::u32(bytes, 0).is_some_and(|bits| bits > 1);
        let item = match item {
            ty::BOOL if self.bytes.chunks(4).any(is_mask) => ty::INT32,
            item => item,
        };
        Some(self.bytes.chunks(len).map(|bytes| Self { ty: item, bytes }).collect())
    }

    /// Splits text at its zeros of `width` bytes; a last one without zero counts.
    fn strings(&self, width: usize) -> Vec<Self> {
        let item = self.ty & !ty::ARRAY;
        let is_end = |unit: &[u8]| unit.iter().all(|&byte| byte == 0);
        let mut items = Vec::new();
        let mut rest = self.bytes;
        while !rest.is_empty() {
            let units = rest.chunks(width).take_while(|unit| !is_end(unit)).count();
            let (bytes, after) = rest.split_at(units.saturating_mul(width).min(rest.len()));
            items.push(Self { ty: item, bytes });
            rest = after.get(width..).unwrap_or_default();
        }
        items
    }

    fn sids(&self) -> Vec<Self> {
        let mut items = Vec::new();
        let mut rest = self.bytes;
        while let Some(&count) = rest.get(1) {
            let len = usize::from(count).saturating_mul(4).saturating_add(8).min(rest.len());
            let (bytes, after) = rest.split_at(len);
            items.push(Self { ty: ty::SID, bytes });
            rest = after;
        }
        items
    }

    fn push_items(&self, out: &mut Vec<u8>) {
        for (at, item) in self.items().unwrap_or_default().iter().enumerate() {
            if at > 0 {
                out.push(b',');
            }
            item.push_text(out);
        }
    }

    fn push_integer(&self, out: &mut Vec<u8>) {
        if let Some(number) = self.number() {
            if number < 0 {
                out.push(b'-');
            }
            push_decimal(number.unsigned_abs(), out);
        } else if let (ty::UINT64, Some(bytes)) = (self.ty, self.fixed()) {
            push_decimal(u64::from_le_bytes(bytes), out);
        }
    }

    fn push_bits(&self, out: &mut Vec<u8>) {
        if let Some(bits) = self.bits() {
            out.extend_from_slice(b"0x");
            let digits = (u64::BITS.saturating_sub(bits.leading_zeros())).div_ceil(4).max(1);
            push_hex_digits(bits, digits, out);
        }
    }

    fn push_systemtime(&self, out: &mut Vec<u8>) {
        let mut fields = [0; 8];
        for (field, bytes) in fields.iter_mut().zip(self.bytes.as_chunks::<2>().0) {
            *field = u16::from_le_bytes(*bytes);
        }
        if self.bytes.len() == 16 {
            push_systemtime(fields, out);
        }
    }

    /// Returns the bytes of a value of `N` bytes.
    fn fixed<const N: usize>(&self) -> Option<[u8; N]> {
        self.bytes.try_into().ok()
    }
}

/// Appends a number in decimal.
pub(crate) fn push_decimal(number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut rest = number;
    let mut len = 0_usize;
    for digit in digits.iter_mut().rev() {
        *digit = b'0'.wrapping_add(u8::try_from(rest % 10).unwrap_or(0));
        rest /= 10;
        len = len.saturating_add(1);
        if rest == 0 {
            break;
        }
    }
    let start = digits.len().saturating_sub(len);
    out.extend_from_slice(digits.get(start..).unwrap_or_default());
}

/// Appends a real number: the fewest digits that tell it from others, with an exponent from 1e+16
/// up and below 1e-5.
fn push_real(short: &str, plain: &str, out: &mut Vec<u8>) {
    let text = match short.split_once('e') {
        Some((_, "-5")) => plain.to_owned(),
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        Some(_) | None => short.to_owned(),
    };
    out.extend_from_slice(text.as_bytes());
}

/// Appends the last `count` hexadecimal digits of a number, lower-case.
pub(crate) fn push_hex_digits(number: u64, count: u32, out: &mut Vec<u8>) {
    for place in (0..count).rev() {
        let digit = number.wrapping_shr(place.saturating_mul(4)) & 0xf;
        out.push(HEX_LOWER.get(usize::try_from(digit).unwrap_or(0)).copied().unwrap_or(b'0'));
    }
}

const HEX_LOWER: [u8; 16] = *b"0123456789abcdef";

/// Appends bytes as hexadecimal digits, upper-case.
fn push_hex(bytes: &[u8], out: &mut Vec<u8>) {
    out.reserve(bytes.len().saturating_mul(2));
    for byte in bytes {
        for nibble in [byte >> 4, byte & 0xf] {
            let digit = HEX_LOWER.get(usize::from(nibble)).copied().unwrap_or(b'0');
            out.push(digit.to_ascii_uppercase());
        }
    }
}

/// Appends a GUID, lower-case and in braces.
fn push_guid(bytes: &[u8], out: &mut Vec<u8>) {
    if bytes.len() >= 16 {
        out.push(b'{');
        push_bare_guid(bytes, out);
        out.push(b'}');
    }
}

/// Appends a GUID, lower-case and without braces.
fn push_bare_guid(bytes: &[u8], out: &mut Vec<u8>) {
    let (Some(first), Some(second), Some(third), Some(rest)) = (
        bytes::u32(bytes, 0),
        bytes::u16(bytes, 4),
        bytes::u16(bytes, 6),
        bytes::array(bytes, 8).map(u64::from_be_bytes),
    ) else {
        return;
    };
    let parts = [(u64::from(first), 8), (second.into(), 4), (third.into(), 4), (rest >> 48, 4)];
    for (part, digits) in parts {
        push_hex_digits(part, digits, out);
        out.push(b'-');
    }
    push_hex_digits(rest, 12, out);
}

/// Appends a SID, `S-1-5-18`.
fn push_sid(bytes: &[u8], out: &mut Vec<u8>) {
    let Some(head) = bytes::array(bytes, 0).map(u64::from_be_bytes) else { return };
    let (revision, count) = (head >> 56, head >> 48 & 0xff);
    // Writing to a vector does not fail.
    write!(out, "S-{revision}-{}", head & 0xffff_ffff_ffff).unwrap_or_default();
    let parts = bytes.get(8..).unwrap_or_default().as_chunks::<4>().0;
    for part in parts.iter().take(usize::try_from(count).unwrap_or(0)) {
        out.push(b'-');
        push_decimal(u32::from_le_bytes(*part).into(), out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(ty: u8, bytes: &[u8]) -> String {
        let mut out = Vec::new();
        Value { ty, bytes }.push_text(&mut out);
        String::from_utf8(out).unwrap()
    }

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn every_scalar_type() {
        assert_eq!(text(ty::NULL, &[1, 2]), "");
        assert_eq!(text(ty::STRING, &wide("ADMIN$")), "ADMIN$");
        assert_eq!(text(ty::ANSI_STRING, b"caf\xe9\0"), "café");
        assert_eq!(text(ty::INT8, &[0xff]), "-1");
        assert_eq!(text(ty::UINT8, &[0xff]), "255");
        assert_eq!(text(ty::INT16, &i16::MIN.to_le_bytes()), "-32768");
        assert_eq!(text(ty::UINT16, &4624_u16.to_le_bytes()), "4624");
        assert_eq!(text(ty::INT32, &(-7_i32).to_le_bytes()), "-7");
        assert_eq!(text(ty::UINT32, &u32::MAX.to_le_bytes()), "4294967295");
        assert_eq!(text(ty::INT64, &i64::MIN.to_le_bytes()), "-9223372036854775808");
        assert_eq!(text(ty::UINT64, &u64::MAX.to_le_bytes()), "18446744073709551615");
        assert_eq!(text(ty::REAL32, &1.5_f32.to_le_bytes()), "1.5");
        let real = |number: f64| text(ty::REAL64, &number.to_le_bytes());
        assert_eq!([0.0, -2.5, 1e15].map(real), ["0.0", "-2.5", "1000000000000000.0"]);
        assert_eq!(
            [1e16, 1.5e300, 1.5e-5, 1e-6].map(real),
            ["1e+16", "1.5e+300", "0.000015", "1e-6"]
        );
        assert_eq!(text(ty::BOOL, &[1, 0, 0, 0]), "true");
        assert_eq!(text(ty::BOOL, &[0, 0, 0, 0]), "false");
        assert_eq!(text(ty::BOOL, &[4, 0, 0, 0]), "4");
        assert_eq!(text(ty::BINARY, &[0, 0xab, 0x0f]), "00AB0F");
        assert_eq!(text(ty::SIZE_T, &[0x10, 0, 0, 0]), "0x10");
        assert_eq!(text(ty::SIZE_T, &[0, 0, 0, 0, 1, 0, 0, 0]), "0x100000000");
        assert_eq!(text(ty::FILETIME, &[0; 8]), "1601-01-01T00:00:00.0000000Z");
        assert_eq!(text(ty::SYSTEMTIME, &[0; 16]), "1601-01-01T00:00:00.0000000Z");
        assert_eq!(text(ty::HEX_INT32, &[0, 0, 0, 0]), "0x0");
        assert_eq!(text(ty::HEX_INT64, &u64::MAX.to_le_bytes()), "0xffffffffffffffff");
    }

    #[test]
    fn guid_and_sid() {
        let guid = [
            0x25, 0x96, 0x84, 0x54, 0x78, 0x54, 0x94, 0x49, 0xa5, 0xba, 0x3e, 0x3b, 0x03, 0x28,
            0xc3, 0x0d,
        ];
        assert_eq!(text(ty::GUID, &guid), "{54849625-5478-4994-a5ba-3e3b0328c30d}");
        let sid = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0];
        assert_eq!(text(ty::SID, &sid), "S-1-5-32-544");
        assert_eq!(text(ty::SID, &sid[..12]), "S-1-5-32");
    }

    #[test]
    fn a_value_of_another_size_has_no_text() {
        for ty in (ty::INT8..=ty::REAL64).chain([ty::BOOL, ty::GUID, ty::SIZE_T, ty::FILETIME]) {
            assert_eq!(text(ty, &[0; 3]), "", "{ty:#x}");
        }
        assert_eq!(text(ty::SYSTEMTIME, &[0; 15]), "");
    }

    #[test]
    fn every_array_type() {
        let array = |ty: u8, bytes: &[u8]| text(ty | ty::ARRAY, bytes);
        assert_eq!(array(ty::STRING, &wide("a\0\0bc\0")), "a,,bc");
        assert_eq!(array(ty::STRING, &wide("a\0b")), "a,b");
        assert_eq!(array(ty::ANSI_STRING, b"x\0\0y z\0"), "x,,y z");
        assert_eq!(array(ty::INT8, &[0xff, 1]), "-1,1");
        assert_eq!(array(ty::UINT8, &[0xff, 1]), "255,1");
        assert_eq!(array(ty::INT16, &[0xff, 0xff, 1, 0]), "-1,1");
        assert_eq!(array(ty::UINT16, &[0xff, 0xff, 1, 0]), "65535,1");
        assert_eq!(array(ty::INT32, &[1, 0, 0, 0, 2, 0, 0, 0]), "1,2");
        assert_eq!(array(ty::UINT32, &[1, 0, 0, 0, 2, 0, 0, 0]), "1,2");
        assert_eq!(array(ty::INT64, &[1, 0, 0, 0, 0, 0, 0, 0]), "1");
        assert_eq!(array(ty::UINT64, &[1, 0, 0, 0, 0, 0, 0, 0]), "1");
        assert_eq!(array(ty::REAL32, &[0; 8]), "0.0,0.0");
        assert_eq!(array(ty::REAL64, &[0; 8]), "0.0");
        assert_eq!(array(ty::BOOL, &[1, 0, 0, 0, 0, 0, 0, 0]), "true,false");
        assert_eq!(array(ty::BOOL, &[1, 0, 0, 0, 2, 0, 0, 0]), "1,2");
        assert_eq!(array(ty::BINARY, &[1, 2]), "0102");
        assert_eq!(array(ty::GUID, &[0; 16]), "{00000000-0000-0000-0000-000000000000}");
        assert_eq!(array(ty::SIZE_T, &[1, 0, 0, 0, 0, 0, 0, 0]), "0x1");
        assert_eq!(array(ty::SIZE_T, &[1, 0, 0, 0]), "0x1");
        assert_eq!(array(ty::FILETIME, &[0; 8]), "1601-01-01T00:00:00.0000000Z");
        assert_eq!(array(ty::SYSTEMTIME, &[0; 16]), "1601-01-01T00:00:00.0000000Z");
        let sids = [1, 0, 0, 0, 0, 0, 0, 5, 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0];
        assert_eq!(array(ty::SID, &sids), "S-1-5,S-1-5-18");
        assert_eq!(array(ty::HEX_INT32, &[1, 0, 0, 0]), "0x1");
        assert_eq!(array(ty::HEX_INT64, &[1, 0, 0, 0, 0, 0, 0, 0]), "0x1");
        assert_eq!(array(ty::INT32, &[]), "");
    }
}
