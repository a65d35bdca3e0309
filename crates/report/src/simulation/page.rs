//! A page with a picture of each rule: its events, runs, windows, alerts and incidents along time.
//!
//! One file that needs nothing else: no network, no other file. As of the page of a hunt, what comes from
//! logs and rules is escaped text or JSON that a script reads as text, and the page's own policy lets
//! nothing run but the script and the styles that it brings, by their digests.

use std::io;

use detection::simulate::Mode;
use kql_types::timespan;
use sentinel::Assumptions;
use serde_json::{Map, Value, json};

use super::{
    summary::{COLUMNS, Summary},
    timeline::{
        AlertMark, EventMark, IncidentMark, ModeTimeline, RuleTimeline, RunMark, Timeline, time,
    },
};
use crate::{
    WriteError,
    alert::json_value::unix_ms,
    html::{
        STYLE, digest,
        escape::{Text, for_script},
    },
};

const SCRIPT: &str = include_str!("../../assets/simulation.js");
const OWN_STYLE: &str = include_str!("../../assets/simulation.css");

/// Writes the page of a simulation.
///
/// # Errors
///
/// Fails if `out` does.
pub fn write_page(
    summary: &Summary,
    timeline: &Timeline,
    assumptions: &Assumptions,
    out: &mut dyn io::Write,
) -> Result<(), WriteError> {
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {} {}; img-src data:; base-uri 'none'; \
         form-action 'none'",
        digest(SCRIPT),
        digest(STYLE),
        digest(OWN_STYLE)
    );
    write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>Quarry: simulation</title>\n\
         <style>{STYLE}</style>\n<style>{OWN_STYLE}</style>\n</head>\n<body>\n"
    )?;
    header(timeline, out)?;
    writeln!(out, "<main>")?;
    counts(summary, out)?;
    for (number, rule) in timeline.shown().enumerate() {
        section(number, rule, out)?;
    }
    quiet(timeline, out)?;
    assumed(assumptions, out)?;
    writeln!(out, "</main>")?;
    writeln!(
        out,
        "<footer><p>Made by Quarry {}. This page contains excerpts of rules and logs and loads nothing \
         from anywhere.</p></footer>",
        env!("CARGO_PKG_VERSION")
    )?;
    out.write_all(b"<script type=\"application/json\" id=\"data\">")?;
    out.write_all(for_script(&data(timeline).to_string()).as_bytes())?;
    out.write_all(b"</script>\n<script>")?;
    out.write_all(SCRIPT.as_bytes())?;
    Ok(out.write_all(b"</script>\n</body>\n</html>\n")?)
}

fn header(timeline: &Timeline, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        out,
        "<header>\n<h1>Simulation</h1>\n<p class=\"soft\">What Microsoft Sentinel would have done with \
         each rule, run by run; times are UTC</p>\n</header>\n<nav aria-label=\"Sections\"><ul>\
         <li><a href=\"#counts\">Summary</a></li>"
    )?;
    if timeline.shown().next().is_some() {
        writeln!(out, "<li><a href=\"#rule-0\">Rules</a></li>")?;
    }
    if timeline.quiet().next().is_some() {
        writeln!(out, "<li><a href=\"#quiet\">Quiet rules</a></li>")?;
    }
    writeln!(
        out,
        "<li><a href=\"#assumed\">Assumptions</a></li>\
         <li><button type=\"button\" id=\"theme\">Dark or light</button></li></ul></nav>"
    )
}

fn counts(summary: &Summary, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        out,
        "<section id=\"counts\" aria-labelledby=\"counts-title\">\n<h2 id=\"counts-title\">Summary</h2>\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-labelledby=\"counts-title\"><table>\
         <thead><tr>"
    )?;
    for (at, name) in COLUMNS.iter().enumerate() {
        let class = if at > 1 { " class=\"number\"" } else { "" };
        write!(out, "<th scope=\"col\"{class}>{name}</th>")?;
    }
    writeln!(out, "</tr></thead><tbody>")?;
    for cells in summary.lines() {
        write!(out, "<tr>")?;
        for (at, cell) in cells.iter().enumerate() {
            let class = if at > 1 { " class=\"number\"" } else { "" };
            write!(out, "<td{class}>{}</td>", Text(cell))?;
        }
        writeln!(out, "</tr>")?;
    }
    writeln!(out, "</tbody></table></div>")?;
    let mut dropped = summary.dropped().peekable();
    if dropped.peek().is_some() {
        writeln!(out, "<h3>Entities dropped, with the first of each</h3>\n<ul>")?;
        for (times, rule, reason, first) in dropped {
            let (rule, first) = (Text(rule), Text(&first));
            writeln!(out, "<li>{times}: {rule}: {reason}: {first}</li>")?;
        }
        writeln!(out, "</ul>")?;
    }
    writeln!(out, "</section>")
}

/// Writes what is there of a rule before the script draws its picture.
fn section(number: usize, rule: &RuleTimeline, out: &mut dyn io::Write) -> io::Result<()> {
    let (every, period) = (timespan::format(rule.frequency), timespan::format(rule.period));
    writeln!(
        out,
        "<section class=\"rule\" id=\"rule-{number}\" aria-labelledby=\"rule-{number}-title\" \
         data-rule=\"{number}\">\n<h2 id=\"rule-{number}-title\">{}</h2>\n\
         <p class=\"soft\">Every {every} over {period}; {}</p>",
        Text(&rule.name),
        Text(&rule.id)
    )?;
    for (mode, of_mode) in &rule.modes {
        let (runs, alerts) = (of_mode.count_of_runs(), of_mode.all_alerts);
        let incidents = of_mode.all_incidents;
        writeln!(
            out,
            "<p>{}: {}, {}, {}</p>",
            mode.name(),
            counted(runs, "run"),
            counted(alerts, "alert"),
            counted(incidents, "incident")
        )?;
    }
    writeln!(
        out,
        "<noscript><p>The picture needs scripts.</p></noscript>\n\
         <div class=\"controls\" role=\"group\" aria-label=\"View\">\
         <button type=\"button\" data-do=\"earlier\">Earlier run</button>\
         <button type=\"button\" data-do=\"later\">Later run</button>\
         <button type=\"button\" data-do=\"rows\">Next with rows</button>\
         <button type=\"button\" data-do=\"in\">Zoom in</button>\
         <button type=\"button\" data-do=\"out\">Zoom out</button>\
         <button type=\"button\" data-do=\"all\">All</button></div>\n\
         <div class=\"picture\" tabindex=\"0\" role=\"group\" aria-describedby=\"keys\" \
         aria-label=\"Timeline\"></div>\n\
         <div class=\"chosen\" role=\"status\"></div>\n<div class=\"alerts\"></div>\n</section>"
    )
}

fn counted(count: impl TryInto<u64>, noun: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn quiet(timeline: &Timeline, out: &mut dyn io::Write) -> io::Result<()> {
    if timeline.quiet().next().is_none() {
        return Ok(());
    }
    writeln!(
        out,
        "<section id=\"quiet\" aria-labelledby=\"quiet-title\">\n\
         <h2 id=\"quiet-title\">Quiet rules</h2>\n<p>No run has any row, of these rules:</p>\n<ul>"
    )?;
    for rule in timeline.quiet() {
        let runs = rule.modes.values().map(ModeTimeline::count_of_runs).max().unwrap_or(0);
        writeln!(out, "<li>{}: {}</li>", Text(&rule.name), counted(runs, "run"))?;
    }
    writeln!(out, "</ul>\n</section>")
}

fn assumed(assumptions: &Assumptions, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(
        out,
        "<section id=\"assumed\" aria-labelledby=\"assumed-title\">\n<h2 id=\"assumed-title\">Assumed \
         where the documentation is silent</h2>\n<table><tbody>"
    )?;
    for it in assumptions.list() {
        let (value, about) = (Text(&it.value), Text(it.about));
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{value}</td><td>{about}</td></tr>",
            it.name
        )?;
    }
    writeln!(
        out,
        "</tbody></table>\n</section>\n<p id=\"keys\" class=\"soft\">Keys in a timeline: left and right \
         arrow choose a run, up and down the mode, n the next run with rows, Home and End the first and the \
         last, + and - zoom, 0 shows all.</p>"
    )
}

/// Returns what the script draws.
fn data(timeline: &Timeline) -> Value {
    json!({ "rules": timeline.shown().map(rule_value).collect::<Vec<_>>() })
}

fn rule_value(rule: &RuleTimeline) -> Value {
    let span = rule.span().map(|(from, to)| (unix_ms(from), unix_ms(to)));
    let modes = rule.modes.iter().map(|(mode, of_mode)| mode_value(*mode, of_mode));
    json!({
        "span": span,
        "timesOfMark": rule.events.each(),
        "events": rule.events.iter().map(event_value).collect::<Vec<_>>(),
        "modes": modes.collect::<Vec<_>>(),
    })
}

fn event_value(event: &EventMark) -> Value {
    let cited = |mode| event.cited(mode);
    json!([
        unix_ms(event.first),
        unix_ms(event.last),
        event.times,
        cited(Mode::Exact),
        cited(Mode::Strict)
    ])
}

fn mode_value(mode: Mode, of_mode: &ModeTimeline) -> Value {
    json!({
        "mode": mode.name(),
        "runs": of_mode.runs.iter().map(run_value).collect::<Vec<_>>(),
        "alerts": of_mode.alerts.iter().map(alert_value).collect::<Vec<_>>(),
        "allAlerts": of_mode.all_alerts,
        "incidents": of_mode.incidents.iter().map(incident_value).collect::<Vec<_>>(),
        "allIncidents": of_mode.all_incidents,
    })
}

fn run_value(run: &RunMark) -> Value {
    let not_ok: Map<String, Value> =
        run.not_ok.iter().map(|(status, count)| ((*status).to_owned(), (*count).into())).collect();
    json!({
        "first": unix_ms(run.first),
        "last": unix_ms(run.last),
        "from": unix_ms(run.window.0),
        "to": unix_ms(run.window.1),
        "runs": run.runs,
        "rows": run.rows,
        "alerts": run.alerts,
        "repeated": run.repeated,
        "notOk": not_ok,
    })
}

fn alert_value(alert: &AlertMark) -> Value {
    json!({
        "run": unix_ms(alert.scheduled),
        "generated": unix_ms(alert.generated),
        "time": time(alert.generated),
        "name": alert.name,
        "severity": alert.severity,
        "repeated": alert.is_repeated,
        "entities": alert.entities,
        "dropped": alert.dropped,
        "times": alert.times.iter().map(|it| unix_ms(*it)).collect::<Vec<_>>(),
        "records": alert.records,
        "allRecords": alert.all_records,
    })
}

fn incident_value(incident: &IncidentMark) -> Value {
    json!({
        "created": unix_ms(incident.created),
        "closed": incident.closed.map(unix_ms),
        "title": incident.title,
        "severity": incident.severity,
        "alerts": incident.alerts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> String {
        let mut out = Vec::new();
        let (summary, timeline) = (Summary::default(), Timeline::default());
        write_page(&summary, &timeline, &Assumptions::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_policy_names_the_digest_of_the_script_and_of_each_style() {
        let page = page();
        let policy = page.split_once("Content-Security-Policy\" content=\"").unwrap().1;
        let policy = policy.split_once('"').unwrap().0;
        let contents = |open: &str, close: &str| -> Vec<String> {
            let parts = page.split(open).skip(1);
            parts.map(|part| part.split_once(close).unwrap().0.to_owned()).collect()
        };
        let (scripts, styles) =
            (contents("<script>", "</script>"), contents("<style>", "</style>"));
        assert_eq!((scripts.len(), styles.len()), (1, 2));
        for text in scripts.iter().chain(&styles) {
            assert!(policy.contains(&digest(text)), "{}", &text[..40]);
        }
        assert!(
            policy.starts_with("default-src 'none';") && !policy.contains("unsafe"),
            "{policy}"
        );
    }

    #[test]
    fn assets_cannot_end_their_element() {
        for text in [SCRIPT, OWN_STYLE] {
            let lower = text.to_lowercase();
            assert!(!lower.contains("</script") && !lower.contains("</style"));
            assert!(!lower.contains("<!--"));
        }
    }
}
