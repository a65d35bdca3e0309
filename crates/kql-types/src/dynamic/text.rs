//! JSON strings: quoting text, and the text that a quoted string stands for.

use std::{borrow::Cow, fmt::Write};

/// Appends `text` as a JSON string: quoted, with the shortest escapes, all but ASCII as it is.
pub fn quote(text: &str, out: &mut String) {
    out.reserve(text.len().saturating_add(2));
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
        let Some((plain, special)) = rest.split_at_checked(at) else { break };
        out.push_str(plain);
        let mut chars = special.chars();
        if let Some(special) = chars.next() {
            escape(special, out);
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
    out.push('"');
}

/// Appends the escape of a control character, a quote or a backslash.
fn escape(special: char, out: &mut String) {
    let short = match special {
        '"' => '"',
        '\\' => '\\',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\u{8}' => 'b',
        '\u{c}' => 'f',
        _ => {
            let written = write!(out, "\\u{:04x}", u32::from(special));
            debug_assert!(written.is_ok(), "writing to a string cannot fail");
            return;
        }
    };
    out.push('\\');
    out.push(short);
}

/// Returns the text that a quoted JSON string stands for.
///
/// Half of a surrogate pair becomes U+FFFD; an escape that JSON does not know stays as written.
pub(super) fn unquote_string(quoted: &str) -> Cow<'_, str> {
    let body = quoted.strip_prefix('"').unwrap_or(quoted);
    let body = body.strip_suffix('"').unwrap_or(body);
    let Some((plain, mut rest)) = body.split_once('\\') else { return Cow::Borrowed(body) };
    let mut text = String::with_capacity(body.len());
    text.push_str(plain);
    loop {
        rest = unescape(rest, &mut text);
        let Some((plain, next)) = rest.split_once('\\') else { break };
        text.push_str(plain);
        rest = next;
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// Tells whether a quoted JSON string stands for `text`.
pub(super) fn is_quoted_form(quoted: &str, text: &str) -> bool {
    let body = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    // Without escapes the bytes are the text; most keys have none.
    body == Some(text) && !text.contains('\\')
        || quoted.contains('\\') && unquote_string(quoted) == text
}

/// Appends what the escape behind a backslash stands for, and returns what follows it.
fn unescape<'a>(rest: &'a str, text: &mut String) -> &'a str {
    let mut chars = rest.chars();
    let plain = match chars.next() {
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some(same @ ('"' | '\\' | '/')) => same,
        Some('u') => {
            if let Some((unit, after)) = utf16_unit(chars.as_str()) {
                return surrogates(unit, after, text);
            }
            text.push('\\');
            'u'
        }
        Some(unknown) => {
            text.push('\\');
            unknown
        }
        None => '\\',
    };
    text.push(plain);
    chars.as_str()
}

/// Appends the character that starts with the UTF-16 `unit`; takes the second half if there is one.
fn surrogates<'a>(unit: u16, after: &'a str, text: &mut String) -> &'a str {
    let second = after.strip_prefix("\\u").and_then(utf16_unit);
    if let Some((low, after_pair)) = second
        && let Some(Ok(pair)) = char::decode_utf16([unit, low]).next()
        && pair > '\u{ffff}'
    {
        text.push(pair);
        return after_pair;
    }
    text.push(char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER));
    after
}

/// Reads four hexadecimal digits.
fn utf16_unit(text: &str) -> Option<(u16, &str)> {
    let (digits, rest) = text.split_at_checked(4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex { Some((u16::from_str_radix(digits, 16).ok()?, rest)) } else { None }
}
