//! What to know before the first alert: how many, which way, what to look at first.

use std::collections::BTreeSet;

use detection::alert::Severity;
use lateral::{Hop, Path, origins, paths, places};

use crate::{
    alert::summary,
    findings::Findings,
    paths::{account, label, source, to_second},
    text::visible::Visible,
};

/// Paths told on a terminal.
const MAX_PATHS: usize = 5;
/// Steps of one path told on a terminal.
const MAX_STEPS: usize = 12;
/// Paths told once more at the end.
const MAX_GIST_PATHS: usize = 3;
/// Things to look at first.
const MAX_LOOKS: usize = 5;

/// The lines that are headings, and by which all others are found.
pub(crate) const HEADINGS: [&str; 3] = [PATHS, LOOKS, GIST];
const PATHS: &str = "Paths";
const LOOKS: &str = "Look at first";
const GIST: &str = "In short";

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
    let mut hops: Vec<&Hop> = findings.movement.hops.iter().filter(|hop| !hop.is_context).collect();
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
        what: format!("{} from {} to {}{as_whom}", hop.method, source(hop), hop.target.short()),
        place: strongest.map(summary::evidence).unwrap_or_default(),
    }
}

/// Returns the overview in lines of at most `width` columns.
pub(crate) fn lines(findings: &Findings, width: usize) -> Vec<String> {
    let mut lines = beginning(findings, width);
    let movement = &findings.movement;
    let told = paths(movement, MAX_PATHS);
    if !told.is_empty() {
        lines.extend([String::new(), PATHS.to_owned()]);
    }
    for (number, path) in (1usize..).zip(&told) {
        lines.extend(way(number, path, findings, width));
        for hop in path.hops.iter().take(MAX_STEPS).filter_map(|hop| movement.hops.get(*hop)) {
            lines.extend(step(hop, width));
        }
        let left = path.hops.len().saturating_sub(MAX_STEPS);
        if left > 0 {
            lines.push(format!("     … {left} more hops"));
        }
    }
    let looks = first_looks(findings);
    if !looks.is_empty() {
        lines.extend([String::new(), LOOKS.to_owned()]);
    }
    for (number, look) in (1usize..).zip(&looks) {
        lines.push(format!("{number:>3}  {:<6}  {}", look.severity.name(), look.what));
        lines.push(format!("             {}", look.place));
    }
    fit(&lines, width)
}

/// Returns what one has to remember of the overview, in few lines.
pub(crate) fn gist(findings: &Findings, width: usize) -> Vec<String> {
    let mut lines = vec![GIST.to_owned()];
    lines.extend(beginning(findings, width));
    for (number, path) in (1usize..).zip(&paths(&findings.movement, MAX_GIST_PATHS)) {
        lines.extend(way(number, path, findings, width));
    }
    if let Some(look) = first_looks(findings).first() {
        lines.push(format!("first look at: {}", look.what));
        lines.push(format!("               {}", look.place));
    }
    fit(&lines, width)
}

/// Returns how much there is, and where it may have begun.
fn beginning(findings: &Findings, width: usize) -> Vec<String> {
    let mut lines = counts(findings, width);
    let origins = origins(&findings.movement);
    if let Some(origin) = origins.first().filter(|origin| origin.place.is_known()) {
        let hosts = if origin.spread == 1 { "host" } else { "hosts" };
        let place = label(&origin.place);
        lines.push(format!(
            "may have begun at {place}, {} {hosts} reached from there",
            origin.spread
        ));
    }
    lines
}

/// Returns the places of a path with arrows between them.
fn way(number: usize, path: &Path, findings: &Findings, width: usize) -> Vec<String> {
    let names: Vec<String> =
        places(path, &findings.movement.hops).into_iter().map(lateral::Place::short).collect();
    wrapped(&format!("{number:>3}  "), &names, width)
}

/// Returns when, from where to where, and how; the last on a line of its own if all is too long.
fn step(hop: &Hop, width: usize) -> Vec<String> {
    let ends = format!("{}  {} → {}", to_second(hop.first), source(hop), hop.target.short());
    let how = format!("{}, {}", hop.how(), account(hop));
    let line = format!("     {ends}  {how}");
    if line.chars().count() <= width {
        return vec![line];
    }
    vec![format!("     {ends}"), format!("                            {how}")]
}

fn fit(lines: &[String], width: usize) -> Vec<String> {
    lines.iter().map(|line| Visible::new(line, width.saturating_mul(4)).cut(width)).collect()
}

/// Writes `3 high, 7 medium; 5 hops between 4 hosts, 2 accounts`, on two lines if one is too short.
fn counts(findings: &Findings, width: usize) -> Vec<String> {
    let severities: Vec<String> = findings
        .severities()
        .iter()
        .map(|(severity, count)| format!("{count} {}", severity.name().to_lowercase()))
        .collect();
    let severities = severities.join(", ");
    let hops = &findings.movement.hops;
    if hops.is_empty() {
        return vec![severities];
    }
    let accounts: BTreeSet<String> =
        hops.iter().filter_map(|hop| hop.account.as_ref()).map(ToString::to_string).collect();
    let plural =
        |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    let moves = format!(
        "{} between {}, {}",
        plural(hops.len(), "hop"),
        plural(lateral::places_of(hops).len(), "host"),
        plural(accounts.len(), "account")
    );
    let line = format!("{severities}; {moves}");
    if line.chars().count() <= width { vec![line] } else { vec![severities, moves] }
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
