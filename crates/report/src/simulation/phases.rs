//! What becomes of events at every minute at which a rule may have been created.

use std::io;

use detection::{
    alert::Evidence,
    simulate::{Counted, Detection, RulePhases},
};
use sentinel::Assumptions;

use super::summary::{visible, write_assumptions};
use crate::{
    TableOptions, WriteError,
    alert::object::{write_key, write_number},
    cell::{Cell, write_json_string},
    grid::{Grid, GridCell, GridColumn},
};

/// The columns of the table; all but the first are numbers.
const COLUMNS: [&str; 8] =
    ["rule", "phases", "alerts", "least", "most", "records", "always found", "missed at times"];

/// Records that are written one by one for a rule, those most likely to be missed first.
const MAX_RECORDS: usize = 10;

/// Writes a line for each record of each rule: `{"kind":"detection","rule":ID,"record":{"file":…,
/// "line":n},"probability":p,"alerts_min":n,"alerts_max":n}`; a record of an archive has its `member`.
///
/// # Errors
///
/// Fails if `out` does.
pub fn write_detections(rules: &[RulePhases], out: &mut dyn io::Write) -> io::Result<()> {
    let mut line = String::new();
    for rule in rules {
        for detection in &rule.records {
            line.clear();
            write_detection(rule, detection, &mut line);
            line.push('\n');
            out.write_all(line.as_bytes())?;
        }
    }
    Ok(())
}

fn write_detection(rule: &RulePhases, detection: &Detection, line: &mut String) {
    let Evidence { origin, line: number, .. } = &detection.record;
    line.push_str("{\"kind\":\"detection\",\"rule\":");
    write_json_string(&rule.rule, line);
    line.push_str(",\"record\":{\"file\":");
    write_json_string(&origin.file, line);
    if let Some(member) = &origin.member {
        write_key("member", false, line);
        write_json_string(member, line);
    }
    write_number("line", Some(number), line);
    line.push('}');
    write_key("probability", false, line);
    Cell::Real(detection.probability(rule.phases)).write_json(line);
    write_number("alerts_min", Some(detection.alerts.least), line);
    write_number("alerts_max", Some(detection.alerts.most), line);
    line.push('}');
}

/// Writes a table of the rules, and the records that are most likely to be missed.
///
/// # Errors
///
/// Fails if `out` does.
pub fn write_phases(
    rules: &[RulePhases],
    assumptions: &Assumptions,
    options: TableOptions,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    let columns = GridColumn::numbers_behind(1, &COLUMNS);
    let mut grid = Grid::new(columns, options, &mut *out);
    for rule in rules.iter().filter(|rule| rule.alerts.most > 0) {
        grid.row(cells(rule).into_iter().map(GridCell::plain))?;
    }
    grid.finish("line")?;
    for rule in rules {
        write_missed(rule, out)?;
    }
    write_assumptions(assumptions, out)?;
    Ok(())
}

fn cells(rule: &RulePhases) -> [String; COLUMNS.len()] {
    let always = rule.records.iter().filter(|it| it.detected == rule.phases).count();
    let uncertain = rule.records.len().saturating_sub(always);
    [
        rule.name.clone(),
        rule.phases.to_string(),
        mean(rule.alerts, rule.phases),
        rule.alerts.least.to_string(),
        rule.alerts.most.to_string(),
        rule.records.len().to_string(),
        always.to_string(),
        uncertain.to_string(),
    ]
}

fn write_missed(rule: &RulePhases, out: &mut dyn io::Write) -> io::Result<()> {
    let mut missed: Vec<&Detection> =
        rule.records.iter().filter(|it| it.detected < rule.phases).collect();
    // Stable: records as likely to be missed stay in order of place.
    missed.sort_by_key(|it| it.detected);
    if missed.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{}: missed at some start minutes:", visible(&rule.name))?;
    for detection in missed.iter().take(MAX_RECORDS) {
        let Detection { record, detected, alerts } = detection;
        let member = record.origin.member.as_ref().map(|it| format!(" > {it}")).unwrap_or_default();
        let place = visible(&format!("{}{member}, record {}", record.origin.file, record.line));
        let mean = mean(*alerts, rule.phases);
        writeln!(out, "  found at {detected:>4} of {}, {mean} alerts: {place}", rule.phases)?;
    }
    let more = missed.len().saturating_sub(MAX_RECORDS);
    if more > 0 {
        writeln!(out, "  and {more} more")?;
    }
    Ok(())
}

/// Returns the mean over all phases, with one decimal.
fn mean(counted: Counted, phases: u32) -> String {
    let tenths = counted.all.saturating_mul(10).checked_div(u64::from(phases)).unwrap_or(0);
    format!("{}.{}", tenths / 10, tenths % 10)
}
