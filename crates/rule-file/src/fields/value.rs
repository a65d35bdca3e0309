//! Nodes of a file as values: which scalars are texts, which are numbers or yes and no.

use granit_parser::ScalarStyle;
use kql_syntax::Diagnostic;
use serde_json::{Map, Number, Value};

use super::{LAST, ORDER};
use crate::{
    code,
    yaml::{Node, Scalar, Value as Tree},
};

/// Who says what a scalar is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Typing {
    /// The field: `version: 1.10` is a text, whether in quotes or not.
    Known,
    /// The scalar itself.
    Own,
}

/// Fields of rules that are yes or no.
const BOOLS: [&str; 5] =
    ["enabled", "suppressionEnabled", "createIncident", "reopenClosedIncident", "isEnabled"];

/// Fields of rules that are whole numbers.
const NUMBERS: [&str; 1] = ["triggerThreshold"];

/// Tells whether Sentinel has a field of that name.
pub(super) fn is_known(name: &str) -> bool {
    let beside = ["displayName", "techniques", "subTechniques"];
    [ORDER, &LAST, &beside].into_iter().flatten().any(|known| *known == name)
}

/// Returns a node as a value; `field` is the key that it belongs to.
pub(crate) fn of(node: &Node, field: &str, typing: Typing) -> Result<Value, Diagnostic> {
    Ok(match &node.value {
        Tree::Scalar(scalar) => scalar_of(scalar, field, typing),
        Tree::Sequence(items) => {
            let items: Result<Vec<Value>, _> =
                items.iter().map(|item| of(item, field, typing)).collect();
            Value::Array(items?)
        }
        // Columns may be named like a field.
        Tree::Mapping(_) if field == "customDetails" => {
            Value::Object(entries_of(node, |_| "", typing)?)
        }
        Tree::Mapping(_) => Value::Object(map_of(node, typing)?),
    })
}

/// Returns a mapping's entries as values; those of known fields that are null are not there.
pub(super) fn map_of(node: &Node, typing: Typing) -> Result<Map<String, Value>, Diagnostic> {
    entries_of(node, |key| key, typing)
}

fn entries_of(
    node: &Node,
    field: impl Fn(&str) -> &str,
    typing: Typing,
) -> Result<Map<String, Value>, Diagnostic> {
    let mut map = Map::new();
    for (key, value) in node.entries() {
        let Some(name) = key.text() else { return Err(no_key(key)) };
        if typing == Typing::Known && value.is_null() {
            continue;
        }
        map.insert(name.to_owned(), of(value, field(name), typing)?);
    }
    Ok(map)
}

/// Says that a key is a list or a mapping, for which no other form has a place.
pub(super) fn no_key(key: &Node) -> Diagnostic {
    Diagnostic::error(code::WRONG_FORM, key.span, "a key has to be a text")
}

fn scalar_of(scalar: &Scalar, field: &str, typing: Typing) -> Value {
    let text = scalar.text.as_str();
    let own = || Value::from(text);
    if typing == Typing::Known {
        return match text {
            "true" | "True" | "TRUE" if BOOLS.contains(&field) => Value::Bool(true),
            "false" | "False" | "FALSE" if BOOLS.contains(&field) => Value::Bool(false),
            _ if NUMBERS.contains(&field) => {
                text.parse::<i64>().map_or_else(|_| own(), Value::from)
            }
            _ => own(),
        };
    }
    if scalar.style != ScalarStyle::Plain {
        return own();
    }
    match text {
        "" | "~" | "null" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => number(text).map_or_else(own, Value::Number),
    }
}

/// Returns a number that is written as JSON writes it, so that it comes out as it went in.
fn number(text: &str) -> Option<Number> {
    let number: Number = serde_json::from_str(text).ok()?;
    (number.to_string() == text).then_some(number)
}
