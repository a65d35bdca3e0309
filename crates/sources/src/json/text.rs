//! The text of a JSON string.

use std::borrow::Cow;

/// Decodes what stood between the quotes of a JSON string.
///
/// Borrows when there is no escape. An escape that JSON does not know, and half a surrogate pair,
/// become U+FFFD: a record is worth more than the character that its exporter got wrong.
pub(crate) fn unescape(content: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\\', content.as_bytes()).is_none() {
        return Cow::Borrowed(content);
    }
    let mut decoded = String::with_capacity(content.len());
    unescape_into(content, &mut decoded);
    Cow::Owned(decoded)
}

/// Decodes as [`unescape`] does; what has an escape is written to `room`.
pub(crate) fn unescape_in<'t>(content: &'t str, room: &'t mut String) -> &'t str {
    if memchr::memchr(b'\\', content.as_bytes()).is_none() {
        return content;
    }
    room.clear();
    unescape_into(content, room);
    room
}

/// Appends the decoded `content` to `out`; see [`unescape`].
pub(crate) fn unescape_into(content: &str, out: &mut String) {
    // What has not been appended, and from where on an escape may follow.
    let (mut rest, mut from) = (content, 0_usize);
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes().get(from..).unwrap_or_default()) {
        let at = from.saturating_add(at);
        out.push_str(rest.get(..at).unwrap_or_default());
        let escape = rest.get(at.saturating_add(1)..).unwrap_or_default();
        if escape.starts_with(['"', '\\', '/']) {
            // It stands for itself, and goes with the text behind it.
            (rest, from) = (escape, 1);
            continue;
        }
        let mut chars = escape.chars();
        let decoded = match chars.next() {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('u') => unicode_escape(&mut chars),
            _ => char::REPLACEMENT_CHARACTER,
        };
        out.push(decoded);
        (rest, from) = (chars.as_str(), 0);
    }
    out.push_str(rest);
}

/// Decodes the digits after `\u`, and the second half of a surrogate pair with them.
fn unicode_escape(chars: &mut std::str::Chars<'_>) -> char {
    let Some(first) = four_digits(chars) else { return char::REPLACEMENT_CHARACTER };
    if let Some(decoded) = char::from_u32(first) {
        return decoded;
    }
    let mut ahead = chars.clone();
    let second = (ahead.next() == Some('\\') && ahead.next() == Some('u'))
        .then(|| four_digits(&mut ahead))
        .flatten();
    let units = [first, second.unwrap_or_default()].map(|unit| u16::try_from(unit).unwrap_or(0));
    match char::decode_utf16(units).next() {
        Some(Ok(decoded)) => {
            *chars = ahead;
            decoded
        }
        _ => char::REPLACEMENT_CHARACTER,
    }
}

fn four_digits(chars: &mut std::str::Chars<'_>) -> Option<u32> {
    let digits = chars.as_str().get(..4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let unit = u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)?;
    *chars = chars.as_str().get(4..)?.chars();
    Some(unit)
}

/// Returns what is between the quotes of a JSON string.
pub(crate) fn string_content(value: &str) -> &str {
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or_default()
}

/// Returns a JSON scalar as text: a string decoded, anything else as written; `None` for null and
/// for what is no scalar.
pub(crate) fn text_of(value: &str) -> Option<String> {
    match value.as_bytes().first() {
        Some(b'"') => Some(unescape(string_content(value)).into_owned()),
        Some(b'{' | b'[' | b'n') | None => None,
        Some(_) => Some(value.to_owned()),
    }
}

/// Returns a JSON value as text: a scalar as [`text_of`] has it, null as `""`, an object or an array as
/// written, so that nothing of it is lost.
pub(crate) fn text_or_json(value: &str) -> String {
    match value.as_bytes().first() {
        Some(b'{' | b'[') => value.to_owned(),
        _ => text_of(value).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_escapes() {
        for (content, text) in [
            ("plain", "plain"),
            (r#"a\"b\\c\/d"#, "a\"b\\c/d"),
            (r"\b\f\n\r\t", "\u{8}\u{c}\n\r\t"),
            (r"\u00e9\u20AC", "é€"),
            (r"\ud83d\ude00!", "😀!"),
            (r"\ud83d!", "\u{fffd}!"),
            (r"\ud83d\u0041", "\u{fffd}A"),
            (r"\u12", "\u{fffd}12"),
            (r"\q", "\u{fffd}"),
            ("\\", "\u{fffd}"),
            (r"\\", r"\"),
            (r#"\\\\a\\\"\/\\n\n"#, "\\\\a\\\"/\\n\n"),
        ] {
            assert_eq!(unescape(content), text, "{content}");
        }
    }
}
