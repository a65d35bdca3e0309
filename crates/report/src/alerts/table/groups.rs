//! Alerts for a person at a terminal: under the hop that they are part of, or else under their host,
//! and those of one rule and severity as one.
//!
//! In: findings and a width. Out: lines, of which none is wider. What a group leaves out, the formats
//! for machines and the page have.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use anstyle::Style;
use detection::alert::{Alert, Severity};
use kql_types::Ticks;

use super::style;
use crate::{
    alert::summary,
    findings::Findings,
    paths::{account, source, to_second},
    text::visible::Visible,
};

/// What stands before an alert's rule: two blanks, the time of day and the severity.
const RULE_AT: usize = 21;
/// What stands before the lines below it.
const DETAILS_AT: usize = 13;

/// Alerts of one heading.
struct Group<'a> {
    heading: String,
    first: Option<Ticks>,
    /// Whether the heading says in whose name.
    names_account: bool,
    alerts: Vec<&'a Alert>,
}

/// Returns all alerts in groups, in order of time: hops first, then hosts.
pub(super) fn lines(findings: &Findings, width: usize, is_coloured: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for group in groups(findings) {
        let bold = if is_coloured { Style::new().bold() } else { Style::new() };
        lines.push(format!("{bold}{}{bold:#}", cut(&group.heading, width)));
        for entry in entries(&group.alerts) {
            entry.write(&group, width, is_coloured, &mut lines);
        }
        lines.push(String::new());
    }
    lines
}

fn groups(findings: &Findings) -> Vec<Group<'_>> {
    let alert = |position: &usize| findings.alerts.get(*position);
    let hops = &findings.movement.hops;
    let mut groups: Vec<Group<'_>> = hops
        .iter()
        .map(|hop| Group {
            heading: format!(
                "{}  {} → {}  {}, {}",
                to_second(hop.first),
                source(hop),
                hop.target.short(),
                hop.how(),
                account(hop)
            ),
            first: Some(hop.first),
            names_account: true,
            alerts: hop.alerts.iter().filter_map(alert).collect(),
        })
        .collect();
    let placed: BTreeSet<usize> = hops.iter().flat_map(|hop| hop.alerts.iter().copied()).collect();
    let mut of_host: BTreeMap<String, Vec<&Alert>> = BTreeMap::new();
    for (position, alert) in findings.alerts.iter().enumerate() {
        if !placed.contains(&position) {
            of_host.entry(summary::host(alert).to_lowercase()).or_default().push(alert);
        }
    }
    let mut rest: Vec<Group<'_>> = of_host.into_iter().map(of_host_alone).collect();
    rest.sort_by_key(|group| group.first);
    groups.extend(rest);
    groups
}

fn of_host_alone((host, alerts): (String, Vec<&Alert>)) -> Group<'_> {
    let first = alerts.iter().filter_map(|alert| alert.time).min();
    let time = first.map_or_else(|| "no time".to_owned(), to_second);
    let host = if host.is_empty() { "no host" } else { &host };
    Group {
        heading: format!("{time}  {host}  part of no hop"),
        first,
        names_account: false,
        alerts,
    }
}

/// Alerts of one rule and severity.
struct Entry<'a> {
    first: &'a Alert,
    count: usize,
}

/// Puts alerts of one rule and severity together, the most severe first and then in order of time.
fn entries<'a>(alerts: &[&'a Alert]) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> = Vec::new();
    let mut known: BTreeMap<(Severity, &str), usize> = BTreeMap::new();
    for alert in alerts {
        let next = entries.len();
        let at = *known.entry((alert.severity, &alert.rule.id)).or_insert(next);
        match entries.get_mut(at) {
            Some(entry) => entry.count = entry.count.saturating_add(1),
            None => entries.push(Entry { first: alert, count: 1 }),
        }
    }
    entries.sort_by_key(|entry| (Reverse(entry.first.severity), entry.first.time));
    entries
}

impl Entry<'_> {
    /// Writes when, how bad and which rule; then what, and where its first record is.
    fn write(&self, group: &Group<'_>, width: usize, is_coloured: bool, lines: &mut Vec<String>) {
        let Self { first: alert, count } = self;
        let style = if is_coloured { style(alert.severity) } else { Style::new() };
        let time = alert.time.map(to_second).unwrap_or_default();
        let time_of_day = time.split(' ').nth(1).unwrap_or("no time");
        let severity = match alert.severity {
            Severity::Informational => "Info",
            other => other.name(),
        };
        let times = if *count > 1 { format!("  ×{count}") } else { String::new() };
        let room = width.saturating_sub(RULE_AT);
        let rule = cut(&alert.rule.name, room.saturating_sub(times.chars().count()));
        lines.push(format!("  {time_of_day:<9}  {style}{severity:<6}{style:#}  {rule}{times}"));
        let account = summary::account(alert);
        let activity = summary::activity(alert);
        let what = match account.as_ref() {
            "" => activity.into_owned(),
            _ if group.names_account => activity.into_owned(),
            account if activity.is_empty() => account.to_owned(),
            account => format!("{account}: {activity}"),
        };
        let room = width.saturating_sub(DETAILS_AT);
        let pad = " ".repeat(DETAILS_AT);
        for line in joined(&what, &summary::evidence(alert), room) {
            lines.push(format!("{pad}{line}"));
        }
    }
}

/// Puts two texts on one line if both fit, or else on one each.
fn joined(what: &str, place: &str, room: usize) -> Vec<String> {
    let both = Visible::new(&format!("{what}  {place}"), room.saturating_add(1));
    let parts = match (what, place) {
        ("", place) => vec![place],
        (what, "") => vec![what],
        _ if both.dropped == 0 && both.width <= room => return vec![both.text],
        (what, place) => vec![what, place],
    };
    parts.into_iter().filter(|part| !part.is_empty()).map(|part| cut(part, room)).collect()
}

fn cut(text: &str, width: usize) -> String {
    Visible::new(text, width.saturating_add(1)).cut(width)
}
