//! What the `evtx` crate finds in a log, brought into the shape of our columns by way of its XML.

use std::sync::Arc;

use evtx::{EvtxChunkData, ParserSettings};
use windows_event_model::{SystemField, filetime_to_ticks};

use crate::xml::{self, Element};

const HEADER: usize = 4096;
const CHUNK: usize = 65536;

/// A record as the `evtx` crate renders it.
pub(crate) struct Record {
    root: Element,
}

/// Returns the records of a file, chunk by chunk, those left out that cannot be rendered.
pub(crate) fn records(bytes: &[u8]) -> Vec<Record> {
    let settings = Arc::new(ParserSettings::new().indent(false));
    let mut records = Vec::new();
    for bytes in bytes[HEADER..].chunks(CHUNK) {
        let Ok(mut data) = EvtxChunkData::new(bytes.to_vec(), false) else { continue };
        let Ok(mut chunk) = data.parse(Arc::clone(&settings)) else { continue };
        for record in chunk.iter().flatten() {
            // Damage may have made names of what no XML can be read from.
            if let Some(root) = record.into_xml().ok().and_then(|xml| xml::parse(&xml.data)) {
                records.push(Record { root });
            }
        }
    }
    records
}

impl Record {
    /// Returns the `Event` element.
    pub(crate) const fn root(&self) -> &Element {
        &self.root
    }

    /// Tells whether the record holds anything: an empty `Event` stands for a record without one.
    pub(crate) fn has_content(&self) -> bool {
        !self.root.children.is_empty()
    }

    /// Returns the record's number as text, `""` if it has none.
    pub(crate) fn id(&self) -> String {
        self.field(SystemField::RecordIdText).unwrap_or_default()
    }

    /// Returns the values of all header fields, in the order of [`SystemField::ALL`].
    pub(crate) fn header(&self) -> Vec<Option<String>> {
        SystemField::ALL.iter().map(|&field| self.field(field)).collect()
    }

    fn field(&self, field: SystemField) -> Option<String> {
        let text = |element: &str, attribute: Option<&str>| {
            let element = self.root.child("System").and_then(|system| system.child(element));
            element
                .and_then(|element| match attribute {
                    Some(name) => element.attribute(name),
                    None => Some(element.text.as_str()),
                })
                .unwrap_or_default()
                .to_owned()
        };
        let number = |element, attribute| {
            let wide: i64 = text(element, attribute).parse().ok()?;
            u32::try_from(wide).ok().map(|bits| bits.cast_signed().to_string())
        };
        match field {
            SystemField::TimeCreated => ticks(&text("TimeCreated", Some("SystemTime"))),
            SystemField::ProviderName => Some(text("Provider", Some("Name"))),
            SystemField::ProviderGuid => {
                let guid = text("Provider", Some("Guid"));
                Some(guid.trim_matches(['{', '}']).to_lowercase()).filter(|guid| !guid.is_empty())
            }
            SystemField::EventSourceName => Some(text("Provider", Some("EventSourceName"))),
            SystemField::EventId => number("EventID", None),
            SystemField::Qualifiers => number("EventID", Some("Qualifiers")),
            SystemField::Version => number("Version", None),
            SystemField::Level => number("Level", None),
            SystemField::LevelName => Some(
                match &*text("Level", None) {
                    "0" | "4" => "Information",
                    "1" => "Critical",
                    "2" => "Error",
                    "3" => "Warning",
                    "5" => "Verbose",
                    _ => "",
                }
                .to_owned(),
            ),
            SystemField::Task => number("Task", None),
            SystemField::Opcode => Some(text("Opcode", None)),
            SystemField::Keywords => {
                let text = text("Keywords", None);
                let digits = text.trim_start_matches("0x");
                Some(if text.is_empty() { text } else { format!("0x{digits:0>16}") })
            }
            SystemField::RecordIdText => Some(text("EventRecordID", None)),
            SystemField::RecordId => {
                text("EventRecordID", None).parse::<i64>().ok().map(|id| id.to_string())
            }
            SystemField::ActivityId => Some(text("Correlation", Some("ActivityID"))),
            SystemField::ProcessId => number("Execution", Some("ProcessID")),
            SystemField::ThreadId => number("Execution", Some("ThreadID")),
            SystemField::Channel => Some(text("Channel", None)),
            SystemField::Computer => Some(text("Computer", None)),
            SystemField::UserId => Some(text("Security", Some("UserID"))),
        }
    }

    /// Returns the event's data as JSON; its fields stand in the order of the XML.
    pub(crate) fn data(&self) -> Option<serde_json::Value> {
        let not_data = ["System", "RenderingInfo"];
        let section = self
            .root
            .child("EventData")
            .or_else(|| self.root.child("UserData"))
            .or_else(|| self.root.children.iter().find(|it| !not_data.contains(&&*it.name)))?;
        if section.name == "UserData" && !section.children.is_empty() {
            let mut of_wrappers = Element::default();
            for element in [section].into_iter().chain(&section.children) {
                of_wrappers.attributes.extend(data_attributes(element));
            }
            return Some(object(&of_wrappers, section.children.iter().flat_map(|it| &it.children)));
        }
        Some(object(section, section.children.iter()))
    }
}

/// Returns the attributes that are data, their namespaces left out.
fn data_attributes(element: &Element) -> Vec<(String, String)> {
    let is_field = ["Data", "ComplexData"].contains(&&*element.name);
    let attributes = element.attributes.iter().filter(|(name, value)| {
        let is_left_out = name.starts_with("xmlns") || (is_field && name == "Name");
        !value.is_empty() && !is_left_out
    });
    let local = |name: &str| name.split(':').next_back().unwrap_or_default().to_owned();
    attributes.map(|(name, value)| (local(name), value.clone())).collect()
}

/// Makes an object of an element's attributes, some elements, and its text.
fn object<'a>(holder: &Element, elements: impl Iterator<Item = &'a Element>) -> serde_json::Value {
    let mut fields = serde_json::Map::new();
    for (name, value) in data_attributes(holder) {
        fields.insert(format!("@{name}"), value.into());
    }
    let mut repeated = Vec::new();
    for element in elements {
        let name = element.attribute("Name").filter(|name| !name.is_empty());
        let name = name.filter(|_| ["Data", "ComplexData"].contains(&&*element.name));
        let key = name.unwrap_or(&element.name).to_owned();
        let value = if element.children.is_empty() && data_attributes(element).is_empty() {
            element.text.clone().into()
        } else {
            object(element, element.children.iter())
        };
        let is_array = element.name == "Data" && name.is_none();
        match fields.get_mut(&key) {
            None => {
                if is_array {
                    repeated.push(key.clone());
                }
                fields.insert(key, if is_array { vec![value].into() } else { value });
            }
            Some(before) if repeated.contains(&key) => before.as_array_mut().unwrap().push(value),
            Some(before) => {
                *before = vec![before.take(), value].into();
                repeated.push(key);
            }
        }
    }
    if !holder.text.trim().is_empty() {
        fields.insert("#text".to_owned(), holder.text.clone().into());
    }
    fields.into()
}

/// Reads the time of the XML with a calendar of its own: day by day from 1601.
pub(crate) fn ticks(text: &str) -> Option<String> {
    let mut parts = text.split(|char: char| !char.is_ascii_digit());
    let mut next = || parts.next()?.parse::<u64>().ok();
    let (year, month, day) = (next()?, next()?, next()?);
    let (hour, minute, second, fraction) = (next()?, next()?, next()?, next()?);
    if year < 1601 || month == 0 {
        return None;
    }
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut days = day - 1;
    days += (1601..year).map(|year| 365 + u64::from(is_leap(year))).sum::<u64>();
    let lens = [31, 28 + u64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    days += (1..month).zip(lens).map(|(_, len)| len).sum::<u64>();
    let filetime = (((days * 24 + hour) * 60 + minute) * 60 + second) * 10_000_000 + fraction;
    filetime_to_ticks(filetime).map(|ticks| ticks.to_string())
}
