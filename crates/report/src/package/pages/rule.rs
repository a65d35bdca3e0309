//! The page of a rule.

use std::fmt::Write as _;

use detection::{
    Package, PackagedRule, Period, Seen,
    testing::{Case, ExpectedSeverity},
};

use super::{cell, file_of, technique, telemetry_file};
use crate::alerts::attack;

/// Returns the page; `guides` are the package's own pages beside it.
pub(super) fn page(package: &Package, rule: &PackagedRule, guides: &[String]) -> String {
    // Sentinel's own rules have their descriptions in quotes within the YAML.
    let description = rule.rule.description.trim().trim_matches('\'').trim();
    let mut text = format!("# {}\n\n{description}\n\n", rule.rule.name);
    facts(rule, &mut text);
    behaviours(package, rule, &mut text);
    let notes = &rule.notes;
    section("What it does not see", &notes.blind_spots, &mut text);
    section("What else looks like it", &notes.false_positives, &mut text);
    section("Tuning", &notes.tuning, &mut text);
    response(guides, &mut text);
    tests(package, &file_of(rule), &mut text);
    let _infallible = writeln!(text, "## Query\n\n```kusto\n{}\n```\n", rule.rule.query.trim_end());
    history(rule, &mut text);
    text
}

fn facts(rule: &PackagedRule, text: &mut String) {
    let known = &rule.rule;
    let mut row = |name: &str, value: &str| {
        let _infallible = writeln!(text, "| {name} | {} |", cell(value));
    };
    row("", "");
    row("---", "---");
    row("file", &format!("`rules/{}.yaml`, version {}", file_of(rule), known.version));
    row("id", &format!("`{}`", known.id));
    let decides = match &known.alert_details_override.alert_severity_column_name {
        Some(column) => format!("; a row decides its own, in `{column}`"),
        None => String::new(),
    };
    row("severity", &format!("{}{decides}", known.severity.name()));
    let tactics: Vec<&str> = known.tactics.iter().map(|it| attack::tactic_name(it)).collect();
    row("tactics", &tactics.join(", "));
    let techniques: Vec<String> =
        known.relevant_techniques.iter().map(|id| technique(id)).collect();
    row("techniques", &techniques.join(", "));
    row("runs", &schedule(known.query_frequency, known.query_period));
    text.push('\n');
}

fn schedule(frequency: Option<Period>, period: Option<Period>) -> String {
    match (frequency, period) {
        (Some(frequency), Some(period)) => {
            format!("every {}, over {}", frequency.short(), period.short())
        }
        (Some(frequency), None) => format!("every {}", frequency.short()),
        _ => "every minute".to_owned(),
    }
}

fn behaviours(package: &Package, rule: &PackagedRule, text: &mut String) {
    if rule.notes.behaviours.is_empty() {
        return;
    }
    text.push_str("## What it sees\n\n");
    for seen in &rule.notes.behaviours {
        let name = package.behaviours.get(&seen.id).map_or("", |behaviour| &behaviour.name);
        let how = match seen.seen {
            Seen::Full => "in all its forms",
            Seen::Partial => "in part",
            Seen::None => "not",
        };
        let why =
            if seen.why.is_empty() { String::new() } else { format!(": {}", seen.why.trim()) };
        let _infallible = writeln!(text, "- **{}** {name}. {}{why}.", seen.id, capital(how));
    }
    text.push('\n');
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn section(title: &str, body: &str, text: &mut String) {
    if !body.trim().is_empty() {
        let _infallible = writeln!(text, "## {title}\n\n{}\n", body.trim());
    }
}

fn response(guides: &[String], text: &mut String) {
    text.push_str(
        "## What to do\n\n`quarry investigate` asks the package's questions about an alert of this rule.",
    );
    if guides.iter().any(|guide| guide == "response.md") {
        text.push_str(" What an alert that they do not explain calls for is in [`response.md`](../response.md).");
    }
    text.push_str("\n\n");
}

/// Writes the cases that say what the rule has to do.
fn tests(package: &Package, rule: &str, text: &mut String) {
    let mut rows = Vec::new();
    for suite in &package.suites {
        for (number, case) in (1..).zip(&suite.cases) {
            if let Some(expected) = expected(case, rule) {
                let file = telemetry_file(&suite.name, number);
                let name = file.rsplit('/').next().unwrap_or(&file).to_owned();
                rows.push((name, file, cell(&case.name), expected));
            }
        }
    }
    let fires = |row: &&(String, String, String, String)| row.3.starts_with("fires");
    let Some((_, first, ..)) = rows.iter().find(fires).or(rows.first()) else { return };
    let _infallible = writeln!(
        text,
        "## How it was tested\n\nEach line is a case of the package's tests with its telemetry. To run one, in the folder above this \
         page's:\n\n```\nquarry hunt --no-tuning {first}\n```\n\n| telemetry | what happens | the rule |\n|---|---|---|"
    );
    for (name, file, case, expected) in &rows {
        let _infallible = writeln!(text, "| [`{name}`](../{file}) | {case} | {expected} |");
    }
    text.push('\n');
}

/// Returns what a case expects of a rule, `None` if it says nothing of it.
fn expected(case: &Case, rule: &str) -> Option<String> {
    if let Some(severity) = case.fires.get(rule) {
        return Some(match severity {
            ExpectedSeverity::Any => "fires".to_owned(),
            known => format!("fires, {known:?}"),
        });
    }
    if let Some(exception) = case.set_aside.get(rule) {
        return Some(format!("is set aside by `{exception}`"));
    }
    if case.quiet.iter().any(|it| it == rule) {
        return Some("is quiet".to_owned());
    }
    case.over_time.contains_key(rule).then(|| "does over time what the case says".to_owned())
}

fn history(rule: &PackagedRule, text: &mut String) {
    if rule.notes.history.is_empty() {
        return;
    }
    text.push_str("## History\n\n| version | date | change |\n|---|---|---|\n");
    for change in rule.notes.history.iter().rev() {
        let _infallible =
            writeln!(text, "| {} | {} | {} |", change.version, change.date, cell(&change.change));
    }
}
