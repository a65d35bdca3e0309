//! Events as PowerShell's `Get-WinEvent | ConvertTo-Json` writes them.
//!
//! The data have no names there, only values in order. Sysmon's message has both, in every language
//! the same; for events of Windows itself names are known by the event's id and the number of its
//! values. Without either they are in `Data`, in order.

use std::borrow::Cow;

use kql_types::Ticks;

use super::{Found, JsonShape, get_winevent_fields, system_tree::epoch_seconds};
use crate::{
    json::probe::Probe,
    tree::{
        draft::{Draft, elements, text_of},
        event::{TreeEvent, time},
        lane::{TreeReader, TreeShape},
        names::provider_of,
    },
};

pub(super) const SHAPE: JsonShape = JsonShape {
    recognise: |record, _| {
        let keys = ["Id", "LogName", "MachineName", "TimeCreated"];
        keys.iter()
            .all(|key| record.has(&[key]))
            .then_some(Ok(Found::Tree(TreeReader::Builtin(EVENT))))
    },
};

const EVENT: TreeShape = TreeShape { name: "Get-WinEvent JSON", read };

fn read(record: Probe<'_>) -> Option<TreeEvent> {
    let value = |key: &str| record.get(&[key]).and_then(value_of);
    let (id, channel) = (value("Id")?, value("LogName")?);
    let mut draft = Draft::default();
    draft.set_time(value("TimeCreated"), created);
    let provider = value("ProviderName").unwrap_or_else(|| provider_of(&channel, &id));
    draft.attribute("Provider", "Name", Some(provider.clone()));
    draft.attribute("Provider", "Guid", value("ProviderId"));
    draft.element("EventID", Some(id.clone()));
    draft.attribute("EventID", "Qualifiers", value("Qualifiers"));
    for (key, element) in [
        ("Version", "Version"),
        ("Level", "Level"),
        ("Task", "Task"),
        ("Opcode", "Opcode"),
        ("Keywords", "Keywords"),
        ("RecordId", "EventRecordID"),
        ("MachineName", "Computer"),
    ] {
        draft.element(element, value(key));
    }
    draft.element("Channel", Some(channel));
    draft.attribute("Correlation", "ActivityID", value("ActivityId"));
    draft.attribute("Execution", "ProcessID", value("ProcessId"));
    draft.attribute("Execution", "ThreadID", value("ThreadId"));
    draft.attribute("Security", "UserID", value("UserId"));
    let message = (provider == "Microsoft-Windows-Sysmon").then(|| value("Message")).flatten();
    if let Some(message) = message {
        for (name, text) in fields_of_message(&message) {
            draft.data(name, text);
        }
    } else {
        let values = record.get(&["Properties"]).map(properties).unwrap_or_default();
        add_values(&mut draft, &provider, &id, values);
    }
    Some(draft.finish())
}

fn add_values(draft: &mut Draft, provider: &str, id: &str, values: Vec<String>) {
    match get_winevent_fields::names(provider, id, values.len()) {
        Some(names) => {
            for (field, value) in names.iter().zip(values) {
                let (name, text) = get_winevent_fields::field(field, value);
                draft.data(name, text);
            }
        }
        None => values.into_iter().for_each(|value| draft.unnamed(value)),
    }
}

/// Returns a property of the record as text: PowerShell wraps some in an object with a `Value`.
fn value_of(value: &str) -> Option<String> {
    match Probe::new(value) {
        Some(object) => {
            ["Value", "value", "Guid"].iter().find_map(|key| text_of(object.get(&[key])?))
        }
        None => text_of(value),
    }
}

fn properties(array: &str) -> Vec<String> {
    let element = |value| match Probe::new(value) {
        Some(object) => object.get(&["Value"]).and_then(|value| {
            let bytes = value.starts_with('[').then(|| hexadecimal(value));
            bytes.or_else(|| value_of(value))
        }),
        None => text_of(value),
    };
    elements(array).map(|value| element(value).unwrap_or_default()).collect()
}

/// Returns an array of bytes as Windows writes binary data.
fn hexadecimal(array: &str) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied();
    let bytes = elements(array).filter_map(|text| text.parse::<u8>().ok());
    bytes.flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).flatten().collect()
}

/// Reads a time: .NET's `/Date(1743448267142)/`, milliseconds since 1970 in UTC, or ISO 8601.
fn created(text: &str) -> Option<Ticks> {
    let Some(milliseconds) = text.strip_prefix("/Date(") else { return time(text) };
    let digits = milliseconds.split([')', '+']).next()?;
    let (seconds, fraction) = digits.split_at_checked(digits.len().checked_sub(3)?)?;
    epoch_seconds(&format!("{}.{fraction}", if seconds.is_empty() { "0" } else { seconds }))
}

/// Yields the fields of a message of Sysmon: `Name: value` a line, behind one line of title.
///
/// A line that does not start with a name goes on with the value before.
pub(super) fn fields_of_message(message: &str) -> Vec<(&str, Cow<'_, str>)> {
    let mut fields: Vec<(&str, Cow<'_, str>)> = Vec::new();
    for line in message.lines().skip(1) {
        let is_name =
            |name: &&str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric());
        let split = line.split_once(':').filter(|(name, _)| is_name(name));
        let split = split.filter(|(name, _)| fields.iter().all(|(known, _)| known != name));
        match (split, fields.last_mut()) {
            (Some((name, value)), _) => {
                fields.push((name, Cow::Borrowed(value.strip_prefix(' ').unwrap_or(value))));
            }
            (None, Some((_, value))) => *value = Cow::Owned(format!("{value}\n{line}")),
            (None, None) => {}
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use kql_types::datetime;

    use super::*;

    #[test]
    fn times_of_either_powershell_are_read() {
        let expected = datetime::parse("2025-03-31T19:11:07.142Z");
        assert!(expected.is_some());
        for text in [
            "/Date(1743448267142)/",
            "/Date(1743448267142+0200)/",
            "2025-03-31T21:11:07.1420000+02:00",
        ] {
            assert_eq!(created(text), expected, "{text}");
        }
    }

    #[test]
    fn messages_of_sysmon_have_names() {
        let message =
            "Process Create:\r\nRuleName: -\r\nCommandLine: a\r\nb: c\r\nImage: C:\\x.exe";
        let fields = fields_of_message(message);
        let expected =
            [("RuleName", "-"), ("CommandLine", "a"), ("b", "c"), ("Image", "C:\\x.exe")];
        assert_eq!(fields, expected.map(|(name, value)| (name, value.into())));
    }
}
