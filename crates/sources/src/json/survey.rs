//! Looking through JSON for the order of day and month before it is read.
//!
//! What is looked for are strings that start as dates of three numbers do, by the key in front of them,
//! however records are wrapped. Content whose beginning has none such is read once.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read},
};

use crate::{
    dates::order::{Evidence, Settled},
    input::content::Content,
    text::encoding,
};

/// Bytes of a stream that are held so that it can be read twice. Of a longer one, those decide.
const MAX_HELD_BYTES: u64 = 256 << 20;
/// Bytes of a string that may be a date.
const MAX_DATE_LEN: usize = 64;
/// Keys of which evidence is gathered.
const MAX_KEYS: usize = 1000;

/// Returns what the values behind each key show of the order of day and month.
pub(crate) fn by_key(content: &mut Content<'_>) -> BTreeMap<String, Settled> {
    let head = content.head().to_vec();
    if survey(encoding::decoded(&head, Box::new(&*head))).is_empty() {
        return BTreeMap::new();
    }
    let evidence = match content.look_ahead(MAX_HELD_BYTES) {
        Ok(input) => survey(encoding::decoded(&head, input)),
        // Reading the content will show the error.
        Err(_) => BTreeMap::new(),
    };
    evidence.into_iter().map(|(key, evidence)| (key, evidence.settled())).collect()
}

fn survey(input: Box<dyn Read + '_>) -> BTreeMap<String, Evidence> {
    let mut evidence: BTreeMap<String, Evidence> = BTreeMap::new();
    let mut input = BufReader::new(input);
    // What stands between quotes, and the two such texts before.
    let (mut key, mut between, mut text) = (Vec::new(), Vec::new(), Vec::new());
    while input.read_until(b'"', &mut text).is_ok_and(|read| read > 0) {
        if text.last() == Some(&b'"') {
            text.pop();
        }
        if starts_as_date(&text) && between.trim_ascii() == b":" {
            let key = String::from_utf8_lossy(&key).into_owned();
            let value = String::from_utf8_lossy(&text).replace("\\/", "/");
            if evidence.contains_key(&key) || evidence.len() < MAX_KEYS {
                evidence.entry(key).or_default().see(&value);
            }
        }
        let free = std::mem::replace(&mut key, between);
        between = std::mem::replace(&mut text, free);
        text.clear();
    }
    evidence
}

/// Tells whether a text starts with one or two digits and a mark that dates have behind them.
fn starts_as_date(text: &[u8]) -> bool {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mark = text.get(digits..).unwrap_or_default();
    let is_marked = mark.starts_with(b"/") || mark.starts_with(b"\\/") || mark.starts_with(b"-");
    matches!(digits, 1 | 2) && is_marked && text.len() <= MAX_DATE_LEN
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dates::DateOrder;

    #[test]
    fn strings_that_start_as_dates_show_their_order_by_key() {
        let json = r#"{"a":{"When" : "5\/13\/2026"}}{"When":"1/2/2026","x":["17/1/2026"],"b":"13-1-2026"}"#;
        let mut content = Content::of_stream(Box::new(json.as_bytes()));
        let found = by_key(&mut content);
        let shown = |order| Settled::Shown(order);
        let expected = [("When", shown(DateOrder::MonthFirst)), ("b", shown(DateOrder::DayFirst))];
        assert_eq!(found, expected.map(|(key, order)| (key.to_owned(), order)).into());
        let mut read = String::new();
        content.into_reader().read_to_string(&mut read).unwrap();
        assert_eq!(read, json);
    }
}
