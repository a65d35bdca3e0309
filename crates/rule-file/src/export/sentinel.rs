//! A rule as the public repository has it: YAML, the fields in their usual order.

use serde_json::{Map, Value};

use super::WriteError;
use crate::{document::Content, fields::Fields};

/// Writes a rule.
///
/// # Errors
///
/// If what is written would not read back to the same rule, which is a defect of the writer.
pub fn write(rule: &Fields) -> Result<String, WriteError> {
    let wrong = |invariant: &str| WriteError {
        rule: rule.name().to_owned(),
        invariant: invariant.to_owned(),
    };
    let map = rule.in_order();
    // The repository's style has quotes inside of the block, which some descriptions do not allow.
    let mut quoted = map.clone();
    if !rule.is_detection()
        && let Some(Value::String(text)) = quoted.get_mut("description")
    {
        *text = format!("'{text}'\n");
    }
    for map in [&quoted, &map] {
        let text = yaml(map).map_err(|error| wrong(&error.to_string()))?;
        if read(&text).is_some_and(|again| again == *rule) {
            return Ok(text);
        }
    }
    Err(wrong("the YAML says something else"))
}

fn read(text: &str) -> Option<Fields> {
    let Content::Rules { rules, others } = Content::read("rule.yaml", text) else { return None };
    match rules.as_slice() {
        [rule] if others.is_empty() => rule.fields().ok(),
        _ => None,
    }
}

/// Writes a mapping.
pub(super) fn yaml(map: &Map<String, Value>) -> Result<String, serde_saphyr::ser::Error> {
    let options = serde_saphyr::ser_options! {
        indent_step: 2,
        compact_list_indent: false,
        // Texts of one line stay on one.
        folded_wrap_chars: usize::MAX,
        prefer_block_scalars: true,
    };
    serde_saphyr::to_string_with_options(map, options)
}
