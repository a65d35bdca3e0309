//! Events collected by `NXLog` and shipped through Logstash: everything at the top level.
//!
//! `NXLog`'s `im_msvistalog` mixes its own fields with those of the event; later versions call two of them
//! `TaskValue` and `ExecutionThreadID`. Times are to the second and local to the collector; Logstash's
//! `@timestamp` is the moment of receipt in UTC.

use kql_types::{Ticks, datetime, timespan};
use windows_event_model::{SystemField, SystemValue};

use super::{Found, JsonShape};
use crate::events::{
    field,
    shape::{DataPlace, EventShape, FieldSource, plain},
};

pub(super) const SHAPE: JsonShape = JsonShape {
    recognise: |record, _| {
        let keys = ["EventID", "SourceName", "EventTime", "EventReceivedTime"];
        keys.iter().all(|key| record.has(&[key])).then_some(Ok(Found::Event(&EVENT)))
    },
};

static EVENT: EventShape = EventShape {
    name: "NXLog JSON",
    marker: &[&["EventReceivedTime"]],
    fields: &[
        FieldSource {
            field: SystemField::TimeCreated,
            values: &[&[&["EventTime"]], &[&["EventReceivedTime"]], &[&["@timestamp"]]],
            read: time,
        },
        plain(SystemField::ProviderName, &[&[&["SourceName"]]]),
        plain(SystemField::ProviderGuid, &[&[&["ProviderGuid"]]]),
        plain(SystemField::EventId, &[&[&["EventID"]]]),
        plain(SystemField::Version, &[&[&["Version"]]]),
        FieldSource {
            field: SystemField::Level,
            values: &[&[&["EventType"]], &[&["SeverityValue"]]],
            read: level,
        },
        plain(SystemField::Task, &[&[&["Task"], &["TaskValue"]]]),
        FieldSource {
            field: SystemField::Opcode,
            values: &[&[&["OpcodeValue"]], &[&["Opcode"]]],
            read: field::opcode,
        },
        plain(SystemField::Keywords, &[&[&["Keywords"]]]),
        plain(SystemField::RecordId, &[&[&["RecordNumber"]]]),
        plain(SystemField::ActivityId, &[&[&["ActivityID"]]]),
        plain(SystemField::ProcessId, &[&[&["ExecutionProcessID"]]]),
        plain(SystemField::ThreadId, &[&[&["ThreadID"], &["ExecutionThreadID"]]]),
        FieldSource {
            field: SystemField::Channel,
            values: &[&[&["Channel"]]],
            read: field::channel,
        },
        plain(SystemField::Computer, &[&[&["Hostname"]]]),
        plain(SystemField::UserId, &[&[&["UserID"]]]),
    ],
    data: DataPlace::Beside { envelope: ENVELOPE, is_data },
};

const ENVELOPE: &[&str] = &[
    "@timestamp",
    "@version",
    "AccountType",
    "ActivityID",
    "Category",
    "Channel",
    "Domain",
    "ERROR_EVT_UNRESOLVED",
    "EventID",
    "EventReceivedTime",
    "EventTime",
    "EventTypeOrignal",
    "ExecutionProcessID",
    "ExecutionThreadID",
    "Hostname",
    "Keywords",
    "Message",
    "Opcode",
    "OpcodeValue",
    "ProviderGuid",
    "RecordNumber",
    "RelatedActivityID",
    "Severity",
    "SeverityValue",
    "SourceModuleName",
    "SourceModuleType",
    "SourceName",
    "Task",
    "TaskValue",
    "ThreadID",
    "UserID",
    "Version",
    "host",
    "port",
    "tags",
    "type",
];

/// What `NXLog` itself writes into `EventType`; Sysmon has a field of that name too.
const EVENT_TYPES: [&str; 7] = [
    "\"AUDIT_FAILURE\"",
    "\"AUDIT_SUCCESS\"",
    "\"CRITICAL\"",
    "\"ERROR\"",
    "\"INFO\"",
    "\"VERBOSE\"",
    "\"WARNING\"",
];

/// Tells whether a field of an ambiguous name is the event's.
fn is_data(key: &str, value: &str, provider: &str) -> bool {
    match key {
        "EventType" => !EVENT_TYPES.contains(&value),
        // NXLog names the account of the header's SID; a service's account is the event's own.
        "AccountName" => provider == "Service Control Manager",
        _ => true,
    }
}

/// Returns the time of the event in UTC.
///
/// The collector's distance from UTC shows where it and Logstash give the moment of receipt, which
/// differ by less than the quarter of an hour to which time zones are aligned.
fn time<'r>(values: &[Option<&'r str>]) -> Option<SystemValue<'r>> {
    const ZONE_STEP: Ticks = timespan::MINUTE.saturating_mul(15);
    let [event, received, received_utc] = *values else { return None };
    let event_text = field::text(event)?;
    let local = datetime::parse(&event_text)?;
    let has_zone = event_text.get(10..).is_some_and(|time| time.contains(['Z', '+', '-']));
    let times = (field::text(received), field::text(received_utc));
    let offset = match times {
        (Some(received), Some(received_utc)) if !has_zone => {
            let difference =
                datetime::parse(&received_utc)?.checked_sub(datetime::parse(&received)?)?;
            let half = ZONE_STEP.checked_div(2)?;
            difference.checked_add(half)?.div_euclid(ZONE_STEP).checked_mul(ZONE_STEP)?
        }
        _ => 0,
    };
    datetime::add(local, offset).map(SystemValue::Number)
}

/// Returns the level that `NXLog` has turned into a severity; audit events have level 0.
fn level<'r>(values: &[Option<&'r str>]) -> Option<SystemValue<'r>> {
    let [event_type, severity] = *values else { return None };
    let is_audit = event_type.is_some_and(|value| value.starts_with("\"AUDIT_"));
    Some(SystemValue::Number(match severity {
        _ if is_audit => 0,
        Some("5") => 1,
        Some("4") => 2,
        Some("3") => 3,
        Some("2") => 4,
        Some("1") => 5,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(event: &str, received: Option<&str>, received_utc: Option<&str>) -> String {
        match time(&[Some(event), received, received_utc]) {
            Some(SystemValue::Number(ticks)) => datetime::format(ticks).to_string(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn the_collectors_zone_shows_in_the_time_of_receipt() {
        let event = "\"2020-09-22 14:53:30\"";
        let received = Some("\"2020-09-22 14:53:32\"");
        let of = |received_utc| utc(event, received, Some(received_utc));
        assert_eq!(of("\"2020-09-22T18:53:32.341Z\""), "2020-09-22T18:53:30.0000000Z");
        // The collector's clock may be ahead, and its zone east of Greenwich.
        assert_eq!(of("\"2020-09-22T09:23:31.900Z\""), "2020-09-22T09:23:30.0000000Z");
        assert_eq!(utc(event, received, None), "2020-09-22T14:53:30.0000000Z");
    }

    #[test]
    fn a_time_with_a_zone_is_taken_at_its_word() {
        let event = "\"2020-09-22T14:53:30.5+02:00\"";
        let found = utc(event, Some("\"2020-09-22 14:53:32\""), Some("\"2020-09-22T18:53:32Z\""));
        assert_eq!(found, "2020-09-22T12:53:30.5000000Z");
    }

    #[test]
    fn severities_become_levels() {
        let level = |values: [&'static str; 2]| level(&values.map(Some));
        assert_eq!(level(["\"AUDIT_FAILURE\"", "4"]), Some(SystemValue::Number(0)));
        assert_eq!(level(["\"INFO\"", "2"]), Some(SystemValue::Number(4)));
        assert_eq!(level(["\"ERROR\"", "4"]), Some(SystemValue::Number(2)));
    }
}
