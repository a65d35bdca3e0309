//! Texts of JSON and CSV, and what mutations do to texts once they are written.
//!
//! A value that a mutation concerns is written with a character of the private use area in it, which stands
//! for what no writer would write.

use std::fmt::Write as _;

use windows_event_model::write_json_string;

use super::Record;

/// In place of a value: its member is not there.
pub(super) const GONE: &str = "\u{E001}";
/// Before a value: its member is there once more, with another value.
pub(super) const TWICE: &str = "\u{E002}";
/// A byte that is zero.
pub(super) const ZERO: &str = "\u{E003}";
/// An `é` of Windows-1252.
pub(super) const OF_1252: &str = "\u{E004}";
/// The other value of a member that is there twice.
pub(super) const OTHER: &str = "other";

pub(super) fn quoted(text: &str) -> String {
    let mut json = String::new();
    write_json_string(text, &mut json);
    json
}

pub(super) fn lines(records: &[Record], line: impl Fn(&Record) -> String) -> Vec<u8> {
    records.iter().map(|record| line(record) + "\n").collect::<String>().into_bytes()
}

pub(super) fn csv(
    delimiter: char,
    header: &str,
    rows: impl Iterator<Item = Vec<String>>,
) -> Vec<u8> {
    let mut text = format!("{header}\r\n");
    for row in rows {
        let fields: Vec<String> =
            row.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect();
        write!(text, "{}\r\n", fields.join(&delimiter.to_string()))
            .expect("a string takes what is written");
    }
    text.into_bytes()
}

/// Does what the characters in a written text stand for.
pub(super) fn done(mut text: String) -> Vec<u8> {
    while let Some(at) = text.find(GONE) {
        let member = member(&text, at, at + GONE.len());
        let (from, to) = match member {
            Some(member) if text[member.1..].starts_with([',', '\t']) => (member.0, member.1 + 1),
            Some(member) if text[..member.0].ends_with([',', '\t']) => (member.0 - 1, member.1),
            Some(member) => member,
            None => (at, at + GONE.len()),
        };
        text.replace_range(from..to, "");
    }
    while let Some(at) = text.find(TWICE) {
        let behind = at + TWICE.len();
        let len = text[behind..].find(['"', '\\', '<', '\'', '\r']).unwrap_or(0);
        let Some((from, to)) = member(&text, at, behind + len) else {
            text.replace_range(at..behind, "");
            continue;
        };
        let once = text[from..to].replace(TWICE, "");
        let again = format!("{}{OTHER}{}", &text[from..at], &text[behind + len..to]);
        let between = match text[from..].chars().next() {
            Some('<') => "",
            Some('"' | '\\') => ",",
            _ => " ",
        };
        text.replace_range(from..to, &format!("{once}{between}{again}"));
    }
    let mut bytes = text.into_bytes();
    for (mark, byte) in [(ZERO, 0), (OF_1252, 0xe9)] {
        while let Some(at) = bytes.windows(3).position(|window| window == mark.as_bytes()) {
            bytes.splice(at..at + 3, [byte]);
        }
    }
    bytes
}

/// Returns where the member starts and ends whose value is this piece of a text: with its key or its
/// tags; `None` if the value is a part of another.
fn member(text: &str, from: usize, to: usize) -> Option<(usize, usize)> {
    let before = &text[..from];
    if before.ends_with('>') {
        return Some((before.rfind('<')?, to + text[to..].find('>')? + 1));
    }
    if before.ends_with("='") {
        return Some((before.rfind(' ')? + 1, to + 1));
    }
    let is_quote = |char| char == '"' || char == '\\';
    let from = before.trim_end_matches(is_quote).len();
    let to = text.len() - text[to..].trim_start_matches(is_quote).len();
    if from == before.len() {
        return None;
    }
    match text[..from].strip_suffix(':') {
        Some(key) => {
            let key = key.trim_end_matches(is_quote);
            let start = key.rfind('"')?;
            Some((key[..=start].trim_end_matches(is_quote).len(), to))
        }
        None => Some((from, to)),
    }
}
