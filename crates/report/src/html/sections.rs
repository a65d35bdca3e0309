//! The parts of the page that need no script.

mod coverage;
mod inputs;
mod movement;
mod validation;

use std::io;

use super::{data, escape::Text, subject};
use crate::{WriteError, findings::Findings};

/// Writes the body.
pub(super) fn write(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    header(findings, out)?;
    writeln!(out, "<main>")?;
    movement::summary(findings, out)?;
    movement::graph(findings, out)?;
    validation::write(findings, out)?;
    alerts(findings, out)?;
    coverage::write(findings, out)?;
    inputs::write(findings, out)?;
    writeln!(out, "</main>")?;
    footer(findings, out)
}

fn header(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    writeln!(out, "<header>\n<h1>{}</h1>", Text(subject(findings)))?;
    if let Some(newest) = data::newest(findings) {
        writeln!(out, "<p class=\"soft\">Logs up to {}; times are UTC</p>", Text(&newest))?;
    }
    writeln!(out, "<ul class=\"counts\" aria-label=\"Alerts by severity\">")?;
    for (severity, count) in findings.severities() {
        let name = severity.name();
        writeln!(out, "<li><b>{count}</b><span class=\"{name}\">{name}</span></li>")?;
    }
    if findings.alerts.is_empty() {
        writeln!(out, "<li>No alerts</li>")?;
    }
    let hops = findings.movement.hops.len();
    writeln!(out, "<li><b>{hops}</b>{}</li>", if hops == 1 { "hop" } else { "hops" })?;
    writeln!(out, "</ul>\n</header>")?;
    writeln!(
        out,
        "<nav aria-label=\"Sections\"><ul><li><a href=\"#summary\">Summary</a></li>\
         <li><a href=\"#way\">Way</a></li><li><a href=\"#alerts\">Alerts</a></li>\
         <li><a href=\"#coverage\">Coverage</a></li><li><a href=\"#inputs\">Input</a></li>\
         <li><button type=\"button\" id=\"theme\">Dark or light</button></li></ul></nav>"
    )?;
    Ok(())
}

fn alerts(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    writeln!(
        out,
        "<section id=\"alerts\" aria-labelledby=\"alerts-title\">\n<h2 id=\"alerts-title\">Alerts</h2>\n\
         <svg id=\"timeline\" viewBox=\"0 0 1000 120\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"Alerts over time, by severity\"></svg>\n\
         <p id=\"alert-count\" role=\"status\"></p>\n<div id=\"alert-list\"></div>\n\
         <button type=\"button\" id=\"more\" hidden>Show more</button>\n\
         <noscript><p>The list of alerts needs the page's own script, which is switched off.</p></noscript>"
    )?;
    if !findings.suppressed.is_empty() {
        writeln!(
            out,
            "<h3>Kept quiet by tuning ({})</h3>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Time</th>\
             <th scope=\"col\">Rule</th><th scope=\"col\">Host</th><th scope=\"col\">Account</th>\
             <th scope=\"col\">Why</th></tr></thead><tbody>",
            findings.suppressed.len()
        )?;
        for quiet in &findings.suppressed {
            let alert = &quiet.alert;
            writeln!(
                out,
                "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                alert.time.map(crate::paths::to_second).unwrap_or_default(),
                Text(&alert.rule.name),
                Text(&crate::alert::summary::host(alert)),
                Text(&crate::alert::summary::account(alert)),
                Text(&quiet.reason)
            )?;
        }
        writeln!(out, "</tbody></table></div>")?;
    }
    Ok(writeln!(out, "</section>")?)
}

fn footer(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    let versions = &findings.versions;
    let with = match versions.package.as_str() {
        "" => "rules of the user".to_owned(),
        package => format!("package {package} {}", versions.package_version),
    };
    writeln!(
        out,
        "<footer><p>Made by Quarry {} with {}; graph by Cytoscape.js, © The Cytoscape \
         Consortium, MIT licence. This page contains excerpts of logs and loads nothing from \
         anywhere.</p></footer>",
        Text(&versions.quarry),
        Text(&with)
    )?;
    Ok(())
}
