//! Objects whose keys are joined by dots, with the objects that they stand for.
//!
//! `{"a.b":[1],"a.c":2}` is `{"a":{"b":1,"c":2}}`: an array of one scalar is that scalar, since whatever
//! writes each value as an array means no array by it.

use super::{cursor::Cursor, probe::Probe};
use windows_event_model::write_json_string;

/// Nesting past which keys stay as they are.
const MAX_DEPTH: usize = 32;

/// A value, or the members of an object, in order.
enum Node<'a> {
    Value(&'a str),
    Object(Vec<(String, Node<'a>)>),
}

/// Returns the object with its keys taken apart; `None` if there is nothing to take apart.
pub(crate) fn nested(object: Probe<'_>) -> Option<String> {
    let is_flat = |(key, value): (std::borrow::Cow<'_, str>, &str)| {
        key.contains('.') || only_element(value).is_some()
    };
    if !object.members().any(is_flat) {
        return None;
    }
    let mut root = Vec::new();
    add_members(&mut root, object, 0);
    let mut json = String::new();
    write(&Node::Object(root), &mut json);
    Some(json)
}

fn add_members<'a>(node: &mut Vec<(String, Node<'a>)>, object: Probe<'a>, depth: usize) {
    for (key, value) in object.members() {
        add(node, &key, value, depth);
    }
}

/// Adds a value at a path of keys joined by dots.
fn add<'a>(node: &mut Vec<(String, Node<'a>)>, key: &str, value: &'a str, depth: usize) {
    let inner = depth.saturating_add(1);
    if let Some((first, rest)) = key.split_once('.')
        && !first.is_empty()
        && !rest.is_empty()
        && depth < MAX_DEPTH
    {
        match node.iter_mut().find(|(known, _)| known == first) {
            Some((_, Node::Object(members))) => return add(members, rest, value, inner),
            // A value cannot have members as well: the key stays as it is.
            Some((_, Node::Value(_))) => {}
            None => {
                let mut members = Vec::new();
                add(&mut members, rest, value, inner);
                node.push((first.to_owned(), Node::Object(members)));
                return;
            }
        }
        node.push((key.to_owned(), Node::Value(value)));
        return;
    }
    let value = only_element(value).unwrap_or(value);
    match (Probe::new(value).filter(|_| depth < MAX_DEPTH), node.iter_mut().find(|it| it.0 == key))
    {
        (Some(object), Some((_, Node::Object(members)))) => add_members(members, object, inner),
        (Some(object), _) => {
            let mut members = Vec::new();
            add_members(&mut members, object, inner);
            node.push((key.to_owned(), Node::Object(members)));
        }
        (None, _) => node.push((key.to_owned(), Node::Value(value))),
    }
}

/// Returns the element of an array that has one, a scalar.
fn only_element(value: &str) -> Option<&str> {
    let mut cursor = Cursor::new(value);
    if !cursor.take(b'[') || matches!(cursor.peek(), Some(b'[' | b'{' | b']') | None) {
        return None;
    }
    let element = cursor.value().ok()?;
    cursor.take(b']').then_some(element)
}

fn write(node: &Node<'_>, out: &mut String) {
    match node {
        Node::Value(value) => out.push_str(value),
        Node::Object(members) => {
            out.push('{');
            for (at, (key, node)) in members.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_json_string(key, out);
                out.push(':');
                write(node, out);
            }
            out.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<String> {
        nested(Probe::new(text).unwrap())
    }

    #[test]
    fn keys_are_taken_apart() {
        for (flat, expected) in [
            (r#"{"a.b.c":1,"a.b.d":"x","e":[2]}"#, r#"{"a":{"b":{"c":1,"d":"x"}},"e":2}"#),
            (r#"{"a":{"b":1},"a.c":[1,2]}"#, r#"{"a":{"b":1,"c":[1,2]}}"#),
            (r#"{"a.c":1,"a":{"b.d":[null]}}"#, r#"{"a":{"c":1,"b":{"d":null}}}"#),
            (r#"{"a":1,"a.b":2,".x":3,"y.":4}"#, r#"{"a":1,"a.b":2,".x":3,"y.":4}"#),
            (r#"{"a.b":[{"c":1}]}"#, r#"{"a":{"b":[{"c":1}]}}"#),
        ] {
            assert_eq!(of(flat).as_deref(), Some(expected), "{flat}");
        }
        assert_eq!(of(r#"{"a":{"b":1},"c":[1,2],"d":[]}"#), None);
    }
}
