//! Nothing that the `evtx` crate finds in a record is left out: every text and every attribute of
//! its XML is in a column, or in the list of what is not, by design.

use std::collections::{BTreeMap, BTreeSet};

use evtx_arrow::{EventColumn, EventRequest};
use windows_event_model::SystemField;

use crate::{collect::read, logs, oracle, xml::Element};

/// Places in the XML that no column has, by design; `*` stands for any one name.
const LEFT_OUT: &[(&str, &str)] = &[
    ("Event@xmlns", "the same in every event"),
    ("Event/*@xmlns", "which schema a section follows"),
    ("Event/UserData/*@xmlns", "which schema the data follow"),
    ("Event/UserData/*@xmlns:auto-ns2", "which schema the data follow"),
    ("Event/UserData/*@xmlns:auto-ns3", "which schema the data follow"),
    ("Event/System/Correlation@RelatedActivityID", "`WindowsEvent` has no column for it"),
    ("Event/UserData/*/*@Code", "of data elements, only `Name` has a meaning that is known"),
    ("Event/EventData@Name", "`WindowsEvent` has no column for it"),
];

#[test]
fn every_value_is_in_a_column_or_left_out_by_design() {
    let reference = testkit::reference!("logs");
    let header = SystemField::ALL.into_iter().map(EventColumn::System);
    let columns = header.chain([EventColumn::Dynamic(vec![])]).collect();
    let request = EventRequest { columns, filters: vec![] };
    let mut left_out: BTreeMap<String, String> = BTreeMap::new();
    for log in logs::all(&reference) {
        let rows = read(&log.bytes, &request).unwrap().1.rows();
        let records = oracle::records(&log.bytes);
        assert_eq!(rows.len(), records.len(), "{}", log.name);
        for (row, record) in rows.iter().zip(&records) {
            let mut values = BTreeMap::new();
            collect("Event", record.root(), &mut values);
            let known = known(row);
            for (place, texts) in values {
                let is_missing = |text: &&String| !known.contains(&comparable(text));
                if let Some(text) = texts.iter().find(is_missing) {
                    left_out.entry(place).or_insert_with(|| format!("{text:?} in {}", log.name));
                }
            }
        }
    }
    left_out.retain(|place, _| !LEFT_OUT.iter().any(|(listed, _)| is_at(place, listed)));
    assert!(left_out.is_empty(), "{left_out:#?}");
}

/// Collects the texts of an element by their places; the name of a field is no value.
fn collect(place: &str, element: &Element, values: &mut BTreeMap<String, Vec<String>>) {
    let mut add = |place: String, text: &str| values.entry(place).or_default().push(text.into());
    if element.children.is_empty() && !element.text.is_empty() {
        add(place.to_owned(), &element.text);
    }
    let is_field = ["Data", "ComplexData"].contains(&&*element.name);
    for (name, value) in element.attributes.iter().filter(|(name, _)| !(is_field && name == "Name"))
    {
        add(format!("{place}@{name}"), value);
    }
    for child in &element.children {
        collect(&format!("{place}/{}", child.name), child, values);
    }
}

/// Returns all texts in the columns of a row.
fn known(row: &[Option<String>]) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for value in row.iter().flatten() {
        match serde_json::from_str(value) {
            Ok(json @ serde_json::Value::Object(_)) => texts(&json, &mut known),
            _ => drop(known.insert(comparable(value))),
        }
    }
    known
}

fn texts(json: &serde_json::Value, known: &mut BTreeSet<String>) {
    match json {
        serde_json::Value::Object(fields) => fields.values().for_each(|it| texts(it, known)),
        serde_json::Value::Array(items) => items.iter().for_each(|it| texts(it, known)),
        serde_json::Value::String(text) => drop(known.insert(comparable(text))),
        other => panic!("{other} is no text"),
    }
}

/// Returns a text in the form that columns have it in: GUIDs lower-case and bare, keywords with all
/// of their digits, times in ticks, numbers above `i32::MAX` as their bits.
fn comparable(text: &str) -> String {
    let is_time = text.len() >= 20 && text.ends_with('Z') && text.get(10..11) == Some("T");
    if let Some(ticks) = is_time.then(|| oracle::ticks(text)).flatten() {
        return ticks;
    }
    if let Ok(number) = text.parse::<u32>() {
        return number.cast_signed().to_string();
    }
    let bare = text.trim_matches(['{', '}']).to_lowercase();
    match bare.strip_prefix("0x") {
        Some(digits) => format!("0x{digits:0>16}"),
        None => bare,
    }
}

fn is_at(place: &str, listed: &str) -> bool {
    let split = |path: &str| path.split(['/', '@']).map(str::to_owned).collect::<Vec<_>>();
    let (place, listed) = (split(place), split(listed));
    place.len() == listed.len() && listed.iter().zip(&place).all(|(l, p)| l == "*" || l == p)
}
