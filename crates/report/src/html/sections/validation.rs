//! What tests run in a lab left, if the page is about such a run.

use std::io;

use detection::validation::AttemptOutcome;

use super::super::escape::Text;
use crate::{WriteError, findings::Findings, validation};

/// Writes the section; nothing without tests.
pub(super) fn write(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    let Some(report) = &findings.validation else { return Ok(()) };
    writeln!(
        out,
        "<section id=\"validation\" aria-labelledby=\"validation-title\">\n\
         <h2 id=\"validation-title\">Validation</h2>\n\
         <p>Tests that were run on purpose: which of their signals were recorded, what would record \
         the others, and what the rules made of them.</p>"
    )?;
    for outcome in report.attempted() {
        let test = &outcome.test;
        writeln!(out, "<h3>{}: {}</h3>", Text(&test.id), Text(&test.name))?;
        for attempt in &outcome.attempts {
            write_attempt(attempt, out)?;
        }
    }
    let unseen = report.tests.iter().filter(|outcome| outcome.attempts.is_empty());
    let unseen: Vec<&str> = unseen.map(|outcome| outcome.test.id.as_str()).collect();
    if !unseen.is_empty() {
        let ids = unseen.join(", ");
        writeln!(out, "<p class=\"soft\">Not run, as far as these logs tell: {}</p>", Text(&ids))?;
    }
    Ok(writeln!(out, "</section>")?)
}

fn write_attempt(attempt: &AttemptOutcome, out: &mut dyn io::Write) -> Result<(), WriteError> {
    writeln!(out, "<p>{}</p>", Text(&validation::headline(attempt)))?;
    head(&["Signal", "Host", "Event", "Record, or what is missing"], out)?;
    for signal in &attempt.signals {
        let host = validation::host(signal);
        for source in &signal.sources {
            let Some(text) = validation::source_text(&source.state, &host) else { continue };
            let class = if text.starts_with("missing") { " class=\"no\"" } else { "" };
            writeln!(
                out,
                "<tr><td>{}</td><td>{}</td><td>{}</td><td{class}>{}</td></tr>",
                Text(&signal.name),
                Text(&host),
                Text(&source.event),
                Text(&text)
            )?;
        }
    }
    writeln!(out, "</tbody></table></div>")?;
    if attempt.rules.is_empty() {
        return Ok(());
    }
    head(&["Rule", "At least", "Fired", "After the first record"], out)?;
    for rule in &attempt.rules {
        let class = if rule.state.is_good() { "" } else { " class=\"no\"" };
        writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td{class}>{}</td><td>{}</td></tr>",
            Text(&rule.rule),
            rule.expected.name(),
            Text(&validation::rule_state(rule)),
            Text(&validation::after(rule))
        )?;
    }
    Ok(writeln!(out, "</tbody></table></div>")?)
}

fn head(columns: &[&str], out: &mut dyn io::Write) -> Result<(), WriteError> {
    write!(out, "<div class=\"scroll\"><table><thead><tr>")?;
    for column in columns {
        write!(out, "<th scope=\"col\">{column}</th>")?;
    }
    Ok(writeln!(out, "</tr></thead><tbody>")?)
}
