//! Custom detections of Defender.
//!
//! Source: <https://learn.microsoft.com/defender-xdr/custom-detection-rules>

use kql_syntax::{
    Diagnostic,
    lexer::{Keyword, TokenKind, lex},
};

use super::{Rule, check_one_of, text_of};
use crate::{code, period::Period, rule::Query};

/// Columns one of which names what an alert is about.
const IMPACTED: &[&str] = &[
    "AccountObjectId",
    "AccountSid",
    "AccountUpn",
    "DeviceId",
    "DeviceName",
    "InitiatingProcessAccountObjectId",
    "InitiatingProcessAccountSid",
    "InitiatingProcessAccountUpn",
    "RecipientEmailAddress",
    "RecipientObjectId",
    "RemoteDeviceName",
    "SenderFromAddress",
    "SenderMailFromAddress",
];

const SEVERITIES: &[&str] = &["informational", "low", "medium", "high"];

const HOUR: i64 = 3_600 * 10_000_000;

/// How often Defender runs a detection, in ticks.
const FREQUENCIES: [i64; 4] = [HOUR, 3 * HOUR, 12 * HOUR, 24 * HOUR];

pub(super) fn check(rule: &Rule<'_>, found: &mut Vec<Diagnostic>) {
    if let (Some(query), Some(columns)) = (rule.query, rule.columns) {
        check_columns(query, columns, found);
    }
    let properties = rule.root.get("properties");
    let template = properties.and_then(|it| it.get("detectionAction")?.get("alertTemplate"));
    if let Some(severity) = template.and_then(|template| template.get("severity")) {
        check_one_of(severity, "severity", SEVERITIES, code::UNKNOWN_VALUE, found);
    }
    let schedule = properties.and_then(|it| it.get("schedule"));
    let Some(frequency) = schedule.and_then(|schedule| schedule.get("frequency")) else { return };
    let Some(text) = text_of(frequency, "frequency", found) else { return };
    if is_immediate(text) {
        if let Some(query) = rule.query {
            check_immediate(query, found);
        }
        return;
    }
    if !Period::parse(text).is_some_and(|period| FREQUENCIES.contains(&period.ticks())) {
        let message = format!("Defender runs no detection every `{text}`");
        let help = "expected `PT1H`, `PT3H`, `PT12H`, `P1D`, or `PT0S` for near real time";
        let error = Diagnostic::error(code::DETECTION_FREQUENCY, frequency.span, message);
        found.push(error.with_help(help));
    }
}

fn check_columns(query: &Query, columns: &[String], found: &mut Vec<Diagnostic>) {
    let has = |name: &str| columns.iter().any(|column| column == name);
    let mut missing = Vec::new();
    if !has("Timestamp") && !has("TimeGenerated") {
        missing.push("`Timestamp`");
    }
    if !has("ReportId") && !has("TimeGenerated") {
        missing.push("`ReportId`");
    }
    if !IMPACTED.iter().any(|name| has(name)) {
        missing.push("a column for the device, account or mailbox, such as `DeviceId`");
    }
    if !missing.is_empty() {
        let message = format!("a custom detection needs {}", missing.join(", and "));
        let place = kql_syntax::Span::new(query.span.start, query.span.start);
        let warning = Diagnostic::warning(code::DETECTION_COLUMNS, place, message);
        found.push(warning.with_help("after `summarize`, keep them by `arg_max(Timestamp, *)`"));
    }
}

fn is_immediate(frequency: &str) -> bool {
    matches!(frequency, "0" | "PT0S" | "PT0H" | "NRT")
}

fn check_immediate(query: &Query, found: &mut Vec<Diagnostic>) {
    for token in lex(&query.text) {
        let what = match token.kind {
            TokenKind::Keyword(Keyword::Join) => "`join`",
            TokenKind::Keyword(Keyword::Union) => "`union`",
            TokenKind::Keyword(Keyword::ExternalData) => "`externaldata`",
            TokenKind::Comment => "comments",
            _ => continue,
        };
        let message = format!("in near real time, Defender runs no query with {what}");
        let place = query.places.place(token.span);
        found.push(Diagnostic::error(code::DETECTION_QUERY, place, message));
    }
}
