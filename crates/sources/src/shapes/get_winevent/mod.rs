//! Events as PowerShell's `Get-WinEvent` with `ConvertTo-Json` or `Export-Csv` writes them.
//!
//! The data have no names there, only values in order. Sysmon's message has both, in every language
//! the same; for events of Windows itself names are known by the event's id and the number of its
//! values. Without either they are in `Data`, in order. `Export-Csv` writes no values at all, so that
//! all there is to read is the message.

pub(super) mod fields;
mod message;
mod sentences;
mod templates;

use kql_types::Ticks;

use self::message::Reading;
use super::{Found, JsonShape, sysmon_message};
use crate::{
    dates::epoch_seconds,
    events::{
        names::{keywords_of, provider_of},
        times::time,
    },
    json::{members::elements, probe::Probe, text::text_of},
    losses::Cause,
    tree::{
        draft::Draft,
        event::TreeEvent,
        lane::{TreeReader, TreeShape},
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

/// What stands for a value where the exporter did not look into it.
const PROPERTY_TYPE: &str = "System.Diagnostics.Eventing.Reader.EventProperty";

/// The name of the format.
pub(super) const NAME: &str = "Get-WinEvent JSON";
const EVENT: TreeShape = TreeShape { name: NAME, read };

/// The properties that an event has in PowerShell, those of remoting included.
pub(super) const COLUMNS: &[&str] = &[
    "Message",
    "Id",
    "Version",
    "Qualifiers",
    "Level",
    "Task",
    "Opcode",
    "Keywords",
    "RecordId",
    "ProviderName",
    "ProviderId",
    "LogName",
    "ProcessId",
    "ThreadId",
    "MachineName",
    "UserId",
    "TimeCreated",
    "ActivityId",
    "RelatedActivityId",
    "ContainerLog",
    "MatchedQueryIds",
    "Bookmark",
    "LevelDisplayName",
    "OpcodeDisplayName",
    "TaskDisplayName",
    "KeywordsDisplayNames",
    "Properties",
    "PSComputerName",
    "PSShowComputerName",
    "RunspaceId",
];

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
    // Whoever selected columns may have taken the names and left the numbers.
    if let Some(text) = value("Level").or_else(|| value("LevelDisplayName")) {
        let number = level(&text).map(str::to_owned);
        draft.element("Level", Some(number.unwrap_or(text)));
    }
    for (key, element) in [
        ("Version", "Version"),
        ("Task", "Task"),
        ("Opcode", "Opcode"),
        ("Keywords", "Keywords"),
        ("RecordId", "EventRecordID"),
        ("MachineName", "Computer"),
    ] {
        draft.element(element, value(key));
    }
    if value("Keywords").is_none() {
        let names = value("KeywordsDisplayNames").unwrap_or_default();
        draft.element("Keywords", keywords_of(&names));
    }
    if value("Opcode").is_none() {
        draft.element("Opcode", value("OpcodeDisplayName"));
    }
    draft.element("Channel", Some(channel));
    draft.attribute("Correlation", "ActivityID", value("ActivityId"));
    draft.attribute("Execution", "ProcessID", value("ProcessId"));
    draft.attribute("Execution", "ThreadID", value("ThreadId"));
    draft.attribute("Security", "UserID", value("UserId"));
    let mut lost = Vec::new();
    let message = value("Message").filter(|message| !message.trim().is_empty());
    let properties_text = record.get(&["Properties"]);
    let mut values = properties_text.map(properties).unwrap_or_default();
    if values.iter().all(|value| value == PROPERTY_TYPE) {
        values.clear();
    }
    // An event may have no data at all, and an empty list of them says so.
    let has_no_data =
        properties_text.is_some_and(|text| text.trim_start_matches(['[', ' ']) == "]");
    match message {
        Some(message) if provider == "Microsoft-Windows-Sysmon" => {
            sysmon_message::add(&mut draft, &id, &message, &mut lost);
        }
        // A CSV file has the name of the values' type in place of the values.
        Some(message) if values.is_empty() && !has_no_data => {
            add_message(&mut draft, &provider, &id, &message, &mut lost);
        }
        None if values.is_empty() && !has_no_data => {
            lost.push((Cause::UnreadMessage, format!("{provider} {id}")));
        }
        _ => {
            if !add_values(&mut draft, &provider, &id, values) {
                lost.push((Cause::NoNames, format!("{provider} {id}")));
            }
        }
    }
    Some(draft.finish().with_lost(lost))
}

/// Adds the fields that a message has, or what it lost.
fn add_message(
    draft: &mut Draft,
    provider: &str,
    id: &str,
    message: &str,
    lost: &mut Vec<(Cause, String)>,
) {
    let title = message.lines().next().unwrap_or_default();
    let example = format!("{provider} {id}: {title}");
    match message::read(provider, id, message) {
        Reading::Fields(fields, in_words) => {
            for field in in_words {
                let value = fields.iter().find(|(name, _)| *name == field);
                let words = value.map(|(_, value)| value.clone()).unwrap_or_default();
                lost.push((Cause::Words { field }, words));
            }
            for (name, value) in fields {
                draft.data(name, value);
            }
        }
        Reading::UnknownEvent => lost.push((Cause::UnknownMessage, example)),
        Reading::OtherForm => lost.push((Cause::UnreadMessage, example)),
    }
}

/// Returns the number of a level that is given by its name, in the languages in which it is known.
fn level(name: &str) -> Option<&'static str> {
    let is_it =
        |(names, _): &&(&[&str], &str)| names.iter().any(|it| it.eq_ignore_ascii_case(name));
    LEVELS.iter().find(is_it).map(|(_, number)| *number)
}

/// Levels by name.
const LEVELS: &[(&[&str], &str)] = &[
    (&["Critical", "Kritisch", "Critique", "Crítico", "Critico"], "1"),
    (&["Error", "Fehler", "Erreur", "Errore", "Erro", "エラー", "错误", "오류"], "2"),
    (
        &["Warning", "Warnung", "Avertissement", "Advertencia", "Avviso", "Aviso", "警告", "경고"],
        "3",
    ),
    (
        &[
            "Information",
            "Informationen",
            "Información",
            "Informazioni",
            "Informações",
            "情報",
            "信息",
            "정보",
        ],
        "4",
    ),
    (&["Verbose", "Ausführlich", "Détaillé", "Detallado", "Dettagliato"], "5"),
];

/// Adds values in their order; `false` if nothing tells their names.
fn add_values(draft: &mut Draft, provider: &str, id: &str, values: Vec<String>) -> bool {
    if values.is_empty() {
        return true;
    }
    let Some(names) = fields::names(provider, id, values.len()) else {
        for value in values {
            draft.unnamed(value);
        }
        return false;
    };
    for (field, value) in names.iter().zip(values) {
        let (name, text) = fields::field(field, value);
        draft.data(name, text);
    }
    true
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
}
