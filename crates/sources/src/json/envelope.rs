//! Objects that hold many records: what services answer, and what they hand on in one go.
//!
//! An object is an envelope if it is no record itself and has an array with records in it, anywhere
//! and whatever stands before or behind it; or a table, columns and rows apart. It may be as large as
//! all its records, so that it is judged by its beginning.

use super::{columns::Columns, cursor::Cursor, text::unescape};

/// Keys that are believed to hold records without a look at them.
pub(crate) const HOLDERS: [&str; 9] =
    ["Events", "Records", "Results", "events", "hits", "records", "results", "value", "values"];

/// Keys under which an answer without a record has an empty array.
const EMPTY: [&str; 8] =
    ["Records", "Results", "Rows", "hits", "records", "results", "rows", "value"];

/// Elements of an array that are looked at for a record.
const MAX_LOOKED_AT: usize = 64;
/// Objects within one another that are looked into.
const MAX_DEPTH: usize = 6;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// An envelope.
    Records,
    /// An envelope without a record in it.
    Nothing,
    /// A record, or whatever else.
    Other,
}

/// Looks at an object, of which only the beginning may be there.
///
/// - `is_record`: tells whether a whole object is a record, also one that is wrapped.
pub(crate) fn look(object: &str, is_record: &dyn Fn(&str) -> bool) -> Found {
    look_into(object, is_record, 0)
}

fn look_into(object: &str, is_record: &dyn Fn(&str) -> bool, depth: usize) -> Found {
    let mut cursor = Cursor::new(object);
    let (mut is_empty, mut records) = (false, 0_usize);
    let (mut has_columns, mut has_rows) = (false, false);
    let mut before = b'{';
    while cursor.take(before) && cursor.peek() == Some(b'"') {
        before = b',';
        let Ok(key) = cursor.string() else { break };
        let key = unescape(key);
        if !cursor.take(b':') {
            break;
        }
        let first = cursor.peek();
        let rest = object.get(cursor.offset()..).unwrap_or_default();
        let whole = cursor.value().ok();
        match first {
            Some(b'[') => match kind_of_array(rest) {
                Array::OfObjects => {
                    if HOLDERS.contains(&&*key) {
                        return Found::Records;
                    }
                    match look_into_array(rest, is_record, depth) {
                        Found::Records => return Found::Records,
                        Found::Nothing => is_empty = true,
                        Found::Other => {}
                    }
                    has_columns |= whole.is_some_and(|array| Columns::of(&key, array).is_some());
                }
                Array::OfArrays => has_rows = true,
                Array::Empty => {
                    is_empty |= EMPTY.contains(&&*key);
                }
                Array::OfOthers => {
                    has_columns |= whole.is_some_and(|array| Columns::of(&key, array).is_some());
                }
            },
            Some(b'{') if depth < MAX_DEPTH => {
                match look_into(rest, is_record, depth.saturating_add(1)) {
                    Found::Records => return Found::Records,
                    Found::Nothing => is_empty = true,
                    Found::Other => {
                        let is_one = whole.is_some_and(is_record);
                        records = records.saturating_add(usize::from(is_one));
                    }
                }
            }
            _ => {}
        }
        if has_columns && has_rows {
            return Found::Records;
        }
        if whole.is_none() {
            break;
        }
    }
    match records {
        // A single one is a record in a wrapping.
        0 if is_empty => Found::Nothing,
        0 | 1 => Found::Other,
        _ => Found::Records,
    }
}

/// Tells whether there is a record in an array of objects, of which only the beginning may be there.
pub(crate) fn holds_records(array: &str, is_record: &dyn Fn(&str) -> bool) -> bool {
    look_into_array(array, is_record, 0) == Found::Records
}

/// Looks for a record, or for something that says that there is none, in an array of objects.
fn look_into_array(array: &str, is_record: &dyn Fn(&str) -> bool, depth: usize) -> Found {
    let mut cursor = Cursor::new(array);
    let mut before = b'[';
    let mut found = Found::Other;
    for _ in 0..MAX_LOOKED_AT {
        if !cursor.take(before) || cursor.peek() != Some(b'{') {
            return found;
        }
        before = b',';
        let rest = array.get(cursor.offset()..).unwrap_or_default();
        let whole = cursor.value().ok();
        if whole.is_some_and(is_record) {
            return Found::Records;
        }
        if depth < MAX_DEPTH {
            match look_into(rest, is_record, depth.saturating_add(1)) {
                Found::Records => return Found::Records,
                Found::Nothing => found = Found::Nothing,
                Found::Other => {}
            }
        }
        if whole.is_none() {
            break;
        }
    }
    found
}

/// What an array has in it, by its first element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Array {
    Empty,
    OfObjects,
    OfArrays,
    OfOthers,
}

/// Returns what the array has in it that a text starts with.
pub(crate) fn kind_of_array(text: &str) -> Array {
    let inside = text.strip_prefix('[').unwrap_or(text).trim_ascii_start();
    match inside.as_bytes().first() {
        Some(b']') => Array::Empty,
        Some(b'{') => Array::OfObjects,
        Some(b'[') => Array::OfArrays,
        _ => Array::OfOthers,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Found {
        look(text, &|record| record.starts_with(r#"{"id":"#))
    }

    #[test]
    fn records_are_found_whatever_surrounds_them() {
        for text in [
            r#"{"records":[{"a":1}]}"#,
            r#"{ "body": {"records" : [ {}"#,
            r#"{"Stats":{"x":[1,"}"]},"Schema":[{"Name":"T"}],"Results":[{}]}"#,
            r#"{"any":[{"x":1},{"id":1}],"more":2}"#,
            r#"{"took":1,"hits":{"total":{"value":1},"hits":[{"_source":{}}]}}"#,
            r#"{"tables":[{"name":"x","columns":[{"name":"a"}],"rows":[[1]]}]}"#,
            r#"{"rows":[[1]],"columns":[{"name":"a"}]}"#,
            r#"[{"title":"x","deep":[{"id":1}]}]"#.trim_matches(['[', ']']),
            r#"{"1":{"id":1},"2":{"id":2}}"#,
        ] {
            assert_eq!(found(text), Found::Records, "{text}");
        }
    }

    #[test]
    fn other_objects_are_none() {
        for text in [
            r#"{"time":"x","things":[{}]}"#,
            r#"{"records":[1]}"#,
            r#"{"records":{}}"#,
            r#"{"Schema":[{"Name":"a"}]}"#,
            r#"{"matrix":[[1]]}"#,
            r#"{"w":{"id":1}}"#,
            "{}",
        ] {
            assert_eq!(found(text), Found::Other, "{text}");
        }
        assert_eq!(found(r#"{"hits":{"total":0,"hits":[]}}"#), Found::Nothing);
        assert_eq!(
            found(r#"{"tables":[{"name":"x","columns":[{"name":"a"}],"rows":[]}]}"#),
            Found::Nothing
        );
    }

    #[test]
    fn a_beginning_is_judged_by_what_is_there() {
        let text = r#"{"Stats":{"x":1.5},"Schema":[{"Name":"T"}],"Rows":[[1"#;
        let from = text.find("[[").unwrap() + 1;
        for len in 1..text.len() {
            let expected = if len > from { Found::Records } else { Found::Other };
            assert_eq!(found(&text[..len]), expected, "{}", &text[..len]);
        }
    }
}
