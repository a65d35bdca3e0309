//! Where a value in a stream of JSON ends, told by quotes and brackets alone, so that it is told of a damaged
//! one too.

use memchr::{memchr, memchr3};

/// Where something ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Behind its last bracket, or where it is cut.
    At(usize),
    /// Not within the bytes there are.
    Beyond,
}

/// Finds the end of the line that `bytes` start with.
pub(super) fn line_end(bytes: &[u8], is_end: bool) -> End {
    match memchr(b'\n', bytes) {
        Some(at) => End::At(at.saturating_add(1)),
        None if is_end => End::At(bytes.len()),
        None => End::Beyond,
    }
}

/// Finds the end of the object or array that `bytes` start with.
pub(super) fn container_end(bytes: &[u8], indentation: Option<usize>, is_end: bool) -> End {
    // Brackets of the other kind are left out of account: a lost one costs less.
    let (opening, closing) = if bytes.first() == Some(&b'[') { (b'[', b']') } else { (b'{', b'}') };
    let mut depth = 0_usize;
    let mut at = 0_usize;
    while let Some(byte) = bytes.get(at) {
        let behind = at.saturating_add(1);
        at = behind;
        match byte {
            b'\n' => {
                let line = bytes.get(behind..).unwrap_or_default();
                if indentation.is_some_and(|width| starts_object(line, width)) {
                    return End::At(behind);
                }
            }
            b'"' => match string_end(bytes, behind) {
                StringEnd::Quote(end) => at = end,
                StringEnd::Line(end) => return End::At(end),
                StringEnd::Beyond => break,
            },
            _ if *byte == opening => depth = depth.saturating_add(1),
            _ if *byte == closing => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return End::At(behind);
                }
            }
            _ => {}
        }
    }
    if is_end { End::At(bytes.len()) } else { End::Beyond }
}

/// Where a string ends.
enum StringEnd {
    /// Behind its quote.
    Quote(usize),
    /// Behind a line break: a string holds none, so that this one has lost its end.
    Line(usize),
    /// Not within the bytes there are.
    Beyond,
}

/// Finds the end of the string whose content starts at `start`.
fn string_end(bytes: &[u8], start: usize) -> StringEnd {
    let mut at = start;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let Some(found) = memchr3(b'"', b'\\', b'\n', rest) else { return StringEnd::Beyond };
        let behind = at.saturating_add(found).saturating_add(1);
        match rest.get(found) {
            Some(b'"') => return StringEnd::Quote(behind),
            Some(b'\n') => return StringEnd::Line(behind),
            _ if bytes.get(behind) == Some(&b'\n') => at = behind,
            _ => at = behind.saturating_add(1),
        }
    }
}

/// Tells whether a line has an opening brace behind exactly `width` blanks.
fn starts_object(line: &[u8], width: usize) -> bool {
    let blanks = line.get(..width).unwrap_or_default();
    blanks.len() == width
        && blanks.iter().all(|byte| matches!(byte, b' ' | b'\t'))
        && line.get(width) == Some(&b'{')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Finds the end of a container byte by byte.
    fn by_bytes(bytes: &[u8], indentation: Option<usize>, is_end: bool) -> End {
        let (opening, closing) = if bytes[0] == b'[' { (b'[', b']') } else { (b'{', b'}') };
        let (mut depth, mut in_string, mut escaped) = (0_u32, false, false);
        for (at, byte) in bytes.iter().enumerate() {
            let behind = at.saturating_add(1);
            match byte {
                b'\n' if in_string => return End::At(behind),
                b'\n' => {
                    let line = &bytes[behind..];
                    if indentation.is_some_and(|width| starts_object(line, width)) {
                        return End::At(behind);
                    }
                }
                _ if escaped => escaped = false,
                b'\\' if in_string => escaped = true,
                b'"' => in_string = !in_string,
                _ if in_string => {}
                _ if *byte == opening => depth = depth.saturating_add(1),
                _ if *byte == closing => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return End::At(behind);
                    }
                }
                _ => {}
            }
        }
        if is_end { End::At(bytes.len()) } else { End::Beyond }
    }

    proptest! {
        #[test]
        fn strings_are_passed_over_as_byte_by_byte(
            start in "[{\\[]",
            rest in r#"([{}\[\]",:\\\n 1aé]|\n {0,2}\{|"[{}\[\]\\a]{0,9}"){0,40}"#,
            width in 0_usize..3,
            is_indented: bool,
            is_end: bool,
        ) {
            let text = start + &rest;
            let indentation = is_indented.then_some(width);
            for len in 1..=text.len() {
                let bytes = &text.as_bytes()[..len];
                let expected = by_bytes(bytes, indentation, is_end);
                prop_assert_eq!(container_end(bytes, indentation, is_end), expected, "{:?}", bytes);
            }
        }
    }
}
