//! `table`: for a person at a terminal: what there is, the paths, what to look at first, and then the
//! alerts.

use std::{cmp::Reverse, collections::BTreeMap, io};

use anstyle::{AnsiColor, Effects, Style};
use detection::alert::{Alert, Severity};
use kql_types::datetime;

use super::summary;
use crate::{
    TableOptions, WriteError,
    findings::Findings,
    grid::{Grid, GridCell, GridColumn},
    overview,
    paths::to_second,
    visible::Visible,
};

/// Columns of the table and whether their cells may be cut.
const COLUMNS: [(&str, bool); 7] = [
    ("time", false),
    ("severity", false),
    ("rule", true),
    ("host", true),
    ("account", true),
    ("activity", true),
    ("evidence", true),
];

/// A narrower terminal has no room for the columns side by side.
const MIN_TABLE_WIDTH: usize = 130;
/// The overview's width where lines have no limit.
const OVERVIEW_WIDTH: usize = 100;
/// Longest rule name in the sum at the end.
const MAX_RULE_WIDTH: usize = 100;
/// Narrower terminals are treated as if they had this many columns.
const MIN_WIDTH: usize = 40;

/// Writes the overview, the alerts and their sum.
pub(super) fn write(
    findings: &Findings,
    options: TableOptions,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    let width = options.width.map(|width| width.max(MIN_WIDTH));
    if !findings.alerts.is_empty() {
        for line in overview::lines(findings, width.unwrap_or(OVERVIEW_WIDTH)) {
            // Headings are the lines of one or a few words that begin at the left.
            let is_heading = matches!(line.as_str(), "Paths" | "Look at first");
            let bold =
                if options.is_coloured && is_heading { Style::new().bold() } else { Style::new() };
            writeln!(out, "{bold}{line}{bold:#}")?;
        }
        writeln!(out)?;
    }
    match width.filter(|width| *width < MIN_TABLE_WIDTH) {
        Some(width) => write_entries(findings, width, options.is_coloured, out)?,
        None => write_table(findings, options, out)?,
    }
    write_sum(findings, width, out)
}

fn write_table(
    findings: &Findings,
    options: TableOptions,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    let columns = COLUMNS.map(|(name, is_cuttable)| GridColumn {
        name: name.to_owned(),
        is_right_aligned: false,
        is_cuttable,
    });
    let mut grid = Grid::new(columns.into(), options, out);
    for alert in &findings.alerts {
        let time = alert.time.map(|ticks| datetime::format_json(ticks).to_string());
        let cells = [
            GridCell::plain(time.unwrap_or_default()),
            GridCell { text: alert.severity.name().into(), style: style(alert.severity) },
            GridCell::plain(alert.rule.name.as_str()),
            GridCell::plain(summary::host(alert)),
            GridCell::plain(summary::account(alert)),
            GridCell::plain(summary::activity(alert)),
            GridCell::plain(summary::evidence(alert)),
        ];
        grid.row(cells.into_iter())?;
    }
    grid.finish("alert")?;
    Ok(())
}

/// Writes two or three lines per alert: when, how bad and which rule; who and where; what.
fn write_entries(
    findings: &Findings,
    width: usize,
    is_coloured: bool,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    for alert in &findings.alerts {
        let style = if is_coloured { style(alert.severity) } else { Style::new() };
        let time = alert.time.map_or_else(|| "no time".to_owned(), to_second);
        let severity = alert.severity.name();
        let used = time.len().saturating_add(severity.len()).saturating_add(4);
        let rule = cut(&alert.rule.name, width.saturating_sub(used));
        writeln!(out, "{time}  {style}{severity}{style:#}  {rule}")?;
        for line in details(alert) {
            writeln!(out, "    {}", cut(&line, width.saturating_sub(4)))?;
        }
    }
    let count = findings.alerts.len();
    Ok(writeln!(out, "({count} alert{})", if count == 1 { "" } else { "s" })?)
}

fn details(alert: &Alert) -> impl Iterator<Item = String> {
    let who = [summary::host(alert), summary::account(alert), summary::evidence(alert).into()];
    let who: Vec<&str> = who.iter().map(AsRef::as_ref).filter(|part| !part.is_empty()).collect();
    let lines = [who.join("  "), summary::activity(alert).into_owned()];
    lines.into_iter().filter(|line| !line.is_empty())
}

fn cut(text: &str, width: usize) -> String {
    Visible::new(text, width.saturating_add(1)).cut(width)
}

/// Writes how many alerts each rule raised, by severity; a rule may raise several.
fn write_sum(
    findings: &Findings,
    width: Option<usize>,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    let rule_width = width.map_or(MAX_RULE_WIDTH, |width| width.saturating_sub(23));
    let mut rules: BTreeMap<(Reverse<Severity>, &str), usize> = BTreeMap::new();
    for alert in &findings.alerts {
        let count = rules.entry((Reverse(alert.severity), &alert.rule.name)).or_default();
        *count = count.saturating_add(1);
    }
    if !rules.is_empty() {
        writeln!(out)?;
    }
    for ((severity, rule), count) in &rules {
        let rule = cut(rule, rule_width);
        writeln!(out, "{count:>6}  {:<13}  {rule}", severity.0.name())?;
    }
    Ok(())
}

fn style(severity: Severity) -> Style {
    match severity {
        Severity::High => AnsiColor::Red.on_default() | Effects::BOLD,
        Severity::Medium => AnsiColor::Yellow.on_default(),
        Severity::Low => AnsiColor::Cyan.on_default(),
        Severity::Informational => Style::new() | Effects::DIMMED,
    }
}
