//! When a rule runs, how far it looks back, and when it raises alerts.

use kql_syntax::{Diagnostic, Severity, Span};

use super::{Rule, check_one_of, text_of};
use crate::{code, period::Period, rule::Kind, yaml::Node};

const MINUTE: i64 = 60 * 10_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// As templates write them, and as the API does.
const OPERATORS: &[&str] =
    &["gt", "lt", "eq", "ne", "GreaterThan", "LessThan", "Equal", "NotEqual"];

const AGGREGATIONS: &[&str] = &["SingleAlert", "AlertPerResult"];

pub(super) fn check(rule: &Rule<'_>, found: &mut Vec<Diagnostic>) {
    let get = |field: &str| rule.root.get(field).filter(|node| !node.is_null());
    if let Some(grouping) = get("eventGroupingSettings").and_then(|it| it.get("aggregationKind")) {
        check_one_of(grouping, "aggregationKind", AGGREGATIONS, code::UNKNOWN_VALUE, found);
    }
    if let Some(duration) = get("suppressionDuration") {
        check_suppression(duration, found);
    } else if let Some(enabled) = get("suppressionEnabled")
        && enabled.text() == Some("true")
    {
        let message = "a rule that is suppressed needs the field `suppressionDuration`";
        found.push(Diagnostic::error(code::MISSING_FIELD, enabled.span, message));
    }
    if rule.kind == Kind::NearRealTime {
        check_unused(rule, found);
        return;
    }
    let frequency = get("queryFrequency");
    let look_back = get("queryPeriod");
    let every = frequency.and_then(|node| in_range(node, "queryFrequency", found));
    let back = look_back.and_then(|node| in_range(node, "queryPeriod", found));
    if let (Some(frequency), Some(look_back), Some(every), Some(back)) =
        (frequency, look_back, every, back)
    {
        compare(frequency, look_back, every, back, found);
    }
    if let Some(operator) = get("triggerOperator") {
        check_one_of(operator, "triggerOperator", OPERATORS, code::UNKNOWN_VALUE, found);
    }
    if let Some(threshold) = get("triggerThreshold") {
        check_threshold(threshold, found);
    }
    if let (Some(operator), Some(threshold)) = (get("triggerOperator"), get("triggerThreshold"))
        && is_met_by_nothing(operator, threshold)
    {
        let diagnostic = fires_on_nothing(operator.span);
        found.push(Diagnostic { severity: Severity::Warning, ..diagnostic });
    }
}

/// Tells whether a run that finds no row raises an alert.
fn is_met_by_nothing(operator: &Node, threshold: &Node) -> bool {
    let threshold = threshold.text().and_then(|text| text.parse::<u64>().ok());
    match (operator.text(), threshold) {
        (Some("lt" | "LessThan" | "ne" | "NotEqual"), Some(threshold)) => threshold > 0,
        (Some("eq" | "Equal"), Some(threshold)) => threshold == 0,
        _ => false,
    }
}

/// Says that a trigger is met where there is nothing to alert on.
pub(crate) fn fires_on_nothing(operator: Span) -> Diagnostic {
    let message = "the trigger is met by a run that finds no rows";
    let help = "it does not run here: an alert would rest on no record";
    Diagnostic::error(code::FIRES_ON_NOTHING, operator, message).with_help(help)
}

/// Says that a rule misses what happened between its runs.
pub(crate) fn period_too_short(look_back: Span) -> Diagnostic {
    let message = "`queryPeriod` is shorter than `queryFrequency`";
    let help = "a run has to look back to the one before it, at least";
    Diagnostic::error(code::PERIOD_TOO_SHORT, look_back, message).with_help(help)
}

/// Says that a rule runs in Defender.
pub(crate) fn not_of_sentinel(place: Span) -> Diagnostic {
    let message = "a custom detection, which Defender runs and not Sentinel";
    let help = "only analytics rules are simulated; `quarry hunt` runs custom detections";
    Diagnostic::error(code::NOT_OF_SENTINEL, place, message).with_help(help)
}

fn check_unused(rule: &Rule<'_>, found: &mut Vec<Diagnostic>) {
    for field in ["queryFrequency", "queryPeriod", "triggerOperator", "triggerThreshold"] {
        if let Some((key, _)) = rule.root.entry(field) {
            let message = format!("a rule of kind `NRT` has no use for `{field}`");
            found.push(Diagnostic::warning(code::UNUSED_SCHEDULE, key.span, message));
        }
    }
}

fn period(node: &Node, field: &str, found: &mut Vec<Diagnostic>) -> Option<Period> {
    let text = text_of(node, field, found)?;
    let period = Period::parse(text);
    if period.is_none() {
        let message = format!("`{text}` is not a duration");
        let help = "expected `5m`, `1h`, `14d`, or `PT1H`";
        found.push(Diagnostic::error(code::INVALID_PERIOD, node.span, message).with_help(help));
    }
    period
}

fn check_suppression(duration: &Node, found: &mut Vec<Diagnostic>) {
    let Some(period) = period(duration, "suppressionDuration", found) else { return };
    if period.ticks() > DAY {
        let message = "`suppressionDuration` is 24 hours at most";
        found.push(Diagnostic::error(code::PERIOD_RANGE, duration.span, message));
    }
}

fn in_range(node: &Node, field: &str, found: &mut Vec<Diagnostic>) -> Option<i64> {
    let ticks = period(node, field, found)?.ticks();
    if !(5 * MINUTE..=14 * DAY).contains(&ticks) {
        let message = format!("`{field}` has to be from 5 minutes to 14 days");
        found.push(Diagnostic::error(code::PERIOD_RANGE, node.span, message));
    }
    Some(ticks)
}

/// Source for the hour: the limit of Azure-Sentinel's validation for periods of two days or more.
fn compare(frequency: &Node, look_back: &Node, every: i64, back: i64, found: &mut Vec<Diagnostic>) {
    if back < every {
        let error = period_too_short(look_back.span);
        found.push(error.with_label(frequency.span, "how often it runs"));
    } else if back >= 2 * DAY && every < HOUR {
        let message = "a rule that looks back two days or more runs once an hour at most";
        let error = Diagnostic::error(code::TOO_FREQUENT, frequency.span, message);
        found.push(error.with_label(look_back.span, "how far it looks back"));
    }
}

fn check_threshold(node: &Node, found: &mut Vec<Diagnostic>) {
    let Some(text) = text_of(node, "triggerThreshold", found) else { return };
    let is_threshold = text.parse::<u32>().is_ok_and(|threshold| threshold <= 10_000);
    if !is_threshold {
        let message = format!("`triggerThreshold` has to be from 0 to 10000, found `{text}`");
        found.push(Diagnostic::error(code::INVALID_THRESHOLD, node.span, message));
    }
}
