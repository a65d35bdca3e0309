//! What a change of rules does: the alerts that it wins and those that it loses.

use std::io;

use detection::{
    alert::Evidence,
    simulate::{ChangedAlert, Counts, RuleChange},
};
use kql_types::datetime;
use sentinel::Assumptions;

use super::{
    lines::{write_head, write_text, write_time},
    summary::{visible, write_assumptions},
};
use crate::{
    TableOptions, WriteError,
    alert::object::{write_evidence, write_key, write_list, write_number},
    grid::{Grid, GridCell, GridColumn},
};

/// The columns of the table; all but the first two are numbers, most of them those of the old and of the
/// new version.
const COLUMNS: [&str; 8] =
    ["rule", "mode", "alerts", "repeated", "incidents", "records", "won", "lost"];

/// Alerts of a rule that are written one by one, won and lost each, and records of each.
const MAX_ALERTS: usize = 10;
const MAX_RECORDS: usize = 3;

/// Writes a line for each rule and mode, and one for each alert that the change wins or loses:
/// `{"kind":"comparison","mode":…,"rule":ID,"old":{"alerts":n,"repeated":n,"incidents":n,"records":n}|null,
/// "new":…,"won":n,"lost":n}`, `{"kind":"difference","mode":…,"rule":ID,"change":"won|lost","run":T,
/// "alert":ID,"name":…,"severity":…,"repeated":bool,"evidence":[…as a hunt has it]}`, where the evidence is
/// what no alert of the other version rests on.
///
/// # Errors
///
/// Fails if `out` does.
pub fn write_differences(changes: &[RuleChange], out: &mut dyn io::Write) -> io::Result<()> {
    for change in changes {
        let mut line = String::new();
        write_comparison(change, &mut line);
        for (word, alerts) in [("won", &change.won), ("lost", &change.lost)] {
            for alert in alerts {
                write_difference(change, word, alert, &mut line);
            }
        }
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

fn write_comparison(change: &RuleChange, line: &mut String) {
    write_head("comparison", change.mode.name(), line);
    write_text("rule", &change.rule, line);
    for (side, counts) in [("old", change.old), ("new", change.new)] {
        write_key(side, false, line);
        let Some(counts) = counts else {
            line.push_str("null");
            continue;
        };
        let Counts { alerts, repeated, incidents, records } = counts;
        line.push_str("{\"alerts\":");
        line.push_str(&alerts.to_string());
        write_number("repeated", Some(repeated), line);
        write_number("incidents", Some(incidents), line);
        write_number("records", Some(records), line);
        line.push('}');
    }
    write_number("won", Some(change.won.len()), line);
    write_number("lost", Some(change.lost.len()), line);
    line.push_str("}\n");
}

fn write_difference(change: &RuleChange, word: &str, alert: &ChangedAlert, line: &mut String) {
    write_head("difference", change.mode.name(), line);
    write_text("rule", &change.rule, line);
    write_text("change", word, line);
    write_time("run", Some(alert.run), line);
    write_text("alert", &alert.id, line);
    write_text("name", &alert.name, line);
    write_text("severity", alert.severity.name(), line);
    write_number("repeated", Some(alert.is_repeated), line);
    write_key("evidence", false, line);
    write_list(&alert.records, line, write_evidence);
    line.push_str("}\n");
}

/// Writes a table of the rules, then the alerts that are won and lost, with their records.
///
/// # Errors
///
/// Fails if `out` does.
pub fn write_changes(
    changes: &[RuleChange],
    assumptions: &Assumptions,
    options: TableOptions,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    let columns = GridColumn::numbers_behind(2, &COLUMNS);
    let mut grid = Grid::new(columns, options, &mut *out);
    for change in changes.iter().filter(|change| !is_quiet(change)) {
        grid.row(cells(change).into_iter().map(GridCell::plain))?;
    }
    grid.finish("line")?;
    for change in changes {
        let name = format!("{}, {}", visible(&change.name), change.mode.name());
        write_alerts(&format!("{name}: won"), &change.won, out)?;
        write_alerts(&format!("{name}: lost"), &change.lost, out)?;
    }
    write_assumptions(assumptions, out)?;
    Ok(())
}

/// Tells whether neither version raised anything.
fn is_quiet(change: &RuleChange) -> bool {
    [change.old, change.new].into_iter().flatten().all(|counts| counts.alerts == 0)
}

fn cells(change: &RuleChange) -> [String; COLUMNS.len()] {
    let both = |of: fn(&Counts) -> usize| {
        let shown = |counts: Option<Counts>| {
            counts.map_or_else(|| "none".to_owned(), |counts| of(&counts).to_string())
        };
        format!("{} → {}", shown(change.old), shown(change.new))
    };
    [
        change.name.clone(),
        change.mode.name().to_owned(),
        both(|counts| counts.alerts),
        both(|counts| counts.repeated),
        both(|counts| counts.incidents),
        both(|counts| counts.records),
        change.won.len().to_string(),
        change.lost.len().to_string(),
    ]
}

/// Writes the first alerts, those that repeat nothing before the others.
fn write_alerts(title: &str, alerts: &[ChangedAlert], out: &mut dyn io::Write) -> io::Result<()> {
    if alerts.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title} {}:", alerts.len())?;
    let mut listed: Vec<&ChangedAlert> = alerts.iter().collect();
    // Stable: alerts stay in order of time.
    listed.sort_by_key(|alert| alert.is_repeated);
    for alert in listed.iter().take(MAX_ALERTS) {
        let repeated = if alert.is_repeated { ", repeated" } else { "" };
        let (run, severity) = (datetime::format_json(alert.run), alert.severity.name());
        writeln!(out, "  {run}  {} ({severity}{repeated})", visible(&alert.name))?;
        for Evidence { origin, line, .. } in alert.records.iter().take(MAX_RECORDS) {
            let member = origin.member.as_ref().map(|it| format!(" > {it}")).unwrap_or_default();
            writeln!(out, "    {}", visible(&format!("{}{member}, record {line}", origin.file)))?;
        }
        write_more(alert.records.len(), MAX_RECORDS, "    ", out)?;
    }
    write_more(listed.len(), MAX_ALERTS, "  ", out)
}

fn write_more(all: usize, most: usize, indent: &str, out: &mut dyn io::Write) -> io::Result<()> {
    match all.checked_sub(most) {
        None | Some(0) => Ok(()),
        Some(more) => writeln!(out, "{indent}and {more} more"),
    }
}
