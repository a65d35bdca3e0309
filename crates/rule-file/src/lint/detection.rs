//! Custom detections of Defender.
//!
//! Source: <https://learn.microsoft.com/defender-xdr/custom-detection-rules>

use kql_syntax::{
    Diagnostic,
    lexer::{Keyword, TokenKind, lex},
};

use super::{Rule, check_one_of, text_of};
use crate::{code, period::Period, rule::Query, yaml::Node};

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

const MINUTE: i64 = 60 * 10_000_000;

/// How often Defender runs a detection on its own tables, in ticks.
const FREQUENCIES: [i64; 4] = [HOUR, 3 * HOUR, 12 * HOUR, 24 * HOUR];

/// How often it runs one on Sentinel's tables alone.
const CUSTOM_FREQUENCIES: std::ops::RangeInclusive<i64> = 5 * MINUTE..=14 * 24 * HOUR;

/// How the names of Defender's own tables begin.
const DEFENDER_TABLES: [&str; 12] = [
    "AADSignIn",
    "AIAgents",
    "AlertEvidence",
    "AlertInfo",
    "CloudAppEvents",
    "CloudProcessEvents",
    "Device",
    "Email",
    "ExposureGraph",
    "Identity",
    "OAuthAppInfo",
    "UrlClickEvents",
];

pub(super) fn check(rule: &Rule<'_>, found: &mut Vec<Diagnostic>) {
    if let (Some(query), Some(columns)) = (rule.query, rule.columns) {
        check_columns(query, columns, found);
    }
    let properties = rule.root.get("properties");
    let template = properties.and_then(|it| it.get("detectionAction")?.get("alertTemplate"));
    let name = properties.and_then(|it| it.get("displayName"));
    let name = name.or_else(|| template.and_then(|template| template.get("title")));
    let severity = template.and_then(|template| template.get("severity"));
    let query = properties.and_then(|it| it.at(&["queryCondition", "queryText"]));
    for (field, node) in [("name", name), ("severity", severity), ("query", query)] {
        if node.is_none_or(Node::is_null) {
            let place = rule.root.entries().first().map_or(rule.root.span, |(key, _)| key.span);
            let message = format!("a rule needs the field `{field}`");
            found.push(Diagnostic::error(code::MISSING_FIELD, place, message));
        }
    }
    if let Some(severity) = severity {
        check_one_of(severity, "severity", SEVERITIES, code::UNKNOWN_VALUE, found);
    }
    if let Some(schedule) = properties.and_then(|it| it.get("schedule")) {
        check_schedule(rule, schedule, found);
    }
}

fn check_schedule(rule: &Rule<'_>, schedule: &Node, found: &mut Vec<Diagnostic>) {
    // `period` is what Graph called it before.
    let frequency = schedule.get("frequency").or_else(|| schedule.get("period"));
    let Some(frequency) = frequency.filter(|node| !node.is_null()) else { return };
    let Some(text) = text_of(frequency, "frequency", found) else { return };
    let look_back = schedule.get("lookback").filter(|node| !node.is_null());
    if is_immediate(text) {
        if let Some(query) = rule.query {
            check_immediate(query, found);
        }
        if let Some(look_back) = look_back {
            let message = "in near real time, Defender has no use for `lookback`";
            found.push(Diagnostic::warning(code::DETECTION_LOOK_BACK, look_back.span, message));
        }
        return;
    }
    let period = Period::parse_any_case(text);
    let Some(ticks) = period.map(Period::ticks).filter(|it| CUSTOM_FREQUENCIES.contains(it)) else {
        let message = format!("Defender runs no detection every `{text}`");
        let help = "expected `PT1H`, `PT3H`, `PT12H`, `P1D`, or `PT0S` for near real time; for a \
                    query of Sentinel's tables alone, 5 minutes to 14 days";
        let error = Diagnostic::error(code::DETECTION_FREQUENCY, frequency.span, message);
        found.push(error.with_help(help));
        return;
    };
    if !FREQUENCIES.contains(&ticks)
        && let Some(table) = rule.query.and_then(|query| defender_table(&query.text))
    {
        let message = format!("Defender runs no detection on `{table}` every `{text}`");
        let help = "expected `PT1H`, `PT3H`, `PT12H` or `P1D`; other frequencies are for queries of \
                    Sentinel's tables alone";
        let error = Diagnostic::error(code::DETECTION_FREQUENCY, frequency.span, message);
        found.push(error.with_help(help));
    }
    let Some(look_back) = look_back else { return };
    let Some(text) = text_of(look_back, "lookback", found) else { return };
    let problem = match Period::parse_any_case(text) {
        None => format!("`{text}` is not a duration"),
        Some(back) if back.ticks() < ticks => {
            "`lookback` is shorter than the frequency: what happens between two runs is missed"
                .to_owned()
        }
        Some(_) => return,
    };
    found.push(Diagnostic::error(code::DETECTION_LOOK_BACK, look_back.span, problem));
}

/// Returns the first table of Defender's own that a query names.
pub(crate) fn defender_table(query: &str) -> Option<&str> {
    let words = lex(query).into_iter().filter(|token| token.kind == TokenKind::Identifier);
    let mut names = words.filter_map(|token| query.get(token.span.range()));
    names.find(|name| {
        let is_table = ["Events", "Info", "Evidence", "Beta", "Nodes", "Edges"]
            .iter()
            .any(|end| name.ends_with(end));
        is_table && DEFENDER_TABLES.iter().any(|start| name.starts_with(start))
    })
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
    matches!(frequency.to_ascii_uppercase().as_str(), "0" | "0H" | "PT0S" | "PT0M" | "PT0H" | "NRT")
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
