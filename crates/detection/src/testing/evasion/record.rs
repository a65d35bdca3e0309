//! A record of telemetry as JSON, and what changes have to know of its form.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// An event in the form of `evtx_dump`, or a row of Defender's streaming export.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Record(pub(super) Value);

impl Record {
    /// Returns the event's fields, or the row's columns.
    pub(super) fn fields(&mut self) -> Option<&mut Map<String, Value>> {
        let pointer = if self.is_row() { "/properties" } else { "/Event/EventData" };
        self.0.pointer_mut(pointer)?.as_object_mut()
    }

    /// Returns a field's text, `""` if it has none.
    pub(super) fn text(&self, field: &str) -> String {
        let pointer = if self.is_row() { "/properties" } else { "/Event/EventData" };
        match self.0.pointer(pointer).and_then(|fields| fields.get(field)) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        }
    }

    /// Sets a field that is there.
    pub(super) fn set(&mut self, field: &str, text: impl Into<String>) {
        if let Some(value) = self.fields().and_then(|fields| fields.get_mut(field)) {
            *value = Value::String(text.into());
        }
    }

    /// Sets a field, whether it is there or not.
    pub(super) fn insert(&mut self, field: &str, text: impl Into<String>) {
        if let Some(fields) = self.fields() {
            fields.insert(field.to_owned(), Value::String(text.into()));
        }
    }

    /// Changes the texts of these fields.
    pub(super) fn change(&mut self, fields: &[&str], change: impl Fn(&str) -> String) {
        for field in fields {
            let text = self.text(field);
            if !text.is_empty() {
                let changed = change(&text);
                if changed != text {
                    self.set(field, changed);
                }
            }
        }
    }

    /// Removes fields.
    pub(super) fn remove(&mut self, names: &[&str]) {
        if let Some(fields) = self.fields() {
            for name in names {
                fields.remove(*name);
            }
        }
    }

    /// Tells whether it is a row of Defender.
    pub(super) fn is_row(&self) -> bool {
        self.0.get("properties").is_some()
    }

    /// Returns its log: `Sysmon`, `Security`, `System`, `PowerShell`; a row's is `Defender`.
    pub(super) fn log(&self) -> &str {
        let channel = self.0.pointer("/Event/System/Channel").and_then(Value::as_str);
        channel.map_or("Defender", crate::log_name::of_channel)
    }

    /// Returns the event id.
    pub(super) fn id(&self) -> Option<u64> {
        let id = self.0.pointer("/Event/System/EventID")?;
        id.as_u64().or_else(|| id.get("#text")?.as_u64())
    }

    /// Tells whether it is that event.
    pub(super) fn is(&self, log: &str, id: u64) -> bool {
        self.log() == log && self.id() == Some(id)
    }

    /// Tells whether it is about a process that was created.
    pub(super) fn is_process(&self) -> bool {
        let category = self.0.get("category").and_then(Value::as_str).unwrap_or_default();
        self.is("Sysmon", 1) || self.is("Security", 4688) || category.ends_with("ProcessEvents")
    }

    /// Returns the name of the host that recorded it.
    pub(super) fn host(&self) -> String {
        let computer = self.0.pointer("/Event/System/Computer").and_then(Value::as_str);
        computer.map_or_else(|| self.text("DeviceName"), str::to_owned)
    }

    /// Changes every text in it, names of fields and what says where it comes from left alone.
    pub(super) fn change_all(&mut self, change: &impl Fn(&str) -> String) {
        fn walk(value: &mut Value, change: &impl Fn(&str) -> String) {
            match value {
                Value::String(text) => *text = change(text),
                Value::Array(values) => values.iter_mut().for_each(|value| walk(value, change)),
                Value::Object(fields) => fields.values_mut().for_each(|value| walk(value, change)),
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
        if let Some(fields) = self.fields() {
            fields.values_mut().for_each(|value| walk(value, change));
        }
    }
}

/// Fields that hold a command.
pub(super) const COMMANDS: [&str; 6] = [
    "CommandLine",
    "ProcessCommandLine",
    "InitiatingProcessCommandLine",
    "ParentCommandLine",
    "ScriptBlockText",
    "ImagePath",
];

/// Fields that hold an address.
pub(super) const ADDRESSES: [&str; 8] = [
    "IpAddress",
    "SourceIp",
    "DestinationIp",
    "RemoteIP",
    "LocalIP",
    "RequestSourceIP",
    "SourceAddress",
    "DestAddress",
];

/// Returns the names of the hosts that records are of, without their domain.
pub(super) fn hosts(records: &[Record]) -> BTreeSet<String> {
    let short =
        |record: &Record| record.host().split('.').next().unwrap_or_default().to_lowercase();
    records.iter().map(short).filter(|host| !host.is_empty()).collect()
}

/// Tells whether the source recorded it: hosts from which attacks of cases and scenes start are called `ws-`.
pub(super) fn is_source(record: &Record) -> bool {
    record.host().to_lowercase().starts_with("ws-")
}

/// Replaces a text whatever its case.
pub(super) fn replace(text: &str, from: &str, to: &str) -> String {
    if from.is_empty() {
        return text.to_owned();
    }
    // Lower-casing may change lengths of what is not ASCII; such text is left alone.
    let (lower, wanted) = (text.to_lowercase(), from.to_lowercase());
    if lower.len() != text.len() {
        return text.replace(from, to);
    }
    let (mut changed, mut rest, mut at) = (String::new(), lower.as_str(), 0usize);
    while let Some((before, behind)) = rest.split_once(&wanted) {
        let start = at.saturating_add(before.len());
        changed.push_str(text.get(at..start).unwrap_or_default());
        changed.push_str(to);
        at = start.saturating_add(wanted.len());
        rest = behind;
    }
    changed.push_str(text.get(at..).unwrap_or_default());
    changed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_are_replaced_whatever_their_case() {
        assert_eq!(
            replace(r"C:\Windows\psexesvc.EXE", "PSEXESVC", "Helper"),
            r"C:\Windows\Helper.EXE"
        );
        assert_eq!(replace("none", "", "x"), "none");
    }

    #[test]
    fn events_and_rows_have_fields() {
        let event = json!({"Event": {"System": {"Channel": "Security", "EventID": {"#text": 5145}, "Computer": "srv.corp"},
            "EventData": {"ShareName": "a"}}});
        let mut event = Record(event);
        assert!(event.is("Security", 5145));
        event.set("ShareName", "b");
        assert_eq!(
            (event.text("ShareName"), event.host()),
            ("b".to_owned(), "srv.corp".to_owned())
        );
        let row = Record(
            json!({"category": "AdvancedHunting-DeviceProcessEvents", "properties": {"FileName": "x"}}),
        );
        assert!(row.is_process() && row.log() == "Defender");
    }
}
