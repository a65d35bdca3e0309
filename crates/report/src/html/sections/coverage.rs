//! What this input could show, and what it could not.

use std::{collections::BTreeSet, io};

use super::super::escape::Text;
use crate::{
    WriteError,
    findings::{Findings, RuleFacts},
};

/// Writes the table of behaviours.
///
/// A behaviour could be seen if a rule for it had records to look at. That says nothing of how
/// completely they were recorded.
pub(super) fn write(findings: &Findings, out: &mut dyn io::Write) -> Result<(), WriteError> {
    writeln!(
        out,
        "<section id=\"coverage\" aria-labelledby=\"coverage-title\">\n<h2 id=\"coverage-title\">Coverage</h2>\n\
         <p>A behaviour could be seen if the input has records that a rule for it looks at. No alert \
         then means that these records do not show it; without such records it means nothing.</p>\n\
         <div class=\"scroll\"><table><thead><tr><th scope=\"col\">Behaviour</th>\
         <th scope=\"col\">What</th><th scope=\"col\">Could be seen</th>\
         <th scope=\"col\" class=\"number\">Alerts</th><th scope=\"col\">Rules</th></tr></thead><tbody>"
    )?;
    let mut ids: BTreeSet<&str> = findings.behaviours.keys().map(String::as_str).collect();
    ids.extend(findings.rules.iter().flat_map(|rule| rule.behaviours.iter().map(String::as_str)));
    for id in ids {
        row(findings, id, out)?;
    }
    // Rules that are of no package say nothing of behaviours, and each is a line of its own.
    for rule in findings.rules.iter().filter(|rule| rule.behaviours.is_empty()) {
        let alerts = findings.alerts.iter().filter(|alert| alert.rule.id == rule.id).count();
        let line = Line { id: "", what: &rule.techniques.join(", "), rules: &[rule], alerts };
        line.write(out)?;
    }
    writeln!(out, "</tbody></table></div>\n</section>")?;
    Ok(())
}

fn row(findings: &Findings, id: &str, out: &mut dyn io::Write) -> Result<(), WriteError> {
    let rules: Vec<&RuleFacts> = findings
        .rules
        .iter()
        .filter(|rule| rule.behaviours.iter().any(|behaviour| behaviour == id))
        .collect();
    let alerts = findings
        .alerts
        .iter()
        .filter(|alert| rules.iter().any(|rule| rule.id == alert.rule.id))
        .filter(|alert| alert.rule.behaviours.len() == 1 || shows(alert, id))
        .count();
    let what = findings.behaviours.get(id).map_or("", String::as_str);
    Line { id, what, rules: &rules, alerts }.write(out)
}

/// A line of the table.
struct Line<'a> {
    id: &'a str,
    what: &'a str,
    rules: &'a [&'a RuleFacts],
    alerts: usize,
}

impl Line<'_> {
    fn write(&self, out: &mut dyn io::Write) -> Result<(), WriteError> {
        let Self { id, what, rules, alerts } = self;
        let looked_at = rules.iter().map(|rule| rule.looked_at).fold(0, usize::saturating_add);
        let (class, could) = match (rules.is_empty(), looked_at) {
            (true, _) => (" class=\"no\"", "no rule ran for it".to_owned()),
            (false, 0) => (" class=\"no\"", "no: no such records".to_owned()),
            (false, 1) => ("", "yes, in 1 record".to_owned()),
            (false, records) => ("", format!("yes, in {records} records")),
        };
        let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
        writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td{class}>{could}</td><td class=\"number\">{alerts}</td><td>{}</td></tr>",
            Text(id),
            Text(what),
            Text(&names.join("; "))
        )?;
        Ok(())
    }
}

/// Tells whether a row of a rule for several behaviours names this one, or none.
fn shows(alert: &detection::alert::Alert, id: &str) -> bool {
    let own = crate::alert::facts::column(alert, "Behaviour");
    own.is_empty() || own == id
}
