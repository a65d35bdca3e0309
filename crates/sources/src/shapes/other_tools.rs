//! Files that are refused by name: what other hunters have found, which is not the events, and
//! what a service says of an error.

use std::borrow::Cow;

use super::JsonShape;
use crate::{json::probe::Probe, problem::Reason};

pub(super) const SHAPE: JsonShape = JsonShape {
    recognise: |record, _| {
        let tool = TOOLS.iter().find(|tool| tool.has_written(record));
        let of_tool = tool.map(|tool| Reason::OtherTool { what: tool.what, instead: EVENTS });
        let renamed = RENAMED.iter().find(|form| form.has_written(record));
        let of_form =
            renamed.map(|form| Reason::OtherTool { what: form.what, instead: AS_THEY_ARE });
        let of_tool = of_tool.or(of_form);
        of_tool.or_else(|| service_error(record)).map(Err)
    },
};

/// What to give in the place of results.
const EVENTS: &str = "give the event logs themselves (EVTX, or an export of all their fields)";

/// What to give in the place of events whose fields have been renamed.
const AS_THEY_ARE: &str =
    "collect them with their own names, or as XML, or give the event logs themselves";

/// A tool whose results do not hold the events.
struct Tool {
    what: &'static str,
    /// The keys, or columns, that its results have: all of one of these.
    keys: &'static [&'static [&'static str]],
}

const TOOLS: &[Tool] = &[
    Tool {
        what: "a timeline of Hayabusa: it holds what rules found, not the events",
        keys: &[
            &["Timestamp", "RuleTitle", "Level", "Channel", "EventID"],
            &["Timestamp", "RuleTitle", "Computer", "Details"],
            &["RuleTitle", "RuleFile", "EvtxFile"],
        ],
    },
    Tool {
        what: "results of Chainsaw as CSV: they hold what rules found, not the events",
        keys: &[
            &["timestamp", "detections", "path", "Event ID", "Event Data"],
            &["timestamp", "detections", "path", "Event.System.Provider"],
            &["detections", "path", "count", "Record ID"],
        ],
    },
    Tool {
        what: "results of Zircolite as CSV: they hold what rules found, not whole events",
        keys: &[&["rule_title", "rule_description", "rule_level", "rule_count"]],
    },
    Tool {
        what: "results of DeepBlueCLI: they hold what it found, not the events",
        keys: &[
            &["Date", "Log", "EventID", "Message", "Results", "Command", "Decoded"],
            &["Date", "Log", "EventID", "Message", "Results"],
        ],
    },
    Tool {
        what: "a report of APT-Hunter: it holds what it found, not the events",
        keys: &[
            &["Date and Time", "Detection Rule", "Severity", "Event Description", "Event ID"],
            &["Date and Time", "Detection Rule", "Detection Domain"],
        ],
    },
];

/// Forms of events in which the fields' own names are lost.
const RENAMED: &[Tool] = &[
    Tool {
        what: "an export of Get-EventLog, which has neither the name of the log nor those of the event data",
        keys: &[&["EntryType", "InstanceId", "TimeWritten", "MachineName"]],
    },
    Tool {
        what: "events of Fluentd with parse_description, whose names are made from the message's text",
        keys: &[&["ProviderName", "EventID", "DescriptionTitle"]],
    },
    Tool {
        what: "events of Winlogbeat as Graylog keeps them, their names joined by underscores",
        keys: &[&["winlogbeat_winlog_event_id"], &["winlogbeat_event_id", "winlogbeat_log_name"]],
    },
];

impl Tool {
    fn has_written(&self, record: Probe<'_>) -> bool {
        self.keys.iter().any(|keys| keys.iter().all(|key| record.has(&[key])))
    }
}

/// Returns what a service says of an error in place of records, or behind them.
fn service_error(record: Probe<'_>) -> Option<Reason> {
    let is_frame = record.has(&["FrameType"]);
    let message = |error: Probe<'_>| {
        let text = ["@message", "message", "Message"].iter().find_map(|key| error.text(&[key]));
        text.map(Cow::into_owned)
    };
    if is_frame || record.has(&["OneApiErrors"]) {
        let errors = record.get(&["OneApiErrors"]).unwrap_or_default();
        let mut first = crate::json::members::elements(errors).filter_map(Probe::new);
        let told = first.find_map(|error| {
            error.object(&["error"]).and_then(message).or_else(|| message(error))
        });
        let unsaid = || match record.get(&["RowCount"]) {
            Some(rows) => format!("it had {rows} rows of a table, and others are here"),
            None => "it is not complete, and no reason is given".to_owned(),
        };
        return Some(Reason::Service { message: told.unwrap_or_else(unsaid) });
    }
    let error = record.object(&["error"]).unwrap_or(record);
    // What holds an array may hold records beside the error.
    let holds_more = record.members().any(|(_, value)| value.starts_with('['));
    let is_error = error.has(&["code"]) && error.keys().len() <= 6 && !holds_more;
    message(error).filter(|_| is_error).map(|message| Reason::Service { message })
}
