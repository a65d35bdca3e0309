//! `jsonl`: what happens in a simulation, one object a line, the form that scripts depend on.
//!
//! `{"kind":"run","mode":…,"rule":ID,"scheduled":T,"from":T,"to":T,"rows":n,"alerts":n,"status":
//! "ok|suppressed|skipped|failed","repeated":n}`, `{"kind":"alert","mode":…,"rule":ID,"run":T,"columns":{those of
//! SecurityAlert},"evidence":[…as a hunt has it],"dropped_entities":[{"type":…,identifier:value…,
//! "reason":…}]}`, `{"kind":"incident","mode":…,"id":…,"created":T,"closed":T|null,"title":…,
//! "severity":…,"alerts":[ID…]}`.

use std::io;

use detection::simulate::{
    SimulatedAlert, SimulatedIncident, SimulatedLateness, SimulatedRun, Told,
};
use kql_types::{Ticks, datetime, timespan};
use sentinel::{
    DroppedEntity,
    table::{self, TableRow},
};

use crate::{
    alert::object::{write_evidence, write_identifiers, write_key, write_list, write_number},
    cell::{Cell, write_json_string},
};

/// Writes one line.
///
/// # Errors
///
/// Fails if `out` does.
pub fn write_line(told: &Told<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let mut line = String::new();
    match told {
        // What it stands on is in the lines that follow.
        Told::Rule(_) => return Ok(()),
        Told::Late(late) => {
            write_late(late, &mut line);
            return out.write_all(line.as_bytes());
        }
        Told::Run(run) => write_run(run, &mut line),
        Told::Alert(alert) => write_alert(alert, &mut line),
        Told::Incident(incident) => write_incident(incident, &mut line),
    }
    line.push_str("}\n");
    out.write_all(line.as_bytes())
}

/// Writes rows of a table, an object a line.
///
/// # Errors
///
/// Fails if `out` does.
pub fn write_rows(rows: &[TableRow], out: &mut dyn io::Write) -> io::Result<()> {
    for row in rows {
        let mut line = String::new();
        write_row(row, &mut line);
        line.push('\n');
        out.write_all(line.as_bytes())?;
    }
    Ok(())
}

fn write_row(row: &TableRow, line: &mut String) {
    line.push('{');
    for (position, (name, value)) in row.iter().enumerate() {
        write_key(name, position == 0, line);
        Cell::from(value).write_json(line);
    }
    line.push('}');
}

fn write_run(run: &SimulatedRun<'_>, line: &mut String) {
    write_head("run", run.mode.name(), line);
    write_text("rule", &run.rule.id, line);
    write_time("scheduled", Some(run.scheduled), line);
    write_time("from", Some(run.window.0), line);
    write_time("to", Some(run.window.1), line);
    write_number("rows", Some(run.rows), line);
    write_number("alerts", Some(run.raised.alerts.len()), line);
    write_text("status", run.status.name(), line);
    write_number("repeated", Some(run.repeated), line);
}

fn write_alert(told: &SimulatedAlert<'_>, line: &mut String) {
    write_head("alert", told.mode.name(), line);
    write_text("rule", &told.rule.id, line);
    write_time("run", Some(told.alert.scheduled), line);
    write_key("columns", false, line);
    write_row(&table::security_alert(told.rule, told.alert), line);
    write_key("evidence", false, line);
    write_list(&told.evidence, line, write_evidence);
    write_key("dropped_entities", false, line);
    write_list(&told.alert.dropped, line, |DroppedEntity { entity, reason }, line| {
        write_identifiers(entity, line);
        write_text("reason", &reason.to_string(), line);
        line.push('}');
    });
}

fn write_incident(told: &SimulatedIncident<'_>, line: &mut String) {
    let incident = told.incident;
    write_head("incident", told.mode.name(), line);
    write_text("id", &incident.id, line);
    write_time("created", Some(incident.created), line);
    write_time("closed", incident.closed, line);
    write_text("title", &incident.title, line);
    write_text("severity", incident.severity.name(), line);
    write_key("alerts", false, line);
    write_list(&incident.alerts, line, |id, line| write_json_string(id, line));
}

/// Appends a line for each record: `{"kind":"delay","rule":ID,"record":{"file":…,"line":n},"delay":SPAN,
/// "detected":bool,"found_at":SPAN|null,"missed_from":SPAN|null}`; a record of an archive has its `member`.
fn write_late(told: &SimulatedLateness<'_>, lines: &mut String) {
    for late in told.records {
        lines.push('{');
        write_key("kind", true, lines);
        write_json_string("delay", lines);
        write_text("rule", &told.rule.id, lines);
        write_key("record", false, lines);
        lines.push_str("{\"file\":");
        write_json_string(&late.record.origin.file, lines);
        if let Some(member) = &late.record.origin.member {
            write_text("member", member, lines);
        }
        write_number("line", Some(late.record.line), lines);
        lines.push('}');
        write_text("delay", &timespan::format(late.delay).to_string(), lines);
        write_number("detected", Some(late.is_detected), lines);
        for (key, delay) in [("found_at", late.found_at), ("missed_from", late.missed_from)] {
            write_key(key, false, lines);
            match delay {
                Some(delay) => write_json_string(&timespan::format(delay).to_string(), lines),
                None => lines.push_str("null"),
            }
        }
        lines.push_str("}\n");
    }
}

pub(super) fn write_head(kind: &str, mode: &str, line: &mut String) {
    line.push('{');
    write_key("kind", true, line);
    write_json_string(kind, line);
    write_text("mode", mode, line);
}

pub(super) fn write_text(key: &str, text: &str, line: &mut String) {
    write_key(key, false, line);
    write_json_string(text, line);
}

pub(super) fn write_time(key: &str, time: Option<Ticks>, line: &mut String) {
    write_key(key, false, line);
    match time {
        Some(ticks) => write_json_string(&datetime::format(ticks).to_string(), line),
        None => line.push_str("null"),
    }
}
