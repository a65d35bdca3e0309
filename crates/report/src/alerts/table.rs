//! `table`: for a person. On a terminal: what there is, the paths and what to look at first, the alerts
//! in groups, and the gist of it once more, where one looks when all of it has gone by. Elsewhere the
//! alerts are a table as wide as they need.

mod groups;

use std::{cmp::Reverse, collections::BTreeMap, io};

use anstyle::{AnsiColor, Effects, Style};
use detection::alert::Severity;
use kql_types::datetime;

use crate::{
    TableOptions, WriteError,
    alert::summary,
    findings::Findings,
    grid::{Grid, GridCell, GridColumn},
    overview,
    text::visible::Visible,
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

/// The overview's width where lines have no limit.
const OVERVIEW_WIDTH: usize = 100;
/// Longest rule name in the sum at the end.
const MAX_RULE_WIDTH: usize = 100;
/// Narrower terminals are treated as if they had this many columns.
const MIN_WIDTH: usize = 40;
/// Groups of so many lines have driven the overview off a small screen.
const MANY_LINES: usize = 12;

/// Writes the overview, the alerts and their sum.
pub(super) fn write(
    findings: &Findings,
    options: TableOptions,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    let width = options.width.map(|width| width.max(MIN_WIDTH));
    if !findings.alerts.is_empty() {
        write_overview(
            &overview::lines(findings, width.unwrap_or(OVERVIEW_WIDTH)),
            options.is_coloured,
            out,
        )?;
        writeln!(out)?;
    }
    let Some(width) = width else {
        write_table(findings, options, out)?;
        return write_sum(findings, MAX_RULE_WIDTH, out);
    };
    let groups = groups::lines(findings, width, options.is_coloured);
    for line in &groups {
        writeln!(out, "{line}")?;
    }
    let count = findings.alerts.len();
    writeln!(out, "({count} alert{})", if count == 1 { "" } else { "s" })?;
    write_sum(findings, width.saturating_sub(23), out)?;
    if groups.len() > MANY_LINES {
        writeln!(out)?;
        write_overview(&overview::gist(findings, width), options.is_coloured, out)?;
    }
    Ok(())
}

fn write_overview(
    lines: &[String],
    is_coloured: bool,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    for line in lines {
        let is_heading = overview::HEADINGS.contains(&line.as_str());
        let bold = if is_coloured && is_heading { Style::new().bold() } else { Style::new() };
        writeln!(out, "{bold}{line}{bold:#}")?;
    }
    Ok(())
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
        let time = alert.time.map(|ticks| datetime::format(ticks).to_string());
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

fn cut(text: &str, width: usize) -> String {
    Visible::new(text, width.saturating_add(1)).cut(width)
}

/// Writes how many alerts each rule raised, by severity; a rule may raise several.
fn write_sum(
    findings: &Findings,
    rule_width: usize,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
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

/// Returns how a severity looks.
pub(super) fn style(severity: Severity) -> Style {
    match severity {
        Severity::High => AnsiColor::Red.on_default() | Effects::BOLD,
        Severity::Medium => AnsiColor::Yellow.on_default(),
        Severity::Low => AnsiColor::Cyan.on_default(),
        Severity::Informational => Style::new() | Effects::DIMMED,
    }
}
