//! Who went where: paths in words, the graph, and the table of hops.

use std::io;

use lateral::{Hop, Path, Place, origins, paths, places};

use super::super::{data::shown_hops, escape::Text};
use crate::{
    WriteError,
    findings::Findings,
    overview::first_looks,
    paths::{account, label, to_second},
};

/// Paths told in words.
const MAX_PATHS: usize = 10;
/// Paths of so many steps show them at once.
const MAX_OPEN: usize = 12;
/// Steps of one path told in words.
const MAX_STEPS: usize = 40;
/// Rows of the table of hops.
const MAX_ROWS: usize = 100;

/// Writes what to know first.
pub(super) fn summary(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    let movement = &findings.movement;
    writeln!(
        out,
        "<section id=\"summary\" aria-labelledby=\"summary-title\">\n<h2 id=\"summary-title\">Summary</h2>"
    )?;
    if findings.alerts.is_empty() {
        writeln!(
            out,
            "<p>The rules found nothing. What they could and could not have seen stands under <a href=\"#coverage\">Coverage</a>.</p>"
        )?;
    }
    if let Some(origin) = origins(movement).first().filter(|origin| origin.place.is_known()) {
        writeln!(
            out,
            "<p>It may have begun at <strong>{}</strong>, from which {} {} reached.</p>",
            Text(&label(&origin.place)),
            origin.spread,
            if origin.spread == 1 { "host was" } else { "hosts were" }
        )?;
    }
    let told = paths(movement, MAX_PATHS);
    if !told.is_empty() {
        writeln!(out, "<h3>Paths</h3>\n<ol class=\"paths\">")?;
        for path in &told {
            write_path(path, &movement.hops, out)?;
        }
        writeln!(out, "</ol>")?;
    }
    let looks = first_looks(findings);
    if !looks.is_empty() {
        writeln!(out, "<h3>Look at first</h3>\n<ol>")?;
        for look in &looks {
            writeln!(
                out,
                "<li><span class=\"badge {severity}\">{severity}</span> {} <span class=\"soft\">{}</span></li>",
                Text(&look.what),
                Text(&look.place),
                severity = look.severity.name()
            )?;
        }
        writeln!(out, "</ol>")?;
    }
    Ok(writeln!(out, "</section>")?)
}

fn short(place: &Place) -> String {
    if place.is_known() { place.short() } else { label(place) }
}

fn write_path(path: &Path, hops: &[Hop], out: &mut dyn io::Write) -> Result<(), WriteError> {
    // The steps below have the whole names.
    let names: Vec<String> = places(path, hops).into_iter().map(short).collect();
    // Many steps are there for who opens them.
    let open = if path.hops.len() <= MAX_OPEN { " open" } else { "" };
    writeln!(
        out,
        "<li><details{open}><summary class=\"way\">{}</summary><ul>",
        Text(&names.join(" → "))
    )?;
    for (step, hop) in path.hops.iter().enumerate().take(MAX_STEPS) {
        let Some(hop) = hops.get(*hop) else { continue };
        let link = step.checked_sub(1).and_then(|before| path.links.get(before));
        let because = link.map(|link| format!("; {}", link.name())).unwrap_or_default();
        writeln!(
            out,
            "<li><span class=\"when\">{}</span> {} → {}: {} as {}<span class=\"soft\">{because}</span></li>",
            to_second(hop.first),
            Text(&label(&hop.source)),
            Text(&label(&hop.target)),
            hop.how(),
            Text(&account(hop)),
        )?;
    }
    let left = path.hops.len().saturating_sub(MAX_STEPS);
    if left > 0 {
        writeln!(out, "<li>{left} more hops</li>")?;
    }
    Ok(writeln!(out, "</ul></details></li>")?)
}

/// Writes filters, graph and table of hops.
pub(super) fn graph(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    writeln!(
        out,
        "<section id=\"way\" aria-labelledby=\"way-title\">\n<h2 id=\"way-title\">Way from host to host</h2>"
    )?;
    filters(out)?;
    if findings.movement.hops.is_empty() {
        writeln!(out, "<p>No alert shows a way from one host to another.</p>")?;
    }
    writeln!(
        out,
        "<div id=\"graph\" role=\"img\" aria-label=\"Graph of hops; the table below has the same\"></div>\n\
         <p id=\"chosen\" role=\"status\"></p>"
    )?;
    table(findings, out)?;
    Ok(writeln!(out, "</section>")?)
}

fn filters(out: &mut dyn io::Write) -> Result<(), WriteError> {
    writeln!(
        out,
        "<form id=\"filters\" class=\"filters\" aria-label=\"Filters for graph, timeline and alerts\">\n\
         <label>Text<input type=\"search\" id=\"filter-text\" autocomplete=\"off\"></label>\n\
         <fieldset><legend>Severity</legend>"
    )?;
    for severity in detection::alert::Severity::ALL.iter().rev() {
        let name = severity.name();
        writeln!(
            out,
            "<label><input type=\"checkbox\" id=\"filter-{name}\" checked>{name}</label>"
        )?;
    }
    writeln!(
        out,
        "</fieldset>\n\
         <label>Account<select id=\"filter-account\"><option value=\"\">all</option></select></label>\n\
         <label>Host<select id=\"filter-host\"><option value=\"\">all</option></select></label>\n\
         <label>From (UTC)<input type=\"datetime-local\" step=\"1\" id=\"filter-from\"></label>\n\
         <label>To (UTC)<input type=\"datetime-local\" step=\"1\" id=\"filter-to\"></label>\n\
         <button type=\"reset\">Show all</button>\n</form>"
    )?;
    Ok(())
}

fn table(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    let shown = shown_hops(findings);
    let all = findings.movement.hops.len();
    if all == 0 {
        return Ok(());
    }
    writeln!(
        out,
        "<div class=\"scroll\"><table id=\"hops\"><caption class=\"hidden\">Hops</caption><thead><tr>\
         <th scope=\"col\">Hop</th><th scope=\"col\">First</th><th scope=\"col\">From</th>\
         <th scope=\"col\">To</th><th scope=\"col\">Account</th><th scope=\"col\">Method</th>\
         <th scope=\"col\">Touched</th><th scope=\"col\">Severity</th>\
         <th scope=\"col\">Confidence</th></tr></thead><tbody>"
    )?;
    for (number, at) in shown.iter().enumerate().take(MAX_ROWS) {
        let Some(hop) = findings.movement.hops.get(*at) else { continue };
        row(number, *at, hop, out)?;
    }
    writeln!(out, "</tbody></table></div>")?;
    let left = all.saturating_sub(shown.len().min(MAX_ROWS));
    if left > 0 {
        writeln!(
            out,
            "<p class=\"soft\">{left} more hops are not in this table; the output format <code>hops</code> has them all.</p>"
        )?;
    }
    Ok(())
}

fn row(number: usize, at: usize, hop: &Hop, out: &mut dyn io::Write) -> Result<(), WriteError> {
    let by = hop.source_named_by.map(|by| format!(" (by {})", by.name())).unwrap_or_default();
    let address = hop.source_address.map(|address| format!(" {address}")).unwrap_or_default();
    let seen = [hop.seen_by.name()];
    let reasons: Vec<&str> = seen.into_iter().chain(hop.reasons.iter().copied()).collect();
    writeln!(
        out,
        "<tr data-hop=\"{number}\"><td><button type=\"button\" data-hop=\"{number}\" aria-pressed=\"false\">{}</button></td>\
         <td>{}</td><td>{}<br><span class=\"soft\">{}</span></td><td>{}</td><td>{}</td><td>{}</td>\
         <td>{}</td><td><span class=\"{severity}\">{severity}</span></td>\
         <td>{}<br><span class=\"soft\">{}</span></td></tr>",
        at.saturating_add(1),
        to_second(hop.first),
        Text(&label(&hop.source)),
        Text(&format!("{address}{by}")),
        Text(&label(&hop.target)),
        Text(&account(hop)),
        hop.how(),
        Text(&touched(hop)),
        hop.confidence,
        Text(&reasons.join(", ")),
        severity = hop.severity.name(),
    )?;
    Ok(())
}

/// Names at most a few of each kind.
fn touched(hop: &Hop) -> String {
    let artefacts = &hop.artefacts;
    let kinds = [
        ("", &artefacts.shares),
        ("service ", &artefacts.services),
        ("task ", &artefacts.tasks),
        ("pipe ", &artefacts.pipes),
        ("", &artefacts.files),
    ];
    let some = kinds.iter().flat_map(|(kind, names)| {
        let more = names.len().saturating_sub(3);
        let named = names.iter().take(3).map(move |name| format!("{kind}{name}"));
        named.chain((more > 0).then(|| format!("{more} more")))
    });
    some.collect::<Vec<_>>().join(", ")
}
