//! Times, and the order of records.

use kql_types::{Ticks, datetime};
use serde_json::Value;

use super::{super::record::Record, Kind};

pub(super) const TIME_ZONE: Kind = Kind {
    name: "another time zone",
    what: "records give local times with their offset from UTC",
    apply: |records| {
        const TWO_HOURS: Ticks = 2 * 60 * 60 * 10_000_000;
        retime(records, |time| {
            let local = datetime::format_json(time.saturating_add(TWO_HOURS)).to_string();
            format!("{}+02:00", local.trim_end_matches('Z'))
        });
    },
};

pub(super) const REVERSED: Kind = Kind {
    name: "records in reverse",
    what: "the newest record stands first",
    apply: |records| records.reverse(),
};

pub(super) const TWICE: Kind = Kind {
    name: "records twice",
    what: "each record stands twice in the input",
    apply: |records| *records = records.iter().flat_map(|it| [it.clone(), it.clone()]).collect(),
};

pub(super) const SLOW: Kind = Kind {
    name: "ten times slower",
    what: "there is ten times as long between one step and the next",
    apply: |records| {
        let times: Vec<Ticks> = records.iter().filter_map(time).collect();
        let Some(first) = times.into_iter().min() else { return };
        retime(records, |time| {
            let later = time.saturating_sub(first).saturating_mul(10).saturating_add(first);
            datetime::format_json(later).to_string()
        });
    },
};

/// Where a record says when it was written.
const PLACES: [&str; 3] =
    ["/Event/System/TimeCreated/#attributes/SystemTime", "/properties/Timestamp", "/time"];

fn time(record: &Record) -> Option<Ticks> {
    let text = PLACES.iter().find_map(|place| record.0.pointer(place)?.as_str());
    text.and_then(datetime::parse)
}

/// Writes times otherwise. Sysmon's own time is left out, so that the two do not contradict each other.
fn retime(records: &mut [Record], form: impl Fn(Ticks) -> String) {
    for record in records {
        let Some(time) = time(record) else { continue };
        for place in PLACES {
            if let Some(value) = record.0.pointer_mut(place) {
                *value = Value::String(form(time));
            }
        }
        record.remove(&["UtcTime"]);
    }
}
