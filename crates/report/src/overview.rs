//! What to know before the first alert: how many, which way, what to look at first.

use std::collections::BTreeSet;

use detection::alert::Severity;
use lateral::{Hop, origins, paths, places};

use crate::{
    alerts::summary,
    findings::Findings,
    paths::{account, label, to_second},
    visible::Visible,
};

/// Paths told on a terminal.
const MAX_PATHS: usize = 5;
/// Steps of one path told on a terminal.
const MAX_STEPS: usize = 12;
/// Things to look at first.
const MAX_LOOKS: usize = 5;

/// Something worth looking at before anything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) severity: Severity,
    pub(crate) what: String,
    /// Where its first record is, and how many more there are.
    pub(crate) place: String,
}

/// Returns the hops that weigh most: severe, certain, with something started; then alerts that are
/// part of none.
pub(crate) fn first_looks(findings: &Findings) -> Vec<Look> {
    let mut hops: Vec<&Hop> = findings.movement.hops.iter().collect();
    hops.sort_by_key(|hop| {
        std::cmp::Reverse((hop.severity, hop.method.executes(), hop.confidence, hop.method))
    });
    let mut looks: Vec<Look> =
        hops.into_iter().take(MAX_LOOKS).map(|hop| of_hop(findings, hop)).collect();
    let mut rest: Vec<&detection::alert::Alert> =
        findings.movement.unplaced.iter().filter_map(|alert| findings.alerts.get(*alert)).collect();
    rest.sort_by_key(|alert| std::cmp::Reverse(alert.severity));
    let mut told: BTreeSet<(&str, String)> = BTreeSet::new();
    for alert in rest {
        let host = summary::host(alert).into_owned();
        if looks.len() >= MAX_LOOKS || !told.insert((&alert.rule.id, host.clone())) {
            continue;
        }
        let on = if host.is_empty() { String::new() } else { format!(" on {host}") };
        looks.push(Look {
            severity: alert.severity,
            what: format!("{}{on}", alert.rule.name),
            place: summary::evidence(alert),
        });
    }
    looks
}

fn of_hop(findings: &Findings, hop: &Hop) -> Look {
    let strongest = hop
        .alerts
        .iter()
        .filter_map(|alert| findings.alerts.get(*alert))
        .max_by_key(|alert| alert.severity);
    let as_whom = hop.account.as_ref().map(|account| format!(" as {account}")).unwrap_or_default();
    Look {
        severity: hop.severity,
        what: format!(
            "{} from {} to {}{as_whom}",
            hop.method,
            label(&hop.source),
            label(&hop.target)
        ),
        place: strongest.map(summary::evidence).unwrap_or_default(),
    }
}

/// Returns the overview in lines of at most `width` columns.
pub(crate) fn lines(findings: &Findings, width: usize) -> Vec<String> {
    let mut lines = vec![counts(findings)];
    let movement = &findings.movement;
    if let Some(origin) = origins(movement).first().filter(|origin| origin.place.is_known()) {
        let hosts = if origin.spread == 1 { "host" } else { "hosts" };
        let place = label(&origin.place);
        lines.push(format!(
            "may have begun at {place}, {} {hosts} reached from there",
            origin.spread
        ));
    }
    let told = paths(movement, MAX_PATHS);
    if !told.is_empty() {
        lines.extend([String::new(), "Paths".to_owned()]);
    }
    for (number, path) in (1usize..).zip(&told) {
        let names: Vec<String> =
            places(path, &movement.hops).into_iter().map(lateral::Place::short).collect();
        lines.extend(wrapped(&format!("{number:>3}  "), &names, width));
        for hop in path.hops.iter().take(MAX_STEPS).filter_map(|hop| movement.hops.get(*hop)) {
            let ends = format!("{} → {}", hop.source.short(), hop.target.short());
            lines.push(format!(
                "       {}  {ends}  {}, {}",
                to_second(hop.first),
                hop.method,
                account(hop)
            ));
        }
        let left = path.hops.len().saturating_sub(MAX_STEPS);
        if left > 0 {
            lines.push(format!("       … {left} more hops"));
        }
    }
    let looks = first_looks(findings);
    if !looks.is_empty() {
        lines.extend([String::new(), "Look at first".to_owned()]);
    }
    for (number, look) in (1usize..).zip(&looks) {
        lines.push(format!("{number:>3}  {:<6}  {}", look.severity.name(), look.what));
        lines.push(format!("             {}", look.place));
    }
    lines.into_iter().map(|line| Visible::new(&line, width.saturating_mul(4)).cut(width)).collect()
}

/// Writes `3 high, 7 medium; 5 hops between 4 hosts; 2 accounts`.
fn counts(findings: &Findings) -> String {
    let severities: Vec<String> = findings
        .severities()
        .iter()
        .map(|(severity, count)| format!("{count} {}", severity.name().to_lowercase()))
        .collect();
    let hops = &findings.movement.hops;
    if hops.is_empty() {
        return severities.join(", ");
    }
    let accounts: BTreeSet<String> =
        hops.iter().filter_map(|hop| hop.account.as_ref()).map(ToString::to_string).collect();
    let plural =
        |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    format!(
        "{}; {} between {}, {}",
        severities.join(", "),
        plural(hops.len(), "hop"),
        plural(lateral::places_of(hops).len(), "host"),
        plural(accounts.len(), "account")
    )
}

/// Joins names with arrows, and breaks the line before an arrow where it gets too long.
fn wrapped(head: &str, names: &[String], width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = head.to_owned();
    for (number, name) in names.iter().enumerate() {
        let piece = if number == 0 { name.clone() } else { format!(" → {name}") };
        let fits = line.chars().count().saturating_add(piece.chars().count()) <= width;
        if number > 0 && !fits {
            lines.push(std::mem::replace(&mut line, "    ".to_owned()));
        }
        line.push_str(&piece);
    }
    lines.push(line);
    lines
}
