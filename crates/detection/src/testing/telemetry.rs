//! A case's records as text: one JSON object a line, Windows events in the form in which EVTX files
//! are dumped, rows of Defender's tables in that of its streaming export.
//!
//! `{source}`, `{target}`, `{source_ip}` and `{target_ip}` in a case stand for a host and an address
//! that no other case has; in capitals, `{SOURCE}`, for the name as Windows writes it.

use std::fmt::Write as _;

use kql_types::{Ticks, datetime};
use serde_json::{Map, Value, json};

use crate::{
    log_name,
    package::{Case, TestEvent},
};

/// When every case begins: 2026-03-12T09:01:00Z, a Thursday morning.
pub(super) const BEGIN: Ticks = 639_089_028_600_000_000;
const TICKS_PER_SECOND: f64 = 1e7;
const DOMAIN: &str = "corp.example";

/// Returns the telemetry of a case as lines; `number` makes its hosts unlike those of other cases.
///
/// # Errors
///
/// If something is wrong with an event's name: what.
pub fn lines(case: &Case, number: usize) -> Result<String, String> {
    let names = Names::new(number);
    let mut text = String::new();
    let mut record = 1_000_u64;
    for event in &case.events {
        for repetition in 0..event.times {
            record = record.saturating_add(1);
            let line = line(event, repetition, record, &names)?;
            // Writing to a string cannot fail.
            let _infallible = writeln!(text, "{line}");
        }
    }
    Ok(text)
}

/// Returns when each record of a case arrives, by its line.
///
/// Returns what is wrong with an event instead, if it arrives before it happens.
#[expect(clippy::cast_possible_truncation, reason = "seconds of a test case, as ticks")]
pub(super) fn arrivals(case: &Case) -> Result<Vec<(u64, Ticks)>, String> {
    let mut times = Vec::new();
    for event in &case.events {
        let late = event.late;
        if !(late >= 0.0 && late.is_finite()) {
            return Err(format!("`{}` is {late} seconds late, which no record is", event.event));
        }
        let late = (late * TICKS_PER_SECOND) as Ticks;
        let of_event = (0..event.times).map(|repetition| time_of(event, repetition));
        times.extend(of_event.map(|time| time.saturating_add(late)));
    }
    Ok((1..).zip(times).collect())
}

/// The hosts and addresses of a case.
pub(super) struct Names {
    source: String,
    target: String,
    source_ip: String,
    target_ip: String,
}

impl Names {
    /// Returns names that no other number has.
    pub(super) fn new(number: usize) -> Self {
        let (high, low) =
            (number.checked_div(250).unwrap_or(0), number.checked_rem(250).unwrap_or(0));
        let address = |net: usize| format!("10.{net}.{high}.{}", low.saturating_add(1));
        Self {
            source: format!("ws-{number:04}"),
            target: format!("srv-{number:04}"),
            source_ip: address(66),
            target_ip: address(77),
        }
    }

    /// Puts the names into a text, and for `{n}` how often it was told before.
    pub(super) fn fill(&self, text: &str, repetition: u32) -> String {
        if !text.contains('{') {
            return text.to_owned();
        }
        text.replace("{source}", &self.source)
            .replace("{target}", &self.target)
            .replace("{SOURCE}", &self.source.to_ascii_uppercase())
            .replace("{TARGET}", &self.target.to_ascii_uppercase())
            .replace("{source_ip}", &self.source_ip)
            .replace("{target_ip}", &self.target_ip)
            .replace("{n}", &repetition.to_string())
    }

    fn host(&self, on: &str, repetition: u32) -> String {
        let name = match on {
            "source" => self.source.clone(),
            "target" => self.target.clone(),
            other => self.fill(other, repetition),
        };
        format!("{name}.{DOMAIN}")
    }
}

fn line(event: &TestEvent, repetition: u32, record: u64, names: &Names) -> Result<Value, String> {
    match event.event.strip_prefix("Defender ") {
        Some(table) => Ok(row(table, event, repetition, record, names)),
        None => windows_event(event, repetition, record, names),
    }
}

/// A row of a table as Defender records it, on hosts that have its sensor and no more.
fn row(table: &str, event: &TestEvent, repetition: u32, record: u64, names: &Names) -> Value {
    let time = datetime::format_json(time_of(event, repetition)).to_string();
    let host = names.host(&event.on, repetition);
    let mut properties = Map::new();
    properties.insert("Timestamp".to_owned(), Value::String(time.clone()));
    properties.insert("DeviceId".to_owned(), Value::String(format!("id-of-{host}")));
    properties.insert("DeviceName".to_owned(), Value::String(host));
    properties.insert("ReportId".to_owned(), json!(record));
    for (name, value) in &event.data {
        properties.insert(name.clone(), Value::String(names.fill(value, repetition)));
    }
    json!({"time": time, "category": format!("AdvancedHunting-{table}"), "properties": properties})
}

fn windows_event(
    event: &TestEvent,
    repetition: u32,
    record: u64,
    names: &Names,
) -> Result<Value, String> {
    let (log, id) = event
        .event
        .split_once(' ')
        .and_then(|(log, id)| Some((log, id.parse::<u32>().ok()?)))
        .ok_or_else(|| format!("`{}` is not an event: expected `Sysmon 1`", event.event))?;
    let (provider, channel) = log_name::origin(log).ok_or_else(|| {
        let logs = log_name::all().collect::<Vec<_>>().join(", ");
        format!("`{log}` is not a log: expected Defender or one of {logs}")
    })?;
    let time = time_of(event, repetition);
    let mut data: Map<String, Value> = Map::new();
    if log == "Sysmon" {
        data.insert("UtcTime".to_owned(), Value::String(sysmon_time(time)));
    }
    for (name, value) in &event.data {
        data.insert(name.clone(), Value::String(names.fill(value, repetition)));
    }
    let keywords = event.keywords.as_deref().unwrap_or(match log {
        "Security" => "0x8020000000000000",
        _ => "0x8000000000000000",
    });
    Ok(json!({"Event": {
        "System": {
            "Provider": {"#attributes": {"Name": provider}},
            "EventID": id,
            "Version": 1,
            "Level": 4,
            "Task": 0,
            "Opcode": 0,
            "Keywords": keywords,
            "TimeCreated": {"#attributes": {"SystemTime": datetime::format_json(time).to_string()}},
            "EventRecordID": record,
            "Execution": {"#attributes": {"ProcessID": 4, "ThreadID": 8}},
            "Channel": channel,
            "Computer": names.host(&event.on, repetition),
        },
        "EventData": data,
    }}))
}

#[expect(clippy::cast_possible_truncation, reason = "seconds of a test case, as ticks")]
fn time_of(event: &TestEvent, repetition: u32) -> Ticks {
    let seconds = event.at + event.every * f64::from(repetition);
    BEGIN.saturating_add((seconds * TICKS_PER_SECOND) as Ticks)
}

/// Returns a time as Sysmon writes it: `2026-03-12 09:01:00.000`.
fn sysmon_time(time: Ticks) -> String {
    let text = datetime::format_spaced(time).to_string();
    text.get(..23).unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn case(event: &str, data: &[(&str, &str)]) -> Case {
        let data: BTreeMap<String, String> =
            data.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let event = TestEvent {
            event: event.to_owned(),
            on: "source".to_owned(),
            at: 1.5,
            late: 0.0,
            times: 1,
            every: 1.0,
            keywords: None,
            data,
        };
        Case {
            name: "c".to_owned(),
            atomic: None,
            reference: None,
            events: vec![event],
            fires: BTreeMap::new(),
            quiet: Vec::new(),
            set_aside: BTreeMap::new(),
            over_time: BTreeMap::new(),
            no_tactic: None,
        }
    }

    #[test]
    fn a_record_has_a_host_and_a_time_of_its_own() {
        let text =
            lines(&case("Sysmon 1", &[("CommandLine", r"net use \\{target}\C$")]), 7).unwrap();
        let line: Value = serde_json::from_str(text.trim()).unwrap();
        let event = &line["Event"];
        assert_eq!(event["System"]["Computer"], "ws-0007.corp.example");
        let time = &event["System"]["TimeCreated"]["#attributes"]["SystemTime"];
        assert_eq!(time, "2026-03-12T09:01:01.5Z");
        assert_eq!(event["EventData"]["CommandLine"], r"net use \\srv-0007\C$");
        assert_eq!(event["EventData"]["UtcTime"], "2026-03-12 09:01:01.500");
    }

    #[test]
    fn a_row_of_defender_names_its_table_and_host() {
        let row = case("Defender DeviceFileEvents", &[("RequestSourceIP", "{source_ip}")]);
        let line: Value = serde_json::from_str(lines(&row, 7).unwrap().trim()).unwrap();
        assert_eq!(line["category"], "AdvancedHunting-DeviceFileEvents");
        assert_eq!(line["properties"]["DeviceName"], "ws-0007.corp.example");
        assert_eq!(line["properties"]["RequestSourceIP"], "10.66.0.8");
        assert_eq!(line["properties"]["Timestamp"], "2026-03-12T09:01:01.5Z");
    }

    #[test]
    fn each_repetition_of_an_event_arrives_as_late() {
        let mut case = case("Sysmon 1", &[]);
        case.events[0].times = 2;
        case.events[0].late = 60.0;
        let second = 10_000_000;
        let happened = BEGIN + 3 * second / 2;
        let expected = [(1, happened + 60 * second), (2, happened + 61 * second)];
        assert_eq!(arrivals(&case).unwrap(), expected);
        case.events[0].late = -1.0;
        assert!(arrivals(&case).unwrap_err().contains("-1 seconds late"));
    }

    #[test]
    fn what_is_no_event_is_said() {
        assert!(lines(&case("Sysmon one", &[]), 1).unwrap_err().contains("Sysmon one"));
        assert!(lines(&case("Setup 1", &[]), 1).unwrap_err().contains("Setup"));
    }
}
