//! Alerts and archives of Wazuh: the event below `data.win`, its names in lower camel case.
//!
//! Wazuh changes the first letter of every name; it is changed back, except in `param1` and the
//! like, which Windows itself writes so. It escapes the values once more than JSON does, which is
//! undone where it shows. An indexer wraps the alert in `_source`.

use std::borrow::Cow;

use super::{Found, JsonShape};
use crate::{
    events::times::time,
    json::{probe::Probe, text::text_of},
    tree::{
        draft::Draft,
        event::TreeEvent,
        lane::{TreeReader, TreeShape},
    },
};

pub(super) const SHAPE: JsonShape = JsonShape {
    recognise: |record, _| {
        let system = event_of(record)?.object(&["system"])?;
        let is_event = system.has(&["eventID"]) && system.has(&["channel"]);
        is_event.then_some(Ok(Found::Tree(TreeReader::Builtin(EVENT))))
    },
};

const EVENT: TreeShape = TreeShape { name: "Wazuh JSON", read };

fn event_of(record: Probe<'_>) -> Option<Probe<'_>> {
    let bare = record.object(&["data", "win"]);
    bare.or_else(|| record.object(&["_source", "data", "win"]))
}

fn read(record: Probe<'_>) -> Option<TreeEvent> {
    let event = event_of(record)?;
    let system = event.object(&["system"])?;
    let value = |key: &str| system.get(&[key]).and_then(text_of);
    let mut draft = Draft::default();
    draft.set_time(value("systemTime"), time);
    for (key, element) in [
        ("eventID", "EventID"),
        ("version", "Version"),
        ("level", "Level"),
        ("task", "Task"),
        ("opcode", "Opcode"),
        ("keywords", "Keywords"),
        ("eventRecordID", "EventRecordID"),
        ("channel", "Channel"),
        ("computer", "Computer"),
    ] {
        draft.header(element, system.get(&[key]));
    }
    draft.attribute("Provider", "Name", value("providerName"));
    draft.attribute("Provider", "Guid", value("providerGuid"));
    draft.attribute("Provider", "EventSourceName", value("eventSourceName"));
    draft.attribute("Correlation", "ActivityID", value("activityID"));
    draft.attribute("Execution", "ProcessID", value("processID"));
    draft.attribute("Execution", "ThreadID", value("threadID"));
    draft.attribute("Security", "UserID", value("userID"));
    let Some(data) = event.object(&["eventdata"]) else {
        let other = event.get(&["eventdata"]).filter(|value| !matches!(*value, "null" | "\"\""));
        if let Some(value) = other {
            draft.set_strange_data(value);
        }
        return Some(draft.finish());
    };
    let texts = || data.members().filter_map(|(_, value)| text_of(value));
    let is_escaped = is_escaped_again(texts());
    for (key, value) in data.members() {
        match text_of(value) {
            Some(text) => {
                let text = if is_escaped { unescaped(&text) } else { text };
                match &*key {
                    "data" => draft.unnamed(text),
                    key => draft.data(&windows_name(key), text),
                }
            }
            None => draft.json(&windows_name(&key), value),
        }
    }
    Some(draft.finish())
}

/// Returns a field's name as Windows writes it.
fn windows_name(name: &str) -> Cow<'_, str> {
    let is_numbered = name
        .strip_prefix("param")
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()));
    let mut chars = name.chars();
    match chars.next() {
        Some(first) if first.is_ascii_lowercase() && !is_numbered => {
            Cow::Owned(format!("{}{}", first.to_ascii_uppercase(), chars.as_str()))
        }
        _ => Cow::Borrowed(name),
    }
}

/// Tells whether every backslash of the values escapes something, and there is one.
fn is_escaped_again(values: impl Iterator<Item = String>) -> bool {
    let mut any = false;
    for value in values {
        let mut chars = value.chars();
        while let Some(char) = chars.next() {
            if char == '\\' {
                any = true;
                if !matches!(chars.next(), Some('\\' | '"')) {
                    return false;
                }
            }
        }
    }
    any
}

fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        plain.extend(if char == '\\' { chars.next() } else { Some(char) });
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_get_their_first_letter_back() {
        assert_eq!(windows_name("subjectUserName"), "SubjectUserName");
        assert_eq!(windows_name("param1"), "param1");
        assert_eq!(windows_name("parameters"), "Parameters");
        assert_eq!(windows_name(""), "");
    }

    #[test]
    fn values_escaped_again_are_told_from_paths() {
        let escaped = |values: &[&str]| is_escaped_again(values.iter().map(|v| (*v).to_owned()));
        assert!(escaped(&[r"C:\\Windows\\x.exe", r#"\"C:\\x\" -a"#]));
        assert!(!escaped(&[r"C:\\Windows", r"\\*\ADMIN$"]));
        assert!(!escaped(&[r"C:\new"]) && !escaped(&["plain"]));
        assert_eq!(unescaped(r#"\"C:\\x\" -a"#), r#""C:\x" -a"#);
    }
}
