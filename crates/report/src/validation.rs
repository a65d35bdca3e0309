//! What came of tests run in a lab: for people, for scripts and as JUnit's XML.

mod json;
mod junit;
mod plan;
mod table;

pub use self::{
    json::write as write_json, junit::write as write_junit, plan::write as write_plan,
    table::write as write_table,
};

use detection::validation::{
    AttemptOutcome, Missing, RuleOutcome, RuleState, SignalOutcome, SourceState,
};
use kql_types::Ticks;

use crate::cell::to_second;

const TICKS_PER_SECOND: Ticks = 10_000_000;

/// Returns the host that records a signal, in words.
pub(crate) fn host(signal: &SignalOutcome) -> String {
    signal.host.clone().unwrap_or_else(|| format!("the {}", signal.role.name()))
}

/// Says why an event was not found and what would record it.
pub(crate) fn why(missing: &Missing, enable: &str, host: &str) -> String {
    match missing {
        Missing::NoHost => format!("nothing of {host} is in the input; needs {enable}"),
        Missing::NoLog { log } => format!("{log} of {host} is not in the input; needs {enable}"),
        Missing::OutOfSpan { log, span: (first, last) } => format!(
            "{log} of {host} reaches from {} to {} only; needs that time, with {enable}",
            to_second(*first),
            to_second(*last)
        ),
        Missing::NotRecorded => format!("{host} records none in the input; needs {enable}"),
        Missing::FieldEmpty { field, records } => {
            format!("recorded {}, always without {field}; needs {enable}", times(*records))
        }
        Missing::NoneFits { records } => format!(
            "{host} records it ({}), but not this: it was not done, or was left out of {enable}",
            times(*records)
        ),
    }
}

fn times(records: i64) -> String {
    if records == 1 { "once".to_owned() } else { format!("{records} times") }
}

/// Says what came of a rule.
pub(crate) fn rule_state(rule: &RuleOutcome) -> String {
    match &rule.state {
        RuleState::Fired(alert) => alert.severity.name().to_owned(),
        RuleState::TooLow(alert) => format!("{}, too low", alert.severity.name()),
        RuleState::SetAside { entry, .. } => format!("set aside by {entry}"),
        RuleState::Silent => "did not fire".to_owned(),
        RuleState::Blind => "could not fire: none of its signals was recorded".to_owned(),
        RuleState::NotRun => "is not among the rules".to_owned(),
    }
}

/// Says how long after the first record a rule's alert came, and by when its schedule raises it.
pub(crate) fn after(rule: &RuleOutcome) -> String {
    let alert = match &rule.state {
        RuleState::Fired(alert) | RuleState::TooLow(alert) | RuleState::SetAside { alert, .. } => {
            alert
        }
        RuleState::Silent | RuleState::Blind | RuleState::NotRun => return String::new(),
    };
    let latest = alert.after.saturating_add(rule.frequency);
    format!("{}, raised within {}", span(alert.after), span(latest))
}

/// Returns a length of time in words: `4 s`, `1 h 0 min 4 s`.
fn span(ticks: Ticks) -> String {
    let seconds = ticks.checked_div(TICKS_PER_SECOND).unwrap_or(0);
    let (minutes, rest) = (seconds.div_euclid(60), seconds.rem_euclid(60));
    match (minutes.div_euclid(60), minutes.rem_euclid(60)) {
        (0, 0) => format!("{rest} s"),
        (0, minutes) => format!("{minutes} min {rest} s"),
        (hours, minutes) => format!("{hours} h {minutes} min {rest} s"),
    }
}

/// Says when an attempt was, from where to where, and how much of it was found.
pub(crate) fn headline(attempt: &AttemptOutcome) -> String {
    let unknown = |role: &str| format!("an unknown {role}");
    let source = attempt.source.clone().unwrap_or_else(|| unknown("source"));
    let target = attempt.target.clone().unwrap_or_else(|| unknown("target"));
    let known = attempt.known_by.as_ref().map(|signal| {
        format!("; recognised by `{signal}` without the command, so that something else may have left it")
    });
    let good = attempt.rules.iter().filter(|rule| rule.state.is_good()).count();
    format!(
        "{} to {}, {source} to {target}: {} of {} signals, {good} of {} rules{}",
        to_second(attempt.span.0),
        to_second(attempt.span.1),
        attempt.found(),
        attempt.signals.len(),
        attempt.rules.len(),
        known.unwrap_or_default()
    )
}

/// Returns what of an event is there to read: its records, or what is missing; `None` if the input has
/// no telemetry of the kind.
pub(crate) fn source_text(state: &SourceState, host: &str) -> Option<String> {
    match state {
        SourceState::Found { records, count, .. } => {
            let first = records.first().map(|record| {
                let origin = &record.origin;
                let file = match &origin.member {
                    Some(member) => format!("{} > {member}", origin.file),
                    None => origin.file.clone(),
                };
                format!("{file}:{}", record.line)
            });
            let more = match count.saturating_sub(1) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            Some(format!("{}{more}", first.unwrap_or_default()))
        }
        SourceState::Missing { why: missing, remedy } => {
            Some(format!("missing: {}", why(missing, &remedy.enable, host)))
        }
        SourceState::NotCollected => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_words() {
        assert_eq!(span(4 * TICKS_PER_SECOND), "4 s");
        assert_eq!(span(3_604 * TICKS_PER_SECOND), "1 h 0 min 4 s");
    }

    #[test]
    fn what_is_missing_says_what_would_record_it() {
        let missing = Missing::FieldEmpty { field: "CommandLine".to_owned(), records: 3 };
        let text = why(&missing, "the policy", "ws-1");
        assert_eq!(text, "recorded 3 times, always without CommandLine; needs the policy");
        assert!(why(&Missing::NoHost, "Audit Logon", "srv").starts_with("nothing of srv"));
    }
}
